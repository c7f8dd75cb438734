package slacktest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// readCase reads an input that once failed.
func readCase(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/cases/" + name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

func TestRefusalsSayWhy(t *testing.T) {
	t.Parallel()
	var c struct {
		Input []struct {
			Error            string
			Needed, Provided string
			Metadata         struct{ Messages []string } `json:"response_metadata"`
		}
	}
	readCase(t, "24-error-replies.json", &c)
	o := newOutbound(t)
	blocks, scope := c.Input[2], c.Input[3]
	o.slack.Fail("chat.postMessage", fakeslack.Failure{Error: "invalid_arguments", Reasons: append(blocks.Metadata.Messages, strings.Repeat("x", 900), "c", "d", "e")})
	_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrInvalid)
	require.ErrorContains(t, err, "invalid_arguments: "+blocks.Metadata.Messages[0])
	require.Less(t, len(err.Error()), 500, "what Slack says is bounded")

	o.slack.Fail("users.info", fakeslack.Failure{Error: scope.Error, Needed: scope.Needed, Provided: scope.Provided})
	_, err = o.FetchUser(t.Context(), "U0ADA")
	require.ErrorIs(t, err, chat.ErrPermission)
	require.ErrorContains(t, err, "missing_scope (needed: users:read; provided: chat:write)")
}

func TestRetryAfterIsADate(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	for at, want := range map[string][2]time.Duration{
		"Wed, 21 Oct 2015 07:28:00 GMT":                           {0, time.Millisecond},
		time.Now().Add(time.Minute).UTC().Format(http.TimeFormat): {50 * time.Second, time.Minute},
		"soon": {0, 0},
		"30":   {30 * time.Second, 30 * time.Second},
	} {
		o.slack.Fail("chat.postMessage", fakeslack.Failure{Status: http.StatusTooManyRequests, Error: "ratelimited", Header: http.Header{"Retry-After": {at}}})
		_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Text: "x"})
		var limited *chat.PlatformError
		require.ErrorAs(t, err, &limited, at)
		require.Equal(t, chat.CodeRateLimited, limited.Code, at)
		require.GreaterOrEqual(t, limited.RetryAfter, want[0], at)
		require.LessOrEqual(t, limited.RetryAfter, want[1], at)
	}
}

// TestAnswersWithoutTS has something between the bot and Slack that answers
// {"ok": true} to whatever it does not know.
func TestAnswersWithoutTS(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	for _, method := range []string{"chat.postMessage", "chat.postEphemeral", "chat.startStream"} {
		o.slack.Handle(method, func(fakeslack.Args) (map[string]any, string) { return nil, "" })
	}
	_, err := o.PostMessage(t.Context(), o.room, &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrInvalid)
	_, err = o.PostEphemeral(t.Context(), o.room, "U0ADA", &chat.Post{Text: "x"})
	require.ErrorIs(t, err, chat.ErrInvalid)
	id, _, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "x"), recipient)
	require.ErrorIs(t, err, chat.ErrInvalid)
	require.Empty(t, id)
}

// TestMethodsThatAProxyLacks has a method answered with 404, as proxies and
// emulators do that lack it. Slack itself answers 200 and unknown_method.
func TestMethodsThatAProxyLacks(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	missing := fakeslack.Failure{Status: http.StatusNotFound, Error: "Not Found"}
	o.slack.Fail("chat.startStream", missing)
	o.slack.Fail("assistant.threads.setStatus", missing)
	require.NoError(t, o.StartTyping(t.Context(), o.room, ""))
	_, _, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "posted ", "and edited"), recipient)
	require.NoError(t, err)
	require.Equal(t, "posted and edited", o.shown()[0].Markdown)
}
