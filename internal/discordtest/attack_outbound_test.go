package discordtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

const attackMessage = chat.MessageID("1457473602180878701")

func answered(status int, body string, header ...string) *http.Response {
	return attack.Response(status, body, append([]string{"Content-Type", "application/json"}, header...)...)
}

func answering(status int, body string, header ...string) attack.Answer {
	return func(*http.Request) (*http.Response, error) { return answered(status, body, header...), nil }
}

func attackFile(name, content string) chat.File {
	return chat.File{Name: name, Content: strings.NewReader(content)}
}

// attackCalls has the calls of an adapter to Discord.
var attackCalls = map[string]func(ctx context.Context, a *discord.Adapter) error{
	"post": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.PostMessage(ctx, attackThread, chat.Text(words)))
	},
	"reply": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.ReplyMessage(ctx, attackThread, attackMessage, chat.Markdown(words)))
	},
	"file": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.PostMessage(ctx, attackThread, &chat.Post{Text: words, Files: []chat.File{attackFile("a.txt", words)}}))
	},
	"edit": func(ctx context.Context, a *discord.Adapter) error {
		return a.EditMessage(ctx, attackThread, attackMessage, chat.Text(words))
	},
	"delete": func(ctx context.Context, a *discord.Adapter) error {
		return a.DeleteMessage(ctx, attackThread, attackMessage)
	},
	"react": func(ctx context.Context, a *discord.Adapter) error {
		return a.AddReaction(ctx, attackThread, attackMessage, "heart")
	},
	"unreact": func(ctx context.Context, a *discord.Adapter) error {
		return a.RemoveReaction(ctx, attackThread, attackMessage, "heart")
	},
	"typing": func(ctx context.Context, a *discord.Adapter) error { return a.StartTyping(ctx, attackThread, words) },
	"user": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.FetchUser(ctx, attackUser))
	},
	"dm": func(ctx context.Context, a *discord.Adapter) error { return attack.Second(a.OpenDM(ctx, attackUser)) },
	"channel": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.FetchChannel(ctx, "discord:"+attackServer+":"+attackChannel))
	},
	"message": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.FetchMessage(ctx, attackThread, attackMessage))
	},
	"messages": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.FetchMessages(ctx, attackThread, chat.PageRequest{}))
	},
	"threads": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.ListThreads(ctx, "discord:"+attackServer+":"+attackChannel, chat.PageRequest{}))
	},
	"commands": func(ctx context.Context, a *discord.Adapter) error {
		return a.SetCommands(ctx, "", discord.Command{Name: "a", Description: words})
	},
	"newthread": func(ctx context.Context, a *discord.Adapter) error {
		return attack.Second(a.PostMessage(ctx, attackThread+":"+chat.ThreadID(attackMessage), chat.Text(words)))
	},
}

