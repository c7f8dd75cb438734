package chat

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

const webhookPrefix = "/webhooks/"

// ServeHTTP serves the platforms' webhooks at /webhooks/{adapter}, /healthz,
// which answers 200 as long as the process runs, and /readyz, which answers 200
// while the bot can take messages: its state takes writes. It can be
// mounted below any path, such as "/bot/", with or without http.StripPrefix.
//
// In a process that has just started, a request can come before Run has connected
// the state: ServeHTTP then connects it, and answers 503 if it cannot.
func (c *Chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	adapter, below := c.adapterAt(r.URL.Path)
	if adapter == nil {
		c.serveProbe(w, r)
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		control := http.NewResponseController(w)
		// A response writer that has no deadlines, as in tests, needs none.
		if control.SetReadDeadline(time.Now().Add(c.cfg.Webhook.BodyTimeout)) == nil {
			r.Body = &timedBody{ReadCloser: r.Body, control: control}
		}
		r.Body = http.MaxBytesReader(w, r.Body, c.cfg.Webhook.MaxBodyBytes)
	}
	if err := c.connect(r.Context()); err != nil && !c.isClosed() { // what is closed refuses what the adapter delivers
		c.serveUnconnected(w, r, adapter, err)
		return
	}
	inner := new(http.Request)
	*inner = *r
	inner.URL = new(url.URL)
	*inner.URL = *r.URL
	inner.URL.Path, inner.URL.RawPath = "/"+below, ""
	adapter.ServeHTTP(w, inner)
}

// serveUnconnected answers a request that came before the state could be reached.
func (c *Chat) serveUnconnected(w http.ResponseWriter, r *http.Request, a Adapter, err error) {
	if r.Context().Err() == nil {
		c.log.WarnContext(r.Context(), "state-not-connected", "adapter", a.Name(), "error", err)
	}
	w.Header().Set("Retry-After", "1")
	answer(w, http.StatusServiceUnavailable, "the bot cannot take this now, try again")
}

// serveProbe answers what an operator's health checks ask.
func (c *Chat) serveProbe(w http.ResponseWriter, r *http.Request) {
	switch path.Base(r.URL.Path) {
	case "healthz":
		answer(w, http.StatusOK, "ok")
	case "readyz":
		c.serveReady(w, r)
	default:
		answer(w, http.StatusNotFound, "not found: webhooks are at /webhooks/{adapter}, and the bot has no adapter of that name")
	}
}

// adapterAt returns the adapter that a webhook's path names, and what follows its
// name. The path that the bot is mounted below may have a "webhooks" of its own.
func (c *Chat) adapterAt(full string) (a Adapter, below string) {
	for {
		_, rest, ok := strings.Cut(full, webhookPrefix)
		if !ok {
			return nil, ""
		}
		name, below, _ := strings.Cut(rest, "/")
		if a := c.adapters[name]; a != nil {
			return a, below
		}
		full = "/" + rest
	}
}

// timedBody is a body that has to arrive in time. Once it has, the deadline goes:
// the server goes on reading, to notice that the client has left, and would take
// a deadline for that. A body that is late keeps it: the server would wait for
// the rest of it before it answers.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
