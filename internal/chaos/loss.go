package chaos

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// lossFault is a way to lose locks while handlers run.
type lossFault struct {
	name string
	// seen says that the holder can not miss the end of its lock: then its
	// handler's context ends before another instance's handler begins.
	seen bool

	// options are of the servers, which are under Sentinel if sentinel is set.
	options     redistest.Options
	sentinel    bool
	minReplicas int
	// proxied puts a proxy between the holder and the server.
	proxied bool
	// unasked lets the taker hear of a thread only when its lock is free: what
	// waits is the holder's as long as it keeps the lock.
	unasked bool

	strike func(t redistest.TB, l *lossBench)
}

// lossBench is two bots on one Redis: the holder, whose handlers run until they
// lose their locks, and the taker, which wants them.
type lossBench struct {
	fault   lossFault
	threads int
	rand    *rand.Rand

	nodes    []*redistest.Node
	sentinel *redistest.SentinelServers
	proxy    *redistest.Proxy
	url      string

	holders, takers *fleet
	platform        *platform

	mu      sync.Mutex
	knocked []bool // a message is on its way to the taker, by thread
	sent    []int  // messages of each thread
	entered []bool // the taker's handler has begun
}

// lossKey is the name of a thread's lock in Redis.
func lossKey(thread int) string { return "chat-sdk:lock:" + string(threadID(thread)) }

// newLossBench starts the servers and the bots.
func newLossBench(t redistest.TB, f lossFault, threads int, seed uint64) *lossBench {
	t.Helper()
	l := &lossBench{
		fault: f, threads: threads, rand: rand.New(rand.NewPCG(seed, 5)),
		knocked: make([]bool, threads), sent: make([]int, threads), entered: make([]bool, threads),
	}
	if f.sentinel {
		l.sentinel = redistest.Sentinel(t, f.options)
		l.nodes, l.url = l.sentinel.Nodes(), l.sentinel.URL()
	} else {
		l.nodes = []*redistest.Node{redistest.Standalone(t, f.options)}
		l.url = l.nodes[0].URL()
	}
	dir := t.TempDir()
	// What was lost is for the taker: the holder's sweep would find it, too.
	l.holders = l.fleet(t, filepath.Join(dir, "holder"), botSettings{StateURL: l.url, SweepInterval: 24 * time.Hour, Hold: true})
	if f.proxied {
		l.proxy = redistest.NewProxy(t, l.nodes[0].Addr())
		l.holders.settings.StateURL = "redis://" + l.proxy.Addr()
	}
	l.takers = l.fleet(t, filepath.Join(dir, "taker"), botSettings{StateURL: l.url, SweepInterval: sweepInterval})
	l.platform = newPlatform(l.takers)
	return l
}

func (l *lossBench) fleet(t redistest.TB, dir string, s botSettings) *fleet {
	t.Helper()
	mustDo(t, os.Mkdir(dir, 0o700))
	s.Dir, s.MinReplicas, s.LockTTL = dir, l.fault.minReplicas, lockTTL
	f := &fleet{faults: &faultLog{}, settings: s}
	t.Cleanup(f.close)
	return f
}

// lossTimeout bounds what has to happen for a trial to be one.
const lossTimeout = 2 * time.Minute

// lossLit is how long the last handler has run when locks are taken away: one that
// has only just begun has told nobody yet.
const lossLit = 200 * time.Millisecond

// lossSettled is how long after the fault a lock that is still held counts as
// kept.
const lossSettled = 4 * lockTTL

