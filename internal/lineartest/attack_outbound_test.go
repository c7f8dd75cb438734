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

// through has all calls answered so.
func through(answer attack.Answer) func(*linear.Config) {
	return func(c *linear.Config) {
		c.APIURL, c.HTTPClient = "https://linear.example/graphql", &http.Client{Transport: answer}
	}
}

// calls has every call of an adapter to Linear.
var calls = map[string]func(ctx context.Context, a *linear.Adapter) error{
	"post": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.PostMessage(ctx, attackedThread, &chat.Post{Text: words}))
	},
	"channel post": func(ctx context.Context, a *linear.Adapter) error {
		_, _, err := a.PostChannelMessage(ctx, "linear:"+issue, &chat.Post{Text: words})
		return err
	},
	"file": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.PostMessage(ctx, attackedThread, &chat.Post{Text: words, Files: []chat.File{{Name: "a.txt", Content: strings.NewReader(words)}}}))
	},
	"respond": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.PostMessage(ctx, attackedSession, &chat.Post{Text: words}))
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
	"user": func(ctx context.Context, a *linear.Adapter) error { return attack.Second(a.FetchUser(ctx, ada)) },
	"channel": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.FetchChannel(ctx, "linear:"+issue))
	},
	"message": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.FetchMessage(ctx, attackedThread, "root-1"))
	},
	"messages": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.FetchMessages(ctx, attackedThread, chat.PageRequest{Limit: 5}))
	},
	"channel messages": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.FetchChannelMessages(ctx, "linear:"+issue, chat.PageRequest{Limit: 5}))
	},
	"threads": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.ListThreads(ctx, "linear:"+issue, chat.PageRequest{Limit: 5}))
	},
	"subject": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.FetchSubject(ctx, attackedThread, "root-1"))
	},
	"link": func(ctx context.Context, a *linear.Adapter) error {
		return attack.Second(a.Permalink(ctx, attackedThread, "root-1"))
	},
}

// refusal is an error of Linear's as its SDK reads it.
// https://github.com/linear/linear/blob/master/packages/sdk/src/error.ts
func refusal(kind, code, message string) string {
	return fmt.Sprintf(`{"errors":[{"message":%q,"path":["x"],"extensions":{"type":%q,"code":%q,"userError":true,"userPresentableMessage":%q}}],"data":null}`, message, kind, code, words)
}

