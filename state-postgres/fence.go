package pgstate

import (
	"context"

	"github.com/chat-adapter/chat-go/core/state"
)

// Fence returns a number that rises with every grant of the thread's lock, for a
// program's own store to compare. It comes from one sequence for all threads, and is
// taken while the lock's row is held: before any later grant.
//
// A failover to a standby that lacks the last numbers gives them again, unless the
// server waits for the standby.
func (a *Adapter) Fence(ctx context.Context, lock *state.Lock) (int64, error) {
	o, err := a.begin(ctx, "fence")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckLock(lock); err != nil {
		return 0, err
	}
	var number int64
	var held bool
	err = o.send(again, func(b *batch) {
		b.row(&held, []any{&number}, `
UPDATE chat_go_locks SET token = token
WHERE prefix = $1::text AND thread_id = $2::text AND token = $3::text AND expires_at > statement_timestamp()
RETURNING nextval($4::text::regclass)`, a.cfg.Prefix, keyOf(lock.ThreadID), lock.Token, a.tables+"fences")
	})
	if err != nil {
		return 0, o.fail(err)
	}
	if !held {
		return 0, state.ErrLockLost
	}
	return number, nil
}
