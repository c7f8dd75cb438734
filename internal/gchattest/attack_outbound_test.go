package gchattest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

const attacked = chat.MessageID(room + "/messages/TTTT.M1")

// calls has every call of an adapter to Google.
var calls = map[string]func(ctx context.Context, a *gchat.Adapter) error{
	"post": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.PostMessage(ctx, inThread, &chat.Post{Text: words}))
	},
	"channel post": func(ctx context.Context, a *gchat.Adapter) error {
		_, _, err := a.PostChannelMessage(ctx, "gchat:spaces/AAAA", &chat.Post{Text: words})
		return err
	},
	"whisper": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.PostEphemeral(ctx, inThread, ada, &chat.Post{Text: words}))
	},
	"file": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.PostMessage(ctx, inThread, &chat.Post{Files: []chat.File{{Name: "a.txt", Content: strings.NewReader(words)}}}))
	},
	"edit": func(ctx context.Context, a *gchat.Adapter) error {
		return a.EditMessage(ctx, inThread, attacked, &chat.Post{Text: words})
	},
	"delete": func(ctx context.Context, a *gchat.Adapter) error { return a.DeleteMessage(ctx, inThread, attacked) },
	"react": func(ctx context.Context, a *gchat.Adapter) error {
		return a.AddReaction(ctx, inThread, attacked, "heart")
	},
	"unreact": func(ctx context.Context, a *gchat.Adapter) error {
		return a.RemoveReaction(ctx, inThread, attacked, "heart")
	},
	"user": func(ctx context.Context, a *gchat.Adapter) error { return attack.Second(a.FetchUser(ctx, ada)) },
	"dm":   func(ctx context.Context, a *gchat.Adapter) error { return attack.Second(a.OpenDM(ctx, ada)) },
	"channel": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.FetchChannel(ctx, "gchat:spaces/AAAA"))
	},
	"members": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.ListMembers(ctx, "gchat:spaces/AAAA", chat.PageRequest{}))
	},
	"spaces": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.ListSpaces(ctx, chat.PageRequest{}))
	},
	"message": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.FetchMessage(ctx, inThread, attacked))
	},
	"messages": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.FetchMessages(ctx, inThread, chat.PageRequest{Limit: 5}))
	},
	"threads": func(ctx context.Context, a *gchat.Adapter) error {
		return attack.Second(a.ListThreads(ctx, "gchat:spaces/AAAA", chat.PageRequest{Limit: 5}))
	},
	"attachment": func(ctx context.Context, a *gchat.Adapter) error {
		body, err := a.FetchAttachment(ctx, &chat.Attachment{FetchMetadata: map[string]string{"resourceName": "F1"}}, 10)
		if err == nil {
			_, err = io.ReadAll(body)
			_ = body.Close()
		}
		return err
	},
	"subscribe": func(ctx context.Context, a *gchat.Adapter) error { return a.ThreadSubscribed(ctx, inThread) },
}

// mayBeEmpty are the calls for which an answer without anything is one, and empty those
// that want no content at all.
var mayBeEmpty = []string{"delete", "edit", "react", "attachment", "members", "spaces", "messages", "threads"}

