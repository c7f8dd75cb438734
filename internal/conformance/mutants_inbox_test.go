package conformance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// inboxMutant replaces methods of Inbox. A nil function leaves the method.
type inboxMutant struct {
	*view
	accept  func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error)
	waiting func(ctx context.Context, threadID string) ([]state.WaitingEntry, error)
	settle  func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error)
	threads func(ctx context.Context, before time.Time, limit int) ([]string, error)
	extend  func(ctx context.Context, threadID string, ttl time.Duration) error
}

func (m *inboxMutant) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	if m.extend != nil {
		return m.extend(ctx, threadID, ttl)
	}
	return m.view.ExtendQueue(ctx, threadID, ttl)
}

func (m *inboxMutant) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	if m.accept != nil {
		return m.accept(ctx, threadID, e, maxSize)
	}
	return m.view.Accept(ctx, threadID, e, maxSize)
}

func (m *inboxMutant) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	if m.waiting != nil {
		return m.waiting(ctx, threadID)
	}
	return m.view.Waiting(ctx, threadID)
}

func (m *inboxMutant) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	if m.settle != nil {
		return m.settle(ctx, threadID, receipts...)
	}
	return m.view.Settle(ctx, threadID, receipts...)
}

func (m *inboxMutant) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	if m.threads != nil {
		return m.threads(ctx, before, limit)
	}
	return m.view.WaitingThreads(ctx, before, limit)
}

// settleMore settles what the receipts name and what more adds to it.
func settleMore(v *view, more func(settled, other state.WaitingEntry, before bool) bool) adapter {
	return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
		all, err := v.Waiting(ctx, threadID)
		if err != nil {
			return 0, err
		}
		var extra []state.Receipt
		for i, w := range all {
			if !slices.Contains(receipts, w.Receipt) {
				continue
			}
			for j, other := range all {
				if j != i && more(w, other, j < i) {
					extra = append(extra, other.Receipt)
				}
			}
		}
		return v.Settle(ctx, threadID, append(extra, receipts...)...)
	}}
}

// withMarks keeps the marks outside the backend, under rules of the mutant's own.
func withMarks(v *view, marks *memo[time.Time], settle func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error)) adapter {
	return &inboxMutant{
		view:   v,
		settle: settle,
		accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			n, err := v.Accept(ctx, threadID, e, maxSize)
			if err == nil {
				marks.put(threadID, time.Now())
			}
			return n, err
		},
		threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			all, err := v.WaitingThreads(ctx, before, limit)
			return slices.DeleteFunc(all, func(threadID string) bool { _, ok := marks.get(threadID); return !ok }), err
		},
	}
}

