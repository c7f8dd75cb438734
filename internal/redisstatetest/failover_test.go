//go:build faults

package redisstatetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

const callers = 64

// patience is more than a failover takes on a busy machine.
const patience = 20 * time.Second

// traffic is 64 callers at work on one deployment, and what they saw.
type traffic struct {
	t        *testing.T
	adapters []*redisstate.Adapter
	stop     chan struct{}
	wg       sync.WaitGroup

	calls   [callers]atomic.Int64 // of each caller
	slowest atomic.Int64

	mu       sync.Mutex
	failures []failure
	accepted map[string][]string // messages of each thread whose Accept returned
	holders  map[string]holder
}

type failure struct {
	at  time.Time
	err error
}

type holder struct {
	token string
	until time.Time
}

// drive starts the callers, half of them on each of two adapters.
func drive(t *testing.T, cfg redisstate.Config) *traffic {
	tr := &traffic{
		t: t, adapters: []*redisstate.Adapter{connect(t, cfg), connect(t, cfg)}, stop: make(chan struct{}),
		accepted: map[string][]string{}, holders: map[string]holder{},
	}
	for i := range callers {
		tr.wg.Go(func() { tr.call(i) })
	}
	t.Cleanup(tr.end)
	return tr
}

func (tr *traffic) end() {
	select {
	case <-tr.stop:
	default:
		close(tr.stop)
	}
	tr.wg.Wait()
}

func (tr *traffic) call(i int) {
	a := tr.adapters[i%len(tr.adapters)]
	id := "caller-" + strconv.Itoa(i)
	// Pace leaves the servers time to see that they live.
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	for n := 0; ; n++ {
		select {
		case <-tr.stop:
			return
		case <-pace.C:
		}
		timed := func(f func(ctx context.Context) error) { tr.timed(i, f) }
		timed(func(ctx context.Context) error { return tr.accept(ctx, a, id, n) })
		timed(func(ctx context.Context) error { return tr.lock(ctx, a, "lock-"+strconv.Itoa(i%(callers/4))) })
		timed(func(ctx context.Context) error { return a.Set(ctx, id, []byte("1"), time.Minute) })
		timed(func(ctx context.Context) error {
			found, err := a.IsSubscribed(ctx, "subscribed")
			if err == nil && !found {
				return errors.New("a subscription is gone")
			}
			return err
		})
	}
}

func (tr *traffic) timed(i int, f func(ctx context.Context) error) {
	start := time.Now()
	err := f(context.Background())
	took := time.Since(start)
	tr.calls[i].Add(1)
	for old := tr.slowest.Load(); int64(took) > old && !tr.slowest.CompareAndSwap(old, int64(took)); old = tr.slowest.Load() {
	}
	if err != nil {
		tr.mu.Lock()
		tr.failures = append(tr.failures, failure{time.Now(), err})
		tr.mu.Unlock()
	}
}

func (tr *traffic) accept(ctx context.Context, a *redisstate.Adapter, id string, n int) error {
	m := fmt.Sprintf("%q", id+"/"+strconv.Itoa(n))
	now := time.Now()
	_, err := a.Accept(ctx, id, state.QueueEntry{Message: json.RawMessage(m), EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}, 0)
	if err == nil {
		tr.mu.Lock()
		tr.accepted[id] = append(tr.accepted[id], m)
		tr.mu.Unlock()
	}
	return err
}

