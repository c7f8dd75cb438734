package discordtest

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

const (
	// words stand in every text here. Neither errors nor logs may hold them.
	words = "pr1vate w0rds"

	attackServer  = "1457473602180878600"
	attackChannel = "1457473602180878611"
	attackUser    = "1033044521375764530"
	attackThread  = chat.ThreadID("discord:" + attackServer + ":" + attackChannel)
)

func newAttackRig(t *testing.T, change ...func(*discord.Config)) *rig {
	t.Helper()
	r := newRig(t, change...)
	r.discord.AddChannel(fakediscord.Channel{ID: attackChannel, GuildID: attackServer, Name: "general"})
	r.discord.AddUser(attackUser, "ada")
	r.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		r.handled <- ev
		return chat.ModalAnswer{}, nil
	})
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

func requireSecrecy(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{fakediscord.Token, words, "token-of_", "t0ken-of"} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in %.500q", s, text)
		}
	}
}

var attackIDs atomic.Int64

// numbered has an id of its own where there is a "#".
func numbered(text string) string {
	return strings.ReplaceAll(text, "#", fmt.Sprint(1460000000000000000+attackIDs.Add(1)<<22))
}

// forward sends an event as a listener of the TypeScript SDK does.
func (r *rig) forward(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	return r.request(t, http.MethodPost, "/webhooks/discord", strings.NewReader(body), http.Header{"X-Discord-Gateway-Token": {fakediscord.Token}})
}

func (r *rig) request(t *testing.T, method, path string, body io.Reader, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, body)
	req.Header = header
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	requireSecrecy(t, w.Body.String())
	return w
}

func forwards(kind, data string) string {
	return fmt.Sprintf(`{"type":"GATEWAY_%s","timestamp":%d,"data":%s}`, kind, 1767225600000+attackIDs.Add(1), data)
}

// signature returns the headers of a webhook of Discord's.
func (r *rig) signature(t *testing.T, body string, at time.Time) http.Header {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	r.discord.Sign(req, []byte(body), at)
	return req.Header
}

// taken sends a webhook twice. What is taken is handled once, as the number of events;
// what is not is refused both times. An interaction is sent once: TestAttackOrder and
// TestAttackReplays have them come again.
func (r *rig) taken(t *testing.T, send func(*testing.T, string) *httptest.ResponseRecorder, body string, events int) bool {
	t.Helper()
	w := send(t, body)
	for w.Code == http.StatusServiceUnavailable && t.Context().Err() == nil { // a slow machine; the test's timeout ends it
		w = send(t, body)
	}
	if w.Code >= 300 {
		require.Equal(t, http.StatusBadRequest, w.Code, "%s %.600s\n%s", w.Body, body, r.log)
		require.Equal(t, http.StatusBadRequest, send(t, body).Code)
		return false
	}
	requireResponse(t, w)
	for range events {
		select {
		case <-r.handled:
		case <-time.After(botrig.Patience):
			t.Errorf("answered %d and not handled: %.900s", w.Code, body)
		}
	}
	if strings.Contains(body, "t0ken-of") {
		return true // a click that comes again waits for its handler
	}
	again := send(t, body)
	require.Less(t, again.Code, 300, "%s again: %.600s\n%s", again.Body, body, r.log)
	requireResponse(t, again)
	return true
}

// requireResponse checks that what an interaction was answered with is a response.
func requireResponse(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Body.Len() == 0 || w.Code >= 300 {
		return
	}
	var response map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &response), "%s", w.Body)
	if _, ok := response["type"]; ok {
		require.Empty(t, fakediscord.CheckResponse(response), "%s", w.Body)
	}
}

// done waits for what still runs, and checks that nothing else has been handled.
func (r *rig) done(t *testing.T) {
	t.Helper()
	for _, in := range r.rest(t) {
		t.Errorf("handled too much: %T %.300s", in, rawOf(in))
	}
}

// rest checks that the bot handles one more message, shuts it down, and returns what else
// it has handled.
func (r *rig) rest(t *testing.T) (all []chat.Inbound) {
	t.Helper()
	w := r.forward(t, forwards("MESSAGE_CREATE", numbered(simple("the last"))))
	require.Less(t, w.Code, 300, w.Body)
	for last := false; !last; {
		select {
		case in := <-r.handled:
			m, ok := in.(*chat.Message)
			if last = ok && m.Text == "the last"; !last {
				all = append(all, in)
			}
		case <-time.After(botrig.Patience):
			require.Fail(t, "the bot handles nothing any more", r.log)
		}
	}
	require.NoError(t, r.Chat.Shutdown(context.WithoutCancel(t.Context())))
	return append(all, botrig.Rest(r.handled)...)
}

func rawOf(in chat.Inbound) []byte {
	data, _ := json.Marshal(in)
	return data
}

