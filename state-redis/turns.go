package redisstate

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// A server executes what travels in one write in the order in which it was
// written, whatever keys it touches. So on one server each method of the Turns
// role is one trip. The lock's command is still redsync's: the others ride along.

// ride is what travels with a lock's command.
type ride struct {
	// claim is what must be set for the lock to be asked for, by the same command.
	claim         *claiming
	before, after []redis.Cmder
	gone          bool // it has left
	// err is why the outcome of the commands is not known.
	err error
	// apart says that the lock's command was sent once more, alone.
	apart bool
}

// failed returns the first error of the commands.
func (r *ride) failed(cmds []redis.Cmder) error {
	if !r.gone {
		return errNotSent
	}
	if r.err != nil {
		return r.err
	}
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil {
			return err
		}
	}
	return nil
}

var errNotSent = &unsentError{errors.New("redisstate: the lock was asked for in another way")}

// oneTrip reports whether several commands keep their order in one trip and
// nothing has to be waited for in between.
func (a *Adapter) oneTrip() bool {
	return len(a.locks) == 1 && a.cfg.MinReplicas == 0 && a.main.ordered()
}

func (a *Adapter) stepwise() state.Stepwise {
	return state.Stepwise{Adapter: a, Concurrent: true}
}

// StartTurn does SetIfNotExists, Get and AcquireLock, for a value made by
// [state.NewClaim] on one server in one round trip, and then it asks for no lock
// when the key was taken. Elsewhere it asks for the lock at the same time. Each
// obeys the rules of its method when a reply is lost.
func (a *Adapter) StartTurn(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
	if !state.IsClaim(req.Value) {
		return a.stepwise().StartTurn(ctx, req)
	}
	o, err := a.begin(ctx, "start turn")
	if err == nil {
		defer o.end()
		err = state.CheckStartTurn(req)
	}
	if err != nil {
		return out, err
	}
	c := &claiming{key: a.keys.cache + req.Key, value: string(req.Value), ttl: millisText(req.TTL), err: errNotSent}
	switch {
	case req.ThreadID == "":
		o.claimAlone(c)
	case a.oneTrip():
		out.Lock, out.LockErr = o.acquire(req.ThreadID, req.LockTTL, &ride{claim: c})
	default:
		var wg sync.WaitGroup
		wg.Go(func() {
			asking := o
			out.Lock, out.LockErr = asking.acquire(req.ThreadID, req.LockTTL, nil)
		})
		o.claimAlone(c)
		wg.Wait()
	}
	if c.err != nil {
		return out, o.fail(c.err, "cache", req.Key)
	}
	if out.Set = c.set; !out.Set {
		out.Found = c.found
		if out.Lock == nil && a.oneTrip() {
			out.LockErr = nil // it was not asked for
		}
	}
	return out, nil
}

// claiming is a claim that is being set, and what came of it.
type claiming struct {
	key, value, ttl string

	set   bool
	found []byte // if not set
	err   error
}

// claimAlone sets a claim, without a lock.
func (o *op) claimAlone(c *claiming) {
	cmd := newStart(c)
	c.err = o.runStart(o.a.main, cmd)
	c.answered(cmd)
}

// newStart makes the command of startScript. With a lock's name come its token and
// its TTL.
func newStart(c *claiming, lock ...string) startCmd {
	args := make([]any, 0, 8)
	args = append(args, "evalsha", startScript.hash, 1, c.key)
	if len(lock) > 0 {
		args[2] = 2
		args = append(args, lock[0])
	}
	args = append(args, c.value, c.ttl)
	if len(lock) > 0 {
		args = append(args, lock[1], lock[2])
	}
	cmd := redis.NewCmd(background, args...)
	cmd.SetFirstKeyPos(3)
	return startCmd{cmd}
}

// runStart sends startScript, until it is known what came of it: executing it twice
// is the same as once.
func (o *op) runStart(n *node, cmd startCmd) error {
	err := o.do(n, cmd, again)
	if isNoScript(err) {
		cmd.byText(startScript)
		err = o.do(n, cmd, again)
	}
	return err
}

// answered takes the answer to the command, unless it failed. It reports whether
// the lock is given.
func (c *claiming) answered(cmd startCmd) bool {
	if c.err != nil {
		return false
	}
	if found, ok := cmd.Val().(string); ok {
		c.found = []byte(found)
		return false
	}
	c.set = true
	return cmd.Val() == int64(1)
}

