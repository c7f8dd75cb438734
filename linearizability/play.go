package linearizability

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
)

const (
	callers    = 8   // at a time
	threads    = 4   // that they quarrel about
	roundCalls = 150 // of each caller in a round; each round has new threads
)

// caller is one caller with what it remembers.
type caller struct {
	id    int
	rand  *rand.Rand
	cfg   Config
	locks state.Locks
	queue state.Queues
	inbox state.Inbox // nil if the adapter has none
	cache state.Cache
	swaps state.Swaps // nil if the adapter has none

	held     map[string]*state.Lock
	receipts map[string][]state.Receipt
	seen     map[string][]byte
	sent     int
}

// play has several callers use an adapter at random, round after round, and returns
// the history of each thread or key.
func play(ctx context.Context, a state.Adapter, k Kind, cfg Config) map[string][]history.Event {
	r := history.NewRecorder()
	inbox, hasInbox := state.As[state.Inbox](a)
	swaps, hasSwaps := state.As[state.Swaps](a)
	for round := 0; round*callers*roundCalls < cfg.Operations && ctx.Err() == nil; round++ {
		var playing sync.WaitGroup
		for id := range callers {
			c := &caller{
				id: id, rand: rand.New(rand.NewPCG(cfg.Seed, uint64(round*callers+id))), cfg: cfg,
				locks: r.Locks(id, a), queue: r.Queues(id, a), cache: r.Cache(id, a),
				held: map[string]*state.Lock{}, receipts: map[string][]state.Receipt{}, seen: map[string][]byte{},
			}
			if hasInbox {
				c.inbox = r.Inbox(id, inbox)
			}
			if hasSwaps {
				c.swaps = r.Swaps(id, swaps)
			}
			call := map[Kind]func(ctx context.Context, thread string){Locks: c.useLock, Queues: c.useQueue, Swaps: c.useValue}[k]
			playing.Go(func() {
				for range roundCalls {
					call(ctx, fmt.Sprintf("round %d thread %d", round, c.rand.IntN(threads)))
				}
			})
		}
		playing.Wait()
	}
	all := map[string][]history.Event{}
	for _, e := range r.Events() {
		all[e.Thread] = append(all[e.Thread], e)
	}
	return all
}

func (c *caller) ttl() time.Duration {
	return c.cfg.MinTTL + time.Duration(c.rand.Int64N(int64(2*c.cfg.MinTTL)))
}

// useLock makes one call on a lock, or pauses, so that locks end in between.
func (c *caller) useLock(ctx context.Context, thread string) {
	held := c.held[thread]
	switch n := c.rand.IntN(20); {
	case n < 2:
		time.Sleep(c.ttl() / 2)
		fallthrough
	case n < 10 || held == nil:
		if lock, err := c.locks.AcquireLock(ctx, thread, c.ttl()); err == nil {
			c.held[thread] = lock
		}
	case n < 14:
		_ = c.locks.ExtendLock(ctx, held, c.ttl())
	case n < 19:
		_ = c.locks.ReleaseLock(ctx, held) // also one that is lost, or released before
	default:
		_ = c.locks.ForceReleaseLock(ctx, thread)
	}
}

// useQueue makes one call on a queue or inbox.
func (c *caller) useQueue(ctx context.Context, thread string) {
	c.pause()
	maxSize := []int{0, 0, 3, 8}[c.rand.IntN(4)]
	switch n := c.rand.IntN(20); {
	case n < 4 || c.inbox == nil && n < 9:
		_, _ = c.queue.Enqueue(ctx, thread, c.entry(), maxSize)
	case n < 12 && n >= 8 || c.inbox == nil && n < 18:
		_, _ = c.queue.Dequeue(ctx, thread)
	case n == 12 || c.inbox == nil:
		_, _ = c.queue.QueueDepth(ctx, thread)
	case n < 8:
		_, _ = c.inbox.Accept(ctx, thread, c.entry(), maxSize)
	case n < 17:
		all, _ := c.inbox.Waiting(ctx, thread)
		c.receipts[thread] = nil
		for _, w := range all {
			if c.rand.IntN(2) == 0 {
				c.receipts[thread] = append(c.receipts[thread], w.Receipt)
			}
		}
	default:
		_, _ = c.inbox.Settle(ctx, thread, c.receipts[thread]...)
	}
}

// useValue makes one call on a value of the cache, or two with the same claim.
func (c *caller) useValue(ctx context.Context, key string) {
	c.pause()
	switch n := c.rand.IntN(20); {
	case n < 5:
		found, err := c.cache.Get(ctx, key)
		if err == nil || errors.Is(err, state.ErrNotFound) {
			c.seen[key] = found // nil where there is none
		}
	case n < 7:
		_ = c.cache.Set(ctx, key, c.value(), 0)
	case n < 10:
		_ = c.cache.Delete(ctx, key)
	case n < 13 || c.swaps == nil:
		c.twiceIfClaim(func(v []byte) { _, _ = c.cache.SetIfNotExists(ctx, key, v, 0) })
	default:
		c.twiceIfClaim(func(v []byte) {
			if swapped, err := c.swaps.CompareAndSwap(ctx, key, c.seen[key], v, 0); err == nil && swapped {
				c.seen[key] = v
			}
		})
	}
}

// twiceIfClaim makes a call with a value, and again if it is a claim.
func (c *caller) twiceIfClaim(call func(v []byte)) {
	if c.rand.IntN(2) == 0 {
		call(c.value())
		return
	}
	claim := state.NewClaim(time.Now())
	call(claim)
	call(claim)
}

// pause has the callers meet in another way now and then.
func (c *caller) pause() {
	if c.rand.IntN(50) == 0 {
		time.Sleep(time.Duration(c.rand.IntN(500)) * time.Microsecond)
	}
}

// entry returns an entry with a message that no other entry of the thread has.
func (c *caller) entry() state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{Message: c.value(), EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}
}

// value returns a number that no other caller has, and this one has never had.
func (c *caller) value() []byte {
	c.sent++
	return fmt.Appendf(nil, "%d%04d", c.id+1, c.sent)
}
