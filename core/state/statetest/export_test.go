package statetest

import (
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// CheckFeatures lets the suite's own tests see it fail.
var CheckFeatures = checkFeatures

// CheckExpiresAt is the check of what a lock promises after a call at one moment.
func CheckExpiresAt(t TB, lock *state.Lock, at time.Time, ttl time.Duration) {
	expiresAt(t, "a call", lock, span{sent: at, returned: at}, ttl)
}
