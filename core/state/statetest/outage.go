package statetest

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleEnds        = "Without a deadline it still ends, after a default that the adapter documents."
	ruleGivesUp     = "A caller who gives up ends its own waiting, and not the attempt that others wait for."
	ruleUnavailable = "A backend that cannot be reached is [ErrUnavailable]."
)

var outageCases = []Case{
	{ID: "Outage/Deadline", Rule: ruleContext, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		const deadline = 100 * time.Millisecond
		a, silence := s.outage(t, s.pace().patience)
		silence(true)
		s.allCalls(func(c call) {
			ctx, cancel := context.WithTimeout(s.Context(), deadline)
			defer cancel()
			took := timed(func() {
				isError(t, c.name+" with a deadline, during an outage", c.do(ctx, a), context.DeadlineExceeded)
			})
			if d := took.length(); d > deadline+s.pace().prompt {
				t.Errorf("%s with a deadline of %v, during an outage\n    seen: it took %v\n    want: it ends at its deadline", c.name, deadline, d)
			}
		})
	}},
	{ID: "Outage/Cancel", Rule: ruleContext, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t, s.pace().patience)
		silence(true)
		ctx, cancel := context.WithCancel(s.Context())
		cancelled := make(chan time.Time, 1)
		stop := time.AfterFunc(100*time.Millisecond, func() {
			cancelled <- time.Now()
			cancel()
		})
		defer stop.Stop()
		s.allCalls(func(c call) {
			isError(t, c.name+", cancelled during an outage", c.do(ctx, a), context.Canceled)
		})
		if d := time.Since(<-cancelled); d > s.pace().prompt {
			t.Errorf("calls that are cancelled during an outage\n    seen: the last took %v more\n    want: they end at once", d)
		}
	}},
	{ID: "Outage/NoDeadline", Rule: ruleEnds, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t, s.pace().impatience)
		silence(true)
		s.allCalls(func(c call) {
			if err := c.do(s.Context(), a); err == nil || isOutcome(err) {
				t.Errorf("%s during an outage\n    seen: %s\n    want: an error", c.name, describe(err))
			}
		})
	}},
	{ID: "Outage/Unavailable", Rule: ruleUnavailable, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t, s.pace().impatience)
		silence(true)
		s.allCalls(func(c call) {
			err := c.do(s.Context(), a)
			if errors.Is(err, state.ErrUnknownOutcome) && (c.name == "SetIfNotExists" || c.name == "CompareAndSwap") {
				return // they say so, since the write may have happened
			}
			isError(t, c.name+" during an outage", err, state.ErrUnavailable)
		})
	}},
	{ID: "Outage/Close", Rule: ruleClose, Needs: NeedsOutage, Run: closeWhileCallsHang},
	{ID: "Outage/Recovers", Rule: "The operation can be tried again.", Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t, s.pace().impatience)
		s.answering(t, "Set", func() error { return a.Set(s.Context(), "key", []byte("1"), 0) })
		silence(true)
		isError(t, "Get during an outage", second(a.Get(s.Context(), "key")), state.ErrUnavailable)
		silence(false)
		s.answering(t, "Get after an outage", func() error {
			value, err := a.Get(s.Context(), "key")
			if err == nil {
				equalBytes(t, "Get after an outage", value, "1")
			}
			return err
		})
	}},
	{ID: "Outage/Connect", Rule: ruleConnectAgain, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.Features.Outage(s.t, s.pace().impatience)
		s.closeLater(a)
		silence(true)
		for range 2 {
			isError(t, "Connect during an outage", a.Connect(s.Context()), state.ErrUnavailable)
			isError(t, "Subscribe after it", a.Subscribe(s.Context(), "thread"), state.ErrNotConnected)
		}
		silence(false)
		s.answering(t, "Connect after an outage", func() error { return a.Connect(s.Context()) })
		s.answering(t, "Subscribe after it", func() error { return a.Subscribe(s.Context(), "thread") })
	}},
	{ID: "Outage/ConnectDeadline", Rule: ruleContext, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.Features.Outage(s.t, s.pace().patience)
		s.closeLater(a)
		silence(true)
		ctx, cancel := context.WithTimeout(s.Context(), 100*time.Millisecond)
		defer cancel()
		s.promptly(t, "Connect with a deadline, during an outage", func() {
			isError(t, "Connect with a deadline, during an outage", a.Connect(ctx), context.DeadlineExceeded)
		})
		s.promptly(t, "Close after it", func() { must(t, "Close", a.Close(s.Context())) })
	}},
	{ID: "Outage/ConnectGivesUp", Rule: ruleGivesUp, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.Features.Outage(s.t, s.pace().patience)
		s.closeLater(a)
		silence(true)
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		given := make(chan struct{})
		together(2, func(i int) {
			if i == 0 {
				time.AfterFunc(20*s.pace().step, cancel)
				isError(t, "Connect, cancelled during an outage", a.Connect(ctx), context.Canceled)
				close(given)
				return
			}
			time.Sleep(10 * s.pace().step) // the other is first
			result := make(chan error, 1)
			go func() { result <- a.Connect(s.Context()) }()
			<-given
			silence(false)
			must(t, "Connect at the same time as one that was cancelled", <-result)
		})
	}},
}