var inboxMutants = []mutant{
	{"accepted entries stay in the process", "Persistent/Inbox", func(v *view) adapter {
		own, err := memorystate.New(memorystate.Config{})
		if err != nil {
			panic(err)
		}
		_ = own.Connect(context.Background())
		private := newView(&backend{Adapter: own})
		private.phase.Store(1)
		return &localInbox{view: v, private: private}
	}},
	{"waiting entries are removed by looking", "Inbox/WaitingRemovesNothing", func(v *view) adapter {
		return &inboxMutant{view: v, waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
			all, err := v.Waiting(ctx, threadID)
			for _, w := range all {
				_, _ = v.Settle(ctx, threadID, w.Receipt)
			}
			return all, err
		}}
	}},
	{"waiting entries come without their times", "Inbox/WaitingEntries", func(v *view) adapter {
		return &inboxMutant{view: v, waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
			all, err := v.Waiting(ctx, threadID)
			for i := range all {
				all[i].EnqueuedAt, all[i].ExpiresAt = time.Time{}, time.Time{}
			}
			return all, err
		}}
	}},
	{"extending does nothing", "Inbox/ExtendQueue", func(v *view) adapter {
		return &inboxMutant{view: v, extend: func(context.Context, string, time.Duration) error { return nil }}
	}},
	{"extending shortens", "Inbox/ExtendQueueShortensNothing", func(v *view) adapter {
		return &inboxMutant{view: v, extend: func(ctx context.Context, threadID string, ttl time.Duration) error {
			time.AfterFunc(ttl, func() {
				for _, err := v.Dequeue(ctx, threadID); err == nil; _, err = v.Dequeue(ctx, threadID) {
				}
			})
			return nil
		}}
	}},
	{"extending creates", "Inbox/ExtendQueueShortensNothing", func(v *view) adapter {
		return &inboxMutant{view: v, extend: func(ctx context.Context, threadID string, _ time.Duration) error {
			if waiting, err := v.Waiting(ctx, threadID); err != nil || len(waiting) > 0 {
				return err
			}
			_, err := v.Accept(ctx, threadID, state.QueueEntry{Message: []byte("1")}, 0)
			return err
		}}
	}},
	{"waiting entries come newest first", "Inbox/Accept", func(v *view) adapter {
		return &inboxMutant{view: v, waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
			all, err := v.Waiting(ctx, threadID)
			slices.Reverse(all)
			return all, err
		}}
	}},
	{"only ten waiting entries are shown", "Inbox/ConcurrentAccepts", func(v *view) adapter {
		return &inboxMutant{view: v, waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
			all, err := v.Waiting(ctx, threadID)
			return all[:min(len(all), 10)], err
		}}
	}},
	{"Accept ignores maxSize", "Inbox/AcceptBound", func(v *view) adapter {
		return &inboxMutant{view: v, accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			return v.Accept(ctx, threadID, e, min(maxSize, 0))
		}}
	}},
	{"settle removes what stands before, too", "Inbox/SettleExactly", func(v *view) adapter {
		return settleMore(v, func(_, _ state.WaitingEntry, before bool) bool { return before })
	}},
	{"settle removes all equal entries", "Inbox/SettleEqualEntries", func(v *view) adapter {
		return settleMore(v, func(settled, other state.WaitingEntry, _ bool) bool {
			return string(settled.Message) == string(other.Message)
		})
	}},
	{"settle removes as many from the head", "Inbox/SettleExactly", func(v *view) adapter {
		return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			for range receipts {
				if _, err := v.Dequeue(ctx, threadID); err != nil && !errors.Is(err, state.ErrQueueEmpty) {
					return 0, err
				}
			}
			return v.Settle(ctx, threadID)
		}}
	}},
	{"a receipt is a place in the queue", "Inbox/SettleWhereItStands", func(v *view) adapter {
		return &inboxMutant{
			view: v,
			waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
				all, err := v.Waiting(ctx, threadID)
				for i := range all {
					all[i].Receipt = state.Receipt(rune('a' + i))
				}
				return all, err
			},
			settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
				all, err := v.Waiting(ctx, threadID)
				if err != nil {
					return 0, err
				}
				var real []state.Receipt
				for _, r := range receipts {
					for i := range all {
						if r == state.Receipt(rune('a'+i)) {
							real = append(real, all[i].Receipt)
						}
					}
				}
				return v.Settle(ctx, threadID, real...)
			},
		}
	}},
	{"settle of the first receipt only", "Inbox/SettleExactly", func(v *view) adapter {
		return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			return v.Settle(ctx, threadID, receipts[:min(len(receipts), 1)]...)
		}}
	}},
	{"settle without receipts settles everything", "Inbox/SettleNothing", func(v *view) adapter {
		return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			if len(receipts) == 0 {
				all, err := v.Waiting(ctx, threadID)
				if err != nil {
					return 0, err
				}
				for _, w := range all {
					receipts = append(receipts, w.Receipt)
				}
			}
			return v.Settle(ctx, threadID, receipts...)
		}}
	}},
	{"a receipt whose entry is gone is an error", "Inbox/SettleGone", func(v *view) adapter {
		return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			before, err := v.QueueDepth(ctx, threadID)
			if err != nil {
				return 0, err
			}
			after, err := v.Settle(ctx, threadID, receipts...)
			if err == nil && before > 0 && before-after < len(receipts) {
				return after, state.ErrNotFound
			}
			return after, err
		}}
	}},
	{"settle counts what was there before", "Inbox/SettleExactly", func(v *view) adapter {
		return &inboxMutant{view: v, settle: func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			before, err := v.QueueDepth(ctx, threadID)
			if err != nil {
				return 0, err
			}
			_, err = v.Settle(ctx, threadID, receipts...)
			return before, err
		}}
	}},
	{"Accept leaves no mark", "Marks/SinceAccept", func(v *view) adapter {
		return &inboxMutant{view: v, accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"the first mark is the last", "Marks/LastMark", func(v *view) adapter {
		return &inboxMutant{view: v, accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			if n, err := v.QueueDepth(ctx, threadID); err == nil && n > 0 {
				return v.Enqueue(ctx, threadID, e, maxSize)
			}
			return v.Accept(ctx, threadID, e, maxSize)
		}}
	}},
	{"any settle removes the mark", "Marks/StayWhileEntriesWait", func(v *view) adapter {
		var marks memo[time.Time]
		return withMarks(v, &marks, func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			left, err := v.Settle(ctx, threadID, receipts...)
			marks.drop(threadID)
			return left, err
		})
	}},
	{"a mark is removed although an entry came meanwhile", "Marks/AcceptDuringSettle", func(v *view) adapter {
		var marks memo[time.Time]
		return withMarks(v, &marks, func(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
			left, err := v.Settle(ctx, threadID, receipts...)
			if err == nil && left == 0 {
				time.Sleep(100 * time.Microsecond)
				marks.drop(threadID)
			}
			return left, err
		})
	}},
	{"marks stay for ever", "Marks/GoneWhenSettled", func(v *view) adapter {
		var marked memo[bool]
		return &inboxMutant{
			view: v,
			accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
				marked.put(threadID, true)
				return v.Accept(ctx, threadID, e, maxSize)
			},
			threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
				all, err := v.WaitingThreads(ctx, before, limit)
				if _, ok := marked.get("thread"); ok && err == nil && !slices.Contains(all, "thread") {
					all = append(all, "thread")
				}
				return all, err
			},
		}
	}},
	{"WaitingThreads lists what was marked later", "Marks/Before", func(v *view) adapter {
		return &inboxMutant{view: v, threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			return v.WaitingThreads(ctx, before.Add(time.Hour), limit)
		}}
	}},
	{"WaitingThreads lists the latest first", "Marks/LongestFirst", func(v *view) adapter {
		return &inboxMutant{view: v, threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			all, err := v.WaitingThreads(ctx, before, limit)
			slices.Reverse(all)
			return all, err
		}}
	}},
	{"the limit of WaitingThreads is ignored", "Marks/Limit", func(v *view) adapter {
		return &inboxMutant{view: v, threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			return v.WaitingThreads(ctx, before, min(limit, 0))
		}}
	}},
	{"limit 0 of WaitingThreads lists a hundred", "Marks/NoLimit", func(v *view) adapter {
		return &inboxMutant{view: v, threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
			if limit == 0 {
				limit = 100
			}
			return v.WaitingThreads(ctx, before, limit)
		}}
	}},
	{"Accept keeps the caller's slice", "Values/InboxKeepsNoReference", func(v *view) adapter {
		var kept memo[[]byte]
		return &inboxMutant{
			view: v,
			accept: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
				kept.put(threadID, e.Message)
				return v.Accept(ctx, threadID, e, maxSize)
			},
			waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
				all, err := v.Waiting(ctx, threadID)
				if alias, ok := kept.get(threadID); ok && len(all) == 1 {
					all[0].Message = slices.Clone(alias)
				}
				return all, err
			},
		}
	}},
}

// localInbox keeps queues and marks in the adapter itself.
type localInbox struct {
	*view
	private *view
}

func (m *localInbox) queues() *view {
	if m.phase.Load() != 1 {
		return m.view // for its errors
	}
	return m.private
}

func (m *localInbox) Close(ctx context.Context) error {
	_ = m.private.backend.Close(ctx)
	return m.view.Close(ctx)
}

func (m *localInbox) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	return m.queues().Enqueue(ctx, threadID, e, maxSize)
}

func (m *localInbox) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	return m.queues().Dequeue(ctx, threadID)
}

func (m *localInbox) QueueDepth(ctx context.Context, threadID string) (int, error) {
	return m.queues().QueueDepth(ctx, threadID)
}

func (m *localInbox) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	return m.queues().Accept(ctx, threadID, e, maxSize)
}

func (m *localInbox) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	return m.queues().Waiting(ctx, threadID)
}

func (m *localInbox) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	return m.queues().Settle(ctx, threadID, receipts...)
}

func (m *localInbox) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	return m.queues().WaitingThreads(ctx, before, limit)
}

func (m *localInbox) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	return m.queues().ExtendQueue(ctx, threadID, ttl)
}
