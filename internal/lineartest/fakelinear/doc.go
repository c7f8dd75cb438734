// Package fakelinear is a Linear for tests: its GraphQL API, which takes what the
// documented schema allows, its tokens, and its files.
package fakelinear
