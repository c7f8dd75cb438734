package state

import "time"

// StartTurn is the request of Turns.StartTurn.
type StartTurn struct {
	// Key, Value and TTL are what SetIfNotExists sets.
	Key   string
	Value []byte
	TTL   time.Duration
	// ThreadID and LockTTL are the lock to acquire. Default: none.
	ThreadID string
	LockTTL  time.Duration
}

// TurnStarted is what came of a StartTurn. It may hold a lock although SetIfNotExists
// has failed.
type TurnStarted struct {
	// Set is what SetIfNotExists returns.
	Set bool
	// Found is what Get returns for a key that was taken. Nil: it is not known, as
	// the key was gone when it was asked for, or that failed.
	Found []byte
	// Lock and LockErr are what AcquireLock returns. Both are nil if the lock was
	// not asked for, because the key was taken.
	Lock    *Lock
	LockErr error
}

// AcceptTurn is the request of Turns.AcceptTurn.
type AcceptTurn struct {
	// ThreadID, Entry and MaxSize are what Accept stores.
	ThreadID string
	Entry    QueueEntry
	MaxSize  int
	// Subscription is the thread to look up with IsSubscribed. Default: none.
	Subscription string
	// Keys are cache keys to look for with Get. Default: none.
	Keys []string
}

// TurnAccepted is what came of an AcceptTurn.
type TurnAccepted struct {
	// Depth is what Accept returns.
	Depth int
	// Waiting and Subscribed are what Waiting and IsSubscribed return, and Found are
	// those of Keys that Get finds, in their order, unless LookErr says that one of
	// these calls failed.
	Waiting    []WaitingEntry
	Subscribed bool
	Found      []string
	LookErr    error
}

// EndTurn is the request of Turns.EndTurn.
type EndTurn struct {
	// Marks are cache keys that get the value Mark for MarkTTL.
	Marks   []string
	Mark    []byte
	MarkTTL time.Duration
	// ThreadID and Receipts are the entries to settle.
	ThreadID string
	Receipts []Receipt
	// Lock is the lock to release.
	Lock *Lock
}
