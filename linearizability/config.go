package linearizability

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Kind is what callers quarrel about.
type Kind string

// The kinds of an adapter. Swaps are its cache, with CompareAndSwap where it has
// the role [state.Swaps]; queues are used with the role [state.Inbox] where it has it.
const (
	Locks  Kind = "locks"
	Queues Kind = "queues"
	Swaps  Kind = "swaps"
)

// Config says how an adapter is judged. The zero value fits an adapter that is a
// network away.
type Config struct {
	// Kinds are what is judged. Default: all.
	Kinds []Kind
	// Operations is how many calls are made for each kind. Default: 20,000.
	Operations int
	// Seed repeats the calls of a [Violation], but not how they meet. Default:
	// another one each time.
	Seed uint64
	// MinTTL is the shortest TTL of a lock; the longest is three times as long. It
	// leaves time for a few calls. Default: 20 ms.
	MinTTL time.Duration
	// Slack is how far the backend's clock may run from that of the process while a
	// lock is held, and how coarse it is. Default: 3 ms.
	Slack time.Duration
	// SplitVotes says that a lock is given by a majority of several backends that
	// are asked one after the other: callers who ask at once may then each be
	// refused, and ForceReleaseLock may take the next holder's lock, too. Default:
	// one backend gives it.
	SplitVotes bool
}

func (c Config) withDefaults() (Config, error) {
	for _, k := range c.Kinds {
		if !slices.Contains([]Kind{Locks, Queues, Swaps}, k) {
			return c, fmt.Errorf("%w: Config.Kinds has %q, want %s, %s or %s", state.ErrInvalidConfig, k, Locks, Queues, Swaps)
		}
	}
	if c.Operations < 0 {
		return c, fmt.Errorf("%w: Config.Operations is %d, want more than 0, or 0 for the default", state.ErrInvalidConfig, c.Operations)
	}
	for field, d := range map[string]time.Duration{"MinTTL": c.MinTTL, "Slack": c.Slack} {
		if d < 0 {
			return c, fmt.Errorf("%w: Config.%s is %v, want more than 0, or 0 for the default", state.ErrInvalidConfig, field, d)
		}
	}
	if len(c.Kinds) == 0 {
		c.Kinds = []Kind{Locks, Queues, Swaps}
	}
	if c.Operations == 0 {
		c.Operations = 20_000
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	if c.MinTTL == 0 {
		c.MinTTL = 20 * time.Millisecond
	}
	if c.Slack == 0 {
		c.Slack = 3 * time.Millisecond
	}
	return c, nil
}
