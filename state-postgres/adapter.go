package pgstate

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chat-adapter/chat-go/core/state"
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

// Adapter is a state backend on Postgres. Make it with New. It is safe for
// concurrent use.
type Adapter struct {
	cfg    Config
	dialer *dialer // nil if the program made the pool
	// tables stands before the name of each table.
	tables string

	starts *pipe[*starting]
	ends   *pipe[*ending]

	phase   atomic.Int32
	closing context.Context // ends with Close
	close   context.CancelFunc

	mu      sync.Mutex
	pool    *pgxpool.Pool // set by the first attempt to connect
	attempt *attempt      // the one that runs, if any
	work    sync.WaitGroup
}

// The phases of an adapter's life.
const (
	fresh int32 = iota
	connected
	closed
)

// New checks the configuration and makes an adapter. It does not reach for the
// server: Connect does. It returns [state.ErrInvalidConfig], naming the field.
func New(cfg Config) (*Adapter, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Adapter{cfg: cfg, tables: tablePrefix(cfg.Schema), pool: cfg.Pool}
	if cfg.Pool == nil {
		a.dialer = newDialer(cfg.DialTimeout)
		a.dialer.watch(cfg.pool)
	}
	a.starts = &pipe[*starting]{a: a, fill: fillStarts}
	a.ends = &pipe[*ending]{a: a, fill: fillEnds}
	a.closing, a.close = context.WithCancel(context.Background())
	return a, nil
}

// attempt is one try to connect, shared by all who wait for it.
type attempt struct {
	done chan struct{}
	err  error
}

// Connect reaches the server, makes the tables that are missing unless
// Config.SkipMigrations is set, and checks that the role may do what the adapter
// does and that the server takes writes. Its error names the cause and matches
// [state.ErrMisconfigured] where trying again is of no use. It is bounded by the
// context and by Config.Timeout.
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
		a.work.Go(func() { a.connect(t) })
	}
	a.mu.Unlock()
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
		return o.fail(ctx.Err())
	case <-a.closing.Done():
		return o.error(nil, state.ErrClosed)
	}
}

// connect runs an attempt, apart from the contexts of those who wait for it.
func (a *Adapter) connect(t *attempt) {
	ctx, cancel := context.WithTimeout(a.closing, a.cfg.Timeout)
	defer cancel()
	o := op{a: a, name: "connect", caller: context.Background(), ctx: ctx}
	err := o.setUp()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempt = nil
	if err == nil && a.phase.CompareAndSwap(fresh, connected) {
		a.work.Go(a.sweep)
	}
	switch {
	case a.phase.Load() == closed:
		t.err = o.error(nil, state.ErrClosed)
	case err != nil:
		t.err = o.fail(err)
	}
	close(t.done)
}

// start runs a function that Close waits for, and reports whether it does: not before
// Connect, and not after Close.
func (a *Adapter) start(f func()) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.phase.Load() != connected {
		return false
	}
	a.work.Go(f)
	return true
}

// openPool makes the pool, unless there is one. It opens no connection.
func (a *Adapter) openPool() (*pgxpool.Pool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pool != nil || a.phase.Load() == closed {
		return a.pool, nil
	}
	var err error
	a.pool, err = pgxpool.NewWithConfig(a.closing, a.cfg.pool)
	return a.pool, err
}

// closeGrace is how long Close waits for connections to end, before it breaks them.
const closeGrace = 500 * time.Millisecond

// Close ends the adapter. Calls that run end with an error. A pool that the program
// handed in stays open. It always returns nil.
func (a *Adapter) Close(ctx context.Context) error {
	a.mu.Lock()
	if a.phase.Swap(closed) == closed {
		a.mu.Unlock()
		return nil
	}
	pool := a.pool
	a.mu.Unlock()
	a.close()

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.work.Wait()
		if a.dialer != nil && pool != nil {
			pool.Close()
		}
	}()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-ended:
	case <-ctx.Done():
	case <-grace.C:
	}
	if a.dialer != nil {
		a.dialer.close()
	}
	return nil
}
