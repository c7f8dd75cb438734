package discordtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/discord"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/discordtest/fakediscord"
)

// TestForgedWebhooks are refused, and nothing of them is handled.
func TestForgedWebhooks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, body := r.command(general, "")
	event := forwarded("MESSAGE_CREATE", messageIn(general, 1, "hello", ""))
	signed := func(change func(*http.Request), body string, age time.Duration) *http.Request {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/discord", strings.NewReader(body))
		r.discord.Sign(req, []byte(body), time.Now().Add(-age))
		change(req)
		return req
	}
	nothing := func(*http.Request) {}
	for name, req := range map[string]*http.Request{
		"no signature":        signed(func(q *http.Request) { q.Header.Del("X-Signature-Ed25519") }, body, 0),
		"no timestamp":        signed(func(q *http.Request) { q.Header.Del("X-Signature-Timestamp") }, body, 0),
		"no digits":           signed(func(q *http.Request) { q.Header.Set("X-Signature-Ed25519", strings.Repeat("z", 128)) }, body, 0),
		"short":               signed(func(q *http.Request) { q.Header.Set("X-Signature-Ed25519", "00") }, body, 0),
		"another's":           signed(func(q *http.Request) { q.Header.Set("X-Signature-Ed25519", strings.Repeat("0", 128)) }, body, 0),
		"another timestamp":   signed(func(q *http.Request) { q.Header.Set("X-Signature-Timestamp", fmt.Sprint(time.Now().Unix()+1)) }, body, 0),
		"stale":               signed(nothing, body, 6*time.Minute),
		"of the future":       signed(nothing, body, -6*time.Minute),
		"an event":            signed(func(q *http.Request) { q.Header.Set("X-Discord-Gateway-Token", "wrong") }, event, 0),
		"an event, half":      signed(func(q *http.Request) { q.Header.Set("X-Discord-Gateway-Token", fakediscord.Token[:10]) }, event, 0),
		"an event, no header": signed(func(q *http.Request) { q.Header.Del("X-Signature-Ed25519") }, event, 0),
	} {
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, req)
		require.Equal(t, http.StatusUnauthorized, w.Code, name)
	}
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/webhooks/discord", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	keyless := newRigOn(t, r.discord, botrig.Memory(t), func(c *discord.Config) { c.PublicKey = "" })
	w = httptest.NewRecorder()
	keyless.Chat.ServeHTTP(w, signed(nothing, body, 0))
	require.Equal(t, http.StatusUnauthorized, w.Code, "without a key nothing is taken")
	r.quiet(t)
	keyless.quiet(t)
	require.NotContains(t, r.log.String(), fakediscord.Token)
}

// TestBodiesThatAreNone are answered 4xx, though they are signed.
func TestBodiesThatAreNone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	who := `"member":{"user":{"id":"5","username":"x"}}`
	for _, body := range []string{
		``, `null`, `[]`, `7`, `"x"`, `{`, `{}`, `{"type":"x"}`, `{"type":2}`, `{"type":2,"id":"1","token":"t"}`, `{"type":2,"id":1,"token":"t","channel_id":"3"}`,
		`{"type":2,"id":"1","token":"t","channel_id":"3"}`, `{"type":2,"id":"1","token":"../t","channel_id":"3",` + who + `}`,
		`{"type":2,"id":"a/b","token":"t","channel_id":"3",` + who + `}`, `{"type":2,"id":"1","token":"t","channel_id":"3","guild_id":"?",` + who + `}`,
		`{"type":3,"id":"1","token":"t","channel_id":"3",` + who + `}`, `{"type":3,"id":"1","token":"t","channel_id":"3",` + who + `,"data":{"custom_id":"x"}}`,
		`{"type":3,"id":"1","token":"t","channel_id":"3",` + who + `,"data":{"custom_id":["x"]}}`, `{"type":4,"id":"1","token":"t","channel_id":"3",` + who + `,"data":{"name":"x"}}`,
		`{"type":3,"id":"1","token":"t","channel_id":"3",` + who + `,"data":{"values":{"x":1}}}`,
		`{"type":"GATEWAY_","data":{}}`, `{"type":"GATEWAY_MESSAGE_CREATE"}`, `{"type":"GATEWAY_MESSAGE_CREATE","data":[]}`, `{"type":"GATEWAY_MESSAGE_CREATE","data":{"id":"1"}}`,
		`{"type":"GATEWAY_MESSAGE_REACTION_ADD","data":{}}`, `{"type":"GATEWAY_MESSAGE_DELETE","data":{"channel_id":"1"}}`, `{"type":"GATEWAY_GUILD_DELETE","data":{}}`,
		`{"type":"GATEWAY_THREAD_CREATE","data":{"id":"1"}}`, `{"type":"GATEWAY_THREAD_MEMBERS_UPDATE","data":{"id":"1"}}`,
	} {
		code := r.deliver(t, body).Code
		require.True(t, code >= 400 && code < 500, "%d for %s", code, body)
	}
	r.quiet(t)
}

