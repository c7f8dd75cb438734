package redisstate

import (
	"bytes"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// look is what an AcceptTurn asks for that is not the queue.
type look struct {
	cmds  []redis.Cmder
	asked int // how many of them, the first, ask for the subscription
}

// lookArgs are what a look asks for, each as go-redis takes it.
type lookArgs struct {
	subscription, subscriber any // see subscriptionArgs; nil: not asked for
	keys                     []any
}

// newLook makes the commands, in the room if it is enough.
func (a *Adapter) newLook(req *state.AcceptTurn, room []redis.Cmder) look {
	var args lookArgs
	if req.Subscription != "" {
		args.subscription, args.subscriber = a.keys.subscription+req.Subscription, req.Subscription
	}
	var keys [2]any
	args.keys = keys[:0]
	for _, key := range req.Keys {
		args.keys = append(args.keys, a.keys.cache+key)
	}
	return a.lookFor(args, room)
}

func (a *Adapter) lookFor(args lookArgs, room []redis.Cmder) look {
	l := look{cmds: room}
	if args.subscriber != nil {
		for _, cmd := range a.askSubscribed(args.subscription, args.subscriber) {
			l.cmds = append(l.cmds, cmd)
			l.asked++
		}
	}
	if len(args.keys) == 2 && a.main.ordered() {
		// EXISTS counts a key as often as it is named, so the sum tells which are
		// there.
		l.cmds = append(l.cmds, newInt("exists", args.keys[0], args.keys[1], args.keys[1]))
		return l
	}
	for _, key := range args.keys {
		l.cmds = append(l.cmds, newInt("exists", key))
	}
	return l
}

// searchesBoth reports whether one command looks for both of two keys.
func (a *Adapter) searchesBoth(keys []string) bool { return len(keys) == 2 && a.main.ordered() }

// look takes what the commands have found, and looks at the queue unless the entry
// with the own receipt is alone in it. If they were executed too early, or not at all,
// they are late and sent now.
func (o *op) look(l look, req *state.AcceptTurn, own state.Receipt, late bool, out *state.TurnAccepted) {
	if late {
		if o.doAll(o.a.main, again, l.cmds...) != nil {
			return // the commands may still be on their way
		}
	}
	for _, cmd := range l.cmds {
		if cmd.Err() != nil {
			return
		}
	}
	waiting := []state.WaitingEntry{{QueueEntry: req.Entry, Receipt: own}}
	if own != "" {
		e := &waiting[0]
		e.Message = bytes.TrimSpace(e.Message)
		e.EnqueuedAt, e.ExpiresAt = time.UnixMilli(e.EnqueuedAt.UnixMilli()), time.UnixMilli(e.ExpiresAt.UnixMilli())
	} else {
		cmd := newStrings("lrange", o.a.keys.queue+req.ThreadID, 0, -1)
		if o.do(o.a.main, cmd, again) != nil {
			return
		}
		waiting = waitingEntries(req.ThreadID, cmd.Val())
	}
	out.Looked, out.Waiting = true, waiting
	for _, cmd := range l.cmds[:l.asked] {
		out.Subscribed = out.Subscribed || cmd.(boolCmd).Val()
	}
	for i, key := range req.Keys {
		var there bool
		if o.a.searchesBoth(req.Keys) {
			there = l.cmds[l.asked].(intCmd).Val()&(1<<i) != 0
		} else {
			there = l.cmds[l.asked+i].(intCmd).Val() > 0
		}
		if there {
			out.Found = append(out.Found, key)
		}
	}
}
