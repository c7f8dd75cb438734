package dispatch

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/internal/timing"
	"github.com/chat-adapter/chat-go/core/state"
)

// Cancellations and doubts about locks reach other instances as signals: through one
// short list in the state, which an instance reads twice a second while any of its
// handlers run.
const (
	signalInterval = 400 * time.Millisecond
	signalTTL      = 30 * time.Second
	signalLength   = 1000
)

// signal is one entry of the list.
type signal struct {
	ID    string `json:"id"`
	Topic string `json:"thread,omitempty"`
	// Lock is one that was free although a handler seems to run under it. Nothing
	// is cancelled then, unless its holder finds that it has lost it.
	Lock string `json:"lock,omitempty"`
	At   int64  `json:"at"` // milliseconds since 1970
	// Interrupt says that an item asks for it, so only attempts that may be
	// interrupted are cancelled.
	Interrupt bool `json:"interrupt,omitempty"`
}

// Cancel ends the attempt that runs with items of the topic, with ErrTurnCancelled, on
// whatever instance it runs, within a second. Its items count as handled.
func (d *Dispatcher) Cancel(ctx context.Context, topic string) error {
	d.pool.cancel(topic, time.Now(), fault.ErrTurnCancelled, false)
	return d.publish(ctx, signal{Topic: topic})
}

// interrupt cancels what runs on the topic since before the time, if it may be
// interrupted.
func (d *Dispatcher) interrupt(ctx context.Context, topic string, before time.Time) error {
	d.pool.cancel(topic, before, fault.ErrTurnCancelled, true)
	return d.publish(ctx, signal{Topic: topic, Interrupt: true})
}

// publishDoubt has all instances look whether they hold the lock.
func (d *Dispatcher) publishDoubt(ctx context.Context, lock Key) error {
	return d.publish(ctx, signal{Lock: lock.name})
}

func (d *Dispatcher) publish(ctx context.Context, s signal) error {
	s.ID, s.At = rand.Text(), time.Now().UnixMilli()
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.state.AppendToList(ctx, signalsName, data, state.ListOptions{MaxLength: signalLength, TTL: signalTTL})
}

// signals reads the list while handlers run.
type signals struct {
	active atomic.Bool

	mu      sync.Mutex
	stopped bool
	reading sync.WaitGroup
	ended   context.Context // what goes on in the background has it
	end     context.CancelFunc
}

func (w *signals) init() { w.ended, w.end = context.WithCancel(context.Background()) }

// stop ends the reading for good.
func (w *signals) stop() {
	w.mu.Lock()
	w.stopped = true
	w.mu.Unlock()
	w.end()
	w.reading.Wait()
}

// watchSignals starts the reading unless it is going on.
func (d *Dispatcher) watchSignals() {
	w := &d.signals
	if w.active.Load() || w.active.Swap(true) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.reading.Go(d.readUntilIdle)
	}
}

func (d *Dispatcher) readUntilIdle() {
	w := &d.signals
	seen := map[string]time.Time{}
	for timing.Sleep(w.ended, signalInterval) {
		d.readSignals(w.ended, seen)
		d.watchCanary(w.ended)
		if d.pool.isIdle() {
			w.active.Store(false)
			if d.pool.isIdle() || w.active.Swap(true) {
				return
			}
		}
	}
}

// readSignals obeys signals that were not seen before. One that cancels is for attempts
// that began before it was made.
func (d *Dispatcher) readSignals(ctx context.Context, seen map[string]time.Time) {
	list, err := d.state.GetList(ctx, signalsName)
	if err != nil {
		return // the next reading may succeed; renewals report the outage
	}
	now := time.Now()
	for _, data := range list {
		var s signal
		if json.Unmarshal(data, &s) != nil {
			continue
		}
		if _, ok := seen[s.ID]; ok {
			continue
		}
		seen[s.ID] = now
		if s.Lock != "" {
			d.leases.recheck(func(key string) bool { return key == s.Lock })
			continue
		}
		before := time.UnixMilli(s.At)
		if !s.Interrupt {
			// What began within the same millisecond is meant too. An item that
			// interrupts must not cancel its own attempt.
			before = before.Add(time.Millisecond - 1)
		}
		d.pool.cancel(s.Topic, before, fault.ErrTurnCancelled, s.Interrupt)
	}
	for id, at := range seen {
		if now.Sub(at) > 2*signalTTL {
			delete(seen, id)
		}
	}
}
