package lineartest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/linear"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/attack"
)

const (
	attackedThread  = chat.ThreadID("linear:" + issue + ":c:root-1")
	attackedSession = chat.ThreadID("linear:" + issue + ":s:session-1")
)

// answerWith is a Linear that answers all so.
type answerWith func(r *http.Request) (*http.Response, error)

func (f answerWith) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return f(r)
}

func (f answerWith) config(c *linear.Config) {
	c.APIURL, c.HTTPClient = "https://linear.example/graphql", &http.Client{Transport: f}
}

func answering(status int, body string, header ...string) answerWith {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// calls has every call of an adapter to Linear.
var calls = map[string]func(ctx context.Context, a *linear.Adapter) error{
	"post": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.PostMessage(ctx, attackedThread, &chat.Post{Text: words}))
	},
	"channel post": func(ctx context.Context, a *linear.Adapter) error {
		_, _, err := a.PostChannelMessage(ctx, "linear:"+issue, &chat.Post{Text: words})
		return err
	},
	"file": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.PostMessage(ctx, attackedThread, &chat.Post{Text: words, Files: []chat.File{{Name: "a.txt", Content: strings.NewReader(words)}}}))
	},
	"respond": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.PostMessage(ctx, attackedSession, &chat.Post{Text: words}))
	},
	"think": func(ctx context.Context, a *linear.Adapter) error {
		return a.StartTyping(ctx, attackedSession, words)
	},
	"stream": func(ctx context.Context, a *linear.Adapter) error {
		_, _, err := a.StreamMessage(ctx, attackedSession, func(yield func(chat.Chunk, error) bool) { yield(chat.Chunk{Text: words}, nil) }, chat.StreamOptions{})
		return err
	},
	"edit": func(ctx context.Context, a *linear.Adapter) error {
		return a.EditMessage(ctx, attackedThread, "c-1", &chat.Post{Text: words})
	},
	"delete": func(ctx context.Context, a *linear.Adapter) error { return a.DeleteMessage(ctx, attackedThread, "c-1") },
	"react": func(ctx context.Context, a *linear.Adapter) error {
		return a.AddReaction(ctx, attackedThread, "c-1", "heart")
	},
	"unreact": func(ctx context.Context, a *linear.Adapter) error {
		return a.RemoveReaction(ctx, attackedThread, "c-1", "heart")
	},
	"user": func(ctx context.Context, a *linear.Adapter) error { return second(a.FetchUser(ctx, ada)) },
	"channel": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.FetchChannel(ctx, "linear:"+issue))
	},
	"message": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.FetchMessage(ctx, attackedThread, "root-1"))
	},
	"messages": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.FetchMessages(ctx, attackedThread, chat.PageRequest{Limit: 5}))
	},
	"channel messages": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.FetchChannelMessages(ctx, "linear:"+issue, chat.PageRequest{Limit: 5}))
	},
	"threads": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.ListThreads(ctx, "linear:"+issue, chat.PageRequest{Limit: 5}))
	},
	"subject": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.FetchSubject(ctx, attackedThread, "root-1"))
	},
	"link": func(ctx context.Context, a *linear.Adapter) error {
		return second(a.Permalink(ctx, attackedThread, "root-1"))
	},
}

// refusal is an error of Linear's as its SDK reads it.
// https://github.com/linear/linear/blob/master/packages/sdk/src/error.ts
func refusal(kind, code, message string) string {
	return fmt.Sprintf(`{"errors":[{"message":%q,"path":["x"],"extensions":{"type":%q,"code":%q,"userError":true,"userPresentableMessage":%q}}],"data":null}`, message, kind, code, words)
}

