package metatest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

func refusing(status, code, subcode int) attack.Answer {
	return attack.Always(status, fmt.Sprintf(`{"error":{"message":"(#%d) it is refused","type":"OAuthException","code":%d,"error_subcode":%d,"error_data":{"messaging_product":"whatsapp","details":"d"},"fbtrace_id":"A"}}`, code, code, subcode))
}

func file(name, content string) chat.File {
	return chat.File{Name: name, Content: strings.NewReader(content)}
}

// received is the id of a message of the user.
const receivedID = "wamid.received"

// calls has every call that the adapters share.
var calls = map[string]func(ctx context.Context, p *platform, a adapter) error{
	"post": func(ctx context.Context, p *platform, a adapter) error {
		return attack.Second(a.PostMessage(ctx, p.thread, &chat.Post{Text: words}))
	},
	"reply": func(ctx context.Context, p *platform, a adapter) error {
		return attack.Second(a.ReplyMessage(ctx, p.thread, receivedID, &chat.Post{Markdown: "**" + words + "**"}))
	},
	"card": func(ctx context.Context, p *platform, a adapter) error {
		return attack.Second(a.PostMessage(ctx, p.thread, &chat.Post{Card: card.New(words, card.NewActions(card.NewButton("ok", words)))}))
	},
	"picture": func(ctx context.Context, p *platform, a adapter) error {
		return attack.Second(a.PostMessage(ctx, p.thread, &chat.Post{Text: words, Files: []chat.File{file("a.png", words)}}))
	},
	"document": func(ctx context.Context, p *platform, a adapter) error {
		return attack.Second(a.PostMessage(ctx, p.thread, &chat.Post{Files: []chat.File{file("a.pdf", words)}}))
	},
	"react": func(ctx context.Context, p *platform, a adapter) error {
		return a.AddReaction(ctx, p.thread, receivedID, "heart")
	},
	"unreact": func(ctx context.Context, p *platform, a adapter) error {
		return a.RemoveReaction(ctx, p.thread, receivedID, "heart")
	},
	"read": func(ctx context.Context, p *platform, a adapter) error { return a.MarkRead(ctx, p.thread, receivedID) },
}

// onMeta returns an adapter, with its bot, whose calls are answered so.
func onMeta(t *testing.T, p *platform, with attack.Answer) *rig {
	t.Helper()
	r := &rig{platform: p, adapter: p.adapter(t, "https://graph.example", &http.Client{Transport: with}), more: make(chan struct{}, 1)}
	b := botrig.New(t, r.adapter, botrig.Memory(t))
	r.Chat, r.log = b.Chat, b.Log
	t.Cleanup(func() { requireSecrecy(t, p, r.log.String()) })
	return r
}

func requireFailure(t *testing.T, p *platform, err error) *chat.PlatformError {
	t.Helper()
	require.Error(t, err)
	requireSecrecy(t, p, err.Error())
	require.Less(t, len(err.Error()), 1500)
	failure, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok, "%T %v", err, err)
	require.Equal(t, p.name, failure.Adapter)
	require.NotEmpty(t, failure.Op)
	require.NotZero(t, failure.Code, "%v", err)
	require.GreaterOrEqual(t, failure.RetryAfter, time.Duration(0))
	require.LessOrEqual(t, failure.RetryAfter, 48*time.Hour)
	return failure
}

// TestAttackRefusals refuses each call with each documented code.
func TestAttackRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		for _, c := range p.refusals {
			var asked atomic.Int64
			r := onMeta(t, p, func(req *http.Request) (*http.Response, error) {
				asked.Add(1)
				return refusing(c.status, c.code, c.subcode)(req)
			})
			for method, call := range calls {
				asked.Store(0)
				err := call(t.Context(), p, r.adapter)
				requireFailure(t, p, err)
				require.Contains(t, err.Error(), fmt.Sprint(c.code), "Meta's code is in the error of %s", method)
				require.EqualValues(t, 1, asked.Load(), "%s %v: it was asked again", method, c)
				if c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("%s: %d with %d/%d is %v, want %v", method, c.status, c.code, c.subcode, err, c.want)
				}
			}
		}
	})
}