func simple(text string) string {
	return fmt.Sprintf(`{"id":"#","type":0,"channel_id":"%s","guild_id":"%s",%s,"content":%q,"timestamp":"2026-01-01T00:00:00.000000+00:00","mentions":[]}`, attackChannel, attackServer, author, text)
}

const (
	author = `"author":{"id":"1033044521375764530","username":"ada","global_name":"Ada","discriminator":"0","avatar":null,"bot":false,"public_flags":0}`
	inside = `"channel_id":"1457473602180878611","guild_id":"1457473602180878600"`
	member = `"member":{"roles":["1457473602180878604"],"nick":"A","joined_at":"2025-01-01T00:00:00+00:00","user":{"id":"1033044521375764530","username":"ada","global_name":"Ada"}}`
	asked  = `"id":"#","application_id":"1457469483726668048","token":"t0ken-of","version":1,` + inside + `,"channel":{"id":"1457473602180878611","guild_id":"1457473602180878600","type":0,"name":"general"},` + member + `,"locale":"de","entitlements":[],"context":0`
	whole  = `"id":"#","type":0,` + inside + `,` + author + `,"member":{"roles":[],"nick":null},"content":"` + words + ` <@1457469483726668048> <@&1457473602180878604> <\u00231457473602180878611> **x** https://example.com",` +
		`"timestamp":"2026-01-01T00:00:00.000000+00:00","tts":false,"pinned":false,"flags":0,"nonce":"1","mention_everyone":false,"mention_roles":["1457473602180878604"],"mentions":[{"id":"1457469483726668048","username":"The Bot","bot":true}],` +
		`"attachments":[{"id":"1457473602180878700","filename":"` + words + `.png","size":7,"url":"https://cdn.discordapp.com/attachments/1/2/a.png?ex=1","proxy_url":"https://media.discordapp.net/a","content_type":"image/png","width":9,"height":9}],` +
		`"embeds":[{"type":"rich","title":"` + words + `","description":"d","url":"https://example.com","fields":[{"name":"n","value":"v"}],"image":{"url":"https://example.com/a.png"}}],"components":[],"sticker_items":[{"id":"1","name":"s","format_type":1}],` +
		`"message_reference":{"type":0,"message_id":"1457473602180878701","channel_id":"1457473602180878611","guild_id":"1457473602180878600"},"referenced_message":{"id":"1457473602180878701","type":0,` + inside + `,` + author + `,"content":"` + words + `","timestamp":"2026-01-01T00:00:00+00:00","mentions":[],"attachments":[],"embeds":[]}`
)

// attackEvents has an event of each kind with its fields, and "#" for a number of its
// own. https://docs.discord.com/developers/events/gateway-events
var attackEvents = map[string]string{
	"MESSAGE_CREATE":          `{` + whole + `,"edited_timestamp":null}`,
	"MESSAGE_UPDATE":          `{` + whole + `,"edited_timestamp":"2026-01-01T00:00:05.000000+00:00"}`,
	"MESSAGE_DELETE":          `{"id":"#",` + inside + `}`,
	"MESSAGE_REACTION_ADD":    `{"user_id":"1033044521375764530","message_id":"#",` + inside + `,` + member + `,"emoji":{"id":null,"name":"👍","animated":false},"message_author_id":"1","burst":false,"type":0}`,
	"MESSAGE_REACTION_REMOVE": `{"user_id":"1033044521375764530","message_id":"#",` + inside + `,"emoji":{"id":"1457473602180878702","name":"own"},"burst":false,"type":0}`,
	"MESSAGE_POLL_VOTE_ADD":   `{"user_id":"1033044521375764530","message_id":"#",` + inside + `,"answer_id":1}`,
	"GUILD_MEMBER_ADD":        `{"guild_id":"1457473602180878600","user":{"id":"#","username":"bob"},"roles":[],"joined_at":"2026-01-01T00:00:00+00:00"}`,
	"TIME_TRAVEL_START":       `{"id":"#","words":"` + words + `"}`,
	"THREAD_MEMBERS_UPDATE": `{"id":"1457473602180878703","guild_id":"1457473602180878600","member_count":3,"added_members":[{"id":"1457473602180878703","user_id":"#","join_timestamp":"2026-01-01T00:00:00+00:00","flags":0,"member":{"user":{"id":"1033044521375764530","username":"ada"}}}],` +
		`"removed_member_ids":[]}`,
	"GUILD_DELETE": `{"id":"#","unavailable":false}`,
}

