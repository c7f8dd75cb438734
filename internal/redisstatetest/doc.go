// Package redisstatetest tests state-redis on every topology, with TLS and ACL
// users, and through failovers, resharding and outages. Its tests take minutes
// and have the build tag faults: make test-faults runs them.
package redisstatetest
