package redisstate

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// A server executes what travels in one write in the order in which it was
// written, whatever keys it touches. So on one server each method of the Turns
// role is one trip. The lock's command is still redsync's: the others ride along.

// ride is what travels with a lock's command.
type ride struct {
	// start is what must be set for the lock to be asked for, by the same command.
	start *start
	// script is the lock's command, if it is made already.
	script        scriptCmd
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

// StartTurn does SetIfNotExists, Get, AcquireLock and what AcceptTurn does, for a value
// made by [state.NewClaim] on one server in one round trip, or two if the entry is not
// alone in its queue, and then it asks for no lock and accepts nothing when the key was
// taken. Elsewhere it asks for the lock at the same time, and accepts afterwards. Each
// obeys the rules of its method when a reply is lost; in one round trip the entry is
// then not doubled.
func (a *Adapter) StartTurn(ctx context.Context, req state.StartTurn) (out state.TurnStarted, err error) {
	if !state.IsClaim(req.Value) {
		return a.stepwise().StartTurn(ctx, req)
	}
	o, err := a.begin(ctx, "start turn")
	if err != nil {
		return out, err
	}
	defer o.end()
	if err := state.CheckStartTurn(req); err != nil {
		return out, err
	}
	accepts, together := req.Accept.ThreadID != "", a.oneTrip()
	s := a.newStart(&req, accepts && together)
	defer a.recycleStart(s)
	switch {
	case req.ThreadID == "":
		o.runStart(a.main, s, "", "", 0)
	case together:
		out.Lock = o.lock(req.ThreadID, req.LockTTL, s.ride())
	default:
		out.Lock = o.startApart(s, req.ThreadID, req.LockTTL)
	}
	switch {
	case s.err != nil && s.entry != "":
		return out, o.failUnknown(s.err, "cache", req.Key)
	case s.err != nil:
		return out, o.fail(s.err, "cache", req.Key)
	case !s.set:
		out.Found = s.found
		return out, nil
	}
	out.Set = true
	switch {
	case !accepts:
	case together:
		out.Accepted = o.accepted(s, &req.Accept, out.Lock != nil)
	case out.Lock != nil:
		out.Accepted, err = a.AcceptTurn(ctx, req.Accept)
	default:
		out.Accepted.Depth, err = a.Accept(ctx, req.Accept.ThreadID, req.Accept.Entry, req.Accept.MaxSize)
	}
	return out, err
}

// startApart sends startScript, and asks for the lock at the same time.
func (o *op) startApart(s *start, threadID string, ttl time.Duration) *state.Lock {
	locked := make(chan *state.Lock, 1)
	asking := *o
	go func() { locked <- asking.lock(threadID, ttl, nil) }()
	o.runStart(o.a.main, s, "", "", 0)
	return <-locked
}

// lock takes the lock of a StartTurn. It returns nil if it did not get it.
func (o *op) lock(threadID string, ttl time.Duration, r *ride) *state.Lock {
	lock, err := o.acquire(threadID, ttl, r)
	if err != nil {
		return nil
	}
	return lock
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
	if err := state.CheckAcceptTurn(req); err != nil {
		return out, err
	}
	push := newRun(enqueueScript, a.keys.queue+req.ThreadID, encodeEntry(req.Entry), req.MaxSize, queueTTL(req.Entry))
	l := a.newLook(&req, nil)
	late, mark := true, a.newMark(req.ThreadID)
	if a.oneTrip() {
		late, err = o.acceptTogether(req.ThreadID, push, mark, l.cmds...)
	} else {
		err = o.accept(req.ThreadID, push, mark)
	}
	if err != nil {
		return out, o.failUnknown(err, "queue", req.ThreadID)
	}
	out.Depth = int(push.Val())
	var own state.Receipt
	if out.Depth == 1 {
		own = state.Receipt(push.Args()[4].(string))
	}
	o.look(l, &req, own, late, &out)
	return out, nil
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
	end := a.newEnd(&req)
	defer a.recycleEnd(end)
	r, depth := &end.ride, end.depth
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
