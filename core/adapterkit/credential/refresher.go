package credential

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/internal/flight"
	"github.com/chat-adapter/chat-go/core/state"
)

// RefresherConfig configures a [Refresher].
type RefresherConfig struct {
	// Prefix begins the names of the locks, such as "linear:installation:". Required.
	Prefix string
	// Timeout bounds an exchange with the storing of its result. An instance that
	// crashes holds up the others that long. Default: 30 s.
	Timeout time.Duration
	// Poll is between two looks at what another instance does. Default: 100 ms.
	Poll time.Duration
}

// Refresher exchanges tokens that are about to end: one caller of all instances
// does it, and the others get what it has stored. Platforms take most refresh
// tokens once. It is safe for concurrent use.
type Refresher[T any] struct {
	cfg     RefresherConfig
	flights flight.Group[T]
}

// NewRefresher returns a refresher.
func NewRefresher[T any](cfg RefresherConfig) *Refresher[T] {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Poll <= 0 {
		cfg.Poll = 100 * time.Millisecond
	}
	return &Refresher[T]{cfg: cfg, flights: flight.Group[T]{KeepGoing: true}}
}

// Refresh is what has to be done for one id.
type Refresh[T any] struct {
	// Read returns what is stored, and whether it must still be exchanged. Required.
	Read func(ctx context.Context) (stored T, stale bool, err error)
	// Exchange exchanges what Read returned and stores the result before it returns
	// it. It is called while this caller alone may. Required.
	Exchange func(ctx context.Context, stored T) (T, error)
	// Works reports whether what is stored can be used while another instance
	// exchanges it. Default: no, it is waited for.
	Works func(stored T) bool
}

// Do returns fresh credentials: those that are stored if they are not stale any
// more, or what Exchange has made of them. Callers in this process with the same id
// share one exchange, which goes on when they give up: what the platform has
// answered must be stored. Its errors are those of Read, Exchange and the state, or
// ctx's.
func (r *Refresher[T]) Do(ctx context.Context, locks state.Locks, id string, job Refresh[T]) (T, error) {
	return r.flights.Do(ctx, id, func(ctx context.Context) (T, error) {
		return r.refresh(ctx, locks, r.cfg.Prefix+id, job)
	})
}

func (r *Refresher[T]) refresh(ctx context.Context, locks state.Locks, name string, job Refresh[T]) (T, error) {
	var none T
	// Another instance may crash with the lock, and then it is this one's turn.
	waiting, cancel := context.WithTimeout(ctx, r.cfg.Timeout+10*time.Second)
	defer cancel()
	for {
		stored, stale, err := job.Read(waiting)
		if err != nil || !stale {
			return stored, err
		}
		lock, err := locks.AcquireLock(waiting, name, r.cfg.Timeout)
		switch {
		case err == nil:
			value, err := r.locked(ctx, job)
			// If it is not given back it expires.
			_ = locks.ReleaseLock(ctx, lock)
			return value, err
		case !errors.Is(err, state.ErrLocked):
			return none, err
		case job.Works != nil && job.Works(stored):
			return stored, nil
		}
		timer := time.NewTimer(r.cfg.Poll)
		select {
		case <-waiting.Done():
			timer.Stop()
			return none, waiting.Err()
		case <-timer.C:
		}
	}
}

// locked does it while the lock is held.
func (r *Refresher[T]) locked(ctx context.Context, job Refresh[T]) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	stored, stale, err := job.Read(ctx)
	if err != nil || !stale {
		return stored, err
	}
	return job.Exchange(ctx, stored)
}
