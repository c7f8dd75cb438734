// Package countstate is a state that counts the locks taken: a decorator of the
// one in memory.
package countstate

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// Adapter is the state. It has the roles of the one that it wraps.
type Adapter struct {
	state.Adapter
	locks atomic.Int64
}

// Unwrap returns the state in memory, for [state.As].
func (a *Adapter) Unwrap() state.Adapter { return a.Adapter }

// New returns an adapter.
func New() (*Adapter, error) {
	a, err := memorystate.New(memorystate.Config{})
	return &Adapter{Adapter: a}, err
}

// AcquireLock takes the lock and counts it.
func (a *Adapter) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	lock, err := a.Adapter.AcquireLock(ctx, threadID, ttl)
	if err == nil {
		a.locks.Add(1)
	}
	return lock, err
}

// Locks returns how many locks were taken.
func (a *Adapter) Locks() int64 { return a.locks.Load() }
