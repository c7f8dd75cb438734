package messengertest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

// Whoever does not know the app secret is refused, and delivers nothing.
func TestForgedDeliveries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := delivery(text(1))
	for name, forge := range map[string]func(*http.Request){
		"no signature":          func(req *http.Request) { req.Header.Del("X-Hub-Signature-256") },
		"an empty one":          func(req *http.Request) { req.Header.Set("X-Hub-Signature-256", "") },
		"another app's":         func(req *http.Request) { fakemeta.Signer("another secret")(req, []byte(body), time.Time{}) },
		"made without a secret": func(req *http.Request) { fakemeta.Signer("")(req, []byte(body), time.Time{}) },
		"another body's":        func(req *http.Request) { sign(req, []byte(delivery(text(2))), time.Time{}) },
		"without its prefix": func(req *http.Request) {
			req.Header.Set("X-Hub-Signature-256", req.Header.Get("X-Hub-Signature-256")[7:])
		},
		"cut": func(req *http.Request) {
			req.Header.Set("X-Hub-Signature-256", req.Header.Get("X-Hub-Signature-256")[:40])
		},
		"the old one, with SHA-1": func(req *http.Request) {
			req.Header.Del("X-Hub-Signature-256")
			req.Header.Set("X-Hub-Signature", "sha1=00")
		},
	} {
		w := r.deliver(t, body, forge)
		require.Equal(t, http.StatusUnauthorized, w.Code, name)
		require.NotContains(t, w.Body.String(), appSecret)
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodHead} {
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/webhooks/messenger", strings.NewReader(body)))
		require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
	}
	r.quiet(t)
	require.NotContains(t, r.log.String(), appSecret)
	require.NotContains(t, r.log.String(), verifyToken)
}

// What is signed may still be nothing that Messenger sends.
func TestSignedNonsense(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, body := range []string{
		``, `x`, `null`, `7`, `[]`, `{}`, `{"object":"page"}`, `{"object":"page","entry":[]}`, `{"object":"page","entry":null}`, `{"object":"page","entry":{}}`,
		`{"object":7,"entry":[]}`, `{"object":"instagram","entry":[` + entryOf(page, text(1)) + `]}`, `{"object":"user","entry":[` + entryOf(page, text(1)) + `]}`,
		batch(`7`), batch(`[]`), batch(`{}`), batch(`{"id":7,"messaging":[]}`), batch(`{"id":"","messaging":[` + text(1) + `]}`), batch(`{"id":"x y","messaging":[` + text(1) + `]}`),
		batch(`{"id":"` + page + `","messaging":7}`), batch(`{"id":"` + page + `","messaging":[]}`), batch(`{"id":"` + page + `","changes":[{}]}`), batch(`{"id":"` + page + `","changes":[7]}`),
		batch(`{"id":"` + page + `","standby":[7]}`), delivery(text(1))[:200], delivery(text(1)) + "}", delivery(strings.Repeat("[", 10_000)),
	} {
		w := r.deliver(t, body)
		require.Equal(t, http.StatusBadRequest, w.Code, "%.200s", body)
	}
	r.quiet(t)
}

// A field of the wrong type makes the event unreadable, or is of no matter; nothing panics.
func TestFieldsOfWrongTypes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	whole := from(1, `"message":{"mid":"m_1","text":"hello","quick_reply":{"payload":"p"},"reply_to":{"mid":"m_0","story":{"id":"1","url":"https://x.example/"}},"referral":{"ref":"r"},"is_echo":false}`)
	for _, field := range []string{`"` + ada + `"`, `"` + page + `"`, `1,`, `"m_1"`, `"hello"`, `{"payload":"p"}`, `"p"`, `"m_0"`, `{"id":"1","url":"https://x.example/"}`, `{"ref":"r"}`, `false`} {
		for _, value := range []string{`null`, `7`, `-1e400`, `""`, `[]`, `{}`, `true`, `"\u0000"`, `"` + strings.Repeat("9", 2000) + `"`} {
			replacement := value
			if field == `1,` {
				replacement += ","
			}
			w := r.deliver(t, delivery(strings.Replace(whole, field, replacement, 1)))
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code, "%s as %.20s", field, value)
		}
	}
	require.NotContains(t, r.log.String(), "panic")
}

// A delivery that is too long, or does not end, is not taken.
func TestOversizedAndHalfDeliveries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	huge := delivery(from(1, `"message":{"mid":"m_1","text":"`+strings.Repeat("x", 20<<20)+`"}`))
	require.Equal(t, http.StatusRequestEntityTooLarge, r.deliver(t, huge).Code)
	body := delivery(text(1))
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/messenger", io.MultiReader(strings.NewReader(body[:len(body)/2]), broken{}))
	sign(req, []byte(body), time.Time{})
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	require.Equal(t, http.StatusBadRequest, w.Code)
	r.quiet(t)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

