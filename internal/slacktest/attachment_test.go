package slacktest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
)

// files serves files like files.slack.com, at the address of the API.
func files(t *testing.T, r *rig) *httptest.Server {
	t.Helper()
	api := r.api.Config.Handler
	mux := http.NewServeMux()
	mux.HandleFunc("/files/a.txt", func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "Bearer "+botToken && req.Header.Get("Authorization") != "Bearer xoxb-one" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>sign in")
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		w.(http.Flusher).Flush() // its length is not told
		_, _ = io.WriteString(w, "0123456789")
	})
	mux.HandleFunc("/files/moved", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "/files/a.txt", http.StatusFound)
	})
	mux.HandleFunc("/files/circle", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "/files/circle", http.StatusFound)
	})
	mux.HandleFunc("/files/login", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "https://acme.slack.com/?redir=x", http.StatusFound)
	})
	mux.HandleFunc("/files/gone", http.NotFound)
	mux.Handle("/", api)
	r.api.Config.Handler = mux
	return r.api.Server
}

func TestFetchAttachment(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	server := files(t, r)
	var leaked atomic.Bool
	foreign := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		leaked.Store(true)
	}))
	defer foreign.Close()
	r.api.answer("files.info", func(args url.Values, _ string) any {
		return object{"ok": true, "file": object{"id": args.Get("file"), "url_private": server.URL + "/files/a.txt"}}
	})
	fetch := func(a *chat.Attachment, limit int64) (string, error) {
		body, err := r.FetchAttachment(t.Context(), a, limit)
		if err != nil {
			return "", err
		}
		defer body.Close()
		text, err := io.ReadAll(body)
		return string(text), err
	}
	at := func(address string) *chat.Attachment {
		return &chat.Attachment{MIMEType: "text/plain", FetchMetadata: map[string]string{"url": address}}
	}
	for name, a := range map[string]*chat.Attachment{
		"by its metadata": at(server.URL + "/files/a.txt"),
		"by its address":  {URL: server.URL + "/files/a.txt"},
		"redirected":      at(server.URL + "/files/moved"),
		"by its id":       {FetchMetadata: map[string]string{"fileId": "F1"}},
	} {
		text, err := fetch(a, 10)
		require.NoError(t, err, name)
		require.Equal(t, "0123456789", text, name)
	}
	text, err := fetch(at(server.URL+"/files/a.txt"), 9)
	require.ErrorIs(t, err, chat.ErrInvalid, "too large")
	require.LessOrEqual(t, len(text), 9)

	for address, want := range map[string]error{
		foreign.URL + "/a":               chat.ErrInvalid,
		"https://files.slack.com.evil/a": chat.ErrInvalid,
		"http://files.slack.com/a":       chat.ErrInvalid,
		"file:///etc/passwd":             chat.ErrInvalid,
		"::":                             chat.ErrInvalid,
		server.URL + "/files/circle":     chat.ErrInvalid,
		server.URL + "/files/gone":       chat.ErrNotFound,
		server.URL + "/files/login":      chat.ErrPermission,
	} {
		_, err := fetch(at(address), 100)
		require.ErrorIs(t, err, want, address)
	}
	require.False(t, leaked.Load())
	_, err = fetch(&chat.Attachment{}, 100)
	require.ErrorIs(t, err, chat.ErrInvalid)
	_, err = fetch(nil, 100)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

// TestFetchAttachmentOfManyWorkspaces checks whose token is used.
func TestFetchAttachmentOfManyWorkspaces(t *testing.T) {
	t.Parallel()
	r := newRig(t, many)
	server := files(t, r)
	require.NoError(t, r.SaveInstallation(t.Context(), "T0ONE", &slack.Installation{BotToken: "xoxb-one"}))
	a := &chat.Attachment{MIMEType: "text/plain", FetchMetadata: map[string]string{"url": server.URL + "/files/a.txt", "teamId": "T0ONE"}}
	body, err := r.FetchAttachment(t.Context(), a, 100)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	a.FetchMetadata["teamId"] = "T0TWO"
	_, err = r.FetchAttachment(t.Context(), a, 100)
	require.ErrorIs(t, err, chat.ErrNotFound)
	delete(a.FetchMetadata, "teamId")
	_, err = r.FetchAttachment(t.Context(), a, 100)
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.NotContains(t, err.Error(), "xoxb")
}
