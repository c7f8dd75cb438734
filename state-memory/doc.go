// Package memorystate keeps a bot's state in the memory of one process.
//
// It is the state of a bot that runs as a single instance and may forget on restart:
// local development, tests, small bots. Two processes never see each other's locks or
// subscriptions; a bot of several instances needs a shared backend, such as those of
// the packages redisstate and pgstate.
//
// # Setup
//
// Create it directly,
//
//	st, err := memorystate.New(memorystate.Config{})
//
// or by configuration: importing this package registers the scheme memory with
// [state.Open].
//
//	import _ "github.com/chat-adapter/chat-go/state-memory"
//
//	st, err := state.Open(ctx, "memory://")
//
// The URL takes no host and no path. The parameter prefix, which other backends have,
// changes nothing: every call makes an adapter with data of its own.
//
// The adapter has all the roles of [state.Adapter] and the optional ones
// [state.Inbox], [state.Turns], [state.Swaps] and [state.Fences].
//
// # Limits
//
// Nothing survives Close or the end of the process.
//
// Nothing bounds the memory but what callers ask for: expiry, queue sizes, list
// lengths. What has expired is freed within about a tenth of a second, without
// being read. A whole queue is freed when no entry was added for a minute and
// the latest ExpiresAt has passed, as the Redis adapter does it. Subscriptions
// stay until they are removed.
//
// No operation scans, so its time does not grow with the number of threads.
// Data is spread over 64 shards by a hash of the name, each with a mutex and a
// timer for each kind, of which a thread's lock and queue are one; calls on
// different threads seldom meet. No goroutine waits in the background.
//
// Expiry follows the monotonic clock: setting the system's clock neither
// shortens a lock nor lengthens it. Times work under testing/synctest if the
// adapter is made inside the bubble.
//
// # Errors
//
// The errors are those of package state, returned as they are. No call blocks on
// anything outside the process: ErrUnavailable, ErrUnknownOutcome and ErrCorrupt
// do not occur, and a call looks at its context once, when it begins.
package memorystate
