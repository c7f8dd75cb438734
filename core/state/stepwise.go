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

// beside takes steps at the same time.
func beside(first func(), others ...func()) {
	var wg sync.WaitGroup
	for _, step := range others {
		wg.Go(step)
	}
	first()
	wg.Wait()
}

// StartTurn implements [Turns].
func (s Stepwise) StartTurn(ctx context.Context, req StartTurn) TurnStarted {
	if s.Beside && req.ThreadID != "" {
		return s.startBeside(ctx, req)
	}
	var out TurnStarted
	if s.claim(ctx, req, &out); out.Set && req.ThreadID != "" {
		out.Lock, out.LockErr = s.Adapter.AcquireLock(ctx, req.ThreadID, req.LockTTL)
	}
	return out
}

func (s Stepwise) startBeside(ctx context.Context, req StartTurn) (out TurnStarted) {
	beside(
		func() { s.claim(ctx, req, &out) },
		func() { out.Lock, out.LockErr = s.Adapter.AcquireLock(ctx, req.ThreadID, req.LockTTL) },
	)
	return out
}

// claim sets the key, or finds what is there.
func (s Stepwise) claim(ctx context.Context, req StartTurn, out *TurnStarted) {
	if out.Set, out.SetErr = s.Adapter.SetIfNotExists(ctx, req.Key, req.Value, req.TTL); out.Set || out.SetErr != nil {
		return
	}
	if found, err := s.Adapter.Get(ctx, req.Key); err == nil {
		out.Found = found
	}
}

// AcceptTurn implements [Turns].
func (s Stepwise) AcceptTurn(ctx context.Context, req AcceptTurn) (out TurnAccepted) {
	if out.Depth, out.Err = s.Adapter.Accept(ctx, req.ThreadID, req.Entry, req.MaxSize); out.Err != nil {
		return out
	}
	if s.Beside && (req.Subscription != "" || req.Keys != [2]string{}) {
		out.Waiting, out.Subscribed, out.Found, out.LookErr = s.lookBeside(ctx, req)
		return out
	}
	if out.Waiting, out.LookErr = s.Adapter.Waiting(ctx, req.ThreadID); out.LookErr == nil && req.Subscription != "" {
		out.Subscribed, out.LookErr = s.Adapter.IsSubscribed(ctx, req.Subscription)
	}
	for i, key := range req.Keys {
		if out.LookErr == nil && key != "" {
			out.Found[i], out.LookErr = s.find(ctx, key)
		}
	}
	return out
}

func (s Stepwise) lookBeside(ctx context.Context, req AcceptTurn) (waiting []WaitingEntry, subscribed bool, found [2]bool, err error) {
	var looked, asked error
	var sought [2]error
	steps := make([]func(), 0, 3)
	if req.Subscription != "" {
		steps = append(steps, func() { subscribed, asked = s.Adapter.IsSubscribed(ctx, req.Subscription) })
	}
	for i, key := range req.Keys {
		if key != "" {
			steps = append(steps, func() { found[i], sought[i] = s.find(ctx, key) })
		}
	}
	beside(func() { waiting, looked = s.Adapter.Waiting(ctx, req.ThreadID) }, steps...)
	return waiting, subscribed, found, errors.Join(looked, asked, sought[0], sought[1])
}

// find reports whether the key is there.
func (s Stepwise) find(ctx context.Context, key string) (bool, error) {
	_, err := s.Adapter.Get(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
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