func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	breaksOff := func(status int) answerWith {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"data":{`), iotest.ErrReader(io.ErrUnexpectedEOF))), Request: r}, nil
		}
	}
	limited := refusal("ratelimited", "RATELIMITED", "Rate limit exceeded")
	soon := fmt.Sprint(time.Now().Add(90 * time.Second).UnixMilli())
	for name, c := range map[string]struct {
		with answerWith
		want error
	}{
		"200 authentication":        {answering(200, refusal("authentication error", "AUTHENTICATION_ERROR", "Authentication required")), chat.ErrAuthentication},
		"400 authentication":        {answering(400, refusal("authentication error", "AUTHENTICATION_ERROR", "Authentication required")), chat.ErrAuthentication},
		"401":                       {answering(401, refusal("authentication error", "AUTHENTICATION_ERROR", "Authentication required")), chat.ErrAuthentication},
		"401 in HTML":               {answering(401, "<html>"+words), chat.ErrAuthentication},
		"200 forbidden":             {answering(200, refusal("forbidden", "FORBIDDEN", "You don't have permission")), chat.ErrPermission},
		"403":                       {answering(403, refusal("forbidden", "FORBIDDEN", "You don't have permission")), chat.ErrPermission},
		"403 in HTML":               {answering(403, "<html>"+words), chat.ErrPermission},
		"200 feature":               {answering(200, refusal("feature not accessible", "FEATURE_NOT_ACCESSIBLE", "No")), chat.ErrPermission},
		"200 invalid":               {answering(200, refusal("invalid input", "INVALID_INPUT", "body must be shorter than "+words)), chat.ErrInvalid},
		"400 invalid":               {answering(400, refusal("invalid input", "INVALID_INPUT", "body must be shorter than "+words)), chat.ErrInvalid},
		"400 of GraphQL":            {answering(400, refusal("graphql error", "GRAPHQL_VALIDATION_FAILED", "Cannot query field "+words)), chat.ErrInvalid},
		"200 not found":             {answering(200, refusal("invalid input", "INPUT_ERROR", "Entity not found: Comment - Could not find referenced Comment.")), chat.ErrNotFound},
		"400 limited":               {answering(400, limited, "X-RateLimit-Requests-Remaining", "0", "X-RateLimit-Requests-Reset", soon), chat.ErrRateLimited},
		"200 limited":               {answering(200, limited), chat.ErrRateLimited},
		"400 limited by complexity": {answering(400, limited, "X-RateLimit-Complexity-Remaining", "0", "X-RateLimit-Complexity-Reset", soon), chat.ErrRateLimited},
		"400 limited by its code":   {answering(400, `{"errors":[{"message":"x","extensions":{"code":"RATELIMITED"}}]}`), chat.ErrRateLimited},
		"400 limited for ever":      {answering(400, limited, "X-RateLimit-Requests-Reset", "9223372036854775807", "Retry-After", "9223372036854775807"), chat.ErrRateLimited},
		"400 limited in the past":   {answering(400, limited, "X-RateLimit-Requests-Reset", "-5", "Retry-After", "-5"), chat.ErrRateLimited},
		"400 limited in words":      {answering(400, limited, "X-RateLimit-Requests-Reset", "soon", "Retry-After", "soon"), chat.ErrRateLimited},
		"429":                       {answering(429, limited, "Retry-After", "5"), chat.ErrRateLimited},
		"429 in HTML":               {answering(429, "<html>"+words), chat.ErrRateLimited},
		"404 in HTML":               {answering(404, "<html>"+words), nil},
		"410":                       {answering(410, "{}"), nil},
		"413":                       {answering(413, "<html>"+words), nil},
		"422":                       {answering(422, "{}"), nil},
		"200 internal":              {answering(200, refusal("internal error", "INTERNAL_SERVER_ERROR", words)), chat.ErrTemporary},
		"200 lock timeout":          {answering(200, refusal("lock timeout", "LOCK_TIMEOUT", words)), chat.ErrTemporary},
		"500":                       {answering(500, refusal("internal error", "INTERNAL_SERVER_ERROR", words)), chat.ErrTemporary},
		"502 in HTML":               {answering(502, "<html>"+words), chat.ErrTemporary},
		"503 empty":                 {answering(503, ""), chat.ErrTemporary},
		"504":                       {answering(504, "null"), chat.ErrTemporary},
		"200 of the future":         {answering(200, refusal("paradox", "PARADOX", words)), nil},
		"200 without extensions":    {answering(200, `{"errors":[{"message":"`+words+`"}]}`), nil},
		"200 with an error of text": {answering(200, `{"errors":["`+words+`"]}`), nil},
		"200 with errors of text":   {answering(200, `{"errors":"`+words+`"}`), nil},
		"200 with odd extensions":   {answering(200, `{"errors":[{"message":7,"extensions":["`+words+`"]}]}`), nil},
		"200 with a long error":     {answering(200, refusal("invalid input", "INVALID_INPUT", strings.Repeat("Argument. ", 20_000))), nil},
		"200 with data and errors":  {answering(200, `{"data":{"commentCreate":{"success":true,"comment":{"id":"c"}}},"errors":[{"message":"x"}]}`), nil},
		"200 in HTML":               {answering(200, "<html>"+words+"</html>"), nil},
		"200 with a number":         {answering(200, `7`), nil},
		"200 empty":                 {answering(200, ``), nil},
		"204":                       {answering(204, ``), nil},
		"200 without data":          {answering(200, `{}`), nil},
		"200 with null":             {answering(200, `{"data":null}`), nil},
		"200 with nothing":          {answering(200, `{"data":{}}`), nil},
		"200 with other data":       {answering(200, `{"data":[["`+words+`"]]}`), nil},
		"200 with half of it":       {answering(200, `{"data":{"comment":{"body":"`+words), nil},
		"200 that is none":          {answering(200, `{"data":{"commentCreate":{"success":false},"commentUpdate":{"success":false},"commentDelete":{"success":false},"reactionCreate":{"success":false},"agentActivityCreate":{"success":false}}}`), nil},
		"200 that breaks off":       {breaksOff(200), chat.ErrTemporary},
		"500 that breaks off":       {breaksOff(500), chat.ErrTemporary},
		"hangs up":                  {func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, chat.ErrTemporary},
		"a redirect":                {answering(307, "", "Location", "https://evil.example/"), nil},
		"a redirect to nowhere":     {answering(302, "", "Location", "://nowhere"), nil},
	} {
		for method, call := range calls {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newAttacked(t, c.with.config)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				err := call(ctx, r.Adapter)
				require.NoError(t, ctx.Err(), "it does not end")
				require.Error(t, err)
				requireSecrecy(t, err.Error())
				require.Less(t, len(err.Error()), 1000)
				failure, ok := errors.AsType[*chat.PlatformError](err)
				require.True(t, ok, "%T %v", err, err)
				require.NotEmpty(t, failure.Op)
				require.NotZero(t, failure.Code, "%v", err)
				require.GreaterOrEqual(t, failure.RetryAfter, time.Duration(0))
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
				}
				if name == "400 limited" || name == "400 limited by complexity" {
					require.Positive(t, failure.RetryAfter, "Linear says when")
				}
			})
		}
	}
}

