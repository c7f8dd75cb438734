package redisstate

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/go-redsync/redsync/v4"
	redsyncredis "github.com/go-redsync/redsync/v4/redis"

	"github.com/chat-adapter/chat-go/core/state"
)

// voters are the masters that decide about one lock in one call. They are what
// redsync sees of Redis: one pool for each, whose commands go through the
// adapter's pipelines.
type voters struct {
	op *op
	// taking is set for AcquireLock. redsync releases at once what it failed to
	// take; that is left to the orphans, as a release that is still on its way
	// could undo a later success with the same token.
	taking bool
	// sure is false if the token may be in place already.
	sure bool
	// unsure is set when a master may have given the lock unheard.
	unsure atomic.Bool
}

// mutex makes redsync's mutex for one attempt. A node gets as much time as the
// call: redsync's own fraction of the TTL would fail short locks for nothing.
// With several masters the call ends when a majority has answered.
func (v *voters) mutex(name string, ttl time.Duration, last redsync.Option) *redsync.Mutex {
	nodes := v.op.a.locks
	pools := make([]redsyncredis.Pool, len(nodes))
	for i, n := range nodes {
		pools[i] = voter{v, n}
	}
	factor := max(1, float64(v.op.a.cfg.Timeout)/float64(ttl))
	return redsync.New(pools...).NewMutex(name,
		redsync.WithExpiry(ttl), redsync.WithTimeoutFactor(factor), redsync.WithFailFast(len(nodes) > 1), last)
}

// voter is one master's pool.
type voter struct {
	*voters
	node *node
}

// Get returns a connection for one command. With one master it obeys the call.
// With several it has time of its own: a majority may end the call before a
// slow master has answered, and that master shall hear of it all the same.
func (p voter) Get(ctx context.Context) (redsyncredis.Conn, error) {
	c := &voterConn{voter: p, ctx: ctx}
	if len(p.op.a.locks) > 1 {
		c.ctx, c.cancel = context.WithTimeout(context.WithoutCancel(ctx), p.op.a.cfg.Timeout)
	}
	return c, nil
}

// voterConn executes redsync's commands on one master.
type voterConn struct {
	voter
	ctx    context.Context // redsync gives it to the pool, not to the commands
	cancel context.CancelFunc
}

func (c *voterConn) Close() error {
	if c.cancel != nil {
		c.cancel()
	}
	return nil
}

// call is the call with this connection's context.
func (c *voterConn) call() *op {
	o := *c.op
	o.ctx = c.ctx
	return &o
}

// SetNX takes the lock on this master, or finds that an earlier attempt did.
func (c *voterConn) SetNX(name, value string, expiry time.Duration) (bool, error) {
	o := c.call()
	if c.sure {
		cmd := newBool("set", name, value, "px", millis(expiry), "nx")
		err := c.node.send(o.ctx, cmd)
		f := fateOf(err)
		if f == answered {
			return cmd.Val(), err
		}
		c.node.failed(err)
		if o.a.cfg.Retry.Off || o.ctx.Err() != nil || !o.pause(0) {
			c.unsure.Store(c.unsure.Load() || f == unknown)
			return false, err
		}
	}
	cmd := newRun(lockScript, name, value, millisText(expiry))
	err := o.run(c.node, lockScript, cmd, again)
	if fateOf(err) == unknown {
		c.unsure.Store(true)
	}
	return err == nil && cmd.Val() == 1, err
}

// Eval runs redsync's scripts, which extend and release.
func (c *voterConn) Eval(s *redsyncredis.Script, keysAndArgs ...any) (any, error) {
	if c.taking {
		return int64(0), nil // see voters.taking
	}
	o := c.call()
	own := &script{src: s.Src, hash: s.Hash}
	cmd := newRun(own, keysAndArgs[0].(string), keysAndArgs[1:]...)
	err := o.run(c.node, own, cmd, again)
	if err != nil {
		return nil, err
	}
	if isRelease := len(keysAndArgs) == 2; isRelease && o.resent {
		return int64(1), nil // an attempt whose reply was lost may have released it
	}
	return cmd.Val(), nil
}

var errUnused = errors.New("redisstate: redsync used a command that a lock does not need")

// Get, Set, PTTL and ScriptLoad are parts of redsync's port that no mutex here
// uses.
func (c *voterConn) Set(string, string) (bool, error) { return false, errUnused }

// Get is unused.
func (c *voterConn) Get(string) (string, error) { return "", errUnused }

// PTTL is unused.
func (c *voterConn) PTTL(string) (time.Duration, error) { return 0, errUnused }

// ScriptLoad is unused.
func (c *voterConn) ScriptLoad(*redsyncredis.Script) error { return errUnused }

// verdict sorts redsync's error: how many masters refused because another has
// the lock, or nobody, and the first error of a master that did not answer.
func verdict(err error, refused *int) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *redsync.ErrTaken:
		*refused += len(e.Nodes)
		return nil
	case *redsync.ErrNodeTaken:
		*refused++
		return nil
	case *redsync.RedisError:
		return e.Err
	case interface{ Unwrap() []error }:
		var first error
		for _, part := range e.Unwrap() {
			if cause := verdict(part, refused); first == nil {
				first = cause
			}
		}
		return first
	}
	if errors.Is(err, redsync.ErrLockAlreadyExpired) {
		*refused++
		return nil
	}
	return err
}

// lockError is the error of an AcquireLock that failed.
func (v *voters) lockError(err error, threadID string) error {
	refused := 0
	cause := verdict(err, &refused)
	switch n := len(v.op.a.locks); {
	case refused > n-(n/2+1): // the others are no majority
		return state.ErrLocked
	case cause == nil || errors.Is(cause, redsync.ErrFailed):
		if refused > 0 {
			return state.ErrLocked
		}
		return v.op.fail(errTooLate, "lock", threadID)
	default:
		return v.op.fail(cause, "lock", threadID)
	}
}

// heldError is the error of an extension or a release that failed.
func (v *voters) heldError(err error, threadID string) error {
	refused := 0
	cause := verdict(err, &refused)
	switch n := len(v.op.a.locks); {
	case refused > n-(n/2+1):
		return v.op.error(nil, state.ErrLockLost)
	case cause == nil || errors.Is(cause, redsync.ErrExtendFailed):
		if refused > 0 {
			return v.op.error(nil, state.ErrLockLost)
		}
		return v.op.fail(errTooLate, "lock", threadID)
	default:
		return v.op.fail(cause, "lock", threadID)
	}
}

// errTooLate is the cause when the answer came after the lock had expired.
var errTooLate = errors.New("the answer came when the TTL had passed already")