// AcceptTurn does Accept, Waiting, IsSubscribed and Get, on one server in one round
// trip if nothing else waits, which the depth tells, and else in two. Elsewhere all
// but Accept are asked for together. Accept's rule for a lost reply holds.
func (a *Adapter) AcceptTurn(ctx context.Context, req state.AcceptTurn) (out state.TurnAccepted, err error) {
	o, err := a.begin(ctx, "accept turn")
	if err != nil {
		return out, err
	}
	defer o.end()
	push, err := a.newPush(req.ThreadID, req.Entry, req.MaxSize)
	if err == nil && req.Subscription != "" {
		err = state.CheckName("subscription", req.Subscription)
	}
	for _, key := range req.Keys {
		if err == nil {
			err = state.CheckName("keys", key)
		}
	}
	if err != nil {
		return out, err
	}
	var asked []boolCmd
	further := make([]redis.Cmder, 0, 2+len(req.Keys)) // a subscription is asked for by up to two
	if req.Subscription != "" {
		asked = a.newIsSubscribed(req.Subscription)
		for _, cmd := range asked {
			further = append(further, cmd)
		}
	}
	further = a.appendSearch(further, req.Keys)
	inTurn, mark := true, a.newMark(req.ThreadID)
	if a.oneTrip() {
		inTurn, err = o.acceptTogether(push, mark, further...)
	} else {
		err = o.accept(req.ThreadID, push, mark)
	}
	if err != nil {
		return out, o.failUnknown(err, "queue", req.ThreadID)
	}
	out.Depth = int(push.Val())
	if inTurn {
		out.LookErr = o.doAll(a.main, again, further...) // what was asked for first came too early
	}
	if out.LookErr == nil { // else the commands may still be on their way
		for _, cmd := range asked {
			out.LookErr = errors.Join(out.LookErr, cmd.Err())
			out.Subscribed = out.Subscribed || cmd.Val()
		}
		var failed error
		out.Found, failed = a.found(req.Keys, further[len(asked):])
		out.LookErr = errors.Join(out.LookErr, failed)
	}
	if out.LookErr == nil && out.Depth == 1 {
		out.Waiting = []state.WaitingEntry{ownEntry(req.Entry, push)}
		return out, nil
	}
	if out.LookErr == nil {
		cmd := newStrings("lrange", a.keys.queue+req.ThreadID, 0, -1)
		if out.LookErr = o.do(a.main, cmd, again); out.LookErr == nil {
			out.Waiting = waitingEntries(req.ThreadID, cmd.Val())
		}
	}
	if out.LookErr != nil {
		out.LookErr = o.fail(out.LookErr, "queue", req.ThreadID)
	}
	return out, nil
}

// appendSearch appends commands that look for cache keys: one for each, or one for
// both of two.
func (a *Adapter) appendSearch(cmds []redis.Cmder, keys []string) []redis.Cmder {
	if a.searchesBoth(keys) {
		// EXISTS counts a key as often as it is named, so the sum tells which are
		// there.
		second := a.keys.cache + keys[1]
		return append(cmds, newInt("exists", a.keys.cache+keys[0], second, second))
	}
	for _, key := range keys {
		cmds = append(cmds, newInt("exists", a.keys.cache+key))
	}
	return cmds
}

func (a *Adapter) searchesBoth(keys []string) bool { return len(keys) == 2 && a.main.ordered() }

// found returns which keys the commands of appendSearch have found.
func (a *Adapter) found(keys []string, cmds []redis.Cmder) (found []string, err error) {
	for _, cmd := range cmds {
		err = errors.Join(err, cmd.Err())
	}
	for i, key := range keys {
		var there bool
		if a.searchesBoth(keys) {
			there = cmds[0].(intCmd).Val()&(1<<i) != 0
		} else {
			there = cmds[i].(intCmd).Val() > 0
		}
		if there {
			found = append(found, key)
		}
	}
	return found, err
}

// ownEntry is how an entry reads that was just pushed.
func ownEntry(e state.QueueEntry, push scriptCmd) state.WaitingEntry {
	e.Message = bytes.Clone(bytes.TrimSpace(e.Message))
	e.EnqueuedAt, e.ExpiresAt = time.UnixMilli(e.EnqueuedAt.UnixMilli()), time.UnixMilli(e.ExpiresAt.UnixMilli())
	return state.WaitingEntry{QueueEntry: e, Receipt: state.Receipt(push.Args()[4].([]byte))}
}

// EndTurn does Set, Settle, ReleaseLock and QueueDepth, on one server in one round
// trip. After an error any of them may have been done.
func (a *Adapter) EndTurn(ctx context.Context, req state.EndTurn) (int, error) {
	if !a.oneTrip() {
		return a.stepwise().EndTurn(ctx, req)
	}
	o, err := a.begin(ctx, "end turn")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckEndTurn(req); err != nil {
		return 0, err
	}
	queue := a.keys.queue + req.ThreadID
	r := &ride{before: make([]redis.Cmder, 0, len(req.Marks)+len(req.Receipts))}
	for _, key := range req.Marks {
		r.before = append(r.before, a.newSet(key, string(req.Mark), req.MarkTTL))
	}
	for _, receipt := range req.Receipts {
		r.before = append(r.before, newInt("lrem", queue, 1, string(receipt)))
	}
	depth := newInt("llen", queue)
	r.after = []redis.Cmder{depth}
	if err := o.release(req.Lock.ThreadID, req.Lock.Token, r); err != nil && !errors.Is(err, state.ErrLockLost) {
		return 0, err
	}
	if err := r.failed(r.before); err != nil {
		return 0, o.fail(err, "queue", req.ThreadID)
	}
	err = depth.Err()
	if r.apart {
		depth.SetErr(nil)
		err = o.do(a.main, depth, again) // it was asked for before the release
	}
	if err != nil {
		return 0, o.fail(err, "queue", req.ThreadID)
	}
	return int(depth.Val()), nil
}
