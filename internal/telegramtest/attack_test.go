package telegramtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/attack"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

// words stand in every text here. Neither errors nor logs may hold them.
const words = "pr1vate w0rds"

// newWholeRig is a rig that hands over events of all kinds.
func newWholeRig(t *testing.T, change ...func(*telegram.Config)) *rig {
	t.Helper()
	r := newRig(t, change...)
	r.OnMessageUpdated(func(_ context.Context, ev *chat.MessageUpdatedEvent) error { r.handled <- ev; return nil })
	r.OnMembership(func(_ context.Context, ev *chat.MembershipEvent) error { r.handled <- ev; return nil })
	r.OnInstallation(func(_ context.Context, ev *chat.InstallationEvent) error { r.handled <- ev; return nil })
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	return r
}

func requireSecrecy(t *testing.T, text string) {
	t.Helper()
	for _, s := range []string{secret, faketelegram.Token, words} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in %.300q", s, text)
		}
	}
}

// taken delivers an update twice. An update that is taken is handled once, with the
// number of events; one that is not is refused both times.
func (r *rig) taken(t *testing.T, body string, events int) bool {
	t.Helper()
	w := r.deliver(t, body)
	requireSecrecy(t, w.Body.String())
	if w.Code != http.StatusOK {
		require.Equal(t, http.StatusBadRequest, w.Code, "%.400s", body)
		require.Equal(t, http.StatusBadRequest, r.deliver(t, body).Code)
		return false
	}
	for range events {
		select {
		case <-r.handled:
		case <-time.After(botrig.Patience):
			t.Errorf("taken and not handled: %.600s", body)
		}
	}
	again := r.deliver(t, body)
	require.Equal(t, http.StatusOK, again.Code, "%s again: %.600s\n%s", again.Body, body, r.log)
	return true
}

// deliverUntilTaken delivers an update again while it is answered 503, as Telegram does.
func (r *rig) deliverUntilTaken(t *testing.T, body string) {
	for code := 0; code != http.StatusOK; {
		if code = r.deliver(t, body).Code; code != http.StatusOK && code != http.StatusServiceUnavailable {
			t.Errorf("answered %d", code)
			return
		}
	}
}

// done waits for what still runs, and checks that all has been taken note of.
func (r *rig) done(t *testing.T) {
	t.Helper()
	r.send(t, messageIn(ada, "private", 999_999, `"text":"the last"`))
	for last := false; !last; {
		select {
		case in := <-r.handled:
			m, ok := in.(*chat.Message)
			if last = ok && m.Text == "the last"; !last {
				t.Errorf("handled too much: %T %+v", in, in)
			}
		case <-time.After(botrig.Patience):
			t.Fatal("the bot handles nothing any more", r.log)
		}
	}
	require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
	r.quiet(t)
}

const (
	fromAda  = `"from":{"id":100,"is_bot":false,"first_name":"Ada","last_name":"L","username":"ada","language_code":"en"}`
	inGroup  = `"chat":{"id":-1001234567890,"type":"supergroup","title":"General","username":"general","is_forum":true}`
	theBot   = `"user":{"id":4711,"is_bot":true,"first_name":"The Bot","username":"thebot"}`
	theGuest = `"user":{"id":101,"is_bot":false,"first_name":"Bob"}`
)