// TestAttackAnswers has Discord answer every call so.
// https://docs.discord.com/developers/topics/opcodes-and-status-codes
func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	type answer struct {
		with attack.Answer
		want error
	}
	breaksOff := func(status int) attack.Answer {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"id":"14`), failingReader{}))}, nil
		}
	}
	limited := func(body string, header ...string) answer {
		return answer{answering(429, body, header...), chat.ErrRateLimited}
	}
	for name, c := range map[string]answer{
		"400":                  {answering(400, `{"code":50035,"message":"Invalid Form Body","errors":{"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"`+words+`"}]}}}`), chat.ErrInvalid},
		"400 wide":             {answering(400, `{"code":50035,"message":"`+strings.Repeat("Invalid. ", 10_000)+`","errors":{"`+strings.Repeat("a", 50_000)+`":{"_errors":[{"code":"X"}]}}}`), chat.ErrInvalid},
		"400 another shape":    {answering(400, `{"code":"x","message":{"a":1},"errors":[[1]]}`), chat.ErrInvalid},
		"400 empty message":    {answering(400, `{"code":50006,"message":"Cannot send an empty message"}`), chat.ErrInvalid},
		"401":                  {answering(401, `{"message":"401: Unauthorized","code":0}`), chat.ErrAuthentication},
		"401 in HTML":          {answering(401, `<html>`+words), chat.ErrAuthentication},
		"403 access":           {answering(403, `{"message":"Missing Access","code":50001}`), chat.ErrPermission},
		"403 rights":           {answering(403, `{"message":"Missing Permissions","code":50013}`), chat.ErrPermission},
		"403 user":             {answering(403, `{"message":"Cannot send messages to this user","code":50007}`), chat.ErrPermission},
		"403 in HTML":          {answering(403, `<html>error code: 1010 `+words), chat.ErrPermission},
		"404 channel":          {answering(404, `{"message":"Unknown Channel","code":10003}`), nil},
		"404 of the future":    {answering(404, `{"message":"404: Not Found","code":0}`), nil},
		"405":                  {answering(405, `{"message":"405: Method Not Allowed","code":0}`), nil},
		"413":                  {answering(413, `{"message":"Request entity too large","code":40005}`), nil},
		"429":                  limited(`{"message":"You are being rate limited.","retry_after":5.5,"global":false}`, "Retry-After", "6", "X-RateLimit-Scope", "user"),
		"429 global":           limited(`{"message":"You are being rate limited.","retry_after":5.5,"global":true}`, "Retry-After", "6", "X-RateLimit-Global", "true", "X-RateLimit-Scope", "global"),
		"429 shared":           limited(`{"message":"The resource is being rate limited.","retry_after":1336.57,"global":false}`, "Retry-After", "1337", "X-RateLimit-Scope", "shared"),
		"429 of Cloudflare":    limited(`<html>error code: 1015 `+words, "Retry-After", "600", "Content-Type", "text/html"),
		"429 empty":            limited(``),
		"429 huge":             limited(`{"retry_after":1e300,"global":true}`),
		"429 negative":         limited(`{"retry_after":-5,"global":true}`, "Retry-After", "-5"),
		"429 in words":         limited(`{"retry_after":"soon","global":"yes"}`, "Retry-After", "soon"),
		"429 null":             limited(`null`, "Retry-After", "9223372036854775807"),
		"500":                  {answering(500, `{"message":"500: Internal Server Error","code":0}`), chat.ErrTemporary},
		"502 in HTML":          {answering(502, `<html>`+words+`</html>`), chat.ErrTemporary},
		"503 empty":            {answering(503, ``), chat.ErrTemporary},
		"504":                  {answering(504, `null`), chat.ErrTemporary},
		"520 of Cloudflare":    {answering(520, `error code: 520`), chat.ErrTemporary},
		"200 in HTML":          {answering(200, `<html>`+words+`</html>`), nil},
		"200 with a number":    {answering(200, `7`), nil},
		"200 with null":        {answering(200, `null`), nil},
		"200 with half":        {answering(200, `{"id":"14574736","content":"`+words), nil},
		"200 with ids of none": {answering(200, `{"id":"../x","content":"`+words+`"}`), nil},
		"200 that breaks off":  {breaksOff(200), chat.ErrTemporary},
		"500 that breaks off":  {breaksOff(500), chat.ErrTemporary},
		"an error that has the URL and the token": {func(r *http.Request) (*http.Response, error) {
			return nil, errors.New("cannot ask " + r.URL.Host + " with the header " + r.Header.Get("X-None"))
		}, chat.ErrTemporary},
		"a redirect":            {answering(307, "", "Location", "https://evil.example/x"), nil},
		"a redirect to nowhere": {answering(302, "", "Location", "://"), nil},
	} {
		for _, method := range []string{"post", "file", "edit", "user", "newthread"} {
			call := attackCalls[method]
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newAttackRig(t, func(cfg *discord.Config) {
					cfg.APIURL = "https://discord.example/api"
					cfg.HTTPClient = &http.Client{Transport: attack.Answer(func(req *http.Request) (*http.Response, error) {
						if req.URL.Host != "discord.example" {
							t.Errorf("%s is asked, with %v", req.URL.Host, req.Header["Authorization"] != nil)
						}
						return c.with(req)
					})}
				})
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				err := call(ctx, r.Adapter)
				require.NoError(t, ctx.Err(), "it does not end")
				if strings.HasPrefix(name, "200") && err == nil {
					// The answers of these hold nothing that is needed.
					require.NotContains(t, []string{"post", "reply", "file", "dm"}, method, "an answer without an id")
					return
				}
				require.Error(t, err)
				requireSecrecy(t, err.Error())
				require.Less(t, len(err.Error()), 2000)
				failure, ok := errors.AsType[*chat.PlatformError](err)
				require.True(t, ok, "%T %v", err, err)
				require.NotEmpty(t, failure.Op)
				require.NotZero(t, failure.Code, "%v", err)
				require.GreaterOrEqual(t, failure.RetryAfter, time.Duration(0))
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
				}
				if name == "429" || name == "429 global" {
					require.InDelta(t, 5.5, failure.RetryAfter.Seconds(), 0.6)
				}
				if name == "429 of Cloudflare" {
					require.InDelta(t, 600, failure.RetryAfter.Seconds(), 1)
				}
			})
		}
	}
}

