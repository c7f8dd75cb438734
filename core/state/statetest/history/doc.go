// Package history records what concurrent callers ask of an adapter's locks, queues
// and cache values and what it answers, so that a checker of linearizability can judge
// whether some order of the calls, one at a time, explains every answer.
//
// A [Recorder] wraps the adapter for each caller:
//
//	r := history.NewRecorder()
//	locks := r.Locks(client, adapter)
//	lock, err := locks.AcquireLock(ctx, "thread", ttl)
//	…
//	for _, e := range r.Events() { … }
//
// The package judges nothing itself and needs nothing beyond the standard
// library; the module linearizability judges.
package history
