package chat

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

// Retry says what happens to a message whose handler failed, panicked or died.
type Retry struct {
	// MaxAttempts is how often a message is handed to the handlers before it
	// becomes a dead letter. Default 5.
	MaxAttempts int
	// Backoff is the wait before the second attempt; it doubles with each, with
	// random jitter of a quarter. Default 1 s.
	Backoff time.Duration
	// MaxBackoff bounds the wait. Default 1 min.
	MaxBackoff time.Duration
	// KeepPosts lets what a failed attempt has posted stand, and the next one post
	// beside it. Default false: what the next attempt posts takes its place.
	KeepPosts bool
	// Overtake lets later messages of the thread be handled while one waits for
	// its next attempt. Default false: the order is kept.
	Overtake bool
}

// errDied stands for attempts whose instance died with them.
var errDied = errors.New("chat: every attempt ended with its instance")

// retry is one batch that was tried and has to be tried again.
type retry struct {
	IDs       []MessageID `json:"ids"`
	Attempts  int         `json:"attempts"`
	NotBefore int64       `json:"notBefore"` // milliseconds since 1970
	// Posted is what the attempts have posted, for the next one to replace.
	Posted []posted `json:"posted,omitempty"`
}

func (r *retry) until() time.Time { return time.UnixMilli(r.NotBefore) }

// split parts the items into those of the batch and the others.
func (r *retry) split(items []item) (tried, rest []item) {
	for _, it := range items {
		if slices.Contains(r.IDs, it.msg.ID) {
			tried = append(tried, it)
		} else {
			rest = append(rest, it)
		}
	}
	return tried, rest
}

// retries are a lock's batches to try again. They are read and written by the
// lock's holder only.
type retries struct {
	lock   string // the lock's name
	list   []*retry
	loaded bool
	stored bool // the state has a record
}

func (r *retries) load(ctx context.Context, st state.Cache) error {
	if r.loaded {
		return nil
	}
	data, err := st.Get(ctx, retriesKey(r.lock))
	if errors.Is(err, state.ErrNotFound) {
		r.loaded = true
		return nil
	}
	if err != nil {
		return err
	}
	var list []*retry
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("chat: the retry record of %q: %w", r.lock, err)
	}
	// What this hold has noted itself may be stored already.
	list = slices.DeleteFunc(list, func(x *retry) bool { return r.knows(x) })
	r.list = append(list, r.list...)
	r.loaded, r.stored = true, true
	return nil
}

func (r *retries) knows(x *retry) bool {
	return slices.ContainsFunc(r.list, func(y *retry) bool {
		return slices.ContainsFunc(x.IDs, func(id MessageID) bool { return slices.Contains(y.IDs, id) })
	})
}

func (r *retries) save(ctx context.Context, c *Chat) error {
	if c.cfg.Durability == DurabilityNone {
		return nil
	}
	if len(r.list) == 0 {
		if !r.stored {
			return nil
		}
		r.stored = false
		return c.state.Delete(ctx, retriesKey(r.lock))
	}
	data, err := json.Marshal(r.list)
	if err != nil {
		return err
	}
	r.stored = true
	return c.state.Set(ctx, retriesKey(r.lock), data, c.cfg.Storage.MessageTTL)
}

// find returns the batch that one of the items belongs to.
func (r *retries) find(items []item) *retry {
	for _, x := range r.list {
		if slices.ContainsFunc(items, func(it item) bool { return slices.Contains(x.IDs, it.msg.ID) }) {
			return x
		}
	}
	return nil
}

// attempt returns the number of the attempt that the batch is at.
func (r *retries) attempt(b *batch) int {
	switch {
	case b.retry == nil:
		return 1
	case b.counted:
		return b.retry.Attempts
	}
	return b.retry.Attempts + 1
}

// postpone notes that the batch was tried a number of times and waits until then.
func (r *retries) postpone(b *batch, attempts int, until time.Time) {
	if b.retry == nil {
		b.retry = &retry{}
		for _, it := range b.items {
			b.retry.IDs = append(b.retry.IDs, it.msg.ID)
		}
		r.list = append(r.list, b.retry)
	}
	b.retry.Attempts = attempts
	if b.attempt != nil {
		b.retry.Posted = b.attempt.shown()
	}
	b.retry.NotBefore = 0
	if !until.IsZero() {
		b.retry.NotBefore = until.UnixMilli()
	}
}

// update notes what the batch's attempt has posted, without counting the attempt.
func (r *retries) update(b *batch) {
	attempts := 0
	if b.retry != nil {
		attempts = b.retry.Attempts
	}
	r.postpone(b, attempts, time.Time{})
}

// forget takes out a message that will not be tried again, and reports whether
// there was anything to forget.
func (r *retries) forget(id MessageID) bool {
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

// retain forgets messages that are not in the queue, and reports whether there was
// anything to forget.
func (r *retries) retain(queue []item) bool {
	before := len(r.list)
	for _, x := range r.list {
		x.IDs = slices.DeleteFunc(x.IDs, func(id MessageID) bool {
			return !slices.ContainsFunc(queue, func(it item) bool { return it.msg.ID == id })
		})
	}
	r.list = slices.DeleteFunc(r.list, func(x *retry) bool { return len(x.IDs) == 0 })
	return len(r.list) != before
}

// drop forgets the batch and reports whether there was anything to forget.
func (r *retries) drop(b *batch) bool {
	if b.retry == nil {
		return false
	}
	r.list = slices.DeleteFunc(r.list, func(x *retry) bool { return x == b.retry })
	return true
}

// delay returns the wait after a failed attempt, counted from 1.
func (r Retry) delay(attempt int) time.Duration {
	d := r.MaxBackoff
	if shift := attempt - 1; shift < 20 && r.Backoff<<shift < d {
		d = r.Backoff << shift
	}
	return d - d/8 + rand.N(d/4+1)
}