func TestAttackSlowAnswers(t *testing.T) {
	t.Parallel()
	for method, call := range attackCalls {
		for about, with := range map[string]attack.Answer{
			"silent": attack.Silent,
			"endless": func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: r.Context()})}, nil
			},
		} {
			t.Run(about+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := newAttackRig(t, func(cfg *discord.Config) {
					cfg.APIURL, cfg.HTTPClient = "https://discord.example/api", &http.Client{Transport: with}
				})
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				defer cancel()
				err := call(ctx, r.Adapter)
				require.Error(t, err)
				requireSecrecy(t, err.Error())
			})
		}
	}
}

// TestAttackGlobalLimit has the bot's global limit reached. Nothing is asked any more
// but what answers interactions, which have no part in it.
// https://docs.discord.com/developers/topics/rate-limits#global-rate-limit
func TestAttackGlobalLimit(t *testing.T) {
	t.Parallel()
	for _, global := range []bool{true, false} {
		t.Run(fmt.Sprint(global), func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			r.discord.Fail("POST /channels/{id}/messages", fakediscord.Failure{Status: 429, Message: "You are being rate limited.", RetryAfter: 300, Global: global})
			_, err := r.PostMessage(t.Context(), attackThread, chat.Text("x"))
			require.ErrorIs(t, err, chat.ErrRateLimited)
			for _, name := range []string{"post", "typing", "user", "dm"} {
				if err := attackCalls[name](t.Context(), r.Adapter); global || name == "post" {
					require.ErrorIs(t, err, chat.ErrRateLimited, name)
				} else {
					require.NoError(t, err, name)
				}
			}
			require.Len(t, r.discord.Calls("POST /channels/{id}/messages"), 1, "a call for which the limit is used up is not made")
			opened := make(chan error, 1)
			r.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
				opened <- ev.OpenModal(ctx, card.NewModal("form", "Form", card.NewTextInput("a", "A")))
				return nil
			}, "/form")
			id, body := r.discord.Interact(2, attackChannel, attackUser, `{"id":"1457473602180878666","type":1,"name":"form"}`, "")
			r.send(t, body)
			require.NoError(t, <-opened)
			require.True(t, r.discord.Interaction(id).Acknowledged)
			_, err = r.PostEphemeral(t.Context(), attackThread, attackUser, chat.Text("x"))
			require.NoError(t, err, "a followup is not bound to the limit of the bot or the channel")
		})
	}
}

// TestAttackInteractionThatIsRefused has the answer to an interaction fail. Its token,
// which stands in the path, is in no log and no error.
func TestAttackInteractionThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]attack.Answer{
		"the URL in an error": func(r *http.Request) (*http.Response, error) { return nil, errors.New("connection reset") },
		"404":                 answering(404, `{"message":"Unknown interaction","code":10062}`), "400": answering(400, `{"message":"Interaction has already been acknowledged.","code":40060}`),
		"401": answering(401, `{"message":"Invalid Webhook Token","code":50027}`), "500": answering(500, ``), "HTML": answering(200, `<html>`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t, func(cfg *discord.Config) {
				cfg.APIURL, cfg.HTTPClient = "https://discord.example/api", &http.Client{Transport: with}
			})
			failed := make(chan error, 2)
			r.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error {
				failed <- ev.OpenModal(ctx, card.NewModal("form", words, card.NewTextInput("a", words)))
				_, err := r.PostMessage(ctx, ev.ThreadID, chat.Text(words))
				failed <- err
				return err
			}, "/form")
			_, body := r.discord.Interact(2, attackChannel, attackUser, `{"id":"1457473602180878666","type":1,"name":"form"}`, "")
			r.deliver(t, body)
			for range 2 {
				if err := <-failed; err != nil {
					requireSecrecy(t, err.Error())
				}
			}
			_, err := r.PostEphemeral(t.Context(), attackThread, attackUser, chat.Text(words))
			if err != nil {
				requireSecrecy(t, err.Error())
			}
			require.NoError(t, r.Chat.Shutdown(context.WithoutCancel(t.Context())))
		})
	}
}

