package webhook

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reader is a handler that reads the body and says how much there was.
var reader = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(body)
})

func TestRecordingsAreReplayed(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "recorded")
	rec := &Recorder{Handler: reader, Folder: folder, Secrets: []string{"hunter2", "a b/c"}}
	send := func(method, target, kind, body string) {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		r.Header.Set("X-Hub-Signature-256", "sha256=0011")
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", "hidden-header")
		r.Header.Set("X-Custom", "with hunter2 inside")
		w := httptest.NewRecorder()
		rec.ServeHTTP(w, r)
		require.Equal(t, http.StatusAccepted, w.Code)
		require.Equal(t, body, w.Body.String(), "the handler sees it as it came")
	}
	send(http.MethodPost, "/webhooks/telegram?token=hidden-query&x=1", "application/json",
		`{"token": "hidden-field", "text" : "hunter2 <&> é", "n":1.50, "inner":{"bot_token":["hidden-a",{"x":"hidden-b"},7]},"list":[ "token" ]}`)
	send(http.MethodPost, "/webhooks/slack/", "application/x-www-form-urlencoded",
		"token=hidden-form&text=a+b%2Fc&payload=%7B%22response_url%22%3A%22https%3A%2F%2Fhidden%22%2C%22type%22%3A%22x%22%7D&empty=")
	send(http.MethodPost, "/webhooks/x/deep/path", "application/octet-stream", "\xff\xfe")
	send(http.MethodGet, "/webhooks/x/oauth/callback?code=hidden-code&state=s", "", "")

	recordings, err := ReadRecordings(folder)
	require.NoError(t, err)
	require.Len(t, recordings, 4)
	for _, r := range recordings {
		data, err := os.ReadFile(filepath.Join(folder, r.Name+".json"))
		require.NoError(t, err)
		require.NotContains(t, string(data), "hidden")
		require.NotContains(t, string(data), "hunter2")
		require.Equal(t, "REDACTED", r.Header.Get("X-Hub-Signature-256"))
		require.Equal(t, "with REDACTED inside", r.Header.Get("X-Custom"))
		require.Equal(t, http.StatusAccepted, r.Status)
		require.NotZero(t, r.At)
	}
	require.Equal(t, "/?token=REDACTED&x=1", recordings[0].Path)
	require.Equal(t, `{"token": "REDACTED", "text" : "REDACTED \u003c\u0026\u003e é", "n":1.50, "inner":{"bot_token":["REDACTED",{"x":"REDACTED"},0]},"list":[ "token" ]}`,
		string(recordings[0].Body), "all other bytes are as they were")
	require.Equal(t, "/", recordings[1].Path)
	require.Equal(t, "token=REDACTED&text=REDACTED&payload=%7B%22response_url%22%3A%22REDACTED%22%2C%22type%22%3A%22x%22%7D&empty=", string(recordings[1].Body))
	require.Equal(t, "/deep/path", recordings[2].Path)
	require.Equal(t, "\xff\xfe", string(recordings[2].Body))
	require.Equal(t, "/oauth/callback?code=REDACTED&state=s", recordings[3].Path)

	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	req, err := recordings[1].Request(server.URL + "/webhooks/slack")
	require.NoError(t, err)
	resp, err := server.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "/webhooks/slack/", got.URL.Path)
	require.Equal(t, http.MethodPost, got.Method)
	require.Equal(t, recordings[1].Body, body)
	require.Equal(t, "application/x-www-form-urlencoded", got.Header.Get("Content-Type"))
}

// What cannot be recorded is handled as ever, and the log says why.
func TestRecorderChangesNothing(t *testing.T) {
	t.Parallel()
	blocked := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(blocked, nil, 0o600))
	for name, test := range map[string]struct {
		handler http.Handler
		folder  string
		body    string
		want    string
	}{
		"no folder can be made": {reader, blocked, "{}", "not a directory"},
		"too long":              {reader, t.TempDir(), `"` + strings.Repeat("x", 100) + `"`, "longer than MaxBody"},
		"not JSON":              {reader, t.TempDir(), `{"token": "hidden`, "not JSON"},
		"not read": {
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }),
			t.TempDir(), "{}", "did not read",
		},
	} {
		var log bytes.Buffer
		rec := &Recorder{Handler: test.handler, Folder: test.folder, MaxBody: 50, Logger: slog.New(slog.NewTextHandler(&log, nil))}
		r := post(strings.NewReader(test.body))
		r.Header.Set("Content-Type", JSON)
		w := httptest.NewRecorder()
		rec.ServeHTTP(w, r)
		require.Equal(t, http.StatusAccepted, w.Code, name)
		require.Contains(t, log.String(), test.want, name)
		require.NotContains(t, log.String(), "hidden", name)
	}
	_, err := ReadRecordings(t.TempDir())
	require.ErrorContains(t, err, "no recordings")
}
