package state

import "context"

// Fences is an optional role: it numbers the grants of a lock, so that a program's own
// store can refuse what somebody writes who had the lock before. A lock is a lease:
// its holder can be stopped for longer than that lasts, and go on writing afterwards.
// See https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html.
type Fences interface {
	// Fence returns a number that is greater than every one that it has returned for an
	// earlier grant of the thread's lock. It returns [ErrLockLost] unless the lock is
	// held. The numbers go on rising as long as the backend keeps its data, so it keeps
	// one for each thread that was ever asked for, without expiry.
	Fence(ctx context.Context, lock *Lock) (int64, error)
}
