package githubtest

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
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/github"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/githubtest/fakegithub"
)

// through has all calls answered so.
func through(answer attack.Answer) func(*github.Config) {
	return func(c *github.Config) {
		c.APIURL, c.HTTPClient = "https://github.example/api/v3", &http.Client{Transport: answer}
	}
}

func answering(status int, body string, header ...string) attack.Answer {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
			if wait, err := time.ParseDuration(header[i+1]); err == nil && header[i] == "X-Ratelimit-Reset" {
				h.Set(header[i], fmt.Sprint(time.Now().Add(wait).Unix()))
			}
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

type call struct {
	// graph says that it asks GraphQL, done that its answer says nothing needed, and
	// waits that it waits for short limits by itself, as it takes several requests.
	graph, done, waits bool
	do                 func(ctx context.Context, a *github.Adapter) error
}

// calls has every call of an adapter to GitHub.
var calls = map[string]call{
	"post": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.PostMessage(ctx, issueThread, &chat.Post{Text: words}))
	}},
	"post to a pull": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.PostMessage(ctx, pullThread, &chat.Post{Text: words}))
	}},
	"answer": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.PostMessage(ctx, reviewThread, &chat.Post{Text: words}))
	}},
	"discuss": {graph: true, do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.PostMessage(ctx, discussionThread, &chat.Post{Text: words}))
	}},
	"reply": {graph: true, do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.ReplyMessage(ctx, discussionThread, "discussioncomment-550062", &chat.Post{Text: words}))
	}},
	"stream": {waits: true, do: func(ctx context.Context, a *github.Adapter) error {
		_, _, err := a.StreamMessage(ctx, issueThread, func(yield func(chat.Chunk, error) bool) { yield(chat.Chunk{Text: words}, nil) }, chat.StreamOptions{})
		return err
	}},
	"review": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.PostReview(ctx, pullThread, &github.Review{Body: words, Comments: []github.LineComment{{Path: "pot.go", Line: 1, Body: words}}}))
	}},
	"edit": {done: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.EditMessage(ctx, issueThread, "issuecomment-5", &chat.Post{Text: words})
	}},
	"edit an answer": {done: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.EditMessage(ctx, reviewThread, "discussion_r5", &chat.Post{Text: words})
	}},
	"edit a review": {done: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.EditMessage(ctx, pullThread, "pullrequestreview-5", &chat.Post{Text: words})
	}},
	"edit in a discussion": {graph: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.EditMessage(ctx, discussionThread, "discussioncomment-550062", &chat.Post{Text: words})
	}},
	"delete": {done: true, waits: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.DeleteMessage(ctx, issueThread, "issuecomment-5")
	}},
	"delete in a discussion": {graph: true, waits: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.DeleteMessage(ctx, discussionThread, "discussioncomment-550062")
	}},
	"react": {done: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.AddReaction(ctx, issueThread, "issuecomment-5", "heart")
	}},
	"react in a discussion": {graph: true, do: func(ctx context.Context, a *github.Adapter) error {
		return a.AddReaction(ctx, discussionThread, "discussioncomment-550062", "heart")
	}},
	"unreact": {do: func(ctx context.Context, a *github.Adapter) error {
		return a.RemoveReaction(ctx, issueThread, "issuecomment-5", "heart")
	}},
	"user": {do: func(ctx context.Context, a *github.Adapter) error { return attack.Second(a.FetchUser(ctx, "100")) }},
	"channel": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.FetchChannel(ctx, "github:"+repo))
	}},
	"message": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.FetchMessage(ctx, issueThread, "issuecomment-5"))
	}},
	"messages": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.FetchMessages(ctx, issueThread, chat.PageRequest{Limit: 5}))
	}},
	"messages of a review": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.FetchMessages(ctx, reviewThread, chat.PageRequest{Limit: 5}))
	}},
	"messages of a discussion": {graph: true, do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.FetchMessages(ctx, discussionThread, chat.PageRequest{Limit: 5}))
	}},
	"channel messages": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.FetchChannelMessages(ctx, "github:"+repo, chat.PageRequest{Limit: 5}))
	}},
	"threads": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.ListThreads(ctx, "github:"+repo, chat.PageRequest{Limit: 5}))
	}},
	"subject": {do: func(ctx context.Context, a *github.Adapter) error {
		return attack.Second(a.FetchSubject(ctx, pullThread, "acme/tea.pot#2"))
	}},
}

