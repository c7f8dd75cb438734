package adaptertest

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// Fuzz sends bodies that Go's fuzzer makes up, each signed as the platform signs
// it, and reports a panic and a status of 500 or more. The samples are its seeds.
//
//	func FuzzWebhook(f *testing.F) { chattest.Fuzz(f, open, features) }
func Fuzz(f *testing.F, open func(t *testing.T) Harness, features Features) {
	f.Helper()
	for _, s := range features.Samples {
		f.Add([]byte(s.Body))
	}
	for _, body := range slices.Concat(garbage, odd) {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := NewSubject(t, open, features)
		b := s.unstarted(t)
		b.connect(t, s)
		for _, path := range samplePaths(features) {
			sample := path
			sample.Body = string(body)
			if status := b.direct(t, b.signed(sample, time.Now())); status >= http.StatusInternalServerError {
				t.Errorf("the body %s\n    seen: %d\n    want: 4xx, or 2xx if it means nothing", show(string(body)), status)
			}
		}
	})
}

// samplePaths returns one sample for each path and header.
func samplePaths(f Features) []Sample {
	var all []Sample
	seen := map[string]bool{}
	for _, s := range f.Samples {
		key := s.Path + "\n" + show(s.Header)
		if !seen[key] {
			seen[key] = true
			all = append(all, s)
		}
	}
	return all
}

// direct serves the request without a network and returns the status.
func (b *rig) direct(t TB, r request) (status int) {
	t.Helper()
	req, err := r.build("http://localhost", b.Adapter.Name())
	must(t, "building a request", err)
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("the body %s\n    seen: a panic: %v", show(string(r.body)), p)
		}
	}()
	w := &discard{header: http.Header{}, status: http.StatusOK}
	b.ServeHTTP(w, req)
	return w.status
}

// discard is a response writer that keeps the status.
type discard struct {
	header http.Header
	status int
	sent   bool
}

func (w *discard) Header() http.Header { return w.header }

func (w *discard) WriteHeader(status int) {
	if !w.sent {
		w.status, w.sent = status, true
	}
}

func (w *discard) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return len(p), nil
}

// Flush implements http.Flusher, for adapters that stream.
func (w *discard) Flush() { w.WriteHeader(http.StatusOK) }