// TestInteractionsThatComeTwice are handled once, also at the same time, and so are
// those of the future.
func TestInteractionsThatComeTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, body := r.command(general, "")
	answers := make(chan int, 5)
	for range 5 {
		go func() { answers <- r.deliver(t, body).Code }()
	}
	taken := 0
	for range 5 {
		if code := <-answers; code < 300 {
			taken++
		} else {
			require.Equal(t, http.StatusServiceUnavailable, code, "another one is being stored")
		}
	}
	require.Positive(t, taken)
	next[*chat.SlashCommandEvent](t, r)
	require.Less(t, r.deliver(t, body).Code, 300)
	_, body = r.discord.Interact(99, general, ada, `{"new":"thing"}`, "")
	for range 2 {
		require.Less(t, r.deliver(t, body).Code, 300)
	}
	require.Equal(t, "discord:interaction_create", next[*chat.PlatformEvent](t, r).Name)
	r.quiet(t)
}

// TestButtonThatIsTooOld is acknowledged, and nothing is handled.
func TestButtonThatIsTooOld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.discord.Say(general, ada, "x", string(idOf(1)))
	_, body := r.discord.Interact(3, general, ada, `{"component_type":2,"custom_id":"~`+strings.Repeat("a", 31)+`"}`, idOf(1))
	require.JSONEq(t, `{"type":6}`, r.send(t, body).Body.String())
	r.quiet(t)
}

// changed is a message with some of it replaced.
func changed(message string, pairs ...string) string {
	return forwarded("MESSAGE_CREATE", strings.NewReplacer(pairs...).Replace(message))
}

func TestMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *discord.Config) { c.MentionRoleIDs, c.RespondToChannelIDs = []string{"42"}, []string{"43"} })
	r.discord.AddChannel(fakediscord.Channel{ID: "43", GuildID: server})
	plain := messageIn(general, 1, "hello", "")

	r.send(t, changed(plain, `"type":0,"content"`, `"type":19,"referenced_message":{"id":"5","channel_id":"`+general+`","type":0,"content":"**first**","author":{"id":"6","username":"bob"}},"content"`))
	m := next[*chat.Message](t, r)
	require.Equal(t, []string{"5", "first", "bob"}, []string{string(m.ReplyTo.ID), m.ReplyTo.Text, m.ReplyTo.Author.UserName})
	require.False(t, *m.Mention)

	r.send(t, changed(messageIn(general, 2, "<@6> in <#7> <:wave:8> <a:party:9> <@&42> see https://example.com/a_b", ""), `"mentions":[]`, `"mentions":[{"id":"6","username":"bob"}]`,
		`"mention_roles":[]`, `"mention_roles":["42"]`, `"embeds":[]`, `"embeds":[{"url":"https://example.com/a_b","title":"A page"}]`))
	m = next[*chat.Message](t, r)
	require.Equal(t, "@bob in #7 :wave: :party: @&42 see https://example.com/a_b", m.Text)
	require.True(t, *m.Mention, "by the role of the configuration")
	require.Equal(t, []string{"https://example.com/a_b", "A page"}, []string{m.Links[0].URL, m.Links[0].Title})

	r.send(t, changed(plain, `"14575365518304000`, `"14575365518304001`, `"channel_id":"`+general, `"channel_id":"43`, `"content":"hello"`, `"content":""`,
		`"embeds":[]`, `"embeds":[{"title":"A card","description":"with *text*","fields":[{"name":"n","value":"v"}]}],"sticker_items":[{"name":"Wave"}]`))
	m = next[*chat.Message](t, r)
	require.Equal(t, "A card\nwith text\nn: v\nWave", strings.ReplaceAll(m.Text, "\n\n", "\n"))
	require.True(t, *m.Mention, "in that channel everything is for the bot")

	r.send(t, changed(messageIn(general, 3, "", ""), `"type":0`, `"type":7`))
	require.Equal(t, "discord:message_create", next[*chat.PlatformEvent](t, r).Name, "somebody has joined the server")

	r.send(t, changed(messageIn(general, 4, "by a hook", ""), ada, "77", `"username":"ada"`, `"username":"hook","bot":true`))
	m = next[*chat.Message](t, r)
	require.True(t, *m.Author.Bot)

	r.send(t, forwarded("MESSAGE_DELETE_BULK", fmt.Sprintf(`{"ids":["1","2"],"channel_id":%q,"guild_id":%q}`, general, server)))
	one, two := next[*chat.MessageDeletedEvent](t, r), next[*chat.MessageDeletedEvent](t, r) // events are handled at the same time
	require.ElementsMatch(t, []chat.MessageID{"1", "2"}, []chat.MessageID{one.MessageID, two.MessageID})

	r.send(t, forwarded("MESSAGE_REACTION_REMOVE", fmt.Sprintf(`{"user_id":%q,"channel_id":%q,"message_id":"1","guild_id":%q,"emoji":{"id":"8","name":"wave"}}`, ada, general, server)))
	ev := next[*chat.ReactionEvent](t, r)
	require.Equal(t, "wave:8", ev.RawEmoji)
	require.False(t, ev.Added)
	r.quiet(t)
}