var attackInteractions = map[string]string{
	"command": `{"type":2,` + asked + `,"data":{"id":"1457473602180878666","type":1,"name":"ticket","options":[{"name":"new","type":1,"options":[{"name":"subject","type":3,"value":"` + words + `"},{"name":"who","type":6,"value":"1033044521375764530"},{"name":"n","type":4,"value":7}]}],` +
		`"resolved":{"users":{"1033044521375764530":{"id":"1033044521375764530","username":"ada"}}}}}`,
	"click":        `{"type":3,` + asked + `,"data":{"custom_id":"ok\n` + words + `","component_type":2},"message":{` + whole + `}}`,
	"menu":         `{"type":3,` + asked + `,"data":{"custom_id":"pick","component_type":3,"values":["` + words + `"]},"message":{` + whole + `}}`,
	"autocomplete": `{"type":4,` + asked + `,"data":{"id":"1457473602180878666","type":1,"name":"ticket","options":[{"name":"subject","type":3,"value":"` + words + `","focused":true}]}}`,
	"form":         `{"type":5,` + asked + `,"data":{"custom_id":"form","components":[{"type":1,"components":[{"type":4,"custom_id":"a","value":"` + words + `"}]},{"type":18,"id":2,"component":{"type":3,"custom_id":"b","values":["x"]}}]}}`,
}

// wrongs are values that stand where another was.
var wrongs = []string{
	`null`, `true`, `""`, `"x"`, `"../x?y#z"`, `"\u0000"`, `"\ud83d"`, `0`, `-1`, `1.5`, `99`, `9007199254740993`, `9223372036854775808`, `1e400`, `"99999999999999999999999"`,
	`[]`, `{}`, `[null]`, `[[]]`, `[{}]`, `["x"]`, `{"id":{}}`,
}

func TestAttackFieldsOfWrongTypes(t *testing.T) {
	t.Parallel()
	type subject struct {
		data   string
		send   func(r *rig) func(*testing.T, string) *httptest.ResponseRecorder
		body   func(data string) string
		events int
	}
	all := map[string]subject{}
	for kind, data := range attackEvents {
		all[kind] = subject{data, func(r *rig) func(*testing.T, string) *httptest.ResponseRecorder { return r.forward }, func(data string) string { return forwards(kind, data) }, 1}
	}
	for kind, data := range attackInteractions {
		s := subject{data, func(r *rig) func(*testing.T, string) *httptest.ResponseRecorder { return r.deliver }, func(data string) string { return data }, 1}
		if kind == "autocomplete" {
			s.events = 0
		}
		all[kind] = s
	}
	// Where these are other than they were, nothing has happened, more has, or it is another kind.
	nothing := []string{"MESSAGE_UPDATE.edited_timestamp", "MESSAGE_UPDATE.author", "MESSAGE_UPDATE.type", "THREAD_MEMBERS_UPDATE.added_members", "THREAD_MEMBERS_UPDATE.removed_member_ids", "GUILD_DELETE.unavailable", "command.type", "click.type", "menu.type", "form.type", "autocomplete.type"}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := all[name]
			r, other := newAttackRig(t), newAttackRig(t)
			send := s.send(r)
			require.True(t, r.taken(t, send, s.body(numbered(s.data)), s.events), "as it should be: %s", r.log)
			var v map[string]any
			require.NoError(t, json.Unmarshal([]byte(numbered(s.data)), &v))
			taken := 0
			for _, path := range attack.Paths(v) {
				at := name + "." + strings.Join(path, ".")
				for _, value := range append(wrongs, "") {
					var u map[string]any
					d := json.NewDecoder(strings.NewReader(numbered(s.data)))
					d.UseNumber()
					require.NoError(t, d.Decode(&u))
					attack.Replace(u, path, value)
					data, err := json.Marshal(u)
					require.NoError(t, err)
					body := s.body(string(data))
					if slices.ContainsFunc(nothing, func(s string) bool { return strings.HasPrefix(at, s) && !strings.HasPrefix(at, s+"_") }) {
						w := s.send(other)(t, body)
						require.Less(t, w.Code, 500, "%s=%s %s", at, value, w.Body)
						continue
					}
					if r.taken(t, send, body, s.events) {
						taken++
					}
					if t.Failed() {
						t.Fatalf("%s=%s", at, value)
					}
				}
			}
			require.Positive(t, taken)
			r.done(t)
			other.rest(t)
		})
	}
}

