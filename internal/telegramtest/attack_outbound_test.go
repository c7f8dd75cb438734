package telegramtest

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

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

// answerWith is a Telegram that answers all but the bot's name so.
type answerWith func(r *http.Request) (*http.Response, error)

func (f answerWith) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/getMe") {
		return attack.Response(http.StatusOK, `{"ok":true,"result":{"id":4711,"is_bot":true,"first_name":"B","username":"thebot"}}`), nil
	}
	return attack.Answer(f).RoundTrip(r)
}

func answering(status int, body string) answerWith { return answerWith(attack.Always(status, body)) }

func file(name, content string) chat.File {
	return chat.File{Name: name, Content: strings.NewReader(content)}
}

// calls has every call of an adapter to Telegram.
var calls = map[string]func(ctx context.Context, a *telegram.Adapter) error{
	"post": func(ctx context.Context, a *telegram.Adapter) error {
		return attack.Second(a.PostMessage(ctx, direct, &chat.Post{Text: words}))
	},
	"reply": func(ctx context.Context, a *telegram.Adapter) error {
		return attack.Second(a.ReplyMessage(ctx, direct, "100:5", &chat.Post{Markdown: words}))
	},
	"picture": func(ctx context.Context, a *telegram.Adapter) error {
		return attack.Second(a.PostMessage(ctx, direct, &chat.Post{Text: words, Files: []chat.File{file("a.png", words)}}))
	},
	"document": func(ctx context.Context, a *telegram.Adapter) error {
		return attack.Second(a.PostMessage(ctx, direct, &chat.Post{Files: []chat.File{file("a.txt", words)}}))
	},
	"edit": func(ctx context.Context, a *telegram.Adapter) error {
		return a.EditMessage(ctx, direct, "100:5", &chat.Post{Text: words})
	},
	"delete": func(ctx context.Context, a *telegram.Adapter) error { return a.DeleteMessage(ctx, direct, "100:5") },
	"react": func(ctx context.Context, a *telegram.Adapter) error {
		return a.AddReaction(ctx, direct, "100:5", "heart")
	},
	"unreact": func(ctx context.Context, a *telegram.Adapter) error {
		return a.RemoveReaction(ctx, direct, "100:5", "heart")
	},
	"typing": func(ctx context.Context, a *telegram.Adapter) error { return a.StartTyping(ctx, direct, words) },
	"user":   func(ctx context.Context, a *telegram.Adapter) error { return attack.Second(a.FetchUser(ctx, "100")) },
	"channel": func(ctx context.Context, a *telegram.Adapter) error {
		return attack.Second(a.FetchChannel(ctx, "telegram:100"))
	},
	"webhook": func(ctx context.Context, a *telegram.Adapter) error {
		return a.SetWebhook(ctx, "https://bot.example/webhooks/telegram")
	},
	"nowebhook": func(ctx context.Context, a *telegram.Adapter) error { return a.DeleteWebhook(ctx) },
	"commands": func(ctx context.Context, a *telegram.Adapter) error {
		return a.SetCommands(ctx, telegram.Command{Name: "a", Description: words})
	},
	"file": func(ctx context.Context, a *telegram.Adapter) error {
		body, err := a.FetchAttachment(ctx, &chat.Attachment{Type: "file", FetchMetadata: map[string]string{"fileId": "F1"}}, 1<<20)
		if err == nil {
			_, err = io.ReadAll(body)
			_ = body.Close()
		}
		return err
	},
}

func refusal(code int, description, parameters string) answerWith {
	return answering(code, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, code, description, parameters))
}

