package state

import "time"

// Lock is a lease on a thread. A Lock is not safe for concurrent use: only
// ExtendLock changes it, and its caller must not share it meanwhile.
type Lock struct {
	// ThreadID names what is locked.
	ThreadID string
	// Token proves ownership. It lets its holder extend and release the lock, so it
	// stays out of logs.
	Token string
	// ExpiresAt is when the lock can no longer be relied on: the moment before
	// the last successful request left, plus the TTL, less what the adapter
	// allows for clock drift, which is at most a tenth of the TTL and may be nothing.
	// Inside the process that took the lock it carries a monotonic reading.
	ExpiresAt time.Time
}
