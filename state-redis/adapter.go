package redisstate

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// Adapter is a state backend on Redis. Make it with New. It is safe for
// concurrent use.
type Adapter struct {
	cfg  Config
	keys keys

	main  *node
	locks []*node // main and the further masters

	redsync *redsync.Redsync
	scripts redsyncScripts

	phase     atomic.Int32 // fresh, connected, closed
	closing   chan struct{}
	deadlines deadlines
	// starts and ends have the commands of turns that have ended, for others.
	starts, ends sync.Pool
	orphans      orphans
	ballots      ballots

	mu      sync.Mutex
	attempt *attempt // the connection attempt that runs, if any
}

// The phases of an adapter's life.
const (
	fresh int32 = iota
	connected
	closed
)

// What the adapter can do.
var (
	_ state.Adapter = (*Adapter)(nil)
	_ state.Inbox   = (*Adapter)(nil)
	_ state.Swaps   = (*Adapter)(nil)
	_ state.Turns   = (*Adapter)(nil)
	_ state.Checker = (*Adapter)(nil)
	_ state.Fences  = (*Adapter)(nil)
)

// New checks the configuration and makes an adapter. It does not reach for the
// server: Connect does. It returns [state.ErrInvalidConfig], naming the field.
func New(cfg Config) (*Adapter, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Adapter{closing: make(chan struct{})}
	if cfg.URL != "" {
		u, err := parseURL(cfg.URL)
		if err != nil {
			return nil, err
		}
		if cfg, err = u.configure(cfg); err != nil {
			return nil, err
		}
		if a.main, err = u.open(&cfg); err != nil {
			return nil, err
		}
	} else {
		a.main = nodeOf(cfg.Client)
	}
	if !a.main.hasMasters() && cfg.MinReplicas > 0 {
		return nil, invalid("Config.MinReplicas is %d, which needs a redis.Client or a redis.ClusterClient, and Config.Client is a %T",
			cfg.MinReplicas, cfg.Client)
	}
	a.locks = append(a.locks, a.main)
	for _, client := range cfg.Masters {
		a.locks = append(a.locks, nodeOf(client))
	}
	for _, raw := range cfg.MasterURLs {
		n, err := openMaster(raw, cfg)
		if err != nil {
			return nil, err
		}
		a.locks = append(a.locks, n)
	}
	a.redsync, a.scripts = newRedsync(a.locks), learnScripts()
	a.cfg = cfg
	a.keys = newKeys(cfg.KeyPrefix)
	a.deadlines.timeout = cfg.Timeout
	return a, nil
}

// nodeOf wraps a client that the program made.
func nodeOf(client redis.UniversalClient) *node {
	n := &node{client: client, describe: "the given client"}
	if n.cluster, _ = client.(*redis.ClusterClient); n.cluster != nil {
		n.refresher = &refresher{do: (&clusterView{client: n.cluster}).refresh}
	}
	return n
}

// attempt is one try to connect, shared by all who wait for it.
type attempt struct {
	done chan struct{}
	err  error
}

// Connect reaches every server that the configuration names and checks, as
// [Adapter.Check] does, that the adapter may work there and that the server takes
// writes. Its error names the cause: a server that does not answer, a wrong password, a
// certificate that cannot be verified, a master name that Sentinel does not know, a
// server that is not in cluster mode, a missing right, a read-only replica, a full
// memory. It matches [state.ErrMisconfigured] where trying again is of no use. It is
// bounded by the context and by Config.Timeout, and a second more to find the cause.
// With several masters a majority suffices.
func (a *Adapter) Connect(ctx context.Context) error {
	o := op{a: a, name: "connect", caller: ctx, ctx: ctx}
	if err := ctx.Err(); err != nil && a.phase.Load() != closed {
		return o.error(nil, err)
	}
	a.mu.Lock()
	switch a.phase.Load() {
	case closed:
		a.mu.Unlock()
		return o.error(nil, state.ErrClosed)
	case connected:
		a.mu.Unlock()
		return nil
	}
	t := a.attempt
	if t == nil {
		t = &attempt{done: make(chan struct{})}
		a.attempt = t
		go a.connect(t)
	}
	a.mu.Unlock()
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return o.fail(ctx.Err(), "", "")
	case <-a.closing:
		return o.error(nil, state.ErrClosed)
	}
}

// connect runs an attempt, apart from the contexts of those who wait for it.
func (a *Adapter) connect(t *attempt) {
	ctx, cancel := context.WithTimeout(context.Background(), a.cfg.Timeout)
	defer cancel()
	err := a.probe(ctx)
	if err == nil {
		a.warnOfEviction(ctx)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempt = nil
	if err == nil && a.phase.Load() == fresh {
		for _, n := range a.locks {
			n.start(&a.cfg, len(a.locks) > 1)
		}
		a.phase.CompareAndSwap(fresh, connected)
	}
	o := op{a: a, name: "connect", caller: context.Background(), ctx: ctx}
	switch {
	case a.phase.Load() == closed:
		t.err = o.error(nil, state.ErrClosed)
	case err != nil:
		t.err = o.probeError(err)
	}
	close(t.done)
}

// closeGrace is how long Close waits for calls that run, before it breaks their
// connections.
const closeGrace = 500 * time.Millisecond

// Close ends the adapter. Calls that run get half a second, or less if the
// context ends, to finish; then their connections are broken. A client that the
// program handed in stays open. It always returns nil.
func (a *Adapter) Close(ctx context.Context) error {
	a.mu.Lock()
	if a.phase.Swap(closed) == closed {
		a.mu.Unlock()
		return nil
	}
	close(a.closing)
	a.mu.Unlock()
	a.orphans.stop()

	drained := make(chan struct{})
	go func() {
		defer close(drained)
		var wg sync.WaitGroup
		for _, n := range a.locks {
			wg.Go(n.close)
		}
		wg.Wait()
	}()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-drained:
	case <-ctx.Done():
	case <-grace.C:
	}
	for _, n := range a.locks {
		if n.dialer != nil {
			n.dialer.close()
		}
		if n.sentinels != nil {
			n.sentinels.dialer.close()
		}
	}
	return nil
}
