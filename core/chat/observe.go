package chat

import (
	"context"
	"log/slog"
	"time"
)

// Observer is told of every step of a message and of its lock, to count and to trace. Its method
// is called on the path of the message: it must be quick and safe for concurrent
// use.
type Observer interface {
	Observe(ctx context.Context, o Observation)
}

// Step is what happened to a message. The strings are the names of log events;
// they never change.
type Step string

// The steps.
const (
	StepReceived  Step = "received"     // an adapter delivered it
	StepAccepted  Step = "accepted"     // it is stored
	StepRejected  Step = "rejected"     // it could not be stored; the platform should deliver again
	StepDuplicate Step = "duplicate"    // it was delivered before
	StepIgnored   Step = "ignored"      // the bot's own message, or no handler wanted it
	StepDropped   Step = "dropped"      // the strategy or the queue's bound discarded it
	StepExpired   Step = "expired"      // it waited longer than its MessageTTL
	StepSkipped   Step = "skipped"      // it was handed over as one of a newer message's Skipped
	StepHandled   Step = "handled"      // its handlers returned without an error
	StepFailed    Step = "failed"       // a handler failed; it will be tried again
	StepDead      Step = "dead"         // it became a dead letter
	StepReleased  Step = "released"     // its turn ended early; it will be handled again
	StepCancelled Step = "cancelled"    // its turn was cancelled by CancelTurn
	StepRecovered Step = "recovered"    // the sweep found it waiting
	StepLockLost  Step = "lock-lost"    // its turn lost the lock
	StepAbandoned Step = "abandoned"    // its handler ignored the end of its context
	StepMissing   Step = "missing"      // this instance stored it, and it is gone without having been handled by this SDK
	StepLockWait  Step = "lock-waiting" // another instance holds its lock

	StepDebouncing   Step = "debouncing"    // it waits for more, by its strategy
	StepSuperseded   Step = "superseded"    // a newer one has come while it waited so
	StepDequeued     Step = "dequeued"      // its handlers are called next
	StepLockAcquired Step = "lock-acquired" // this instance serves a lock, for whatever waits on it
	StepLockReleased Step = "lock-released" // it has given the lock back
)

// Observation is one step of one message.
type Observation struct {
	// Step is what happened.
	Step Step
	// Adapter, Thread and Message name the message.
	Adapter string
	Thread  ThreadID
	Message MessageID
	// Lock names the lock, for lock-acquired and lock-released, which are of no
	// message: the thread's id, unless the lock is another. Default empty.
	Lock string
	// Attempt counts from 1; 0 before the message is handled.
	Attempt int
	// Depth is how many messages waited on the lock, where it is known.
	Depth int
	// Waited is the time from acceptance to this step, where it is known.
	Waited time.Duration
	// Took is how long the handlers ran, for the steps that end a turn.
	Took time.Duration
	// Reason says why, for rejected, ignored, dropped, missing and dead, and for a
	// duplicate that another program has.
	Reason string
	// Err is the failure, for rejected, failed and dead.
	Err error
}

// observes reports whether anybody is told of the step.
func (c *Chat) observes(ctx context.Context, step Step) bool {
	return c.observer != nil || c.log.Enabled(ctx, step.level())
}

// level returns the level at which the step is logged: those of every message at debug
// level, what an operator should know above it.
func (s Step) level() slog.Level {
	switch s {
	case StepDead, StepAbandoned:
		return slog.LevelError
	case StepRejected, StepDropped, StepExpired, StepFailed, StepLockLost, StepMissing:
		return slog.LevelWarn
	case StepRecovered, StepCancelled, StepReleased:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// observe logs the step and tells the observer.
func (c *Chat) observe(ctx context.Context, o Observation) {
	level := o.Step.level()
	if c.log.Enabled(ctx, level) {
		attrs := make([]slog.Attr, 0, 8)
		attrs = append(attrs, slog.String("adapter", o.Adapter), slog.String("thread", string(o.Thread)))
		if o.Message != "" {
			attrs = append(attrs, slog.String("message", string(o.Message)))
		}
		if o.Lock != "" {
			attrs = append(attrs, slog.String("lock", o.Lock))
		}
		if o.Attempt > 0 {
			attrs = append(attrs, slog.Int("attempt", o.Attempt))
		}
		if o.Depth > 0 {
			attrs = append(attrs, slog.Int("depth", o.Depth))
		}
		if o.Waited > 0 {
			attrs = append(attrs, slog.Duration("waited", o.Waited))
		}
		if o.Took > 0 {
			attrs = append(attrs, slog.Duration("took", o.Took))
		}
		if o.Reason != "" {
			attrs = append(attrs, slog.String("reason", o.Reason))
		}
		if o.Err != nil {
			attrs = append(attrs, slog.Any("error", o.Err))
		}
		c.log.LogAttrs(ctx, level, "message-"+string(o.Step), attrs...)
	}
	if c.observer != nil {
		c.observer.Observe(ctx, o)
	}
}