// lock takes a lock and gives it back, and fails the test if somebody else has reason
// to believe that the lock is theirs.
func (tr *traffic) lock(ctx context.Context, a *redisstate.Adapter, id string) error {
	l, err := a.AcquireLock(ctx, id, 5*time.Second)
	if errors.Is(err, state.ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	tr.mu.Lock()
	other, held := tr.holders[id]
	if held && time.Now().Before(other.until) && time.Now().Before(l.ExpiresAt) {
		tr.t.Errorf("%s is held by two", id)
	}
	tr.holders[id] = holder{l.Token, l.ExpiresAt}
	tr.mu.Unlock()
	tr.mu.Lock()
	if tr.holders[id].token == l.Token {
		delete(tr.holders, id)
	}
	tr.mu.Unlock()
	if err := a.ReleaseLock(ctx, l); !errors.Is(err, state.ErrLockLost) {
		return err
	}
	return nil
}

// quiet waits until each caller has made n more calls, all without a failure.
func (tr *traffic) quiet(n int64) {
	tr.t.Helper()
	count := func() int {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		return len(tr.failures)
	}
	require.Eventually(tr.t, func() bool {
		before := count()
		var goals [callers]int64
		for i := range tr.calls {
			goals[i] = tr.calls[i].Load() + n
		}
		for i := range tr.calls {
			for tr.calls[i].Load() < goals[i] {
				if count() != before {
					return false
				}
				time.Sleep(time.Millisecond) // pace of the look
			}
		}
		return true
	}, time.Minute, time.Millisecond, "failures do not end")
}

// check looks at everything after a failover between the two moments.
func (tr *traffic) check(from, to time.Time) {
	t := tr.t
	tr.end()
	for _, f := range tr.failures {
		if f.at.Before(from) || f.at.After(to) {
			assert.Fail(t, "failure outside the failover", "%v before, %v after: %v", from.Sub(f.at), f.at.Sub(to), f.err)
		}
		assert.ErrorIs(t, f.err, state.ErrUnavailable, "%v", f.err)
	}
	assert.Less(t, time.Duration(tr.slowest.Load()), patience, "no call is stuck")
	a := tr.adapters[0]
	lost := 0
	for id, messages := range tr.accepted {
		waiting, err := a.Waiting(t.Context(), id)
		require.NoError(t, err)
		var found []string
		for _, w := range waiting {
			found = append(found, string(w.Message))
		}
		for _, m := range messages {
			if !slices.Contains(found, m) {
				lost++
			}
		}
	}
	assert.Zero(t, lost, "accepted messages are lost")
	threads, err := a.WaitingThreads(t.Context(), time.Now().Add(time.Minute), 0)
	require.NoError(t, err)
	assert.Len(t, threads, len(tr.accepted), "every thread with messages is marked")
	calls := int64(0)
	for i := range tr.calls {
		calls += tr.calls[i].Load()
	}
	t.Logf("%d calls, %d failures, slowest %v", calls, len(tr.failures), time.Duration(tr.slowest.Load()))
}

func failOver(t *testing.T, cfg redisstate.Config, disturb func()) {
	if cfg.MasterURLs == nil {
		cfg.MinReplicas = max(cfg.MinReplicas, 1)
	}
	// No call may need these: they would hide that a server is noticed to be away.
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = patience, patience, patience
	// A replica of a busy machine needs long to confirm.
	cfg.ReplicaTimeout = patience / 2
	a := connect(t, cfg)
	require.NoError(t, a.Subscribe(t.Context(), "subscribed"))
	tr := drive(t, cfg)
	tr.quiet(40)
	from := time.Now()
	disturb()
	tr.quiet(40)
	to := time.Now()
	tr.quiet(40)
	tr.check(from, to)
}

func TestFailover(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(n *redistest.Node, t redistest.TB){
		"killed": (*redistest.Node).Kill,
		"paused": (*redistest.Node).Pause,
	} {
		t.Run("sentinel/"+name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Sentinel(t, redistest.Options{FailureTimeout: 2 * time.Second})
			failOver(t, redisstate.Config{URL: s.URL()}, func() { how(s.Primary(t), t) })
		})
		t.Run("cluster/"+name, func(t *testing.T) {
			t.Parallel()
			c := redistest.Cluster(t, redistest.Options{FailureTimeout: 2 * time.Second, Replicas: 2})
			failOver(t, redisstate.Config{URL: c.URL()}, func() { how(c.MasterOf(t, "chat-sdk:queue:caller-1"), t) })
		})
	}
	t.Run("sentinel/planned", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{})
		// The old master lives on with its other replica, until it hears of it.
		failOver(t, redisstate.Config{URL: s.URL(), MinReplicas: 2}, func() { s.Failover(t) })
	})
	t.Run("cluster/planned", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, redistest.Options{Replicas: 2})
		failOver(t, redisstate.Config{URL: c.URL()}, func() { c.Failover(t, c.MasterOf(t, "chat-sdk:queue:caller-1")) })
	})
}

// The same over TLS, with a user who may do no more than the documentation lists.
func TestFailoverWithTLSAndUser(t *testing.T) {
	t.Parallel()
	user := redistest.User{Name: "bot", Password: "pass", Rules: aclRules(t) + " +wait"}
	o := redistest.Options{FailureTimeout: 3 * time.Second, ClientCertificates: true, Users: []redistest.User{user}}
	s := redistest.Sentinel(t, o)
	cfg := redisstate.Config{URL: s.URL(), Username: user.Name, Password: user.Password, TLS: s.Nodes()[0].TLSConfig()}
	failOver(t, cfg, func() { s.Primary(t).Kill(t) })
}

// Of several masters the first has the data: what it has acknowledged is there when
// it comes back. The others have votes for locks.
func TestFailoverOfMasters(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]int{"first": 0, "another": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := masters(t, 3, redistest.Options{})
			failOver(t, d.cfg, func() {
				d.nodes[away].Kill(t)
				d.nodes[away].Start(t)
			})
		})
	}
}

func TestReshardingIsNotNoticed(t *testing.T) {
	t.Parallel()
	c := redistest.Cluster(t, redistest.Options{})
	cfg := redisstate.Config{URL: c.URL()}
	a := connect(t, cfg)
	require.NoError(t, a.Subscribe(t.Context(), "subscribed"))
	tr := drive(t, cfg)
	tr.quiet(40)
	for _, key := range []string{"chat-sdk:queue:caller-1", "chat-sdk:lock:lock-1", "chat-sdk:cache:caller-2", "chat-sdk:subscriptions"} {
		from := c.MasterOf(t, key)
		for _, to := range c.Masters(t) {
			if to != from {
				c.MoveSlot(t, key, to)
				break
			}
		}
		tr.quiet(8)
	}
	now := time.Now()
	tr.check(now, now)
}
