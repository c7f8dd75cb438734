package chat

import (
	"net/http"
	"strconv"
)

// lateResponse keeps a small answer, so that it can be sent whole before its handler
// returns. An answer that is large or is flushed, as a stream is, passes through.
type lateResponse struct {
	http.ResponseWriter
	request *http.Request
	early   bool // it is sent long before the handler returns
	status  int  // 0: none yet
	body    []byte
	passes  bool
}

// maxLateBody is how large an answer is kept.
const maxLateBody = 64 << 10

func newLateResponse(w http.ResponseWriter, r *http.Request, early bool) *lateResponse {
	return &lateResponse{ResponseWriter: w, request: r, early: early}
}

// WriteHeader implements http.ResponseWriter.
func (l *lateResponse) WriteHeader(status int) {
	switch {
	case l.passes, status >= 100 && status < 200:
		l.ResponseWriter.WriteHeader(status)
	case l.status == 0:
		l.status = status
	}
}

// Write implements http.ResponseWriter.
func (l *lateResponse) Write(p []byte) (int, error) {
	if !l.passes && len(l.body)+len(p) > maxLateBody {
		l.pass()
	}
	if l.passes {
		return l.ResponseWriter.Write(p)
	}
	l.WriteHeader(http.StatusOK)
	l.body = append(l.body, p...)
	return len(p), nil
}

// FlushError lets the answer pass from here on.
func (l *lateResponse) FlushError() error {
	l.pass()
	return http.NewResponseController(l.ResponseWriter).Flush()
}

// Unwrap lets an http.ResponseController find what else the writer can do.
func (l *lateResponse) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// pass writes what was kept.
func (l *lateResponse) pass() {
	if l.passes {
		return
	}
	l.passes = true
	if l.status != 0 {
		l.ResponseWriter.WriteHeader(l.status)
	}
	if len(l.body) > 0 {
		_, _ = l.ResponseWriter.Write(l.body) // a client that is gone needs no answer
	}
	l.body = nil
}

// send sends the answer, if it is still kept, as far as the server can.
func (l *lateResponse) send() {
	if l.passes {
		return
	}
	l.WriteHeader(http.StatusOK)
	h := l.Header()
	if l.status != http.StatusNoContent && l.status != http.StatusNotModified && l.request.Method != http.MethodHead {
		// The client knows by this where the answer ends.
		h.Set("Content-Length", strconv.Itoa(len(l.body)))
	}
	if l.early && l.request.ProtoMajor == 1 {
		// Its next request would wait on this connection until the handler returns.
		h.Set("Connection", "close")
	}
	l.pass()
	_ = http.NewResponseController(l.ResponseWriter).Flush() // where there is no Flusher, it waits
}
