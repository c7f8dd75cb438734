// Package conformance runs the public conformance suites against this
// project's own adapters, proves that the suite for state adapters catches wrong
// ones, and has histories of locks and queues judged for linearizability.
//
// It has tests only.
package conformance
