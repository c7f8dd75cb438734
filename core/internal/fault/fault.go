// Package fault has the errors that several packages of core return, so that each
// is one value wherever a program looks for it.
package fault

import "errors"

var (
	// InvalidArgument is an argument that can never work.
	InvalidArgument = errors.New("invalid argument")
	// InvalidConfig is a configuration that can never work.
	InvalidConfig = errors.New("invalid configuration")
	// NotFound is what was named and is not there.
	NotFound = errors.New("not found")
	// LockLost is a lock that is no longer held.
	LockLost = errors.New("lock lost")
)
