package redisstate

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// start is a claim that is being set with startScript, the entry that is stored and
// marked with it, if there is one, and what came of them.
type start struct {
	args   startArgs
	entry  string // "" if there is none
	look   look
	reused *reusedStart // nil if the commands are made for this start alone

	set    bool
	found  []byte // if not set
	depth  int
	stored bool // the entry, by the execution that was heard of
	late   bool // the look came too early
	err    error

	// Room for what is sent of most, so that all of it is one allocation.
	cmds   [4]redis.Cmder
	looks  [3]redis.Cmder
	withIt ride
}

// startArgs are the keys and arguments of startScript, each as go-redis takes it.
type startArgs struct {
	key, value, ttl                                       any
	queue, pending, thread, entry, maxSize, entryTTL, now any // nil without an entry
}

// lockArgs are what a lock is asked for with.
type lockArgs struct{ name, token, ttl any }

// command makes the command of startScript. The lock is nil if none is asked for.
func (s *startArgs) command(lock *lockArgs) startCmd {
	args := append(make([]any, 0, 16), "evalsha", startScript.hash, 1, s.key)
	if s.entry != nil {
		args = append(args, s.queue, s.pending)
	}
	if lock != nil {
		args = append(args, lock.name)
	}
	args[2] = len(args) - 3
	args = append(args, s.value, s.ttl)
	if lock != nil {
		args = append(args, lock.token, lock.ttl)
	} else {
		args = append(args, "", "0")
	}
	if s.entry != nil {
		args = append(args, s.entry, s.maxSize, s.entryTTL, s.thread, s.now)
	}
	cmd := redis.NewCmd(background, args...)
	cmd.SetFirstKeyPos(3)
	return startCmd{cmd}
}

// newStart returns the start of a request. With an entry it is stored by the same command.
func (a *Adapter) newStart(req *state.StartTurn, stores bool) *start {
	if s := a.reuseStart(req, stores); s != nil {
		return s
	}
	s := &start{err: errNotSent}
	s.args = startArgs{key: a.keys.cache + req.Key, value: string(req.Value), ttl: millis(req.TTL)}
	if stores {
		s.accept(a, &req.Accept, req.ThreadID != "")
	}
	return s
}

// accept adds an entry, and what to look for if a lock is asked for.
func (s *start) accept(a *Adapter, req *state.AcceptTurn, looks bool) {
	s.entry = encodeEntry(req.Entry)
	to := &s.args
	to.queue, to.pending, to.thread = a.keys.queue+req.ThreadID, a.keys.pendingFor(req.ThreadID), req.ThreadID
	to.entry, to.maxSize, to.entryTTL, to.now = s.entry, req.MaxSize, queueTTL(req.Entry), time.Now().UnixMicro()
	if looks {
		s.look = a.newLook(req, s.looks[:0])
	}
}

// ride returns what has the claim travel with the lock's command.
func (s *start) ride() *ride {
	s.withIt.start = s
	return &s.withIt
}

// command returns the command of startScript. It is called once, with the lock's name and
// token if one is asked for.
func (s *start) command(name, token string, ttl time.Duration) startCmd {
	switch {
	case s.reused != nil:
		return s.reused.command(name, token, ttl)
	case name == "":
		return s.args.command(nil)
	}
	return s.args.command(&lockArgs{name, token, millis(ttl)})
}

// runStart sends startScript, until it is known what came of it: executing it twice
// is the same as once. The look travels with it. It reports whether the lock was given.
func (o *op) runStart(n *node, s *start, name, token string, ttl time.Duration) bool {
	cmd := s.command(name, token, ttl)
	if len(s.look.cmds) > 0 {
		cmds := append(append(s.cmds[:0], cmd), s.look.cmds...)
		if s.err = n.sendInOrder(o.ctx, cmds...); s.err == nil {
			s.err = cmd.Err()
		}
		if s.late = s.err != nil; s.late {
			s.err = o.retry(n, cmd, again, s.err)
		}
	} else {
		s.err = o.do(n, cmd, again)
	}
	if isNoScript(s.err) {
		cmd.byText(startScript)
		s.err = o.do(n, cmd, again)
	}
	if s.err != nil {
		return false
	}
	if found, ok := cmd.Val().(string); ok {
		s.found = []byte(found)
		return false
	}
	result, _ := cmd.Val().(int64)
	s.set, s.depth, s.stored = true, int(result>>2), result&2 != 0
	return result&1 != 0
}

// accepted is what came of the entry of a start that has succeeded.
func (o *op) accepted(s *start, req *state.AcceptTurn, looks bool) (out state.TurnAccepted) {
	out.Depth = s.depth
	if looks {
		var own state.Receipt
		if s.stored && s.depth == 1 {
			own = state.Receipt(s.entry)
		}
		o.look(s.look, req, own, s.late, &out)
	}
	return out
}
