package webhook

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Recorder is a handler that passes webhooks to another handler and records them in files,
// for tests. It does not change the answers. If a file cannot be written, that is logged.
// Use it only in development, because recordings contain what people wrote. It is safe for
// concurrent use.
//
//	http.Handle("/webhooks/", &webhook.Recorder{Handler: bot, Folder: "testdata/recorded"})
type Recorder struct {
	// Handler takes the webhooks. Required.
	Handler http.Handler
	// Folder is the folder of the files. It is created if it does not exist. Required.
	Folder string
	// Secrets are texts that are replaced wherever they occur. Headers and fields whose
	// names are those of secrets, such as "token", are replaced in any case. Default none.
	Secrets []string
	// MaxBody is the size of the largest body that is recorded, in bytes. A request with a
	// larger one is handled and not recorded. Default: 1 MiB.
	MaxBody int
	// Logger logs what could not be recorded. Default: slog.Default().
	Logger *slog.Logger

	count atomic.Int64
}

// ServeHTTP passes the request to the handler, and records it.
func (rec *Recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	recording := &Recording{
		Name: fmt.Sprintf("%s-%04d", at.UTC().Format("20060102T150405.000"), rec.count.Add(1)),
		At:   at.UTC(), Method: r.Method, Path: adapterPath(r), Header: r.Header.Clone(),
	}
	body := &copiedBody{body: r.Body, most: rec.maxBody()}
	status := &statusWriter{ResponseWriter: w}
	request := *r
	if r.Body != nil && r.Body != http.NoBody {
		request.Body = body
	} else {
		body.ended = true
	}
	rec.Handler.ServeHTTP(status, &request)
	recording.Status = status.get()
	recording.Body = body.copied
	err := body.fault()
	if err == nil {
		err = redactor{secrets: rec.Secrets}.redact(recording)
	}
	if err == nil {
		err = recording.write(rec.Folder)
	}
	if err != nil {
		rec.logger().WarnContext(r.Context(), "webhook-not-recorded", "error", err)
	}
}

func (rec *Recorder) maxBody() int {
	if rec.MaxBody > 0 {
		return rec.MaxBody
	}
	return 1 << 20
}

func (rec *Recorder) logger() *slog.Logger {
	if rec.Logger != nil {
		return rec.Logger
	}
	return slog.Default()
}

// adapterPath returns the path after /webhooks/{adapter}, with the query, or the whole path if
// the handler is an adapter.
func adapterPath(r *http.Request) string {
	path := r.URL.EscapedPath()
	if _, rest, ok := strings.Cut(path, "/webhooks/"); ok {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	return path
}

var (
	errUnread   = errors.New("the handler did not read the whole body")
	errLongBody = errors.New("the body is longer than MaxBody")
)

// copiedBody copies what the handler reads.
type copiedBody struct {
	body   io.ReadCloser
	most   int
	copied []byte
	ended  bool
	long   bool
}

func (b *copiedBody) fault() error {
	switch {
	case b.long:
		return errLongBody
	case !b.ended:
		return errUnread
	}
	return nil
}

func (b *copiedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.long || len(b.copied)+n > b.most {
		b.long = true
	} else {
		b.copied = append(b.copied, p[:n]...)
	}
	if errors.Is(err, io.EOF) {
		b.ended = true
	}
	return n, err
}

func (b *copiedBody) Close() error { return b.body.Close() }

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) get() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
