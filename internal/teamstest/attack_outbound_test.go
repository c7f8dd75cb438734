package teamstest

import (
	"context"
	"encoding/base64"
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

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

var attacked = faketeams.MessageID(channel, "1767224924999")

// calls has every call of an adapter to the Bot Connector.
var calls = map[string]func(ctx context.Context, a *teams.Adapter) error{
	"post": func(ctx context.Context, a *teams.Adapter) error {
		return attack.Second(a.PostMessage(ctx, faketeams.Thread(thread), &chat.Post{Text: words}))
	},
	"channel post": func(ctx context.Context, a *teams.Adapter) error {
		_, _, err := a.PostChannelMessage(ctx, chat.ChannelID(faketeams.Thread(channel)), &chat.Post{Markdown: words})
		return err
	},
	"card": func(ctx context.Context, a *teams.Adapter) error {
		return attack.Second(a.PostMessage(ctx, faketeams.Thread(personal), &chat.Post{Card: card.New(words, card.NewText(words))}))
	},
	"whisper": func(ctx context.Context, a *teams.Adapter) error {
		return attack.Second(a.PostEphemeral(ctx, faketeams.Thread(group), ada, &chat.Post{Text: words}))
	},
	"stream": func(ctx context.Context, a *teams.Adapter) error {
		_, _, err := a.StreamMessage(ctx, faketeams.Thread(personal), func(yield func(chat.Chunk, error) bool) { yield(chat.Chunk{Text: words}, nil) }, chat.StreamOptions{})
		return err
	},
	"edit": func(ctx context.Context, a *teams.Adapter) error {
		return a.EditMessage(ctx, faketeams.Thread(thread), attacked, &chat.Post{Text: words})
	},
	"delete": func(ctx context.Context, a *teams.Adapter) error {
		return a.DeleteMessage(ctx, faketeams.Thread(thread), attacked)
	},
	"react": func(ctx context.Context, a *teams.Adapter) error {
		return a.AddReaction(ctx, faketeams.Thread(thread), attacked, "heart")
	},
	"unreact": func(ctx context.Context, a *teams.Adapter) error {
		return a.RemoveReaction(ctx, faketeams.Thread(thread), attacked, "heart")
	},
	"typing": func(ctx context.Context, a *teams.Adapter) error {
		return a.StartTyping(ctx, faketeams.Thread(thread), words)
	},
	"dm": func(ctx context.Context, a *teams.Adapter) error { return attack.Second(a.OpenDM(ctx, ada)) },
}

// mayBeEmpty are the calls for which an answer without anything is one.
var mayBeEmpty = []string{"edit", "delete", "react", "unreact", "typing"}

func status(code int, body string, header ...string) attack.Answer {
	return attack.Always(code, body, append([]string{"Content-Type", "application/json; charset=utf-8"}, header...)...)
}

func breaking(code int, begin string) attack.Answer {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader(begin), iotest.ErrReader(io.ErrUnexpectedEOF))), Request: r}, nil
	}
}

// answering is a bot to which a host of Microsoft's answers so, and the others as ever.
func answering(t *testing.T, host string, with attack.Answer) *rig {
	t.Helper()
	s := newTeams(t)
	microsoft := s.Client().Transport
	r := newRigOn(t, s, botrig.Memory(t), func(c *teams.Config) {
		c.HTTPClient = &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "login.microsoftonline.com" && host != req.URL.Host || req.URL.Host == "login.botframework.com" && host != req.URL.Host {
				return microsoft.RoundTrip(req)
			}
			if req.URL.Host != host || req.URL.Scheme != "https" {
				t.Errorf("a call of %s, with a token: %v", req.URL.Redacted(), req.Header.Get("Authorization") != "")
			}
			return with.RoundTrip(req)
		})}
	})
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const (
	connectorHost = "smba.trafficmanager.net"
	tokenHost     = "login.microsoftonline.com"
)

// refusal is an error of the Bot Connector.
func refusal(code string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":"Bad '%s'","innerHttpError":{"statusCode":7,"body":{"x":%q}}}}`, code, words, words)
}

