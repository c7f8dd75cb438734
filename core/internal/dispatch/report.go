package dispatch

import "time"

// Step is what happened to an item.
type Step uint8

// The steps.
const (
	Accepted     Step = iota // it is stored
	Rejected                 // it could not be stored
	Duplicate                // it was delivered before
	Ignored                  // no handler wanted it
	Dropped                  // its policy, the queue's bound or the program discarded it
	Expired                  // it waited for too long
	Skipped                  // it was part of a newer item's batch
	Handled                  // its handlers returned without an error
	Failed                   // a handler failed; it will be tried again
	Dead                     // it became a dead letter
	Returned                 // its attempt ended early; it will be handled again
	Cancelled                // its attempt was cancelled
	Recovered                // the sweep found it waiting
	LockLost                 // its attempt lost the lock
	Abandoned                // its handler ignored the end of its context
	Missing                  // this instance stored it, and it is gone
	Debouncing               // it waits for more, by its policy
	Superseded               // a newer one has come while it waited so
	Dequeued                 // its handlers are called next
	LockAcquired             // this instance has a lock, for whatever waits on it
	LockReleased             // it has given the lock back
)

// Report is one step of one item, or of a lock.
type Report struct {
	Step Step
	// Item is nil for a step of a lock.
	Item *Item
	// Key is the lock's, of a step of a lock.
	Key Key
	// Attempt counts from 1; 0 before the item is handled.
	Attempt int
	// Depth is how many items waited on the key, where that is known.
	Depth int
	// Waited is the time from acceptance to this step, where it is known.
	Waited time.Duration
	// Took is how long the handlers ran.
	Took time.Duration
	// Reason says why, if there is a choice.
	Reason string
	// Err is the failure.
	Err error
}
