package state

import (
	"context"
	"time"
)

// Adapter is a state backend: its lifecycle and all the required roles.
type Adapter interface {
	// Connect reaches the backend, or returns why it could not.
	//
	// It is idempotent, and concurrent calls share one attempt. A failure is
	// not remembered: the next call tries again. A caller who gives up ends its
	// own waiting, and not the attempt that others wait for. After Close it
	// returns [ErrClosed].
	Connect(ctx context.Context) error

	// Close releases what the adapter itself opened; a client that the user
	// handed in stays open. It is idempotent, it does not wait for calls that
	// hang (they end with an error), and nothing reconnects afterwards. A context
	// that has ended makes it hurry: it releases everything all the same.
	Close(ctx context.Context) error

	Subscriptions
	Locks
	Cache
	Lists
	Queues
}

// Subscriptions is the set of threads that the bot follows. A subscription
// never expires and survives a restart of the process where the backend does.
type Subscriptions interface {
	// Subscribe adds the thread to the set. Adding it again changes nothing.
	Subscribe(ctx context.Context, threadID string) error

	// Unsubscribe removes the thread from the set. Removing a thread that is
	// not there changes nothing.
	Unsubscribe(ctx context.Context, threadID string) error

	// IsSubscribed reports whether the thread is in the set.
	IsSubscribed(ctx context.Context, threadID string) (bool, error)
}

// Locks are leases: a lock belongs to the holder of its token until its TTL has passed.
//
// A lock may be removed before, with ForceReleaseLock, by deleting it in the backend or
// by emptying the backend. The holder is not told. It learns of it when it next extends
// the lock, and until then another may hold it, too.
type Locks interface {
	// AcquireLock takes the lock of the thread in one atomic step, with a fresh
	// unguessable token. It returns [ErrLocked] while another holds it and never
	// waits. Lock.ExpiresAt is computed from before the request left, so it
	// never promises too much.
	AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*Lock, error)

	// ExtendLock restarts the TTL of a lock from now if its token still
	// matches, and then updates lock.ExpiresAt. Otherwise it returns
	// [ErrLockLost]: it never creates or resurrects a lock.
	ExtendLock(ctx context.Context, lock *Lock, ttl time.Duration) error

	// ReleaseLock gives the lock up if its token still matches; otherwise it
	// changes nothing and returns [ErrLockLost], which callers may ignore.
	ReleaseLock(ctx context.Context, lock *Lock) error

	// ForceReleaseLock removes the lock of the thread, whoever holds it. The holder
	// is not told.
	ForceReleaseLock(ctx context.Context, threadID string) error
}

// Cache is a map of values with expiry.
type Cache interface {
	// Get returns the exact bytes that were set. It returns [ErrNotFound] if the
	// key is absent or expired.
	Get(ctx context.Context, key string) ([]byte, error)

	// Set replaces the value and its expiry. A ttl of 0 means no expiry.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error

	// SetIfNotExists sets the value if the key is absent, in one atomic step, and
	// reports whether it did. An expired key counts as absent.
	//
	// A lost reply never makes the answer wrong. A value made by [NewClaim] is
	// written by one caller only: finding it in place means that this caller set
	// it, so the answer is true, also when the same call is made again, and its
	// expiry starts again from now. With any other value an outcome that cannot be
	// known is [ErrUnknownOutcome].
	SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error)

	// Delete removes the cache value of the key, never a list, lock or queue of
	// the same name. Deleting an absent key changes nothing.
	Delete(ctx context.Context, key string) error
}

// Lists are sequences of values that only grow at the tail and are trimmed at
// the head.
type Lists interface {
	// AppendToList pushes the value at the tail, keeps the newest
	// opts.MaxLength values, and refreshes the expiry of the whole list when
	// opts.TTL is positive, leaving it alone when it is 0: one atomic step.
	// After a lost reply the value may be there; appending again can double it.
	AppendToList(ctx context.Context, key string, value []byte, opts ListOptions) error

	// GetList returns the values in insertion order, and none, without an
	// error, if the list is absent or expired.
	GetList(ctx context.Context, key string) ([][]byte, error)
}

// ListOptions bound a list.
type ListOptions struct {
	// MaxLength is how many of the newest values are kept. Default 0: all.
	MaxLength int
	// TTL is how long the whole list lives from this append on. Default 0:
	// leave the expiry as it is.
	TTL time.Duration
}

// Queues hold messages that wait for their thread.
type Queues interface {
	// Enqueue pushes the entry at the tail, drops the oldest entries beyond
	// maxSize (0 means no bound), and returns the depth after the trim: one
	// atomic step. After a lost reply the entry may be there; enqueuing again
	// can double it and never loses another.
	Enqueue(ctx context.Context, threadID string, entry QueueEntry, maxSize int) (int, error)

	// Dequeue removes and returns the oldest entry, or returns [ErrQueueEmpty].
	// N concurrent callers on N entries get N distinct entries. Expiry is not
	// the adapter's business: an expired entry is returned as any other. An
	// entry that cannot be decoded is removed and returned as a *[CorruptError],
	// so that it blocks nothing. After a lost reply the oldest entry may be gone:
	// that is [ErrUnknownOutcome], and no other entry is taken in its place.
	Dequeue(ctx context.Context, threadID string) (*QueueEntry, error)

	// QueueDepth returns the number of entries stored.
	QueueDepth(ctx context.Context, threadID string) (int, error)
}