func requireRefusal(t *testing.T, method string, err, want error, wait time.Duration) {
	t.Helper()
	require.Error(t, err, method)
	requireSecrecy(t, err.Error())
	require.Less(t, len(err.Error()), 1000)
	failure, ok := errors.AsType[*chat.PlatformError](err)
	require.True(t, ok, "%s: %T %v", method, err, err)
	require.NotEmpty(t, failure.Op)
	require.NotZero(t, failure.Code, "%s: %v", method, err)
	require.GreaterOrEqual(t, failure.RetryAfter, wait)
	if want != nil {
		require.ErrorIs(t, err, want, method)
	}
}

// TestAttackAnswers has the Bot Connector answer each call with each refusal that is
// documented, and what is not.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#status-code-responses
func TestAttackAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		with attack.Answer
		want error
		wait time.Duration // at least
	}{
		"400": {with: status(400, refusal("Bad Argument")), want: chat.ErrInvalid}, "400 syntax": {with: status(400, refusal("BadSyntax")), want: chat.ErrInvalid}, "400 in HTML": {with: status(400, "<html>"+words), want: chat.ErrInvalid},
		"401": {with: status(401, refusal("BotNotRegistered")), want: chat.ErrAuthentication}, "401 Entra": {with: status(401, `{"message":"Authorization has been denied for this request."}`), want: chat.ErrAuthentication}, "401 in HTML": {with: status(401, "<html>"+words), want: chat.ErrAuthentication},
		"403 disabled": {with: status(403, refusal("BotDisabledByAdmin")), want: chat.ErrPermission}, "403 roster": {with: status(403, refusal("BotNotInConversationRoster")), want: chat.ErrPermission}, "403 blocked": {with: status(403, refusal("ConversationBlockedByUser")), want: chat.ErrPermission}, "403 personal": {with: status(403, refusal("ForbiddenOperationException")), want: chat.ErrPermission},
		"403 host": {with: status(403, refusal("InvalidBotApiHost")), want: chat.ErrPermission}, "403 permissions": {with: status(403, refusal("NotEnoughPermissions")), want: chat.ErrPermission}, "403 sub-code": {with: status(403, `{"subCode":"MessageWritesBlocked","errorCode":209,"message":"`+words+`"}`), want: chat.ErrPermission}, "403 in HTML": {with: status(403, "<html>"+words), want: chat.ErrPermission},
		"403 of the future": {with: status(403, refusal("Paradox")), want: chat.ErrPermission}, "404": {with: status(404, refusal("ConversationNotFound")), want: chat.ErrNotFound}, "404 activity": {with: status(404, refusal("ActivityNotFoundInConversation")), want: chat.ErrNotFound}, "404 in HTML": {with: status(404, "<html>"+words)}, "405": {with: status(405, refusal("MethodNotAllowed"))},
		"409": {with: status(409, refusal("Conflict"))}, "410": {with: status(410, "")}, "412": {with: status(412, refusal("PreconditionFailed"))}, "413": {with: status(413, refusal("MessageSizeTooBig"))}, "413 in HTML": {with: status(413, "<html>"+words)}, "415": {with: status(415, "")}, "451": {with: status(451, refusal("x"))},
		"429": {with: status(429, refusal("Throttled"), "Retry-After", "77"), want: chat.ErrRateLimited, wait: 77 * time.Second}, "429 bare": {with: status(429, ""), want: chat.ErrRateLimited}, "429 for ever": {with: status(429, refusal("Throttled"), "Retry-After", "9223372036854775807"), want: chat.ErrRateLimited}, "429 in the past": {with: status(429, refusal("Throttled"), "Retry-After", "-5"), want: chat.ErrRateLimited},
		"429 in words": {with: status(429, refusal("Throttled"), "Retry-After", "soon"), want: chat.ErrRateLimited}, "429 dated": {with: status(429, refusal("Throttled"), "Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT"), want: chat.ErrRateLimited}, "429 in HTML": {with: status(429, "<html>"+words), want: chat.ErrRateLimited},
		"500": {with: status(500, refusal("ServiceError")), want: chat.ErrTemporary}, "502": {with: status(502, refusal("ServiceError")), want: chat.ErrTemporary}, "502 in HTML": {with: status(502, "<html>"+words), want: chat.ErrTemporary}, "503": {with: status(503, ""), want: chat.ErrTemporary}, "503 until": {with: status(503, "", "Retry-After", "77"), want: chat.ErrTemporary}, "504": {with: status(504, `null`), want: chat.ErrTemporary},
		"an error of a text": {with: status(400, `{"error":"`+words+`"}`), want: chat.ErrInvalid}, "an error of numbers": {with: status(400, `{"error":{"code":7,"message":{"x":"`+words+`"}}}`), want: chat.ErrInvalid}, "a long error": {with: status(400, refusal(strings.Repeat("Bad. ", 50_000))), want: chat.ErrInvalid}, "an error of secrets": {with: status(400, refusal(words+"\n"+faketeams.AppPassword)), want: chat.ErrInvalid}, "errors": {with: status(400, `[{"error":{}}]`), want: chat.ErrInvalid},
		"200 in HTML": {with: status(200, "<html>"+words)}, "200 empty": {with: status(200, "")}, "200 with a number": {with: status(200, "7")}, "200 with null": {with: status(200, "null")}, "200 with nothing": {with: status(200, "{}")}, "200 with other types": {with: status(201, `{"id":{"x":"`+words+`"},"activityId":[]}`)}, "200 with half": {with: status(200, `{"id":"17`)}, "200 with an empty id": {with: status(201, `{"id":""}`)},
		"204": {with: status(204, "")}, "200 that breaks off": {with: breaking(201, `{"id":"17`)}, "500 that breaks off": {with: breaking(500, "{"), want: chat.ErrTemporary}, "hangs up": {with: func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, want: chat.ErrTemporary},
		"an error of the system": {with: func(r *http.Request) (*http.Response, error) {
			return nil, errors.New("cannot ask " + r.URL.Host)
		}, want: chat.ErrTemporary},
	} {
		for method, do := range calls {
			if name == "412" && method != "post" || errors.Is(c.want, chat.ErrRateLimited) && c.wait == 0 && method == "delete" {
				continue // a call that collides, and a deletion, wait a while and are made again
			}
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				r := answering(t, connectorHost, c.with)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				err := do(ctx, r.Adapter)
				require.NoError(t, ctx.Err(), "it does not end")
				if err == nil && strings.HasPrefix(name, "20") {
					require.Contains(t, mayBeEmpty, method, "an answer without an id")
					return
				}
				if err == nil && strings.HasPrefix(name, "404") && method == "unreact" {
					return // there is none
				}
				requireRefusal(t, method, err, c.want, c.wait)
			})
		}
	}
}

