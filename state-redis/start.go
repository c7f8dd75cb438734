package redisstate

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// start is a claim that is being set with startScript, the entry that is stored and
// marked with it, if there is one, and what came of them.
type start struct {
	key, value string
	ttl        int64
	// entry is "" if there is none.
	entry                  string
	queue, pending, thread string
	maxSize                int
	entryTTL, now          int64
	look                   look

	set    bool
	found  []byte // if not set
	depth  int
	stored bool // the entry, by the execution that was heard of
	late   bool // the look came too early
	err    error

	// Room for what is sent of most, so that all of it is one allocation.
	args   [16]any
	cmds   [4]redis.Cmder
	looks  [3]redis.Cmder
	withIt ride
}

// ride returns what has the claim travel with the lock's command.
func (s *start) ride() *ride {
	s.withIt.start = s
	return &s.withIt
}

// accept adds an entry, and what to look for if a lock is asked for.
func (s *start) accept(a *Adapter, req *state.AcceptTurn, looks bool) {
	s.queue, s.pending, s.thread = a.keys.queue+req.ThreadID, a.keys.pendingFor(req.ThreadID), req.ThreadID
	s.entry, s.maxSize, s.entryTTL = encodeEntry(req.Entry), req.MaxSize, queueTTL(req.Entry)
	s.now = time.Now().UnixMicro()
	if looks {
		s.look = a.newLook(req, s.looks[:0])
	}
}

// command makes the command of startScript. With a lock's name come its token and
// its TTL. It is called once.
func (s *start) command(lock ...string) startCmd {
	args := append(s.args[:0], "evalsha", startScript.hash, 1, s.key)
	if s.entry != "" {
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
	if s.entry != "" {
		args = append(args, s.entry, s.maxSize, s.entryTTL, s.thread, s.now)
	}
	cmd := redis.NewCmd(background, args...)
	cmd.SetFirstKeyPos(3)
	return startCmd{cmd}
}

// runStart sends startScript, until it is known what came of it: executing it twice
// is the same as once. The look travels with it. It reports whether the lock was given.
func (o *op) runStart(n *node, s *start, lock ...string) bool {
	cmd := s.command(lock...)
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
