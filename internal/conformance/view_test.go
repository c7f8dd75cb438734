package conformance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// backend is data in memory that outlives the adapters that look at it, and that
// can fall silent.
type backend struct {
	*memorystate.Adapter
	ended chan struct{} // closed when the test ends

	mu     sync.Mutex
	silent chan struct{} // closed when it answers again; nil if it does
	loss   *loss         // of the next reply; nil if none is to be lost
	open   int           // connections
	made   int           // connections since the beginning
}

// dial opens a connection, which takes a moment.
func (b *backend) dial() {
	pause()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open++
	b.made++
}

// hangUp closes a connection.
func (b *backend) hangUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open--
}

func (b *backend) connections() (open, made int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open, b.made
}

// loss is a reply that is to be lost.
type loss struct {
	skip int // requests that come before
	lost bool
}

// loseReply has the backend take skip requests as ever, and one more whose reply is
// lost.
func (b *backend) loseReply(skip int) (lost func() bool) {
	l := &loss{skip: skip}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.loss = l
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.loss = nil
		return l.lost
	}
}

// losesReply reports whether the reply to the request that was just made is lost.
func (b *backend) losesReply() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.loss
	if l == nil {
		return false
	}
	if l.lost = l.skip == 0; l.lost {
		b.loss = nil
	}
	l.skip--
	return l.lost
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	a, err := memorystate.New(memorystate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &backend{Adapter: a, ended: make(chan struct{})}
	t.Cleanup(func() {
		close(b.ended)
		_ = a.Close(context.Background())
	})
	return b
}

func (b *backend) silence(silent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if silent {
		b.silent = make(chan struct{})
	} else if b.silent != nil {
		close(b.silent)
		b.silent = nil
	}
}

// silenceEnds is closed when the backend answers again, and nil if it does.
func (b *backend) silenceEnds() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.silent
}

// corrupt pushes something that is no entry, which the views know by its prefix.
func (b *backend) corrupt(t *testing.T, threadID string, raw []byte) {
	t.Helper()
	message, err := json.Marshal(corruptPrefix + base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Enqueue(t.Context(), threadID, state.QueueEntry{Message: message}, 0); err != nil {
		t.Fatal(err)
	}
}

const corruptPrefix = "not an entry: "

// damage returns the error for what corrupt has pushed, and nil for an entry.
func damage(threadID string, e state.QueueEntry) error {
	var text string
	if err := json.Unmarshal(e.Message, &text); err != nil || !strings.HasPrefix(text, corruptPrefix) {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, corruptPrefix))
	if err != nil {
		return nil
	}
	return &state.CorruptError{Kind: "queue", Name: threadID, Raw: raw, Cause: errors.New("not an entry")}
}

// view is an adapter on a backend, without fault: persistent and shared. The
// mutants embed it and replace a method or two.
type view struct {
	backend *backend
	phase   atomic.Int32 // 0 new, 1 connected, 2 closed

	mu      sync.Mutex
	attempt *attempt // to connect, that runs; nil if none does

	closed    chan struct{}
	closeOnce sync.Once

	// patience is how long a call without deadline, and an attempt to connect, wait
	// for a silent backend.
	patience time.Duration

	// delay is how long a request and its reply are on their way.
	delay time.Duration

	// ahead is how much the clock of the view's process is ahead, which matters to
	// mutants only.
	ahead time.Duration

	// wait is what a call does while the backend is silent, until the channel is
	// closed or the call is given up.
	wait func(ctx context.Context, v *view, ends <-chan struct{}) error

	// repeats reports whether a call whose reply was lost is made again.
	repeats func(call string) bool
}

func newView(b *backend) *view {
	return &view{backend: b, closed: make(chan struct{}), patience: 5 * time.Second, wait: waitAsItShould, repeats: repeatsAsItShould}
}

// store is an adapter with the roles that both of ours have.
type store interface {
	state.Adapter
	state.Inbox
	state.Swaps
}

// adapter is what a view is and a mutant stays.
type adapter interface {
	store
	state.Turns
	state.Checker
	state.Fences
}

var _ adapter = (*view)(nil)

var viewFeatures = statetest.Features{Inbox: true, Swaps: true, Turns: true, Checker: true, Fences: true, Persistent: true, Shared: true, VirtualTime: true}

// attempt is one try to connect, shared by all who wait for it.
type attempt struct {
	done chan struct{}
	err  error
}

