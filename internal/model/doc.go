// Package model plays the protocol of core/chat with its lock and its inbox in
// every possible order of steps: two or three instances, a few messages of one
// thread, and a bounded number of crashes, lapsed locks and lost replies.
//
// Where internal/sim plays the code itself, at random, this plays a model of it,
// completely. A step is one operation of the state, or what an instance does in
// its own memory under one mutex. Time is left out: a lock may expire at any
// moment once its holder is dead, and the sweep may look at any moment after a
// fault.
//
// What is checked in every state that can be reached:
//
//   - At most one instance runs a handler with a lock that it may rely on.
//   - Messages are first handled in the order in which they were accepted.
//   - Without a fault no message is handled twice.
//
// And of all states together: wherever it stands, the protocol can still get to
// the end, where every message that was answered is handled and none waits.
// Without faults it gets there without the sweep.
package model