// TestAttackAnswers answers each call with what is no answer.
func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	breaksOff := func(status int) attack.Answer {
		return func(*http.Request) (*http.Response, error) {
			r := attack.Response(status, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"messages":[{"id":"wa`), iotest.ErrReader(io.ErrUnexpectedEOF)))
			return r, nil
		}
	}
	limited := `{"error":{"message":"(#613) Calls exceed","code":613}}`
	for about, c := range map[string]struct {
		with attack.Answer
		want error
		// empty says that the answer has nothing that some calls need.
		empty bool
	}{
		"400 in HTML":                {attack.Always(400, "<html>"+words), chat.ErrInvalid, false},
		"400 empty":                  {attack.Always(400, ""), chat.ErrInvalid, false},
		"400 with a text":            {attack.Always(400, `{"error":"`+words+`"}`), chat.ErrInvalid, false},
		"400 with a code as text":    {attack.Always(400, `{"error":{"message":"m","code":"190"}}`), nil, false},
		"400 that quotes":            {attack.Always(400, `{"error":{"message":"(#100) Param text is \"`+words+`\"","code":100}}`), chat.ErrInvalid, false},
		"400 that quotes otherwise":  {attack.Always(400, `{"error":{"message":"(#100) Param text='`+words+`' ends","code":100}}`), chat.ErrInvalid, false},
		"400 that quotes well":       {attack.Always(400, `{"error":{"message":"(#100) Param text: “`+words+`”","code":100}}`), chat.ErrInvalid, false},
		"400 that quotes at once":    {attack.Always(400, `{"error":{"message":"'`+words+`' is too long","code":100}}`), chat.ErrInvalid, false},
		"400 with a long message":    {attack.Always(400, `{"error":{"message":"`+strings.Repeat("(#100) ", 10_000)+`","code":100}}`), chat.ErrInvalid, false},
		"400 with a line ending":     {attack.Always(400, `{"error":{"message":"a\nlevel=ERROR b","code":100,"type":"x\ny","fbtrace_id":"z\nw"}}`), chat.ErrInvalid, false},
		"401 in HTML":                {attack.Always(401, "<html>"), chat.ErrAuthentication, false},
		"403 in HTML":                {attack.Always(403, "<html>"), chat.ErrPermission, false},
		"404 in HTML":                {attack.Always(404, "<html>"), chat.ErrNotFound, false},
		"429 in HTML":                {attack.Always(429, "<html>", "Retry-After", "5"), chat.ErrRateLimited, false},
		"500 in HTML":                {attack.Always(500, "<html>"+words), chat.ErrTemporary, false},
		"502 empty":                  {attack.Always(502, ""), chat.ErrTemporary, false},
		"503 null":                   {attack.Always(503, "null"), chat.ErrTemporary, false},
		"504":                        {attack.Always(504, "[]"), chat.ErrTemporary, false},
		"transient":                  {attack.Always(400, `{"error":{"message":"m","code":4711,"is_transient":true}}`), chat.ErrTemporary, false},
		"a limit with a huge time":   {attack.Always(400, limited, "Retry-After", "9223372036854775807"), chat.ErrRateLimited, false},
		"a limit with a negative":    {attack.Always(400, limited, "Retry-After", "-5"), chat.ErrRateLimited, false},
		"a limit with words":         {attack.Always(400, limited, "Retry-After", "soon"), chat.ErrRateLimited, false},
		"a limit with a date":        {attack.Always(400, limited, "Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), chat.ErrRateLimited, false},
		"a limit with odd usage":     {attack.Always(400, limited, "X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":-7}],"2":7}`, "X-App-Usage", "[]"), chat.ErrRateLimited, false},
		"a limit with usage of ever": {attack.Always(400, limited, "X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":9223372036854775807}]}`), chat.ErrRateLimited, false},
		"200 that is a refusal":      {refusing(200, 190, 0), chat.ErrAuthentication, false},
		"200 in HTML":                {attack.Always(200, "<html>"+words), nil, false},
		"200 with a number":          {attack.Always(200, "7"), nil, false},
		"200 with a list":            {attack.Always(200, "[]"), nil, false},
		"200 with half":              {attack.Always(200, `{"messages":[{"id":"w`), nil, false},
		"200 that breaks off":        {breaksOff(200), chat.ErrTemporary, false},
		"500 that breaks off":        {breaksOff(500), chat.ErrTemporary, false},
		"200 empty":                  {attack.Always(200, ""), nil, true},
		"200 null":                   {attack.Always(200, "null"), nil, true},
		"200 of nothing":             {attack.Always(200, "{}"), nil, true},
		"200 with no messages":       {attack.Always(200, `{"messages":[],"message_id":null,"id":null}`), nil, true},
		"200 with other types":       {attack.Always(200, `{"messages":[{"id":7}],"message_id":7,"recipient_id":7,"id":7}`), nil, true},
		"200 with an empty id":       {attack.Always(200, `{"messages":[{"id":""}],"message_id":"","id":""}`), nil, true},
		"200 with a line in the id":  {attack.Always(200, `{"messages":[{"id":"a\nb"}],"message_id":"a\nb","id":"a\nb"}`), nil, true},
		"200 with a long id":         {attack.Always(200, `{"messages":[{"id":"`+strings.Repeat("x", 10_000)+`"}],"message_id":"`+strings.Repeat("x", 10_000)+`","id":"../../me"}`), nil, true},
		"a closed connection":        {func(*http.Request) (*http.Response, error) { return nil, io.EOF }, chat.ErrTemporary, false},
		"an error with the request": {func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("cannot ask %s with %s", r.URL, r.Header)
		}, chat.ErrTemporary, false},
		"a redirect":            {attack.Always(307, "", "Location", "https://evil.example/"), nil, false},
		"a redirect to a page":  {attack.Always(302, "", "Location", "https://evil.example/"), nil, false},
		"a redirect to nowhere": {attack.Always(307, "", "Location", "://x"), nil, false},
		"a redirect to itself": {func(r *http.Request) (*http.Response, error) {
			return attack.Response(307, "", "Location", r.URL.String()), nil
		}, nil, false},
		"100 of nothing": {attack.Always(199, ""), nil, false},
		"204":            {attack.Always(204, ""), nil, true},
		"206 with half":  {attack.Always(206, `{"mess`), nil, false},
		"600":            {attack.Always(600, ""), nil, false},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			for _, p := range platforms {
				r := onMeta(t, p, func(req *http.Request) (*http.Response, error) {
					if req.URL.Host != "graph.example" {
						t.Errorf("it goes to %s, where it is sent", req.URL.Host)
					}
					return c.with(req)
				})
				for method, call := range calls {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					err := call(ctx, p, r.adapter)
					require.NoError(t, ctx.Err(), "it does not end")
					cancel()
					if err == nil && c.empty && (method == "react" || method == "unreact" || method == "read") {
						continue // it needs nothing of the answer
					}
					require.Errorf(t, err, "%s of %s", method, p.name)
					failure := requireFailure(t, p, err)
					require.NotContains(t, err.Error(), "\n", "%s of %s", method, p.name)
					if c.want != nil && !errors.Is(err, c.want) {
						t.Errorf("%s of %s: %v (%v), want %v", method, p.name, err, failure.Code, c.want)
					}
				}
			}
		})
	}
}

