package redisstate

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// Fence returns a number that rises with every grant of the thread's lock, for a
// program's own store to compare. It counts up and then sees that the lock is still
// held: then the number was taken before any later grant. On one server both are one
// round trip. With several masters the first of them counts, and a majority must still
// have the lock.
//
// The number is kept without expiry, as far as the server keeps anything: a failover to
// a replica that lacks the last numbers gives them again, unless Config.MinReplicas had
// them confirmed. One that must never come again needs a server that loses nothing.
func (a *Adapter) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	o, err := a.begin(ctx, "fence")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckLock(lock); err != nil {
		return 0, err
	}
	key := a.keys.fence + lock.ThreadID
	count, holder := newInt("incr", key), newString("get", a.keys.lock+lock.ThreadID)
	if a.oneTrip() {
		if err := a.main.sendInOrder(o.ctx, count, holder); err != nil {
			return 0, o.fail(err, "fence", lock.ThreadID)
		}
		if count.Err() == nil && holder.Err() == nil && holder.Val() == lock.Token {
			return count.Val(), nil
		}
		count.SetErr(nil) // the answers came in another order, or not at all, or the lock is lost
	}
	n, err := o.countUp(key, count)
	if err != nil {
		return 0, o.fail(err, "fence", lock.ThreadID)
	}
	held, err := o.isHeld(lock)
	if err != nil {
		return 0, o.fail(err, "lock", lock.ThreadID)
	}
	if !held {
		return 0, o.error(nil, state.ErrLockLost)
	}
	return n, nil
}

// countUp counts up, and waits for the replicas if they must confirm it.
func (o *op) countUp(key string, count intCmd) (int64, error) {
	if o.a.cfg.MinReplicas > 0 {
		cmd := newRun(fenceScript, key)
		if err := o.replicate(key, fenceScript, cmd, again); err != nil {
			return 0, err
		}
		return cmd.Val(), nil
	}
	if err := o.do(o.a.main, count, again); err != nil {
		return 0, err
	}
	return count.Val(), nil
}

// isHeld reports whether a majority of the masters has the lock.
func (o *op) isHeld(lock *state.Lock) (bool, error) {
	type answer struct {
		holds bool
		err   error
	}
	masters := o.a.locks
	answers := make(chan answer, len(masters))
	for _, n := range masters {
		go func() {
			asking, cmd := *o, newString("get", o.a.keys.lock+lock.ThreadID)
			err := asking.do(n, cmd, again)
			if errors.Is(err, redis.Nil) {
				answers <- answer{}
				return
			}
			answers <- answer{err == nil && cmd.Val() == lock.Token, err}
		}()
	}
	majority := len(masters)/2 + 1
	held, lost := 0, 0
	var failures []error
	for answered := 0; answered < len(masters) && held < majority && lost <= len(masters)-majority; answered++ {
		switch got := <-answers; {
		case got.err != nil:
			if failures = append(failures, got.err); len(failures) > len(masters)-majority {
				return false, errors.Join(failures...)
			}
		case got.holds:
			held++
		default:
			lost++
		}
	}
	return held >= majority, nil
}
