package state

import (
	"context"
	"time"
)

// Swaps is an optional role: atomic replacement of cache values.
type Swaps interface {
	// CompareAndSwap replaces the value of the key, and its expiry, if the stored
	// bytes equal old, in one atomic step, and reports whether it did. A nil old
	// means that the key must be absent or expired; an empty, non-nil old means
	// the empty value. A ttl of 0 means no expiry.
	//
	// A lost reply never makes the answer wrong: with a value made by [NewClaim]
	// the caller who set it still gets true after a retry, and its expiry starts
	// again; with any other value an outcome that cannot be known is
	// [ErrUnknownOutcome].
	CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error)
}
