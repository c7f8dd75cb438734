package redisstate

import (
	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// start is a claim that is being set with startScript, the entry that is stored and
// marked with it, if there is one, and what came of them.
type start struct {
	key, value, ttl string
	queue, pending  string
	entry           []any // ARGV of startScript from the entry on. Nil: there is none
	look            look

	set    bool
	found  []byte // if not set
	depth  int
	stored bool // the entry, by the execution that was heard of
	late   bool // the look came too early
	err    error
}

// accept adds an entry, and what to look for if a lock is asked for.
func (s *start) accept(a *Adapter, req *state.AcceptTurn, looks bool) {
	s.queue, s.pending = a.keys.queue+req.ThreadID, a.keys.pendingFor(req.ThreadID)
	s.entry = append(newPushArgs(req.Entry, req.MaxSize), req.ThreadID, nowMicros())
	if looks {
		s.look = a.newLook(req)
	}
}

// command makes the command of startScript. With a lock's name come its token and
// its TTL.
func (s *start) command(lock ...string) startCmd {
	args := make([]any, 0, 16)
	args = append(args, "evalsha", startScript.hash, 1, s.key)
	if s.entry != nil {
		args = append(args, s.queue, s.pending)
	}
	if len(lock) > 0 {
		args = append(args, lock[0])
	}
	args[2] = len(args) - 3
	args = append(args, s.value, s.ttl)
	if len(lock) > 0 {
		args = append(args, lock[1], lock[2])
	} else {
		args = append(args, "", "0")
	}
	cmd := redis.NewCmd(background, append(args, s.entry...)...)
	cmd.SetFirstKeyPos(3)
	return startCmd{cmd}
}

// runStart sends startScript, until it is known what came of it: executing it twice
// is the same as once. The look travels with it. It reports whether the lock was given.
func (o *op) runStart(n *node, s *start, lock ...string) bool {
	cmd := s.command(lock...)
	if len(s.look.cmds) > 0 {
		cmds := append(make([]redis.Cmder, 0, 1+len(s.look.cmds)), cmd)
		if s.err = n.sendInOrder(o.ctx, append(cmds, s.look.cmds...)...); s.err == nil {
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
			own = state.Receipt(s.entry[0].(string))
		}
		o.look(s.look, req, own, s.late, &out)
	}
	return out
}
