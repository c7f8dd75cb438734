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

// stateTTL is how long typed state lives after its last write, as in the
// TypeScript SDK.
const stateTTL = 30 * 24 * time.Hour

const threadStateKey = "thread-state:"

// State is a program's own data for one thread or channel, stored as JSON. It
// lives 30 days from its last write. It is safe for concurrent use, by any number
// of instances.
type State[T any] struct {
	chat  *Chat
	guard func(context.Context) error
	key   string
	ttl   time.Duration
}

// ThreadState returns the state of a thread.
func ThreadState[T any](t *Thread) State[T] {
	return State[T]{chat: t.chat, guard: t.caller().ready, key: threadStateKey + string(t.id), ttl: stateTTL}
}

// ChannelState returns the state of a channel, shared by all its threads.
func ChannelState[T any](c *Channel) State[T] {
	return State[T]{chat: c.chat, guard: c.caller().ready, key: "channel-state:" + string(c.id), ttl: stateTTL}
}

// Get returns the state, or the zero value if there is none.
func (s State[T]) Get(ctx context.Context) (T, error) {
	value, _, err := s.load(ctx)
	return value, err
}

// Set replaces the state, whatever it was. To change it use Update.
func (s State[T]) Set(ctx context.Context, value T) error {
	if err := s.guard(ctx); err != nil {
		return err
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("chat: state %q: %w", s.key, err)
	}
	return s.chat.state.Set(ctx, s.key, data, s.ttl)
}

// Clear removes the state.
func (s State[T]) Clear(ctx context.Context) error {
	if err := s.guard(ctx); err != nil {
		return err
	}
	return s.chat.state.Delete(ctx, s.key)
}

// Update replaces the state by what change makes of it, and returns the new
// value. No update is lost: change is called again if another one came between,
// so it must have no other effect. Its error is returned and leaves the state as
// it was. [state.ErrUnknownOutcome] means that the update may have happened.
func (s State[T]) Update(ctx context.Context, change func(T) (T, error)) (T, error) {
	if ctx == nil {
		var zero T
		return zero, errNilContext
	}
	swaps := s.chat.swaps
	if swaps == nil {
		return s.updateLocked(ctx, change)
	}
	for attempt := 0; ; attempt++ {
		value, old, err := s.load(ctx)
		if err != nil {
			return value, err
		}
		next, data, err := s.apply(value, change)
		if err != nil {
			return next, err
		}
		done, err := swaps.CompareAndSwap(ctx, s.key, old, data, s.ttl)
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
func (s State[T]) updateLocked(ctx context.Context, change func(T) (T, error)) (T, error) {
	var zero T
	const ttl = 30 * time.Second
	for attempt := 0; ; attempt++ {
		lock, err := s.chat.state.AcquireLock(ctx, s.key, ttl)
		if errors.Is(err, state.ErrLocked) {
			if err := pause(ctx, attempt); err != nil {
				return zero, err
			}
			continue
		}
		if err != nil {
			return zero, err
		}
		defer func() { _ = s.chat.state.ReleaseLock(context.WithoutCancel(ctx), lock) }()
		value, _, err := s.load(ctx)
		if err != nil {
			return value, err
		}
		next, data, err := s.apply(value, change)
		if err != nil {
			return next, err
		}
		if !time.Now().Before(lock.ExpiresAt) {
			return next, fmt.Errorf("chat: state %q: %w", s.key, state.ErrLockLost)
		}
		return next, s.chat.state.Set(ctx, s.key, data, s.ttl)
	}
}

func (s State[T]) load(ctx context.Context) (value T, data []byte, err error) {
	if err := s.guard(ctx); err != nil {
		return value, nil, err
	}
	data, err = s.chat.state.Get(ctx, s.key)
	if errors.Is(err, state.ErrNotFound) {
		return value, nil, nil
	}
	if err != nil {
		return value, nil, err
	}
	if err := json.Unmarshal(data, &value); err != nil {
		return value, nil, fmt.Errorf("chat: state %q does not fit its type: %w", s.key, err)
	}
	return value, data, nil
}

func (s State[T]) apply(value T, change func(T) (T, error)) (T, []byte, error) {
	next, err := change(value)
	if err != nil {
		return value, nil, err
	}
	data, err := json.Marshal(next)
	if err != nil {
		return value, nil, fmt.Errorf("chat: state %q: %w", s.key, err)
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
