package redisstate

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// Get returns the exact bytes that were set. It returns [state.ErrNotFound] if
// the key is absent or expired.
func (a *Adapter) Get(ctx context.Context, key string) ([]byte, error) {
	o, err := a.begin(ctx, "get")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("key", key); err != nil {
		return nil, err
	}
	cmd := newString("get", a.keys.cache+key)
	switch err := o.do(a.main, cmd, again); {
	case err == nil:
		if cmd.Val() == "" {
			return []byte{}, nil
		}
		return cmd.Bytes() // the command's memory, which nobody else has
	case errors.Is(err, redis.Nil):
		return nil, state.ErrNotFound
	default:
		return nil, o.fail(err, "cache", key)
	}
}

// Set replaces the value and its expiry. A ttl of 0 means no expiry.
//
// After a lost reply it is sent again, and may then replace what another call
// set in between.
func (a *Adapter) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	o, err := a.begin(ctx, "set")
	if err != nil {
		return err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("key", key), state.CheckTTL("ttl", ttl)); err != nil {
		return err
	}
	if err := o.do(a.main, a.newSet(key, string(value), ttl), again); err != nil {
		return o.fail(err, "cache", key)
	}
	return nil
}

func (a *Adapter) newSet(key, value string, ttl time.Duration) statusCmd {
	if ttl == 0 {
		return newStatus("set", a.keys.cache+key, value)
	}
	return newStatus("set", a.keys.cache+key, value, "px", millis(ttl))
}

// SetIfNotExists sets the value if the key is absent, in one atomic step, and
// reports whether it did. An expired key counts as absent.
//
// A value made by [state.NewClaim] that is found in place was set by this
// caller: the answer is true, and its expiry starts again. For any other value
// the answer to a second attempt says nothing if the key is taken: then it
// returns [state.ErrUnknownOutcome].
func (a *Adapter) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	o, err := a.begin(ctx, "set if not exists")
	if err != nil {
		return false, err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("key", key), state.CheckTTL("ttl", ttl)); err != nil {
		return false, err
	}
	cmd := a.newSetNX(key, string(value), ttl)
	return o.afterSetNX(cmd, o.do(a.main, cmd, once), key, value, ttl)
}

func (a *Adapter) newSetNX(key, value string, ttl time.Duration) boolCmd {
	if ttl == 0 {
		return newBool("set", a.keys.cache+key, value, "nx")
	}
	return newBool("set", a.keys.cache+key, value, "px", millis(ttl), "nx")
}

// afterSetNX says what came of a SET NX, and finds out where its reply does not
// tell.
func (o *op) afterSetNX(cmd boolCmd, err error, key string, value []byte, ttl time.Duration) (bool, error) {
	if err == nil && cmd.Val() {
		return true, nil
	}
	if err != nil && fateOf(err) == answered {
		return false, o.fail(err, "cache", key)
	}
	if state.IsClaim(value) {
		return o.claim(key, string(value), ttl)
	}
	if err == nil {
		return false, nil
	}
	if fateOf(err) == refused {
		return false, o.fail(err, "cache", key)
	}
	return o.setUnsure(cmd, key, err)
}

// claim sets a claim, or finds that it is set.
func (o *op) claim(key, text string, ttl time.Duration) (bool, error) {
	cmd := newRun(claimScript, o.a.keys.cache+key, text, millisText(ttl))
	if err := o.run(o.a.main, claimScript, cmd, again); err != nil {
		return false, o.fail(err, "cache", key)
	}
	return cmd.Val() == 1, nil
}

// setUnsure sends a SET NX again after the reply to the first was lost. If the
// key is free, this attempt sets it. If it is taken, nobody can tell by whom.
func (o *op) setUnsure(cmd boolCmd, key string, err error) (bool, error) {
	for attempt := range o.a.cfg.Retry.Max {
		if o.ctx.Err() != nil || !o.pause(attempt) {
			break
		}
		cmd.SetErr(nil)
		next := o.a.main.send(o.ctx, cmd)
		if next == nil && cmd.Val() {
			return true, nil
		}
		if next == nil {
			return false, o.error(foreign(err), state.ErrUnknownOutcome)
		}
		if fateOf(next) == answered {
			return false, o.fail(next, "cache", key)
		}
		o.a.main.failed(next)
	}
	return false, o.failUnknown(err, "cache", key)
}

// Delete removes the cache value of the key, never a list, lock or queue of
// the same name. Deleting an absent key changes nothing.
func (a *Adapter) Delete(ctx context.Context, key string) error {
	o, err := a.begin(ctx, "delete")
	if err != nil {
		return err
	}
	defer o.end()
	if err := state.CheckName("key", key); err != nil {
		return err
	}
	if err := o.do(a.main, newInt("del", a.keys.cache+key), again); err != nil {
		return o.fail(err, "cache", key)
	}
	return nil
}
