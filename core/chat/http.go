package chat

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

const webhookPrefix = "/webhooks/"

// ServeHTTP serves the platforms' webhooks at /webhooks/{adapter}, /healthz,
// which answers 200 as long as the process runs, and /readyz, which answers 200
// while the bot can take messages. Mount it at "/" or at "/webhooks/".
func (c *Chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz":
		answer(w, http.StatusOK, "ok")
		return
	case "/readyz":
		switch {
		case c.stopping.Load():
			answer(w, http.StatusServiceUnavailable, "shutting down")
		case !c.connected.Load():
			answer(w, http.StatusServiceUnavailable, "state not connected")
		default:
			answer(w, http.StatusOK, "ready")
		}
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, webhookPrefix)
	if !ok {
		answer(w, http.StatusNotFound, "not found: webhooks are at /webhooks/{adapter}")
		return
	}
	name, path, _ := strings.Cut(rest, "/")
	adapter, ok := c.adapters[name]
	if !ok {
		answer(w, http.StatusNotFound, "no such adapter")
		return
	}
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, c.cfg.MaxBodyBytes)
		// A response writer that has no deadlines, as in tests, needs none.
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(c.cfg.BodyTimeout))
	}
	inner := new(http.Request)
	*inner = *r
	inner.URL = new(url.URL)
	*inner.URL = *r.URL
	inner.URL.Path, inner.URL.RawPath = "/"+path, ""
	adapter.ServeHTTP(w, inner)
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