// TestAttackRedirect has Linear's address lead elsewhere, where no token may go.
func TestAttackRedirect(t *testing.T) {
	t.Parallel()
	for method, call := range calls {
		for _, status := range []int{301, 302, 303, 307, 308} {
			r := newAttacked(t, answerWith(func(req *http.Request) (*http.Response, error) {
				if req.URL.Host != "linear.example" && req.Header.Get("Authorization") != "" {
					t.Errorf("%s: the token went to %s", method, req.URL.Host)
				}
				return answering(status, "", "Location", "https://evil.example/graphql")(req)
			}).config)
			require.Error(t, call(t.Context(), r.Adapter))
		}
	}
}

func TestAttackSlowAnswers(t *testing.T) {
	t.Parallel()
	silent := answerWith(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() })
	endless := answerWith(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: r.Context()}), Request: r}, nil
	})
	for method, call := range calls {
		for about, with := range map[string]answerWith{"silent": silent, "endless": endless} {
			t.Run(about+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newAttacked(t, with.config)
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				defer cancel()
				err := call(ctx, r.Adapter)
				require.Error(t, err)
				requireSecrecy(t, err.Error())
				if about == "silent" {
					require.ErrorIs(t, err, context.DeadlineExceeded)
				}
			})
		}
	}
}

