package statetest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// store is the backend of the reference adapter: plain maps under one mutex. It
// outlives the adapters that stand on it.
type store struct {
	mu     sync.Mutex
	subs   map[string]bool
	locks  map[string]timed
	cache  map[string]timed
	lists  map[string]*timedList
	queues map[string][][]byte
	marks  map[string]time.Time
	fences map[string]int64
	silent chan struct{} // closed when the backend answers again; nil if it does
}

// timed is a value with its end. A zero end is none.
type timed struct {
	value []byte
	end   time.Time
}

type timedList struct {
	values [][]byte
	end    time.Time
}

func over(end time.Time) bool { return !end.IsZero() && !time.Now().Before(end) }

func endOf(ttl time.Duration) time.Time {
	if ttl == 0 {
		return time.Time{}
	}
	return time.Now().Add(state.CeilMillis(ttl))
}

func newStore() *store {
	return &store{
		subs: map[string]bool{}, locks: map[string]timed{}, cache: map[string]timed{}, lists: map[string]*timedList{},
		queues: map[string][][]byte{}, marks: map[string]time.Time{}, fences: map[string]int64{},
	}
}

// reference is the contract written down as simply as it goes: slow, and right.
// The suite's own tests run against it.
type reference struct {
	*store
	mu     sync.Mutex
	phase  string // "", "connected" or "closed"
	closed chan struct{}
	// patience is how long a call waits for a silent store.
	patience time.Duration
}

var (
	_ state.Adapter = (*reference)(nil)
	_ state.Inbox   = (*reference)(nil)
	_ state.Swaps   = (*reference)(nil)
	_ state.Turns   = (*reference)(nil)
	_ state.Checker = (*reference)(nil)
	_ state.Fences  = (*reference)(nil)
)

func newReference(s *store) *reference {
	return &reference{store: s, closed: make(chan struct{}), patience: 5 * time.Second}
}

func (r *reference) Connect(ctx context.Context) error {
	r.mu.Lock()
	closed := r.phase == "closed"
	r.mu.Unlock()
	if closed {
		return state.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.lock(ctx); err != nil {
		return err
	}
	r.store.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.phase == "closed" {
		return state.ErrClosed
	}
	r.phase = "connected"
	return nil
}

func (r *reference) Close(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.phase != "closed" {
		close(r.closed)
	}
	r.phase = "closed"
	return nil
}

func (r *reference) Check(ctx context.Context) error {
	end, err := r.begin(ctx)
	if err != nil {
		return err
	}
	end()
	return nil
}

// begin locks the store for one call, or returns why the call cannot be made.
func (r *reference) begin(ctx context.Context, checks ...error) (end func(), err error) {
	r.mu.Lock()
	phase := r.phase
	r.mu.Unlock()
	switch phase {
	case "":
		return nil, state.ErrNotConnected
	case "closed":
		return nil, state.ErrClosed
	}
	for _, err := range append([]error{ctx.Err()}, checks...) {
		if err != nil {
			return nil, err
		}
	}
	if err := r.lock(ctx); err != nil {
		return nil, err
	}
	return r.store.mu.Unlock, nil
}

// lock locks the store as soon as it answers.
func (r *reference) lock(ctx context.Context) error {
	r.store.mu.Lock()
	for r.silent != nil {
		silent := r.silent
		r.store.mu.Unlock()
		select {
		case <-silent:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.closed:
			return state.ErrClosed
		case <-time.After(r.patience):
			return state.ErrUnavailable
		}
		r.store.mu.Lock()
	}
	return nil
}

func (r *reference) Subscribe(ctx context.Context, id string) error {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return err
	}
	defer end()
	r.subs[id] = true
	return nil
}

func (r *reference) Unsubscribe(ctx context.Context, id string) error {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return err
	}
	defer end()
	delete(r.subs, id)
	return nil
}

func (r *reference) IsSubscribed(ctx context.Context, id string) (bool, error) {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return false, err
	}
	defer end()
	return r.subs[id], nil
}

func (r *reference) AcquireLock(ctx context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	start := time.Now()
	end, err := r.begin(ctx, state.CheckName("threadID", id), state.CheckLockTTL("ttl", ttl))
	if err != nil {
		return nil, err
	}
	defer end()
	if held, ok := r.locks[id]; ok && !over(held.end) {
		return nil, state.ErrLocked
	}
	token := rand.Text()
	r.locks[id] = timed{[]byte(token), endOf(ttl)}
	return &state.Lock{ThreadID: id, Token: token, ExpiresAt: start.Add(state.CeilMillis(ttl))}, nil
}

