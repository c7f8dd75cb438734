package dispatch

import (
	"context"
	"time"
)

// Mode says what happens to items that overlap on a key.
type Mode uint8

// The modes.
const (
	// Queue hands over what has waited as one batch.
	Queue Mode = iota
	// Drop discards an item that finds its lock held.
	Drop
	// Debounce is Queue after no item has come for a Window.
	Debounce
	// Burst is Queue after one Window.
	Burst
	// Concurrent gives each item a key of its own, see [Key.Single].
	Concurrent
)

// Full says what happens to an item that finds its queue full.
type Full uint8

// What happens to one item too many.
const (
	// Reject refuses it, with ErrBusy.
	Reject Full = iota
	// DropOldest drops the oldest one instead, at the next look. A queue that still grows
	// past ten times its size rejects.
	DropOldest
	// DropNewest drops it.
	DropNewest
)

// Conflict says what becomes of an item whose lock is held.
type Conflict uint8

// The conflicts' ends.
const (
	Wait      Conflict = iota // it waits
	Discard                   // it is dropped
	Interrupt                 // it waits, and the attempt that runs is cancelled
)

// Policy is the rule for items that overlap. It is not changed once it is in use.
type Policy struct {
	Mode Mode
	// Window is how long Debounce and Burst wait, and MaxWait bounds the former.
	Window, MaxWait time.Duration
	// MaxQueue bounds how many may wait, and OnFull says what happens to one more.
	MaxQueue int
	OnFull   Full
	// MaxConcurrent bounds the handlers of Concurrent, over all instances. 0: no bound.
	MaxConcurrent int
	// Interrupt cancels a running attempt when an item comes.
	Interrupt bool
	// Decide says what becomes of an item whose lock is held. Nil: it waits.
	Decide func(context.Context, *Item) (Conflict, error)
}

// locksAtDelivery reports whether a delivery has to know whether it got the lock.
func (p *Policy) locksAtDelivery() bool { return p.Mode == Drop || p.Decide != nil }

// isInterruptible reports whether an item may cancel an attempt of the rule.
func (p *Policy) isInterruptible() bool { return p.Interrupt || p.Decide != nil }

// bound returns how many items may be stored.
func (p *Policy) bound() int {
	if p.OnFull == DropOldest {
		return 10 * p.MaxQueue // the worker drops the oldest
	}
	return p.MaxQueue
}

// eventPolicy is the rule of events, each of which has a queue of its own.
var eventPolicy = &Policy{MaxQueue: 1000}
