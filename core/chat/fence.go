package chat

import (
	"context"
	"errors"
	"fmt"
)

// Fence returns a fencing token: a number that is greater than every one that was
// returned for an earlier grant of the lock under which the handler runs. A handler
// that is stopped, by a pause of its machine or of its process, can go on after its
// lock has passed to another, before it sees that its context has ended. What it writes
// to a store of the program's own then must be refused by that store: write the number
// with each change, and refuse one whose number is smaller than that of the last
//
//	UPDATE orders SET state = $1, fence = $2 WHERE id = $3 AND fence <= $2
//
// One call of a handler gets one number, however often it asks; the first time costs a
// command. An attempt on the same message, or the next message of the thread, may get
// the same number or a greater one. Numbers of different locks are not comparable: under
// [ScopeThread] compare those of one thread.
//
// The numbers rise as long as the state keeps its data. If it loses some, as Redis can
// when it fails over to a replica that lacks the last writes, numbers come again.
//
// It returns [ErrLockLost] if the lock is not held any more, and an error that matches
// [errors.ErrUnsupported] if the state has no [state.Fences] role.
func (e *MessageEvent) Fence(ctx context.Context) (int64, error) {
	if e.Thread == nil || e.Thread.lease == nil {
		return 0, fmt.Errorf("chat: an event outside of a handler has no lock: %w", errors.ErrUnsupported)
	}
	return e.Thread.lease.Fence(ctx)
}