// holds reports whether the lock is held with its token.
func (r *reference) holds(lock *state.Lock) bool {
	held, ok := r.locks[lock.ThreadID]
	return ok && !over(held.end) && string(held.value) == lock.Token
}

func (r *reference) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	start := time.Now()
	end, err := r.begin(ctx, state.CheckLock(lock), state.CheckLockTTL("ttl", ttl))
	if err != nil {
		return err
	}
	defer end()
	if !r.holds(lock) {
		return state.ErrLockLost
	}
	r.locks[lock.ThreadID] = timed{[]byte(lock.Token), endOf(ttl)}
	lock.ExpiresAt = start.Add(state.CeilMillis(ttl))
	return nil
}

func (r *reference) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	end, err := r.begin(ctx, state.CheckLock(lock))
	if err != nil {
		return err
	}
	defer end()
	if !r.holds(lock) {
		return state.ErrLockLost
	}
	delete(r.locks, lock.ThreadID)
	return nil
}

func (r *reference) ForceReleaseLock(ctx context.Context, id string) error {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return err
	}
	defer end()
	delete(r.locks, id)
	return nil
}

// found returns the value of a key, or nil.
func (r *reference) found(key string) *timed {
	if v, ok := r.cache[key]; ok && !over(v.end) {
		return &v
	}
	return nil
}

func (r *reference) Get(ctx context.Context, key string) ([]byte, error) {
	end, err := r.begin(ctx, state.CheckName("key", key))
	if err != nil {
		return nil, err
	}
	defer end()
	if v := r.found(key); v != nil {
		return bytes.Clone(v.value), nil
	}
	return nil, state.ErrNotFound
}

func (r *reference) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	end, err := r.begin(ctx, state.CheckName("key", key), state.CheckTTL("ttl", ttl))
	if err != nil {
		return err
	}
	defer end()
	r.cache[key] = timed{bytes.Clone(value), endOf(ttl)}
	return nil
}

func (r *reference) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return r.CompareAndSwap(ctx, key, nil, value, ttl)
}

func (r *reference) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	end, err := r.begin(ctx, state.CheckName("key", key), state.CheckTTL("ttl", ttl))
	if err != nil {
		return false, err
	}
	defer end()
	v := r.found(key)
	own := v != nil && state.IsClaim(value) && bytes.Equal(v.value, value)
	if !own && ((v == nil) != (old == nil) || v != nil && !bytes.Equal(v.value, old)) {
		return false, nil
	}
	r.cache[key] = timed{bytes.Clone(value), endOf(ttl)}
	return true, nil
}

func (r *reference) Delete(ctx context.Context, key string) error {
	end, err := r.begin(ctx, state.CheckName("key", key))
	if err != nil {
		return err
	}
	defer end()
	delete(r.cache, key)
	return nil
}

func (r *reference) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	end, err := r.begin(ctx, state.CheckName("key", key), state.CheckSize("MaxLength", opts.MaxLength), state.CheckTTL("TTL", opts.TTL))
	if err != nil {
		return err
	}
	defer end()
	l := r.lists[key]
	if l == nil || over(l.end) {
		l = &timedList{}
		r.lists[key] = l
	}
	l.values = append(l.values, bytes.Clone(value))
	if opts.MaxLength > 0 && len(l.values) > opts.MaxLength {
		l.values = l.values[len(l.values)-opts.MaxLength:]
	}
	if opts.TTL > 0 {
		l.end = endOf(opts.TTL)
	}
	return nil
}

func (r *reference) GetList(ctx context.Context, key string) ([][]byte, error) {
	end, err := r.begin(ctx, state.CheckName("key", key))
	if err != nil {
		return nil, err
	}
	defer end()
	var values [][]byte
	if l := r.lists[key]; l != nil && !over(l.end) {
		for _, v := range l.values {
			values = append(values, bytes.Clone(v))
		}
	}
	return values, nil
}

func (r *reference) Enqueue(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	return r.push(ctx, id, e, maxSize, false)
}

func (r *reference) Accept(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	return r.push(ctx, id, e, maxSize, true)
}

