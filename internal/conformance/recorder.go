package conformance

import (
	"fmt"
	"slices"
	"sync"
)

// Recorder stands in for the test of a case and notes what it reports. It is safe
// for concurrent use.
type Recorder struct {
	mu       sync.Mutex
	failures []string
}

// Helper does nothing.
func (*Recorder) Helper() {}

// Errorf notes a failure.
func (r *Recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// FailNow does nothing: a case ends itself.
func (*Recorder) FailNow() {}

// Failures returns what was noted.
func (r *Recorder) Failures() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.failures)
}
