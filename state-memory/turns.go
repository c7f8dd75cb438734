package memorystate

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// The steps of a turn are those of the other methods. Taken together their arguments are
// checked once, and what the bot hands over is kept without a copy.

// StartTurn implements [state.Turns]. It asks for no lock if the key was taken.
func (a *Adapter) StartTurn(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
	if err := a.ready(ctx); err != nil {
		return out, err
	}
	if err := state.CheckStartTurn(req); err != nil {
		return out, err
	}
	if out.Set, out.Found, err = a.claim(&req); !out.Set {
		return out, err
	}
	if req.ThreadID != "" {
		out.Lock, _ = a.acquire(req.ThreadID, req.LockTTL)
	}
	if req.Accept.ThreadID != "" {
		out.Accepted, err = a.acceptTurn(&req.Accept, out.Lock != nil)
	}
	return out, err
}

// claim sets the key, or finds what is there.
func (a *Adapter) claim(req *state.StartTurn) (set bool, found []byte, err error) {
	p := a.place(req.Key)
	if err := p.in.lock(); err != nil {
		return false, nil, err
	}
	defer p.in.unlock()
	now := a.clock.now()
	there := p.find(now)
	if there != 0 && !isOwnClaim(p.in.value(there), req.Value) {
		return false, copyOf(p.in.value(there)), nil
	}
	p.put(there, req.Value, req.TTL, now)
	return true, nil, nil
}

// AcceptTurn implements [state.Turns].
func (a *Adapter) AcceptTurn(ctx context.Context, req state.AcceptTurn) (out state.TurnAccepted, err error) {
	if err := a.ready(ctx); err != nil {
		return out, err
	}
	if err := state.CheckAcceptTurn(req); err != nil {
		return out, err
	}
	return a.acceptTurn(&req, true)
}

func (a *Adapter) acceptTurn(req *state.AcceptTurn, looks bool) (out state.TurnAccepted, err error) {
	s := &a.queues[a.shard(req.ThreadID)]
	if err := s.lock(); err != nil {
		return out, err
	}
	q := s.accept(req.ThreadID, newEntry(req.Entry), req.MaxSize, time.Now())
	out.Depth = q.depth()
	if looks {
		out.Waiting = q.waiting()
	}
	s.unlock()
	out.Looked = looks && a.look(req, &out) == nil
	return out, nil
}

// look looks for what is not in the queue.
func (a *Adapter) look(req *state.AcceptTurn, out *state.TurnAccepted) (err error) {
	if req.Subscription != "" {
		if out.Subscribed, err = a.subscriptions[a.shard(req.Subscription)].has(req.Subscription); err != nil {
			return err
		}
	}
	for _, key := range req.Keys {
		if found, err := a.has(key); err != nil {
			return err
		} else if found {
			out.Found = append(out.Found, key)
		}
	}
	return nil
}

// EndTurn implements [state.Turns].
func (a *Adapter) EndTurn(ctx context.Context, req state.EndTurn) (depth int, err error) {
	if err := a.ready(ctx); err != nil {
		return 0, err
	}
	if err := state.CheckEndTurn(req); err != nil {
		return 0, err
	}
	for _, key := range req.Marks {
		if err := a.place(key).set(req.Mark, req.MarkTTL); err != nil {
			return 0, err
		}
	}
	s := &a.queues[a.shard(req.ThreadID)]
	if _, err := s.settle(req.ThreadID, req.Receipts); err != nil {
		return 0, err
	}
	if err := a.release(req.Lock); err != nil && !errors.Is(err, state.ErrLockLost) {
		return 0, err
	}
	return s.depth(req.ThreadID)
}
