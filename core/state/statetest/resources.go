package statetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleReleases = "Close releases what the adapter itself opened; a client that the user handed in stays open."

var resourceCases = []Case{
	{ID: "Resources/OneAttempt", Rule: ruleConnectIdempotent, Needs: NeedsOpen, Run: func(t TB, s *Subject) {
		const callers = 20
		connect := func(n int) (made int) {
			a, connections := s.counted()
			together(n, func(int) { must(t, "Connect", a.Connect(s.Context())) })
			_, made = connections()
			return made
		}
		alone, many := connect(1), connect(callers)
		if many >= alone+callers/2 {
			t.Errorf("connections that %d concurrent calls of Connect made\n    seen: %d\n    want: about as many as one call makes, which is %d", callers, many, alone)
		}
	}},
	{ID: "Resources/Connections", Rule: ruleReleases, Needs: NeedsOpen, Run: func(t TB, s *Subject) {
		a, connections := s.counted()
		must(t, "Connect", a.Connect(s.Context()))
		use := func(rounds int) (open int) {
			for range rounds {
				for _, c := range s.calls(validArgs()) {
					if err := c.do(s.Context(), a); err != nil && !isOutcome(err) {
						must(t, c.name, err)
					}
				}
			}
			open, _ = connections()
			return open
		}
		few := use(2)
		if many := use(20); many > few+5 {
			t.Errorf("open connections after each call was made 20 times more\n    seen: %d\n    want: about %d, as before", many, few)
		}
		must(t, "Close", a.Close(s.Context()))
		s.noneLeft(t, "connections open after Close", func() int {
			open, _ := connections()
			return open
		})
		_, before := connections()
		for _, c := range s.calls(validArgs()) {
			isError(t, c.name+" after Close", c.do(s.Context(), a), state.ErrClosed)
		}
		_, after := connections()
		equal(t, "connections made by calls after Close", after-before, 0)
	}},
	{ID: "Resources/CloseHurries", Rule: ruleHurry, Needs: NeedsOpen, Run: func(t TB, s *Subject) {
		a, connections := s.counted()
		must(t, "Connect", a.Connect(s.Context()))
		s.set(t, a, "key", "v", 0)
		ended, cancel := context.WithCancel(s.Context())
		cancel()
		_ = a.Close(ended)
		s.noneLeft(t, "connections open after Close with an ended context", func() int {
			open, _ := connections()
			return open
		})
	}},
	{ID: "Resources/Goroutines", Rule: ruleReleases, Run: func(t TB, s *Subject) {
		label := rand.Text()
		pprof.Do(s.Context(), pprof.Labels(goroutineLabel, label), func(ctx context.Context) {
			a := s.Open()
			before := goroutines(label)
			must(t, "Connect", a.Connect(ctx))
			for _, c := range s.calls(validArgs()) {
				if err := c.do(ctx, a); err != nil && !isOutcome(err) {
					must(t, c.name, err)
				}
			}
			must(t, "Close", a.Close(ctx))
			s.noneLeft(t, "goroutines that the adapter has left behind after Close", func() int { return goroutines(label) - before })
		})
	}},
	{ID: "Resources/LentClient", Rule: ruleReleases, Needs: NeedsLent, Run: func(t TB, s *Subject) {
		a, use := s.Features.Lent(s.t)
		s.closeLater(a)
		must(t, "Connect", a.Connect(s.Context()))
		must(t, "using the client before Close", use(s.Context()))
		must(t, "Close", a.Close(s.Context()))
		must(t, "using the client that the program made, after Close of the adapter that it was lent to", use(s.Context()))
	}},
}

func (s *Subject) counted() (a state.Adapter, connections func() (open, made int)) {
	a, connections = s.Features.Open(s.t)
	return s.closeLater(a), connections
}

// noneLeft waits until nothing is left, and reports what is left after a time in
// which it should have ended.
func (s *Subject) noneLeft(t TB, what string, left func() int) {
	t.Helper()
	limit := time.Now().Add(s.pace().prompt)
	for n := left(); n > 0; n = left() {
		if time.Now().After(limit) {
			t.Errorf("%s\n    seen: %d\n    want: none", what, n)
			return
		}
		time.Sleep(s.pace().step)
	}
}

// goroutineLabel is the label that a goroutine passes on to those that it starts.
const goroutineLabel = "statetest"

// goroutines returns how many goroutines have the label.
func goroutines(label string) int {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return 0
	}
	total := 0
	for record := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(record, strconv.Quote(goroutineLabel)+":"+strconv.Quote(label)) {
			continue
		}
		// A record begins with the number of goroutines with the same stack.
		for line := range strings.SplitSeq(record, "\n") {
			if count, _, ok := strings.Cut(line, " @"); ok {
				n, err := strconv.Atoi(count)
				if err == nil {
					total += n
				}
			}
		}
	}
	return total
}
