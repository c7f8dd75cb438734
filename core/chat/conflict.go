package chat

import (
	"context"
	"fmt"
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

// decide asks the rule's function what becomes of a message.
func (p program) decide(ctx context.Context, conc Concurrency, m *Message) (decision Conflict, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("Concurrency.OnLockConflict: %w", p.chat.logPanic(ctx, "conflict-panicked", v, "thread", string(m.ThreadID)))
		}
	}()
	decision = conc.OnLockConflict(ctx, m)
	if decision < ConflictQueue || decision > ConflictInterrupt {
		return 0, fmt.Errorf("chat: Concurrency.OnLockConflict returned %d, want one of the Conflict constants", decision)
	}
	return decision, nil
}