// TestAttackSignatures forges webhooks.
// https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint
func TestAttackSignatures(t *testing.T) {
	t.Parallel()
	const sig, ts, token = "X-Signature-Ed25519", "X-Signature-Timestamp", "X-Discord-Gateway-Token"
	body := numbered(attackInteractions["command"])
	now := time.Now()
	_, otherKey, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	seconds := fmt.Sprint(now.Unix())
	forge := func(change func(h http.Header)) func(*testing.T, *rig) http.Header {
		return func(t *testing.T, r *rig) http.Header {
			h := r.signature(t, body, now)
			change(h)
			return h
		}
	}
	for about, header := range map[string]func(*testing.T, *rig) http.Header{
		"none":                func(*testing.T, *rig) http.Header { return http.Header{} },
		"no signature":        forge(func(h http.Header) { h.Del(sig) }),
		"no time":             forge(func(h http.Header) { h.Del(ts) }),
		"empty":               forge(func(h http.Header) { h.Set(sig, "") }),
		"an empty time":       forge(func(h http.Header) { h.Set(ts, "") }),
		"zeros":               forge(func(h http.Header) { h.Set(sig, strings.Repeat("0", 128)) }),
		"no digits":           forge(func(h http.Header) { h.Set(sig, strings.Repeat("g", 128)) }),
		"half":                forge(func(h http.Header) { h.Set(sig, h.Get(sig)[:64]) }),
		"a digit less":        forge(func(h http.Header) { h.Set(sig, h.Get(sig)[:127]) }),
		"two digits more":     forge(func(h http.Header) { h.Set(sig, h.Get(sig)+"00") }),
		"twice":               forge(func(h http.Header) { h.Set(sig, h.Get(sig)+h.Get(sig)) }),
		"a long one":          forge(func(h http.Header) { h.Set(sig, strings.Repeat("ab", 1<<20)) }),
		"a bit of it":         forge(func(h http.Header) { h.Set(sig, flipped(h.Get(sig))) }),
		"another time":        forge(func(h http.Header) { h.Set(ts, fmt.Sprint(now.Unix()+1)) }),
		"a time and a zero":   forge(func(h http.Header) { h.Set(ts, "0"+seconds) }),
		"a time of words":     forge(func(h http.Header) { h.Set(ts, "now") }),
		"a huge time":         forge(func(h http.Header) { h.Set(ts, "9223372036854775807") }),
		"a time in exponents": forge(func(h http.Header) { h.Set(ts, "1e9") }),
		"the first is wrong":  forge(func(h http.Header) { h[http.CanonicalHeaderKey(sig)] = []string{strings.Repeat("0", 128), h.Get(sig)} }),
		"another body's":      func(t *testing.T, r *rig) http.Header { return r.signature(t, body+" ", now) },
		"none's":              func(t *testing.T, r *rig) http.Header { return r.signature(t, "", now) },
		"six minutes ago":     func(t *testing.T, r *rig) http.Header { return r.signature(t, body, time.Now().Add(-6*time.Minute)) },
		"in six minutes":      func(t *testing.T, r *rig) http.Header { return r.signature(t, body, time.Now().Add(6*time.Minute)) },
		"of 1970":             func(t *testing.T, r *rig) http.Header { return r.signature(t, body, time.Unix(0, 0)) },
		"before 1970":         func(t *testing.T, r *rig) http.Header { return r.signature(t, body, time.Unix(-5, 0)) },
		"another key's": func(*testing.T, *rig) http.Header {
			return http.Header{http.CanonicalHeaderKey(sig): {hex.EncodeToString(ed25519.Sign(otherKey, []byte(seconds+body)))}, ts: {seconds}}
		},
		"a part of the body belongs to the time": func(t *testing.T, r *rig) http.Header {
			h := r.signature(t, seconds[5:]+body, now)
			return h
		},
		"an empty token":    func(*testing.T, *rig) http.Header { return http.Header{token: {""}} },
		"half a token":      func(*testing.T, *rig) http.Header { return http.Header{token: {fakediscord.Token[:20]}} },
		"more than a token": func(*testing.T, *rig) http.Header { return http.Header{token: {fakediscord.Token + "0"}} },
		"Bot and a token":   func(*testing.T, *rig) http.Header { return http.Header{token: {"Bot " + fakediscord.Token}} },
		"the second token":  func(*testing.T, *rig) http.Header { return http.Header{token: {"x", fakediscord.Token}} },
		"Authorization":     func(*testing.T, *rig) http.Header { return http.Header{"Authorization": {"Bot " + fakediscord.Token}} },
		"the public key":    func(_ *testing.T, r *rig) http.Header { return http.Header{token: {r.discord.PublicKey()}} },
		"the application":   func(*testing.T, *rig) http.Header { return http.Header{token: {fakediscord.ApplicationID}} },
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			for _, change := range []func(*discord.Config){func(*discord.Config) {}, func(c *discord.Config) { c.PublicKey = "" }} {
				r := newAttackRig(t, change)
				for _, b := range []string{body, forwards("MESSAGE_CREATE", numbered(attackEvents["MESSAGE_CREATE"])), `{"type":1}`, "", "x", strings.Repeat("x", 20<<20)} {
					if about == "none's" && b == "" {
						continue // it is its signature
					}
					w := r.request(t, http.MethodPost, "/webhooks/discord", strings.NewReader(b), header(t, r).Clone())
					require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge}, w.Code, "%s %.100s", w.Body, b)
					require.NotContains(t, w.Body.String(), r.discord.PublicKey())
				}
				r.quiet(t)
			}
		})
	}
	for about, ago := range map[string]time.Duration{"four minutes ago": 4 * time.Minute, "in four minutes": -4 * time.Minute} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			w := r.request(t, http.MethodPost, "/webhooks/discord", strings.NewReader(body), r.signature(t, body, time.Now().Add(-ago)))
			require.Less(t, w.Code, 300)
			next[*chat.SlashCommandEvent](t, r)
		})
	}
}

