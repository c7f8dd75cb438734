// Package fakegithub is a GitHub for tests: the part of its REST and GraphQL APIs that
// the adapter uses, with what it has of repositories, issues, pull requests and
// discussions. It reports what GitHub would refuse: arguments that it does not
// document, of a wrong type, or missing, and queries that do not fit its schema.
package fakegithub
