package dispatch

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// rig is a program with one kind of handler, and what it has seen.
type rig struct {
	t      *testing.T
	state  *memory
	policy Policy

	mu      sync.Mutex
	handle  func(b *Batch) error
	handled []string // ids, in order; those that were skipped first
	running int
	most    int // handlers that ran at the same time
	steps   []Step
	givenUp []string
}

func newRig(t *testing.T) *rig {
	return &rig{t: t, state: newMemory(), policy: Policy{MaxQueue: 1000}, handle: func(*Batch) error { return nil }}
}

// instance returns one more instance. change may change its configuration.
func (r *rig) instance(change func(*Config)) *Dispatcher {
	cfg := Config{
		State: r.state, Program: r, Log: slog.New(strict{slog.DiscardHandler, r.t}), Durable: true, LockTTL: 30 * time.Second,
		SweepInterval: 10 * time.Second, MaxTurn: 10 * time.Minute, MaxHandlers: 512, MessageTTL: 24 * time.Hour,
		DedupeTTL: 10 * time.Minute, DeadLetterTTL: 24 * time.Hour,
		Retry: Retry{MaxAttempts: 3, Backoff: time.Second, MaxBackoff: time.Minute},
	}
	if change != nil {
		change(&cfg)
	}
	d := New(cfg)
	d.Connected(r.t.Context())
	return d
}

// strict fails a test whose worker takes a transition that is not in the table.
type strict struct {
	slog.Handler
	t *testing.T
}

func (s strict) Enabled(context.Context, slog.Level) bool { return true }

func (s strict) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "worker-state-unexpected" {
		record.Attrs(func(a slog.Attr) bool { s.t.Error(record.Message, a); return true })
	}
	return nil
}

// message returns an item that is not decoded.
func (r *rig) message(id string) *Item {
	data, err := json.Marshal(map[string]string{"id": id})
	require.NoError(r.t, err)
	now := time.Now()
	it, err := r.Decode(testKey, state.QueueEntry{Message: data, EnqueuedAt: now, ExpiresAt: now.Add(24 * time.Hour)})
	require.NoError(r.t, err)
	return it
}

// accept has the instance accept items of the key.
func (r *rig) accept(d *Dispatcher, key Key, ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		require.NoError(r.t, d.Accept(context.Background(), key, r.message(id), &r.policy))
	}
}

func (*rig) Decode(_ Key, e state.QueueEntry) (*Item, error) {
	var v struct{ ID string }
	if err := json.Unmarshal(e.Message, &v); err != nil {
		return nil, err
	}
	topic, _, _ := strings.Cut(v.ID, "-")
	return &Item{ID: v.ID, Claim: "claim:" + v.ID, Topic: topic, Entry: e}, nil
}

func (r *rig) ItemID(message []byte) string {
	it, err := r.Decode(testKey, state.QueueEntry{Message: message})
	if err != nil {
		return ""
	}
	return it.ID
}

func (r *rig) Policy(*Item) *Policy { return &r.policy }

func (*rig) IsGrouped() bool { return false }

func (*rig) Share(*Item, func() (bool, error)) (Share, error) { return Share{}, nil }

func (*rig) Stored(context.Context, Key, *Item) {}

func (*rig) Refuse(context.Context, *Batch) string { return "" }

func (r *rig) Run(b *Batch) (bool, error) {
	r.mu.Lock()
	r.running++
	r.most = max(r.most, r.running)
	handle := r.handle
	r.mu.Unlock()
	err := handle(b)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running--
	if err == nil {
		for i := range b.Len() {
			r.handled = append(r.handled, b.Item(i).ID)
		}
	}
	return true, err
}

func (*rig) Succeeded(context.Context, *Batch) {}

func (r *rig) GivenUp(it *Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.givenUp = append(r.givenUp, it.ID)
}

func (*rig) Encode(letter DeadLetter) ([]byte, error) {
	return json.Marshal(map[string]any{"id": letter.Batch.Last().ID, "attempts": letter.Attempts})
}

func (r *rig) Report(_ context.Context, report Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, report.Step)
}

// handleWith changes the handler.
func (r *rig) handleWith(handle func(*Batch) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handle = handle
}

// atOnce returns how many handlers ran at the same time, at most.
func (r *rig) atOnce() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most
}

// told returns the steps that were reported so far.
func (r *rig) told() []Step {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.steps)
}

// lost returns what was given up so far.
func (r *rig) lost() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.givenUp)
}

// seen returns what was handled so far.
func (r *rig) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.handled)
}

// count returns how often the step was reported.
func (r *rig) count(step Step) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.steps {
		if s == step {
			n++
		}
	}
	return n
}

// shutdown ends the instances and checks that nothing is left: no item, no lock, no
// heartbeat.
func (r *rig) shutdown(instances ...*Dispatcher) {
	r.t.Helper()
	for _, d := range instances {
		require.NoError(r.t, d.Shutdown(context.Background()))
	}
	r.state.mu.Lock()
	defer r.state.mu.Unlock()
	require.Empty(r.t, r.state.locks)
	for name, queue := range r.state.queues {
		if name != DeadLetters {
			require.Empty(r.t, queue, name)
		}
	}
	for key := range r.state.cache {
		if _, ok := r.state.get(key); ok {
			require.NotContains(r.t, key, "running:")
			require.NotContains(r.t, key, "retries:")
		}
	}
}

// virtually runs the test in virtual time.
func virtually(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newRig(t)) })
}