// updates has an update of each kind, with all fields of it that an adapter may read
// and "#" for a number of its own. https://core.telegram.org/bots/api#update
var updates = map[string]string{
	"text": `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"message_thread_id":7,"is_topic_message":true,"text":"` + words + ` @thebot",` +
		`"entities":[{"type":"mention","offset":14,"length":7},{"type":"text_link","offset":0,"length":4,"url":"https://example.com"},{"type":"text_mention","offset":0,"length":4,` + theGuest + `},` +
		`{"type":"pre","offset":0,"length":3,"language":"go"},{"type":"custom_emoji","offset":0,"length":2,"custom_emoji_id":"5"}],` +
		`"reply_to_message":{"message_id":5,"date":1767224880,"from":{"id":4711,"is_bot":true,"first_name":"B"},` + inGroup + `,"text":"` + words + `"},"quote":{"text":"` + words + `","position":0},` +
		`"link_preview_options":{"is_disabled":true},"edit_date":0,"sender_boost_count":1,"via_bot":{"id":9,"is_bot":true,"first_name":"V"}}`,
	"command": `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"text":"/order ` + words + `","entities":[{"type":"bot_command","offset":0,"length":6}]}`,
	"photo": `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"caption":"` + words + `","caption_entities":[{"type":"bold","offset":0,"length":3}],` +
		`"photo":[{"file_id":"P","file_unique_id":"U","width":9,"height":9,"file_size":70}],"has_media_spoiler":true}`,
	"document":  `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"document":{"file_id":"F","file_unique_id":"U","file_name":"` + words + `","mime_type":"text/plain","file_size":18,"thumbnail":{"file_id":"T"}}}`,
	"video":     `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"video":{"file_id":"F","file_unique_id":"U","width":9,"height":9,"duration":4,"file_name":"v","mime_type":"video/mp4","file_size":18}}`,
	"voice":     `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"voice":{"file_id":"F","file_unique_id":"U","duration":4,"mime_type":"audio/ogg","file_size":18}}`,
	"sticker":   `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"sticker":{"file_id":"F","file_unique_id":"U","type":"regular","width":9,"height":9,"emoji":"👍","is_animated":false,"is_video":false}}`,
	"contact":   `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"contact":{"phone_number":"` + words + `","first_name":"Bob","last_name":"B","user_id":101,"vcard":"x"}}`,
	"location":  `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"location":{"latitude":48.2,"longitude":16.37}}`,
	"venue":     `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"venue":{"location":{"latitude":48.2,"longitude":16.37},"title":"` + words + `","address":"street"},"location":{"latitude":48.2,"longitude":16.37}}`,
	"forwarded": `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"text":"` + words + `","forward_origin":{"type":"user","sender_user":{"id":1,"is_bot":false,"first_name":"C"},"date":5}}`,
	"service":   `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"new_chat_title":"` + words + `"}`,
	"members":   `"message":{"message_id":#,"date":1767224888,` + fromAda + `,` + inGroup + `,"new_chat_members":[{"id":101,"is_bot":false,"first_name":"Bob"}]}`,
	"edit":      `"edited_message":{"message_id":#,"date":1767224888,"edit_date":1767224899,` + fromAda + `,` + inGroup + `,"text":"` + words + `","entities":[{"type":"bold","offset":0,"length":3}]}`,
	"post":      `"channel_post":{"message_id":#,"date":1767224888,"sender_chat":{"id":-100777,"type":"channel","title":"News","username":"news"},"chat":{"id":-100777,"type":"channel","title":"News"},"text":"` + words + `","author_signature":"Ed"}`,
	"edited post": `"edited_channel_post":{"message_id":#,"date":1767224888,"edit_date":1767224899,"sender_chat":{"id":-100777,"type":"channel","title":"News"},` +
		`"chat":{"id":-100777,"type":"channel","title":"News"},"text":"` + words + `"}`,
	"anonymous": `"message":{"message_id":#,"date":1767224888,"from":{"id":1087968824,"is_bot":true,"first_name":"Group","username":"GroupAnonymousBot"},"sender_chat":` + strings.TrimPrefix(inGroup, `"chat":`) + `,` + inGroup + `,"text":"` + words + `"}`,
	"reaction": `"message_reaction":{` + inGroup + `,"message_id":#,"date":1767224901,` + theGuest + `,"actor_chat":{"id":-100777,"type":"channel","title":"News"},` +
		`"old_reaction":[],"new_reaction":[{"type":"emoji","emoji":"❤"}]}`,
	"reactions": `"message_reaction_count":{` + inGroup + `,"message_id":#,"date":1767224901,"reactions":[{"type":{"type":"emoji","emoji":"❤"},"total_count":3}]}`,
	"click": `"callback_query":{"id":"click-#",` + fromAda + `,"message":{"message_id":2,"date":1767224888,` + inGroup + `,"from":{"id":4711,"is_bot":true,"first_name":"B"},"message_thread_id":7,"is_topic_message":true,"text":"` + words + `"},` +
		`"chat_instance":"8","data":"chat:{\"a\":\"ok\",\"v\":\"` + words + `\"}"}`,
	"blocked": `"my_chat_member":{"chat":{"id":100,"type":"private","first_name":"Ada"},` + fromAda + `,"date":1767224888,` +
		`"old_chat_member":{"status":"member",` + theBot + `},"new_chat_member":{"status":"kicked",` + theBot + `,"until_date":0}}`,
	"added": `"my_chat_member":{` + inGroup + `,` + fromAda + `,"date":1767224888,` +
		`"old_chat_member":{"status":"left",` + theBot + `},"new_chat_member":{"status":"administrator",` + theBot + `,"can_edit_messages":true}}`,
	"joined": `"chat_member":{` + inGroup + `,` + fromAda + `,"date":1767224888,"via_join_request":true,` +
		`"old_chat_member":{"status":"left",` + theGuest + `},"new_chat_member":{"status":"restricted","is_member":true,` + theGuest + `}}`,
	"inline query": `"inline_query":{"id":"#",` + fromAda + `,"query":"` + words + `","offset":""}`,
	"poll":         `"poll":{"id":"#","question":"` + words + `","options":[],"total_voter_count":0}`,
	"future":       `"time_travel":{"to":#,"words":"` + words + `"}`,
}

