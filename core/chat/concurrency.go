package chat

import (
	"context"
	"fmt"
	"time"
)

// Strategy says what happens to messages that overlap on a lock.
type Strategy int

const (
	// StrategyQueue handles the newest of the messages that waited while a
	// handler ran; the others are its event's Skipped.
	StrategyQueue Strategy = iota
	// StrategyDrop discards a message that comes while a handler runs.
	StrategyDrop
	// StrategyDebounce waits until no message has come for Window and then
	// handles the newest.
	StrategyDebounce
	// StrategyBurst waits one Window, then handles the newest, then continues as
	// StrategyQueue.
	StrategyBurst
	// StrategyConcurrent handles every message at once, without a lock on the
	// thread.
	StrategyConcurrent
)

// FullPolicy says what happens to a message that finds its queue full.
type FullPolicy int

const (
	// FullReject refuses it with ErrBusy: the webhook answers 503 and the platform
	// delivers it again.
	FullReject FullPolicy = iota
	// FullDropOldest drops the oldest waiting message when the queue is next
	// looked at. A queue that still grows past ten times its size rejects.
	FullDropOldest
	// FullDropNewest drops the message itself.
	FullDropNewest
)

// Concurrency says what happens to messages that overlap: to all of a bot, or to
// those of a [Group].
type Concurrency struct {
	// Strategy is the rule. Default StrategyQueue.
	Strategy Strategy
	// Window is the waiting time of StrategyDebounce and StrategyBurst.
	// Default 1.5 s.
	Window time.Duration
	// MaxWait bounds how long StrategyDebounce waits while messages keep coming.
	// Default 10 times Window.
	MaxWait time.Duration
	// MaxQueueSize is how many messages may wait on one lock; for a [Group], how many
	// of its own, except that DurabilityNone counts all. Default 1000.
	MaxQueueSize int
	// OnFull says what happens to one more. Default FullReject.
	OnFull FullPolicy
	// MessageTTL is how long a message may wait for its handler, at most
	// Config.Storage.MessageTTL. Default Config.Storage.MessageTTL.
	MessageTTL time.Duration
	// MaxConcurrent bounds the handlers of StrategyConcurrent per lock, over all
	// instances. Default 0: no bound.
	MaxConcurrent int
	// Interrupt cancels the running turn, with ErrTurnCancelled, when a message
	// comes, with StrategyQueue. With a [Group], both the message's rule and the
	// running turn's must say so. Default false.
	Interrupt bool
	// OnLockConflict decides about a message whose lock is held, most often because a
	// handler runs, with StrategyQueue and without Interrupt. It runs before the webhook
	// is answered. If it panics, or returns none of the constants, the message is refused
	// for the platform to deliver again. It may be called again for a message that is
	// delivered again. A turn is interrupted only if its own rule has such a function,
	// or Interrupt. Default: messages wait.
	OnLockConflict func(context.Context, *Message) Conflict
}

func (c *Concurrency) setDefaults() {
	setDefault(&c.Window, 1500*time.Millisecond)
	setDefault(&c.MaxWait, 10*c.Window)
	setDefault(&c.MaxQueueSize, 1000)
}

// validate is given Config.Storage.MessageTTL.
func (c *Concurrency) validate(maxTTL time.Duration) error {
	switch {
	case c.Strategy < StrategyQueue || c.Strategy > StrategyConcurrent:
		return fmt.Errorf("Strategy is %d, want one of the Strategy constants", c.Strategy)
	case c.OnFull < FullReject || c.OnFull > FullDropNewest:
		return fmt.Errorf("OnFull is %d, want one of the FullPolicy constants", c.OnFull)
	case c.Window < 0:
		return fmt.Errorf("Window is %v, want 0 (the default) or more", c.Window)
	case c.MaxWait < 0:
		return fmt.Errorf("MaxWait is %v, want 0 (the default) or more", c.MaxWait)
	case c.MaxQueueSize < 0:
		return fmt.Errorf("MaxQueueSize is %d, want 0 (the default) or more", c.MaxQueueSize)
	case c.MessageTTL < 0:
		return fmt.Errorf("MessageTTL is %v, want 0 (the default) or more", c.MessageTTL)
	case c.MessageTTL > maxTTL:
		return fmt.Errorf("MessageTTL is %v, want at most Config.Storage.MessageTTL, which is %v", c.MessageTTL, maxTTL)
	case c.MaxConcurrent < 0:
		return fmt.Errorf("MaxConcurrent is %d, want 0 (no bound) or more", c.MaxConcurrent)
	case c.MaxConcurrent > 0 && c.Strategy != StrategyConcurrent:
		return fmt.Errorf("MaxConcurrent is set, but the strategy is not StrategyConcurrent")
	case c.Interrupt && c.Strategy != StrategyQueue:
		return fmt.Errorf("Interrupt is set, but the strategy is not StrategyQueue")
	case c.OnLockConflict != nil && c.Strategy != StrategyQueue:
		return fmt.Errorf("OnLockConflict is set, but the strategy is not StrategyQueue")
	case c.OnLockConflict != nil && c.Interrupt:
		return fmt.Errorf("OnLockConflict is set together with Interrupt, want one of them")
	}
	return nil
}