func (v *view) Connect(ctx context.Context) error {
	if v.phase.Load() == 2 {
		return state.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	v.mu.Lock()
	if v.phase.Load() != 0 {
		defer v.mu.Unlock()
		return v.reached()
	}
	t := v.attempt
	if t == nil {
		t = &attempt{done: make(chan struct{})}
		v.attempt = t
		go v.try(context.Background(), t)
	}
	v.mu.Unlock()
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try runs an attempt.
func (v *view) try(ctx context.Context, t *attempt) {
	var err error
	if ends := v.backend.silenceEnds(); ends != nil {
		err = v.wait(ctx, v, ends)
	}
	v.backend.dial()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil || !v.phase.CompareAndSwap(0, 1) {
		v.backend.hangUp()
	}
	if err == nil {
		err = v.reached()
	}
	t.err, v.attempt = err, nil
	close(t.done)
}

// reached is what Connect returns when there is nothing to do.
func (v *view) reached() error {
	if v.phase.Load() == 2 {
		return state.ErrClosed
	}
	return nil
}

func (v *view) Close(context.Context) error {
	if v.phase.Swap(2) == 1 {
		v.backend.hangUp()
	}
	v.closeOnce.Do(func() { close(v.closed) })
	v.mu.Lock()
	t := v.attempt
	v.mu.Unlock()
	if t != nil {
		<-t.done
	}
	return nil
}

// to returns the backend for one call.
func (v *view) to(ctx context.Context) (*backend, error) {
	switch v.phase.Load() {
	case 0:
		return nil, state.ErrNotConnected
	case 2:
		return nil, state.ErrClosed
	}
	for ends := v.backend.silenceEnds(); ends != nil; ends = v.backend.silenceEnds() {
		if err := v.wait(ctx, v, ends); err != nil {
			return nil, err
		}
	}
	return v.backend, nil
}

func waitAsItShould(ctx context.Context, v *view, ends <-chan struct{}) error {
	select {
	case <-ends:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-v.closed:
		return state.ErrClosed
	case <-time.After(v.patience):
		return state.ErrUnavailable
	}
}

// repeatsAsItShould repeats what changes nothing when it is done twice.
func repeatsAsItShould(call string) bool {
	return !slices.Contains([]string{"Enqueue", "Accept", "AppendToList", "Dequeue"}, call)
}

// errLost is what a call returns whose reply was lost and that is not repeated.
var errLost = errors.Join(state.ErrUnknownOutcome, state.ErrUnavailable)

// ask makes a request of the backend, and again if its reply is lost and the call
// can be repeated.
func ask[T any](ctx context.Context, v *view, call string, do func(b *backend) (T, error)) (T, error) {
	out, _, err := askOften(ctx, v, call, do)
	return out, err
}

// askOften is ask, and reports whether a reply was lost.
func askOften[T any](ctx context.Context, v *view, call string, do func(b *backend) (T, error)) (out T, lost bool, err error) {
	for {
		b, err := v.to(ctx)
		if err != nil {
			return out, lost, err
		}
		time.Sleep(v.delay / 2)
		answer, err := do(b)
		time.Sleep(v.delay / 2)
		if !b.losesReply() {
			return answer, lost, err
		}
		if lost = true; !v.repeats(call) {
			return out, lost, errLost
		}
	}
}

// tell is ask for what returns nothing.
func tell(ctx context.Context, v *view, call string, do func(b *backend) error) error {
	_, err := ask(ctx, v, call, func(b *backend) (struct{}, error) { return struct{}{}, do(b) })
	return err
}

func (v *view) Subscribe(ctx context.Context, threadID string) error {
	return tell(ctx, v, "Subscribe", func(b *backend) error { return b.Subscribe(ctx, threadID) })
}

func (v *view) Unsubscribe(ctx context.Context, threadID string) error {
	return tell(ctx, v, "Unsubscribe", func(b *backend) error { return b.Unsubscribe(ctx, threadID) })
}

func (v *view) IsSubscribed(ctx context.Context, threadID string) (bool, error) {
	return ask(ctx, v, "IsSubscribed", func(b *backend) (bool, error) { return b.IsSubscribed(ctx, threadID) })
}

func (v *view) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	var taken *state.Lock // a client chooses the token, and so knows its lock again
	return ask(ctx, v, "AcquireLock", func(b *backend) (*state.Lock, error) {
		if taken != nil {
			return taken, b.ExtendLock(ctx, taken, ttl)
		}
		lock, err := b.AcquireLock(ctx, threadID, ttl)
		taken = lock
		return lock, err
	})
}

func (v *view) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	return tell(ctx, v, "ExtendLock", func(b *backend) error { return b.ExtendLock(ctx, lock, ttl) })
}

