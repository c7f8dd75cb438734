// Command gotest runs go test with the same arguments and prints what go test
// prints. At the end it says how many tests were skipped, and for which reasons,
// and how many passed and failed:
//
//	go run ./internal/gotest -race ./internal/conformance
//
// Subtests count as tests.
package main