// TestThreadThatIsNotKnown is asked for; while Discord does not answer, the message
// comes again.
func TestThreadThatIsNotKnown(t *testing.T) {
	t.Parallel()
	const get = "GET /channels/{id}"
	r := newRig(t)
	body := forwarded("MESSAGE_CREATE", messageIn(topic, 1, "hello", ""))
	r.discord.Fail(get, failure(503, 0))
	require.GreaterOrEqual(t, r.deliver(t, body).Code, 500)
	r.quiet(t)
	// A failure is remembered for a while in the process that has seen it.
	other := newRigOn(t, r.discord, r.state)
	other.send(t, body)
	require.Equal(t, inTopic, next[*chat.Message](t, other).ThreadID)
	other.send(t, forwarded("MESSAGE_CREATE", messageIn(topic, 2, "again", "")))
	require.Equal(t, inTopic, next[*chat.Message](t, other).ThreadID)
	require.Len(t, r.discord.Calls(get), 2, "and then it is known")
	other.send(t, forwarded("MESSAGE_CREATE", messageIn("404", 3, "in a channel that the bot may not see", "")))
	require.Equal(t, chat.ThreadID("discord:"+server+":404"), next[*chat.Message](t, other).ThreadID)
}

// TestHistory asks for threads that are active and archived, and messages that expire.
func TestHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n := range 5 {
		id := fmt.Sprintf("14575366000%08d", n)
		r.discord.Say(general, ada, fmt.Sprint("root ", n), id)
		r.discord.AddChannel(fakediscord.Channel{ID: id, GuildID: server, ParentID: general, Type: 11, Name: "t"})
		if n < 3 {
			r.discord.Archive(id, time.Unix(1_767_000_000+int64(n), 0))
		}
	}
	var roots []string
	cursor := ""
	for range 10 {
		page, err := r.ListThreads(t.Context(), chat.ChannelID(inGeneral), chat.PageRequest{Limit: 1, Cursor: cursor})
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), 1)
		for _, s := range page.Items {
			roots = append(roots, s.Root.Text)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	require.Equal(t, []string{"A topic", "root 4", "root 3", "root 2", "root 1", "root 0"}, order(roots))
	_, err := r.ListThreads(t.Context(), chat.ChannelID(inGeneral), chat.PageRequest{Cursor: "x"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, err = r.FetchMessages(t.Context(), inGeneral, chat.PageRequest{Cursor: "../x"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

// order puts the thread of the fake first, whose id is older than the others.
func order(roots []string) []string {
	for i, text := range roots {
		if text == "A topic" {
			return append([]string{text}, append(roots[:i:i], roots[i+1:]...)...)
		}
	}
	return roots
}

// TestFileWhoseAddressHasExpired asks the message for another one.
func TestFileWhoseAddressHasExpired(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.discord.AddFile("1/notes.txt", []byte("noted"))
	file := func(expires time.Time) string {
		return fmt.Sprintf(`{"id":"5","filename":"notes.txt","content_type":"text/plain","size":5,"url":"https://cdn.discordapp.com/attachments/1/notes.txt?ex=%x&is=0&hm=0"}`, expires.Unix())
	}
	r.send(t, changed(messageIn(general, 1, "see", ""), `"attachments":[]`, `"attachments":[`+file(time.Now().Add(-time.Hour))+`]`))
	m := next[*chat.Message](t, r)
	_, err := m.Attachments[0].Open(t.Context())
	require.ErrorIs(t, err, chat.ErrNotFound, "the message is gone")
	require.Len(t, r.discord.Calls("GET /channels/{id}/messages/{id}"), 1)
	r.send(t, changed(messageIn(general, 2, "see", ""), `"attachments":[]`, `"attachments":[`+file(time.Now().Add(time.Hour))+`]`))
	content, err := next[*chat.Message](t, r).Attachments[0].Open(t.Context())
	require.NoError(t, err)
	require.NoError(t, content.Close())
}