func refusal(message, url string) string {
	return fmt.Sprintf(`{"message":%q,"documentation_url":%q,"errors":[{"resource":"IssueComment","code":"unprocessable","field":"data","message":%q}]}`, message, "https://docs.github.com/"+url, words)
}

func graphError(kind, message string) string {
	return fmt.Sprintf(`{"data":{"repository":null},"errors":[{"type":%q,"path":["repository"],"locations":[{"line":1,"column":1}],"message":%q}]}`, kind, message)
}

func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	breaksOff := func(status int) attack.Answer {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"id":`), iotest.ErrReader(io.ErrUnexpectedEOF))), Request: r}, nil
		}
	}
	const limits = "rest/overview/rate-limits-for-the-rest-api"
	const soon = "300s"
	secondary := refusal("You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", limits+"#about-secondary-rate-limits")
	for name, c := range map[string]struct {
		with attack.Answer
		want error
		wait time.Duration // at least
	}{
		"401":                        {with: answering(401, refusal("Bad credentials", "rest")), want: chat.ErrAuthentication},
		"401 in HTML":                {with: answering(401, "<html>"+words), want: chat.ErrAuthentication},
		"403":                        {with: answering(403, refusal("Resource not accessible by integration", "rest")), want: chat.ErrPermission},
		"403 with calls left":        {with: answering(403, refusal("Must have admin rights", "rest"), "X-Ratelimit-Limit", "5000", "X-Ratelimit-Remaining", "4999", "X-Ratelimit-Reset", soon), want: chat.ErrPermission},
		"403 locked":                 {with: answering(403, refusal("Unable to create comment because issue is locked.", "articles/locking-conversations/")), want: chat.ErrPermission},
		"403 in HTML":                {with: answering(403, "<html>"+words), want: chat.ErrPermission},
		"403 limited":                {with: answering(403, refusal("API rate limit exceeded for user ID 1.", limits), "X-Ratelimit-Limit", "5000", "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", soon), want: chat.ErrRateLimited, wait: 290 * time.Second},
		"429 limited":                {with: answering(429, refusal("API rate limit exceeded for user ID 1.", limits), "X-Ratelimit-Limit", "5000", "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", soon), want: chat.ErrRateLimited, wait: 290 * time.Second},
		"403 secondary":              {with: answering(403, secondary, "Retry-After", "77"), want: chat.ErrRateLimited, wait: 77 * time.Second},
		"429 secondary":              {with: answering(429, secondary, "Retry-After", "77", "X-Ratelimit-Remaining", "4000", "X-Ratelimit-Reset", soon), want: chat.ErrRateLimited, wait: 77 * time.Second},
		"403 secondary without time": {with: answering(403, secondary), want: chat.ErrRateLimited, wait: time.Minute}, // "wait for at least one minute"
		"403 secondary, calls left":  {with: answering(403, secondary, "X-Ratelimit-Remaining", "4000", "X-Ratelimit-Reset", "5s"), want: chat.ErrRateLimited, wait: time.Minute},
		"403 secondary for ever":     {with: answering(403, secondary, "Retry-After", "9223372036854775807"), want: chat.ErrRateLimited},
		"403 secondary in the past":  {with: answering(403, secondary, "Retry-After", "-5"), want: chat.ErrRateLimited},
		"403 secondary in words":     {with: answering(403, secondary, "Retry-After", "soon"), want: chat.ErrRateLimited},
		"403 limited for ever":       {with: answering(403, secondary, "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", "9223372036854775807"), want: chat.ErrRateLimited},
		"403 limited till before":    {with: answering(403, refusal("API rate limit exceeded", limits), "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", "-5s"), want: chat.ErrRateLimited, wait: time.Second}, // clocks differ
		"403 limited in words":       {with: answering(403, refusal("API rate limit exceeded", limits), "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", "soon"), want: chat.ErrRateLimited},
		"429 in HTML":                {with: answering(429, "<html>"+words), want: chat.ErrRateLimited},
		"404":                        {with: answering(404, refusal("Not Found", "rest")), want: chat.ErrNotFound},
		"404 in HTML":                {with: answering(404, "<html>"+words)},
		"410":                        {with: answering(410, refusal("This issue was deleted", "rest")), want: chat.ErrNotFound},
		"409":                        {with: answering(409, refusal("Conflict", "rest"))},
		"422":                        {with: answering(422, refusal("Validation Failed", "rest")), want: chat.ErrInvalid},
		"422 with errors of text":    {with: answering(422, `{"message":"Unprocessable Entity","errors":["`+words+`"]}`), want: chat.ErrInvalid},
		"422 with errors in a text":  {with: answering(422, `{"message":["`+words+`"],"errors":"`+words+`"}`), want: chat.ErrInvalid},
		"422 quoting":                {with: answering(422, `{"message":"Problems with \"`+words+`\""}`), want: chat.ErrInvalid},
		"422 long":                   {with: answering(422, refusal(strings.Repeat("Validation Failed. ", 20_000), "")), want: chat.ErrInvalid},
		"400":                        {with: answering(400, refusal("Problems parsing JSON", "rest")), want: chat.ErrInvalid},
		"413":                        {with: answering(413, "<html>"+words)},
		"451":                        {with: answering(451, refusal("Repository access blocked", "rest"))},
		"500":                        {with: answering(500, refusal("Server Error", "rest")), want: chat.ErrTemporary},
		"502 in HTML":                {with: answering(502, "<html>"+words), want: chat.ErrTemporary},
		"503 empty":                  {with: answering(503, ""), want: chat.ErrTemporary},
		"504":                        {with: answering(504, `{"message":"We couldn't respond to your request in time."}`), want: chat.ErrTemporary},
		"200 in HTML":                {with: answering(200, "<html>"+words+"</html>")},
		"200 with a number":          {with: answering(200, `7`)},
		"200 empty":                  {with: answering(200, ``)},
		"200 with null":              {with: answering(200, `null`)},
		"200 with nothing":           {with: answering(200, `{}`)},
		"200 with another type":      {with: answering(200, `{"id":"`+words+`","number":"x","user":[],"full_name":{},"data":"`+words+`"}`)},
		"200 with a list of texts":   {with: answering(200, `["`+words+`"]`)},
		"200 with half of it":        {with: answering(200, `{"body":"`+words)},
		"200 that breaks off":        {with: breaksOff(200), want: chat.ErrTemporary},
		"500 that breaks off":        {with: breaksOff(500), want: chat.ErrTemporary},
		"hangs up":                   {with: func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, want: chat.ErrTemporary},
		"a redirect without end":     {with: answering(307, "", "Location", "https://github.example/api/v3/repositories/7")},
		"a redirect to nowhere":      {with: answering(302, "", "Location", "://nowhere")},
	} {
		for method, call := range calls {
			if call.waits && errors.Is(c.want, chat.ErrRateLimited) && c.wait < time.Second {
				continue // as after "403 limited till before"
			}
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				err := refusedBy(t, c.with, call)
				if err == nil && (call.done && strings.HasPrefix(name, "200") || name == "200 with nothing" && (method == "channel" || method == "unreact")) {
					return // the answer says nothing that is needed
				}
				requireRefusal(t, err, c.want, c.wait)
			})
		}
		t.Run(name+"/app", func(t *testing.T) {
			t.Parallel()
			requireRefusal(t, refusedBy(t, c.with, calls["post"], asApp), c.want, c.wait)
		})
	}
	limited := `{"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`
	for name, c := range map[string]struct {
		with attack.Answer
		want error
		wait time.Duration
	}{
		"not found":        {with: answering(200, graphError("NOT_FOUND", "Could not resolve to a Repository with the name '"+words+"'.")), want: chat.ErrNotFound},
		"forbidden":        {with: answering(200, graphError("FORBIDDEN", "Resource not accessible by integration")), want: chat.ErrPermission},
		"scopes":           {with: answering(200, graphError("INSUFFICIENT_SCOPES", "Your token has not been granted the required scopes")), want: chat.ErrPermission},
		"limited":          {with: answering(200, limited, "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", soon), want: chat.ErrRateLimited, wait: 290 * time.Second},
		"limited bare":     {with: answering(200, limited), want: chat.ErrRateLimited},
		"secondary":        {with: answering(200, `{"errors":[{"message":"You have exceeded a secondary rate limit."}],"documentation_url":"x"}`, "Retry-After", "77"), want: chat.ErrRateLimited, wait: 77 * time.Second},
		"unprocessable":    {with: answering(200, graphError("UNPROCESSABLE", "Body is too long: "+words)), want: chat.ErrInvalid},
		"unavailable":      {with: answering(200, graphError("SERVICE_UNAVAILABLE", words))},
		"without a type":   {with: answering(200, `{"data":null,"errors":[{"message":"Something went wrong while executing your query. `+words+`"}]}`)},
		"of the future":    {with: answering(200, graphError("PARADOX", words))},
		"a text":           {with: answering(200, `{"errors":"`+words+`"}`)},
		"texts":            {with: answering(200, `{"errors":["`+words+`"]}`)},
		"odd":              {with: answering(200, `{"errors":[{"type":7,"message":{"x":"`+words+`"}}]}`)},
		"null data":        {with: answering(200, `{"data":null}`)},
		"null repository":  {with: answering(200, `{"data":{"repository":null}}`)},
		"null discussion":  {with: answering(200, `{"data":{"repository":{"discussion":null}}}`)},
		"data of a number": {with: answering(200, `{"data":7}`)},
		"parse error":      {with: answering(200, `{"errors":[{"message":"Parse error on \"`+words+`\""}]}`)},
	} {
		for method, call := range calls {
			if call.graph {
				t.Run("graph "+name+"/"+method, func(t *testing.T) {
					t.Parallel()
					graph := attack.Answer(func(r *http.Request) (*http.Response, error) {
						if strings.HasSuffix(r.URL.Path, "/graphql") {
							return c.with(r)
						}
						return answering(200, fmt.Sprintf(`{"id":%d,"login":%q}`, fakegithub.BotID, fakegithub.BotName))(r)
					})
					requireRefusal(t, refusedBy(t, graph, call), c.want, c.wait)
				})
			}
		}
	}
}