func flipped(signature string) string {
	b := []byte(signature)
	if b[10] == '0' {
		b[10] = '1'
	} else {
		b[10] = '0'
	}
	return string(b)
}

func TestAttackRequests(t *testing.T) {
	t.Parallel()
	r := newAttackRig(t)
	signed := func(method, path, body string) int {
		return r.request(t, method, path, strings.NewReader(body), r.signature(t, body, time.Now())).Code
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "post", "TEACUP"} {
		require.Contains(t, []int{http.StatusMethodNotAllowed, http.StatusUnauthorized}, signed(method, "/webhooks/discord", numbered(attackInteractions["command"])), method)
	}
	for _, path := range []string{"/webhooks/discords", "/webhooks/", "/webhooks/Discord"} {
		require.Equal(t, http.StatusNotFound, signed(http.MethodPost, path, numbered(attackInteractions["command"])), path)
	}
	command := numbered(attackInteractions["command"])
	event := forwards("MESSAGE_CREATE", numbered(simple("x")))
	for i := range command {
		require.Equal(t, http.StatusBadRequest, signed(http.MethodPost, "/webhooks/discord", command[:i]), "half: %s", command[:i])
	}
	for i := range event {
		require.Equal(t, http.StatusBadRequest, r.forward(t, event[:i]).Code, "half: %s", event[:i])
	}
	broken := func() io.Reader { return io.MultiReader(strings.NewReader(event[:50]), failingReader{}) }
	require.Equal(t, http.StatusBadRequest, r.request(t, http.MethodPost, "/webhooks/discord", broken(), http.Header{"X-Discord-Gateway-Token": {fakediscord.Token}}).Code)
	require.Contains(t, []int{400, 401}, r.request(t, http.MethodPost, "/webhooks/discord", broken(), r.signature(t, event[:50], time.Now())).Code)
	for about, body := range map[string]string{
		"doubled": command + command, "in a list": "[" + command + "]", "with rubbish": command + "x", "with NUL": command + "\x00", "nested": strings.Repeat("[", 500_000),
		"nested objects": strings.Repeat(`{"data":`, 50_000), "in UTF-16": "\xfe\xff\x00{", "null": "null", "an event": event, "an empty object": "{}",
	} {
		require.Equal(t, http.StatusBadRequest, signed(http.MethodPost, "/webhooks/discord", body), about)
	}
	for about, body := range map[string]string{
		"doubled": event + event, "in a list": "[" + event + "]", "with rubbish": event + "x", "nested": strings.Repeat("[", 500_000), "null": "null", "an empty object": "{}",
		"no type": `{"data":{}}`, "no data": `{"type":"GATEWAY_MESSAGE_CREATE","timestamp":1}`, "a list as data": `{"type":"GATEWAY_MESSAGE_CREATE","timestamp":1,"data":[]}`, "a number as type": `{"type":77,"data":{}}`,
		"null as data": `{"type":"GATEWAY_MESSAGE_CREATE","timestamp":1,"data":null}`, "an empty type": `{"type":"","data":{}}`, "an empty name": `{"type":"GATEWAY_","timestamp":1,"data":{}}`,
	} {
		require.Equal(t, http.StatusBadRequest, r.forward(t, body).Code, about)
	}
	padded := strings.TrimSuffix(command, "}") + `,"padding":"` + strings.Repeat("x", 50<<20) + `"}`
	require.Equal(t, http.StatusRequestEntityTooLarge, signed(http.MethodPost, "/webhooks/discord", padded))
	r.quiet(t)
	require.True(t, r.taken(t, r.deliver, strings.TrimSuffix(numbered(attackInteractions["command"]), "}")+`,"padding":"`+strings.Repeat("x", 100_000)+`"}`, 1), "a field that Discord has not invented yet")
	require.True(t, r.taken(t, r.deliver, " \n"+numbered(attackInteractions["click"])+"\r\n", 1))
	r.done(t)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestAttackInteractionTypes has interactions that are no event, and those of the future.
func TestAttackInteractionTypes(t *testing.T) {
	t.Parallel()
	r := newAttackRig(t)
	w := r.send(t, numbered(`{"type":1,"id":"#","application_id":"1457469483726668048","token":"t0ken-of","version":1}`))
	require.JSONEq(t, `{"type":1}`, w.Body.String(), "a ping is answered with a pong")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Header().Get("Content-Type"), "application/json")
	for _, kind := range []string{`0`, `-1`, `6`, `7`, `99`, `2147483648`} {
		body := numbered(strings.Replace(attackInteractions["command"], `"type":2`, `"type":`+kind, 1))
		if w := r.deliver(t, body); w.Code < 300 {
			requireResponse(t, w)
			next[*chat.PlatformEvent](t, r)
			require.Less(t, r.deliver(t, body).Code, 300)
		} else {
			require.Equal(t, http.StatusBadRequest, w.Code, kind)
		}
	}
	// Commands of menus of users and messages, and of an activity.
	for _, kind := range []string{`2`, `3`, `4`, `9`} {
		body := numbered(strings.Replace(attackInteractions["command"], `"type":1,"name":"ticket"`, `"type":`+kind+`,"target_id":"1033044521375764530","name":"Report `+words+`"`, 1))
		r.taken(t, r.deliver, body, 1)
	}
	r.done(t)
}