// TestAttackSilence has a platform that says nothing, or does not stop.
func TestAttackSilence(t *testing.T) {
	t.Parallel()
	endless := func(status int) attack.Answer {
		return func(r *http.Request) (*http.Response, error) {
			w := attack.Response(status, "")
			w.Body = io.NopCloser(attack.Endless{Context: r.Context()})
			return w, nil
		}
	}
	each(t, func(t *testing.T, p *platform) {
		for method, call := range calls {
			for about, with := range map[string]attack.Answer{"silent": attack.Silent, "endless": endless(200), "an endless refusal": endless(400)} {
				if about != "silent" && method != "post" && method != "picture" { // the others are made in the same ways
					continue
				}
				t.Run(about+"/"+method, func(t *testing.T) {
					t.Parallel()
					r := onMeta(t, p, with)
					patience := botrig.Patience
					if about == "silent" {
						patience = 50 * time.Millisecond
					}
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					err := call(ctx, p, r.adapter)
					require.Error(t, err)
					requireSecrecy(t, p, err.Error())
					if about == "silent" {
						require.ErrorIs(t, err, context.DeadlineExceeded)
					} else {
						require.NoError(t, ctx.Err(), "it reads without end")
					}
				})
			}
		}
	})
}

// TestAttackLengths posts texts around the limits.
func TestAttackLengths(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		n := p.limit
		emoji := 1
		if p.bytes {
			emoji = 4
		}
		for about, text := range map[string]string{
			"as long as may be": strings.Repeat("a", n), "one more": strings.Repeat("a", n+1), "an emoji at the end": strings.Repeat("a", n-emoji) + "😀", "an emoji at the border": strings.Repeat("a", n-emoji+1) + "😀b",
			"emoji": strings.Repeat("😀", n/emoji), "one emoji more": strings.Repeat("😀", n/emoji+1), "emoji, one off": "a" + strings.Repeat("😀", n), "a family at the border": strings.Repeat("a", n-3) + "👩‍👩‍👧" + "b",
			"an end of white space": strings.Repeat("a", n) + strings.Repeat("\n", 3*n), "white space within": "a" + strings.Repeat(" \n", 3*n) + "b", "a start of white space": strings.Repeat("\n", 3*n) + "b",
			"lines": strings.Repeat("aaaa aaaa aaaa\n", n/4), "umlauts": strings.Repeat("ä", n+1), "ten times": strings.Repeat("ab ", 4*n),
		} {
			for _, kind := range []string{"text", "Markdown", "with a file", "with buttons"} {
				t.Run(kind+"/"+about, func(t *testing.T) {
					t.Parallel()
					r := newRig(t, p)
					post := &chat.Post{Text: text}
					switch kind {
					case "Markdown":
						post = &chat.Post{Markdown: text}
					case "with a file":
						post.Files = []chat.File{file("a.png", "x")}
					case "with buttons":
						post = &chat.Post{Card: card.New("", card.NewText(text), card.NewActions(card.NewButton("ok", "OK")))}
					}
					_, err := r.PostMessage(t.Context(), p.thread, post)
					require.NoError(t, err)
					var shown strings.Builder
					for _, m := range r.fake.All() {
						require.True(t, utf8.ValidString(m.Text))
						require.NotContains(t, m.Text, "\ufffd", "half a character")
						require.True(t, strings.TrimSpace(m.Text) != "" || len(m.Files) > 0, "Meta takes no text without a character")
						shown.WriteString(m.Text)
					}
					for _, c := range []string{"a", "b", "😀", "ä", "👧"} {
						require.Equal(t, strings.Count(text, c), strings.Count(shown.String(), c), "%q", c)
					}
				})
			}
		}
	})
}

