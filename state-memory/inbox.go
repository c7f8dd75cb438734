package memorystate

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// mark says that a thread is waiting since a moment.
type mark struct {
	at         time.Time // zero if the thread is not marked
	prev, next *thread
}

// markList links the marked threads of a shard, longest waiting first.
type markList struct{ first, last *thread }

// add marks the thread as waiting since now, or since the last mark if that is later, as
// somebody has looked at the clock later and come first.
func (l *markList) add(t *thread, now time.Time) {
	l.remove(t)
	m := &t.mark
	m.at, m.prev = now, l.last
	if l.last == nil {
		l.first = t
	} else {
		before := &l.last.mark
		before.next = t
		if before.at.After(now) {
			m.at = before.at
		}
	}
	l.last = t
}

func (l *markList) remove(t *thread) {
	m := &t.mark
	if m.at.IsZero() {
		return
	}
	if m.prev == nil {
		l.first = m.next
	} else {
		m.prev.mark.next = m.next
	}
	if m.next == nil {
		l.last = m.prev
	} else {
		m.next.mark.prev = m.prev
	}
	*m = mark{}
}

// Accept implements [state.Inbox].
func (a *Adapter) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
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
	s.accept(t, stored, maxSize, time.Now())
	return t.queue.depth(), nil
}

// accept pushes the entry and marks the thread. The mutex is held.
func (s *threadShard) accept(t *thread, e entry, maxSize int, now time.Time) {
	s.push(t, e, maxSize, now)
	s.marks.add(t, now)
}

// Waiting implements [state.Inbox].
func (a *Adapter) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	s, err := a.threadShard(ctx, threadID)
	if err != nil {
		return nil, err
	}
	if err := s.lock(); err != nil {
		return nil, err
	}
	t := s.threads[threadID]
	if t.depth() == 0 {
		s.unlock()
		return nil, nil
	}
	waiting := t.queue.waiting()
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
	s, err := a.threadShard(ctx, threadID)
	if err != nil {
		return 0, err
	}
	if err := s.lock(); err != nil {
		return 0, err
	}
	defer s.unlock()
	t := s.threads[threadID]
	if t == nil {
		return 0, nil
	}
	s.settle(t, receipts)
	depth := t.queue.depth()
	s.forget(t)
	return depth, nil
}

// settle removes the entries that have one of the receipts. The mutex is held, and forget
// follows.
func (s *threadShard) settle(t *thread, receipts []state.Receipt) {
	for _, r := range receipts {
		if t.queue.depth() == 0 {
			break
		}
		if number, err := strconv.ParseUint(string(r), 36, 64); err == nil {
			t.queue.settle(number)
		}
	}
	if t.queue.depth() == 0 {
		s.dropQueue(t)
	}
}

func receipt(number uint64) state.Receipt {
	return state.Receipt(strconv.FormatUint(number, 36))
}

// ExtendQueue implements [state.Inbox].
func (a *Adapter) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	s, err := a.threadShard(ctx, threadID)
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
	if t := s.threads[threadID]; t.depth() > 0 {
		at := s.clock.now()
		t.queueEnd = max(t.queueEnd, at.plus(ttl))
		s.setDue(t, at)
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
	for i := range a.threads {
		s := &a.threads[i]
		if err := s.lock(); err != nil {
			return nil, err
		}
		n := 0
		for t := s.marks.first; t != nil && t.mark.at.Before(before) && (limit == 0 || n < limit); t = t.mark.next {
			all = append(all, found{t.name, t.mark.at})
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
