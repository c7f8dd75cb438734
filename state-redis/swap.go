package redisstate

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// CompareAndSwap replaces the value of the key, and its expiry, if the stored
// bytes equal old, in one atomic step, and reports whether it did. A nil old
// means that the key must be absent or expired.
//
// A claim found in place counts as swapped, as for SetIfNotExists. With any
// other value, an attempt after a lost reply that finds something else than old
// cannot tell why: then it returns [state.ErrUnknownOutcome].
func (a *Adapter) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	o, err := a.begin(ctx, "compare and swap")
	if err != nil {
		return false, err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("key", key), state.CheckTTL("ttl", ttl)); err != nil {
		return false, err
	}
	claim := "0"
	if state.IsClaim(value) {
		claim = "1"
	}
	args := append(make([]any, 0, 4), string(value), millisText(ttl), claim)
	if old != nil {
		args = append(args, string(old))
	}
	cmd := newRun(swapScript, a.keys.cache+key, args...)
	if claim == "1" {
		err = o.run(a.main, swapScript, cmd, again)
	} else {
		err = o.run(a.main, swapScript, cmd, once)
	}
	switch {
	case err == nil:
		return cmd.Val() == 1, nil
	case fateOf(err) == unknown && claim == "0":
		return o.swapUnsure(cmd, key, err)
	default:
		return false, o.fail(err, "cache", key)
	}
}

// swapUnsure swaps again after the reply to the first attempt was lost. If the
// old value is in place, this attempt replaces it. If not, the first may have,
// or another caller.
func (o *op) swapUnsure(cmd scriptCmd, key string, err error) (bool, error) {
	for attempt := range o.a.cfg.Retry.Max {
		if o.ctx.Err() != nil || !o.pause(attempt) {
			break
		}
		cmd.SetErr(nil)
		next := o.a.main.send(o.ctx, cmd)
		switch {
		case next == nil && cmd.Val() == 1:
			return true, nil
		case next == nil:
			return false, o.error(foreign(err), state.ErrUnknownOutcome)
		case isNoScript(next):
			cmd.byText(swapScript)
		case fateOf(next) == answered:
			return false, o.fail(next, "cache", key)
		default:
			o.a.main.failed(next)
		}
	}
	return false, o.failUnknown(err, "cache", key)
}