// TestAttackPosts posts what nobody should.
func TestAttackPosts(t *testing.T) {
	t.Parallel()
	buttons := func(n int, label func(i int) string) *card.Card {
		var all []card.Action
		for i := range n {
			all = append(all, card.NewButton(fmt.Sprintf("b%d", i), label(i)))
		}
		return card.New("", card.NewActions(all...))
	}
	numbered := func(i int) string { return fmt.Sprint("L", i) }
	posts := func() map[string]*chat.Post {
		return map[string]*chat.Post{
			"nothing": {}, "white space": {Text: " \n\t"}, "no Markdown": {Markdown: " "}, "NUL": {Text: "\x00"}, "NUL within": {Text: "a\x00b"}, "an invisible text": {Text: "\u200b"}, "a hard space": {Text: "\u00a0"},
			"a comment": {Markdown: "<!-- x -->"}, "a rule": {Markdown: "---"}, "an image": {Markdown: "![](https://example.com/a.png)"}, "an image of nothing": {Markdown: "![]()"}, "a link of nothing": {Markdown: "[]()"},
			"an empty link": {Markdown: "[](https://example.com)"}, "marks": {Markdown: "****"}, "no code": {Markdown: "```\n```"}, "an empty quote": {Markdown: ">"}, "an empty list": {Markdown: "-\n-\n"},
			"an empty heading": {Markdown: "#"}, "an empty table": {Markdown: "| |\n|-|\n"}, "bold white space": {Markdown: "**\u00a0**"}, "quotes in quotes": {Markdown: strings.Repeat(">", 200) + "a"},
			"a link to nowhere": {Markdown: "[a](javascript:alert(1)) [b](//x) [c](/x) [d](http://) [h](https://[::1)"}, "a mention of nobody": {Markdown: "<@x> <@> <@-5>"},
			"bytes": {Text: "a\xff\xfeb"}, "bytes in Markdown": {Markdown: "a\xff **b\xc3** c"}, "bytes in a caption": {Markdown: "a\xff **b**", Files: []chat.File{file("a.png", "x")}},
			"a card of nothing": {Card: card.New("")}, "a card of buttons": {Card: buttons(2, numbered)}, "200 buttons": {Card: buttons(200, numbered)}, "a card of an image": {Card: card.New("").WithImage("https://example.com/a.png")},
			"a card of a rule": {Card: card.New("", card.NewDivider())}, "no label": {Card: buttons(2, func(i int) string { return strings.Repeat("L", i) })}, "a label of white space": {Card: buttons(1, func(int) string { return " " })},
			"the same label": {Card: buttons(5, func(int) string { return "L" })}, "labels that end alike": {Card: buttons(5, func(i int) string { return strings.Repeat("L", 30) + fmt.Sprint(i) })},
			"a label of NUL": {Card: buttons(1, func(int) string { return "\x00" })}, "a long label": {Card: buttons(1, func(int) string { return strings.Repeat("😀", 5000) })}, "a label of bytes": {Card: buttons(1, func(int) string { return "a\xff" })},
			"the same id": {Card: card.New("T", card.NewActions(card.NewButton("a", "A"), card.NewButton("a", "B")))}, "long ids": {Card: card.New("T", card.NewActions(card.NewButton(strings.Repeat("a", 3000), "A"), card.NewButton(strings.Repeat("a", 3001), "B")))},
			"an option without a label": {Card: card.New("", card.NewActions(card.NewSelect("s", "", card.NewOption("", "v"), card.NewOption("L", ""))))},
			"a link that is no link":    {Card: card.New("T", card.NewActions(card.NewLinkButton("L", ""), card.NewLinkButton("L", "x"), card.NewLinkButton("L", "http://"), card.NewLinkButton("L", "ftp://x/y")))},
			"a link without a label":    {Card: card.New("T", card.NewActions(card.NewLinkButton("", "https://example.com")))}, "an image that is none": {Card: card.New("T").WithImage("x")},
			"no bytes": {Files: []chat.File{file("a.pdf", "")}}, "no bytes of a picture": {Text: "x", Files: []chat.File{file("a.png", "")}}, "no bytes after bytes": {Files: []chat.File{file("a.pdf", "a"), file("b.pdf", "")}},
			"names of files":           {Files: []chat.File{file("a\"\r\nX: y\x00.pdf", "a"), file("../../etc/passwd.pdf", "a"), file(strings.Repeat("n", 10_000)+".pdf", "a"), file("é 😀.PNG", "a")}},
			"a name of bytes":          {Files: []chat.File{{Name: "\xff.pdf", MIMEType: "application/pdf", Content: strings.NewReader("a")}}},
			"no name":                  {Files: []chat.File{{MIMEType: "application/pdf", Content: strings.NewReader("a")}}},
			"no content":               {Files: []chat.File{{Name: "a.pdf"}}},
			"an odd type":              {Files: []chat.File{{Name: "a", MIMEType: "x\r\nY: z", Content: strings.NewReader("a")}}},
			"a program":                {Files: []chat.File{file("a.exe", "a")}},
			"a picture too large":      {Files: []chat.File{{Name: "a.png", Content: io.LimitReader(zeros{}, 26<<20)}}},
			"an attachment of nothing": {Attachments: []chat.Attachment{{}}}, "an attachment elsewhere": {Attachments: []chat.Attachment{{Type: "image", URL: "https://example.com/a.png"}}}, "an attachment nowhere": {Attachments: []chat.Attachment{{Type: "image", URL: "x"}}},
			"raw that is empty": {Raw: " "}, "an empty tree": {Tree: chat.Markdown("").AsTree()},
		}
	}
	each(t, func(t *testing.T, p *platform) {
		for name := range posts() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, p)
				_, err := r.PostMessage(t.Context(), p.thread, posts()[name])
				shown := r.fake.All()
				if err != nil {
					require.Empty(t, shown, "refused, and shown in part: %v", err)
					if name == "a picture too large" { // its length is known only at its end
						require.ErrorIs(t, err, chat.ErrInvalid)
						return
					}
					require.Truef(t, errors.Is(err, chat.ErrInvalidArgument) || errors.Is(err, errors.ErrUnsupported), "a mistake that Meta must find: %v", err)
					require.Empty(t, r.fake.Calls(""), "a mistake that is found too late: %v", err)
					t.Log(err)
					return
				}
				require.NotEmpty(t, shown, "posted, and nothing is shown")
				for _, m := range shown {
					require.True(t, utf8.ValidString(m.Text))
					for _, f := range m.Files {
						require.NotEmpty(t, f.Content, "Meta refuses files without bytes")
					}
				}
				t.Logf("%q", shown[0].Text)
			})
		}
	})
}