func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	type answer struct {
		with answerWith
		want error
	}
	breaksOff := func(status int) answerWith {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"ok":tr`), iotest.ErrReader(io.ErrUnexpectedEOF)))}, nil
		}
	}
	for name, c := range map[string]answer{
		"400":                       {refusal(400, "Bad Request: can't parse entities: unsupported \""+words+"\"", ""), chat.ErrInvalid},
		"400 chat":                  {refusal(400, "Bad Request: chat not found", ""), chat.ErrNotFound},
		"400 rights":                {refusal(400, "Bad Request: not enough rights to send text messages", ""), chat.ErrPermission},
		"400 URL":                   {refusal(400, "Bad Request: inline keyboard button URL '"+words+"' is invalid: Wrong HTTP URL", ""), chat.ErrInvalid},
		"400 capitals":              {refusal(400, "Bad Request: CHAT_WRITE_FORBIDDEN", ""), chat.ErrPermission},
		"400 admins":                {refusal(400, "Bad Request: CHAT_ADMIN_REQUIRED", ""), chat.ErrPermission},
		"400 without a description": {answering(400, `{"ok":false,"error_code":400}`), chat.ErrInvalid},
		"400 with a long one":       {refusal(400, strings.Repeat("Bad Request. ", 10_000), ""), chat.ErrInvalid},
		"401":                       {refusal(401, "Unauthorized", ""), chat.ErrAuthentication},
		"403 blocked":               {refusal(403, "Forbidden: bot was blocked by the user", ""), chat.ErrPermission},
		"403 kicked":                {refusal(403, "Forbidden: bot was kicked from the supergroup chat", ""), chat.ErrPermission},
		"404":                       {refusal(404, "Not Found", ""), nil},
		"409":                       {refusal(409, "Conflict: terminated by other getUpdates request", ""), nil},
		"413":                       {answering(413, "<html>Request Entity Too Large</html>"), nil},
		"429":                       {refusal(429, "Too Many Requests: retry after 5", `,"parameters":{"retry_after":5}`), chat.ErrRateLimited},
		"429 without a time":        {refusal(429, "Too Many Requests", ""), chat.ErrRateLimited},
		"429 with a huge time":      {refusal(429, "Too Many Requests", `,"parameters":{"retry_after":9223372036854775807}`), chat.ErrRateLimited},
		"429 with a negative time":  {refusal(429, "Too Many Requests", `,"parameters":{"retry_after":-5}`), chat.ErrRateLimited},
		"429 with a time in words":  {refusal(429, "Too Many Requests", `,"parameters":{"retry_after":"soon"}`), chat.ErrRateLimited},
		"429 in HTML":               {answering(429, "<html>slow down</html>"), chat.ErrRateLimited},
		"500":                       {refusal(500, "Internal Server Error", ""), chat.ErrTemporary},
		"502 in HTML":               {answering(502, "<html>"+words+"</html>"), chat.ErrTemporary},
		"503 empty":                 {answering(503, ""), chat.ErrTemporary},
		"504":                       {answering(504, "null"), chat.ErrTemporary},
		"200 in HTML":               {answering(200, "<html>"+words+"</html>"), nil},
		"200 with a number":         {answering(200, `7`), nil},
		"200 that is a refusal":     {answering(200, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`), nil},
		"200 without a result":      {answering(200, `{"ok":true}`), nil},
		"200 with another result":   {answering(200, `{"ok":true,"result":[["`+words+`"]]}`), nil},
		"200 with half of it":       {answering(200, `{"ok":true,"result":{"message_id":5,"text":"`+words), nil},
		"200 that breaks off":       {breaksOff(200), chat.ErrTemporary},
		"500 that breaks off":       {breaksOff(500), chat.ErrTemporary},
		"an error that has the URL": {func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("cannot ask %s", r.URL) }, chat.ErrTemporary},
		"a redirect": {func(r *http.Request) (*http.Response, error) {
			return redirect("https://evil.example" + r.URL.Path), nil
		}, nil},
		"a redirect to nowhere":       {func(*http.Request) (*http.Response, error) { return redirect("://" + faketelegram.Token), nil }, nil},
		"a group that moves for ever": {refusal(400, "Bad Request: group chat was upgraded", `,"parameters":{"migrate_to_chat_id":100}`), nil},
		"a group that moves to zero":  {refusal(400, "Bad Request: group chat was upgraded", `,"parameters":{"migrate_to_chat_id":0}`), chat.ErrInvalid},
	} {
		for method, call := range calls {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newWholeRig(t, func(cfg *telegram.Config) {
					cfg.APIURL, cfg.HTTPClient = "https://telegram.example", &http.Client{Transport: c.with}
				})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				err := call(ctx, r.Adapter)
				require.NoError(t, ctx.Err(), "it does not end")
				if (method == "nowebhook" || method == "webhook" || method == "commands" || method == "typing" || method == "delete" || method == "react" || method == "unreact" || method == "edit") &&
					err == nil && (name == "200 without a result" || name == "200 with another result") {
					return // the answer says nothing that is needed
				}
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
			})
		}
	}
}

func redirect(to string) *http.Response {
	r := attack.Response(http.StatusTemporaryRedirect, "")
	r.Header.Set("Location", to)
	return r
}

