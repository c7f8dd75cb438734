package slacktest_test

import (
	"bufio"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// exampleBot is the process of examples/slack.
type exampleBot struct {
	*outbound
	url string
}

func startExample(t *testing.T) *exampleBot {
	t.Helper()
	program := filepath.Join(t.TempDir(), "slack")
	build := exec.Command("go", "build", "-o", program, "./slack")
	build.Dir = filepath.Join("..", "..", "examples")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	o := newOutbound(t)
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "SLACK_API_URL="+o.slack.APIURL, "SLACK_BOT_TOKEN="+fakeslack.Token,
		"SLACK_SIGNING_SECRET="+signingSecret, "SLACK_APP_TOKEN=", "STATE_URL=memory://")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		require.NoError(t, cmd.Wait(), "it ends when it is told to")
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	_, address, ok := strings.Cut(strings.TrimSpace(line), "Webhooks are taken at ")
	require.True(t, ok, line)
	return &exampleBot{o, address}
}

func (e *exampleBot) send(t *testing.T, contentType, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", contentType)
	sign(r, []byte(body), time.Now())
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func (e *exampleBot) interact(t *testing.T, payload string) {
	t.Helper()
	e.send(t, formType, url.Values{"payload": {payload}}.Encode())
}

// TestExample plays what a user does with the example: mention, question, form,
// close.
func TestExample(t *testing.T) {
	t.Parallel()
	e := startExample(t)
	e.send(t, jsonType, callback(`{"type":"app_mention","channel":"C0GENERAL","user":"U0ADA","ts":"`+e.root+`","text":"<@U0BOT> my screen is dark"}`))
	e.called(t, "chat.postMessage", 1)
	opened := e.shown()[0]
	require.Contains(t, string(opened.Blocks), `"action_id":"details"`)
	require.Contains(t, opened.Text, "<@U0ADA>")

	ts := e.slack.Post("C0GENERAL", e.root, "U0ADA", "what now?")
	e.send(t, jsonType, callback(`{"type":"message","channel":"C0GENERAL","channel_type":"channel","user":"U0ADA","ts":"`+ts+`","thread_ts":"`+e.root+`","text":"what now?"}`))
	e.called(t, "chat.stopStream", 1)
	require.Contains(t, e.shown()[1].Markdown, "off and on")
	require.Len(t, e.shown()[1].Tasks, 1)

	where := `"team":{"id":"T0ONE"},"user":{"id":"U0ADA","team_id":"T0ONE"},"api_app_id":"A0APP"`
	click := func(id string) {
		e.interact(t, `{"type":"block_actions",`+where+`,"trigger_id":"`+e.slack.Trigger()+`","channel":{"id":"C0GENERAL"},
			"container":{"type":"message","message_ts":"`+opened.TS+`","channel_id":"C0GENERAL","thread_ts":"`+e.root+`"},
			"message":{"ts":"`+opened.TS+`","thread_ts":"`+e.root+`","user":"U0BOT","text":"A new ticket"},
			"actions":[{"type":"button","action_id":"`+id+`","block_id":"b","action_ts":"`+opened.TS+`"}]}`)
	}
	click("details")
	e.called(t, "views.open", 1)
	require.Contains(t, string(e.slack.Views()[0].JSON), "What happened?")
	click("close")
	e.called(t, "chat.postMessage", 2)
	require.Equal(t, "The ticket is closed.", e.shown()[2].Markdown)
}