// TestAttackForms has forms whose elements are those of the future.
func TestAttackForms(t *testing.T) {
	t.Parallel()
	for name, components := range map[string]string{
		"none": ``, "null": `null`, "deep": strings.Repeat(`{"type":1,"components":[`, 3000) + strings.Repeat(`]}`, 3000), "a label without an element": `{"type":18,"id":1}`, "a label of a label": `{"type":18,"component":{"type":18,"component":{"type":4,"custom_id":"a","value":"x"}}}`,
		"the same id twice": `{"type":18,"component":{"type":4,"custom_id":"a","value":"x"}},{"type":18,"component":{"type":4,"custom_id":"a","value":"y"}}`,
		"files":             `{"type":18,"component":{"type":19,"custom_id":"a","values":["1457473602180878700"]}}`, "users": `{"type":18,"component":{"type":5,"custom_id":"a","values":["1033044521375764530"]}}`,
		"text alone": `{"type":10,"content":"` + words + `"}`, "a choice": `{"type":18,"component":{"type":21,"custom_id":"a","value":null}}`, "choices": `{"type":18,"component":{"type":22,"custom_id":"a","values":[]}}`, "a box": `{"type":18,"component":{"type":23,"custom_id":"a","value":true}}`,
		"the future": `{"type":99,"custom_id":"a","value":{"a":[1]}}`, "no id": `{"type":18,"component":{"type":4,"value":"x"}}`, "a long text": `{"type":18,"component":{"type":4,"custom_id":"a","value":"` + strings.Repeat("😀", 4000) + `"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			for _, id := range []string{"form", "", strings.Repeat("f", 100), "~", "\\u0000", "form\\n", "\\n", "{}", "form\\ncontext\\nmore"} {
				body := numbered(`{"type":5,` + asked + `,"data":{"custom_id":"` + id + `","components":[` + components + `]}}`)
				w := r.deliver(t, body)
				if w.Code >= 300 {
					require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
					continue
				}
				requireResponse(t, w)
			}
			for _, in := range r.rest(t) {
				require.IsType(t, &chat.ModalSubmitEvent{}, in)
			}
		})
	}
}

// TestAttackClicks has clicks with ids that the bot has not given.
func TestAttackClicks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ data, message string }{
		"another program's": {`"custom_id":"buy:7"`, ""}, "empty": {`"custom_id":""`, ""}, "none": {`"x":1`, ""}, "NUL": {`"custom_id":"\u0000"`, ""}, "long": {`"custom_id":"` + strings.Repeat("x", 100) + `"`, ""},
		"too long": {`"custom_id":"` + strings.Repeat("x", 100_000) + `"`, ""}, "a line": {`"custom_id":"\n"`, ""}, "a line and a value": {`"custom_id":"\nv"`, ""}, "lines": {`"custom_id":"a\nb\nc\n"`, ""},
		"a mark": {`"custom_id":"~"`, ""}, "a token that is none": {`"custom_id":"~gone456789012345678901234567890"`, ""}, "a token of a key": {`"custom_id":"~*:discord:shard"`, ""}, "JSON": {`"custom_id":"{\"a\":1}"`, ""}, "bytes": {"\"custom_id\":\"a\xff\"", ""},
		"no values": {`"custom_id":"a","component_type":3,"values":[]`, ""}, "many values": {`"custom_id":"a","component_type":3,"values":["` + words + `","b","c"]`, ""}, "users": {`"custom_id":"a","component_type":5,"values":["1033044521375764530"],"resolved":{"users":{}}`, ""},
		"a component of the future": {`"custom_id":"a","component_type":99`, ""}, "no message": {`"custom_id":"a","component_type":2`, "-"}, "a message without an id": {`"custom_id":"a","component_type":2`, `{}`},
		"a message that only one sees": {`"custom_id":"a","component_type":2`, `{"id":"1457473602180878701","type":0,"flags":64,` + inside + `,` + author + `,"content":"","timestamp":"2026-01-01T00:00:00+00:00"}`},
		"a message elsewhere":          {`"custom_id":"a","component_type":2`, `{"id":"1457473602180878701","type":0,"channel_id":"1457473602180878999",` + author + `,"content":"","timestamp":"2026-01-01T00:00:00+00:00"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			message := c.message
			if message == "" {
				message = numbered(`{` + whole + `}`)
			}
			if message = `,"message":` + message; c.message == "-" {
				message = ""
			}
			w := r.deliver(t, numbered(`{"type":3,`+asked+`,"data":{`+c.data+`}`+message+`}`))
			if w.Code >= 300 {
				require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
			}
			requireResponse(t, w)
			all := r.rest(t)
			require.LessOrEqual(t, len(all), 1)
			for _, in := range all {
				require.Less(t, w.Code, 300)
				require.IsType(t, &chat.ActionEvent{}, in)
			}
		})
	}
}