// play has the holder take all threads, spread over the TTL, has the taker want
// them, strikes, and returns what became of each thread.
func (l *lossBench) play(t redistest.TB) []lossTrial {
	t.Helper()
	holder, err := l.holders.start()
	mustDo(t, err)
	taker, err := l.takers.start()
	mustDo(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	var sending sync.WaitGroup
	for thread := range l.threads {
		after := time.Duration(l.rand.Int64N(int64(lockTTL)))
		sending.Go(func() {
			if sleep(ctx, after) {
				l.send(ctx, holder, thread)
			}
		})
	}
	sending.Wait()
	l.await(t, "handlers of the holder", func(trials []lossTrial) bool { return l.held(trials) == l.threads })
	if !l.fault.unasked {
		for thread := range l.threads { // the taker then looks again by itself
			sending.Go(func() { l.send(ctx, taker, thread) })
		}
		sending.Wait()
	}
	var pressing sync.WaitGroup
	for _, n := range l.nodes {
		pressing.Go(func() { l.press(ctx, n, taker) })
	}
	sleep(ctx, lossLit)
	l.fault.strike(t, l)
	struck := time.Now()
	trials := l.await(t, "an end of each thread", func(trials []lossTrial) bool {
		over := 0
		for _, x := range trials {
			if x.begin != 0 && x.end != 0 && x.entry != 0 {
				over++
			}
		}
		return over == l.threads || time.Since(struck) > lossSettled
	})
	cancel()
	pressing.Wait()
	return trials
}

// send sends a message until the bot takes it.
func (l *lossBench) send(ctx context.Context, bot *proc, thread int) {
	for ctx.Err() == nil {
		l.mu.Lock()
		seq := l.sent[thread]
		l.sent[thread]++
		l.mu.Unlock()
		if l.platform.sendTo(ctx, bot, thread, seq) == nil || !sleep(ctx, 20*time.Millisecond) {
			return
		}
	}
}

// press looks at the locks on the node, as often as it can without being a burden,
// and sends the taker a message for each that is gone.
func (l *lossBench) press(ctx context.Context, n *redistest.Node, taker *proc) {
	o := n.ClientOptions()
	o.MaxRetries, o.DialerRetries = -1, 1
	o.DialTimeout, o.ReadTimeout, o.PoolSize = 100*time.Millisecond, 100*time.Millisecond, 1
	client := redis.NewClient(o)
	defer func() { _ = client.Close() }()
	keys := make([]string, l.threads)
	for thread := range keys {
		keys[thread] = lossKey(thread)
	}
	for sleep(ctx, 5*time.Millisecond) {
		pipe := client.Pipeline()
		role, locks := pipe.Do(ctx, "role"), pipe.MGet(ctx, keys...)
		if _, err := pipe.Exec(ctx); err != nil {
			continue // it is away: that is the fault
		}
		if r, err := role.Slice(); err != nil || len(r) == 0 || r[0] != "master" {
			continue
		}
		for thread, token := range locks.Val() {
			if token == nil && l.knock(thread) {
				go func() {
					l.send(ctx, taker, thread)
					sleep(ctx, 50*time.Millisecond)
					l.mu.Lock()
					l.knocked[thread] = false
					l.mu.Unlock()
				}()
			}
		}
	}
}

// knock reports whether to send the taker a message.
func (l *lossBench) knock(thread int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.knocked[thread] || l.entered[thread] {
		return false
	}
	l.knocked[thread] = true
	return true
}

// await polls the journals until done.
func (l *lossBench) await(t redistest.TB, what string, done func([]lossTrial) bool) []lossTrial {
	t.Helper()
	for deadline := time.Now().Add(lossTimeout); ; time.Sleep(50 * time.Millisecond) {
		holders, err := readJournals(l.holders.settings.Dir)
		mustDo(t, err)
		takers, err := readJournals(l.takers.settings.Dir)
		mustDo(t, err)
		trials := lossTrials(l.threads, holders, takers)
		l.mu.Lock()
		for thread, x := range trials {
			l.entered[thread] = x.entry != 0
		}
		l.mu.Unlock()
		if done(trials) {
			return trials
		}
		if time.Now().After(deadline) {
			t.Fatalf("chaos: no sign of %s in %v", what, lossTimeout)
		}
	}
}

func (l *lossBench) held(trials []lossTrial) int {
	n := 0
	for _, x := range trials {
		if x.begin != 0 {
			n++
		}
	}
	return n
}

// primary is the node that takes writes.
func (l *lossBench) primary(t redistest.TB) *redistest.Node {
	t.Helper()
	if l.sentinel != nil {
		return l.sentinel.Primary(t)
	}
	return l.nodes[0]
}

// each does something to every thread, one after the other over a TTL.
func (l *lossBench) each(t redistest.TB, do func(ctx context.Context, thread int) error) {
	t.Helper()
	for thread := range l.threads {
		mustDo(t, do(t.Context(), thread))
		sleep(t.Context(), lockTTL/time.Duration(l.threads))
	}
}

// state returns an adapter of its own on the servers.
func (l *lossBench) state(t redistest.TB) *redisstate.Adapter {
	t.Helper()
	st, err := redisstate.New(redisstate.Config{URL: l.url})
	mustDo(t, err)
	mustDo(t, st.Connect(t.Context()))
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	return st
}

// canceller returns a bot that only cancels turns.
func (l *lossBench) canceller(t redistest.TB) *chat.Chat {
	t.Helper()
	bot, _, err := l.takers.settings.onlooker()
	mustDo(t, err)
	t.Cleanup(func() { _ = bot.Shutdown(context.Background()) })
	return bot
}
