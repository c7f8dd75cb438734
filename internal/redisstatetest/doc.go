// Package redisstatetest tests state-redis on every topology, with TLS and ACL
// users, and through failovers, resharding, lost replies and outages. Its tests
// take minutes and have the build tag faults:
//
//	make test-topologies
//	make test-faults
//	make test-faults FAULTS=./internal/redisstatetest TESTFLAGS='-count=20'
//	make recovery RUNS=30
//
// The first is the part that continuous integration runs: the conformance suite and
// failovers. The third runs each test 20 times. The last repeats failovers and judges how
// much later than the servers the adapter recovers.
package redisstatetest