// The same events come at the same time, in any order and in other batches, to two
// instances: each is handled once.
func TestTogether(t *testing.T) {
	t.Parallel()
	s, st := newMessenger(t), botrig.Memory(t)
	rigs := []*rig{newRigOn(t, s, st), newRigOn(t, s, st)}
	const n = 12
	var events []string
	for i := range n {
		events = append(events, text(i))
	}
	var group sync.WaitGroup
	for i := range 8 {
		order := slices.Clone(events)
		if i%2 == 1 {
			slices.Reverse(order)
		}
		body := delivery(order...)
		group.Go(func() {
			w := rigs[i%2].deliver(t, body)
			for w.Code == http.StatusServiceUnavailable { // another instance is storing one of them: Meta delivers again
				w = rigs[i%2].deliver(t, body)
			}
			if w.Code != http.StatusOK {
				t.Errorf("answered %d", w.Code)
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for range n {
		var in chat.Inbound
		select {
		case in = <-rigs[0].handled:
		case in = <-rigs[1].handled:
		case <-time.After(10 * time.Second):
			require.Fail(t, "not all were handled")
		}
		seen[in.(*chat.Message).Text] = true
	}
	require.Len(t, seen, n)
	require.Equal(t, int64(n), rigs[0].accepted.Load()+rigs[1].accepted.Load())
}

// The platform answers with what is no answer, slowly, or not at all.
func TestBrokenPlatform(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"an answer that breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"message_id":`)
		},
		"a connection that is closed": func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = c.Close()
			}
		},
		"a page":                   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"a list":                   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[]`) },
		"an id of another type":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"message_id":7}`) },
		"an id with a line ending": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"message_id":"a\nb"}`) },
		"an error that is none":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"error":"no"}`) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			r := newRig(t, func(c *messenger.Config) { c.APIURL = server.URL })
			_, err := r.PostMessage(t.Context(), adasThread, &chat.Post{Text: "psst"})
			require.Error(t, err)
			_, ok := errors.AsType[*chat.PlatformError](err)
			require.True(t, ok, err)
			require.NotContains(t, err.Error(), fakemessaging.Token)
			require.NotContains(t, err.Error(), "psst")
		})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	r := newRig(t, func(c *messenger.Config) { c.APIURL = "http://" + listener.Addr().String() })
	ctx, cancel := context.WithCancel(t.Context())
	silent := make(chan net.Conn, 1)
	go func() {
		if c, err := listener.Accept(); err == nil { // and says nothing
			silent <- c
		}
		cancel()
	}()
	_, err = r.PostMessage(ctx, adasThread, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, context.Canceled)
	_ = (<-silent).Close()
}

// Files are fetched from Meta alone, and no longer ones than the bot takes.
func TestFilesFromElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, address := range []string{
		"", "x", "http://lookaside.fbsbx.com/a", "https://lookaside.fbsbx.com.evil.example/a", "https://evil.example/?lookaside.fbsbx.com", "https://127.0.0.1/a",
		"https://user:pass@lookaside.fbsbx.com/a", "https://lookaside.fbsbx.com:8443/a", "file:///etc/passwd",
	} {
		_, err := r.FetchAttachment(t.Context(), &chat.Attachment{URL: address}, 100)
		require.ErrorIs(t, err, chat.ErrInvalid, address)
	}
	_, err := r.FetchAttachment(t.Context(), &chat.Attachment{URL: "https://lookaside.fbsbx.com/missing"}, 100)
	require.ErrorIs(t, err, chat.ErrNotFound)
	address := r.messenger.AddFile("long", []byte(strings.Repeat("x", 101)))
	body, err := r.FetchAttachment(t.Context(), &chat.Attachment{URL: address}, 100)
	if err == nil {
		_, err = io.ReadAll(body)
		_ = body.Close()
	}
	require.ErrorIs(t, err, chat.ErrInvalid)
}

// Each field of the configuration that is wrong is named, and no secret shown.
func TestConfig(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*messenger.Config){
		"AppSecret": func(c *messenger.Config) { c.AppSecret = "" }, "PageAccessToken": func(c *messenger.Config) { c.PageAccessToken = "" },
		"VerifyToken": func(c *messenger.Config) { c.VerifyToken = "" }, "PageID": func(c *messenger.Config) { c.PageID = "my page" },
		"APIURL": func(c *messenger.Config) { c.APIURL = "graph.facebook.com" }, "APIVersion": func(c *messenger.Config) { c.APIVersion = "latest" },
	} {
		cfg := messenger.Config{AppSecret: appSecret, PageAccessToken: fakemessaging.Token, VerifyToken: verifyToken}
		change(&cfg)
		_, err := messenger.New(cfg)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, field+" ")
		for _, secret := range []string{appSecret, fakemessaging.Token, verifyToken} {
			require.NotContains(t, err.Error(), secret)
		}
	}
}
