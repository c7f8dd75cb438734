package dispatch

import "slices"

// State is what a worker does next. The package comment has the table of the
// states; internal/model plays them in every order.
type State uint8

// The states of a worker.
const (
	// Idle: there is nothing to do, and no goroutine.
	Idle State = iota
	// Opening: a delivery that found the worker idle asks for its lock.
	Opening
	// Queued: there is work, and as many workers as may be are served.
	Queued
	// Acquire: the worker asks for the lock.
	Acquire
	// Refused: another instance has the lock.
	Refused
	// Look: the worker reads its queue.
	Look
	// Await: a handler of an instance that had the lock before may still run.
	Await
	// Run: the worker makes batches of what it has read, and takes the first.
	Run
	// Running: the handlers are called.
	Running
	// Settle: the outcome of the batch is written.
	Settle
	// Release: the worker gives the lock back.
	Release
	// Depth: the worker looks whether something was stored while it had the lock.
	Depth

	states
)

var stateNames = [states]string{
	Idle: "idle", Opening: "opening", Queued: "queued", Acquire: "acquire", Refused: "refused", Look: "look",
	Await: "await", Run: "run", Running: "running", Settle: "settle", Release: "release", Depth: "depth",
}

// String returns the state's name.
func (s State) String() string { return stateNames[s] }

// transitions are the states that can follow each state. internal/model reads them
// here, and plays no others.
var transitions = [states][]State{
	Idle:    {Opening, Queued, Acquire, Look},
	Opening: {Idle, Acquire, Look},
	Queued:  {Idle, Acquire, Look},
	Acquire: {Idle, Acquire, Refused, Look, Release},
	Refused: {Idle, Acquire, Look},
	Look:    {Look, Await, Run, Release},
	Await:   {Look, Release},
	Run:     {Look, Running, Settle, Release},
	Running: {Acquire, Settle},
	Settle:  {Run, Look, Release, Depth},
	Release: {Idle, Acquire, Look, Depth},
	Depth:   {Idle, Acquire, Look},
}

// canFollow reports whether the transition is in the table.
func (s State) canFollow(before State) bool { return slices.Contains(transitions[before], s) }
