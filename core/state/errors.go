package state

import (
	"errors"

	"github.com/chat-adapter/chat-go/core/internal/fault"
)

// Errors that every adapter returns for the same cause. Test for them with
// [errors.Is]; adapters wrap them with what they were doing.
var (
	// ErrNotConnected is returned by every method but Connect and Close before
	// Connect has succeeded.
	ErrNotConnected = errors.New("state: not connected")

	// ErrClosed is returned by every method but Close after Close.
	ErrClosed = errors.New("state: closed")

	// ErrInvalidArgument is returned for an argument that no backend can serve.
	// The message names the argument and what was expected.
	ErrInvalidArgument = fault.ErrInvalidArgument

	// ErrInvalidConfig is returned by an adapter's New, and by [Open], for a
	// configuration or an address that can never work. The message names the field
	// and what was expected.
	ErrInvalidConfig = fault.ErrInvalidConfig

	// ErrNotFound is returned by Get for a key that is absent or has expired.
	ErrNotFound = fault.ErrNotFound

	// ErrLocked is returned by AcquireLock while another holds the lock.
	ErrLocked = errors.New("state: locked")

	// ErrLockLost is returned when a lock is no longer held with its token.
	ErrLockLost = fault.ErrLockLost

	// ErrQueueEmpty is returned by Dequeue when nothing waits.
	ErrQueueEmpty = errors.New("state: queue empty")

	// ErrUnknownOutcome is returned when a write may or may not have happened,
	// because its reply was lost and asking again cannot tell.
	ErrUnknownOutcome = errors.New("state: unknown outcome")

	// ErrCorrupt is returned for stored data that this contract did not write:
	// a key of another type, or a queue entry that cannot be decoded.
	// The error is a *[CorruptError] where the stored bytes are known.
	ErrCorrupt = errors.New("state: corrupt data")

	// ErrUnavailable is returned when the backend cannot be reached, does not
	// answer in time, or takes no writes now. The operation can be tried again.
	ErrUnavailable = errors.New("state: backend unavailable")

	// ErrMisconfigured is returned when the backend refuses what it is asked, and
	// will until someone changes its configuration or the program's: a wrong
	// password, a missing right, a database that does not exist. Trying again is of
	// no use. A program whose Connect returns it should end with it.
	ErrMisconfigured = errors.New("state: misconfigured")
)

// CorruptError is the detail of [ErrCorrupt].
type CorruptError struct {
	// Kind is the kind of name: "queue", "cache", "list", "lock" or "subscriptions".
	Kind string
	// Name is the thread or key under which the data was found.
	Name string
	// Raw is what was stored, as far as it is known. It may hold message text:
	// do not log it.
	Raw []byte
	// Cause says what is wrong with it.
	Cause error
}

// Error names the kind, the name and the cause, never the data.
func (e *CorruptError) Error() string {
	return "state: corrupt data: " + e.Kind + " " + quote(e.Name) + ": " + e.Cause.Error()
}

// Unwrap makes errors.Is match both ErrCorrupt and the cause.
func (e *CorruptError) Unwrap() []error { return []error{ErrCorrupt, e.Cause} }
