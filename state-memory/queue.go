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

// queue holds the entries of one thread; at least one, while it is in the table.
type queue struct {
	// entries may have gaps where entries were settled out of order, but the
	// first one is always there.
	entries fifo[entry]
	gaps    int
	mark    mark
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

// queueShard is one shard of the queues.
type queueShard struct {
	table[queue]
	marks  markList
	number uint64 // of the last entry; shards count in different residue classes
	// emptied are items of emptied queues, to be used again with their room: most
	// queues hold one entry, and not for long.
	emptied []*item[queue]
}

const (
	spareItems   = 16 // kept by a shard
	spareEntries = 8  // room for entries that a kept item may have
)

func (s *queueShard) init(c clock, shard uint64) {
	s.clock = c
	s.number = shard
	s.removed = func(it *item[queue]) {
		s.marks.remove(it)
		room := it.value.entries.items
		if len(s.emptied) < spareItems && cap(room) <= spareEntries {
			clear(room)
			it.name, it.value = "", queue{entries: fifo[entry]{items: room[:0]}}
			s.emptied = append(s.emptied, it)
		}
	}
}

// addQueue puts in an empty queue.
func (s *queueShard) addQueue(threadID string, end, now moment) *item[queue] {
	name := strings.Clone(threadID)
	n := len(s.emptied)
	if n == 0 {
		return s.add(name, queue{}, end, now)
	}
	it := s.emptied[n-1]
	s.emptied = s.emptied[:n-1]
	it.name = name
	s.insert(it, end, now)
	return it
}

// push adds an entry to the thread's queue and trims it. The mutex is held.
func (s *queueShard) push(threadID string, e entry, maxSize int, now time.Time) *item[queue] {
	s.number += shardCount
	e.number = s.number
	at := s.clock.moment(now)
	end := at.plus(max(time.UnixMilli(e.expiresAt).Sub(now), queueLinger))
	it := s.items[threadID]
	if it == nil {
		it = s.addQueue(threadID, end, at)
	} else if end > it.end {
		s.setEnd(it, end, at)
	}
	q := &it.value
	q.entries.push(e)
	if maxSize > 0 {
		for q.depth() > maxSize {
			q.pop()
		}
	}
	return it
}

// Enqueue implements [state.Queues].
func (a *Adapter) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	s, err := a.queueShard(ctx, threadID)
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
	return s.push(threadID, stored, maxSize, time.Now()).value.depth(), nil
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
	s, err := a.queueShard(ctx, threadID)
	if err != nil {
		return nil, err
	}
	if err := s.lock(); err != nil {
		return nil, err
	}
	defer s.unlock()
	it := s.items[threadID]
	if it == nil {
		return nil, state.ErrQueueEmpty
	}
	e := it.value.pop().decode()
	if it.value.depth() == 0 {
		s.remove(it)
	}
	return &e, nil
}

// QueueDepth implements [state.Queues].
func (a *Adapter) QueueDepth(ctx context.Context, threadID string) (int, error) {
	s, err := a.queueShard(ctx, threadID)
	if err != nil {
		return 0, err
	}
	return s.depth(threadID)
}

// depth returns how many entries there are.
func (s *queueShard) depth(threadID string) (int, error) {
	if err := s.lock(); err != nil {
		return 0, err
	}
	defer s.unlock()
	if it := s.items[threadID]; it != nil {
		return it.value.depth(), nil
	}
	return 0, nil
}

func (a *Adapter) queueShard(ctx context.Context, threadID string) (*queueShard, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	return &a.queues[a.shard(threadID)], nil
}
