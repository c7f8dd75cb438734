package state

import "context"

// Checker is an optional role for a backend that may be there and take no writes:
// what the bot asks for its readiness, and so as often as a health check comes.
type Checker interface {
	// Check writes something of its own, removes it and returns nil, or returns why
	// the backend takes no writes now: [ErrUnavailable] where waiting may help,
	// [ErrMisconfigured] where it does not. Nobody sees what it writes.
	Check(ctx context.Context) error
}
