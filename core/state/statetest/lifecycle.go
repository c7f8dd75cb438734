package statetest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleConnectIdempotent = "It is idempotent, and concurrent calls share one attempt."
	ruleConnectAgain      = "A failure is not remembered: the next call tries again."
	ruleConnectClosed     = "After Close it returns [ErrClosed]."
	ruleNotConnected      = "Before Connect has succeeded every method but Connect and Close returns [ErrNotConnected]"
	ruleClosed            = "after Close every method but Close returns [ErrClosed]."
	ruleHurry             = "A context that has ended makes it hurry: it releases everything all the same."
	ruleClose             = "It is idempotent, it does not wait for calls that hang (they end with an error), and nothing reconnects afterwards."
)

var lifecycleCases = []Case{
	{ID: "Lifecycle/ConnectTwice", Rule: ruleConnectIdempotent, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Subscribe", a.Subscribe(ctx, "thread"))
		must(t, "Connect again", a.Connect(ctx))
		ok, err := a.IsSubscribed(ctx, "thread")
		must(t, "IsSubscribed", err)
		equal(t, "IsSubscribed after a second Connect", ok, true)
	}},
	{ID: "Lifecycle/ConnectConcurrently", Rule: ruleConnectIdempotent, Run: func(t TB, s *Subject) {
		a, ctx := s.Open(), s.Context()
		together(20, func(int) {
			must(t, "one of 20 concurrent calls of Connect", a.Connect(ctx))
			must(t, "Subscribe right after it", a.Subscribe(ctx, "thread"))
		})
	}},
	{ID: "Lifecycle/ConnectAfterFailure", Rule: ruleConnectAgain, Run: func(t TB, s *Subject) {
		a := s.Open()
		cancelled, cancel := context.WithCancel(s.Context())
		cancel()
		isError(t, "Connect with a cancelled context", a.Connect(cancelled), context.Canceled)
		must(t, "Connect after one that failed", a.Connect(s.Context()))
		must(t, "Subscribe", a.Subscribe(s.Context(), "thread"))
	}},
	{ID: "Lifecycle/NotConnectedAfterFailure", Rule: ruleNotConnected, Run: func(t TB, s *Subject) {
		a := s.Open()
		cancelled, cancel := context.WithCancel(s.Context())
		cancel()
		isError(t, "Connect with a cancelled context", a.Connect(cancelled), context.Canceled)
		isError(t, "Subscribe after a Connect that failed", a.Subscribe(s.Context(), "thread"), state.ErrNotConnected)
	}},
	{ID: "Lifecycle/NotConnected", Rule: ruleNotConnected, Run: func(t TB, s *Subject) {
		a := s.Open()
		for _, c := range s.calls(validArgs()) {
			isError(t, c.name+" before Connect", c.do(s.Context(), a), state.ErrNotConnected)
		}
	}},
	{ID: "Lifecycle/Closed", Rule: ruleClosed, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Close", a.Close(ctx))
		for _, c := range s.calls(validArgs()) {
			isError(t, c.name+" after Close", c.do(ctx, a), state.ErrClosed)
		}
	}},
	{ID: "Lifecycle/ConnectAfterClose", Rule: ruleConnectClosed, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Close", a.Close(ctx))
		isError(t, "Connect after Close", a.Connect(ctx), state.ErrClosed)
	}},
	{ID: "Lifecycle/NothingReconnects", Rule: ruleClose, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Close", a.Close(ctx))
		for range 3 {
			isError(t, "Connect after Close", a.Connect(ctx), state.ErrClosed)
			isError(t, "Subscribe after Close", a.Subscribe(ctx, "thread"), state.ErrClosed)
			time.Sleep(s.pace().step)
		}
	}},
	{ID: "Lifecycle/CloseTwice", Rule: ruleClose, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Close", a.Close(ctx))
		must(t, "Close again", a.Close(ctx))
		isError(t, "Subscribe after Close", a.Subscribe(ctx, "thread"), state.ErrClosed)
	}},
	{ID: "Lifecycle/CloseConcurrently", Rule: ruleClose, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		together(20, func(int) { must(t, "one of 20 concurrent calls of Close", a.Close(ctx)) })
		isError(t, "Subscribe after Close", a.Subscribe(ctx, "thread"), state.ErrClosed)
	}},
	{ID: "Lifecycle/CloseBeforeConnect", Rule: ruleClose, Run: func(t TB, s *Subject) {
		a, ctx := s.Open(), s.Context()
		must(t, "Close before Connect", a.Close(ctx))
		isError(t, "Connect after it", a.Connect(ctx), state.ErrClosed)
		isError(t, "Subscribe after it", a.Subscribe(ctx, "thread"), state.ErrClosed)
	}},
	{ID: "Lifecycle/CloseIsPrompt", Rule: ruleClose, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Set", a.Set(ctx, "key", []byte("v"), time.Hour))
		s.promptly(t, "Close", func() { must(t, "Close", a.Close(ctx)) })
	}},
	{ID: "Lifecycle/CloseHurries", Rule: ruleHurry, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		ended, cancel := context.WithCancel(s.Context())
		cancel()
		s.promptly(t, "Close with an ended context", func() { _ = a.Close(ended) })
		isError(t, "Subscribe after it", a.Subscribe(s.Context(), "thread"), state.ErrClosed)
		isError(t, "Connect after it", a.Connect(s.Context()), state.ErrClosed)
		must(t, "Close again", a.Close(s.Context()))
	}},
	{ID: "Lifecycle/CloseWhileCalling", Rule: ruleClose, Run: closeWhileCalling},
}

func closeWhileCalling(t TB, s *Subject) {
	a, ctx := s.Connected(t), s.Context()
	calls := s.calls(validArgs())
	var running, closed atomic.Int64 // closed is when Close was called
	busy := make(chan struct{})
	together(len(calls)+1, func(i int) {
		if i == len(calls) {
			<-busy
			closed.Store(time.Now().UnixNano())
			s.promptly(t, "Close while calls run", func() { must(t, "Close while calls run", a.Close(ctx)) })
			return
		}
		for n := 0; ; n++ {
			time.Sleep(time.Millisecond) // let the others begin, and virtual time pass
			if at := closed.Load(); at != 0 && time.Since(time.Unix(0, at)) > 3*s.pace().prompt {
				t.Errorf("%s while the adapter is closed\n    seen: it goes on\n    want: %v", calls[i].name, state.ErrClosed)
				return
			}
			if n == 3 && running.Add(1) == int64(len(calls)) {
				close(busy)
			}
			err := calls[i].do(ctx, a)
			if errors.Is(err, state.ErrClosed) {
				return
			}
			if errors.Is(err, state.ErrUnavailable) && closed.Load() == 0 {
				continue // the machine is busy
			}
			if err != nil && !isOutcome(err) {
				// A call that Close interrupts may fail as it likes; the next one not.
				isError(t, calls[i].name+" after a call that Close interrupted", calls[i].do(ctx, a), state.ErrClosed)
				return
			}
		}
	})
}

// isOutcome reports whether the error is a regular answer of a valid call.
func isOutcome(err error) bool {
	for _, outcome := range []error{state.ErrLocked, state.ErrLockLost, state.ErrNotFound, state.ErrQueueEmpty} {
		if errors.Is(err, outcome) {
			return true
		}
	}
	return false
}
