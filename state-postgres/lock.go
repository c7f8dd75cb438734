package pgstate

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// millis is a duration as statements take it, nil for none.
func millis(d time.Duration) *int64 {
	if d <= 0 {
		return nil
	}
	return new(state.CeilMillis(d).Milliseconds())
}

const acquireSQL = `
INSERT INTO chat_go_locks AS l (prefix, thread_id, token, expires_at)
VALUES ($1::text, $2::text, $3::text, statement_timestamp() + $4::bigint * interval '1 millisecond')
ON CONFLICT (prefix, thread_id) DO UPDATE SET token = EXCLUDED.token, expires_at = EXCLUDED.expires_at
WHERE l.expires_at <= statement_timestamp() OR l.token = EXCLUDED.token`

// AcquireLock takes the lock of the thread with a fresh token. It returns
// [state.ErrLocked] while another holds it and never waits.
//
// A lock whose reply was lost is asked for again with the same token. If that does not
// succeed in the call's time, the lock is released when the server can be reached
// again, or ends with its TTL.
func (a *Adapter) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	o, err := a.begin(ctx, "acquire lock")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("threadID", threadID), state.CheckLockTTL("ttl", ttl)); err != nil {
		return nil, err
	}
	token, start := rand.Text(), time.Now()
	var taken int64
	err = o.send(again, func(b *batch) {
		b.exec(&taken, acquireSQL, a.cfg.Prefix, keyOf(threadID), token, millis(ttl))
	})
	if err != nil {
		if fateOf(err) == unknown || o.resent {
			a.releaseLater(threadID, token, nil)
		}
		return nil, o.fail(err)
	}
	if taken == 0 {
		return nil, state.ErrLocked
	}
	return newLock(threadID, token, start, ttl), nil
}

func newLock(threadID, token string, start time.Time, ttl time.Duration) *state.Lock {
	return &state.Lock{ThreadID: threadID, Token: token, ExpiresAt: start.Add(state.CeilMillis(ttl))}
}

// releaseLater releases a lock that may have been given although its caller was told
// of a failure: after the trip, if any, on which it may still be given.
func (a *Adapter) releaseLater(threadID, token string, after <-chan struct{}) {
	a.start(func() {
		if after != nil {
			<-after
		}
		o, err := a.begin(context.Background(), "release lock")
		if err != nil {
			return
		}
		defer o.end()
		_ = o.send(again, func(b *batch) { b.release(new(bool), new(bool), threadID, token) })
	})
}

// ExtendLock restarts the TTL of a lock from now if its token still matches, and
// then updates lock.ExpiresAt. Otherwise it returns [state.ErrLockLost].
func (a *Adapter) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	o, err := a.begin(ctx, "extend lock")
	if err != nil {
		return err
	}
	defer o.end()
	if err := errors.Join(state.CheckLock(lock), state.CheckLockTTL("ttl", ttl)); err != nil {
		return err
	}
	start := time.Now()
	var extended int64
	err = o.send(again, func(b *batch) {
		b.exec(&extended, `
UPDATE chat_go_locks SET expires_at = statement_timestamp() + $4::bigint * interval '1 millisecond'
WHERE prefix = $1::text AND thread_id = $2::text AND token = $3::text AND expires_at > statement_timestamp()`,
			a.cfg.Prefix, keyOf(lock.ThreadID), lock.Token, millis(ttl))
	})
	if err != nil {
		return o.fail(err)
	}
	if extended == 0 {
		return state.ErrLockLost
	}
	lock.ExpiresAt = start.Add(state.CeilMillis(ttl))
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
	var found, held bool
	if err := o.send(again, func(b *batch) { b.release(&found, &held, lock.ThreadID, lock.Token) }); err != nil {
		return o.fail(err)
	}
	// A release that was sent twice may have found nothing the second time.
	if (!found || !held) && !o.resent {
		return state.ErrLockLost
	}
	return nil
}

// release removes the lock of a token, if it is there, and tells whether it was held.
func (b *batch) release(found, held *bool, threadID, token string) {
	b.row(found, []any{held}, `
DELETE FROM chat_go_locks WHERE prefix = $1::text AND thread_id = $2::text AND token = $3::text
RETURNING expires_at > statement_timestamp()`, b.a.cfg.Prefix, keyOf(threadID), token)
}

// ForceReleaseLock removes the lock of the thread, whoever holds it.
func (a *Adapter) ForceReleaseLock(ctx context.Context, threadID string) error {
	o, err := a.begin(ctx, "force lock")
	if err != nil {
		return err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return err
	}
	err = o.send(again, func(b *batch) {
		b.exec(nil, `DELETE FROM chat_go_locks WHERE prefix = $1::text AND thread_id = $2::text`, a.cfg.Prefix, keyOf(threadID))
	})
	if err != nil {
		return o.fail(err)
	}
	return nil
}
