package statetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/suite"
	"github.com/chat-adapter/chat-go/core/state"
)

func must(t TB, call string, err error) {
	t.Helper()
	if note := gaveUp(err); note != "" {
		t.Errorf("%s: unexpected error\n    seen: %v\n    want: no error%s", call, err, note)
		t.FailNow()
	}
	suite.Must(t, call, err)
}

// gaveUp returns what to add to a failure with an error that is about time rather
// than about a rule.
func gaveUp(err error) string {
	switch {
	case errors.Is(err, state.ErrUnavailable):
		return "\n    note: the adapter gave up before its backend answered: it is away, or a timeout that your harness sets is too short"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "\n    note: your harness gave up before the backend answered: its context ended, or the case had run too long"
	}
	return ""
}

func equal[T comparable](t TB, what string, seen, want T) {
	t.Helper()
	suite.Equal(t, what, seen, want)
}

func isError(t TB, call string, seen, want error) {
	t.Helper()
	if note := gaveUp(seen); note != "" && !errors.Is(seen, want) {
		t.Errorf("%s\n    seen: %v\n    want: %s%s", call, seen, describe(want), note)
		return
	}
	if want == nil && seen == nil {
		return
	}
	if !errors.Is(seen, want) {
		t.Errorf("%s\n    seen: %s\n    want: %s", call, describe(seen), describe(want))
	}
}

// describe shows an error, or that there is none.
func describe(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

func show(v any) string { return suite.Show(v) }

func together(n int, call func(i int)) { suite.Together(n, call) }

// equalBytes reports bytes that differ. No bytes and nil are the same.
func equalBytes(t TB, what string, seen []byte, want string) {
	t.Helper()
	if !bytes.Equal(seen, []byte(want)) {
		t.Errorf("%s\n    seen: %s\n    want: %s", what, show(string(seen)), show(want))
	}
}

// equalAll reports sequences that differ.
func equalAll(t TB, what string, seen, want []string) {
	t.Helper()
	if !slices.Equal(seen, want) {
		t.Errorf("%s\n    seen: %s\n    want: %s", what, show(seen), show(want))
	}
}

// tally counts outcomes of concurrent calls.
type tally[K comparable] struct {
	mu sync.Mutex
	n  map[K]int
}

func (c *tally[K]) add(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[K]int{}
	}
	c.n[key]++
}

func (c *tally[K]) count(key K) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[key]
}

// span is the time that a call took: it happened somewhere inside.
type span struct{ sent, returned time.Time }

func timed(call func()) span {
	sent := time.Now()
	call()
	return span{sent, time.Now()}
}

func (c span) length() time.Duration { return c.returned.Sub(c.sent) }

// expires checks that something given a lifetime by a call in that span is
// present until then and gone soon after. The looks come early enough to be
// answered in time; if they are not, the case is undecided.
func (s *Subject) expires(t TB, what string, given span, ttl time.Duration, present func() bool) {
	t.Helper()
	p := s.pace()
	end := given.sent.Add(ttl - p.early)
	var slowest, margin time.Duration
	if !s.Features.VirtualTime {
		margin = ttl / 10 // a busy machine wakes late
	}
	look := func() bool {
		there := false
		slowest = max(slowest, timed(func() { there = present() }).length())
		return there
	}
	for _, share := range []time.Duration{0, 2, 4} {
		time.Sleep(time.Until(end.Add(-2*slowest - margin - (4-share)*ttl/4)))
		if look() {
			continue
		}
		if now := time.Now(); now.Before(end) {
			t.Errorf("%s ended too early\n    seen: gone within %v\n    want: there for %v", what, now.Sub(given.sent), ttl)
		} else {
			s.undecided(what, max(slowest, given.length()), ttl)
		}
		return
	}
	s.ends(t, what, given, ttl, present)
}

// ends checks that something given a lifetime by a call in that span is gone soon
// after. A look that is made after that must not find it.
func (s *Subject) ends(t TB, what string, given span, ttl time.Duration, present func() bool) {
	t.Helper()
	p := s.pace()
	limit := given.returned.Add(ttl + p.late)
	for {
		last := time.Now().After(limit)
		if !present() {
			return
		}
		if last {
			t.Errorf("%s did not end\n    seen: still there after %v\n    want: gone after %v", what, time.Since(given.returned), ttl)
			return
		}
		time.Sleep(p.step)
	}
}

// promptly reports a call that took long.
func (s *Subject) promptly(t TB, what string, call func()) {
	t.Helper()
	if d := timed(call).length(); d > s.pace().prompt {
		t.Errorf("%s took too long\n    seen: %v\n    want: at once", what, d)
	}
}

// ended waits until something with a lifetime that was given before the call is
// no longer present, and ends the case if that takes too long.
func (s *Subject) ended(t TB, what string, ttl time.Duration, present func() bool) {
	t.Helper()
	limit := time.Now().Add(ttl + s.pace().late)
	step := max(ttl/100, s.pace().step)
	for {
		last := time.Now().After(limit)
		if !present() {
			return
		}
		if last {
			t.Errorf("%s did not end\n    seen: still there\n    want: gone after %v", what, ttl)
			t.FailNow()
		}
		time.Sleep(step)
	}
}
