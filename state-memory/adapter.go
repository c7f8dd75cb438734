package memorystate

import (
	"context"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

var (
	_ state.Adapter   = (*Adapter)(nil)
	_ state.Inbox     = (*Adapter)(nil)
	_ state.Swaps     = (*Adapter)(nil)
	_ state.Turns     = (*Adapter)(nil)
	_ state.InProcess = (*Adapter)(nil)
	_ state.Fences    = (*Adapter)(nil)
)

// shardCount is a power of two well above the number of cores, so that calls
// on different names seldom wait for the same mutex.
const shardCount = 64

// Adapter is a state backend in memory. Make one with [New]. Every method is
// safe for concurrent use.
type Adapter struct {
	phase atomic.Int32
	clock clock
	seed  maphash.Seed

	subscriptions [shardCount]subscriptionShard
	threads       [shardCount]threadShard
	cache         [shardCount]values
	lists         [shardCount]table[list]
}

// The phases of an adapter's life.
const (
	phaseNew int32 = iota
	phaseConnected
	phaseClosed
)

// New returns an empty adapter. Its error is always nil as long as Config has no
// fields.
func New(Config) (*Adapter, error) {
	a := &Adapter{clock: clock{epoch: time.Now()}, seed: maphash.MakeSeed()}
	for i := range shardCount {
		a.threads[i].init(a.clock, uint64(i))
		a.cache[i].clock = a.clock
		a.lists[i].clock = a.clock
	}
	return a, nil
}

// Connect makes the adapter ready. It reaches nothing, so it fails only with
// the context's error or [state.ErrClosed].
func (a *Adapter) Connect(ctx context.Context) error {
	if err := ctx.Err(); err != nil && a.phase.Load() != phaseClosed {
		return err
	}
	if !a.phase.CompareAndSwap(phaseNew, phaseConnected) && a.phase.Load() == phaseClosed {
		return state.ErrClosed
	}
	return nil
}

// InProcess reports true.
func (a *Adapter) InProcess() bool { return true }

// Close frees all data and stops the timers. It always succeeds, whatever the
// context says.
func (a *Adapter) Close(context.Context) error {
	a.phase.Store(phaseClosed)
	for i := range shardCount {
		a.subscriptions[i].close()
		a.threads[i].close()
		a.cache[i].close()
		a.lists[i].close()
	}
	return nil
}

// ready is the first check of every call.
func (a *Adapter) ready(ctx context.Context) error {
	switch a.phase.Load() {
	case phaseNew:
		return state.ErrNotConnected
	case phaseClosed:
		return state.ErrClosed
	}
	return ctx.Err()
}

func (a *Adapter) hash(name string) uint64 { return maphash.String(a.seed, name) }

// shard returns the number of the shard that holds a name.
func (a *Adapter) shard(name string) uint64 { return a.hash(name) % shardCount }
