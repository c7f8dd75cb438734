package memorystate

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// mark says that a thread is waiting since a moment.
type mark struct {
	at         time.Time // zero if the thread is not marked
	prev, next *item[queue]
}

// markList links the marked queues of a shard, longest waiting first.
type markList struct{ first, last *item[queue] }

// add marks the queue as waiting since now, which is not before any other mark.
func (l *markList) add(it *item[queue], now time.Time) {
	l.remove(it)
	m := &it.value.mark
	m.at, m.prev = now, l.last
	if l.last == nil {
		l.first = it
	} else {
		l.last.value.mark.next = it
	}
	l.last = it
}

func (l *markList) remove(it *item[queue]) {
	m := &it.value.mark
	if m.at.IsZero() {
		return
	}
	if m.prev == nil {
		l.first = m.next
	} else {
		m.prev.value.mark.next = m.next
	}
	if m.next == nil {
		l.last = m.prev
	} else {
		m.next.value.mark.prev = m.prev
	}
	*m = mark{}
}

// Accept implements [state.Inbox].
func (a *Adapter) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
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
	return s.accept(threadID, stored, maxSize, time.Now()).depth(), nil
}

// accept pushes the entry and marks the thread. The mutex is held.
func (s *queueShard) accept(threadID string, e entry, maxSize int, now time.Time) *queue {
	it := s.push(threadID, e, maxSize, now)
	s.marks.add(it, now)
	return &it.value
}

// Waiting implements [state.Inbox].
func (a *Adapter) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	s, err := a.queueShard(ctx, threadID)
	if err != nil {
		return nil, err
	}
	if err := s.lock(); err != nil {
		return nil, err
	}
	it := s.items[threadID]
	if it == nil {
		s.unlock()
		return nil, nil
	}
	waiting := it.value.waiting()
	s.unlock()
	for i := range waiting {
		waiting[i].Message = bytes.Clone(waiting[i].Message)
	}
	return waiting, nil
}

// waiting returns the entries with the stored messages themselves. The mutex is held.
func (q *queue) waiting() []state.WaitingEntry {
	all := make([]state.WaitingEntry, 0, q.depth())
	for _, e := range q.entries.all() {
		if !e.settled() {
			all = append(all, state.WaitingEntry{QueueEntry: e.decode(), Receipt: receipt(e.number)})
		}
	}
	return all
}

// Settle implements [state.Inbox].
func (a *Adapter) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	s, err := a.queueShard(ctx, threadID)
	if err != nil {
		return 0, err
	}
	return s.settle(threadID, receipts)
}

// settle removes the entries and returns how many are left.
func (s *queueShard) settle(threadID string, receipts []state.Receipt) (int, error) {
	if err := s.lock(); err != nil {
		return 0, err
	}
	defer s.unlock()
	it := s.items[threadID]
	if it == nil {
		return 0, nil
	}
	q := &it.value
	for _, r := range receipts {
		if q.depth() == 0 {
			break
		}
		if number, err := strconv.ParseUint(string(r), 36, 64); err == nil {
			q.settle(number)
		}
	}
	if q.depth() == 0 {
		s.remove(it)
	}
	return q.depth(), nil
}

func receipt(number uint64) state.Receipt {
	return state.Receipt(strconv.FormatUint(number, 36))
}

// ExtendQueue implements [state.Inbox].
func (a *Adapter) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	s, err := a.queueShard(ctx, threadID)
	if err != nil {
		return err
	}
	if err := state.CheckLockTTL("ttl", ttl); err != nil {
		return err
	}
	if err := s.lock(); err != nil {
		return err
	}
	defer s.unlock()
	if it := s.items[threadID]; it != nil {
		at := s.clock.moment(time.Now())
		if end := at.plus(ttl); end > it.end {
			s.setEnd(it, end, at)
		}
	}
	return nil
}

// WaitingThreads implements [state.Inbox].
func (a *Adapter) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckSize("limit", limit); err != nil {
		return nil, err
	}
	type found struct {
		thread string
		at     time.Time
	}
	var all []found
	for i := range a.queues {
		s := &a.queues[i]
		if err := s.lock(); err != nil {
			return nil, err
		}
		n := 0
		for it := s.marks.first; it != nil && it.value.mark.at.Before(before) && (limit == 0 || n < limit); it = it.value.mark.next {
			all = append(all, found{it.name, it.value.mark.at})
			n++
		}
		s.unlock()
	}
	slices.SortStableFunc(all, func(x, y found) int { return x.at.Compare(y.at) })
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	threads := make([]string, len(all))
	for i, f := range all {
		threads[i] = f.thread
	}
	return threads, nil
}