func TestAttackSlowAnswers(t *testing.T) {
	t.Parallel()
	silent := answerWith(attack.Silent)
	endless := answerWith(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: r.Context()})}, nil
	})
	for method, call := range calls {
		for about, with := range map[string]answerWith{"silent": silent, "endless": endless} {
			t.Run(about+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newWholeRig(t, func(cfg *telegram.Config) {
					cfg.APIURL, cfg.HTTPClient = "https://telegram.example", &http.Client{Transport: with}
				})
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

// requireTexts checks that the messages hold the text and each fits.
func requireTexts(t *testing.T, r *rig, want string) []string {
	t.Helper()
	var texts []string
	for _, c := range []struct {
		method, name string
		most         int
	}{{"sendPhoto", "caption", 1024}, {"sendDocument", "caption", 1024}, {"sendMessage", "text", 4096}} {
		for _, call := range r.telegram.Calls(c.method) {
			text, ok := call.Args[c.name].(string)
			if !ok {
				continue
			}
			require.True(t, utf8.ValidString(text))
			require.NotContains(t, text, "\ufffd", "half a character")
			require.LessOrEqual(t, len(utf16.Encode([]rune(text))), c.most)
			require.NotEmpty(t, strings.TrimSpace(text), "Telegram takes no text without a character")
			texts = append(texts, text)
		}
	}
	bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
	require.Equal(t, bare(want), bare(strings.Join(texts, "")))
	return texts
}

func TestAttackLengths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit int
		files []string
	}{{4096, nil}, {1024, []string{"a.png"}}, {1024, []string{"a.txt"}}, {1024, []string{"a.txt", "b.png"}}} {
		for name, text := range map[string]string{
			"as long as may be":      strings.Repeat("a", c.limit),
			"one more":               strings.Repeat("a", c.limit+1),
			"an emoji at the end":    strings.Repeat("a", c.limit-2) + "😀",
			"an emoji at the border": strings.Repeat("a", c.limit-1) + "😀",
			"emoji":                  strings.Repeat("😀", c.limit/2),
			"one emoji more":         strings.Repeat("😀", c.limit/2+1),
			"emoji, one off":         "a" + strings.Repeat("😀", c.limit),
			"a family at the border": strings.Repeat("a", c.limit-3) + "👩‍👩‍👧" + "b",
			"an end of white space":  strings.Repeat("a", c.limit) + strings.Repeat("\n", 3*c.limit),
			"white space within":     "a" + strings.Repeat(" \n", 3*c.limit) + "b",
			"a start of white space": strings.Repeat("\n", 3*c.limit) + "b",
			"lines":                  strings.Repeat("aaaa aaaa aaaa\n", c.limit/4),
			"lines of one letter":    strings.Repeat("a\n", c.limit+1),
			"a line end":             "aaaa\n", "line ends": "\n\naaaa\nbbb\n\n",
		} {
			for _, form := range []string{"text", "markdown", "bold", "code", "card", "edit"} {
				t.Run(fmt.Sprintf("%d%v/%s/%s", c.limit, c.files, name, form), func(t *testing.T) {
					t.Parallel()
					r := newWholeRig(t)
					post := &chat.Post{}
					switch form {
					case "text":
						post.Text = text
					case "markdown":
						post.Markdown = text
					case "bold":
						post.Markdown = "**" + strings.TrimSpace(text) + "**"
						text := strings.TrimSpace(text)
						if strings.Contains(text, "\n") {
							return // is not bold
						}
					case "code":
						post.Markdown = "```\n" + text + "\n```"
					case "card":
						post.Card = card.New("", card.NewText(text), card.NewActions(card.NewButton("ok", "OK")))
					case "edit":
						if c.files != nil {
							return
						}
						id, err := r.PostMessage(t.Context(), direct, &chat.Post{Text: "x"})
						require.NoError(t, err)
						require.NoError(t, r.EditMessage(t.Context(), direct, id, &chat.Post{Text: text}))
						shown, err := r.telegram.Shown(t.Context(), direct)
						require.NoError(t, err)
						all := ""
						for _, p := range shown {
							all += p.Text
						}
						require.Equal(t, strings.Count(text, "a")+strings.Count(text, "b")+strings.Count(text, "😀"), strings.Count(all, "a")+strings.Count(all, "b")+strings.Count(all, "😀"))
						return
					}
					for _, name := range c.files {
						post.Files = append(post.Files, file(name, "content"))
					}
					_, err := r.PostMessage(t.Context(), direct, post)
					require.NoError(t, err)
					requireTexts(t, r, text)
				})
			}
		}
	}
}

func TestAttackPosts(t *testing.T) {
	t.Parallel()
	buttons := func(n int, label func(i int) string) *card.Card {
		var all []card.Action
		for i := range n {
			all = append(all, card.NewButton(fmt.Sprintf("b%d", i), label(i)))
		}
		return card.New("", card.NewActions(all...))
	}
	for name, post := range map[string]*chat.Post{
		"nothing": {}, "white space": {Text: " \n\t"}, "no Markdown": {Markdown: " "}, "NUL": {Text: "\x00"}, "an invisible text": {Text: "\u200b"},
		"a comment": {Markdown: "<!-- x -->"}, "a rule": {Markdown: "---"}, "an image": {Markdown: "![](https://example.com/a.png)"}, "an image with words": {Markdown: "![a](https://example.com/a.png)"},
		"an image of nothing": {Markdown: "![]()"}, "a link of nothing": {Markdown: "[]()"}, "an empty link": {Markdown: "[](https://example.com)"}, "marks": {Markdown: "****"}, "no code": {Markdown: "```\n```"},
		"an empty quote": {Markdown: ">"}, "an empty list": {Markdown: "-\n-\n"}, "an empty heading": {Markdown: "#"}, "an empty table": {Markdown: "| |\n|-|\n"}, "a definition": {Markdown: "[a]: https://example.com"},
		"bold white space": {Markdown: "**\u00a0**"}, "quotes in quotes": {Markdown: strings.Repeat(">", 200) + "a"}, "a list in a list": {Markdown: "- a\n  - b\n    - c\n      - **d**"},
		"a link to nowhere": {Markdown: "[a](javascript:alert(1)) [b](//x) [c](/x) [d](http://) [e](mailto:a@b) [f](tg://user?id=1) [g](https://exa mple) [h](https://[::1)"},
		"links in marks":    {Markdown: "**[a *b* `c`](https://example.com)** ~~[d](https://e.example)~~"},
		"code in bold":      {Markdown: "**a `b` c** *`d`*"}, "a mention of nobody": {Markdown: "<@x> <@> <@-5> <@99999999999999999999>"}, "an emoji of nobody": {Markdown: "{{emoji:nonesuch}}"},
		"bytes": {Text: "a\xff\xfeb"}, "bytes in Markdown": {Markdown: "a\xff **b\xc3** c"}, "bytes in a caption": {Markdown: "a\xff **b**", Files: []chat.File{file("a.txt", "x")}},
		"a card of nothing": {Card: card.New("")}, "a card of buttons": {Card: buttons(2, func(i int) string { return fmt.Sprint("L", i) })}, "200 buttons": {Card: buttons(200, func(i int) string { return fmt.Sprint("L", i) })},
		"a card of an image": {Card: card.New("").WithImage("https://example.com/a.png")}, "a card of a rule": {Card: card.New("", card.NewDivider())},
		"no label": {Card: buttons(2, func(i int) string { return strings.Repeat("L", i) })}, "a label of white space": {Card: buttons(1, func(int) string { return " " })}, "a label of NUL": {Card: buttons(1, func(int) string { return "\x00" })},
		"a long label": {Card: buttons(1, func(int) string { return strings.Repeat("😀", 5000) })}, "a label of bytes": {Card: buttons(1, func(int) string { return "a\xff" })},
		"an option without a label": {Card: card.New("", card.NewActions(card.NewSelect("s", "", card.NewOption("", "v"), card.NewOption("L", ""))))},
		"a link that is no link":    {Card: card.New("T", card.NewActions(card.NewLinkButton("L", ""), card.NewLinkButton("L", "x"), card.NewLinkButton("L", "http://"), card.NewLinkButton("L", "ftp://x/y"), card.NewLinkButton("", "https://example.com")))},
		"no bytes":                  {Files: []chat.File{file("a.txt", "")}}, "no bytes of a picture": {Text: "x", Files: []chat.File{file("a.png", "")}}, "no bytes after bytes": {Files: []chat.File{file("a.txt", "a"), file("b.txt", "")}},
		"names of files":           {Files: []chat.File{file("a\"\r\nX: y\x00.txt", "a"), file("../../etc/passwd", "a"), file("\xff", "a"), file(strings.Repeat("n", 10_000), "a"), file(".", "a"), file("é 😀.PNG", "a")}},
		"an attachment of nothing": {Attachments: []chat.Attachment{{}}}, "an attachment elsewhere": {Attachments: []chat.Attachment{{Type: "image", URL: "https://example.com/a.png"}}},
		"raw": {Raw: "<b>a</i> *x_"}, "raw that is empty": {Raw: " "}, "an empty tree": {Tree: chat.Markdown("").AsTree()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newWholeRig(t)
			_, err := r.PostMessage(t.Context(), direct, post)
			shown, failed := r.telegram.Shown(t.Context(), direct)
			require.NoError(t, failed)
			for _, method := range []string{"sendMessage", "sendPhoto", "sendDocument"} {
				for _, call := range r.telegram.Calls(method) {
					if text, ok := call.Args["text"].(string); ok {
						require.True(t, utf8.ValidString(text))
						require.NotEmpty(t, strings.Trim(text, " \n\t\x00\u00a0"), "Telegram refuses it")
					}
					if caption, ok := call.Args["caption"].(string); ok {
						require.True(t, utf8.ValidString(caption), "Telegram refuses it")
					}
				}
			}
			if err != nil {
				t.Log(err)
				require.Empty(t, shown, "refused, and shown in part: %v", err)
				if !errors.Is(err, chat.ErrInvalidArgument) {
					t.Errorf("a mistake that Telegram must find: %v", err)
				}
				return
			}
			require.NotEmpty(t, shown, "posted, and nothing is shown")
			for _, p := range shown {
				for _, f := range p.Files {
					require.NotEmpty(t, f.Content, "Telegram refuses files without bytes")
				}
			}
			if name == "200 buttons" {
				for i := range 200 {
					found := 0
					for _, p := range shown {
						if _, err := r.telegram.Button(p.ID, fmt.Sprint("L", i)); err == nil {
							found++
						}
					}
					require.Equal(t, 1, found, i)
				}
			}
			t.Logf("%q", shown[0].Text)
		})
	}
}