// TestAttackHeaders has limits that are none in the headers. The bot does not wait for
// them, or not for ever.
func TestAttackHeaders(t *testing.T) {
	t.Parallel()
	for _, remaining := range []string{"0", "-1", "x", "", "1e9", "99999999999999999999"} {
		for _, reset := range []string{"", "0", "-5", "NaN", "Inf", "-Inf", "x", "0.001", "1e-300"} {
			t.Run(remaining+"/"+reset, func(t *testing.T) {
				t.Parallel()
				r := newAttackRig(t)
				r.discord.Headers(http.Header{"X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Reset-After": {reset}, "X-Ratelimit-Bucket": {strings.Repeat("b", 5000)}, "X-Ratelimit-Limit": {"x"}, "X-Ratelimit-Reset": {"-1"}})
				for range 3 {
					_, err := r.PostMessage(t.Context(), attackThread, chat.Text("x"))
					if failure, ok := errors.AsType[*chat.PlatformError](err); ok && remaining == "0" {
						require.Equal(t, chat.CodeRateLimited, failure.Code)
						require.Less(t, failure.RetryAfter, 5*time.Second)
						continue
					}
					require.NoError(t, err)
				}
			})
		}
	}
}

// TestAttackMentions posts what would notify people. Discord is told each time whom a
// message may notify. https://docs.discord.com/developers/resources/message#allowed-mentions-object
func TestAttackMentions(t *testing.T) {
	t.Parallel()
	const all = "@everyone @here <@&1457473602180878604> <@1033044521375764530> <@!1033044521375764530> \\@everyone <@everyone> <@&everyone> `@here` @\u200beveryone [@everyone](https://example.com)"
	for name, post := range map[string]*chat.Post{
		"text": chat.Text(all), "markdown": chat.Markdown(all), "raw": chat.Raw(all), "code": chat.Markdown("```\n" + all + "\n```"), "long": chat.Text(strings.Repeat(all+"\n", 40)),
		"card": chat.Card(card.New(all, card.NewText(all), card.NewFields(card.NewField(all, all)), card.NewActions(card.NewButton("a", all)))), "file": {Text: all, Files: []chat.File{attackFile("@everyone.txt", "x")}},
		"many": chat.Markdown(func() (text string) {
			for i := range 150 {
				text += fmt.Sprintf("<@%d>", 1033044521375764530+i)
			}
			return text
		}()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			id, err := r.PostMessage(t.Context(), attackThread, post)
			require.NoError(t, err)
			if name != "file" {
				require.NoError(t, r.EditMessage(t.Context(), attackThread, id, post))
				_, err = r.ReplyMessage(t.Context(), attackThread, id, post)
				require.NoError(t, err)
			}
			n := 0
			for _, route := range []string{"POST /channels/{id}/messages", "PATCH /channels/{id}/messages/{id}"} {
				for _, call := range r.discord.Calls(route) {
					n++
					allowed, ok := call.Args["allowed_mentions"].(map[string]any)
					require.True(t, ok, "without it Discord notifies everybody: %v", call.Args)
					require.NotContains(t, fmt.Sprint(allowed["parse"]), "everyone")
					require.NotContains(t, fmt.Sprint(allowed["parse"]), "roles")
					require.Empty(t, allowed["roles"])
					require.NotEqual(t, true, allowed["replied_user"])
					if users, ok := allowed["users"].([]any); ok {
						require.LessOrEqual(t, len(users), 100, "Discord takes no more")
					}
				}
			}
			require.Positive(t, n)
		})
	}
}

