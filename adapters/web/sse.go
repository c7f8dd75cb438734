package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// heartbeat is how often a quiet stream says that it lives, for proxies and
	// for the page.
	heartbeat = 15 * time.Second
	// writeTimeout is how long a reader may take for one event.
	writeTimeout = 30 * time.Second
)

// sse writes a stream of server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). The first
// write that fails ends it: what follows is not written.
type sse struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	err error
}

// startSSE answers 200 and lifts the server's time limits from the connection: a
// stream lasts as long as there is something to tell.
func startSSE(w http.ResponseWriter) *sse {
	s := &sse{w: w, rc: http.NewResponseController(w)}
	// Where the connection has no deadlines there are none to lift.
	_ = s.rc.SetReadDeadline(time.Time{})
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	s.flush()
	return s
}

// data writes an event without a name.
func (s *sse) data(value any) { s.event("", value) }

// event writes a named event with a JSON value.
func (s *sse) event(name string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		s.fail(fmt.Errorf("web: event %q: %w", name, err))
		return
	}
	if name != "" {
		name = "event: " + name + "\n"
	}
	s.write(name + "data: " + string(data) + "\n\n")
}

// comment writes what readers ignore.
func (s *sse) comment(text string) { s.write(": " + text + "\n\n") }

func (s *sse) write(block string) {
	if s.err != nil {
		return
	}
	_ = s.rc.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := s.w.Write([]byte(block)); err != nil {
		s.fail(err)
	}
}

// flush sends what was written.
func (s *sse) flush() {
	if s.err == nil {
		_ = s.rc.SetWriteDeadline(time.Now().Add(writeTimeout))
		s.fail(s.rc.Flush())
	}
}

// end lifts the write deadline, so that it does not cut the next request on the
// connection.
func (s *sse) end() { _ = s.rc.SetWriteDeadline(time.Time{}) }

func (s *sse) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}
