// Package state is the contract between a bot and the store that holds its
// subscriptions, locks, queues and cached values.
//
// An [Adapter] is made of small roles: [Subscriptions], [Locks], [Cache],
// [Lists] and [Queues]. Five more roles are optional and found with [As], which
// looks through wrappers: [Inbox], [Swaps], [Turns], [Checker] and [InProcess].
// Package statetest checks an implementation against every rule written here.
//
// # Rules for every method
//
// Names of threads and keys are any UTF-8 of at least one byte: colons,
// spaces, emoji, a kilobyte long. The five kinds of name (subscriptions,
// locks, cache, lists, queues) never collide: a list and a cache value may
// share a name.
//
// Values are bytes. An adapter stores exactly the bytes it was given, keeps no
// reference to the caller's slice, and returns slices that the caller may
// change.
//
// A negative duration, a lock TTL that is not positive, a negative size, an
// empty name and a name that is not UTF-8 are [ErrInvalidArgument], and so are a
// lock that is nil or has no token and a queued message that is not one JSON
// value. A call with such an argument changes nothing. A duration under a
// millisecond rounds up to a millisecond, never to "for ever". The longest duration
// and the largest size are valid.
//
// Before Connect has succeeded every method but Connect and Close returns
// [ErrNotConnected]; after Close every method but Close returns [ErrClosed].
//
// A method obeys its context promptly, also while the backend is away, and
// then returns an error for which errors.Is reports the context's error.
// Without a deadline it still ends, after a default that the adapter documents.
// A backend that cannot be reached is [ErrUnavailable].
//
// A write whose reply was lost is [ErrUnavailable] where the caller can make the
// call again and change nothing by that, and [ErrUnknownOutcome] everywhere else;
// an error may match both. An adapter may repeat a write by itself where that
// changes nothing.
//
// Every method is safe for concurrent use. Adapters on one backend, in one
// process or many, act as one: every rule holds across them.
//
// What is stored outlives the adapter where the backend does: the next adapter
// on the same backend finds it, whether this one was closed or its process died.
package state
