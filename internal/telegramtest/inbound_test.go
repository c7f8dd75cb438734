package telegramtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

func TestMentionsInGroups(t *testing.T) {
	t.Parallel()
	answer := `"reply_to_message":{"message_id":90,"date":1,"from":{"id":4711,"is_bot":true,"first_name":"B"},"chat":{"id":-1001234567890,"type":"supergroup"},"text":"q"},`
	for name, c := range map[string]struct {
		rest    string
		mention bool
		change  func(*telegram.Config)
	}{
		"nobody":               {`"text":"hello"`, false, nil},
		"by name":              {`"text":"é😀 @TheBot hi","entities":[{"type":"mention","offset":4,"length":7}]`, true, nil},
		"another's name":       {`"text":"@thebots hi","entities":[{"type":"mention","offset":0,"length":8}]`, false, nil},
		"the bot's own name":   {`"text":"bot, hi"`, false, nil},
		"by user":              {`"text":"Robot hi","entities":[{"type":"text_mention","offset":0,"length":5,"user":{"id":4711,"is_bot":true,"first_name":"R"}}]`, true, nil},
		"in a caption":         {`"caption":"@thebot","caption_entities":[{"type":"mention","offset":0,"length":7}],"photo":[{"file_id":"P"}]`, true, nil},
		"an answer":            {answer + `"text":"yes"`, false, nil},
		"an answer that names": {answer + `"text":"yes"`, true, func(c *telegram.Config) { c.MentionOnReply = true }},
		"an entity that lies":  {`"text":"hi","entities":[{"type":"mention","offset":1,"length":9000000000000},{"type":"mention","offset":-4,"length":1}]`, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var changes []func(*telegram.Config)
			if c.change != nil {
				changes = append(changes, c.change)
			}
			r := newRig(t, changes...)
			r.send(t, messageIn(group, "supergroup", 100, c.rest))
			m := next[*chat.Message](t, r)
			require.NotNil(t, m.Mention)
			require.Equal(t, c.mention, *m.Mention)
		})
	}
}

func TestNameThatIsNotKnown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.telegram.Fail("getMe", faketelegram.Failure{Code: 500, Description: "Internal Server Error"})
	r.send(t, messageIn(group, "supergroup", 100, `"text":"@bot hi","entities":[{"type":"mention","offset":0,"length":4}]`))
	require.True(t, *next[*chat.Message](t, r).Mention, "the bot's name in the program is looked for")
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/start":              "/start|",
		"/order  7 teas\nnow": "/order|7 teas\nnow",
		"/order@thebot 7":     "/order|7",
		"/order@TheBot 7":     "/order|7",
	} {
		r := newRig(t)
		length := len(strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == '\n' })[0])
		r.send(t, messageIn(group, "supergroup", 100, fmt.Sprintf(`"text":%q,"entities":[{"type":"bot_command","offset":0,"length":%d}]`, text, length)))
		ev := next[*chat.SlashCommandEvent](t, r)
		require.Equal(t, want, ev.Command+"|"+ev.Text)
	}
	r := newRig(t)
	r.send(t, messageIn(group, "supergroup", 100, `"text":"/order@otherbot 7","entities":[{"type":"bot_command","offset":0,"length":15}]`))
	require.Equal(t, "/order@otherbot 7", next[*chat.Message](t, r).Text)
	r.send(t, messageIn(group, "supergroup", 101, `"text":"say /order","entities":[{"type":"bot_command","offset":4,"length":6}]`))
	require.Equal(t, "say /order", next[*chat.Message](t, r).Text)
}

func TestContentOfMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, messageIn(ada, "private", 100, `"text":"😀 bold code\nlink https://a.example/x","entities":[{"type":"bold","offset":3,"length":4},{"type":"code","offset":8,"length":4},`+
		`{"type":"text_link","offset":13,"length":4,"url":"https://example.com/?a=1&b"},{"type":"url","offset":18,"length":19},{"type":"glow","offset":0,"length":2}]`))
	m := next[*chat.Message](t, r)
	require.Equal(t, "😀 **bold** `code`\\\n[link](https://example.com/?a=1&b) <https://a.example/x>", strings.TrimSpace(markdown.Print(m.Formatted)))
	require.Len(t, m.Links, 2)
	require.Equal(t, "https://example.com/?a=1&b https://a.example/x", m.Links[0].URL+" "+m.Links[1].URL)

	r.send(t, messageIn(ada, "private", 101, `"photo":[{"file_id":"small","width":90,"height":60},{"file_id":"large","width":900,"height":600,"file_size":7}]`))
	m = next[*chat.Message](t, r)
	require.Len(t, m.Attachments, 1)
	at := m.Attachments[0]
	require.Equal(t, "image image/jpeg 7 900x600 large", fmt.Sprintf("%s %s %d %dx%d %s", at.Type, at.MIMEType, at.Size, at.Width, at.Height, at.FetchMetadata["fileId"]))

	r.send(t, messageIn(ada, "private", 102, `"sticker":{"file_id":"S","emoji":"👍"}`))
	require.Equal(t, "👍", next[*chat.Message](t, r).Text)
	r.send(t, messageIn(ada, "private", 103, `"location":{"latitude":48.2,"longitude":16.37}`))
	require.Equal(t, "48.2,16.37", next[*chat.Message](t, r).Text)
	r.send(t, messageIn(ada, "private", 104, `"contact":{"phone_number":"+431","first_name":"Bob","last_name":"B"}`))
	require.Equal(t, "Bob B +431", next[*chat.Message](t, r).Text)
	r.send(t, messageIn(group, "supergroup", 105, `"new_chat_title":"News"`))
	require.Equal(t, "telegram:message", next[*chat.PlatformEvent](t, r).Name)
	r.send(t, messageIn(ada, "private", 106, `"reply_to_message":{"message_id":101,"date":5,"from":{"id":4711,"is_bot":true,"first_name":"B"},"chat":{"id":100,"type":"private"},"text":"what?"},"text":"that"`))
	m = next[*chat.Message](t, r)
	require.Equal(t, chat.MessageID("100:101"), m.ReplyTo.ID)
	require.Equal(t, "what?", m.ReplyTo.Text)
	require.True(t, m.ReplyTo.Author.Me)
}

