package state

import (
	"context"
	"time"
)

// Inbox is an optional role: it keeps a message until its handler has
// finished, so that a crash loses nothing. It uses the same queues as
// [Queues]: both views see the same entries.
type Inbox interface {
	// Accept does what Enqueue does and marks the thread as waiting since now.
	// When it returns without an error the entry is stored and the mark is set.
	// After an error the entry may be stored; accepting again can double it.
	Accept(ctx context.Context, threadID string, entry QueueEntry, maxSize int) (int, error)

	// Waiting returns all entries of the thread, oldest first, without removing
	// them.
	Waiting(ctx context.Context, threadID string) ([]WaitingEntry, error)

	// Settle removes exactly the entries with these receipts, wherever in the
	// queue they now stand, and returns how many entries are left. Of several
	// equal entries one receipt removes one, or two if its reply was lost. A receipt
	// whose entry is gone changes nothing, and neither does one of another thread or a
	// text that is none. So after a lost reply the same call can be made again, and
	// returns what is left then. When nothing is left, the thread's mark goes too,
	// here or when WaitingThreads next meets it, unless an entry is accepted
	// meanwhile. So it is with the last entry that Dequeue takes.
	Settle(ctx context.Context, threadID string, receipts ...Receipt) (int, error)

	// ExtendQueue keeps what waits on the thread for at least the TTL from now, also
	// if another program has made the queue expire sooner. It shortens nothing, and
	// where nothing waits it changes nothing.
	ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error

	// WaitingThreads returns up to limit threads, longest first, that were last
	// marked before the moment. A thread may be listed although its entries are
	// settled already, never the other way round. A limit of 0 means all.
	//
	// Marks are made by the clock of the process that accepts, or by the backend's,
	// as the adapter documents, in milliseconds or finer. A mark that is not before
	// the moment in this unit is left out: one made in the moment itself.
	WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error)
}

// Receipt names one waiting entry of a thread. Only adapters on the backend of the
// one that issued it can read it, and all of them can.
type Receipt string

// WaitingEntry is an entry with the receipt that settles it.
type WaitingEntry struct {
	QueueEntry
	// Receipt settles the entry.
	Receipt Receipt
	// Err is a *[CorruptError] if the entry could not be decoded; its QueueEntry
	// is then empty. It can be settled like any other.
	Err error
}