// TestAttackTextIsShownAsItIs posts text that means something in Discord's Markdown.
func TestAttackTextIsShownAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"**a** *b* __c__ ~~d~~ ||e|| `f` _g_", "```\na\n```", "``` a", "`` a ` b ``", "# a", "### a", "-# a", "> a", ">>> a", "- a", "* a", "1. a", "  - a", "a\n- b\n> c\n# d", "[a](https://example.com)", "[a](<https://example.com>)", "<https://example.com>",
		"<#1457473602180878611>", "<:a:1457473602180878611>", "<t:1700000000:R>", "</a:1457473602180878611>", "<id:customize>", "\\*a\\*", "\\", "\\\\", "a\\", "*", "_", "a_b_c", "snake_case_name", "2 * 3 * 4", "||", "~~", "***a***", "*a\n\nb*", "<a:b:1>", "a#b", "#a", "-a", "1.a", "1) a", "@everyone", "@here",
		"https://example.com/a_b_c*d*", "https://example.com/(a)_b_", "http://x_y_", "`\\`", "|a|b|\n|-|-|", "---", "===", "a\n===", "\ta", "    a", "&amp; &lt;", "<b>a</b>", "a  \nb", "é*é*", "٠* a", "ftp://a_b_",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			_, err := r.PostMessage(t.Context(), attackThread, chat.Text(text))
			require.NoError(t, err)
			shown, err := r.discord.Shown(t.Context(), attackThread)
			require.NoError(t, err)
			require.Len(t, shown, 1)
			bare := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			got := shown[0].Text
			if shown[0].Content != nil {
				got = chat.Tree(shown[0].Content).AsText()
			}
			require.Equal(t, bare(text), bare(got))
			require.Empty(t, shown[0].Mentions)
		})
	}
}

func TestAttackLengths(t *testing.T) {
	t.Parallel()
	const limit = 2000
	for name, text := range map[string]string{
		"as long as may be": strings.Repeat("a", limit), "one more": strings.Repeat("a", limit+1), "an emoji at the end": strings.Repeat("a", limit-2) + "😀", "an emoji at the border": strings.Repeat("a", limit-1) + "😀", "emoji": strings.Repeat("😀", limit/2),
		"one emoji more": strings.Repeat("😀", limit/2+1), "emoji, one off": "a" + strings.Repeat("😀", limit), "a family at the border": strings.Repeat("a", limit-3) + "👩‍👩‍👧" + "b", "umlauts": strings.Repeat("ä", limit+1), "an end of white space": strings.Repeat("a", limit) + strings.Repeat("\n", 3*limit),
		"white space within": "a" + strings.Repeat(" \n", 3*limit) + "b", "a start of white space": strings.Repeat("\n", 3*limit) + "b", "lines": strings.Repeat("aaaa aaaa aaaa\n", limit/4), "lines of one letter": strings.Repeat("a\n", limit+1), "a line end": "aaaa\n",
	} {
		for _, form := range []string{"text", "markdown", "bold", "code", "raw", "edit", "file"} {
			t.Run(name+"/"+form, func(t *testing.T) {
				t.Parallel()
				r := newAttackRig(t)
				post := chat.Text(text)
				switch form {
				case "markdown":
					post = chat.Markdown(text)
				case "bold":
					if strings.Contains(strings.TrimSpace(text), "\n") {
						return // is not bold
					}
					post = chat.Markdown("**" + strings.TrimSpace(text) + "**")
				case "code":
					post = chat.Markdown("```\n" + text + "\n```")
				case "raw":
					post = chat.Raw(text)
				case "file":
					post.Files = []chat.File{attackFile("a.txt", "x")}
				}
				var err error
				if form == "edit" {
					var id chat.MessageID
					id, err = r.PostMessage(t.Context(), attackThread, chat.Text("x"))
					require.NoError(t, err)
					err = r.EditMessage(t.Context(), attackThread, id, post)
				} else {
					_, err = r.PostMessage(t.Context(), attackThread, post)
				}
				require.NoError(t, err)
				shown, err := r.discord.Shown(t.Context(), attackThread)
				require.NoError(t, err)
				all := ""
				for _, p := range shown {
					content, _ := r.discord.Body(p.ID)["content"].(string)
					require.True(t, utf8.ValidString(content))
					require.NotContains(t, content, "\ufffd", "half a character")
					require.LessOrEqual(t, len(utf16.Encode([]rune(content))), limit)
					all += content
				}
				for _, c := range []string{"a", "b", "😀", "ä", "👩"} {
					require.Equal(t, strings.Count(text, c), strings.Count(all, c), c)
				}
			})
		}
	}
}

