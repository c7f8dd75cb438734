// Package conformance runs the public conformance suites against this
// project's own adapters, proves that the suite for state adapters catches wrong
// ones, and has histories of locks and queues judged for linearizability.
//
// It has tests, and the [Recorder] that those of its subfolder need too. An
// ordinary go test runs a small part of what it can do; environment variables ask
// for more:
//
//   - CONFORMANCE_MATRIX=full runs every case against every planted fault and
//     prints, with -v, which cases catch it.
//   - CONFORMANCE_SLOW=full runs the whole suite on a Redis whose replies each come
//     100 ms late.
//   - CONFORMANCE_OPERATIONS=200000 sets the length of the judged histories.
//   - CONFORMANCE_SEED repeats the calls of a history that has no explanation;
//     its failure has the number. A picture of such a history is left among the
//     artifacts of the test (go test -artifacts).
package conformance