// bare is a text without its white space.
func bare(s string) string { return strings.Join(strings.Fields(s), "") }

// TestAttackTexts posts texts that would be markup: they are shown as they are.
func TestAttackTexts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"bold": "**a** __b__ *c* _d_ ~~e~~", "code": "`a` ``b``", "a fence": "```\na\n```", "a fence of tildes": "~~~\na\n~~~", "a heading": "# a\n## b", "an underline": "a\n===\nb\n---", "a rule": "---", "a list": "- a\n* b\n+ c\n1. d\n2) e",
		"tasks": "- [ ] a\n- [x] b", "a quote": "> a\n>> b", "a table": "| a | b |\n|---|---|\n| c | d |", "a link": "[a](javascript:alert(1))", "an image": "![a](https://evil.example/a.png)", "an autolink": "<javascript:alert(1)>",
		"HTML": "<script>alert(1)</script> <b>c</b> <!-- d -->", "entities": "&lt;b&gt; &amp; &#60;", "a definition": "[a]: https://evil.example\n[a]", "a footnote": "a[^1]\n\n[^1]: b", "backslashes": `a\*b \\ \`, "a collapsible": "+++ a\nb\n+++",
		"indented": "a\n\n    b", "long": strings.Repeat("a", 65_536), "longer": strings.Repeat("a", 65_537), "emoji at the boundary": strings.Repeat("a", 65_535) + "😀", "emoji": strings.Repeat("😀", 65_536), "letters of three bytes": strings.Repeat("語", 65_536),
		"words": strings.Repeat("word ", 20_000), "brackets": strings.Repeat("[", 20_000), "stars": strings.Repeat("*a", 20_000), "quotes": strings.Repeat(">", 20_000), "backticks": strings.Repeat("`", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			_, err := r.PostMessage(t.Context(), attackedThread, &chat.Post{Text: text})
			require.NoError(t, err)
			shown, err := r.linear.Shown(t.Context(), attackedThread)
			require.NoError(t, err)
			var all strings.Builder
			for _, p := range shown {
				all.WriteString(markdown.PlainText(p.Content))
			}
			require.Equal(t, bare(text), bare(all.String()))
			for _, call := range r.linear.Calls("commentCreate") {
				require.NotContains(t, fmt.Sprint(call.Variables), "\ufffd", "half a character")
			}
		})
	}
}

