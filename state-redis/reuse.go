package redisstate

import (
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// The commands of a turn of the usual kind are used again for other turns, as making
// them is most of what a turn would allocate. Only their words change. A turn that
// fails, is cancelled or sends a command twice never gives its commands back: they may
// still be on their way. A client that the program made has hooks, which may keep what
// they see: there each turn makes its own.

// word is an argument of a command that is used again.
type word []byte

// MarshalBinary has go-redis send the bytes as they are.
func (w *word) MarshalBinary() ([]byte, error) { return *w, nil }

// String shows the argument.
func (w *word) String() string { return string(*w) }

func (w *word) set(parts ...string) {
	*w = (*w)[:0]
	for _, part := range parts {
		*w = append(*w, part...)
	}
}

func (w *word) setInt(n int64) { *w = strconv.AppendInt((*w)[:0], n, 10) }

// maxWord is how long a word may be that is kept.
const maxWord = 16 << 10

// reusedStart are the commands of a start that stores an entry, asks for a lock and looks
// for a subscription and two keys.
type reusedStart struct {
	key, value, ttl, queue, pending, thread, entry, maxSize, entryTTL, now word
	lock, token, lockTTL                                                   word
	subscription, subscriber, first, second                                word

	run  startCmd
	look look
}

// reuseStart returns a start whose commands are used again, or nil if the request is
// not for them.
func (a *Adapter) reuseStart(req *state.StartTurn, stores bool) *start {
	look := &req.Accept
	if !stores || !a.reuses() || req.ThreadID == "" || req.TTL == 0 || look.Subscription == "" || len(look.Keys) != 2 {
		return nil
	}
	s, ok := a.starts.Get().(*start)
	if !ok {
		s = &start{reused: a.newReusedStart()}
	}
	w := s.reused
	*s = start{reused: w, look: w.look, err: errNotSent, entry: encodeEntry(look.Entry)}
	w.key.set(a.keys.cache, req.Key)
	w.value = append(w.value[:0], req.Value...)
	w.ttl.setInt(millis(req.TTL))
	w.queue.set(a.keys.queue, look.ThreadID)
	w.pending.set(a.keys.pendingFor(look.ThreadID))
	w.thread.set(look.ThreadID)
	w.entry.set(s.entry)
	w.maxSize.setInt(int64(look.MaxSize))
	w.entryTTL.setInt(queueTTL(look.Entry))
	w.now.setInt(time.Now().UnixMicro())
	w.subscription.set(a.keys.subscription, look.Subscription)
	w.subscriber.set(look.Subscription)
	w.first.set(a.keys.cache, look.Keys[0])
	w.second.set(a.keys.cache, look.Keys[1])
	return s
}

// reuses reports whether commands are used again.
func (a *Adapter) reuses() bool { return a.main.dialer != nil }

func (a *Adapter) newReusedStart() *reusedStart {
	w := &reusedStart{}
	args := startArgs{&w.key, &w.value, &w.ttl, &w.queue, &w.pending, &w.thread, &w.entry, &w.maxSize, &w.entryTTL, &w.now}
	w.run = args.command(&lockArgs{&w.lock, &w.token, &w.lockTTL})
	w.look = a.lookFor(lookArgs{subscription: &w.subscription, subscriber: &w.subscriber, keys: []any{&w.first, &w.second}}, nil)
	return w
}

// command returns the command for a lock.
func (w *reusedStart) command(name, token string, ttl time.Duration) startCmd {
	w.lock.set(name)
	w.token.set(token)
	w.lockTTL.setInt(millis(ttl))
	return w.run
}

// recycleStart has the commands of a start used again, if all of them were answered at once.
func (a *Adapter) recycleStart(s *start) {
	if s.reused == nil || s.err != nil || s.late || cap(s.reused.entry) > maxWord || failedIn(s.look.cmds) {
		return
	}
	a.starts.Put(s)
}

func failedIn(cmds []redis.Cmder) bool {
	for _, cmd := range cmds {
		if cmd.Err() != nil {
			return true
		}
	}
	return false
}

// reusedEnd are the words of an end of one message.
type reusedEnd struct {
	key, mark, ttl, queue, receipt, lock, token word
}

// reuseEnd returns an end whose commands are used again, or nil if the request is not
// for them.
func (a *Adapter) reuseEnd(req *state.EndTurn) *end {
	if !a.reuses() || len(req.Marks) != 1 || len(req.Receipts) != 1 || req.MarkTTL == 0 {
		return nil
	}
	e, ok := a.ends.Get().(*end)
	if !ok {
		e = a.newReusedEnd()
	}
	w := e.reused
	w.key.set(a.keys.cache, req.Marks[0])
	w.mark = append(w.mark[:0], req.Mark...)
	w.ttl.setInt(millis(req.MarkTTL))
	w.queue.set(a.keys.queue, req.ThreadID)
	w.receipt.set(string(req.Receipts[0]))
	w.lock.set(a.keys.lock, req.Lock.ThreadID)
	w.token.set(req.Lock.Token)
	return e
}

func (a *Adapter) newReusedEnd() *end {
	w := &reusedEnd{}
	e := &end{reused: w, depth: newInt("llen", &w.queue)}
	e.ride.script = newRunHash(a.scripts.release.hash, &w.lock, &w.token)
	e.room[0] = newStatus("set", &w.key, &w.mark, "px", &w.ttl)
	e.room[1] = newInt("lrem", &w.queue, 1, &w.receipt)
	e.after[0] = e.depth
	e.ride.before, e.ride.after = e.room[:2], e.after[:]
	return e
}

// recycleEnd has the commands of an end used again, if all of them were answered at once.
func (a *Adapter) recycleEnd(e *end) {
	r := &e.ride
	if e.reused == nil || !r.gone || r.err != nil || r.apart || cap(e.reused.receipt) > maxWord ||
		r.script.Err() != nil || failedIn(r.before) || failedIn(r.after) {
		return
	}
	r.gone = false
	a.ends.Put(e)
}
