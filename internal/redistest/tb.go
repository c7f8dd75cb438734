package redistest

import "context"

// TB is the part of [testing.TB] that this package needs. Tests and benchmarks
// pass their t or b; a program brings a type of its own.
type TB interface {
	Helper()
	Name() string
	TempDir() string
	Context() context.Context
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}
