// Package dispatch hands what waits to the handlers: each item at least once, in the
// order in which it was accepted, and one handler at a time for a key, across all
// instances with the same state. It knows keys, items, which are bytes with an id, and
// policies. What an item says, and who handles it, is the affair of its [Program].
//
// # The way of an item
//
// A delivery takes it in (accept.go): its id is claimed, so that a redelivery is
// recognised, it is stored, and if the key's worker is idle the lock is asked for and the
// queue is read, all in one trip (claim.go, leases.go, lease.go; bound.go if the queue is
// full); it arrives at its worker (worker.go), and the delivery is answered. A
// goroutine serves the worker (hold.go): it does what the worker's state says, which is
// in the file that the table names, until the worker is idle.
//
// # The states of a worker
//
//	state    what is done                                      file        then
//	Idle     nothing; there is no goroutine                    worker.go   Opening, Queued, Acquire, Look
//	Opening  a delivery claims its item and asks for the lock  accept.go   Look with the lock, Acquire without, Idle for a duplicate
//	Queued   it waits for one of MaxHandlers slots             queued.go   Acquire, Look, Idle at a shutdown
//	Acquire  the lock is asked for                             hold.go     Look, Refused; Release at a shutdown; after an error Idle, Acquire
//	Refused  the instance that has the lock will look          hold.go     Idle until later, Acquire, Look
//	Look     the queue is read                                 look.go     Run, Await; Look if something was stored again; Release if nothing waits
//	Await    a handler of an earlier holder may still run      predecessor.go  Look, Release
//	Run      batches are made of the queue, one is taken       plan.go, run.go  Running; Settle without a call; Look after a window; Release if nothing is due
//	Running  the handlers are called                           run.go      Settle; Acquire by another goroutine if they ignore the end of their context
//	Settle   the outcome is written                            settle.go   Run, Look, Release; Depth if the lock went with it
//	Release  the lock is given back                            hold.go     Depth; after an error Idle, Acquire, Look
//	Depth    was something stored by somebody it has refused?  hold.go     Acquire, Look, Idle
//
// The table is also in state.go, where internal/model reads it to play the states in
// every order. A worker is changed under the mutex of its shard, which each transition
// takes once. What all workers share are counters (pool.go).
//
// # The order of the writes
//
//   - The claim comes before the item: two deliveries of one item never both store it.
//     A claim whose item is nowhere is taken over after claimGrace (claim.go).
//   - The item is stored before the delivery is answered: what was answered is in the
//     state.
//   - The handlers run before anything is removed: a crash repeats, and never loses.
//   - The mark "handled" comes before the item leaves the queue: a redelivery that finds
//     neither would be handled again.
//   - The lock is given back last, and then the depth is read: an item whose instance was
//     refused the lock was stored before that depth.
//   - A dead letter is kept before its item leaves the queue, and a report comes before
//     what it reports is gone.
//   - An attempt is counted before it is made if one may have ended with its instance
//     (retry.go): what kills its instance does so MaxAttempts times at most.
//
// # Who may run a handler
//
// A lock is a lease (lease.go), which is renewed while it is held; when it may be lost
// its context ends, with the cause, before another instance can have the lock. Somebody
// can take a lock away all the same: then the heartbeat tells the next holder that a
// handler runs (heartbeat.go), and where the state was emptied, the missing canary does
// (canary.go). Cancellations and doubts reach other instances as signals (signals.go).
//
// # When something ends
//
// Workers of a dead instance are found by the sweep (recovery.go). What another program
// takes out of a queue is missing (missing.go). A shutdown ends what this instance has
// accepted (shutdown.go). What fails is tried again (retry.go), with what its attempts
// leave for the next one (keeper.go), and is a dead letter in the end (deadletter.go).
//
// # Keys
//
// [Key] has the names of locks and queues (key.go). Where items of several groups of
// handlers wait on one key, shares.go keeps them apart; an item whose policy has come to
// want the conversation's lock joins its queue (join.go); slot.go bounds concurrent ones.
//
//	lock, queue  {conversation}                 handlers run on it; items wait for it
//	lock, queue  {conversation}#message:{id}    the same of a Single
//	lock, queue  chat:event:{adapter}:{id}      the same of an Event
//	lock         {conversation}#slot:{n}        a Slot; with #group:{n} before it, a group's
//	queue        chat:dead-letters              what could not be handled
//	cache        {Item.Claim}                   a claim, then true, or "missing"
//	cache        chat:running:{key}             the heartbeat
//	cache        chat:retries:{key}             failed items and their attempts
//	cache        chat:canary                    true for ever
//	list         chat:cancelled-turns           signals
package dispatch
