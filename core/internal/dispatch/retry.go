package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Retry says what happens to a batch whose attempt failed. All durations are required.
type Retry struct {
	// MaxAttempts is how often a batch is handed to the handlers before it becomes a dead
	// letter.
	MaxAttempts int
	// Backoff is the wait before the second attempt; it doubles with each, with random
	// jitter of a quarter, up to MaxBackoff.
	Backoff, MaxBackoff time.Duration
	// Overtake lets later items of the topic be handled while one waits for its next
	// attempt.
	Overtake bool
}

// delay returns the wait after a failed attempt, counted from 1.
func (r Retry) delay(attempt int) time.Duration {
	d := r.MaxBackoff
	if shift := attempt - 1; shift < 20 && r.Backoff<<shift < d {
		d = r.Backoff << shift
	}
	return d - d/8 + rand.N(d/4+1)
}

// retry is one batch that was tried and has to be tried again.
type retry struct {
	IDs       []string `json:"ids"`
	Attempts  int      `json:"attempts"`
	NotBefore int64    `json:"notBefore"` // milliseconds since 1970
	// Posted is what the attempts leave for the next one.
	Posted json.RawMessage `json:"posted,omitempty"`
}

func (r *retry) until() time.Time { return time.UnixMilli(r.NotBefore) }

// split parts the items into those of the batch and the others.
func (r *retry) split(items []entry) (tried, rest []entry) {
	for _, e := range items {
		if slices.Contains(r.IDs, e.ID) {
			tried = append(tried, e)
		} else {
			rest = append(rest, e)
		}
	}
	return tried, rest
}

// retries are a key's batches to try again. They are read and written by the
// lock's holder only.
type retries struct {
	list   []*retry
	loaded bool
	stored bool // the state has a record
}

// loadRetries reads what has to be tried again, and forgets what does not wait any more.
func (h *hold) loadRetries(ctx context.Context) error {
	if err := h.retries.load(ctx, h.d.state, h.w.key); err != nil {
		return err
	}
	if h.retries.retain(h.queue) {
		return h.saveRetries()
	}
	return nil
}

// saveRetries writes down what has to be tried again.
func (h *hold) saveRetries() error {
	return h.persist(func(ctx context.Context) error { return h.retries.save(ctx, h.d, h.w.key) })
}

// countFirst writes the attempt down before it is made, because the last one may
// have ended with its instance.
func (h *hold) countFirst(ctx context.Context, b *Batch) error {
	h.retries.postpone(b, h.retries.attempt(b), time.Time{})
	b.counted = true
	return h.retries.save(ctx, h.d, h.w.key)
}

func (r *retries) load(ctx context.Context, st state.Cache, key Key) error {
	if r.loaded {
		return nil
	}
	data, err := st.Get(ctx, key.retries())
	if errors.Is(err, state.ErrNotFound) {
		r.loaded = true
		return nil
	}
	if err != nil {
		return err
	}
	var list []*retry
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("chat: the retry record of %q: %w", key.name, err)
	}
	// What this hold has noted itself may be stored already.
	list = slices.DeleteFunc(list, func(x *retry) bool { return r.knows(x) })
	r.list = append(list, r.list...)
	r.loaded, r.stored = true, true
	return nil
}

func (r *retries) knows(x *retry) bool {
	return slices.ContainsFunc(r.list, func(y *retry) bool {
		return slices.ContainsFunc(x.IDs, func(id string) bool { return slices.Contains(y.IDs, id) })
	})
}

func (r *retries) save(ctx context.Context, d *Dispatcher, key Key) error {
	if !d.cfg.Durable {
		return nil
	}
	if len(r.list) == 0 {
		if !r.stored {
			return nil
		}
		r.stored = false
		return d.state.Delete(ctx, key.retries())
	}
	data, err := json.Marshal(r.list)
	if err != nil {
		return err
	}
	r.stored = true
	return d.state.Set(ctx, key.retries(), data, d.cfg.MessageTTL)
}

// find returns the batch that one of the items belongs to.
func (r *retries) find(items []entry) *retry {
	for _, x := range r.list {
		if slices.ContainsFunc(items, func(e entry) bool { return slices.Contains(x.IDs, e.ID) }) {
			return x
		}
	}
	return nil
}

// attempt returns the number of the attempt that the batch is at.
func (r *retries) attempt(b *Batch) int {
	switch {
	case b.retry == nil:
		return 1
	case b.counted:
		return b.retry.Attempts
	}
	return b.retry.Attempts + 1
}

// postpone notes that the batch was tried a number of times and waits until then.
func (r *retries) postpone(b *Batch, attempts int, until time.Time) {
	if b.retry == nil {
		b.retry = &retry{}
		for _, e := range b.items {
			b.retry.IDs = append(b.retry.IDs, e.ID)
		}
		r.list = append(r.list, b.retry)
	}
	b.retry.Attempts = attempts
	if b.keeper.batch != nil { // the attempt was made
		b.retry.Posted = b.left()
	}
	b.retry.NotBefore = 0
	if !until.IsZero() {
		b.retry.NotBefore = until.UnixMilli()
	}
}

// update notes what the batch's attempt leaves, without counting the attempt.
func (r *retries) update(b *Batch) {
	attempts := 0
	if b.retry != nil {
		attempts = b.retry.Attempts
	}
	r.postpone(b, attempts, time.Time{})
}

// forget takes out an item that will not be tried again, and reports whether
// there was anything to forget.
func (r *retries) forget(id string) bool {
	for i, x := range r.list {
		if at := slices.Index(x.IDs, id); at >= 0 {
			if x.IDs = slices.Delete(x.IDs, at, at+1); len(x.IDs) == 0 {
				r.list = slices.Delete(r.list, i, i+1)
			}
			return true
		}
	}
	return false
}

// retain forgets items that are not in the queue, and reports whether there was
// anything to forget.
func (r *retries) retain(queue []entry) bool {
	before := len(r.list)
	for _, x := range r.list {
		x.IDs = slices.DeleteFunc(x.IDs, func(id string) bool {
			return !slices.ContainsFunc(queue, func(e entry) bool { return e.ID == id })
		})
	}
	r.list = slices.DeleteFunc(r.list, func(x *retry) bool { return len(x.IDs) == 0 })
	return len(r.list) != before
}

// drop forgets the batch and reports whether there was anything to forget.
func (r *retries) drop(b *Batch) bool {
	if b.retry == nil {
		return false
	}
	r.list = slices.DeleteFunc(r.list, func(x *retry) bool { return x == b.retry })
	return true
}