func numbered(fields string) string {
	return strings.ReplaceAll(fields, "#", fmt.Sprint(5000+sampled.Add(1)))
}

// wrongs are values that stand where another was.
var wrongs = []string{
	`null`, `true`, `""`, `"x"`, `"\u0000"`, `"\ud83d"`, `0`, `-1`, `1.5`, `9007199254740993`, `9223372036854775807`, `-9223372036854775808`, `9223372036854775808`, `1e400`,
	`[]`, `{}`, `[null]`, `[[]]`, `[{}]`, `["x"]`, `{"id":{}}`,
}

func TestAttackFieldsOfWrongTypes(t *testing.T) {
	t.Parallel()
	// Where these are other than they were, nothing has happened, or to nobody.
	nothing := []string{"old_reaction", "new_reaction", "old_chat_member", "new_chat_member", "callback_query.data"}
	for _, name := range slices.Sorted(maps.Keys(updates)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, other := newWholeRig(t), newWholeRig(t)
			taken := 0
			require.True(t, r.taken(t, updateOf(numbered(updates[name])), 1), "as it should be")
			var whole map[string]any
			require.NoError(t, json.Unmarshal([]byte("{"+numbered(updates[name])+"}"), &whole))
			for _, path := range attack.Paths(whole) {
				at := strings.Join(path, ".")
				for _, value := range append(wrongs, "") {
					var u map[string]any
					d := json.NewDecoder(strings.NewReader("{" + numbered(updates[name]) + "}"))
					d.UseNumber()
					require.NoError(t, d.Decode(&u))
					attack.Replace(u, path, value)
					data, err := json.Marshal(u)
					require.NoError(t, err)
					body := updateOf(string(data[1 : len(data)-1]))
					if len(data) == 2 {
						continue
					}
					if slices.ContainsFunc(nothing, func(s string) bool { return strings.Contains(at, s) }) {
						w := other.deliver(t, body)
						require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code, "%s=%s %s", at, value, w.Body)
						continue
					}
					if r.taken(t, body, 1) {
						taken++
					}
				}
			}
			require.Positive(t, taken)
			r.done(t)
			require.NoError(t, other.Shutdown(context.WithoutCancel(t.Context())))
		})
	}
}

func TestAttackSecret(t *testing.T) {
	t.Parallel()
	name := http.CanonicalHeaderKey("X-Telegram-Bot-Api-Secret-Token")
	for about, header := range map[string]http.Header{
		"none": {}, "empty": {name: {""}}, "wrong": {name: {"5cc1f43bd1a0e5a3"}}, "begins so": {name: {secret[:8]}}, "goes on": {name: {secret + "0"}},
		"capitals": {name: {strings.ToUpper(secret)}}, "two, the first wrong": {name: {"x", secret}}, "the token": {name: {faketelegram.Token}},
		"white space within": {name: {secret[:4] + " " + secret[4:]}}, "another header": {"Authorization": {"Bearer " + secret}}, "long": {name: {strings.Repeat("x", 1<<16)}},
		"bytes": {name: {"\xff\x00"}}, "two in one": {name: {secret + "," + secret}},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			for _, change := range []func(*telegram.Config){func(*telegram.Config) {}, func(c *telegram.Config) { c.WebhookSecret, c.Polling = "", true }} {
				r := newWholeRig(t, change)
				for _, body := range []string{updateOf(numbered(updates["text"])), "", "x", strings.Repeat("x", 20<<20)} {
					req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/telegram", strings.NewReader(body))
					req.Header = header.Clone()
					w := httptest.NewRecorder()
					r.Chat.ServeHTTP(w, req)
					require.Contains(t, []int{http.StatusUnauthorized, http.StatusRequestEntityTooLarge}, w.Code)
					requireSecrecy(t, w.Body.String())
				}
				r.quiet(t)
			}
		})
	}
}