func TestAttackPosts(t *testing.T) {
	t.Parallel()
	buttons := func(n int, button func(i int) *card.Button) *chat.Post {
		var all []card.Action
		for i := range n {
			all = append(all, button(i))
		}
		return chat.Card(card.New("T", card.NewActions(all...)))
	}
	fields := func(n int, name, value string) *chat.Post {
		var all []*card.Field
		for range n {
			all = append(all, card.NewField(name, value))
		}
		return chat.Card(card.New("T", card.NewFields(all...)))
	}
	options := func(n int, option func(i int) *card.Option) *chat.Post {
		var all []*card.Option
		for i := range n {
			all = append(all, option(i))
		}
		return chat.Card(card.New("T", card.NewActions(card.NewSelect("s", "S", all...))))
	}
	long := strings.Repeat("😀", 5000)
	for name, post := range map[string]*chat.Post{
		"nothing": {}, "white space": chat.Text(" \n\t"), "no Markdown": chat.Markdown(" "), "NUL": chat.Text("\x00"), "an invisible text": chat.Text("\u200b"), "a comment": chat.Markdown("<!-- x -->"), "a rule": chat.Markdown("---"), "an image": chat.Markdown("![](https://example.com/a.png)"),
		"a link of nothing": chat.Markdown("[]()"), "marks": chat.Markdown("****"), "no code": chat.Markdown("```\n```"), "an empty quote": chat.Markdown(">"), "an empty list": chat.Markdown("-\n-\n"), "an empty table": chat.Markdown("| |\n|-|\n"), "bold white space": chat.Markdown("**\u00a0**"),
		"quotes in quotes": chat.Markdown(strings.Repeat(">", 200) + "a"), "a fence in a fence": chat.Markdown("````\n```\na\n```\n````"), "fences": chat.Markdown("`````\n" + strings.Repeat("```\n", 800) + "`````"), "bytes": chat.Text("a\xff\xfeb"), "bytes in Markdown": chat.Markdown("a\xff **b\xc3**"), "raw that is empty": chat.Raw(" "),
		"a card of nothing": chat.Card(card.New("")), "a card of a rule": chat.Card(card.New("", card.NewDivider())), "an image that is none": chat.Card(card.New("T", card.NewImage("x", ""), card.NewImage("", "a"), card.NewImage("javascript:alert(1)", "a"))),
		"25 fields": fields(25, "n", "v"), "26 fields": fields(26, "n", "v"), "300 fields": fields(300, "n", "v"), "a long field": fields(2, long, long), "a field of nothing": fields(1, "", ""), "a field of white space": fields(1, " ", "\n"), "25 long fields": fields(25, strings.Repeat("n", 256), strings.Repeat("v", 1024)),
		"a long title": chat.Card(card.New(long, card.NewText("x"))), "a long text": chat.Card(card.New("T", card.NewText(long))), "many texts": chat.Card(card.New("T", card.NewText(strings.Repeat("a", 4096)), card.NewText(strings.Repeat("b", 4096)), card.NewText(strings.Repeat("c", 4096)))),
		"25 buttons": buttons(25, func(i int) *card.Button { return card.NewButton(fmt.Sprint("b", i), fmt.Sprint("L", i)) }), "26 buttons": buttons(26, func(i int) *card.Button { return card.NewButton(fmt.Sprint("b", i), fmt.Sprint("L", i)) }), "200 buttons": buttons(200, func(i int) *card.Button { return card.NewButton(fmt.Sprint("b", i), fmt.Sprint("L", i)) }),
		"the same button twice": buttons(2, func(int) *card.Button { return card.NewButton("b", "L").WithValue("v") }), "a button without a label": buttons(2, func(i int) *card.Button { return card.NewButton(fmt.Sprint("b", i), strings.Repeat("L", i)) }), "a label of white space": buttons(1, func(int) *card.Button { return card.NewButton("b", " ") }),
		"a long label": buttons(1, func(int) *card.Button { return card.NewButton("b", long) }), "a label of bytes": buttons(1, func(int) *card.Button { return card.NewButton("b\xff", "a\xff") }),
		"25 options": options(25, func(i int) *card.Option { return card.NewOption(fmt.Sprint("L", i), fmt.Sprint("v", i)) }), "26 options": options(26, func(i int) *card.Option { return card.NewOption(fmt.Sprint("L", i), fmt.Sprint("v", i)) }), "300 options": options(300, func(i int) *card.Option { return card.NewOption(fmt.Sprint("L", i), fmt.Sprint("v", i)) }),
		"the same option twice": options(2, func(int) *card.Option { return card.NewOption("L", "v") }), "no options": options(0, nil), "long options": options(3, func(i int) *card.Option { return card.NewOption(long, fmt.Sprint(i, long)) }), "an option without a label": options(2, func(i int) *card.Option { return card.NewOption("", fmt.Sprint(i)) }),
		"a link that is no link": chat.Card(card.New("T", card.NewActions(card.NewLinkButton("L", ""), card.NewLinkButton("L", "x"), card.NewLinkButton("L", "http://"), card.NewLinkButton("L", "ftp://x/y"), card.NewLinkButton("", "https://example.com")))), "a long link": chat.Card(card.New("T", card.NewActions(card.NewLinkButton("L", "https://example.com/"+strings.Repeat("a", 600))))),
		"no bytes": {Files: []chat.File{attackFile("a.txt", "")}}, "names of files": {Files: []chat.File{attackFile("a\"\r\nX: y\x00.txt", "a"), attackFile("../../etc/passwd", "a"), attackFile("\xff", "a"), attackFile(strings.Repeat("n", 10_000), "a"), attackFile(".", "a"), attackFile("", "a")}},
		"eleven files": {Text: "x", Files: []chat.File{attackFile("a", "1"), attackFile("a", "2"), attackFile("a", "3"), attackFile("a", "4"), attackFile("a", "5"), attackFile("a", "6"), attackFile("a", "7"), attackFile("a", "8"), attackFile("a", "9"), attackFile("a", "10"), attackFile("a", "11")}}, "an attachment of nothing": {Attachments: []chat.Attachment{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			_, err := r.PostMessage(t.Context(), attackThread, post)
			shown, failed := r.discord.Shown(t.Context(), attackThread)
			require.NoError(t, failed)
			if err != nil {
				t.Log(err)
				require.Empty(t, shown, "refused, and shown in part: %v", err)
				require.ErrorIs(t, err, chat.ErrInvalidArgument, "a mistake that Discord must find")
				return
			}
			require.NotEmpty(t, shown, "posted, and nothing is shown")
		})
	}
}