// TestAttackPosts posts what an author did not mean, or meant ill.
func TestAttackPosts(t *testing.T) {
	t.Parallel()
	for name, post := range map[string]*chat.Post{
		"nothing": {}, "white space": {Text: " \n\t"}, "no Markdown": {Markdown: " "}, "NUL": {Text: "\x00"}, "controls": {Text: "a\x00\x01\x1b[31m\x7f\u202eb"}, "controls in Markdown": {Markdown: "a\x00\x1b **b\u202e**"}, "bytes": {Text: "a\xff\xfeb"}, "bytes in Markdown": {Markdown: "a\xff **b\xc3** c"},
		"links":     {Markdown: "[a](javascript:alert(1)) [b](JAVASCRIPT:x) [c](data:text/html,x) [d](vbscript:x) <javascript:alert(1)> [e](\tjavascript:x) [f](java\nscript:x) [g][h]\n\n[h]: javascript:x"},
		"a comment": {Markdown: "<!-- x -->"}, "a rule": {Markdown: "---"}, "an image of nothing": {Markdown: "![]()"}, "a link of nothing": {Markdown: "[]()"}, "marks": {Markdown: "****"}, "no code": {Markdown: "```\n```"}, "an open fence": {Markdown: "```\n@ada"}, "fences in fences": {Markdown: "`````\n````\n```\na\n````\n`````"},
		"a mention of nobody": {Markdown: "<@x> <@> <@-5> <@" + strings.Repeat("9", 5000) + ">"}, "an emoji of nobody": {Markdown: "{{emoji:nonesuch}}"}, "quotes in quotes": {Markdown: strings.Repeat(">", 5000) + "a"}, "a definition": {Markdown: "[a]: https://example.com"},
		"cells that end": {Markdown: "| a |\n|---|\n| `x|y` \\| z |"}, "a card of nothing": {Card: card.New("")}, "a card that breaks out": {Card: card.New("# T\n```", card.NewText("|a|\n|-|\n<b>"))}, "a card of buttons": {Card: card.New("", card.NewActions(card.NewButton("x", "[a](javascript:x)"), card.NewLinkButton("L](javascript:x)", "javascript:alert(1)"), card.NewLinkButton("L", "")))},
		"an image elsewhere": {Card: card.New("").WithImage("javascript:alert(1)")}, "an attachment of nothing": {Attachments: []chat.Attachment{{}}}, "an attachment elsewhere": {Attachments: []chat.Attachment{{Type: "image", URL: "javascript:alert(1)", Name: "](x"}}},
		"names of files":         {Files: []chat.File{{Name: "a](javascript:x)\r\n\x00.txt", Content: strings.NewReader("a")}, {Name: "../../etc/passwd", Content: strings.NewReader("a")}, {Name: "", Content: strings.NewReader("a")}, {Name: strings.Repeat("n", 10_000), Content: strings.NewReader("a")}}},
		"a file that breaks off": {Files: []chat.File{{Name: "a", Content: io.MultiReader(strings.NewReader(words), iotest.ErrReader(io.ErrUnexpectedEOF))}}}, "no bytes": {Files: []chat.File{{Name: "a.txt", Content: strings.NewReader("")}}}, "no content": {Files: []chat.File{{Name: "a.txt"}}}, "an empty tree": {Tree: chat.Markdown("").AsTree()}, "raw": {Raw: "<b>a</i> *x_"},
	} {
		for about, thread := range map[string]chat.ThreadID{"thread": attackedThread, "session": attackedSession} {
			t.Run(name+"/"+about, func(t *testing.T) {
				t.Parallel()
				copied := *post
				copied.Files = nil
				for _, f := range post.Files { // a reader serves one post
					if _, ok := f.Content.(*strings.Reader); ok {
						f.Content = strings.NewReader("a")
						if name == "no bytes" {
							f.Content = strings.NewReader("")
						}
					} else if f.Content != nil {
						f.Content = io.MultiReader(strings.NewReader(words), iotest.ErrReader(io.ErrUnexpectedEOF))
					}
					copied.Files = append(copied.Files, f)
				}
				r := newAttacked(t)
				_, err := r.PostMessage(t.Context(), thread, &copied)
				if err != nil {
					requireSecrecy(t, err.Error())
					t.Log(err)
				}
				bodies := []string{}
				for _, operation := range []string{"commentCreate", "agentActivityCreate"} {
					for _, call := range r.linear.Calls(operation) {
						bodies = append(bodies, fmt.Sprint(call.Variables))
					}
				}
				if err != nil {
					require.Empty(t, bodies, "refused, and shown in part: %v", err)
					return
				}
				shown, err := r.linear.Shown(t.Context(), thread)
				require.NoError(t, err)
				require.NotEmpty(t, shown, "posted, and nothing is shown")
				for _, body := range bodies {
					require.True(t, utf8.ValidString(body))
					require.NotContains(t, body, "\x00")
					require.NotContains(t, strings.ToLower(body), "](javascript:")
				}
			})
		}
	}
}

