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
	// Accept is what is accepted if SetIfNotExists set the key. What it says to look
	// for is looked for if the lock was acquired. A Value that is in place stands for its
	// entry, too: a request that failed is made again with another Value. Default,
	// without a ThreadID: nothing is accepted.
	Accept AcceptTurn
}

// TurnStarted is what came of a StartTurn. It may hold a lock although SetIfNotExists
// has failed.
type TurnStarted struct {
	// Set is what SetIfNotExists returns. It may be true although Accept has failed.
	Set bool
	// Found is what Get returns for a key that was taken. Nil: it is not known, as
	// the key was gone when it was asked for, or that failed.
	Found []byte
	// Lock is what AcquireLock returns. Nil: there is none, as it was not asked for,
	// another holds it, or asking failed.
	Lock *Lock
	// Accepted is what came of Accept, if there was no error and Set is true.
	Accepted TurnAccepted
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
	// Looked says that the rest is known. It is not where looking failed, and where
	// StartTurn acquired no lock.
	Looked bool
	// Waiting and Subscribed are what Waiting and IsSubscribed return.
	Waiting    []WaitingEntry
	Subscribed bool
	// Found are those of Keys that Get finds, in their order.
	Found []string
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
