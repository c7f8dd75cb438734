package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// queueMutant replaces methods of Queues. A nil function leaves the method.
type queueMutant struct {
	*view
	enqueue func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error)
	dequeue func(ctx context.Context, threadID string) (*state.QueueEntry, error)
	depth   func(ctx context.Context, threadID string) (int, error)
}

func (m *queueMutant) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	if m.enqueue != nil {
		return m.enqueue(ctx, threadID, e, maxSize)
	}
	return m.view.Enqueue(ctx, threadID, e, maxSize)
}

func (m *queueMutant) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	if m.dequeue != nil {
		return m.dequeue(ctx, threadID)
	}
	return m.view.Dequeue(ctx, threadID)
}

func (m *queueMutant) QueueDepth(ctx context.Context, threadID string) (int, error) {
	if m.depth != nil {
		return m.depth(ctx, threadID)
	}
	return m.view.QueueDepth(ctx, threadID)
}

// take removes an entry that was seen at one end of the queue a moment before.
func take(ctx context.Context, v *view, threadID string, newest bool) (e state.QueueEntry, was bool, err error) {
	waiting, err := v.Waiting(ctx, threadID)
	if err != nil {
		return e, false, err
	}
	if len(waiting) == 0 {
		return e, false, state.ErrQueueEmpty
	}
	w := waiting[0]
	if newest {
		w = waiting[len(waiting)-1]
	}
	pause()
	before, err := v.QueueDepth(ctx, threadID)
	if err != nil {
		return e, false, err
	}
	after, err := v.Settle(ctx, threadID, w.Receipt)
	return w.QueueEntry, after < before, err
}

var queueMutants = []mutant{
	{"a dequeue takes the newest", "Queues/Order", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, was, err := take(ctx, v, threadID, true)
			if err == nil && !was {
				return v.Dequeue(ctx, threadID)
			}
			return &e, err
		}}
	}},
	{"concurrent dequeues find the queue empty", "Queues/ConcurrentDequeues", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, was, err := take(ctx, v, threadID, false)
			if err == nil && !was {
				return nil, state.ErrQueueEmpty
			}
			return &e, err
		}}
	}},
	{"concurrent dequeues double entries", "Queues/ConcurrentDequeues", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, _, err := take(ctx, v, threadID, false)
			return &e, err
		}}
	}},
	{"concurrent dequeues lose entries", "Queues/ConcurrentDequeues", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, was, err := take(ctx, v, threadID, false)
			if err == nil && !was {
				_, _ = v.Dequeue(ctx, threadID)
			}
			return &e, err
		}}
	}},
	{"an empty queue gives a nil entry and no error", "Queues/Empty", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, err := v.Dequeue(ctx, threadID)
			if errors.Is(err, state.ErrQueueEmpty) {
				return nil, nil
			}
			return e, err
		}}
	}},
	{"a dequeue drops expired entries", "Queues/ExpiredEntry", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			for {
				e, err := v.Dequeue(ctx, threadID)
				if err != nil || time.Now().Before(e.ExpiresAt) {
					return e, err
				}
			}
		}}
	}},
	{"the depth counts what was ever queued", "Queues/Depth", func(v *view) adapter {
		return &queueMutant{view: v, depth: func(ctx context.Context, threadID string) (int, error) {
			n, err := v.QueueDepth(ctx, threadID)
			if n == 1 {
				n = 2
			}
			return n, err
		}}
	}},
	{"maxSize is ignored", "Queues/Bound", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			return v.Enqueue(ctx, threadID, e, min(maxSize, 0))
		}}
	}},
	{"a full queue drops the newest", "Queues/Bound", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if n, err := v.QueueDepth(ctx, threadID); err == nil && maxSize > 0 && n >= maxSize {
				return n, nil
			}
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"the depth is told before the trim", "Queues/Bound", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			n, _ := v.QueueDepth(ctx, threadID)
			_, err := v.Enqueue(ctx, threadID, e, maxSize)
			return n + 1, err
		}}
	}},
	{"maxSize 0 keeps nothing", "Queues/NoBound", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			n, err := v.Enqueue(ctx, threadID, e, maxSize)
			if err == nil && maxSize == 0 {
				for err == nil {
					_, err = v.Dequeue(ctx, threadID)
				}
				return 0, nil
			}
			return n, err
		}}
	}},
	{"a huge maxSize overflows", "Queues/NoBound", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			return v.Enqueue(ctx, threadID, e, int(int32(maxSize))) //nolint:gosec // the planted fault
		}}
	}},
	{"a smaller maxSize drops one entry at most", "Queues/BoundOfThisCall", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if n, err := v.QueueDepth(ctx, threadID); err == nil && maxSize > 0 {
				maxSize = max(maxSize, n)
			}
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"the depth is read after the step", "Queues/ConcurrentEnqueues", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if _, err := v.Enqueue(ctx, threadID, e, maxSize); err != nil {
				return 0, err
			}
			pause()
			return v.QueueDepth(ctx, threadID)
		}}
	}},
	{"a queue's bound is applied after the push", "Queues/ConcurrentBound", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			n, err := v.Enqueue(ctx, threadID, e, min(maxSize, 0))
			if err != nil || maxSize == 0 {
				return n, err
			}
			pause()
			for n > maxSize {
				if _, err := v.Dequeue(ctx, threadID); err != nil {
					break
				}
				n--
			}
			return n, nil
		}}
	}},
	{"enqueues overtake each other", "Queues/OrderUnderConcurrency", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if strings.HasSuffix(string(e.Message), ",7]") { // one of a producer's comes late
				time.AfterFunc(time.Millisecond, func() { _, _ = v.backend.Enqueue(context.Background(), threadID, e, maxSize) })
				return v.QueueDepth(ctx, threadID)
			}
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"a message is escaped for HTML", "Queues/ExactMessage", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if b, err := json.Marshal(e.Message); err == nil {
				e.Message = b
			}
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"a message goes through Go values", "Queues/ExactMessage", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, err := v.Dequeue(ctx, threadID)
			if err != nil {
				return nil, err
			}
			var value any
			if err := json.Unmarshal(e.Message, &value); err != nil {
				return nil, err
			}
			e.Message, err = json.Marshal(value)
			return e, err
		}}
	}},
	{"times are kept in seconds", "Queues/EntryTimes", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			e.EnqueuedAt = e.EnqueuedAt.Truncate(time.Second)
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"the adapter's clock replaces EnqueuedAt", "Queues/EntryTimes", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			e.EnqueuedAt = time.Now()
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"large messages are cut", "Queues/LargeMessage", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if len(e.Message) > 1<<20 {
				e.Message = []byte(`"too large"`)
			}
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"Enqueue keeps the caller's slice", "Values/QueueKeepsNoReference", func(v *view) adapter {
		var kept memo[json.RawMessage]
		return &queueMutant{
			view: v,
			enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
				kept.put(threadID, e.Message)
				return v.Enqueue(ctx, threadID, e, maxSize)
			},
			dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
				e, err := v.Dequeue(ctx, threadID)
				if alias, ok := kept.get(threadID); ok && err == nil && len(alias) == len(e.Message) {
					e.Message = alias
				}
				return e, err
			},
		}
	}},
}