func (v *view) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	_, again, err := askOften(ctx, v, "ReleaseLock", func(b *backend) (bool, error) { return false, b.ReleaseLock(ctx, lock) })
	if again && errors.Is(err, state.ErrLockLost) {
		return nil
	}
	return err
}

func (v *view) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	return ask(ctx, v, "Fence", func(b *backend) (int64, error) { return b.Fence(ctx, lock) })
}

func (v *view) ForceReleaseLock(ctx context.Context, threadID string) error {
	return tell(ctx, v, "ForceReleaseLock", func(b *backend) error { return b.ForceReleaseLock(ctx, threadID) })
}

func (v *view) Get(ctx context.Context, key string) ([]byte, error) {
	return ask(ctx, v, "Get", func(b *backend) ([]byte, error) { return b.Get(ctx, key) })
}

func (v *view) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return tell(ctx, v, "Set", func(b *backend) error { return b.Set(ctx, key, value, ttl) })
}

func (v *view) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	set, lost, err := askOften(ctx, v, "SetIfNotExists", func(b *backend) (bool, error) { return b.SetIfNotExists(ctx, key, value, ttl) })
	if err == nil && lost && !set && !state.IsClaim(value) {
		return false, errLost
	}
	return set, err
}

func (v *view) Delete(ctx context.Context, key string) error {
	return tell(ctx, v, "Delete", func(b *backend) error { return b.Delete(ctx, key) })
}

func (v *view) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	return tell(ctx, v, "AppendToList", func(b *backend) error { return b.AppendToList(ctx, key, value, opts) })
}

func (v *view) GetList(ctx context.Context, key string) ([][]byte, error) {
	return ask(ctx, v, "GetList", func(b *backend) ([][]byte, error) { return b.GetList(ctx, key) })
}

func (v *view) Enqueue(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	return ask(ctx, v, "Enqueue", func(b *backend) (int, error) { return b.Enqueue(ctx, threadID, e, maxSize) })
}

func (v *view) Dequeue(ctx context.Context, threadID string) (*state.QueueEntry, error) {
	e, err := ask(ctx, v, "Dequeue", func(b *backend) (*state.QueueEntry, error) { return b.Dequeue(ctx, threadID) })
	if err == nil {
		err = damage(threadID, *e)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (v *view) QueueDepth(ctx context.Context, threadID string) (int, error) {
	return ask(ctx, v, "QueueDepth", func(b *backend) (int, error) { return b.QueueDepth(ctx, threadID) })
}

func (v *view) Accept(ctx context.Context, threadID string, e state.QueueEntry, maxSize int) (int, error) {
	return ask(ctx, v, "Accept", func(b *backend) (int, error) { return b.Accept(ctx, threadID, e, maxSize) })
}

func (v *view) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	all, err := ask(ctx, v, "Waiting", func(b *backend) ([]state.WaitingEntry, error) { return b.Waiting(ctx, threadID) })
	for i := range all {
		if all[i].Err = damage(threadID, all[i].QueueEntry); all[i].Err != nil {
			all[i].QueueEntry = state.QueueEntry{}
		}
	}
	return all, err
}

func (v *view) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	return ask(ctx, v, "Settle", func(b *backend) (int, error) { return b.Settle(ctx, threadID, receipts...) })
}

func (v *view) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	return tell(ctx, v, "ExtendQueue", func(b *backend) error { return b.ExtendQueue(ctx, threadID, ttl) })
}

func (v *view) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	return ask(ctx, v, "WaitingThreads", func(b *backend) ([]string, error) { return b.WaitingThreads(ctx, before, limit) })
}

func (v *view) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	swapped, lost, err := askOften(ctx, v, "CompareAndSwap", func(b *backend) (bool, error) { return b.CompareAndSwap(ctx, key, old, value, ttl) })
	if err == nil && lost && !swapped && !state.IsClaim(value) {
		return false, errLost
	}
	return swapped, err
}