func TestAllowedUsers(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *telegram.Config) { c.AllowedUserIDs = []chat.UserID{"7", "100"} })
	r.send(t, strings.Replace(messageIn(ada, "private", 100, `"text":"let me in"`), `"from":{"id":100`, `"from":{"id":666`, 1))
	r.send(t, messageIn(ada, "private", 101, `"text":"hello"`))
	require.Equal(t, "hello", next[*chat.Message](t, r).Text)
	r.quiet(t)
}

func TestReactionsThatChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, messageIn(group, "supergroup", 2, `"message_thread_id":7,"is_topic_message":true,"text":"hello"`))
	next[*chat.Message](t, r)
	r.send(t, `"message_reaction":{"chat":{"id":-1001234567890,"type":"supergroup"},"message_id":2,"date":5,"user":{"id":100,"is_bot":false,"first_name":"A"},`+
		`"old_reaction":[{"type":"emoji","emoji":"👍"},{"type":"emoji","emoji":"🔥"}],"new_reaction":[{"type":"emoji","emoji":"🔥"},{"type":"custom_emoji","custom_emoji_id":"52"},{"type":"shiny"}]}`)
	got := map[string]bool{}
	for range 3 {
		ev := next[*chat.ReactionEvent](t, r)
		require.Equal(t, chat.ThreadID("telegram:-1001234567890:7"), ev.ThreadID, "the topic of the message")
		got[ev.RawEmoji] = ev.Added
	}
	require.Equal(t, map[string]bool{"👍": false, "52": true, "shiny": true}, got)
}

func TestClicksAreAcknowledged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := `"callback_query":{"id":"q1","from":{"id":100,"is_bot":false,"first_name":"A"},"message":{"message_id":2,"date":0,"chat":{"id":100,"type":"private"}},"data":%q}`
	w := r.deliver(t, updateOf(fmt.Sprintf(body, `chat:{"a":"ok","v":"7"}`)))
	require.JSONEq(t, `{"method":"answerCallbackQuery","callback_query_id":"q1"}`, w.Body.String())
	ev := next[*chat.ActionEvent](t, r)
	require.Equal(t, "ok 7 100:2", ev.ActionID+" "+ev.Value+" "+string(ev.MessageID))
	w = r.deliver(t, updateOf(fmt.Sprintf(body, "~gone456789012345678901234567890")))
	require.Equal(t, http.StatusOK, w.Code, "a button that nobody knows any more is none to send again")
	r.quiet(t)
}

func TestAlbumsAreOneMessage(t *testing.T) {
	t.Parallel()
	st := botrig.Memory(t)
	s := newTelegram(t)
	one, other := newRigOn(t, s, st), newRigOn(t, s, st) // each part may come to another instance
	var group sync.WaitGroup
	for i := range 4 {
		r := []*rig{one, other}[i%2]
		caption := ""
		if i == 2 {
			caption = `"caption":"the pictures",`
		}
		body := updateOf(messageIn(ada, "private", 100+i, fmt.Sprintf(`%s"media_group_id":"g1","photo":[{"file_id":"P%d"}]`, caption, i)))
		group.Go(func() {
			w := r.deliver(t, body)
			if w.Code != http.StatusOK {
				t.Errorf("answered %d", w.Code)
			}
			if w := r.deliver(t, body); w.Code != http.StatusOK { // and twice
				t.Errorf("answered %d", w.Code)
			}
		})
	}
	group.Wait()
	var m *chat.Message
	select {
	case in := <-one.handled:
		m = in.(*chat.Message)
	case in := <-other.handled:
		m = in.(*chat.Message)
	}
	require.Equal(t, "the pictures", m.Text)
	require.Equal(t, chat.MessageID("100:100"), m.ID)
	var files []string
	for _, a := range m.Attachments {
		files = append(files, a.FetchMetadata["fileId"])
	}
	require.Equal(t, []string{"P0", "P1", "P2", "P3"}, files)

	// A part that comes too late is a message of its own.
	one.send(t, messageIn(ada, "private", 104, `"media_group_id":"g1","photo":[{"file_id":"P4"}]`))
	m = next[*chat.Message](t, one)
	require.Equal(t, chat.MessageID("100:104"), m.ID)
	require.Len(t, m.Attachments, 1)
	one.quiet(t)
	other.quiet(t)
}

func TestRefusedWebhooks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, body := range []string{
		``, `x`, `[]`, `null`, `{}`, `{"update_id":1}`, `{"update_id":"1","message":{}}`, `{"update_id":1,"message":null}`, `{"update_id":1,"message":{}}`, `{"update_id":-1,"message":{}}`,
		`{"update_id":1,"message":{"message_id":1,"chat":{"id":"x"}}}`, `{"update_id":1,"callback_query":{}}`, `{"update_id":1,"message_reaction":{}}`, `{"update_id":1,"my_chat_member":{}}`,
		`{"update_id":1,"edited_message":{"message_id":0}}`, `{"update_id":1,"message":[1]}`,
	} {
		w := r.deliver(t, body)
		require.Equal(t, http.StatusBadRequest, w.Code, body)
	}
	r.quiet(t)
	require.NotContains(t, r.log.String(), secret)
}