// TestAttackOptions has commands whose options are not what they should be.
func TestAttackOptions(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]string{
		"deep": strings.Repeat(`{"name":"a","type":2,"options":[`, 3000) + strings.Repeat(`]}`, 3000), "null": `null`, "no value": `{"name":"a","type":3}`, "no name": `{"type":3,"value":"x"}`, "an object": `{"name":"a","type":3,"value":{"b":1}}`, "a list": `{"name":"a","type":3,"value":[1]}`,
		"a truth": `{"name":"a","type":5,"value":true}`, "a number that is big": `{"name":"a","type":4,"value":9007199254740993}`, "a number that is huge": `{"name":"a","type":10,"value":1e308}`, "a type of the future": `{"name":"a","type":99,"value":"x"}`,
		"twice": `{"name":"a","type":3,"value":"x"},{"name":"a","type":3,"value":"y"}`, "NUL": `{"name":"a","type":3,"value":"\u0000"}`, "bytes": "{\"name\":\"a\",\"type\":3,\"value\":\"\xff\"}", "long": `{"name":"a","type":3,"value":"` + strings.Repeat("😀", 6000) + `"}`,
		"lines": `{"name":"a","type":3,"value":"x\n` + words + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			for _, kind := range []string{"2", "4"} {
				body := numbered(`{"type":` + kind + `,` + asked + `,"data":{"id":"1457473602180878666","type":1,"name":"ticket","options":[` + options + `]}}`)
				w := r.deliver(t, body)
				if w.Code >= 300 {
					require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
					continue
				}
				requireResponse(t, w)
				if kind == "2" {
					ev := next[*chat.SlashCommandEvent](t, r)
					require.Equal(t, "/ticket", strings.Fields(ev.Command)[0])
					given, err := discord.Options(ev)
					if err != nil {
						requireSecrecy(t, err.Error())
					}
					if name == "a number that is big" {
						require.Equal(t, map[string]string{"a": "9007199254740993"}, given)
					}
				}
			}
			r.done(t)
		})
	}
}

