package conformance

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

var valueMutants = []mutant{
	{"a result stands in a buffer that the next call overwrites", "Values/HeldOverLaterCalls", func(v *view) adapter {
		var mu sync.Mutex
		buffer := make([]byte, 1024)
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			value, err := v.Get(ctx, key)
			mu.Lock()
			defer mu.Unlock()
			if len(value) > len(buffer) {
				return value, err
			}
			n := copy(buffer, value)
			return buffer[:n], err
		}}
	}},
	{"the longest lifetime overflows", "Values/Largest", func(v *view) adapter {
		return &cacheMutant{view: v, set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
			if ttl > 0 {
				// Rounded up to a millisecond by an addition.
				ttl = max((ttl+time.Millisecond-1)/time.Millisecond*time.Millisecond, time.Millisecond)
			}
			if err := v.Set(ctx, key, value, ttl); err != nil || ttl > time.Millisecond {
				return err
			}
			time.Sleep(ttl)
			return nil
		}}
	}},
	{"waiting messages stand in a buffer that the next call overwrites", "Values/HeldOverLaterCalls", func(v *view) adapter {
		var mu sync.Mutex
		buffer := make([]byte, 1024)
		return &inboxMutant{
			view: v,
			waiting: func(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
				all, err := v.Waiting(ctx, threadID)
				mu.Lock()
				defer mu.Unlock()
				for i := range all {
					all[i].Message = buffer[:copy(buffer, all[i].Message)]
				}
				return all, err
			},
			threads: func(ctx context.Context, before time.Time, limit int) ([]string, error) {
				mu.Lock()
				clear(buffer)
				mu.Unlock()
				return v.WaitingThreads(ctx, before, limit)
			},
		}
	}},
	{"the longest TTL of a turn overflows", "Values/LargestOfTurns", starting(func(req *state.StartTurn) {
		if req.TTL > 0 {
			req.TTL = (req.TTL + time.Millisecond - 1) / time.Millisecond * time.Millisecond
		}
	}, asItIs)},
	{"an entry's times are kept in nanoseconds", "Values/ExtremeTimes", func(v *view) adapter {
		return &queueMutant{view: v, enqueue: func(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
			e.ExpiresAt = time.Unix(0, e.ExpiresAt.UnixNano())
			return v.Enqueue(ctx, threadID, e, maxSize)
		}}
	}},
	{"a cache key that is called like the place of a list finds it", "Names/PrefixesApart", func(v *view) adapter {
		return &cacheMutant{view: v, get: func(ctx context.Context, key string) ([]byte, error) {
			value, err := v.Get(ctx, key)
			list, ok := strings.CutPrefix(key, "lists.")
			if !ok || !errors.Is(err, state.ErrNotFound) {
				return value, err
			}
			if values, listErr := v.GetList(ctx, list); listErr == nil && len(values) > 0 {
				return values[0], nil
			}
			return value, err
		}}
	}},
	{"a value ends by the clock of the process that looks", "Shared/SkewedClock", func(v *view) adapter {
		const layout = "2006-01-02T15:04:05.000000000Z "
		now := func() time.Time { return time.Now().UTC().Add(v.ahead) }
		return &cacheMutant{
			view: v,
			set: func(ctx context.Context, key string, value []byte, ttl time.Duration) error {
				end := now().Add(state.CeilMillis(ttl)).Format(layout)
				return v.Set(ctx, key, append([]byte(end), value...), 0)
			},
			get: func(ctx context.Context, key string) ([]byte, error) {
				value, err := v.Get(ctx, key)
				if err != nil || len(value) < len(layout) {
					return value, err
				}
				if end, err := time.Parse(layout, string(value[:len(layout)])); err == nil && !now().Before(end) {
					return nil, state.ErrNotFound
				}
				return value[len(layout):], nil
			},
		}
	}},
	{"a lock lasts by the clock of the process that took it", "Shared/SkewedClock", func(v *view) adapter {
		return &lockMutant{view: v, acquire: func(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
			return v.AcquireLock(ctx, threadID, ttl+v.ahead)
		}}
	}},
}