// zeros is a file without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestAttackFilesThatBreakOff has readers that fail before all is read.
func TestAttackFilesThatBreakOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		for _, start := range []string{"", "some bytes"} {
			r := newRig(t, p)
			broken := io.MultiReader(strings.NewReader(start), iotest.ErrReader(io.ErrUnexpectedEOF))
			_, err := r.PostMessage(t.Context(), p.thread, &chat.Post{Text: words, Files: []chat.File{{Name: "a.png", Content: broken}}})
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			requireSecrecy(t, p, err.Error())
			for _, m := range r.fake.All() {
				require.Empty(t, m.Files)
			}
		}
	})
}

// TestAttackIDs calls with ids that are none.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		r := newRig(t, p)
		for _, id := range []chat.ThreadID{
			"", ":", chat.ThreadID(p.name), chat.ThreadID(p.name + ":"), chat.ThreadID(p.name + "::"), "other:1", p.thread + ":1", p.thread + ":", " " + p.thread, p.thread + " ", p.thread + "\n", p.thread + "\x00",
			chat.ThreadID(strings.ToUpper(p.name) + ":" + p.user), chat.ThreadID(p.name + ":../me"), chat.ThreadID(p.name + ":" + p.account + ":../me"), chat.ThreadID(p.name + ":../me:" + p.user), chat.ThreadID(p.name + ":x y:z"),
			chat.ThreadID(p.name + ":" + p.account + ":" + strings.Repeat("9", 3000)), chat.ThreadID(p.name + ":" + p.account + ":" + p.user + "?x=y"), chat.ThreadID(p.name + ":" + p.account + ":"), chat.ThreadID(p.name + ":" + p.account + ":+" + p.user),
		} {
			_, err := r.DecodeThreadID(id)
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%q", id)
			for about, err := range map[string]error{
				"post": attack.Second(r.PostMessage(t.Context(), id, &chat.Post{Text: words})), "reply": attack.Second(r.ReplyMessage(t.Context(), id, receivedID, &chat.Post{Text: words})), "react": r.AddReaction(t.Context(), id, receivedID, "heart"),
				"unreact": r.RemoveReaction(t.Context(), id, receivedID, "heart"), "read": r.MarkRead(t.Context(), id, receivedID), "typing": r.StartTyping(t.Context(), id, ""),
			} {
				require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %q", about, id)
				requireSecrecy(t, p, err.Error())
			}
		}
		for _, id := range []chat.MessageID{"", " ", "\n", "a\nb", "\x00", "a\xff", chat.MessageID(strings.Repeat("m", 5000))} {
			for about, err := range map[string]error{
				"react": r.AddReaction(t.Context(), p.thread, id, "heart"), "unreact": r.RemoveReaction(t.Context(), p.thread, id, "heart"), "reply": attack.Second(r.ReplyMessage(t.Context(), p.thread, id, &chat.Post{Text: words})),
			} {
				require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.20q", about, id)
			}
		}
		require.ErrorIs(t, r.AddReaction(t.Context(), p.thread, receivedID, ""), chat.ErrInvalidArgument)
		for _, id := range []chat.UserID{"", " ", "x", "../me", "1/2", "1:2", "-5", "+5", " 5", "5\n", "5?x=y", chat.UserID(strings.Repeat("9", 3000))} {
			require.ErrorIs(t, attack.Second(r.OpenDM(t.Context(), id)), chat.ErrInvalidArgument, "%q", id)
			if f, ok := r.adapter.(interface {
				FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error)
			}); ok {
				require.ErrorIs(t, attack.Second(f.FetchUser(t.Context(), id)), chat.ErrInvalidArgument, "%q", id)
			}
		}
		require.Error(t, attack.Second(r.PostMessage(t.Context(), p.thread, nil)))
		for _, at := range []*chat.Attachment{
			nil,
			{},
			{Type: "file"},
			{URL: "https://evil.example/"},
			{URL: "http://127.0.0.1/"},
			{URL: "file:///etc/passwd"},
			{URL: "https://lookaside.fbsbx.com.evil.example/"},
			{URL: "http://lookaside.fbsbx.com/x"},
			{URL: "https://evil.example/lookaside.fbsbx.com"},
			{URL: "https://lookaside.fbsbx.com@evil.example/"},
			{URL: "//lookaside.fbsbx.com/x"},
		} {
			body, err := r.FetchAttachment(t.Context(), at, 100)
			if err == nil {
				_ = body.Close()
			}
			require.Truef(t, errors.Is(err, chat.ErrInvalid) || errors.Is(err, chat.ErrInvalidArgument) || errors.Is(err, chat.ErrNotFound), "%+v: %v", at, err)
		}
		require.Empty(t, r.fake.Calls(""))
	})
}