func TestAttackRequests(t *testing.T) {
	t.Parallel()
	r := newWholeRig(t)
	ask := func(method, path string, body io.Reader) int {
		req := httptest.NewRequestWithContext(t.Context(), method, path, body)
		sign(req, nil, time.Time{})
		w := httptest.NewRecorder()
		r.Chat.ServeHTTP(w, req)
		requireSecrecy(t, w.Body.String())
		return w.Code
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "post", "TEACUP"} {
		code := ask(method, "/webhooks/telegram", strings.NewReader(updateOf(numbered(updates["text"]))))
		require.Contains(t, []int{http.StatusMethodNotAllowed, http.StatusUnauthorized}, code, method)
	}
	for _, path := range []string{"/webhooks/telegrams", "/webhooks/", "/webhooks/Telegram"} {
		require.Equal(t, http.StatusNotFound, ask(http.MethodPost, path, strings.NewReader(updateOf(numbered(updates["text"])))), path)
	}
	whole := updateOf(numbered(updates["text"]))
	for i := range whole {
		require.Equal(t, http.StatusBadRequest, ask(http.MethodPost, "/webhooks/telegram", strings.NewReader(whole[:i])), "half: %s", whole[:i])
	}
	require.Equal(t, http.StatusBadRequest, ask(http.MethodPost, "/webhooks/telegram", io.MultiReader(strings.NewReader(whole[:50]), iotest.ErrReader(io.ErrUnexpectedEOF))), "breaks off")
	for about, body := range map[string]string{
		"doubled": whole + whole, "in a list": "[" + whole + "]", "with rubbish": whole + "x", "with NUL": whole + "\x00", "nested": strings.Repeat("[", 500_000),
		"nested objects": strings.Repeat(`{"message":`, 50_000), "in UTF-16": "\xfe\xff\x00{", "two of its kinds": strings.TrimSuffix(whole, "}") + "," + numbered(updates["edit"]) + "}",
		"update_id twice": strings.TrimSuffix(whole, "}") + `,"update_id":"x"}`,
	} {
		require.Equal(t, http.StatusBadRequest, ask(http.MethodPost, "/webhooks/telegram", strings.NewReader(body)), about)
	}
	padding := func(n int) string {
		return strings.TrimSuffix(whole, "}") + `,"padding":"` + strings.Repeat("x", n) + `"}`
	}
	for _, body := range []io.Reader{strings.NewReader(padding(50 << 20)), io.MultiReader(strings.NewReader(padding(50 << 20)))} { // with a length and without
		require.Equal(t, http.StatusRequestEntityTooLarge, ask(http.MethodPost, "/webhooks/telegram", body))
	}
	r.quiet(t)
	require.True(t, r.taken(t, padding(100_000), 1), "a field that Telegram has not invented yet")
	for _, kind := range []string{"text", "edit", "post", "reaction", "click", "blocked", "joined"} {
		w := r.deliver(t, updateOf(`"audience":{"size":1},`+numbered(updates[kind])+`,"zone":[7]`))
		require.Equal(t, http.StatusOK, w.Code)
		_, isPlatforms := next[chat.Inbound](t, r).(*chat.PlatformEvent)
		require.False(t, isPlatforms, "fields around %s hide it", kind)
	}
	require.True(t, r.taken(t, " \n"+updateOf(numbered(updates["text"]))+"\r\n", 1))
	r.done(t)
}

// TestAttackOrder sends updates in another order, and many times at once.
func TestAttackOrder(t *testing.T) {
	t.Parallel()
	r := newWholeRig(t)
	var bodies []string
	for i := range 12 {
		bodies = append(bodies, fmt.Sprintf(`{"update_id":%d,%s}`, 900-i, messageIn(ada, "private", 300-i, fmt.Sprintf(`"text":"%d"`, i))))
	}
	bodies = append(bodies, // of messages that come later, or never
		fmt.Sprintf(`{"update_id":700,%s}`, strings.Replace(messageIn(ada, "private", 301, `"edit_date":5,"text":"edited"`), `"message"`, `"edited_message"`, 1)),
		fmt.Sprintf(`{"update_id":701,%s}`, strings.ReplaceAll(updates["reaction"], "#", "302")))
	var group sync.WaitGroup
	for _, body := range bodies {
		for range 6 {
			group.Go(func() { r.deliverUntilTaken(t, body) })
		}
	}
	group.Wait()
	got := map[string]int{}
	for range bodies {
		switch in := next[chat.Inbound](t, r).(type) {
		case *chat.Message:
			got[in.Text]++
		default:
			got[fmt.Sprintf("%T", in)]++
		}
	}
	require.Len(t, got, len(bodies), "%v", got)
	r.done(t)
}