// TestAttackRedirects has Microsoft's addresses lead elsewhere, where neither a token nor a
// text may go.
func TestAttackRedirects(t *testing.T) {
	t.Parallel()
	for _, code := range []int{302, 307, 308} {
		for _, to := range []string{"https://evil.example/x", "http://smba.trafficmanager.net/x", "https://evil.trafficmanager.net/x", "://", ""} {
			r := answering(t, connectorHost, status(code, "", "Location", to))
			for method, do := range calls {
				requireRefusal(t, method, do(t.Context(), r.Adapter), nil, 0)
			}
			r = answering(t, tokenHost, status(code, "", "Location", to))
			requireRefusal(t, "token", calls["post"](t.Context(), r.Adapter), nil, 0)
			r = answering(t, "login.botframework.com", status(code, "", "Location", to))
			require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, hookOf(t, "mention")).Code)
		}
	}
}

// TestAttackTokenAnswers has Microsoft Entra refuse the token, or answer rubbish.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func TestAttackTokenAnswers(t *testing.T) {
	t.Parallel()
	entra := func(name, description string) string {
		return fmt.Sprintf(`{"error":%q,"error_description":%q,"error_codes":[7000215],"trace_id":"t","correlation_id":"c"}`, name, description)
	}
	quoting := "AADSTS7000215: Invalid client secret provided: " + faketeams.AppPassword
	for name, c := range map[string]struct {
		with attack.Answer
		want error
	}{
		"a wrong secret": {status(401, entra("invalid_client", quoting)), chat.ErrAuthentication}, "no such app": {status(400, entra("unauthorized_client", "AADSTS700016: "+words)), chat.ErrAuthentication}, "no such tenant": {status(400, entra("invalid_request", "AADSTS90002: "+words)), nil}, "a wrong scope": {status(400, entra("invalid_scope", "AADSTS70011")), nil},
		"401 in HTML": {status(401, "<html>"+words), chat.ErrAuthentication}, "403": {status(403, ""), nil}, "404": {status(404, "<html>"+words), nil}, "429": {status(429, entra("temporarily_unavailable", words), "Retry-After", "77"), chat.ErrRateLimited}, "429 for ever": {status(429, "", "Retry-After", "9223372036854775807"), chat.ErrRateLimited},
		"500": {status(500, entra("server_error", words)), chat.ErrTemporary}, "503": {status(503, ""), chat.ErrTemporary}, "504 in HTML": {status(504, "<html>"+words), chat.ErrTemporary}, "other types": {status(400, `{"error":7,"error_description":[],"error_codes":"x"}`), nil}, "a long error": {status(400, entra(strings.Repeat("x", 100_000), words)), nil}, "an error that is a secret": {status(400, entra(faketeams.AppPassword, words)), nil},
		"200 in HTML": {status(200, "<html>"+words), nil}, "200 empty": {status(200, ""), nil}, "null": {status(200, "null"), nil}, "no token": {status(200, `{"token_type":"Bearer","expires_in":3599}`), nil}, "an empty token": {status(200, `{"access_token":"","expires_in":3599}`), nil}, "a token of a number": {status(200, `{"access_token":7}`), nil}, "half": {status(200, `{"access_token":"eyJhbGciOi`), nil},
		"breaks off": {breaking(200, `{"access_token":"eyJhbGciOi`), nil}, "hangs up": {func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, chat.ErrTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, tokenHost, func(req *http.Request) (*http.Response, error) { // or the Bot Connector, which must not be asked
				return c.with(req)
			})
			for method, do := range calls {
				requireRefusal(t, method, do(t.Context(), r.Adapter), c.want, 0)
			}
		})
	}
}

