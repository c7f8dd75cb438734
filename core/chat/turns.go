package chat

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// stepwise is the [state.Turns] role for a state without it: one step at a time,
// or side by side where the state is a network away and the order is free.
type stepwise struct{ chat *Chat }

// nearbyLimit is how fast the state must answer to count as nearby: in this
// process, where asking for two things at once takes longer than one by one.
const nearbyLimit = 20 * time.Microsecond

func (s stepwise) StartTurn(ctx context.Context, r state.StartTurn) (out state.TurnStarted) {
	st := s.chat.state
	set := func() {
		sent := time.Now()
		out.Set, out.SetErr = st.SetIfNotExists(ctx, r.Key, r.Value, r.TTL)
		s.chat.nearby.Store(time.Since(sent) < nearbyLimit)
	}
	lock := func() { out.Lock, out.LockErr = st.AcquireLock(ctx, r.ThreadID, r.LockTTL) }
	if !s.chat.nearby.Load() {
		s.beside(set, lock)
	} else if set(); out.Set {
		lock()
	}
	return out
}

func (s stepwise) AcceptTurn(ctx context.Context, r state.AcceptTurn) (out state.TurnAccepted) {
	if out.Depth, out.Err = s.chat.inbox.Accept(ctx, r.ThreadID, r.Entry, r.MaxSize); out.Err != nil {
		return out
	}
	if r.Subscription == "" {
		out.Waiting, out.LookErr = s.chat.inbox.Waiting(ctx, r.ThreadID)
		return out
	}
	var looked, asked error
	s.beside(
		func() { out.Waiting, looked = s.chat.inbox.Waiting(ctx, r.ThreadID) },
		func() { out.Subscribed, asked = s.chat.state.IsSubscribed(ctx, r.Subscription) },
	)
	out.LookErr = errors.Join(looked, asked)
	return out
}

func (s stepwise) EndTurn(ctx context.Context, r state.EndTurn) (out state.TurnEnded) {
	st := s.chat.state
	for _, key := range r.Marks {
		if out.Err = st.Set(ctx, key, r.Mark, r.MarkTTL); out.Err != nil {
			return out
		}
	}
	if _, out.Err = s.chat.inbox.Settle(ctx, r.ThreadID, r.Receipts...); out.Err != nil {
		return out
	}
	if err := st.ReleaseLock(ctx, r.Lock); err != nil && !errors.Is(err, state.ErrLockLost) {
		out.Err = err
		return out
	}
	out.Depth, out.Err = st.QueueDepth(ctx, r.ThreadID)
	return out
}

// beside runs both, at the same time if waiting for the state takes longer than
// a goroutine.
func (s stepwise) beside(first, second func()) {
	if s.chat.nearby.Load() {
		first()
		second()
		return
	}
	var wg sync.WaitGroup
	wg.Go(second)
	first()
	wg.Wait()
}
