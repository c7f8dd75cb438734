package history

import (
	"context"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Cache returns the adapter's cache for one client, who makes one call at a time.
func (r *Recorder) Cache(client int, inner state.Cache) state.Cache {
	return &cache{r, client, inner}
}

type cache struct {
	r      *Recorder
	client int
	inner  state.Cache
}

// Get implements [state.Cache].
func (c *cache) Get(ctx context.Context, key string) (value []byte, err error) {
	c.r.record(Event{Client: c.client, Kind: Get, Thread: key}, func(e *Event) {
		value, err = c.inner.Get(ctx, key)
		e.Value, e.Err = string(value), err
	})
	return value, err
}

// Set implements [state.Cache].
func (c *cache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) (err error) {
	c.r.record(Event{Client: c.client, Kind: Set, Thread: key, Value: string(value), TTL: ttl}, func(e *Event) {
		err = c.inner.Set(ctx, key, value, ttl)
		e.Err = err
	})
	return err
}

// SetIfNotExists implements [state.Cache].
func (c *cache) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (set bool, err error) {
	c.r.record(Event{Client: c.client, Kind: SetIfNotExists, Thread: key, Value: string(value), TTL: ttl}, func(e *Event) {
		set, err = c.inner.SetIfNotExists(ctx, key, value, ttl)
		e.Done, e.Err = set, err
	})
	return set, err
}

// Delete implements [state.Cache].
func (c *cache) Delete(ctx context.Context, key string) (err error) {
	c.r.record(Event{Client: c.client, Kind: Delete, Thread: key}, func(e *Event) {
		err = c.inner.Delete(ctx, key)
		e.Err = err
	})
	return err
}

// Swaps returns the adapter's swaps for one client, who makes one call at a time.
func (r *Recorder) Swaps(client int, inner state.Swaps) state.Swaps {
	return &swaps{r, client, inner}
}

type swaps struct {
	r      *Recorder
	client int
	inner  state.Swaps
}

// CompareAndSwap implements [state.Swaps].
func (s *swaps) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (swapped bool, err error) {
	swap := Event{Client: s.client, Kind: Swap, Thread: key, Old: string(old), Absent: old == nil, Value: string(value), TTL: ttl}
	s.r.record(swap, func(e *Event) {
		swapped, err = s.inner.CompareAndSwap(ctx, key, old, value, ttl)
		e.Done, e.Err = swapped, err
	})
	return swapped, err
}
