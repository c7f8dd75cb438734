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
)