// TestAttackIDs calls with ids that are none of Linear's.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	post := &chat.Post{Text: words}
	for _, id := range []chat.ThreadID{
		"", ":", "linear", "linear:", "linear::", "linear:" + issue + ":", "linear:" + issue + ":c:", "linear:" + issue + ":x:root-1", "linear:" + issue + ":c:a:b:c", "linear:p:", "linear:p:project-1:c:",
		"linear:" + issue + ":c:\x00", "linear:" + issue + ":c:a b", "linear:../x:c:y", "Linear:" + issue, "slack:" + issue, "linear:" + issue + "\n", chat.ThreadID("linear:" + strings.Repeat("a", 1<<20)),
	} {
		_, err := r.DecodeThreadID(id)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, "%.50q", id)
		for about, err := range map[string]error{
			"post": second(r.PostMessage(t.Context(), id, post)), "edit": r.EditMessage(t.Context(), id, "c", post), "delete": r.DeleteMessage(t.Context(), id, "c"), "react": r.AddReaction(t.Context(), id, "c", "heart"), "messages": second(r.FetchMessages(t.Context(), id, chat.PageRequest{})),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.50q", about, id)
			requireSecrecy(t, err.Error())
		}
	}
	for _, id := range []chat.MessageID{"", "\x00", "a b", "a:b", "a/b", chat.MessageID(strings.Repeat("a", 1<<20))} {
		for about, err := range map[string]error{
			"edit": r.EditMessage(t.Context(), attackedThread, id, post), "delete": r.DeleteMessage(t.Context(), attackedThread, id), "react": r.AddReaction(t.Context(), attackedThread, id, "heart"), "unreact": r.RemoveReaction(t.Context(), attackedThread, id, "heart"),
			"message": second(r.FetchMessage(t.Context(), attackedThread, id)), "link": second(r.Permalink(t.Context(), attackedThread, id)),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.50q", about, id)
		}
	}
	for _, id := range []chat.UserID{"", "0", "x", chat.UserID(ada[:35]), ada + "0", "\x00", " " + ada} {
		require.False(t, r.IsUserID(id), "%q", id)
		require.Error(t, second(r.FetchUser(t.Context(), id)), "%q", id)
	}
	require.ErrorIs(t, r.AddReaction(t.Context(), attackedThread, "root-1", ""), chat.ErrInvalidArgument)
	require.Error(t, second(r.PostMessage(t.Context(), attackedThread, nil)))
}

// TestAttackFiles fetches files from where no token may go.
func TestAttackFiles(t *testing.T) {
	t.Parallel()
	r := newAttacked(t, answerWith(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") != "" && req.URL.Host != "uploads.linear.app" {
			t.Errorf("the token went to %s", req.URL)
		}
		return answering(200, "content")(req)
	}).config)
	for _, address := range []string{
		"https://evil.example/a", "https://uploads.linear.app.evil.example/a", "https://uploads.linear.app@evil.example/a", "http://uploads.linear.app/a", "https://uploads.linear.app:444/a", "//uploads.linear.app/a", "file:///etc/passwd", "javascript:x", "", "://",
		"https://evil.example/?https://uploads.linear.app/", "https://uploads.linear.app\\@evil.example/", "https://uploads.linear.app%2f@evil.example/", "HTTPS://UPLOADS.LINEAR.APP.EVIL.EXAMPLE/",
	} {
		for _, at := range []*chat.Attachment{{URL: address}, {URL: address, FetchMetadata: map[string]string{"url": address}}} {
			body, err := r.FetchAttachment(t.Context(), at, 100)
			if err == nil {
				require.NoError(t, body.Close())
			}
		}
	}
	require.Error(t, second(r.FetchAttachment(t.Context(), nil, 100)))
}
