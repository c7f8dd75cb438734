package redisstate

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/go-redsync/redsync/v4"

	"github.com/chat-adapter/chat-go/core/state"
)

// AcquireLock takes the lock of the thread with a fresh token. It returns
// [state.ErrLocked] while another holds it and never waits.
//
// With several masters a majority must give the lock. They are asked in order, so
// of callers who ask at once one wins. Only where a master keeps some waiting for
// half a second and answers others can the votes split, so that each gets
// [state.ErrLocked]. A lock whose reply was lost is asked for again. If that does
// not succeed in the call's time, the next call for the thread on this adapter,
// within a second, takes the lock that was given unheard; after that it is released.
//
// With Config.MinReplicas on a single master, a lock is given only when so many
// replicas have confirmed that they have it. If they do not in
// Config.ReplicaTimeout, the lock is released again, as far as that is possible,
// and the error matches [state.ErrUnavailable]. A lock that was given outlives
// the loss of the master if a replica that confirmed it is promoted, which is
// certain only if MinReplicas is the number of replicas. This narrows the time in
// which two can hold a lock, and makes Redis no consistent store: see "Consistency
// and WAIT" in https://redis.io/docs/latest/commands/wait/.
func (a *Adapter) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	o, err := a.begin(ctx, "acquire lock")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("threadID", threadID), state.CheckLockTTL("ttl", ttl)); err != nil {
		return nil, err
	}
	return o.acquire(threadID, ttl, nil)
}

// acquire takes a lock. Commands may ride along.
func (o *op) acquire(threadID string, ttl time.Duration, r *ride) (*state.Lock, error) {
	a := o.a
	token, orphaned := a.orphans.take(threadID)
	if !orphaned {
		token = rand.Text()
	}
	name := a.keys.lock + threadID
	ttl = state.CeilMillis(ttl)
	v := o.voters()
	defer v.recycle()
	v.taking, v.sure, v.ride, v.token = true, !orphaned, r, token
	if v.hasOnly() {
		ttl = v.askOnly(name, token, ttl, func(c *voterConn) (int64, error) {
			won, err := c.take(name, token, ttl)
			if !won {
				return 0, err
			}
			return 1, err
		})
	} else {
		v.ballots = a.ballots.begin(token, len(a.locks))
		v.asking, v.giveUp = context.WithCancel(context.WithoutCancel(o.ctx))
	}
	mutex := v.mutex(name, ttl, v.tokenOption)
	var err error
	if v.hasOnly() {
		err = mutex.TryLockContext(v.context())
	} else {
		err = o.vote(func() error { return mutex.TryLockContext(v.context()) })
	}
	if err == nil {
		return &state.Lock{ThreadID: threadID, Token: token, ExpiresAt: mutex.Until()}, nil
	}
	switch {
	case len(a.locks) > 1:
		// A minority must not stand in the way of others who ask.
		o.undo(threadID, token, v.ballots)
	case v.unconfirmed.Load():
		if err := o.release(threadID, token, nil); err != nil && !errors.Is(err, state.ErrLockLost) {
			a.orphans.add(a, threadID, token)
		}
	case v.unsure.Load():
		a.orphans.add(a, threadID, token)
	}
	return nil, v.lockError(err, threadID)
}

// ExtendLock restarts the TTL of a lock from now if its token still matches, and
// then updates lock.ExpiresAt. Otherwise it returns [state.ErrLockLost].
//
// With Config.MinReplicas on a single master the replicas must confirm this, too.
// If they do not in time, the error matches [state.ErrUnavailable], and
// lock.ExpiresAt stays what it was: the lock is held until then, and may last
// longer.
func (a *Adapter) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	o, err := a.begin(ctx, "extend lock")
	if err != nil {
		return err
	}
	defer o.end()
	if err := errors.Join(state.CheckLock(lock), state.CheckLockTTL("ttl", ttl)); err != nil {
		return err
	}
	v, name := o.voters(), a.keys.lock+lock.ThreadID
	defer v.recycle()
	ttl = state.CeilMillis(ttl)
	if v.hasOnly() {
		ttl = v.askOnly(name, lock.Token, ttl, func(c *voterConn) (int64, error) {
			return c.eval(a.scripts.extend, name, lock.Token, int(millis(ttl)))
		})
	}
	mutex := v.mutex(name, ttl, redsync.WithValue(lock.Token))
	if v.hasOnly() {
		err = unless(mutex.ExtendContext(v.context()))
	} else {
		err = o.vote(func() error { return unless(mutex.ExtendContext(v.context())) })
	}
	if err != nil {
		return v.heldError(err, lock.ThreadID)
	}
	lock.ExpiresAt = mutex.Until()
	return nil
}

