// Package wire is a server that answers as a provider's API has answered.
package wire

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Server answers each request with the next recording.
type Server struct {
	URL string

	t     *testing.T
	mu    sync.Mutex
	paths []string // of the recordings
	asked []string
}

// Serve returns a server that answers the first request with the first recording, and so
// on. A recording ends in ".sse", or in ".json" for the answer to a request that is no
// stream; one ending in ".cut.sse" breaks off at its end.
func Serve(t *testing.T, recordings ...string) *Server {
	t.Helper()
	s := &Server{t: t, paths: recordings}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Asked returns the bodies of the requests so far.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, string(body))
	s.mu.Unlock()
	if n >= len(s.paths) {
		http.Error(w, `{"error":{"message":"nothing is recorded for this request"}}`, http.StatusBadRequest)
		return
	}
	data, err := os.ReadFile(filepath.Join("testdata", s.paths[n]))
	if err != nil {
		s.t.Error(err)
	}
	if strings.HasSuffix(s.paths[n], ".json") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write(data)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for event := range strings.SplitAfterSeq(string(data), "\n\n") {
		_, _ = io.WriteString(w, event)
		w.(http.Flusher).Flush()
	}
	if strings.HasSuffix(s.paths[n], ".cut.sse") {
		panic(http.ErrAbortHandler)
	}
}