// closeWhileCallsHang calls Close when every call has begun and none has returned, so
// that all of them hang.
func closeWhileCallsHang(t TB, s *Subject) {
	a, silence := s.outage(t, s.pace().patience)
	silence(true)
	calls := s.calls(validArgs())
	begun, returned := make(chan struct{}, len(calls)), make(chan string, len(calls))
	together(len(calls)+1, func(i int) {
		if i < len(calls) {
			begun <- struct{}{}
			if err := calls[i].do(s.Context(), a); err == nil || isOutcome(err) {
				t.Errorf("%s on a silent backend\n    seen: %s\n    want: an error", calls[i].name, describe(err))
			}
			returned <- calls[i].name
			return
		}
		for range calls {
			<-begun
		}
		time.Sleep(20 * s.pace().step)
		select {
		case name := <-returned:
			t.Errorf("undecided: %s does not hang\n    seen: it returned when the backend was silent for a moment\n    want: it waits for %v, as Features.Outage was told", name, s.pace().patience)
			return
		default:
		}
		s.promptly(t, "Close while calls hang", func() { must(t, "Close", a.Close(s.Context())) })
		s.promptly(t, "the end of calls that hang when Close is called", func() {
			for range calls {
				<-returned
			}
		})
	})
	isError(t, "Subscribe after Close", a.Subscribe(s.Context(), "thread"), state.ErrClosed)
}

// outage opens a connected adapter with a switch for its backend.
func (s *Subject) outage(t TB, patience time.Duration) (state.Adapter, func(bool)) {
	t.Helper()
	a, silence := s.Features.Outage(s.t, patience)
	s.closeLater(a)
	s.answering(t, "Connect", func() error { return a.Connect(s.Context()) })
	return a, silence
}

// answering makes a call of an adapter with little patience until the backend has
// answered in time.
func (s *Subject) answering(t TB, what string, call func() error) {
	t.Helper()
	limit := time.Now().Add(2 * s.pace().prompt)
	for {
		last := time.Now().After(limit)
		err := call()
		if err == nil {
			return
		}
		if last || !errors.Is(err, state.ErrUnavailable) {
			t.Errorf("%s, for up to %v while the backend answers\n    seen: %v\n    want: no error, or for a while %v%s", what, 2*s.pace().prompt, err, state.ErrUnavailable, gaveUp(err))
			t.FailNow()
		}
		time.Sleep(s.pace().step)
	}
}

// allCalls makes every call at once.
func (s *Subject) allCalls(check func(c call)) {
	calls := s.calls(validArgs())
	together(len(calls), func(i int) { check(calls[i]) })
}
