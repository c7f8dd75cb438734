package dispatch

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// memory is a state in the memory of a test.
type memory struct {
	state.Adapter // what no dispatcher calls

	mu      sync.Mutex
	locks   map[string]state.Lock
	cache   map[string]cached
	lists   map[string][][]byte
	queues  map[string][]state.WaitingEntry
	marks   map[string]time.Time
	count   int
	failing bool
}

type cached struct {
	value []byte
	ends  time.Time // zero: never
}

func newMemory() *memory {
	return &memory{
		locks: map[string]state.Lock{}, cache: map[string]cached{}, lists: map[string][][]byte{},
		queues: map[string][]state.WaitingEntry{}, marks: map[string]time.Time{},
	}
}

// enter locks the state, unless it fails.
func (m *memory) enter() error {
	m.mu.Lock()
	if m.failing {
		m.mu.Unlock()
		return state.ErrUnavailable
	}
	return nil
}

func (m *memory) fail(failing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing = failing
}

func (m *memory) AcquireLock(_ context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if held, ok := m.locks[id]; ok && time.Now().Before(held.ExpiresAt) {
		return nil, state.ErrLocked
	}
	lock := state.Lock{ThreadID: id, Token: rand.Text(), ExpiresAt: time.Now().Add(ttl)}
	m.locks[id] = lock
	return &lock, nil
}

func (m *memory) ExtendLock(_ context.Context, lock *state.Lock, ttl time.Duration) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if held, ok := m.locks[lock.ThreadID]; !ok || held.Token != lock.Token || !time.Now().Before(held.ExpiresAt) {
		return state.ErrLockLost
	}
	lock.ExpiresAt = time.Now().Add(ttl)
	m.locks[lock.ThreadID] = *lock
	return nil
}

func (m *memory) ReleaseLock(_ context.Context, lock *state.Lock) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if m.locks[lock.ThreadID].Token != lock.Token {
		return state.ErrLockLost
	}
	delete(m.locks, lock.ThreadID)
	return nil
}

// steal takes a lock away from whoever has it.
func (m *memory) steal(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.locks, id)
}

func (m *memory) get(key string) ([]byte, bool) {
	c, ok := m.cache[key]
	if ok && !c.ends.IsZero() && !time.Now().Before(c.ends) {
		return nil, false
	}
	return c.value, ok
}

func (m *memory) put(key string, value []byte, ttl time.Duration) {
	c := cached{value: bytes.Clone(value)}
	if ttl > 0 {
		c.ends = time.Now().Add(ttl)
	}
	m.cache[key] = c
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if value, ok := m.get(key); ok {
		return value, nil
	}
	return nil, state.ErrNotFound
}

func (m *memory) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.put(key, value, ttl)
	return nil
}

func (m *memory) SetIfNotExists(_ context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := m.enter(); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	if _, ok := m.get(key); ok {
		return false, nil
	}
	m.put(key, value, ttl)
	return true, nil
}

func (m *memory) CompareAndSwap(_ context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if err := m.enter(); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	if found, ok := m.get(key); !ok || !bytes.Equal(found, old) {
		return false, nil
	}
	m.put(key, value, ttl)
	return true, nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	delete(m.cache, key)
	return nil
}

func (m *memory) AppendToList(_ context.Context, key string, value []byte, _ state.ListOptions) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.lists[key] = append(m.lists[key], value)
	return nil
}

func (m *memory) GetList(_ context.Context, key string) ([][]byte, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return slices.Clone(m.lists[key]), nil
}

func (m *memory) Enqueue(_ context.Context, id string, e state.QueueEntry, _ int) (int, error) {
	if err := m.enter(); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	m.count++
	m.queues[id] = append(m.queues[id], state.WaitingEntry{QueueEntry: e, Receipt: state.Receipt(strconv.Itoa(m.count))})
	return len(m.queues[id]), nil
}

func (m *memory) QueueDepth(_ context.Context, id string) (int, error) {
	if err := m.enter(); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	return len(m.queues[id]), nil
}

func (m *memory) Accept(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	depth, err := m.Enqueue(ctx, id, e, maxSize)
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.marks[id] = time.Now()
	}
	return depth, err
}

func (m *memory) Waiting(_ context.Context, id string) ([]state.WaitingEntry, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return slices.Clone(m.queues[id]), nil
}

func (m *memory) Settle(_ context.Context, id string, receipts ...state.Receipt) (int, error) {
	if err := m.enter(); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	m.queues[id] = slices.DeleteFunc(slices.Clone(m.queues[id]), func(e state.WaitingEntry) bool { return slices.Contains(receipts, e.Receipt) })
	return len(m.queues[id]), nil
}

func (*memory) ExtendQueue(context.Context, string, time.Duration) error { return nil }

func (m *memory) WaitingThreads(_ context.Context, before time.Time, _ int) (all []string, err error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	for id, at := range m.marks {
		if len(m.queues[id]) > 0 && at.Before(before) {
			all = append(all, id)
		}
	}
	return all, nil
}
