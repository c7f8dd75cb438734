package statetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleContext = "A method obeys its context promptly, also while the backend is away, and then returns an error for which errors.Is reports the context's error."

var contextCases = []Case{
	{ID: "Context/CancelledBefore", Rule: ruleContext, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		for _, c := range s.calls(validArgs()) {
			s.promptly(t, c.name+" with a cancelled context", func() {
				isError(t, c.name+" with a cancelled context", c.do(ctx, a), context.Canceled)
			})
		}
	}},
	{ID: "Context/ChangesNothing", Rule: "a call whose context has ended before it changes nothing.", Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		ended, cancel := context.WithCancel(s.Context())
		cancel()
		for _, c := range s.calls(validArgs()) {
			isError(t, c.name+" with a cancelled context", c.do(ended, a), context.Canceled)
		}
		s.subscribed(t, a, "thread", false)
		s.absent(t, a, "thread")
		s.list(t, a, "thread")
		s.depth(t, a, "thread", 0)
		lock := s.acquire(t, a, "thread", longTTL)
		s.oneOfEachKindButLocks(t, a, "thread")
		x := validArgs()
		x.lock = lock
		for _, c := range s.calls(x) {
			isError(t, c.name+" with a cancelled context", c.do(ended, a), context.Canceled)
		}
		s.allKinds(t, a, "thread")
	}},
	{ID: "Context/DeadlinePassed", Rule: ruleContext, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		ctx, cancel := context.WithDeadline(s.Context(), time.Now().Add(-time.Second))
		defer cancel()
		for _, c := range s.calls(validArgs()) {
			isError(t, c.name+" after its deadline", c.do(ctx, a), context.DeadlineExceeded)
		}
	}},
	{ID: "Context/ConnectCancelled", Rule: ruleContext, Run: func(t TB, s *Subject) {
		a := s.Open()
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		s.promptly(t, "Connect with a cancelled context", func() {
			isError(t, "Connect with a cancelled context", a.Connect(ctx), context.Canceled)
		})
		ctx, cancel = context.WithDeadline(s.Context(), time.Now().Add(-time.Second))
		defer cancel()
		isError(t, "Connect after its deadline", a.Connect(ctx), context.DeadlineExceeded)
	}},
	{ID: "Context/CancelledDuring", Rule: ruleContext, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		calls := s.calls(validArgs())
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		busy := make(chan struct{}, len(calls))
		cancelled := make(chan time.Time, 1)
		var ended atomic.Int64 // is when the context ended
		together(len(calls)+1, func(i int) {
			if i == len(calls) {
				for range calls {
					<-busy
				}
				now := time.Now()
				ended.Store(now.UnixNano())
				cancelled <- now
				cancel()
				return
			}
			// The last call of each loop is under way, or not yet made, when the
			// context ends.
			for n := 0; ; n++ {
				time.Sleep(time.Millisecond) // let the others begin, and virtual time pass
				if at := ended.Load(); at != 0 && time.Since(time.Unix(0, at)) > 3*s.pace().prompt {
					t.Errorf("%s, whose context is cancelled meanwhile\n    seen: it goes on\n    want: %v", calls[i].name, context.Canceled)
					return
				}
				if n == 3 {
					busy <- struct{}{}
				}
				err := calls[i].do(ctx, a)
				if err == nil || isOutcome(err) || errors.Is(err, state.ErrUnavailable) && ended.Load() == 0 {
					continue // ErrUnavailable: the machine is busy
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("%s, whose context is cancelled meanwhile\n    seen: %v\n    want: %v", calls[i].name, err, context.Canceled)
				}
				if n < 3 {
					busy <- struct{}{}
				}
				return
			}
		})
		if d := time.Since(<-cancelled); d > s.pace().prompt {
			t.Errorf("calls after their context was cancelled\n    seen: they went on for %v\n    want: they end at once", d)
		}
	}},
	{ID: "Context/UsableAfterwards", Rule: ruleContext, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		for round := range 3 {
			for _, c := range s.calls(validArgs()) {
				isError(t, c.name+" with a cancelled context", c.do(ctx, a), context.Canceled)
			}
			key := fmt.Sprint("key ", round)
			s.set(t, a, key, "v", 0)
			s.value(t, a, key, "v")
		}
	}},
}
