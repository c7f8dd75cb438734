package history

import (
	"context"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Recorder collects events. It is safe for concurrent use.
type Recorder struct {
	start time.Time

	mu     sync.Mutex
	events []Event
	// messages are those of the receipts that were seen.
	messages map[state.Receipt]string
}

// NewRecorder returns a recorder without events.
func NewRecorder() *Recorder {
	return &Recorder{start: time.Now(), messages: map[state.Receipt]string{}}
}

// Events returns what was recorded so far, in the order in which the calls
// returned.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Event(nil), r.events...)
}

// record times the call, which fills in what the event does not yet hold.
func (r *Recorder) record(e Event, call func(e *Event)) {
	e.Call = time.Since(r.start)
	call(&e)
	e.Return = time.Since(r.start)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// Locks returns the adapter's locks for one client, who makes one call at a
// time.
func (r *Recorder) Locks(client int, inner state.Locks) state.Locks {
	return &locks{r, client, inner}
}

type locks struct {
	r      *Recorder
	client int
	inner  state.Locks
}

// AcquireLock implements [state.Locks].
func (l *locks) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (lock *state.Lock, err error) {
	l.r.record(Event{Client: l.client, Kind: Acquire, Thread: threadID, TTL: ttl}, func(e *Event) {
		lock, err = l.inner.AcquireLock(ctx, threadID, ttl)
		if e.Err = err; lock != nil {
			e.Token = lock.Token
		}
	})
	return lock, err
}

// ExtendLock implements [state.Locks].
func (l *locks) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) (err error) {
	l.r.record(Event{Client: l.client, Kind: Extend, Thread: lock.ThreadID, Token: lock.Token, TTL: ttl}, func(e *Event) {
		err = l.inner.ExtendLock(ctx, lock, ttl)
		e.Err = err
	})
	return err
}

// ReleaseLock implements [state.Locks].
func (l *locks) ReleaseLock(ctx context.Context, lock *state.Lock) (err error) {
	l.r.record(Event{Client: l.client, Kind: Release, Thread: lock.ThreadID, Token: lock.Token}, func(e *Event) {
		err = l.inner.ReleaseLock(ctx, lock)
		e.Err = err
	})
	return err
}

// ForceReleaseLock implements [state.Locks].
func (l *locks) ForceReleaseLock(ctx context.Context, threadID string) (err error) {
	l.r.record(Event{Client: l.client, Kind: ForceRelease, Thread: threadID}, func(e *Event) {
		err = l.inner.ForceReleaseLock(ctx, threadID)
		e.Err = err
	})
	return err
}

// Queues returns the adapter's queues for one client, who makes one call at a
// time.
func (r *Recorder) Queues(client int, inner state.Queues) state.Queues {
	return &queues{r, client, inner}
}

type queues struct {
	r      *Recorder
	client int
	inner  state.Queues
}

// Enqueue implements [state.Queues].
func (q *queues) Enqueue(ctx context.Context, threadID string, entry state.QueueEntry, maxSize int) (depth int, err error) {
	q.r.record(Event{Client: q.client, Kind: Enqueue, Thread: threadID, Messages: []string{string(entry.Message)}, MaxSize: maxSize}, func(e *Event) {
		depth, err = q.inner.Enqueue(ctx, threadID, entry, maxSize)
		e.Depth, e.Err = depth, err
	})
	return depth, err
}

// Dequeue implements [state.Queues].
func (q *queues) Dequeue(ctx context.Context, threadID string) (entry *state.QueueEntry, err error) {
	q.r.record(Event{Client: q.client, Kind: Dequeue, Thread: threadID}, func(e *Event) {
		entry, err = q.inner.Dequeue(ctx, threadID)
		if e.Err = err; entry != nil {
			e.Messages = []string{string(entry.Message)}
		}
	})
	return entry, err
}

// QueueDepth implements [state.Queues].
func (q *queues) QueueDepth(ctx context.Context, threadID string) (depth int, err error) {
	q.r.record(Event{Client: q.client, Kind: Depth, Thread: threadID}, func(e *Event) {
		depth, err = q.inner.QueueDepth(ctx, threadID)
		e.Depth, e.Err = depth, err
	})
	return depth, err
}

// Inbox returns the adapter's inbox for one client, who makes one call at a
// time. WaitingThreads is passed on and not recorded.
func (r *Recorder) Inbox(client int, inner state.Inbox) state.Inbox {
	return &inbox{inner, r, client}
}

type inbox struct {
	state.Inbox
	r      *Recorder
	client int
}

// Accept implements [state.Inbox].
func (i *inbox) Accept(ctx context.Context, threadID string, entry state.QueueEntry, maxSize int) (depth int, err error) {
	i.r.record(Event{Client: i.client, Kind: Accept, Thread: threadID, Messages: []string{string(entry.Message)}, MaxSize: maxSize}, func(e *Event) {
		depth, err = i.Inbox.Accept(ctx, threadID, entry, maxSize)
		e.Depth, e.Err = depth, err
	})
	return depth, err
}

// Waiting implements [state.Inbox].
func (i *inbox) Waiting(ctx context.Context, threadID string) (all []state.WaitingEntry, err error) {
	i.r.record(Event{Client: i.client, Kind: Waiting, Thread: threadID}, func(e *Event) {
		all, err = i.Inbox.Waiting(ctx, threadID)
		e.Err = err
		i.r.mu.Lock()
		defer i.r.mu.Unlock()
		for _, w := range all {
			e.Messages = append(e.Messages, string(w.Message))
			i.r.messages[w.Receipt] = string(w.Message)
		}
	})
	return all, err
}

// Settle implements [state.Inbox].
func (i *inbox) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (left int, err error) {
	settled := Event{Client: i.client, Kind: Settle, Thread: threadID}
	i.r.mu.Lock()
	for _, receipt := range receipts {
		if m, ok := i.r.messages[receipt]; ok {
			settled.Messages = append(settled.Messages, m)
		}
	}
	i.r.mu.Unlock()
	i.r.record(settled, func(e *Event) {
		left, err = i.Inbox.Settle(ctx, threadID, receipts...)
		e.Depth, e.Err = left, err
	})
	return left, err
}
