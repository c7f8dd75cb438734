// Package state is the contract between a bot and the store that holds its
// subscriptions, locks, queues and cached values.
//
// An [Adapter] is made of small roles: [Subscriptions], [Locks], [Cache],
// [Lists] and [Queues]. Six more roles are optional and found with [As], which
// looks through wrappers: [Inbox], [Swaps], [Turns], [Checker], [Fences] and [InProcess].
// Package statetest checks an implementation against every rule written here.
//
// # Rules for every method
//
// Names of threads and keys are any UTF-8 of 1 to [MaxName] bytes: colons,
// spaces, emoji, line breaks. The five kinds of name (subscriptions,
// locks, cache, lists, queues) never collide: a list and a cache value may
// share a name.
//
// Values are bytes. An adapter stores exactly the bytes it was given, keeps no
// reference to the caller's slice, and returns slices that the caller may
// change. A nil value is the empty value.
//
// What has expired is absent for every method, by whichever clock the adapter
// documents: its backend's, or that of the process. The adapter removes it in its
// own time, and may run goroutines for that from Connect to Close.
//
// A negative duration, a lock TTL that is not positive, a negative size, an
// empty name, one that is longer than [MaxName] and one that is not UTF-8 are
// [ErrInvalidArgument], and so are a lock that is nil or has no token and a queued
// message that is not one JSON value. A call with such an argument changes nothing. A duration under a
// millisecond rounds up to a millisecond, never to "for ever". The longest duration
// and the largest size are valid.
//
// Before Connect has succeeded every method but Connect and Close returns
// [ErrNotConnected]; after Close every method but Close returns [ErrClosed]. These
// two come before the error of a context that has ended before the call, and this
// comes before [ErrInvalidArgument].
//
// A method obeys its context promptly, also while the backend is away, and
// then returns an error for which errors.Is reports the context's error.
// Without a deadline it still ends, after a default that the adapter documents.
// A backend that cannot be reached is [ErrUnavailable].
//
// A write whose reply was lost is [ErrUnavailable] where the caller can make the
// call again and change nothing by that, and [ErrUnknownOutcome] everywhere else;
// an error may match both. A write that its context ends may have happened, too; a
// call whose context has ended before it changes nothing. An adapter may repeat a
// write by itself where that changes nothing.
//
// Every method is safe for concurrent use. Adapters on one backend, in one
// process or many, act as one: every rule holds across them.
//
// What is stored outlives the adapter where the backend does: the next adapter
// on the same backend finds it, whether this one was closed or its process died.
package state
