package memorystate

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// queueLinger is how long a queue stays at least after its last entry came,
// even if that entry's ExpiresAt is earlier.
const queueLinger = time.Minute

// entry is a stored message, with times in milliseconds as every backend keeps
// them. Its message is never changed in place and never empty, except in the
// place of an entry that was settled.
type entry struct {
	message    []byte
	enqueuedAt int64
	expiresAt  int64
	number     uint64 // grows along the queue
}

func (e entry) settled() bool { return e.message == nil }

// decode returns the entry for a caller, who gets the stored message itself.
func (e entry) decode() state.QueueEntry {
	return state.QueueEntry{
		Message:    e.message,
		EnqueuedAt: time.UnixMilli(e.enqueuedAt),
		ExpiresAt:  time.UnixMilli(e.expiresAt),
	}
}

// queue holds the entries of one thread.
type queue struct {
	// entries may have gaps where entries were settled out of order, but the
	// first one is always there.
	entries fifo[entry]
	gaps    int
}

func (q *queue) depth() int { return q.entries.len() - q.gaps }

// pop removes and returns the oldest entry.
func (q *queue) pop() entry {
	e := q.entries.pop()
	q.skipGaps()
	return e
}

func (q *queue) skipGaps() {
	for q.gaps > 0 && q.entries.all()[0].settled() {
		q.entries.pop()
		q.gaps--
	}
}

// settle removes the entry with that number, if it is there.
func (q *queue) settle(number uint64) {
	all := q.entries.all()
	i, found := slices.BinarySearchFunc(all, number, func(e entry, n uint64) int {
		switch {
		case e.number < n:
			return -1
		case e.number > n:
			return 1
		}
		return 0
	})
	switch {
	case !found || all[i].settled():
	case i == 0:
		q.pop()
	default:
		all[i].message = nil
		q.gaps++
		if q.gaps > 16 && q.gaps > len(all)/2 {
			q.entries = fifo[entry]{items: slices.DeleteFunc(all, entry.settled)}
			q.gaps = 0
		}
	}
}

// push adds an entry to the thread's queue and trims it. The mutex is held.
func (s *threadShard) push(t *thread, e entry, maxSize int, now time.Time) {
	s.number += shardCount
	e.number = s.number
	at := s.clock.moment(now)
	end := at.plus(max(time.UnixMilli(e.expiresAt).Sub(now), queueLinger))
	q := &t.queue
	if q.depth() == 0 || end > t.queueEnd {
		t.queueEnd = end
		s.setDue(t, at)
	}
	q.entries.push(e)
	if maxSize > 0 {
		for q.depth() > maxSize {
			q.pop()
		}
	}
}

// dropQueue leaves the thread without a queue. The mutex is held.
func (s *threadShard) dropQueue(t *thread) {
	s.marks.remove(t)
	t.queueEnd = never
	room := t.queue.entries.items
	clear(room)
	t.queue = queue{entries: fifo[entry]{items: room[:0]}}
}

// Enqueue implements [state.Queues].
func (a *Adapter) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	s, err := a.threadShard(ctx, threadID)
	if err != nil {
		return 0, err
	}
	stored, err := copyEntry(e, maxSize)
	if err != nil {
		return 0, err
	}
	if err := s.lock(); err != nil {
		return 0, err
	}
	defer s.unlock()
	t := s.open(strings.Clone(threadID))
	s.push(t, stored, maxSize, time.Now())
	return t.queue.depth(), nil
}

// newEntry returns what is stored of an entry whose message nobody changes.
func newEntry(e state.QueueEntry) entry {
	return entry{message: e.Message, enqueuedAt: e.EnqueuedAt.UnixMilli(), expiresAt: e.ExpiresAt.UnixMilli()}
}

// copyEntry checks what Enqueue and Accept were given and copies it.
func copyEntry(e state.QueueEntry, maxSize int) (entry, error) {
	if err := state.CheckEntry("entry", e); err != nil {
		return entry{}, err
	}
	if err := state.CheckSize("maxSize", maxSize); err != nil {
		return entry{}, err
	}
	e.Message = bytes.Clone(e.Message)
	return newEntry(e), nil
}

// Dequeue implements [state.Queues].
func (a *Adapter) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	s, err := a.threadShard(ctx, threadID)
	if err != nil {
		return nil, err
	}
	if err := s.lock(); err != nil {
		return nil, err
	}
	defer s.unlock()
	t := s.threads[threadID]
	if t.depth() == 0 {
		return nil, state.ErrQueueEmpty
	}
	e := t.queue.pop().decode()
	if t.queue.depth() == 0 {
		s.dropQueue(t)
		s.forget(t)
	}
	return &e, nil
}

// QueueDepth implements [state.Queues].
func (a *Adapter) QueueDepth(ctx context.Context, threadID string) (int, error) {
	s, err := a.threadShard(ctx, threadID)
	if err != nil {
		return 0, err
	}
	if err := s.lock(); err != nil {
		return 0, err
	}
	defer s.unlock()
	return s.threads[threadID].depth(), nil
}

// depth returns how many entries there are; none of a thread that is nil.
func (t *thread) depth() int {
	if t == nil {
		return 0
	}
	return t.queue.depth()
}
