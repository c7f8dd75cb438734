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

// TurnStarted is what came of a StartTurn.
type TurnStarted struct {
	// Set and SetErr are what SetIfNotExists returns.
	Set    bool
	SetErr error
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
	// Keys are cache keys to look for with Get. Empty ones are left out.
	Keys [2]string
}

// TurnAccepted is what came of an AcceptTurn.
type TurnAccepted struct {
	// Depth and Err are what Accept returns. The other fields hold only if Err is
	// nil.
	Depth int
	Err   error
	// Waiting and Subscribed are what Waiting and IsSubscribed return, and Found is
	// whether Get finds each of Keys, unless LookErr says that one of them failed.
	Waiting    []WaitingEntry
	Subscribed bool
	Found      [2]bool
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

// TurnEnded is what came of an EndTurn.
type TurnEnded struct {
	// Depth is what QueueDepth returns: how many entries were left, or had come,
	// after the lock was released.
	Depth int
	// Err is the first failure.
	Err error
}
