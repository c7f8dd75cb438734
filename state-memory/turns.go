package memorystate

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// The steps of a turn are those of the other methods. Taken together their arguments are
// checked once, the clock is read once, a thread's lock and queue are found at once, and
// what the bot hands over is kept without a copy.

// StartTurn implements [state.Turns]. It asks for no lock if the key was taken.
func (a *Adapter) StartTurn(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
	if err := a.ready(ctx); err != nil {
		return out, err
	}
	if err := state.CheckStartTurn(req); err != nil {
		return out, err
	}
	now := time.Now()
	if out.Set, out.Found, err = a.claim(&req, now); !out.Set {
		return out, err
	}
	switch {
	case req.ThreadID == "":
	case req.ThreadID == req.Accept.ThreadID:
		return out, a.lockAndAccept(&req, &out, now)
	default:
		out.Lock, _ = a.AcquireLock(ctx, req.ThreadID, req.LockTTL)
	}
	if req.Accept.ThreadID != "" {
		err = a.accept(&req.Accept, &out.Accepted, out.Lock != nil, now)
	}
	return out, err
}

// claim sets the key, or finds what is there.
func (a *Adapter) claim(req *state.StartTurn, at time.Time) (set bool, found []byte, err error) {
	p := a.place(req.Key)
	if err := p.in.lock(); err != nil {
		return false, nil, err
	}
	defer p.in.unlock()
	now := a.clock.moment(at)
	there := p.find(now)
	if there != 0 && !isOwnClaim(p.in.value(there), req.Value) {
		return false, copyOf(p.in.value(there)), nil
	}
	p.put(there, req.Value, req.TTL, now)
	return true, nil, nil
}

// lockAndAccept takes the lock of the thread that the entry is for, and accepts that.
func (a *Adapter) lockAndAccept(req *state.StartTurn, out *state.TurnStarted, now time.Time) error {
	s := &a.threads[a.shard(req.ThreadID)]
	if err := s.lock(); err != nil {
		return err
	}
	t := s.open(req.ThreadID)
	out.Lock = s.acquire(t, req.LockTTL, now)
	s.acceptTurn(t, &req.Accept, &out.Accepted, out.Lock != nil, now)
	s.unlock()
	if out.Lock != nil {
		a.look(&req.Accept, &out.Accepted, now)
	}
	return nil
}

// AcceptTurn implements [state.Turns].
func (a *Adapter) AcceptTurn(ctx context.Context, req state.AcceptTurn) (out state.TurnAccepted, err error) {
	if err := a.ready(ctx); err != nil {
		return out, err
	}
	if err := state.CheckAcceptTurn(req); err != nil {
		return out, err
	}
	return out, a.accept(&req, &out, true, time.Now())
}

// accept accepts the entry, and looks for the rest if that is wanted.
func (a *Adapter) accept(req *state.AcceptTurn, out *state.TurnAccepted, looks bool, now time.Time) error {
	s := &a.threads[a.shard(req.ThreadID)]
	if err := s.lock(); err != nil {
		return err
	}
	s.acceptTurn(s.open(req.ThreadID), req, out, looks, now)
	s.unlock()
	if looks {
		a.look(req, out, now)
	}
	return nil
}

// acceptTurn accepts the entry of the thread. The mutex is held.
func (s *threadShard) acceptTurn(t *thread, req *state.AcceptTurn, out *state.TurnAccepted, looks bool, now time.Time) {
	s.accept(t, newEntry(req.Entry), req.MaxSize, now)
	out.Depth = t.queue.depth()
	if looks {
		out.Waiting = t.queue.waiting()
	}
}

// look looks for what is not in the queue.
func (a *Adapter) look(req *state.AcceptTurn, out *state.TurnAccepted, now time.Time) {
	if req.Subscription != "" {
		var err error
		if out.Subscribed, err = a.subscriptions[a.shard(req.Subscription)].has(req.Subscription); err != nil {
			return
		}
	}
	for _, key := range req.Keys {
		if found, err := a.place(key).has(a.clock.moment(now)); err != nil {
			return
		} else if found {
			out.Found = append(out.Found, key)
		}
	}
	out.Looked = true
}

// EndTurn implements [state.Turns].
func (a *Adapter) EndTurn(ctx context.Context, req state.EndTurn) (depth int, err error) {
	if err := a.ready(ctx); err != nil {
		return 0, err
	}
	if err := state.CheckEndTurn(req); err != nil {
		return 0, err
	}
	now := a.clock.now()
	for _, key := range req.Marks {
		if err := a.place(key).set(req.Mark, req.MarkTTL, now); err != nil {
			return 0, err
		}
	}
	if req.Lock.ThreadID != req.ThreadID {
		return a.endApart(ctx, &req)
	}
	s := &a.threads[a.shard(req.ThreadID)]
	if err := s.lock(); err != nil {
		return 0, err
	}
	defer s.unlock()
	t := s.threads[req.ThreadID]
	if t == nil {
		return 0, nil
	}
	s.settle(t, req.Receipts)
	if t.holds(req.Lock.Token, now) {
		t.dropLock()
	}
	depth = t.queue.depth()
	s.forget(t)
	return depth, nil
}

// endApart settles the entries of a thread and releases the lock of another one.
func (a *Adapter) endApart(ctx context.Context, req *state.EndTurn) (depth int, err error) {
	if _, err := a.Settle(ctx, req.ThreadID, req.Receipts...); err != nil {
		return 0, err
	}
	if err := a.ReleaseLock(ctx, req.Lock); err != nil && !errors.Is(err, state.ErrLockLost) {
		return 0, err
	}
	return a.QueueDepth(ctx, req.ThreadID)
}