func (r *reference) push(ctx context.Context, id string, e state.QueueEntry, maxSize int, mark bool) (int, error) {
	raw, invalid := e.MarshalJSON()
	end, err := r.begin(ctx, state.CheckName("threadID", id), state.CheckSize("maxSize", maxSize), invalid)
	if err != nil {
		return 0, err
	}
	defer end()
	q := append(r.queues[id], raw)
	if maxSize > 0 && len(q) > maxSize {
		q = q[len(q)-maxSize:]
	}
	r.queues[id] = q
	if mark {
		r.marks[id] = time.Now()
	}
	return len(q), nil
}

func decode(id string, raw []byte) (state.QueueEntry, error) {
	var e state.QueueEntry
	if err := json.Unmarshal(raw, &e); err != nil {
		return state.QueueEntry{}, &state.CorruptError{Kind: "queue", Name: id, Raw: bytes.Clone(raw), Cause: err}
	}
	return e, nil
}

func (r *reference) Dequeue(ctx context.Context, id string) (*state.QueueEntry, error) {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return nil, err
	}
	defer end()
	q := r.queues[id]
	if len(q) == 0 {
		return nil, state.ErrQueueEmpty
	}
	r.queues[id] = q[1:]
	e, err := decode(id, q[0])
	if err != nil {
		return nil, err
	}
	return &e, nil
}

func (r *reference) QueueDepth(ctx context.Context, id string) (int, error) {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return 0, err
	}
	defer end()
	return len(r.queues[id]), nil
}

func (r *reference) Waiting(ctx context.Context, id string) ([]state.WaitingEntry, error) {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return nil, err
	}
	defer end()
	var all []state.WaitingEntry
	for _, raw := range r.queues[id] {
		e, err := decode(id, raw)
		all = append(all, state.WaitingEntry{QueueEntry: e, Receipt: state.Receipt(raw), Err: err})
	}
	return all, nil
}

func (r *reference) Settle(ctx context.Context, id string, receipts ...state.Receipt) (int, error) {
	end, err := r.begin(ctx, state.CheckName("threadID", id))
	if err != nil {
		return 0, err
	}
	defer end()
	q := slices.Clone(r.queues[id])
	for _, receipt := range receipts {
		if i := slices.IndexFunc(q, func(raw []byte) bool { return string(raw) == string(receipt) }); i >= 0 {
			q = slices.Delete(q, i, i+1)
		}
	}
	r.queues[id] = q
	if len(q) == 0 {
		delete(r.marks, id)
	}
	return len(q), nil
}

func (r *reference) ExtendQueue(ctx context.Context, id string, ttl time.Duration) error {
	end, err := r.begin(ctx, errors.Join(state.CheckName("threadID", id), state.CheckLockTTL("ttl", ttl)))
	if err != nil {
		return err
	}
	end()
	return nil
}

func (r *reference) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	end, err := r.begin(ctx, state.CheckSize("limit", limit))
	if err != nil {
		return nil, err
	}
	defer end()
	var all []string
	for id, at := range r.marks {
		if len(r.queues[id]) == 0 {
			delete(r.marks, id)
		} else if at.Before(before) {
			all = append(all, id)
		}
	}
	slices.SortFunc(all, func(x, y string) int {
		if c := r.marks[x].Compare(r.marks[y]); c != 0 {
			return c
		}
		return strings.Compare(x, y)
	})
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}

// corrupt pushes raw bytes behind the adapter's back.
func (s *store) corrupt(_ *testing.T, id string, raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues[id] = append(s.queues[id], raw)
}

// silence makes the store answer nothing, or answer again.
func (s *store) silence(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if silent {
		s.silent = make(chan struct{})
	} else if s.silent != nil {
		close(s.silent)
		s.silent = nil
	}
}

func (r *reference) StartTurn(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
	return state.Stepwise{Adapter: r}.StartTurn(ctx, req)
}

func (r *reference) AcceptTurn(ctx context.Context, req state.AcceptTurn) (state.TurnAccepted, error) {
	return state.Stepwise{Adapter: r}.AcceptTurn(ctx, req)
}

func (r *reference) EndTurn(ctx context.Context, req state.EndTurn) (int, error) {
	return state.Stepwise{Adapter: r}.EndTurn(ctx, req)
}

func (r *reference) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	end, err := r.begin(ctx, state.CheckLock(lock))
	if err != nil {
		return 0, err
	}
	defer end()
	if !r.holds(lock) {
		return 0, state.ErrLockLost
	}
	r.fences[lock.ThreadID]++
	return r.fences[lock.ThreadID], nil
}
