package memorystate

import (
	"bytes"
	"context"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Get implements [state.Cache].
func (a *Adapter) Get(ctx context.Context, key string) ([]byte, error) {
	p, err := a.cachePlace(ctx, key, 0)
	if err != nil {
		return nil, err
	}
	if err := p.in.lock(); err != nil {
		return nil, err
	}
	defer p.in.unlock()
	found := p.find(a.clock.now())
	if found == 0 {
		return nil, state.ErrNotFound
	}
	return bytes.Clone(p.in.value(found)), nil
}

// Set implements [state.Cache].
func (a *Adapter) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	p, err := a.cachePlace(ctx, key, ttl)
	if err != nil {
		return err
	}
	return p.set(value, ttl, a.clock.now())
}

// set stores the value.
func (p place) set(value []byte, ttl time.Duration, now moment) error {
	if err := p.in.lock(); err != nil {
		return err
	}
	defer p.in.unlock()
	p.put(p.find(now), value, ttl, now)
	return nil
}

// has reports whether the key is there.
func (p place) has(now moment) (bool, error) {
	if err := p.in.lock(); err != nil {
		return false, err
	}
	defer p.in.unlock()
	return p.find(now) != 0, nil
}

// SetIfNotExists implements [state.Cache].
func (a *Adapter) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	p, err := a.cachePlace(ctx, key, ttl)
	if err != nil {
		return false, err
	}
	if err := p.in.lock(); err != nil {
		return false, err
	}
	defer p.in.unlock()
	now := a.clock.now()
	found := p.find(now)
	if found != 0 && !isOwnClaim(p.in.value(found), value) {
		return false, nil
	}
	p.put(found, value, ttl, now)
	return true, nil
}

// Delete implements [state.Cache].
func (a *Adapter) Delete(ctx context.Context, key string) error {
	p, err := a.cachePlace(ctx, key, 0)
	if err != nil {
		return err
	}
	if err := p.in.lock(); err != nil {
		return err
	}
	defer p.in.unlock()
	if found := p.find(a.clock.now()); found != 0 {
		p.in.remove(found)
	}
	return nil
}

// place is where a key's value is, or would be.
type place struct {
	in   *values
	hash uint64
	key  string
}

func (a *Adapter) place(key string) place {
	hash := a.hash(key)
	return place{in: &a.cache[hash%shardCount], hash: hash, key: key}
}

// cachePlace returns the place of the key of a call with valid arguments.
func (a *Adapter) cachePlace(ctx context.Context, key string, ttl time.Duration) (place, error) {
	if err := a.ready(ctx); err != nil {
		return place{}, err
	}
	if err := state.CheckName("key", key); err != nil {
		return place{}, err
	}
	if err := state.CheckTTL("ttl", ttl); err != nil {
		return place{}, err
	}
	return a.place(key), nil
}

// find returns what is there, or 0. The shard's mutex is held.
func (p place) find(now moment) uint32 { return p.in.get(p.hash, p.key, now) }

// put stores the value in place of what was found, if anything was. The shard's mutex is
// held.
func (p place) put(found uint32, value []byte, ttl time.Duration, now moment) {
	end := never
	if ttl > 0 {
		end = now.plus(state.CeilMillis(ttl))
	}
	p.in.put(found, p.hash, p.key, value, end, now)
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
