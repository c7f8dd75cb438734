package chat

import (
	"context"
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/state"
)

// Conflict says what becomes of a message whose thread is locked, see
// [Concurrency].OnLockConflict.
type Conflict int

const (
	// ConflictQueue lets it wait, as [StrategyQueue] does.
	ConflictQueue Conflict = iota
	// ConflictDrop discards it, as [StrategyDrop] does.
	ConflictDrop
	// ConflictInterrupt lets it wait and cancels the turn that runs, with
	// [ErrTurnCancelled]. The message is handled when that turn's handler has
	// returned.
	ConflictInterrupt
)

// locksAtDelivery reports whether a delivery has to know whether it got the lock.
func (c Concurrency) locksAtDelivery() bool {
	return c.Strategy == StrategyDrop || c.OnLockConflict != nil
}

// isInterruptible reports whether a message may cancel a turn of the rule.
func (c Concurrency) isInterruptible() bool { return c.Interrupt || c.OnLockConflict != nil }

// lockOrDecide takes the lock for a message, or decides what becomes of it without:
// it is dropped if that returns why, else it waits by the rule that is returned.
func (c *Chat) lockOrDecide(ctx context.Context, key string, conc Concurrency, m *Message) (rule Concurrency, held *lease, dropped string, err error) {
	held, err = c.leases.acquire(ctx, key)
	if !errors.Is(err, state.ErrLocked) {
		return conc, held, "", err
	}
	decision := ConflictDrop
	if conc.OnLockConflict != nil {
		if decision, err = c.decide(ctx, conc, m); err != nil {
			return conc, nil, "", err
		}
	}
	switch decision {
	case ConflictDrop:
		return conc, nil, "a handler is running", nil
	case ConflictInterrupt:
		conc.Interrupt = true
	}
	return conc, nil, "", nil
}

func (c *Chat) decide(ctx context.Context, conc Concurrency, m *Message) (decision Conflict, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("Concurrency.OnLockConflict: %w", c.logPanic(ctx, "conflict-panicked", p, "thread", string(m.ThreadID)))
		}
	}()
	decision = conc.OnLockConflict(ctx, m)
	if decision < ConflictQueue || decision > ConflictInterrupt {
		return 0, fmt.Errorf("chat: Concurrency.OnLockConflict returned %d, want one of the Conflict constants", decision)
	}
	return decision, nil
}