// TestAttackTokensThatExpireAtOnce has tokens with odd times, and with types of other
// kinds: each is used at least once, and a call is not made for ever.
func TestAttackTokensThatExpireAtOnce(t *testing.T) {
	t.Parallel()
	for _, expiry := range []string{"0", "-5", `"3599"`, "1e300", "null", "9223372036854775807", `"soon"`} {
		r := newAttacked(t)
		r.teams.Fail("token", faketeams.Failure{Status: 200, Body: `{"token_type":"Bearer","access_token":"fake-token-x","expires_in":` + expiry + `}`})
		if err := calls["post"](t.Context(), r.Adapter); err != nil {
			requireRefusal(t, expiry, err, nil, 0) // the token is none that the fake has given
		}
		require.NoError(t, calls["post"](t.Context(), r.Adapter), "%s: the next token is good", expiry)
		require.LessOrEqual(t, len(r.teams.Calls("token")), 4, expiry)
	}
}

// TestAttackSilence ends each call with its context while Microsoft says nothing, or
// never ends what it says.
func TestAttackSilence(t *testing.T) {
	t.Parallel()
	for about, with := range map[string]attack.Answer{
		"silent": attack.Silent,
		"endless": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: r.Context()}), Request: r}, nil
		},
		"endless refusal": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: io.NopCloser(attack.Endless{Context: r.Context()}), Request: r}, nil
		},
	} {
		for _, host := range []string{connectorHost, tokenHost} {
			for method, do := range calls {
				if method == "stream" {
					continue // what was streamed is said in 10 seconds more, and what the rate limit allows
				}
				t.Run(about+"/"+host+"/"+method, func(t *testing.T) {
					t.Parallel()
					r := answering(t, host, with)
					ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
					defer cancel()
					err := do(ctx, r.Adapter)
					if err == nil {
						require.Equal(t, "endless", about)
						require.Contains(t, mayBeEmpty, method)
						return
					}
					requireSecrecy(t, err.Error())
					if about == "silent" {
						require.ErrorIs(t, err, context.DeadlineExceeded)
					}
				})
			}
		}
	}
}

// TestAttackCollisions has calls collide with others in their conversation a few times:
// they are made once in the end.
func TestAttackCollisions(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	collision := faketeams.Failure{Status: 412, Code: "PreconditionFailed", Message: words}
	r.teams.Fail("sendToConversation", collision, collision)
	id, err := r.PostMessage(t.Context(), faketeams.Thread(personal), &chat.Post{Text: "a"})
	require.NoError(t, err)
	shown, err := r.teams.Shown(t.Context(), faketeams.Thread(personal))
	require.NoError(t, err)
	require.Len(t, shown, 1)
	r.teams.Fail("updateActivity", collision)
	require.NoError(t, r.EditMessage(t.Context(), faketeams.Thread(personal), id, &chat.Post{Text: "b"}))
	require.Equal(t, "b", r.teams.Activity(id)["text"])
}

