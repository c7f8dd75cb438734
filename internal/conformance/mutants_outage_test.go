package conformance

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// waiting plants another way to wait for a silent backend.
func waiting(wait func(ctx context.Context, v *view, ends <-chan struct{}) error) func(v *view) adapter {
	return func(v *view) adapter {
		v.wait = wait
		return v
	}
}

var outageMutants = []mutant{
	{"a deadline is ignored during an outage", "Outage/Deadline", waiting(func(ctx context.Context, v *view, ends <-chan struct{}) error {
		return waitAsItShould(context.WithoutCancel(ctx), v, ends)
	})},
	{"only deadlines end a call during an outage", "Outage/Cancel", waiting(func(ctx context.Context, v *view, ends <-chan struct{}) error {
		limit, has := ctx.Deadline()
		if !has {
			limit = time.Now().Add(v.patience)
		}
		inner, cancel := context.WithDeadline(context.WithoutCancel(ctx), limit)
		defer cancel()
		return waitAsItShould(inner, v, ends)
	})},
	{"a call without deadline waits for ever", "Outage/NoDeadline", waiting(func(ctx context.Context, v *view, ends <-chan struct{}) error {
		select {
		case <-ends:
			return nil
		case <-v.closed:
			return state.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	})},
	{"an outage is the client's own error", "Outage/Unavailable", waiting(func(ctx context.Context, v *view, ends <-chan struct{}) error {
		if err := waitAsItShould(ctx, v, ends); !errors.Is(err, state.ErrUnavailable) {
			return err
		}
		return errors.New("read tcp: i/o timeout")
	})},
	{"Close waits for calls that hang", "Outage/Close", func(v *view) adapter {
		return &closeMutant{view: v, close: func(ctx context.Context) error {
			if ends := v.backend.silenceEnds(); ends != nil {
				select {
				case <-ends:
				case <-time.After(v.patience):
				}
			}
			return v.Close(ctx)
		}}
	}},
	{"a deadline is looked at when the patience is over", "Outage/Deadline", waiting(func(ctx context.Context, v *view, ends <-chan struct{}) error {
		if err := waitAsItShould(context.WithoutCancel(ctx), v, ends); ctx.Err() == nil {
			return err
		}
		return ctx.Err()
	})},
	{"a cancelled call waits out its patience", "Outage/Cancel", waiting(func(ctx context.Context, v *view, ends <-chan struct{}) error {
		if err := waitAsItShould(context.WithoutCancel(ctx), v, ends); ctx.Err() == nil {
			return err
		}
		return ctx.Err()
	})},
	{"calls that hang outlast Close", "Outage/Close", waiting(func(ctx context.Context, v *view, ends <-chan struct{}) error {
		select {
		case <-ends:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(v.patience):
			return state.ErrUnavailable
		}
	})},
	{"a failure to connect is remembered", "Outage/Connect", func(v *view) adapter {
		var failed memo[error]
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			if err, ok := failed.get(""); ok {
				return err
			}
			err := v.Connect(ctx)
			if errors.Is(err, state.ErrUnavailable) {
				failed.put("", err)
			}
			return err
		}}
	}},
	{"Connect does not reach for the backend", "Outage/Connect", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			v.phase.CompareAndSwap(0, 1)
			return v.reached()
		}}
	}},
	{"a failure to connect is the client's own error", "Outage/Connect", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			err := v.Connect(ctx)
			if errors.Is(err, state.ErrUnavailable) {
				return errors.New("dial tcp: i/o timeout")
			}
			return err
		}}
	}},
	{"Connect waits out its patience", "Outage/ConnectDeadline", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			err := v.Connect(context.WithoutCancel(ctx))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}}
	}},
	{"an attempt to connect ends with the caller that began it", "Outage/ConnectGivesUp", func(v *view) adapter {
		return &connectMutant{view: v, connect: func(ctx context.Context) error {
			v.mu.Lock()
			t := v.attempt
			if t == nil && v.phase.Load() == 0 {
				t = &attempt{done: make(chan struct{})}
				v.attempt = t
				go v.try(ctx, t)
			}
			v.mu.Unlock()
			if t == nil {
				return v.Connect(ctx)
			}
			<-t.done
			return t.err
		}}
	}},
	{"an outage breaks the adapter for good", "Outage/Recovers", func(v *view) adapter {
		var broken atomic.Bool
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			if broken.Load() {
				return nil, state.ErrUnavailable
			}
			value, err := v.Get(ctx, key)
			broken.CompareAndSwap(false, errors.Is(err, state.ErrUnavailable))
			return value, err
		}}
	}},
}

var corruptMutants = []mutant{
	{"a damaged entry blocks the queue", "Corrupt/Dequeue", func(v *view) adapter {
		var stuck memo[error]
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			if err, ok := stuck.get(threadID); ok {
				return nil, err
			}
			e, err := v.Dequeue(ctx, threadID)
			if errors.Is(err, state.ErrCorrupt) {
				stuck.put(threadID, err)
			}
			return e, err
		}}
	}},
	{"a damaged entry is passed over", "Corrupt/Dequeue", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			for {
				if e, err := v.Dequeue(ctx, threadID); !errors.Is(err, state.ErrCorrupt) {
					return e, err
				}
			}
		}}
	}},
	{"a damaged entry is the decoder's own error", "Corrupt/Dequeue", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, err := v.Dequeue(ctx, threadID)
			if errors.Is(err, state.ErrCorrupt) {
				err = errors.New("invalid character 'g' looking for beginning of value")
			}
			return e, err
		}}
	}},
	{"the bytes of a damaged entry are lost", "Corrupt/Dequeue", func(v *view) adapter {
		return &queueMutant{view: v, dequeue: func(ctx context.Context, threadID string) (*state.QueueEntry, error) {
			e, err := v.Dequeue(ctx, threadID)
			if errors.Is(err, state.ErrCorrupt) {
				err = state.ErrCorrupt
			}
			return e, err
		}}
	}},
	{"a damaged entry fails all of Waiting", "Corrupt/Waiting", func(v *view) adapter {
		return &inboxMutant{view: v, waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
			all, err := v.Waiting(ctx, threadID)
			for _, w := range all {
				if w.Err != nil {
					return nil, w.Err
				}
			}
			return all, err
		}}
	}},
	{"damaged entries do not wait", "Corrupt/Waiting", func(v *view) adapter {
		return &inboxMutant{view: v, waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
			all, err := v.Waiting(ctx, threadID)
			return slices.DeleteFunc(all, func(w state.WaitingEntry) bool { return w.Err != nil }), err
		}}
	}},
	{"a damaged entry cannot be settled", "Corrupt/Waiting", func(v *view) adapter {
		return &inboxMutant{view: v, waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
			all, err := v.Waiting(ctx, threadID)
			for i := range all {
				if all[i].Err != nil {
					all[i].Receipt = ""
				}
			}
			return all, err
		}}
	}},
}