// answering has the APIs answer so, but for tokens.
func answering(t *testing.T, answer answerWith) *rig {
	t.Helper()
	s := newChat(t)
	google := s.Client().Transport
	r := newRigOn(t, s, botrig.Memory(t), func(c *gchat.Config) {
		c.HTTPClient = &http.Client{Transport: answerWith(func(req *http.Request) (*http.Response, error) {
			if strings.HasPrefix(req.URL.Host, "oauth2.") {
				return google.RoundTrip(req)
			}
			if req.Body != nil {
				_, _ = io.Copy(io.Discard, req.Body)
			}
			return answer(req)
		})}
	})
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

func status(code int, body string, header ...string) answerWith {
	return answerWith(attack.Always(code, body, header...))
}

// TestAttackAnswers has Google answer each call with what it does not document.
func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	refusal := func(name string) string {
		return `{"error":{"code":400,"status":"` + name + `","message":"Bad '` + words + `'","details":[{"retryDelay":7},{"@type":"x"}]}}`
	}
	breaks := func(code int) answerWith {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"name":"sp`), iotest.ErrReader(errors.New("broken")))), Request: r}, nil
		}
	}
	for name, c := range map[string]struct {
		with  answerWith
		want  error
		empty bool // some calls take it
	}{
		"400": {status(400, refusal("INVALID_ARGUMENT")), nil, false}, "401": {status(401, refusal("UNAUTHENTICATED")), chat.ErrAuthentication, false}, "403": {status(403, "<html>"+words), chat.ErrPermission, false},
		"404 in HTML": {status(404, "<html>"+words), chat.ErrNotFound, false}, "410": {status(410, ""), nil, false}, "413": {status(413, "<html>"+words), nil, false}, "429 in HTML": {status(429, "<html>"+words), chat.ErrRateLimited, false},
		"500": {status(500, refusal("INTERNAL")), chat.ErrTemporary, false}, "502": {status(502, "<html>"+words), chat.ErrTemporary, false}, "503 empty": {status(503, ""), chat.ErrTemporary, false}, "a code of the future": {status(418, refusal("TEAPOT")), nil, false},
		"an error of another shape": {status(400, `{"error":"`+words+`"}`), nil, false}, "errors as a list": {status(400, `[{"error":{}}]`), nil, false},
		"200 in HTML": {status(200, "<html>"+words), nil, true}, "200 empty": {status(200, ""), nil, true}, "200 with a number": {status(200, "7"), nil, true}, "200 with null": {status(200, "null"), nil, true}, "200 with nothing": {status(200, "{}"), nil, true},
		"200 with other kinds": {status(200, `{"name":7,"messages":"x","spaces":7,"memberships":{},"done":"yes","member":[]}`), nil, true}, "200 with half": {status(200, `{"name":"spaces/AAAA/mess`), nil, true}, "204": {status(204, ""), nil, true},
		"200 that breaks off": {breaks(200), nil, true}, "500 that breaks off": {breaks(500), chat.ErrTemporary, false},
		"hangs up":   {func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, chat.ErrTemporary, false},
		"a redirect": {status(307, "", "Location", "https://evil.example/"), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, c.with)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			for method, do := range calls {
				err := do(ctx, r.Adapter)
				require.NoError(t, ctx.Err(), "%s does not end", method)
				if err == nil && c.empty {
					require.Contains(t, mayBeEmpty, method)
					continue
				}
				require.Error(t, err, method)
				requireSecrecy(t, err.Error())
				require.Less(t, len(err.Error()), 1000)
				failure, ok := errors.AsType[*chat.PlatformError](err)
				require.True(t, ok, "%s: %T %v", method, err, err)
				require.NotEmpty(t, failure.Op)
				require.NotZero(t, failure.Code)
				if c.want != nil && (method != "attachment" || name != "401") { // a download that is refused is one that is not permitted
					require.ErrorIs(t, err, c.want, method)
				}
			}
		})
	}
}

// TestAttackRedirect has Google's addresses lead elsewhere, where no token may go.
func TestAttackRedirect(t *testing.T) {
	t.Parallel()
	r := answering(t, func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "evil.example" {
			t.Errorf("a request went to %s", req.URL.Host)
		}
		return status(302, "", "Location", "https://evil.example/x")(req)
	})
	for _, do := range calls {
		require.Error(t, do(t.Context(), r.Adapter))
	}
}

// TestAttackSilence ends each call with its context while Google says nothing.
func TestAttackSilence(t *testing.T) {
	t.Parallel()
	for method, do := range calls {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			r := answering(t, func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, req.Context().Err()
			})
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, do(ctx, r.Adapter), context.DeadlineExceeded)
		})
	}
}

