package statetest

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleEnds        = "Without a deadline it still ends, after a default that the adapter documents."
	ruleUnavailable = "A backend that cannot be reached is [ErrUnavailable]."
)

var outageCases = []Case{
	{ID: "Outage/Deadline", Rule: ruleContext, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t)
		silence(true)
		s.allCalls(func(c call) {
			ctx, cancel := context.WithTimeout(s.Context(), 100*time.Millisecond)
			defer cancel()
			took := timed(func() {
				isError(t, c.name+" with a deadline, during an outage", c.do(ctx, a), context.DeadlineExceeded)
			})
			if d := took.returned.Sub(took.sent); d > 100*time.Millisecond+s.pace().prompt {
				t.Errorf("%s with a deadline of 100ms, during an outage\n    seen: it took %v\n    want: it ends at its deadline", c.name, d)
			}
		})
	}},
	{ID: "Outage/Cancel", Rule: ruleContext, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t)
		silence(true)
		ctx, cancel := context.WithCancel(s.Context())
		stop := time.AfterFunc(100*time.Millisecond, cancel)
		defer stop.Stop()
		s.allCalls(func(c call) {
			isError(t, c.name+", cancelled during an outage", c.do(ctx, a), context.Canceled)
		})
	}},
	{ID: "Outage/NoDeadline", Rule: ruleEnds, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t)
		silence(true)
		s.allCalls(func(c call) {
			if err := c.do(s.Context(), a); err == nil || isOutcome(err) {
				t.Errorf("%s during an outage\n    seen: %v\n    want: an error", c.name, err)
			}
		})
	}},
	{ID: "Outage/Unavailable", Rule: ruleUnavailable, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t)
		silence(true)
		s.allCalls(func(c call) {
			err := c.do(s.Context(), a)
			if errors.Is(err, state.ErrUnknownOutcome) && (c.name == "SetIfNotExists" || c.name == "CompareAndSwap") {
				return // they say so, since the write may have happened
			}
			isError(t, c.name+" during an outage", err, state.ErrUnavailable)
		})
	}},
	{ID: "Outage/Close", Rule: ruleClose, Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t)
		silence(true)
		calls := s.calls(validArgs())
		together(len(calls)+1, func(i int) {
			if i == len(calls) {
				s.promptly(t, "Close while calls hang", func() { must(t, "Close", a.Close(s.Context())) })
				return
			}
			if err := calls[i].do(s.Context(), a); err == nil {
				t.Errorf("%s on a silent backend\n    seen: no error\n    want: an error", calls[i].name)
			}
		})
		isError(t, "Subscribe after Close", a.Subscribe(s.Context(), "thread"), state.ErrClosed)
	}},
	{ID: "Outage/Recovers", Rule: "The operation can be tried again.", Needs: NeedsOutage, Run: func(t TB, s *Subject) {
		a, silence := s.outage(t)
		s.set(t, a, "key", "1", 0)
		silence(true)
		isError(t, "Get during an outage", second(a.Get(s.Context(), "key")), state.ErrUnavailable)
		silence(false)
		limit := time.Now().Add(10 * time.Second)
		for {
			value, err := a.Get(s.Context(), "key")
			if err == nil {
				equalBytes(t, "Get after an outage", value, "1")
				return
			}
			if !errors.Is(err, state.ErrUnavailable) || time.Now().After(limit) {
				t.Errorf("Get after an outage, for up to 10s\n    seen: %v\n    want: no error, or for a while %v", err, state.ErrUnavailable)
				return
			}
			time.Sleep(s.pace().step)
		}
	}},
}

func (s *Subject) outage(t TB) (state.Adapter, func(bool)) {
	t.Helper()
	a, silence := s.Features.Outage(s.t)
	s.closeLater(a)
	must(t, "Connect", a.Connect(s.Context()))
	return a, silence
}

// allCalls makes every call at once.
func (s *Subject) allCalls(check func(c call)) {
	calls := s.calls(validArgs())
	together(len(calls), func(i int) { check(calls[i]) })
}
