// Package machines runs the servers of tests, each in a container or as a process of
// this machine: starts, stops, kills and pauses them, and cuts them from the network.
// Package redistest makes topologies of Redis from it, and pgtest servers of Postgres.
//
// Containers are chosen if a Docker engine answers. The engine may be a remote one or
// run in a virtual machine: servers announce an address of its host, on ports that are
// published there, which the test and the other servers reach alike.
//
// Everything is gone when the test ends, also when its process is killed.
package machines
