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
	// Concurrent takes steps at the same time whose order is free. Default: one
	// after the other, and no lock is asked for when the key was taken.
	Concurrent bool
}

// concurrently takes steps at the same time.
func concurrently(first func(), others ...func()) {
	var wg sync.WaitGroup
	for _, step := range others {
		wg.Go(step)
	}
	first()
	wg.Wait()
}

// refuse returns the error of a request that has an invalid argument, or the one
// that comes before it, which a call that changes nothing tells.
func (s Stepwise) refuse(ctx context.Context, invalid error) error {
	if _, err := s.Adapter.Get(ctx, ""); err != nil && !errors.Is(err, ErrInvalidArgument) {
		return err
	}
	return invalid
}

// StartTurn implements [Turns].
func (s Stepwise) StartTurn(ctx context.Context, req StartTurn) (TurnStarted, error) {
	if err := CheckStartTurn(req); err != nil {
		return TurnStarted{}, s.refuse(ctx, err)
	}
	var out TurnStarted
	var err error
	if s.Concurrent && req.ThreadID != "" {
		out, err = s.startConcurrently(ctx, req)
	} else if out, err = s.claim(ctx, req); out.Set && req.ThreadID != "" {
		out.Lock = s.lock(ctx, req)
	}
	if err == nil && out.Set && req.Accept.ThreadID != "" {
		out.Accepted, err = s.accept(ctx, req.Accept, out.Lock != nil)
	}
	return out, err
}

func (s Stepwise) startConcurrently(ctx context.Context, req StartTurn) (out TurnStarted, err error) {
	var lock *Lock
	concurrently(func() { out, err = s.claim(ctx, req) }, func() { lock = s.lock(ctx, req) })
	out.Lock = lock
	return out, err
}

// claim sets the key, or finds what is there.
func (s Stepwise) claim(ctx context.Context, req StartTurn) (out TurnStarted, err error) {
	if out.Set, err = s.Adapter.SetIfNotExists(ctx, req.Key, req.Value, req.TTL); out.Set || err != nil {
		return out, err
	}
	if found, err := s.Adapter.Get(ctx, req.Key); err == nil {
		out.Found = found
	}
	return out, nil
}

func (s Stepwise) lock(ctx context.Context, req StartTurn) *Lock {
	lock, err := s.Adapter.AcquireLock(ctx, req.ThreadID, req.LockTTL)
	if err != nil {
		return nil
	}
	return lock
}

// AcceptTurn implements [Turns].
func (s Stepwise) AcceptTurn(ctx context.Context, req AcceptTurn) (TurnAccepted, error) {
	if err := CheckAcceptTurn(req); err != nil {
		return TurnAccepted{}, s.refuse(ctx, err)
	}
	return s.accept(ctx, req, true)
}

func (s Stepwise) accept(ctx context.Context, req AcceptTurn, look bool) (out TurnAccepted, err error) {
	if out.Depth, err = s.Adapter.Accept(ctx, req.ThreadID, req.Entry, req.MaxSize); err != nil || !look {
		return out, err
	}
	depth := out.Depth
	if s.Concurrent && (req.Subscription != "" || len(req.Keys) > 0) {
		out, err = s.lookConcurrently(ctx, req)
	} else {
		out, err = s.look(ctx, req)
	}
	out.Depth, out.Looked = depth, err == nil
	return out, nil
}

// look does what AcceptTurn does after Accept.
func (s Stepwise) look(ctx context.Context, req AcceptTurn) (out TurnAccepted, err error) {
	if out.Waiting, err = s.Adapter.Waiting(ctx, req.ThreadID); err == nil && req.Subscription != "" {
		out.Subscribed, err = s.Adapter.IsSubscribed(ctx, req.Subscription)
	}
	for _, key := range req.Keys {
		if err != nil {
			return out, err
		}
		var found bool
		if found, err = s.find(ctx, key); found {
			out.Found = append(out.Found, key)
		}
	}
	return out, err
}

func (s Stepwise) lookConcurrently(ctx context.Context, req AcceptTurn) (out TurnAccepted, err error) {
	steps := make([]func(), 0, 1+len(req.Keys))
	errs := make([]error, 2+len(req.Keys)) // of Waiting, IsSubscribed and Get
	found := make([]bool, len(req.Keys))
	if req.Subscription != "" {
		steps = append(steps, func() { out.Subscribed, errs[1] = s.Adapter.IsSubscribed(ctx, req.Subscription) })
	}
	for i, key := range req.Keys {
		steps = append(steps, func() { found[i], errs[2+i] = s.find(ctx, key) })
	}
	concurrently(func() { out.Waiting, errs[0] = s.Adapter.Waiting(ctx, req.ThreadID) }, steps...)
	for i, key := range req.Keys {
		if found[i] {
			out.Found = append(out.Found, key)
		}
	}
	return out, errors.Join(errs...)
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
func (s Stepwise) EndTurn(ctx context.Context, req EndTurn) (int, error) {
	if err := CheckEndTurn(req); err != nil {
		return 0, s.refuse(ctx, err)
	}
	for _, key := range req.Marks {
		if err := s.Adapter.Set(ctx, key, req.Mark, req.MarkTTL); err != nil {
			return 0, err
		}
	}
	if _, err := s.Adapter.Settle(ctx, req.ThreadID, req.Receipts...); err != nil {
		return 0, err
	}
	if err := s.Adapter.ReleaseLock(ctx, req.Lock); err != nil && !errors.Is(err, ErrLockLost) {
		return 0, err
	}
	return s.Adapter.QueueDepth(ctx, req.ThreadID)
}
