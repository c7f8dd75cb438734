// Package pgstatetest tests state-postgres on servers of its own: with first connects
// at once, small rights, TLS and a pooler, and through crashes, failovers and lost
// connections.
package pgstatetest
