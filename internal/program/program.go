// Package program lets a program that is no test start servers of redistest and
// pgtest, whose functions want a test.
package program

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
)

// TB is a redistest.TB and a pgtest.TB outside of a test. What these packages do
// with it must be called by [TB.Do]. It is safe for concurrent use.
type TB struct {
	ctx  context.Context //nolint:containedctx // a test keeps one, too
	name string

	mu       sync.Mutex
	cleanups []func()
	failed   bool
}

// New returns a TB for the program with the name. Servers that start when ctx has
// ended fail.
func New(ctx context.Context, name string) *TB { return &TB{ctx: ctx, name: name} }

// failure is what Fatalf was told.
type failure string

func (f failure) Error() string { return string(f) }

// Do calls f and returns as an error what f says to Fatalf, which ends it. Each
// goroutine that uses the TB needs a Do of its own.
func (t *TB) Do(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			stop, ok := r.(failure)
			if !ok {
				panic(r)
			}
			err = stop
		}
	}()
	f()
	return nil
}

// Finish calls the cleanups, the last first.
func (t *TB) Finish() {
	t.mu.Lock()
	cleanups := t.cleanups
	t.cleanups = nil
	t.mu.Unlock()
	for _, f := range slices.Backward(cleanups) {
		f()
	}
}

// Helper does nothing.
func (t *TB) Helper() {}

// Name returns the program's name.
func (t *TB) Name() string { return t.name }

// Context returns the context of New.
func (t *TB) Context() context.Context { return t.ctx }

// Cleanup has Finish call f.
func (t *TB) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// Failed reports whether Errorf or Fatalf was called.
func (t *TB) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

func (t *TB) fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = true
}

// Logf writes a line to stderr.
func (t *TB) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Errorf writes a line to stderr, and the program has failed.
func (t *TB) Errorf(format string, args ...any) {
	t.fail()
	t.Logf(format, args...)
}

// Fatalf ends the call of Do.
func (t *TB) Fatalf(format string, args ...any) {
	t.fail()
	panic(failure(fmt.Sprintf(format, args...)))
}

// Fatal ends the call of Do.
func (t *TB) Fatal(args ...any) { t.Fatalf("%s", fmt.Sprint(args...)) }

// Skip is Fatal: a program has nothing to skip.
func (t *TB) Skip(args ...any) { t.Fatal(args...) }

// TempDir returns a new folder that Finish removes.
func (t *TB) TempDir() string {
	dir, err := os.MkdirTemp("", t.name)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
