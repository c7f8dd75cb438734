package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// Receipt stands for an item that was delivered.
type Receipt struct {
	dispatcher *Dispatcher
	item       *Item

	mu    sync.Mutex
	ended bool
	done  chan struct{} // made by the first who waits
	err   error
}

// Settle ends the receipt of an item that needs no handling.
func (r *Receipt) Settle() { r.settle(nil) }

// Init prepares the receipt of an item.
func (r *Receipt) Init(d *Dispatcher, it *Item) {
	r.dispatcher, r.item = d, it
	it.Receipt = r
}

// settle ends the waiting for an item. Nobody waits for one that another instance was
// given: it has no receipt.
func (r *Receipt) settle(err error) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	r.ended, r.err = true, err
	if r.done != nil {
		close(r.done)
	}
}

// end returns nil and how the item has ended, or what is closed when it has.
func (r *Receipt) end() (done <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended && r.done == nil {
		r.done = make(chan struct{})
	}
	if r.ended {
		return nil, r.err
	}
	return r.done, nil
}

// Wait returns when the item's handlers are done, on whatever instance they run: nil if
// they succeeded or there was nothing to do, an error if it became a dead letter or ctx
// ended, and ErrMissing if it is gone and nobody knows what became of it.
func (r *Receipt) Wait(ctx context.Context) error {
	done, err := r.end()
	if done == nil {
		return err
	}
	p := &r.dispatcher.pulse
	p.join()
	defer p.leave()
	for {
		select {
		case <-done:
			return r.err
		case <-ctx.Done():
			return ctx.Err()
		case <-p.next():
		}
		value, err := r.dispatcher.state.Get(ctx, r.item.Claim)
		switch {
		case errors.Is(err, state.ErrNotFound):
			if done, err := r.end(); done == nil {
				return err
			}
			return errUnhandled(r.item)
		case err == nil && !state.IsClaim(value):
			return markError(value)
		}
	}
}

func errUnhandled(it *Item) error { return fmt.Errorf("chat: message %q was not handled", it.ID) }

// markError is how an item ended whose mark is no claim.
func markError(mark []byte) error {
	if string(mark) == string(markMissing) {
		return fault.ErrMissing
	}
	return nil
}

// pulseInterval is how often somebody who waits asks the state how an item has ended:
// another instance may have handled it.
const pulseInterval = 250 * time.Millisecond

// pulse tells all who wait, at the same time, to ask the state. It runs while somebody
// waits.
type pulse struct {
	waiting atomic.Int64
	armed   atomic.Bool
	beat    atomic.Pointer[chan struct{}] // closed and replaced by each beat

	mu    sync.Mutex
	timer *time.Timer
}

func (p *pulse) init() {
	first := make(chan struct{})
	p.beat.Store(&first)
}

// join counts one who waits.
func (p *pulse) join() {
	p.waiting.Add(1)
	p.arm()
}

// leave ends what join began. The timer finds out by itself that nobody waits.
func (p *pulse) leave() { p.waiting.Add(-1) }

// next returns what the next beat closes.
func (p *pulse) next() <-chan struct{} { return *p.beat.Load() }

func (p *pulse) arm() {
	if p.armed.Load() || p.armed.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil {
		p.timer = time.AfterFunc(pulseInterval, p.tick)
		return
	}
	p.timer.Reset(pulseInterval)
}

func (p *pulse) tick() {
	next := make(chan struct{})
	close(*p.beat.Swap(&next))
	p.armed.Store(false)
	if p.waiting.Load() > 0 {
		p.arm()
	}
}