// TestAttackPosts posts what an author did not mean, or meant ill: it is refused whole, or
// shown.
func TestAttackPosts(t *testing.T) {
	t.Parallel()
	for name, post := range map[string]*chat.Post{
		"nothing": {}, "white space": {Text: " \n\t"}, "no Markdown": {Markdown: " "}, "NUL": {Text: "\x00"}, "controls": {Text: "a\x00\x01\x1b[31m\u202eb"}, "bytes": {Text: "a\xff\xfeb"}, "bytes in Markdown": {Markdown: "a\xff **b\xc3** c"}, "raw bytes": {Raw: "a\xff"},
		"links": {Markdown: "[a](javascript:alert(1)) [b](data:text/html,x) <javascript:alert(1)>"}, "a comment": {Markdown: "<!-- x -->"}, "a rule": {Markdown: "---"}, "an image of nothing": {Markdown: "![]()"}, "marks": {Markdown: "****"}, "an open fence": {Markdown: "```\n<users/all>"},
		"mentions of nobody": {Markdown: "<@x> <@> <@users/" + strings.Repeat("9", 5000) + "> <@users/a b> <@users/all|x>"}, "quotes in quotes": {Markdown: strings.Repeat(">", 2000) + "a"},
		"brackets": {Text: strings.Repeat("[", 40_000)}, "backslashes": {Text: strings.Repeat(`\`, 40_000)}, "letters of four bytes": {Text: strings.Repeat("𝒳", 20_000)}, "a word": {Text: strings.Repeat("a", 70_000)},
		"a card that breaks out": {Card: card.New("# T\n```", card.NewText("|a|\n|-|\n<b>"), card.NewText(""), card.NewText("[x](javascript:x)"))}, "bytes in a card": {Card: card.New("a\xff", card.NewFields(card.NewField("\xff", "\xfe")))},
		"a card without words": {Card: card.New("", card.NewActions(card.NewButton("x", " ")))}, "an attachment of nothing": {Attachments: []chat.Attachment{{}}}, "an attachment elsewhere": {Attachments: []chat.Attachment{{URL: "javascript:alert(1)", Name: "](x"}}},
		"names of files": {Files: []chat.File{{Name: "a\r\nX: y\"\x00.txt", Content: strings.NewReader("a")}}}, "a file that breaks off": {Files: []chat.File{{Name: "a", Content: io.MultiReader(strings.NewReader(words), iotest.ErrReader(errors.New("broken")))}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			_, err := r.PostMessage(t.Context(), inDM, post)
			shown, failed := r.google.Shown(t.Context(), inDM)
			require.NoError(t, failed)
			if err != nil {
				requireSecrecy(t, err.Error())
				require.Empty(t, shown, "refused, and shown in part: %v", err)
				return
			}
			require.NotEmpty(t, shown)
			for _, p := range shown {
				require.Empty(t, p.Mentions)
			}
			for _, c := range r.google.Calls("spaces.messages.create") {
				text, _ := c.Body["text"].(string)
				require.True(t, utf8.ValidString(text))
			}
		})
	}
}

// TestAttackIDs calls with ids that are none of Google Chat's.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	post := &chat.Post{Text: words}
	for _, id := range append(features().Foreign, "", ":", "gchat", "slack:spaces/AAAA", "Gchat:spaces/AAAA", "gchat:spaces/A\x00", "gchat:spaces/A:b:c:d", chat.ThreadID("gchat:spaces/"+strings.Repeat("a", 1<<20))) {
		for about, err := range map[string]error{
			"decode": attack.Second(r.DecodeThreadID(id)), "post": attack.Second(r.PostMessage(t.Context(), id, post)), "edit": r.EditMessage(t.Context(), id, attacked, post), "delete": r.DeleteMessage(t.Context(), id, attacked),
			"react": r.AddReaction(t.Context(), id, attacked, "heart"), "messages": attack.Second(r.FetchMessages(t.Context(), id, chat.PageRequest{})), "subscribe": r.ThreadSubscribed(t.Context(), id),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.50q", about, id)
			requireSecrecy(t, err.Error())
		}
	}
	for _, id := range []chat.MessageID{"", "\x00", "M1", "spaces/AAAA", "spaces/AAAA/messages/", "spaces/AAAA/messages/..", "spaces/AAAA/messages/a/b", "spaces/AAAA/messages/a?x", "spaces/BBBB/messages/M1", room + "/threads/M1"} {
		for about, err := range map[string]error{
			"edit": r.EditMessage(t.Context(), inThread, id, post), "delete": r.DeleteMessage(t.Context(), inThread, id), "react": r.AddReaction(t.Context(), inThread, id, "heart"), "unreact": r.RemoveReaction(t.Context(), inThread, id, "heart"), "message": attack.Second(r.FetchMessage(t.Context(), inThread, id)),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %q", about, id)
		}
	}
	for _, id := range []chat.UserID{"", "1", "users/", "users/..", "users/a/b", "users/a b", "Users/1"} {
		require.False(t, r.IsUserID(id), "%q", id)
		require.ErrorIs(t, attack.Second(r.FetchUser(t.Context(), id)), chat.ErrInvalidArgument)
	}
	require.Empty(t, r.google.Calls("spaces.messages.create"))
	require.ErrorIs(t, attack.Second(r.PostMessage(t.Context(), inThread, nil)), chat.ErrInvalidArgument)
}
