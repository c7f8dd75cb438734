// Package kittest has a bot and a state for the kit's own tests.
package kittest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// Host is a bot whose state is in memory. Methods that the kit does not use panic.
type Host struct {
	chat.Host
	Memory *State
	Wait   time.Duration // for the rate limit; 0: 30 s
}

// NewHost returns a bot with an empty state.
func NewHost() *Host {
	return &Host{Memory: &State{values: map[string]value{}, locks: map[string]state.Lock{}}}
}

// State returns the state.
func (h *Host) State() state.Adapter { return h.Memory }

// Logger returns one that writes nothing.
func (h *Host) Logger() *slog.Logger { return slog.New(slog.DiscardHandler) }

// UserName returns "bot".
func (h *Host) UserName() string { return "bot" }

// RateLimitWait returns 30 s, or what the test has set.
func (h *Host) RateLimitWait() time.Duration { return cmp.Or(h.Wait, 30*time.Second) }

// State keeps cache values and locks. Methods of other roles panic.
type State struct {
	state.Adapter

	mu     sync.Mutex
	fault  error
	values map[string]value
	locks  map[string]state.Lock
}

type value struct {
	data  []byte
	until time.Time // zero: for ever
}

// Fail has every call return the error, until it is nil.
func (s *State) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
}

// Keys returns the keys that have a value.
func (s *State) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.values))
}

// Connect does nothing: memory is there.
func (s *State) Connect(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken(ctx)
}

// Get returns a value.
func (s *State) Get(ctx context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken(ctx); err != nil {
		return nil, err
	}
	if v, ok := s.get(key); ok {
		return bytes.Clone(v), nil
	}
	return nil, state.ErrNotFound
}

func (s *State) broken(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.fault
}

func (s *State) get(key string) ([]byte, bool) {
	v, ok := s.values[key]
	if ok && !v.until.IsZero() && !time.Now().Before(v.until) {
		delete(s.values, key)
		return nil, false
	}
	return v.data, ok
}

func (s *State) set(key string, data []byte, ttl time.Duration) {
	v := value{data: bytes.Clone(data)}
	if ttl > 0 {
		v.until = time.Now().Add(ttl)
	}
	s.values[key] = v
}

// Set stores a value.
func (s *State) Set(ctx context.Context, key string, data []byte, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken(ctx); err != nil {
		return err
	}
	s.set(key, data, ttl)
	return nil
}

// SetIfNotExists stores a value unless there is one.
func (s *State) SetIfNotExists(ctx context.Context, key string, data []byte, ttl time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken(ctx); err != nil {
		return false, err
	}
	if _, ok := s.get(key); ok {
		return false, nil
	}
	s.set(key, data, ttl)
	return true, nil
}

// CompareAndSwap replaces a value.
func (s *State) CompareAndSwap(ctx context.Context, key string, old, data []byte, ttl time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken(ctx); err != nil {
		return false, err
	}
	if now, ok := s.get(key); ok != (old != nil) || !bytes.Equal(now, old) {
		return false, nil
	}
	s.set(key, data, ttl)
	return true, nil
}

// Delete removes a value.
func (s *State) Delete(ctx context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken(ctx); err != nil {
		return err
	}
	delete(s.values, key)
	return nil
}

// AcquireLock takes a lock.
func (s *State) AcquireLock(ctx context.Context, name string, ttl time.Duration) (*state.Lock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken(ctx); err != nil {
		return nil, err
	}
	if held, ok := s.locks[name]; ok && time.Now().Before(held.ExpiresAt) {
		return nil, state.ErrLocked
	}
	lock := state.Lock{ThreadID: name, Token: rand.Text(), ExpiresAt: time.Now().Add(ttl)}
	s.locks[name] = lock
	return &lock, nil
}

// ReleaseLock gives a lock back.
func (s *State) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.broken(ctx); err != nil {
		return err
	}
	if s.locks[lock.ThreadID].Token != lock.Token {
		return state.ErrLockLost
	}
	delete(s.locks, lock.ThreadID)
	return nil
}