// TestAttackRateLimitWithin refuses the second part of a long text. The adapter waits by
// itself, and nothing is shown twice or left out.
func TestAttackRateLimitWithin(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		r := newRig(t, p)
		text := strings.Repeat("a", p.limit) + strings.Repeat("b", p.limit)
		code := 613
		if p == whatsApp {
			code = 130429
		}
		failure := fakemeta.Failure{Code: code, Message: "limit", RetryAfter: time.Second}
		r.fake.Fail(p.sends, failure)
		_, err := r.PostMessage(t.Context(), p.thread, &chat.Post{Text: text})
		require.ErrorIs(t, err, chat.ErrRateLimited)
		require.Equal(t, time.Second, requireFailure(t, p, err).RetryAfter)
		require.Empty(t, r.fake.All(), "it has changed nothing")
		_, err = r.PostMessage(t.Context(), p.thread, &chat.Post{Text: text})
		require.NoError(t, err)
		var shown strings.Builder
		for _, m := range r.fake.All() {
			shown.WriteString(m.Text)
		}
		require.Equal(t, text, shown.String())
	})
}

// TestAttackFilesElsewhere has Meta say that a file is somewhere else, or send the bot on
// to there. Neither the token nor a request goes there.
func TestAttackFilesElsewhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *platform) {
		at := &chat.Attachment{Type: "image", URL: "https://lookaside.fbsbx.com/file", FetchMetadata: map[string]string{"mediaId": "1001"}}
		for _, elsewhere := range []string{
			"https://evil.example/file", "http://lookaside.fbsbx.com/file", "https://lookaside.fbsbx.com@evil.example/file", "https://lookaside.fbsbx.com.evil.example/", "//evil.example/file", "file:///etc/passwd",
			"https://127.0.0.1/file", "https://[::1]/file", "", "x", "https://evil.example\\@lookaside.fbsbx.com/file",
		} {
			r := onMeta(t, p, func(req *http.Request) (*http.Response, error) {
				switch {
				case req.URL.Host == "graph.example":
					return attack.Response(200, fmt.Sprintf(`{"url":%q,"file_size":5}`, elsewhere)), nil
				case req.URL.Scheme == "https" && req.URL.Host == "lookaside.fbsbx.com":
					return attack.Response(302, "", "Location", elsewhere), nil
				}
				t.Errorf("it goes to %s", req.URL)
				return nil, io.EOF
			})
			body, err := r.FetchAttachment(t.Context(), at, 100)
			if err == nil {
				_, err = io.ReadAll(body)
				_ = body.Close()
			}
			require.Error(t, err, elsewhere)
			requireSecrecy(t, p, err.Error())
		}
	})
}
