package redisstate

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// minQueueTTL is how long a queue lives at least after an entry came, as in the
// TypeScript adapters.
const minQueueTTL = 60 * time.Second

// Enqueue pushes the entry at the tail, drops the oldest entries beyond maxSize
// (0 means no bound), and returns the depth after the trim.
//
// The whole queue expires when the entry does, but not before 60 seconds, nor
// before it would have expired anyway.
//
// It is sent once. When its reply is lost the error matches
// [state.ErrUnknownOutcome]: the entry may be there, and enqueuing it again can
// double it and never loses another.
func (a *Adapter) Enqueue(ctx context.Context, threadID string, entry state.QueueEntry, maxSize int) (int, error) {
	o, err := a.begin(ctx, "enqueue")
	if err != nil {
		return 0, err
	}
	defer o.end()
	push, err := a.newPush(threadID, entry, maxSize)
	if err != nil {
		return 0, err
	}
	if err := o.run(a.main, enqueueScript, push, once); err != nil {
		return 0, o.failUnknown(err, "queue", threadID)
	}
	return int(push.Val()), nil
}

// newPush checks the arguments of Enqueue and Accept and makes the command.
func (a *Adapter) newPush(threadID string, entry state.QueueEntry, maxSize int) (scriptCmd, error) {
	if err := errors.Join(state.CheckName("threadID", threadID), state.CheckSize("maxSize", maxSize)); err != nil {
		return scriptCmd{}, err
	}
	if err := state.CheckEntry("entry", entry); err != nil {
		return scriptCmd{}, err
	}
	return newRun(enqueueScript, a.keys.queue+threadID, encodeEntry(entry), maxSize, queueTTL(entry)), nil
}

// queueTTL returns how long a queue is to live that the entry comes to, in ms.
func queueTTL(entry state.QueueEntry) int64 {
	return millis(max(time.Until(entry.ExpiresAt), minQueueTTL))
}

// Dequeue removes and returns the oldest entry, or returns
// [state.ErrQueueEmpty]. An entry that cannot be decoded is removed and
// returned as a *[state.CorruptError].
//
// It is sent once. When its reply is lost the error matches
// [state.ErrUnknownOutcome]: the entry that the server gave away, if there was
// one, is gone, and no other is. It is the only call that can lose an entry: to
// keep it, the server would have to store it a second time, where nobody else
// looks. Where no entry may be lost, take them with Waiting and Settle, which lose
// none; they see the same queue.
func (a *Adapter) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	o, err := a.begin(ctx, "dequeue")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	cmd := newString("lpop", a.keys.queue+threadID)
	switch err := o.do(a.main, cmd, once); {
	case errors.Is(err, redis.Nil):
		return nil, state.ErrQueueEmpty
	case err != nil:
		return nil, o.failUnknown(err, "queue", threadID)
	}
	entry := new(state.QueueEntry)
	if err := decodeEntry(threadID, cmd.StringCmd, entry); err != nil {
		return nil, err
	}
	return entry, nil
}

// QueueDepth returns the number of entries stored.
func (a *Adapter) QueueDepth(ctx context.Context, threadID string) (int, error) {
	o, err := a.begin(ctx, "measure queue")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return 0, err
	}
	cmd := newInt("llen", a.keys.queue+threadID)
	if err := o.do(a.main, cmd, again); err != nil {
		return 0, o.fail(err, "queue", threadID)
	}
	return int(cmd.Val()), nil
}