// TestAttackButtonIDs clicks buttons with ids and values of many lengths.
func TestAttackButtonIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, value string }{
		{strings.Repeat("i", 100), ""},
		{strings.Repeat("i", 101), ""},
		{strings.Repeat("i", 99), "v"},
		{strings.Repeat("i", 50), strings.Repeat("v", 49)},
		{strings.Repeat("i", 50), strings.Repeat("v", 50)},
		{strings.Repeat("😀", 25), ""},
		{strings.Repeat("😀", 50), ""},
		{strings.Repeat("😀", 49), "v"},
		{"i", strings.Repeat("v", 100_000)},
		{"a\nb", "c\nd"},
		{"a", "\n"},
		{"a\n", ""},
		{"\n", "\n"},
		{"~", "~"},
		{"~abc", ""},
		{"~gone456789012345678901234567890", ""},
		{"{\"a\":1}", "v"},
		{" a ", " v "},
		{"a\x00", "v\x00"},
		{"a:b|c", "d:e|f"},
		{"chat:a", ""},
		{"é", "ñ"},
	} {
		t.Run(fmt.Sprintf("%.20q %.20q %d", c.id, c.value, len(c.id)+len(c.value)), func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			_, err := r.PostMessage(t.Context(), attackThread, chat.Card(card.New("T", card.NewActions(card.NewButton(c.id, "OK").WithValue(c.value)))))
			if errors.Is(err, chat.ErrInvalidArgument) {
				return
			}
			require.NoError(t, err)
			shown, err := r.discord.Shown(t.Context(), attackThread)
			require.NoError(t, err)
			_, body, err := r.discord.Click(shown[len(shown)-1], attackUser, "OK")
			require.NoError(t, err)
			r.send(t, body)
			ev := next[*chat.ActionEvent](t, r)
			require.Equal(t, c.id, ev.ActionID)
			require.Equal(t, c.value, ev.Value)
		})
	}
}

