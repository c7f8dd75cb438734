package bottest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/sim"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// rig is a few instances of a bot on one shared state, in virtual time.
type rig struct {
	t         *testing.T
	shared    *memorystate.Adapter
	instances []*instance
	names     names

	mu    sync.Mutex
	steps []chat.Observation
}

type instance struct {
	*chat.Chat
	fake  *chattest.Fake
	store *sim.Store
}

// fakePlatform is a fake with its adapter, for platforms that do something else than
// the fake.
type fakePlatform struct {
	*chattest.Fake
	*chattest.Adapter
}

func newFakePlatform(name string) fakePlatform {
	f := chattest.NewFake(chattest.Config{Name: name})
	return fakePlatform{f, f.Adapter()}
}

// play runs the test in virtual time with n instances.
func play(t *testing.T, n int, configure func(*chat.Config), test func(*rig)) {
	t.Helper()
	playOn(t, n, chattest.Config{}, configure, test)
}

// playOn is play on platforms of the test's choice.
func playOn(t *testing.T, n int, platform chattest.Config, configure func(*chat.Config), test func(*rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		shared, err := memorystate.New(memorystate.Config{})
		require.NoError(t, err)
		r := &rig{t: t, shared: shared}
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		defer func() {
			cancel()
			running.Wait()
			require.NoError(t, shared.Close(context.Background()))
			checkKeys(t, &r.names)
		}()
		for i := range n {
			store := sim.NewStore(shared, uint64(i), 300*time.Microsecond, 0)
			fake := chattest.NewFake(platform)
			cfg := chat.Config{
				UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: listed{store, &r.names}, Logger: slog.New(slog.DiscardHandler), Observer: r,
				Lock: chat.LockConfig{TTL: 3 * time.Second, SweepInterval: time.Second}, Limits: chat.LimitConfig{ShutdownTimeout: 10 * time.Second},
			}
			if configure != nil {
				configure(&cfg)
			}
			bot, err := chat.New(cfg)
			require.NoError(t, err)
			r.instances = append(r.instances, &instance{Chat: bot, fake: fake, store: store})
			running.Go(func() { _ = bot.Run(ctx) })
		}
		test(r)
	})
}

// Observe keeps the steps.
func (r *rig) Observe(_ context.Context, o chat.Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, o)
}

func (r *rig) count(step chat.Step) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, o := range r.steps {
		if o.Step == step {
			n++
		}
	}
	return n
}

// onMention registers the handler on all instances.
func (r *rig) onMention(h func(ctx context.Context, in *instance, ev *chat.MessageEvent) error) {
	for _, in := range r.instances {
		in.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error { return h(ctx, in, ev) })
	}
}

// send delivers a mention to an instance; it must be accepted.
func (r *rig) send(i int, thread, id string) *chat.Receipt {
	r.t.Helper()
	receipt, err := r.deliver(i, thread, id)
	require.NoError(r.t, err)
	return receipt
}

func (r *rig) deliver(i int, thread, id string) (*chat.Receipt, error) {
	in := r.instances[i]
	return in.fake.Send(context.Background(), mention(in.fake, thread, id))
}

func mention(fake *chattest.Fake, thread, id string) *chat.Message {
	m := fake.Message(fake.Thread("c", thread), "@bot "+id)
	m.ID = chat.MessageID(id)
	return m
}

// log collects strings in order.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *log) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}

// work waits in virtual time, or returns the cause when ctx ends.
func work(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var errHandler = errors.New("handler failed")

// decode reads a thread, a channel or a message as the bot's.
func decode[T any](bot *chat.Chat, data []byte) (*T, error) {
	v := new(T)
	if err := bot.Unmarshal(data, v); err != nil {
		return nil, err
	}
	return v, nil
}