// TestAttackFilesThatBreakOff has readers that fail before all is read.
func TestAttackFilesThatBreakOff(t *testing.T) {
	t.Parallel()
	for _, content := range []io.Reader{iotest.ErrReader(io.ErrUnexpectedEOF), io.MultiReader(strings.NewReader(words), iotest.ErrReader(io.ErrUnexpectedEOF))} {
		reads := answerWith(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
		r := newWholeRig(t, func(cfg *telegram.Config) {
			cfg.APIURL, cfg.HTTPClient = "https://telegram.example", &http.Client{Transport: reads}
		})
		_, err := r.PostMessage(t.Context(), direct, &chat.Post{Text: words, Files: []chat.File{{Name: "a.txt", Content: content}}})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		requireSecrecy(t, err.Error())
	}
}

// TestAttackUploadToAGroupThatMoves posts a file to a group that has become a
// supergroup. It can be read only once, so the next post goes there.
func TestAttackUploadToAGroupThatMoves(t *testing.T) {
	t.Parallel()
	r := newWholeRig(t)
	r.telegram.Fail("sendDocument", faketelegram.Failure{Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: group})
	_, err := r.PostMessage(t.Context(), "telegram:-55", &chat.Post{Files: []chat.File{file("a.txt", "a")}})
	require.ErrorIs(t, err, chat.ErrTemporary)
	_, err = r.PostMessage(t.Context(), "telegram:-55", &chat.Post{Files: []chat.File{file("a.txt", "a")}})
	require.NoError(t, err)
}

// TestAttackIDs calls with ids that are none of Telegram's.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	r := newWholeRig(t)
	for _, id := range []chat.MessageID{"", ":", "5", "100:", ":5", "100:0", "100:-5", "100:5:6", "100:+5", "100: 5", "100:05", "x:5", "100:x", "100:9223372036854775808", "101:5", "\x00"} {
		for about, err := range map[string]error{
			"edit": r.EditMessage(t.Context(), direct, id, &chat.Post{Text: words}), "delete": r.DeleteMessage(t.Context(), direct, id), "react": r.AddReaction(t.Context(), direct, id, "heart"),
			"unreact": r.RemoveReaction(t.Context(), direct, id, "heart"), "reply": attack.Second(r.ReplyMessage(t.Context(), direct, id, &chat.Post{Text: words})), "link": attack.Second(r.Permalink(t.Context(), direct, id)),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %q", about, id)
			requireSecrecy(t, err.Error())
		}
	}
	for _, id := range []chat.UserID{"", "0", "-5", "x", "+5", " 5", "05", "9223372036854775808", "5:6"} {
		require.False(t, r.IsUserID(id), "%q", id)
		require.ErrorIs(t, attack.Second(r.Adapter.OpenDM(t.Context(), id)), chat.ErrInvalidArgument, "%q", id)
		require.ErrorIs(t, attack.Second(r.FetchUser(t.Context(), id)), chat.ErrInvalidArgument, "%q", id)
	}
	require.ErrorIs(t, r.AddReaction(t.Context(), direct, "100:5", ""), chat.ErrInvalidArgument)
	for _, at := range []*chat.Attachment{nil, {}, {Type: "file"}, {FetchMetadata: map[string]string{"fileId": ""}}, {URL: "https://evil.example/"}} {
		require.Error(t, attack.Second(r.FetchAttachment(t.Context(), at, 100)))
	}
	require.Error(t, attack.Second(r.PostMessage(t.Context(), direct, nil)))
}