// TestAttackIDs calls with ids that are none of Discord's. None gets into a path.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	r := newAttackRig(t)
	for _, id := range []chat.MessageID{"", ":", "-5", "+1457473602180878701", " 1457473602180878701", "1457473602180878701 ", "x", "../../users/@me", "1457473602180878701/../..", "1457473602180878701?x=1", "1457473602180878701#", "1457473602180878701%2f", "@me", "@original", "\x00", "１４５７４７３６０２１８０８７８７０１", "999999999999999999999999"} {
		for about, err := range map[string]error{
			"edit": r.EditMessage(t.Context(), attackThread, id, chat.Text(words)), "delete": r.DeleteMessage(t.Context(), attackThread, id), "react": r.AddReaction(t.Context(), attackThread, id, "heart"), "unreact": r.RemoveReaction(t.Context(), attackThread, id, "heart"),
		} {
			require.True(t, errors.Is(err, chat.ErrInvalidArgument) || errors.Is(err, chat.ErrNotFound), "%s %q %v", about, id, err)
			requireSecrecy(t, err.Error())
		}
	}
	for _, id := range []chat.ThreadID{"", "discord", "discord:", "discord::", "discord:1457473602180878600", "discord:1457473602180878600:../x", "discord:1457473602180878600:1457473602180878611:", "discord:1457473602180878600:1457473602180878611:1457473602180878611:1", "discord:@me", "discord:@me:", "Discord:1457473602180878600:1457473602180878611", "slack:1457473602180878600:1457473602180878611", "discord:1457473602180878600:1457473602180878611 "} {
		require.ErrorIs(t, attack.Second(r.PostMessage(t.Context(), id, chat.Text(words))), chat.ErrInvalidArgument, "%q", id)
		require.ErrorIs(t, attack.Second(r.DecodeThreadID(id)), chat.ErrInvalidArgument, "%q", id)
		require.ErrorIs(t, r.StartTyping(t.Context(), id, ""), chat.ErrInvalidArgument, "%q", id)
		require.ErrorIs(t, attack.Second(r.FetchChannel(t.Context(), chat.ChannelID(id))), chat.ErrInvalidArgument, "%q", id)
	}
	for _, id := range []chat.UserID{"", "0", "-5", "x", "@me", "+5", " 5", "1033044521375764530/", "103304452137576453012345"} {
		require.False(t, r.IsUserID(id), "%q", id)
	}
	for _, name := range []string{""} {
		require.Error(t, r.AddReaction(t.Context(), attackThread, attackMessage, name), "%q", name)
	}
	for _, address := range []string{"", "x", "https://discord.com/channels/", "https://evil.example/channels/1457473602180878600/1457473602180878611/1457473602180878701", "https://discord.com.evil.example/channels/1457473602180878600/1457473602180878611/1457473602180878701", "https://discord.com@evil.example/channels/1457473602180878600/1457473602180878611/1457473602180878701", "https://discord.com/channels/x/y/z", "javascript:discord.com/channels/1457473602180878600/1457473602180878611/1457473602180878701"} {
		_, _, err := r.ResolveLink(t.Context(), address)
		require.Error(t, err, "%q", address)
	}
	require.Error(t, attack.Second(r.PostMessage(t.Context(), attackThread, nil)))
	require.Empty(t, r.discord.Calls("GET /users/@me"))
}

// TestAttackAttachmentsElsewhere fetches files that are not Discord's. The token is for
// Discord alone, and messages cannot have the bot ask other servers.
func TestAttackAttachmentsElsewhere(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://evil.example/a", "http://169.254.169.254/latest/meta-data", "https://cdn.discordapp.com.evil.example/attachments/1/2/a", "https://cdn.discordapp.com@evil.example/attachments/1/2/a", "file:///etc/passwd", "//evil.example/a", "", "://", "http://cdn.discordapp.com/attachments/1/2/a"} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t, func(cfg *discord.Config) {
				cfg.HTTPClient = &http.Client{Transport: attack.Answer(func(req *http.Request) (*http.Response, error) {
					t.Errorf("%s is asked", req.URL)
					return answered(200, "x"), nil
				})}
			})
			body, err := r.FetchAttachment(t.Context(), &chat.Attachment{Type: "file", URL: address, FetchMetadata: map[string]string{"url": address}}, 100)
			require.Error(t, err)
			require.Nil(t, body)
		})
	}
}