// TestAttackRevokedToken has the token stop working: the call is made with another, and
// so is the download of a file.
func TestAttackRevokedToken(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	for range 3 {
		require.NoError(t, calls["post"](t.Context(), r.Adapter))
		r.teams.Revoke()
	}
	shown, err := r.teams.Shown(t.Context(), faketeams.Thread(thread))
	require.NoError(t, err)
	require.Len(t, shown, 3)
	picture := &chat.Attachment{FetchMetadata: map[string]string{"url": r.teams.AddFile("picture", []byte("pixels"), true), "serviceUrl": faketeams.ServiceURL}}
	for range 2 {
		content, err := r.FetchAttachment(t.Context(), picture, 10)
		require.NoError(t, err)
		data, err := io.ReadAll(content)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		require.Equal(t, "pixels", string(data))
		r.teams.Revoke()
	}
}

// TestAttackPosts posts what an author did not mean, or meant ill: it is refused whole, or
// shown.
func TestAttackPosts(t *testing.T) {
	t.Parallel()
	for name, post := range map[string]*chat.Post{
		"nothing": {}, "white space": {Text: " \n\t"}, "no Markdown": {Markdown: " "}, "NUL": {Text: "\x00"}, "controls": {Text: "a\x00\x01\x1b[31m\u202eb"}, "bytes": {Text: "a\xff\xfeb"}, "bytes in Markdown": {Markdown: "a\xff **b\xc3** c"}, "raw bytes": {Raw: "a\xff"},
		"links": {Markdown: "[a](javascript:alert(1)) [b](data:text/html,x) <javascript:alert(1)>"}, "a comment": {Markdown: "<!-- x -->"}, "a rule": {Markdown: "---"}, "an image of nothing": {Markdown: "![]()"}, "marks": {Markdown: "****"}, "an open fence": {Markdown: "```\n<at>x</at>"}, "mentions by hand": {Text: "<at>Everyone</at> <at id=\"0\">x</at> </at>"},
		"mentions by hand in Markdown": {Markdown: "<at>Everyone</at> a<at>\n\n<at>b"}, "mentions of nobody": {Markdown: "<@x> <@> <@29:" + strings.Repeat("9", 5000) + "> <@29:a b>"}, "quotes in quotes": {Markdown: strings.Repeat(">", 2000) + "a"}, "brackets": {Text: strings.Repeat("[", 40_000)}, "backslashes": {Text: strings.Repeat(`\`, 40_000)}, "ampersands": {Text: strings.Repeat("&<>", 20_000)}, "letters of four bytes": {Text: strings.Repeat("𝒳", 30_000)}, "a word": {Text: strings.Repeat("a", 70_000)},
		"a card that breaks out": {Card: card.New("# T\n```", card.NewText("|a|\n|-|\n<b>"), card.NewText(""), card.NewText("[x](javascript:x)"))}, "bytes in a card": {Card: card.New("a\xff", card.NewFields(card.NewField("\xff", "\xfe")))}, "a card without words": {Card: card.New("", card.NewActions(card.NewButton("x", " ")))}, "a long card": {Card: card.New("T", card.NewText(strings.Repeat("a ", 60_000)))},
		"an attachment of nothing": {Attachments: []chat.Attachment{{}}}, "an attachment elsewhere": {Attachments: []chat.Attachment{{URL: "javascript:alert(1)", Name: "](x"}}}, "names of files": {Files: []chat.File{{Name: "a\r\nX: y\"\x00.txt", Content: strings.NewReader("a")}}}, "a picture that is none": {Files: []chat.File{{Name: "a.png", Content: strings.NewReader("a")}}},
		"a picture that is large": {Files: []chat.File{{Name: "a.png", Content: strings.NewReader("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 3<<20))}}}, "a file that breaks off": {Text: "a", Files: []chat.File{{Name: "a.png", Content: io.MultiReader(strings.NewReader("\x89PNG\r\n\x1a\n"+words), iotest.ErrReader(io.ErrUnexpectedEOF))}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttacked(t)
			for _, conversation := range []string{personal, group, thread} {
				_, err := r.PostMessage(t.Context(), faketeams.Thread(conversation), post)
				shown, failed := r.teams.Shown(t.Context(), faketeams.Thread(conversation))
				require.NoError(t, failed)
				if err != nil {
					requireSecrecy(t, err.Error())
					require.Empty(t, shown, "refused, and shown in part: %v", err)
					continue
				}
				if post.Files == nil { // its content was read
					require.NotEmpty(t, shown)
				}
				for _, p := range shown {
					require.Empty(t, p.Mentions)
				}
			}
			for _, c := range r.teams.Calls("sendToConversation") {
				text, _ := c.Body["text"].(string)
				require.True(t, utf8.ValidString(text))
			}
		})
	}
}

// TestAttackIDs calls with ids that are none of Teams', and with threads whose service URL
// is not Microsoft's: a token goes to nobody else.
func TestAttackIDs(t *testing.T) {
	t.Parallel()
	r := newAttacked(t)
	post := &chat.Post{Text: words}
	coded := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	at := func(conversation, service string) chat.ThreadID {
		return chat.ThreadID("teams:" + coded(conversation) + ":" + coded(service))
	}
	ids := append(features().Foreign, "", ":", "teams", "teams:", "teams::", "teams:%:%", "slack:"+faketeams.Thread(thread)[6:], "Teams"+faketeams.Thread(thread)[5:], chat.ThreadID("teams:"+coded(thread)), at("", faketeams.ServiceURL), at(thread, ""), faketeams.Thread(thread)+":a:b:c", chat.ThreadID("teams:"+strings.Repeat("a", 1<<20)+":x"),
		at(thread, "https://evil.example/"), at(thread, "https://evil.trafficmanager.net/"), at(thread, "http://smba.trafficmanager.net/amer/"), at(thread, "https://smba.trafficmanager.net@evil.example/"), at(thread, "https://evil.example/?smba.trafficmanager.net"), at(thread, "://"), at(thread, "\x00"), at("19:a\x00b", faketeams.ServiceURL), at("..", faketeams.ServiceURL), at(".", faketeams.ServiceURL))
	for _, id := range ids {
		for about, err := range map[string]error{
			"post": attack.Second(r.PostMessage(t.Context(), id, post)), "edit": r.EditMessage(t.Context(), id, attacked, post), "delete": r.DeleteMessage(t.Context(), id, attacked), "react": r.AddReaction(t.Context(), id, attacked, "heart"), "typing": r.StartTyping(t.Context(), id, ""), "whisper": attack.Second(r.PostEphemeral(t.Context(), id, ada, post)),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %.80q", about, id)
			requireSecrecy(t, err.Error())
		}
	}
	for _, id := range []chat.MessageID{"", "\x00", ":", "x", "1767224924999", faketeams.MessageID(channel, ""), faketeams.MessageID(channel, ".."), faketeams.MessageID(group, "1"), "%:1", chat.MessageID(":" + strings.Repeat("1", 100))} {
		for about, err := range map[string]error{
			"edit": r.EditMessage(t.Context(), faketeams.Thread(thread), id, post), "delete": r.DeleteMessage(t.Context(), faketeams.Thread(thread), id), "react": r.AddReaction(t.Context(), faketeams.Thread(thread), id, "heart"), "unreact": r.RemoveReaction(t.Context(), faketeams.Thread(thread), id, "heart"),
		} {
			require.ErrorIs(t, err, chat.ErrInvalidArgument, "%s %q", about, id)
		}
	}
	for _, id := range []chat.UserID{"", "1", "29:", "28:" + faketeams.AppID, "29:a/../b", "29:a b\x00", "8:orgid:x"} {
		err := attack.Second(r.Adapter.OpenDM(t.Context(), id))
		require.Error(t, err, "%q", id)
		requireSecrecy(t, err.Error())
	}
	require.Empty(t, r.teams.Calls("sendToConversation"))
	require.Empty(t, r.teams.Calls("updateActivity"))
	require.ErrorIs(t, attack.Second(r.PostMessage(t.Context(), faketeams.Thread(thread), nil)), chat.ErrInvalidArgument)
}
