//go:build race

package suite

// Race says that the tests run with the race detector.
const Race = true