func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	breaksOff := func(status int) attack.Answer {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"data":{`), iotest.ErrReader(io.ErrUnexpectedEOF))), Request: r}, nil
		}
	}
	limited := refusal("ratelimited", "RATELIMITED", "Rate limit exceeded")
	soon := fmt.Sprint(time.Now().Add(90 * time.Second).UnixMilli())
	for name, c := range map[string]struct {
		with attack.Answer
		want error
	}{
		"200 authentication":        {attack.Always(200, refusal("authentication error", "AUTHENTICATION_ERROR", "Authentication required")), chat.ErrAuthentication},
		"400 authentication":        {attack.Always(400, refusal("authentication error", "AUTHENTICATION_ERROR", "Authentication required")), chat.ErrAuthentication},
		"401":                       {attack.Always(401, refusal("authentication error", "AUTHENTICATION_ERROR", "Authentication required")), chat.ErrAuthentication},
		"401 in HTML":               {attack.Always(401, "<html>"+words), chat.ErrAuthentication},
		"200 forbidden":             {attack.Always(200, refusal("forbidden", "FORBIDDEN", "You don't have permission")), chat.ErrPermission},
		"403":                       {attack.Always(403, refusal("forbidden", "FORBIDDEN", "You don't have permission")), chat.ErrPermission},
		"403 in HTML":               {attack.Always(403, "<html>"+words), chat.ErrPermission},
		"200 feature":               {attack.Always(200, refusal("feature not accessible", "FEATURE_NOT_ACCESSIBLE", "No")), chat.ErrPermission},
		"200 invalid":               {attack.Always(200, refusal("invalid input", "INVALID_INPUT", "body must be shorter than "+words)), chat.ErrInvalid},
		"400 invalid":               {attack.Always(400, refusal("invalid input", "INVALID_INPUT", "body must be shorter than "+words)), chat.ErrInvalid},
		"400 of GraphQL":            {attack.Always(400, refusal("graphql error", "GRAPHQL_VALIDATION_FAILED", "Cannot query field "+words)), chat.ErrInvalid},
		"200 not found":             {attack.Always(200, refusal("invalid input", "INPUT_ERROR", "Entity not found: Comment - Could not find referenced Comment.")), chat.ErrNotFound},
		"400 limited":               {attack.Always(400, limited, "X-RateLimit-Requests-Remaining", "0", "X-RateLimit-Requests-Reset", soon), chat.ErrRateLimited},
		"200 limited":               {attack.Always(200, limited), chat.ErrRateLimited},
		"400 limited by complexity": {attack.Always(400, limited, "X-RateLimit-Complexity-Remaining", "0", "X-RateLimit-Complexity-Reset", soon), chat.ErrRateLimited},
		"400 limited by its code":   {attack.Always(400, `{"errors":[{"message":"x","extensions":{"code":"RATELIMITED"}}]}`), chat.ErrRateLimited},
		"400 limited for ever":      {attack.Always(400, limited, "X-RateLimit-Requests-Reset", "9223372036854775807", "Retry-After", "9223372036854775807"), chat.ErrRateLimited},
		"400 limited in the past":   {attack.Always(400, limited, "X-RateLimit-Requests-Reset", "-5", "Retry-After", "-5"), chat.ErrRateLimited},
		"400 limited in words":      {attack.Always(400, limited, "X-RateLimit-Requests-Reset", "soon", "Retry-After", "soon"), chat.ErrRateLimited},
		"429":                       {attack.Always(429, limited, "Retry-After", "5"), chat.ErrRateLimited},
		"429 in HTML":               {attack.Always(429, "<html>"+words), chat.ErrRateLimited},
		"404 in HTML":               {attack.Always(404, "<html>"+words), nil},
		"410":                       {attack.Always(410, "{}"), nil},
		"413":                       {attack.Always(413, "<html>"+words), nil},
		"422":                       {attack.Always(422, "{}"), nil},
		"200 internal":              {attack.Always(200, refusal("internal error", "INTERNAL_SERVER_ERROR", words)), chat.ErrTemporary},
		"200 lock timeout":          {attack.Always(200, refusal("lock timeout", "LOCK_TIMEOUT", words)), chat.ErrTemporary},
		"500":                       {attack.Always(500, refusal("internal error", "INTERNAL_SERVER_ERROR", words)), chat.ErrTemporary},
		"502 in HTML":               {attack.Always(502, "<html>"+words), chat.ErrTemporary},
		"503 empty":                 {attack.Always(503, ""), chat.ErrTemporary},
		"504":                       {attack.Always(504, "null"), chat.ErrTemporary},
		"200 of the future":         {attack.Always(200, refusal("paradox", "PARADOX", words)), nil},
		"200 without extensions":    {attack.Always(200, `{"errors":[{"message":"`+words+`"}]}`), nil},
		"200 with an error of text": {attack.Always(200, `{"errors":["`+words+`"]}`), nil},
		"200 with errors of text":   {attack.Always(200, `{"errors":"`+words+`"}`), nil},
		"200 with odd extensions":   {attack.Always(200, `{"errors":[{"message":7,"extensions":["`+words+`"]}]}`), nil},
		"200 with a long error":     {attack.Always(200, refusal("invalid input", "INVALID_INPUT", strings.Repeat("Argument. ", 20_000))), nil},
		"200 with data and errors":  {attack.Always(200, `{"data":{"commentCreate":{"success":true,"comment":{"id":"c"}}},"errors":[{"message":"x"}]}`), nil},
		"200 in HTML":               {attack.Always(200, "<html>"+words+"</html>"), nil},
		"200 with a number":         {attack.Always(200, `7`), nil},
		"200 empty":                 {attack.Always(200, ``), nil},
		"204":                       {attack.Always(204, ``), nil},
		"200 without data":          {attack.Always(200, `{}`), nil},
		"200 with null":             {attack.Always(200, `{"data":null}`), nil},
		"200 with nothing":          {attack.Always(200, `{"data":{}}`), nil},
		"200 with other data":       {attack.Always(200, `{"data":[["`+words+`"]]}`), nil},
		"200 with half of it":       {attack.Always(200, `{"data":{"comment":{"body":"`+words), nil},
		"200 that is none":          {attack.Always(200, `{"data":{"commentCreate":{"success":false},"commentUpdate":{"success":false},"commentDelete":{"success":false},"reactionCreate":{"success":false},"agentActivityCreate":{"success":false}}}`), nil},
		"200 that breaks off":       {breaksOff(200), chat.ErrTemporary},
		"500 that breaks off":       {breaksOff(500), chat.ErrTemporary},
		"hangs up":                  {func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, chat.ErrTemporary},
		"a redirect":                {attack.Always(307, "", "Location", "https://evil.example/"), nil},
		"a redirect to nowhere":     {attack.Always(302, "", "Location", "://nowhere"), nil},
	} {
		for method, call := range calls {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newAttacked(t, through(c.with))
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
			r := newAttacked(t, through(func(req *http.Request) (*http.Response, error) {
				if req.URL.Host != "linear.example" && req.Header.Get("Authorization") != "" {
					t.Errorf("%s: the token went to %s", method, req.URL.Host)
				}
				return attack.Always(status, "", "Location", "https://evil.example/graphql")(req)
			}))
			require.Error(t, call(t.Context(), r.Adapter))
		}
	}
}

func TestAttackSlowAnswers(t *testing.T) {
	t.Parallel()
	endless := attack.Answer(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: r.Context()}), Request: r}, nil
	})
	for method, call := range calls {
		for about, with := range map[string]attack.Answer{"silent": attack.Silent, "endless": endless} {
			t.Run(about+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newAttacked(t, through(with))
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
			"post": attack.Second(r.PostMessage(t.Context(), id, post)), "edit": r.EditMessage(t.Context(), id, "c", post), "delete": r.DeleteMessage(t.Context(), id, "c"), "react": r.AddReaction(t.Context(), id, "c", "heart"), "messages": attack.Second(r.FetchMessages(t.Context(), id, chat.PageRequest{})),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.50q", about, id)
			requireSecrecy(t, err.Error())
		}
	}
	for _, id := range []chat.MessageID{"", "\x00", "a b", "a:b", "a/b", chat.MessageID(strings.Repeat("a", 1<<20))} {
		for about, err := range map[string]error{
			"edit": r.EditMessage(t.Context(), attackedThread, id, post), "delete": r.DeleteMessage(t.Context(), attackedThread, id), "react": r.AddReaction(t.Context(), attackedThread, id, "heart"), "unreact": r.RemoveReaction(t.Context(), attackedThread, id, "heart"),
			"message": attack.Second(r.FetchMessage(t.Context(), attackedThread, id)), "link": attack.Second(r.Permalink(t.Context(), attackedThread, id)),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.50q", about, id)
		}
	}
	for _, id := range []chat.UserID{"", "0", "x", chat.UserID(ada[:35]), ada + "0", "\x00", " " + ada} {
		require.False(t, r.IsUserID(id), "%q", id)
		require.Error(t, attack.Second(r.FetchUser(t.Context(), id)), "%q", id)
	}
	require.ErrorIs(t, r.AddReaction(t.Context(), attackedThread, "root-1", ""), chat.ErrInvalidArgument)
	require.Error(t, attack.Second(r.PostMessage(t.Context(), attackedThread, nil)))
}

// TestAttackFiles fetches files from where no token may go.
func TestAttackFiles(t *testing.T) {
	t.Parallel()
	r := newAttacked(t, through(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") != "" && req.URL.Host != "uploads.linear.app" {
			t.Errorf("the token went to %s", req.URL)
		}
		return attack.Always(200, "content")(req)
	}))
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
	require.Error(t, attack.Second(r.FetchAttachment(t.Context(), nil, 100)))
}
