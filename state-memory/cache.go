package memorystate

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// A stored value is never changed in place, only replaced: it can be copied
// after the mutex is given back.

// Get implements [state.Cache].
func (a *Adapter) Get(ctx context.Context, key string) ([]byte, error) {
	t, err := a.cacheTable(ctx, key, 0)
	if err != nil {
		return nil, err
	}
	if err := t.lock(); err != nil {
		return nil, err
	}
	found := t.get(key, a.clock.now())
	if found == nil {
		t.unlock()
		return nil, state.ErrNotFound
	}
	value := found.value
	t.unlock()
	return bytes.Clone(value), nil
}

// Set implements [state.Cache].
func (a *Adapter) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if _, err := a.cacheTable(ctx, key, ttl); err != nil {
		return err
	}
	return a.set(key, copyOf(value), ttl)
}

// set stores the value, which nobody changes.
func (a *Adapter) set(key string, stored []byte, ttl time.Duration) error {
	t := &a.cache[a.shard(key)]
	if err := t.lock(); err != nil {
		return err
	}
	defer t.unlock()
	now := a.clock.now()
	a.put(t, t.get(key, now), key, stored, ttl, now)
	return nil
}

// has reports whether the key is there.
func (a *Adapter) has(key string) (bool, error) {
	t := &a.cache[a.shard(key)]
	if err := t.lock(); err != nil {
		return false, err
	}
	defer t.unlock()
	return t.get(key, a.clock.now()) != nil, nil
}

// SetIfNotExists implements [state.Cache].
func (a *Adapter) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	t, err := a.cacheTable(ctx, key, ttl)
	if err != nil {
		return false, err
	}
	if err := t.lock(); err != nil {
		return false, err
	}
	defer t.unlock()
	now := a.clock.now()
	found := t.get(key, now)
	if found != nil && !isOwnClaim(found.value, value) {
		return false, nil
	}
	a.put(t, found, key, copyOf(value), ttl, now)
	return true, nil
}

// Delete implements [state.Cache].
func (a *Adapter) Delete(ctx context.Context, key string) error {
	t, err := a.cacheTable(ctx, key, 0)
	if err != nil {
		return err
	}
	if err := t.lock(); err != nil {
		return err
	}
	defer t.unlock()
	if found := t.get(key, a.clock.now()); found != nil {
		t.remove(found)
	}
	return nil
}

func (a *Adapter) cacheTable(ctx context.Context, key string, ttl time.Duration) (*table[[]byte], error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := state.CheckName("key", key); err != nil {
		return nil, err
	}
	if err := state.CheckTTL("ttl", ttl); err != nil {
		return nil, err
	}
	return &a.cache[a.shard(key)], nil
}

// put stores the value in the item found, or in a new one. The mutex of the
// table is held.
func (a *Adapter) put(t *table[[]byte], found *item[[]byte], key string, stored []byte, ttl time.Duration, now moment) {
	end := never
	if ttl > 0 {
		end = now.plus(state.CeilMillis(ttl))
	}
	if found == nil {
		// The key may be a piece of a large request, which must not stay with it.
		t.add(strings.Clone(key), stored, end, now)
		return
	}
	found.value = stored
	t.setEnd(found, end, now)
}

// isOwnClaim reports whether the stored value is a claim that the caller set
// in an earlier call.
func isOwnClaim(stored, value []byte) bool {
	return state.IsClaim(value) && bytes.Equal(stored, value)
}

// copyOf is bytes.Clone, but never nil: a nil value is an empty one.
func copyOf(value []byte) []byte {
	return append(make([]byte, 0, len(value)), value...)
}
