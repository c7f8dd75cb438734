// Package fault has the errors that several packages of core return, so that each
// is one value wherever a program looks for it.
package fault

import "errors"

var (
	// ErrInvalidArgument is an argument that can never work.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrInvalidConfig is a configuration that can never work.
	ErrInvalidConfig = errors.New("invalid configuration")
	// ErrNotFound is what was named and is not there.
	ErrNotFound = errors.New("not found")
	// ErrLockLost is a lock that is no longer held.
	ErrLockLost = errors.New("lock lost")
	// ErrTurnTooLong is an attempt that took longer than it may.
	ErrTurnTooLong = errors.New("chat: the turn took too long")
	// ErrTurnCancelled is an attempt that somebody has cancelled.
	ErrTurnCancelled = errors.New("chat: the turn was cancelled")
	// ErrShutdown is what is refused or ended because the bot shuts down.
	ErrShutdown = errors.New("chat: the bot is shutting down")
	// ErrBusy is what cannot be taken now.
	ErrBusy = errors.New("chat: busy, deliver again later")
	// ErrMissing is a message that is gone and not known to be handled.
	ErrMissing = errors.New("chat: the message is no longer stored, and not known to be handled")
)