func refusedBy(t *testing.T, with attack.Answer, c call, change ...func(*github.Config)) error {
	t.Helper()
	r := newAttacked(t, append(change, through(with))...)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err := c.do(ctx, r.Adapter)
	require.NoError(t, ctx.Err(), "it does not end")
	return err
}

func requireRefusal(t *testing.T, err, want error, wait time.Duration) {
	t.Helper()
	require.Error(t, err)
	requireSecrecy(t, err.Error())
	require.Less(t, len(err.Error()), 1000)
	failure, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok, "%T %v", err, err)
	require.NotEmpty(t, failure.Op)
	require.NotZero(t, failure.Code, "%v", err)
	require.GreaterOrEqual(t, failure.RetryAfter, wait)
	if want != nil {
		require.ErrorIs(t, err, want)
	}
}

// TestAttackRedirect has GitHub's address lead elsewhere, where no token may go.
func TestAttackRedirect(t *testing.T) {
	t.Parallel()
	for method, call := range calls {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, to := range []string{"https://evil.example/x", "http://github.example/api/v3/x", "https://evil.github.example/x"} {
				r := newAttacked(t, through(func(req *http.Request) (*http.Response, error) {
					if (req.URL.Host != "github.example" || req.URL.Scheme != "https") && req.Header.Get("Authorization") != "" {
						t.Errorf("%s: the token went to %s", method, req.URL)
					}
					return answering(status, "", "Location", to)(req)
				}))
				require.Error(t, call.do(t.Context(), r.Adapter))
			}
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
				err := call.do(ctx, r.Adapter)
				if method == "delete" && about == "endless" {
					return // the status says all
				}
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

// sentBodies are the bodies of the comments that were made.
func (r *rig) sentBodies() []string {
	var all []string
	for _, call := range r.github.Calls(http.MethodPost, "/") {
		if body, ok := call.Args["body"].(string); ok {
			all = append(all, body)
		}
		if v, ok := call.Args["variables"].(map[string]any); ok {
			if body, ok := v["body"].(string); ok {
				all = append(all, body)
			}
		}
	}
	return all
}

var everywhere = map[string]chat.ThreadID{"issue": issueThread, "review": reviewThread, "discussion": discussionThread}

// TestAttackTexts posts texts that would be markup: they are shown as they are.
func TestAttackTexts(t *testing.T) {
	t.Parallel()
	const most = 65_536
	for name, text := range map[string]string{
		"bold": "**a** __b__ *c* _d_ ~~e~~ ~f~", "code": "`a` ``b``", "a fence": "```\na\n```", "a fence of tildes": "~~~\na\n~~~", "a heading": "# a\n## b", "an underline": "a\n===\nb\n---", "a rule": "---", "a list": "- a\n* b\n+ c\n1. d\n2) e",
		"tasks": "- [ ] a\n- [x] b", "a quote": "> a\n>> b", "an alert": "> [!WARNING]\n> a", "a table": "| a | b |\n|---|---|\n| c | d |", "a link": "[a](javascript:alert(1))", "an image": "![a](https://evil.example/a.png)", "an autolink": "<javascript:alert(1)>",
		"HTML": "<script>alert(1)</script> <b>c</b> <!-- d --> <details><summary>x</summary></details>", "a comment to hide": "<!-- a", "entities": "&lt;b&gt; &amp; &#60;", "a definition": "[a]: https://evil.example\n[a]", "a footnote": "a[^1]\n\n[^1]: b", "backslashes": `a\*b \\ \`,
		"mathematics": "$$a_b$$ $`c`$", "a diagram": "```mermaid\ngraph\n```", "a suggestion": "```suggestion\nx\n```", "indented": "a\n\n    b", "a short name": ":tada: :+1:", "separators": "a\u2028b\u2029c\u0085d", "joiners": "👩‍👩‍👧 a\u200bb",
		"as long as may be": strings.Repeat("a", most), "one more": strings.Repeat("a", most+1), "emoji at the boundary": strings.Repeat("a", most-1) + "😀", "emoji": strings.Repeat("😀", most), "letters of three bytes": strings.Repeat("語", most+1), "combined": strings.Repeat("e\u0301", most),
		"words": strings.Repeat("word ", 20_000), "brackets": strings.Repeat("[", 50_000), "stars": strings.Repeat("*a", 50_000), "quotes": strings.Repeat(">", 50_000), "backticks": strings.Repeat("`", 50_000), "less-thans": strings.Repeat("<a", 50_000), "lines": strings.Repeat("a\n", most),
	} {
		for about, thread := range everywhere {
			t.Run(name+"/"+about, func(t *testing.T) {
				t.Parallel()
				r := newAttacked(t)
				_, err := r.PostMessage(t.Context(), thread, &chat.Post{Text: text})
				require.NoError(t, err)
				shown, err := r.github.Shown(t.Context(), thread)
				require.NoError(t, err)
				var all strings.Builder
				for _, p := range shown {
					require.Empty(t, p.Mentions)
					all.WriteString(markdown.PlainText(p.Content) + "\n")
				}
				require.Equal(t, bare(text), bare(all.String()))
				for _, body := range r.sentBodies() {
					require.LessOrEqual(t, len(utf16.Encode([]rune(body))), most)
					require.NotContains(t, body, "\ufffd", "half a character")
				}
			})
		}
	}
}

// TestAttackPosts posts what an author did not mean, or meant ill.
func TestAttackPosts(t *testing.T) {
	t.Parallel()
	for name, post := range map[string]chat.Post{
		"nothing": {}, "white space": {Text: " \n\t"}, "no Markdown": {Markdown: " "}, "NUL": {Text: "\x00"}, "controls": {Text: "a\x00\x01\x1b[31m\x7f\u202eb"}, "controls in Markdown": {Markdown: "a\x00\x1b **b\u202e**"}, "bytes": {Text: "a\xff\xfeb"}, "bytes in Markdown": {Markdown: "a\xff **b\xc3** c"},
		"links":     {Markdown: "[a](javascript:alert(1)) [b](JAVASCRIPT:x) [c](data:text/html,x) [d](vbscript:x) <javascript:alert(1)> [e](\tjavascript:x) [f](java\nscript:x) [g][h]\n\n[h]: javascript:x"},
		"HTML":      {Markdown: "<script>alert(1)</script> <img src=x onerror=alert(1)> <details>\n\n<!-- a\n\nb"},
		"a comment": {Markdown: "<!-- x -->"}, "a rule": {Markdown: "---"}, "an image of nothing": {Markdown: "![]()"}, "a link of nothing": {Markdown: "[]()"}, "marks": {Markdown: "****"}, "no code": {Markdown: "```\n```"}, "an open fence": {Markdown: "```\n@ada"}, "fences in fences": {Markdown: "`````\n````\n```\na\n````\n`````"},
		"a mention of nobody": {Markdown: "<@x> <@> <@-5> <@" + strings.Repeat("9", 5000) + ">"}, "an emoji of nobody": {Markdown: "{{emoji:nonesuch}}"}, "quotes in quotes": {Markdown: strings.Repeat(">", 5000) + "a"}, "a definition": {Markdown: "[a]: https://example.com"},
		"cells that end": {Markdown: "| a |\n|---|\n| `x|y` \\| z |"}, "a long table": {Markdown: "| a | b |\n|---|---|\n" + strings.Repeat("| c | d |\n", 20_000)}, "long code": {Markdown: "```go\n" + strings.Repeat("語 x\n", 30_000) + "```"}, "a long word in bold": {Markdown: "**" + strings.Repeat("😀", 70_000) + "**"}, "a long link": {Markdown: "[" + strings.Repeat("a", 70_000) + "](https://example.com/" + strings.Repeat("b", 70_000) + ")"},
		"a card of nothing": {Card: card.New("")}, "a card that breaks out": {Card: card.New("# T\n```", card.NewText("|a|\n|-|\n<b>"))}, "a card of buttons": {Card: card.New("", card.NewActions(card.NewButton("x", "[a](javascript:x)"), card.NewLinkButton("L](javascript:x)", "javascript:alert(1)"), card.NewLinkButton("L", "")))},
		"an image elsewhere": {Card: card.New("").WithImage("javascript:alert(1)")}, "an attachment of nothing": {Attachments: []chat.Attachment{{}}}, "an attachment elsewhere": {Attachments: []chat.Attachment{{Type: "image", URL: "javascript:alert(1)", Name: "](x"}}},
		"a file": {Text: words, Files: []chat.File{{Name: "a.txt", Content: strings.NewReader("a")}}}, "an empty tree": {Tree: chat.Markdown("").AsTree()}, "raw": {Raw: "<b>a</i> *x_"}, "raw that is empty": {Raw: " "}, "raw that is long": {Raw: strings.Repeat("😀", 70_000)},
	} {
		for about, thread := range everywhere {
			t.Run(name+"/"+about, func(t *testing.T) {
				t.Parallel()
				r := newAttacked(t)
				copied := post
				_, err := r.PostMessage(t.Context(), thread, &copied)
				if err != nil {
					requireSecrecy(t, err.Error())
					require.Empty(t, r.sentBodies(), "refused, and shown in part: %v", err)
					require.True(t, errors.Is(err, chat.ErrInvalidArgument) || errors.Is(err, errors.ErrUnsupported), "a mistake that GitHub must find: %v", err)
					return
				}
				shown, err := r.github.Shown(t.Context(), thread)
				require.NoError(t, err)
				require.NotEmpty(t, shown, "posted, and nothing is shown")
				for _, body := range r.sentBodies() {
					require.True(t, utf8.ValidString(body))
					require.NotEmpty(t, strings.TrimSpace(body), "GitHub refuses it")
					require.LessOrEqual(t, len(utf16.Encode([]rune(body))), 65_536)
				}
			})
		}
	}
}

// TestAttackIDs calls with ids that are none of GitHub's.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	post := &chat.Post{Text: words}
	for _, id := range []chat.ThreadID{
		"", ":", "github", "github:", "github::", "github:acme", "github:acme/", "github:/x:1", "github:acme/x:", "github:acme/x:0", "github:acme/x:-1", "github:acme/x:+1", "github:acme/x:01", "github:acme/x:1.5", "github:acme/x:9223372036854775808", "github:acme/x:1:rc", "github:acme/x:1:rc:", "github:acme/x:1:rc:0",
		"github:acme/x:1:rc:x", "github:acme/x:issue", "github:acme/x:issue:", "github:acme/x:issue:x", "github:acme/x:issue:1:2", "github:acme/x:discussion:", "github:acme/x:pull:1", "github:acme/x/y:1", "github:acme/..:1", "github:../x:1", "github:acme/x?y:1", "github:acme/x%2fy:1", "github:acme/x y:1", "github:acme/x\x00:1", "github:acme/x:1\n",
		"GitHub:acme/x:1", "slack:acme/x:1",
	} {
		for about, err := range map[string]error{
			"post": attack.Second(r.PostMessage(t.Context(), id, post)), "edit": r.EditMessage(t.Context(), id, "issuecomment-5", post), "delete": r.DeleteMessage(t.Context(), id, "issuecomment-5"), "react": r.AddReaction(t.Context(), id, "issuecomment-5", "heart"),
			"messages": attack.Second(r.FetchMessages(t.Context(), id, chat.PageRequest{})), "subject": attack.Second(r.FetchSubject(t.Context(), id, "")), "link": attack.Second(r.Permalink(t.Context(), id, "issuecomment-5")),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.50q", about, id)
			requireSecrecy(t, err.Error())
		}
	}
	for _, id := range []chat.MessageID{
		"", "issuecomment-", "issuecomment-0", "issuecomment--5", "issuecomment-+5", "issuecomment-05", "issuecomment-5 ", "issuecomment-x", "issuecomment-9223372036854775808", "issuecomment-5/../6", "issuecomment", "IssueComment-5", "discussion_r5x", "pullrequestreview-", "\x00", "acme/tea.pot#", "acme/tea.pot#x",
		"#1", chat.MessageID(strings.Repeat("5", 1<<20)),
	} {
		for about, err := range map[string]error{
			"edit": r.EditMessage(t.Context(), issueThread, id, post), "delete": r.DeleteMessage(t.Context(), issueThread, id), "react": r.AddReaction(t.Context(), issueThread, id, "heart"), "unreact": r.RemoveReaction(t.Context(), issueThread, id, "heart"),
			"message": attack.Second(r.FetchMessage(t.Context(), issueThread, id)), "link": attack.Second(r.Permalink(t.Context(), issueThread, id)),
		} {
			require.True(t, errors.Is(err, chat.ErrInvalidArgument) || errors.Is(err, chat.ErrNotFound), "%s %.50q: %v", about, id, err)
		}
	}
	for _, id := range []chat.UserID{"", "x", "+5", " 5", "-5", "5:6", "\x00", "5/../6"} {
		require.False(t, r.IsUserID(id), "%q", id)
		require.Error(t, attack.Second(r.FetchUser(t.Context(), id)), "%q", id)
	}
	require.Error(t, r.AddReaction(t.Context(), issueThread, "issuecomment-5", ""))
	require.ErrorIs(t, r.AddReaction(t.Context(), issueThread, "issuecomment-5", "taco"), errors.ErrUnsupported)
	require.Error(t, attack.Second(r.PostMessage(t.Context(), issueThread, nil)))
	for _, review := range []*github.Review{nil, {}, {Verdict: "LGTM", Body: "x"}, {Body: " "}, {Body: "x", Comments: []github.LineComment{{}}}, {Body: "x", Comments: []github.LineComment{{Path: "a", Line: -1, Body: "x"}}}, {Body: "x", Comments: []github.LineComment{{Path: "a", Line: 1, Body: " "}}}} {
		require.ErrorIs(t, attack.Second(r.PostReview(t.Context(), pullThread, review)), chat.ErrInvalidArgument, "%+v", review)
	}
	require.Error(t, attack.Second(r.PostReview(t.Context(), issueThread, &github.Review{Body: "x"})))
	require.Empty(t, r.sentBodies())
}