func TestAttackContent(t *testing.T) {
	t.Parallel()
	message := func(content, fields string) string {
		return `{"id":"#","type":0,` + inside + `,` + author + `,"content":` + content + `,"timestamp":"2026-01-01T00:00:00.000000+00:00","mentions":[]` + fields + `}`
	}
	for name, data := range map[string]string{
		"empty": message(`""`, ``), "white space": message(`" \n\t "`, ``), "NUL": message(`"a\u0000b"`, ``), "bytes": message("\"a\xff\xfe\xc3b\"", ``), "half a character": message(`"a\ud83d b\udc00"`, ``), "no end": message(fmt.Sprintf("%q", strings.Repeat("😀", 4_000)), ``),
		"quotes": message(fmt.Sprintf("%q", strings.Repeat("> ", 2_000)+"a"), ``), "stars": message(fmt.Sprintf("%q", strings.Repeat("*", 20_000)), ``), "bars": message(fmt.Sprintf("%q", strings.Repeat("||", 20_000)), ``), "brackets": message(fmt.Sprintf("%q", strings.Repeat("[", 20_000)), ``),
		"mentions of nobody": message(`"<@> <@!> <@&> <#> <:a:> <a:b:c> <t:> <t:99999999999999999999:R> </a:1> <id:x> <@x> <@99999999999999999999999>"`, ``), "marks in marks": message(`"**a *b __c ~~d ||e `+"`f"+`** * __ ~~ ||"`, ``), "a fence that is not closed": message(fmt.Sprintf("%q", "```go\nx"), ``),
		"a link to nowhere": message(`"[a](javascript:alert(1)) <https://> https:// http://[::1 [b](<x>)"`, ``), "the year 10000": strings.Replace(message(`"a"`, ``), "2026-", "10000-", 1), "no time": strings.Replace(message(`"a"`, ``), "2026-01-01T00:00:00.000000+00:00", "", 1),
		"the year 0": strings.Replace(message(`"a"`, ``), "2026-", "0000-", 1), "an answer to nothing": message(`"a"`, `,"type":19,"message_reference":{"message_id":"1457473602180878701","channel_id":"1457473602180878611"},"referenced_message":null`),
		"a forward":            message(`""`, `,"message_reference":{"type":1,"message_id":"1457473602180878701","channel_id":"1457473602180878611"},"message_snapshots":[{"message":{"content":"`+words+`","embeds":[],"attachments":[],"timestamp":"2026-01-01T00:00:00+00:00","type":0}}]`),
		"answers to answers":   message(`"a"`, strings.Repeat(`,"referenced_message":{"id":"1457473602180878701",`+inside+`,`+author+`,"content":"b","timestamp":"2026-01-01T00:00:00+00:00"`, 300)+strings.Repeat("}", 300)),
		"a note of the future": strings.Replace(message(`"a"`, ``), `"type":0`, `"type":250`, 1), "a join": strings.Replace(message(`""`, ``), `"type":0`, `"type":7`, 1), "a poll": message(`""`, `,"poll":{"question":{"text":"`+words+`"},"answers":[]}`),
		"a webhook": message(`"a"`, `,"webhook_id":"1457473602180878777"`), "components": message(`""`, `,"flags":32768,"components":[{"type":17,"components":[{"type":10,"content":"`+words+`"}]}]`), "files elsewhere": message(`""`, `,"attachments":[{"id":"1","filename":"../../a","url":"https://evil.example/a","size":-5}]`),
		"many files": message(`""`, `,"attachments":[`+strings.TrimSuffix(strings.Repeat(`{"id":"1","filename":"a","url":"https://cdn.discordapp.com/a","size":5},`, 200), ",")+`]`), "a channel of the future": message(`"a"`, `,"channel_type":99`), "everyone": message(`"@everyone @here"`, `,"mention_everyone":true`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			for _, kind := range []string{"MESSAGE_CREATE", "MESSAGE_UPDATE"} {
				d := numbered(data)
				if kind == "MESSAGE_UPDATE" {
					d = strings.TrimSuffix(d, "}") + `,"edited_timestamp":"2026-01-01T00:00:09.000000+00:00"}`
				}
				events := 1
				if kind == "MESSAGE_UPDATE" && (name == "a join" || name == "a note of the future") {
					events = 0 // nobody can edit a note of Discord's
				}
				if !r.taken(t, r.forward, forwards(kind, d), events) {
					t.Log("refused")
				}
			}
			r.done(t)
		})
	}
}

// TestAttackOrder sends events in another order, and many times at once, and on both ways.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	r := newAttackRig(t)
	var bodies []string
	for i := range 12 {
		bodies = append(bodies, forwards("MESSAGE_CREATE", numbered(simple(fmt.Sprint(i)))))
	}
	slices.Reverse(bodies)
	bodies = append(bodies, forwards("MESSAGE_UPDATE", numbered(attackEvents["MESSAGE_UPDATE"])), forwards("MESSAGE_DELETE", numbered(attackEvents["MESSAGE_DELETE"])), forwards("MESSAGE_REACTION_ADD", numbered(attackEvents["MESSAGE_REACTION_ADD"])))
	var group sync.WaitGroup
	for _, body := range bodies {
		for range 6 {
			group.Go(func() {
				for code := 0; code < 200 || code >= 300; {
					if code = r.forward(t, body).Code; code >= 300 && code != http.StatusServiceUnavailable {
						t.Errorf("answered %d", code)
						return
					}
				}
			})
		}
	}
	for range 6 {
		click := numbered(attackInteractions["click"])
		bodies = append(bodies, click)
		for range 4 {
			group.Go(func() { r.deliver(t, click) })
		}
	}
	group.Wait()
	got := map[string]int{}
	for range bodies {
		switch in := next[chat.Inbound](t, r).(type) {
		case *chat.Message:
			got[in.Text]++
		case *chat.ActionEvent:
			got[in.ID]++
		default:
			got[fmt.Sprintf("%T", in)]++
		}
	}
	require.Len(t, got, len(bodies), "%v", got)
	r.done(t)
}

// TestAttackReplays sends interactions again, with their signature.
func TestAttackReplays(t *testing.T) {
	t.Parallel()
	for name, data := range attackInteractions {
		if name == "autocomplete" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newAttackRig(t)
			body := numbered(data)
			signature := r.signature(t, body, time.Now())
			for range 3 {
				w := r.request(t, http.MethodPost, "/webhooks/discord", strings.NewReader(body), signature.Clone())
				require.Less(t, w.Code, 300)
				requireResponse(t, w)
			}
			next[chat.Inbound](t, r)
			r.done(t)
		})
	}
}