func TestAttackContent(t *testing.T) {
	t.Parallel()
	text := func(text, entities string) string {
		return messageIn(group, "supergroup", 0, fmt.Sprintf(`"text":%s,"entities":[%s]`, text, entities))
	}
	many := func(n int, entity func(i int) string) string {
		var all []string
		for i := range n {
			all = append(all, entity(i))
		}
		return strings.Join(all, ",")
	}
	for name, fields := range map[string]string{
		"entities that overlap":           text(`"abcdefghij"`, `{"type":"bold","offset":0,"length":5},{"type":"italic","offset":3,"length":5},{"type":"code","offset":4,"length":6}`),
		"entities in each other":          text(`"abcdefghij"`, many(500, func(int) string { return `{"type":"bold","offset":0,"length":10}` })),
		"entities one in the other":       text(fmt.Sprintf("%q", strings.Repeat("a", 4000)), many(2000, func(i int) string { return fmt.Sprintf(`{"type":"blockquote","offset":%d,"length":%d}`, i, 4000-2*i) })),
		"entities in no order":            text(`"abcdefghij"`, many(10, func(i int) string { return fmt.Sprintf(`{"type":"bold","offset":%d,"length":1}`, 9-i) })),
		"entities of half a character":    text(`"😀😀😀"`, `{"type":"bold","offset":1,"length":2},{"type":"mention","offset":3,"length":1},{"type":"text_link","offset":5,"length":1,"url":"x"}`),
		"entities out of range":           text(`"abc"`, `{"type":"bold","offset":2,"length":5},{"type":"url","offset":9,"length":5},{"type":"bold","offset":-5,"length":7},{"type":"pre","offset":1,"length":-1}`),
		"entities whose ends run over":    text(`"abc"`, `{"type":"bold","offset":9223372036854775807,"length":9223372036854775807},{"type":"mention","offset":1,"length":9223372036854775807},{"type":"bold","offset":-9223372036854775808,"length":1}`),
		"entities without length":         text(`"abc"`, `{"type":"bold","offset":1,"length":0},{"type":"bot_command","offset":0,"length":0},{"type":"mention","offset":0,"length":0}`),
		"entities that lie":               text(`"abc"`, `{"type":"mention","offset":0,"length":3},{"type":"url","offset":0,"length":3},{"type":"text_link","offset":0,"length":3},{"type":"text_mention","offset":0,"length":3},{"type":"hashtag","offset":0,"length":1}`),
		"entities without a text":         messageIn(group, "supergroup", 0, `"entities":[{"type":"bot_command","offset":0,"length":5}]`),
		"entities of a caption in a text": messageIn(group, "supergroup", 0, `"text":"abc","caption_entities":[{"type":"bold","offset":0,"length":3}]`),
		"a command that is a slash":       text(`"/"`, `{"type":"bot_command","offset":0,"length":1}`),
		"a command that is a name":        text(`"/@thebot"`, `{"type":"bot_command","offset":0,"length":9}`),
		"a command without a slash":       text(`"abc"`, `{"type":"bot_command","offset":0,"length":3}`),
		"a command that is longer":        text(`"/abc"`, `{"type":"bot_command","offset":0,"length":300}`),
		"a command of NUL":                text(`"/\u0000"`, `{"type":"bot_command","offset":0,"length":2}`),
		"two commands":                    text(`"/a /b"`, `{"type":"bot_command","offset":0,"length":2},{"type":"bot_command","offset":3,"length":2}`),
		"an empty text":                   text(`""`, ``),
		"white space":                     text(`" \n\t "`, ``),
		"NUL":                             text(`"a\u0000b"`, `{"type":"bold","offset":1,"length":1}`),
		"bytes that are no UTF-8":         text("\"a\xff\xfe\xc3b\"", `{"type":"bold","offset":1,"length":1}`),
		"half a character":                text(`"a\ud83d b\udc00"`, `{"type":"bold","offset":1,"length":1}`),
		"what is marked up":               text(`"<@100> {{emoji:wave}} **x** [a](javascript:alert(1)) telegram:100"`, ``),
		"a text without end":              text(fmt.Sprintf("%q", strings.Repeat("😀", 100_000)), `{"type":"bold","offset":0,"length":200000}`),
		"an answer elsewhere":             messageIn(group, "supergroup", 0, `"text":"a","reply_to_message":{"message_id":5,"date":1,"chat":{"id":-100999,"type":"supergroup"},"text":"b"}`),
		"an external answer":              messageIn(group, "supergroup", 0, `"text":"a","external_reply":{"origin":{"type":"hidden_user","date":1},"chat":{"id":-100999,"type":"supergroup"},"message_id":5}`),
		"an answer to nothing":            messageIn(group, "supergroup", 0, `"text":"a","reply_to_message":{"message_id":5,"date":0,"chat":{"id":-1001234567890,"type":"supergroup"}}`),
		"answers to answers":              messageIn(group, "supergroup", 0, `"text":"a"`+strings.Repeat(`,"reply_to_message":{"message_id":5,"date":1,"chat":{"id":-1001234567890,"type":"supergroup"},"text":"b"`, 300)+strings.Repeat("}", 300)),
		"an album of one":                 messageIn(group, "supergroup", 0, `"media_group_id":"one","photo":[{"file_id":"P"}]`),
		"an album without a name":         messageIn(group, "supergroup", 0, `"media_group_id":"","photo":[{"file_id":"P"}]`),
		"an album whose name is long":     messageIn(group, "supergroup", 0, fmt.Sprintf(`"media_group_id":"%s","photo":[{"file_id":"P"}]`, strings.Repeat(`a:*\n{}`, 10_000))),
		"an album of text":                messageIn(group, "supergroup", 0, `"media_group_id":"text","text":"a"`),
		"no photo":                        messageIn(group, "supergroup", 0, `"photo":[]`),
		"a photo without a file":          messageIn(group, "supergroup", 0, `"photo":[{"width":5}]`),
		"a chat of the future":            messageIn(group, "hologram", 0, `"text":"a"`),
		"a user of the other kind":        messageIn(ada, "supergroup", 0, `"text":"a"`),
		"the year 9999":                   strings.Replace(text(`"a"`, ``), "1767224888", "253402300799", 1),
		"the year 10000":                  strings.Replace(text(`"a"`, ``), "1767224888", "253402300800", 1),
		"the year 292 billion":            strings.Replace(text(`"a"`, ``), "1767224888", "9223372036854775807", 1),
		"before Christ":                   strings.Replace(text(`"a"`, ``), "1767224888", "-9223372036854775808", 1),
		"an edit of the year 10000":       strings.Replace(messageIn(group, "supergroup", 0, `"text":"a","edit_date":253402300800`), `"message"`, `"edited_message"`, 1),
		"an edit of an album":             strings.Replace(messageIn(group, "supergroup", 0, `"caption":"a","media_group_id":"x","photo":[{"file_id":"P"}]`), `"message"`, `"edited_message"`, 1),
		"an edit without an edit_date":    strings.Replace(text(`"a"`, ``), `"message"`, `"edited_message"`, 1),
		"an edit to nothing":              strings.Replace(messageIn(group, "supergroup", 0, `"edit_date":5`), `"message"`, `"edited_message"`, 1),
		"the largest message":             strings.Replace(text(`"a"`, ``), `"message_id":0`, `"message_id":9223372036854775807`, 1),
		"the largest user":                strings.Replace(text(`"a"`, ``), `"id":100,`, `"id":9223372036854775807,`, 1),
		"the smallest chat":               messageIn(-1<<63, "supergroup", 0, `"text":"a"`),
		"the largest chat":                messageIn(1<<63-1, "private", 0, `"text":"a"`),
		"a topic that is negative":        messageIn(group, "supergroup", 0, `"text":"a","is_topic_message":true,"message_thread_id":-7`),
		"a topic that is none":            messageIn(group, "supergroup", 0, `"text":"a","is_topic_message":true`),
		"a future that is no object":      `"time_travel":"1900"`,
		"a future that is a list":         `"time_travel":[1]`,
		"a future with a name":            `"\u0000 time/travel:*":{}`,
		"a future whose name is long":     `"` + strings.Repeat("a", 50_000) + `":{}`,
		"a message of a business":         strings.Replace(text(`"a"`, ``), `"message"`, `"business_message"`, 1),
		"a poll that is answered":         `"poll_answer":{"poll_id":"1","option_ids":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newWholeRig(t)
			fields = strings.Replace(fields, `"message_id":0`, fmt.Sprintf(`"message_id":%d`, 5000+sampled.Add(1)), 1)
			if !r.taken(t, updateOf(fields), 1) {
				t.Log("refused")
			}
			r.done(t)
		})
	}
}

func TestAttackUpdateIDs(t *testing.T) {
	t.Parallel()
	r := newWholeRig(t)
	for _, id := range []string{`0`, `1.5`, `"5"`, `null`, `true`, `[]`, `1e3`, `9223372036854775808`, `-9223372036854775808`, `9223372036854775807`, `9007199254740993`, `2147483648`} {
		r.taken(t, fmt.Sprintf(`{"update_id":%s,%s}`, id, numbered(updates["text"])), 1)
		r.taken(t, fmt.Sprintf(`{"update_id":%s,%s}`, id, numbered(updates["future"])), 1)
	}
	r.done(t)
}

func TestAttackAlbums(t *testing.T) {
	t.Parallel()
	part := func(chatID int64, id int, album, rest string) string {
		return updateOf(messageIn(chatID, "supergroup", id, fmt.Sprintf(`"media_group_id":"%s","photo":[{"file_id":"P%d"}]%s`, album, id, rest)))
	}
	for name, c := range map[string]struct {
		parts []string
		want  map[string]int // messages by their number of files
	}{
		"the same part often": {[]string{part(group, 1, "a", ""), part(group, 1, "a", ""), part(group, 2, "a", ""), part(group, 1, "a", "")}, map[string]int{"-1001234567890:1": 2}},
		"two chats":           {[]string{part(group, 1, "a", ""), part(-1009, 1, "a", ""), part(group, 2, "a", ""), part(-1009, 2, "a", "")}, map[string]int{"-1001234567890:1": 2, "-1009:1": 2}},
		"two albums":          {[]string{part(group, 1, "a", ""), part(group, 2, "b", ""), part(group, 3, "a", ""), part(group, 4, "b", "")}, map[string]int{"-1001234567890:1": 2, "-1001234567890:2": 2}},
		"backwards":           {[]string{part(group, 3, "a", ""), part(group, 2, "a", ""), part(group, 1, "a", "")}, map[string]int{"-1001234567890:1": 3}},
		"names that look alike": {
			[]string{part(-1, 1, "2:3", ""), part(-1, 2, "2", ""), part(-12, 3, ":3", ""), part(-12, 4, "3", "")},
			map[string]int{"-1:1": 1, "-1:2": 1, "-12:3": 1, "-12:4": 1},
		},
		"many parts": {func() (all []string) {
			for i := range 30 {
				all = append(all, part(group, i+1, "a", ""))
			}
			return all
		}(), map[string]int{"-1001234567890:1": 30}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newWholeRig(t, func(c *telegram.Config) { c.AlbumWait = 2 * time.Second })
			var group sync.WaitGroup
			for _, body := range c.parts {
				group.Go(func() { r.deliverUntilTaken(t, body) })
			}
			group.Wait()
			got := map[string]int{}
			for range c.want {
				m := next[*chat.Message](t, r)
				got[string(m.ID)] += len(m.Attachments)
			}
			require.Equal(t, c.want, got)
			for _, body := range c.parts { // Telegram has not heard of the answers
				group.Go(func() {
					if code := r.deliver(t, body).Code; code != http.StatusOK {
						t.Errorf("answered %d", code)
					}
				})
			}
			group.Wait()
			r.done(t)
		})
	}
}

// TestAttackAlbumIsGivenUp breaks off a request that waits for the rest of its album.
// It was not answered, so it comes again.
func TestAttackAlbumIsGivenUp(t *testing.T) {
	t.Parallel()
	r := newWholeRig(t, func(c *telegram.Config) { c.AlbumWait = 300 * time.Millisecond })
	body := updateOf(messageIn(group, "supergroup", 1, `"media_group_id":"a","photo":[{"file_id":"P"}]`))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/webhooks/telegram", strings.NewReader(body))
	sign(req, nil, time.Time{})
	w := httptest.NewRecorder()
	r.Chat.ServeHTTP(w, req)
	t.Logf("answered %d", w.Code)
	require.Equal(t, http.StatusOK, r.deliver(t, body).Code)
	require.Len(t, next[*chat.Message](t, r).Attachments, 1)
	r.done(t)
}

func TestAttackClicks(t *testing.T) {
	t.Parallel()
	message := `"message":{"message_id":2,"date":0,"chat":{"id":-1001234567890,"type":"supergroup"}}`
	for name, c := range map[string]struct {
		where, data string
		events      int
	}{
		"another program's":    {message, `"data":"buy:7"`, 1},
		"the prefix alone":     {message, `"data":"chat:"`, 1},
		"half":                 {message, `"data":"chat:{\"a\":\"o"`, 1},
		"a number":             {message, `"data":"chat:{\"a\":7}"`, 1},
		"a list":               {message, `"data":"chat:[]"`, 1},
		"no id":                {message, `"data":"chat:{\"v\":\"7\"}"`, 1},
		"NUL":                  {message, `"data":"\u0000"`, 1},
		"no UTF-8":             {message, "\"data\":\"a\xff\"", 1},
		"long":                 {message, `"data":"` + strings.Repeat("x", 10_000) + `"`, 1},
		"the bot's, forgotten": {message, `"data":"~gone456789012345678901234567890"`, 0},
		"a mark":               {message, `"data":"~"`, 1},
		"none":                 {message, `"chat_instance":"1"`, 1},
		"empty":                {message, `"data":""`, 1},
		"a game":               {message, `"game_short_name":"g"`, 1},
		"an inline message":    {`"inline_message_id":"i"`, `"data":"chat:{\"a\":\"ok\"}"`, 1},
		"nowhere":              {`"chat_instance":"1"`, `"data":"chat:{\"a\":\"ok\"}"`, 1},
		"an unknown chat":      {`"message":{"message_id":0,"date":0,"chat":{"id":0}}`, `"data":"chat:{\"a\":\"ok\"}"`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newWholeRig(t)
			if !r.taken(t, updateOf(fmt.Sprintf(`"callback_query":{"id":"q1",%s,%s,%s}`, fromAda, c.where, c.data)), c.events) {
				t.Log("refused")
			}
			r.done(t)
		})
	}
}

// TestAttackPolling has updates that a webhook refuses among others. Those after them
// are handled all the same.
func TestAttackPolling(t *testing.T) {
	t.Parallel()
	s := newTelegram(t)
	for i, fields := range []string{
		`"message":{}`, `"message":null`, `"message":[1]`, `"callback_query":7`, `"message_reaction":{"chat":"x"}`, `"my_chat_member":{}`, `"time_travel":null`,
		strings.Replace(messageIn(ada, "private", 5, `"text":"`+words+`"`), "1767224888", "9223372036854775807", 1),
		messageIn(ada, "private", 6, `"text":7`), messageIn(0, "private", 6, `"text":"a"`),
	} {
		s.Update(fields)
		s.Update(messageIn(ada, "private", 100+i, `"text":"good"`))
	}
	r := newRigOn(t, s, botrig.Memory(t), func(c *telegram.Config) { c.Polling = true })
	t.Cleanup(func() { requireSecrecy(t, r.log.String()) })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Chat.Run(ctx) }()
	got := map[chat.MessageID]int{}
	for len(got) < 10 {
		if m, ok := next[chat.Inbound](t, r).(*chat.Message); ok && m.Text == "good" {
			got[m.ID]++
		}
	}
	for id, n := range got {
		require.Equal(t, 1, n, id)
	}
	cancel()
	<-ended
}

// TestAttackPeopleWhoAreNotHeard sends every kind of update from somebody whom the bot
// is told not to hear.
func TestAttackPeopleWhoAreNotHeard(t *testing.T) {
	t.Parallel()
	r := newWholeRig(t, func(c *telegram.Config) { c.AllowedUserIDs = []chat.UserID{"100"} })
	fields := []string{`"poll_answer":{"poll_id":"1",` + theGuest + `,"option_ids":[1]}`, `"pre_checkout_query":{"id":"1",` + fromAda + `}`}
	for _, name := range []string{"text", "command", "photo", "service", "members", "edit", "click", "inline query"} {
		fields = append(fields, numbered(updates[name]))
	}
	for _, f := range fields {
		r.send(t, strings.ReplaceAll(f, fromAda, strings.Replace(fromAda, "100", "666", 1)))
	}
	r.done(t)
}
