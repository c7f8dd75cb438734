package state

import (
	"context"
	"errors"
	"sync"
)

// Stepwise is the [Turns] role for any adapter with the Inbox role: it takes one
// step after the other.
type Stepwise struct {
	Adapter interface {
		Adapter
		Inbox
	}
	// Beside takes two steps whose order is free at the same time. Default: one
	// after the other, and no lock is asked for when the key was taken.
	Beside bool
}

// beside takes two steps at the same time.
func beside(first, second func()) {
	var wg sync.WaitGroup
	wg.Go(second)
	first()
	wg.Wait()
}

// StartTurn implements [Turns].
func (s Stepwise) StartTurn(ctx context.Context, req StartTurn) (out TurnStarted) {
	set := func() { out.Set, out.SetErr = s.Adapter.SetIfNotExists(ctx, req.Key, req.Value, req.TTL) }
	lock := func() { out.Lock, out.LockErr = s.Adapter.AcquireLock(ctx, req.ThreadID, req.LockTTL) }
	if s.Beside {
		beside(set, lock)
	} else if set(); out.Set {
		lock()
	}
	return out
}

// AcceptTurn implements [Turns].
func (s Stepwise) AcceptTurn(ctx context.Context, req AcceptTurn) (out TurnAccepted) {
	if out.Depth, out.Err = s.Adapter.Accept(ctx, req.ThreadID, req.Entry, req.MaxSize); out.Err != nil {
		return out
	}
	var looked, asked error
	look := func() { out.Waiting, looked = s.Adapter.Waiting(ctx, req.ThreadID) }
	ask := func() { out.Subscribed, asked = s.Adapter.IsSubscribed(ctx, req.Subscription) }
	switch {
	case req.Subscription == "":
		look()
	case s.Beside:
		beside(look, ask)
	default:
		look()
		ask()
	}
	out.LookErr = errors.Join(looked, asked)
	return out
}

// EndTurn implements [Turns].
func (s Stepwise) EndTurn(ctx context.Context, req EndTurn) (out TurnEnded) {
	for _, key := range req.Marks {
		if out.Err = s.Adapter.Set(ctx, key, req.Mark, req.MarkTTL); out.Err != nil {
			return out
		}
	}
	if _, out.Err = s.Adapter.Settle(ctx, req.ThreadID, req.Receipts...); out.Err != nil {
		return out
	}
	if out.Err = s.Adapter.ReleaseLock(ctx, req.Lock); out.Err != nil && !errors.Is(out.Err, ErrLockLost) {
		return out
	}
	out.Depth, out.Err = s.Adapter.QueueDepth(ctx, req.ThreadID)
	return out
}