// ReleaseLock gives the lock up if its token still matches; otherwise it
// changes nothing and returns [state.ErrLockLost].
func (a *Adapter) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	o, err := a.begin(ctx, "release lock")
	if err != nil {
		return err
	}
	defer o.end()
	if err := state.CheckLock(lock); err != nil {
		return err
	}
	return o.release(lock.ThreadID, lock.Token, nil)
}

// replicatesLocks reports whether replicas must confirm a lock. Of several
// masters the majority stands in for replicas.
func (a *Adapter) replicatesLocks() bool { return a.cfg.MinReplicas > 0 && len(a.locks) == 1 }

// release gives a lock up. Commands may ride along.
func (o *op) release(threadID, token string, r *ride) error {
	v, name := o.voters(), o.a.keys.lock+threadID
	defer v.recycle()
	v.ride = r
	if v.hasOnly() {
		v.askOnly(name, token, anyTTL, func(c *voterConn) (int64, error) {
			return c.eval(o.a.scripts.release, name, token)
		})
	}
	mutex := v.releaser(name, token)
	var err error
	if v.hasOnly() {
		err = unless(mutex.UnlockContext(v.context()))
	} else {
		err = o.vote(func() error { return unless(mutex.UnlockContext(v.context())) })
	}
	if err != nil {
		return v.heldError(err, threadID)
	}
	v.awaitRelease()
	return nil
}

// undo gives up what some of several masters gave. It waits for none that is
// silent. Those of which it is not known whether they gave it are asked for longer
// than the call lasts.
func (o *op) undo(threadID, token string, given []ballot) {
	v := o.voters()
	v.given = given
	mutex := v.releaser(o.a.keys.lock+threadID, token)
	go func() { _, _ = mutex.UnlockContext(v.context()) }()
	v.awaitRelease()
}

// releaser makes redsync's mutex for a release.
func (v *voters) releaser(name, token string) *redsync.Mutex {
	if !v.hasOnly() {
		v.released = make([]chan struct{}, len(v.op.a.locks))
		for i := range v.released {
			v.released[i] = make(chan struct{})
		}
	}
	return v.mutex(name, anyTTL, redsync.WithValue(token))
}

// vote has redsync ask several masters. Some may be silent: then it returns when the
// call's context ends, and redsync goes on by itself.
func (o *op) vote(ask func() error) error {
	done := make(chan error, 1)
	go func() { done <- ask() }()
	select {
	case err := <-done:
		return err
	case <-o.ctx.Done():
		return o.ctx.Err()
	}
}

// unless returns redsync's error if it did not succeed.
func unless(ok bool, err error) error {
	switch {
	case ok:
		return nil
	case err == nil:
		return redsync.ErrFailed
	}
	return err
}

// ForceReleaseLock removes the lock of the thread, whoever holds it. It reaches
// several masters at once, not at one moment: a lock that is given while it runs
// may go, too.
func (a *Adapter) ForceReleaseLock(ctx context.Context, threadID string) error {
	o, err := a.begin(ctx, "force release lock")
	if err != nil {
		return err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return err
	}
	name := a.keys.lock + threadID
	if len(a.locks) == 1 {
		if err := o.do(a.main, newInt("del", name), again); err != nil {
			return o.fail(err, "lock", threadID)
		}
		return nil
	}
	// A slow master hears of it, too, after the call has ended.
	results := make(chan error, len(a.locks))
	for _, n := range a.locks {
		go func() {
			slow := o
			slow.ctx, slow.cancel = context.WithTimeout(context.WithoutCancel(o.ctx), a.cfg.Timeout)
			defer slow.end()
			results <- slow.do(n, newInt("del", name), again)
		}()
	}
	patience := time.NewTimer(ballotPatience)
	defer patience.Stop()
	var failures []error
	majority, removed := len(a.locks)/2+1, 0
	for removed+len(failures) < len(a.locks) {
		enough := patience.C
		if removed < majority {
			enough = nil
		}
		select {
		case err := <-results:
			if err == nil {
				removed++
				continue
			}
			if failures = append(failures, err); len(a.locks)-len(failures) < majority {
				return o.fail(errors.Join(failures...), "lock", threadID)
			}
		case <-enough:
			return nil
		case <-o.ctx.Done():
			if removed >= majority {
				return nil
			}
			return o.fail(o.ctx.Err(), "lock", threadID)
		}
	}
	return nil
}
