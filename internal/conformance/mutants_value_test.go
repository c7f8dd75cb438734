package conformance

import (
	"context"
	"sync"
	"time"
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
}
