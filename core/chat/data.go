package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// dataTTL is how long a program's own data lives after its last write, as in the
// TypeScript SDK.
const dataTTL = 30 * 24 * time.Hour

// Data is a program's own data for one thread or channel, stored as JSON. It
// lives 30 days from its last write. It is safe for concurrent use, by any number
// of instances.
type Data[T any] struct {
	chat  *Chat
	guard func(context.Context) error
	key   string
	ttl   time.Duration
}

// ThreadData returns the data of a thread. Its key in the state is the TypeScript
// SDK's thread state.
func ThreadData[T any](t *Thread) Data[T] {
	return Data[T]{chat: t.chat, guard: t.caller().ready, key: threadDataKey(t.id), ttl: dataTTL}
}

// ChannelData returns the data of a channel, shared by all its threads.
func ChannelData[T any](c *Channel) Data[T] {
	return Data[T]{chat: c.chat, guard: c.caller().ready, key: channelDataKey(c.id), ttl: dataTTL}
}

// Get returns the data, or the zero value if there is none.
func (d Data[T]) Get(ctx context.Context) (T, error) {
	value, _, err := d.load(ctx)
	return value, err
}

// Set replaces the data, whatever it was. To change it use Update.
func (d Data[T]) Set(ctx context.Context, value T) error {
	if err := d.guard(ctx); err != nil {
		return err
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("chat: data %q: %w", d.key, err)
	}
	return d.chat.state.Set(ctx, d.key, data, d.ttl)
}

// Clear removes the data.
func (d Data[T]) Clear(ctx context.Context) error {
	if err := d.guard(ctx); err != nil {
		return err
	}
	return d.chat.state.Delete(ctx, d.key)
}

// Update replaces the data by what change makes of it, and returns the new
// value. No update is lost: change is called again if another one came between,
// so it must have no other effect. Its error is returned and leaves the data as
// it was. [state.ErrUnknownOutcome] means that the update may have happened.
func (d Data[T]) Update(ctx context.Context, change func(T) (T, error)) (T, error) {
	if ctx == nil {
		var zero T
		return zero, errNilContext
	}
	swaps := d.chat.swaps
	if swaps == nil {
		return d.updateLocked(ctx, change)
	}
	for attempt := 0; ; attempt++ {
		value, old, err := d.load(ctx)
		if err != nil {
			return value, err
		}
		next, data, err := d.apply(value, change)
		if err != nil {
			return next, err
		}
		done, err := swaps.CompareAndSwap(ctx, d.key, old, data, d.ttl)
		if err != nil || done {
			return next, err
		}
		if err := pause(ctx, attempt); err != nil {
			return next, err
		}
	}
}

// updateLocked is Update for a state without the Swaps role. The lock is one of
// its own: the thread's is held by the turn that calls.
func (d Data[T]) updateLocked(ctx context.Context, change func(T) (T, error)) (T, error) {
	var zero T
	const ttl = 30 * time.Second
	for attempt := 0; ; attempt++ {
		lock, err := d.chat.state.AcquireLock(ctx, d.key, ttl)
		if errors.Is(err, state.ErrLocked) {
			if err := pause(ctx, attempt); err != nil {
				return zero, err
			}
			continue
		}
		if err != nil {
			return zero, err
		}
		defer func() { _ = d.chat.state.ReleaseLock(context.WithoutCancel(ctx), lock) }()
		value, _, err := d.load(ctx)
		if err != nil {
			return value, err
		}
		next, data, err := d.apply(value, change)
		if err != nil {
			return next, err
		}
		if !time.Now().Before(lock.ExpiresAt) {
			return next, fmt.Errorf("chat: data %q: %w", d.key, state.ErrLockLost)
		}
		return next, d.chat.state.Set(ctx, d.key, data, d.ttl)
	}
}

func (d Data[T]) load(ctx context.Context) (value T, data []byte, err error) {
	if err := d.guard(ctx); err != nil {
		return value, nil, err
	}
	data, err = d.chat.state.Get(ctx, d.key)
	if errors.Is(err, state.ErrNotFound) {
		return value, nil, nil
	}
	if err != nil {
		return value, nil, err
	}
	if err := json.Unmarshal(data, &value); err != nil {
		return value, nil, fmt.Errorf("chat: data %q does not fit its type: %w", d.key, err)
	}
	return value, data, nil
}

func (d Data[T]) apply(value T, change func(T) (T, error)) (T, []byte, error) {
	next, err := change(value)
	if err != nil {
		return value, nil, err
	}
	data, err := json.Marshal(next)
	if err != nil {
		return value, nil, fmt.Errorf("chat: data %q: %w", d.key, err)
	}
	return next, data, nil
}

// pause waits a random, growing time, so that contenders spread out.
func pause(ctx context.Context, attempt int) error {
	limit := min(time.Millisecond<<min(attempt, 6), 50*time.Millisecond)
	timer := time.NewTimer(rand.N(limit) + 1)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
