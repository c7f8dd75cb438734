package telegramtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

const customers chat.ThreadID = "telegram:biz:BC-1:100"

func newBusinessRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.telegram.Connect(faketelegram.Account{Connection: "BC-1", Owner: 7, Enabled: true, CanReply: true})
	return r
}

// businessMessage is a message in the chat of the account BC-1 with Ada.
func businessMessage(kind string, from int64, id int, rest string) string {
	return fmt.Sprintf(`%q:{"message_id":%d,"date":1767224888,"business_connection_id":"BC-1","from":{"id":%d,"is_bot":false,"first_name":"Ada","username":"ada"},`+
		`"chat":{"id":100,"type":"private"},%s}`, kind, id, from, rest)
}

func TestMessagesToABusinessAccount(t *testing.T) {
	t.Parallel()
	r := newBusinessRig(t)
	r.send(t, businessMessage("business_message", 100, 5, `"text":"/start a refund","entities":[{"type":"bot_command","offset":0,"length":6}]`))
	m := next[*chat.Message](t, r)
	require.Equal(t, "telegram:biz:BC-1:100 biz:BC-1:100:5 /start a refund", fmt.Sprint(m.ThreadID, " ", m.ID, " ", m.Text))

	// The bot's own chat with her has a message of the same number.
	r.send(t, messageIn(ada, "private", 5, `"text":"hello"`))
	require.Equal(t, chat.MessageID("100:5"), next[*chat.Message](t, r).ID)

	r.send(t, businessMessage("edited_business_message", 100, 5, `"edit_date":1767224899,"text":"a refund, please"`))
	r.send(t, businessMessage("business_message", 100, 6, `"media_group_id":"G","caption":"the bill","photo":[{"file_id":"P"}]`))
	m = next[*chat.Message](t, r)
	require.Equal(t, "biz:BC-1:100:6 the bill 1", fmt.Sprint(m.ID, " ", m.Text, " ", len(m.Attachments)))
	require.Len(t, r.telegram.Calls("getBusinessConnection"), 1)
	r.quiet(t)
}

func TestWhatIsNoCustomers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account faketelegram.Account
		body    string
	}{
		"the owner's": {
			faketelegram.Account{Connection: "BC-1", Owner: 7, Enabled: true, CanReply: true},
			businessMessage("business_message", 7, 5, `"text":"I come"`),
		},
		"the bot's": {
			faketelegram.Account{Connection: "BC-1", Owner: 7, Enabled: true, CanReply: true},
			businessMessage("business_message", 7, 5, `"sender_business_bot":{"id":4711,"is_bot":true,"first_name":"B"},"text":"I am here"`),
		},
		"of an account that is only read": {
			faketelegram.Account{Connection: "BC-1", Owner: 7, Enabled: true},
			businessMessage("business_message", 100, 5, `"text":"hello"`),
		},
		"of an account that is off": {
			faketelegram.Account{Connection: "BC-1", Owner: 7, CanReply: true},
			businessMessage("edited_business_message", 100, 5, `"text":"hello"`),
		},
		"of an account that is not known": {faketelegram.Account{Connection: "BC-2"}, businessMessage("business_message", 100, 5, `"text":"hello"`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.telegram.Connect(c.account)
			w := r.deliver(t, updateOf(c.body))
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			if strings.Contains(name, "bot's") {
				return // the bot does not hear itself
			}
			require.Equal(t, "telegram:"+strings.Trim(strings.SplitN(c.body, ":", 2)[0], `"`), next[*chat.PlatformEvent](t, r).Name)
			r.quiet(t)
		})
	}
}

func TestAConnectionThatCannotBeLookedUpNow(t *testing.T) {
	t.Parallel()
	r := newBusinessRig(t)
	r.telegram.Fail("getBusinessConnection", faketelegram.Failure{Code: 500, Description: "Internal Server Error"})
	body := updateOf(businessMessage("business_message", 100, 5, `"text":"hello"`))
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, body).Code, "Telegram sends it again")
	r.quiet(t)
}

func TestAccountsThatAreConnected(t *testing.T) {
	t.Parallel()
	installed := make(chan *chat.InstallationEvent, 2)
	r := newBusinessRig(t)
	r.OnInstallation(handOver(installed))
	connection := `"business_connection":{"id":"BC-1","user":{"id":7,"is_bot":false,"first_name":"Owner"},"user_chat_id":7,"date":1767224888,"rights":{"can_reply":%v},"is_enabled":true}`
	for _, can := range []bool{true, false} {
		r.send(t, fmt.Sprintf(connection, can))
		ev := <-installed
		require.Equal(t, fmt.Sprint("BC-1 7 ", can), fmt.Sprint(ev.Workspace, " ", ev.User.UserID, " ", ev.Installed))
	}
	r.send(t, businessMessage("business_message", 100, 5, `"text":"hello"`))
	next[*chat.PlatformEvent](t, r)
	require.Empty(t, r.telegram.Calls("getBusinessConnection"), "what has been told is known")
}

func TestDeletedMessagesOfABusinessAccount(t *testing.T) {
	t.Parallel()
	deleted := make(chan *chat.MessageDeletedEvent, 2)
	r := newBusinessRig(t)
	r.OnMessageDeleted(handOver(deleted))
	r.send(t, `"deleted_business_messages":{"business_connection_id":"BC-1","chat":{"id":100,"type":"private"},"message_ids":[5,6]}`)
	got := map[chat.MessageID]chat.ThreadID{}
	for range 2 {
		ev := <-deleted
		got[ev.MessageID] = ev.ThreadID
	}
	require.Equal(t, map[chat.MessageID]chat.ThreadID{"biz:BC-1:100:5": customers, "biz:BC-1:100:6": customers}, got)
}

func TestBusinessUpdatesThatAreBroken(t *testing.T) {
	t.Parallel()
	r := newBusinessRig(t)
	for _, body := range []string{
		`"business_message":{"message_id":5,"date":1,"from":{"id":100},"chat":{"id":100,"type":"private"},"text":"x"}`,
		`"business_message":{"message_id":5,"date":1,"business_connection_id":"a:b","from":{"id":100},"chat":{"id":100,"type":"private"},"text":"x"}`,
		`"business_message":{"message_id":5,"date":1,"business_connection_id":"BC-1","from":{"id":100},"chat":{"id":-100,"type":"group"},"text":"x"}`,
		`"business_message":{"message_id":5,"business_connection_id":7}`,
		`"business_connection":{"id":"","user":{"id":7}}`,
		`"business_connection":{"id":"BC-1"}`,
		`"deleted_business_messages":{"business_connection_id":"BC-1","message_ids":[5]}`,
		`"deleted_business_messages":{"chat":{"id":100},"message_ids":[5]}`,
	} {
		require.Equal(t, http.StatusBadRequest, r.deliver(t, updateOf(body)).Code, body)
	}
	r.quiet(t)
}

func TestPostsInTheNameOfABusinessAccount(t *testing.T) {
	t.Parallel()
	r := newBusinessRig(t)
	shown := func() []chattest.Posted {
		posts, err := r.telegram.Shown(t.Context(), customers)
		require.NoError(t, err)
		return posts
	}
	id, err := r.ReplyMessage(t.Context(), customers, "biz:BC-1:100:5", &chat.Post{Markdown: "**hello**"})
	require.NoError(t, err)
	require.Equal(t, id, shown()[0].ID)
	require.Equal(t, chat.MessageID("biz:BC-1:100:5"), shown()[0].ReplyTo)
	require.NoError(t, r.EditMessage(t.Context(), customers, id, &chat.Post{Text: "hello, Ada"}))
	require.Equal(t, "hello, Ada", shown()[0].Text)
	require.NoError(t, r.StartTyping(t.Context(), customers, ""))
	_, err = r.PostMessage(t.Context(), customers, &chat.Post{Text: "see", Files: []chat.File{{Name: "a.txt", Content: strings.NewReader("a")}}})
	require.NoError(t, err)
	require.Len(t, shown()[1].Files, 1)
	require.ErrorContains(t, r.AddReaction(t.Context(), customers, id, "heart"), "business account")
	require.NoError(t, r.DeleteMessage(t.Context(), customers, id))
	require.True(t, shown()[0].Deleted)
	for _, method := range []string{"sendMessage", "sendDocument", "editMessageText", "sendChatAction", "deleteBusinessMessages"} {
		require.Equal(t, "BC-1", r.telegram.Calls(method)[0].Args["business_connection_id"], method)
	}
	_, err = r.PostMessage(t.Context(), "telegram:biz:BC-9:100", &chat.Post{Text: "hello"})
	require.ErrorIs(t, err, chat.ErrInvalid)
}

func TestIDsOfBusinessAccounts(t *testing.T) {
	t.Parallel()
	a := newAdapter(t, newTelegram(t))
	ref, err := a.DecodeThreadID(customers)
	require.NoError(t, err)
	require.Equal(t, chat.ThreadRef{Channel: "biz:BC-1:100", DM: true}, ref)
	id, err := a.EncodeThreadID(ref)
	require.NoError(t, err)
	require.Equal(t, customers, id)
	for _, wrong := range []chat.ThreadID{"telegram:biz", "telegram:biz:BC-1", "telegram:biz::100", "telegram:biz:BC-1:-100", "telegram:biz:BC-1:100:7", "telegram:biz:B C:100"} {
		_, err := a.DecodeThreadID(wrong)
		require.ErrorIs(t, err, chat.ErrInvalidArgument, wrong)
	}
	_, err = a.EncodeThreadID(chat.ThreadRef{Channel: "-100:7"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

func TestAnswersAreDrafts(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *telegram.Config) { c.Drafts = true })
	thread, err := r.Thread(direct)
	require.NoError(t, err)
	chunk, more := make(chan string), make(chan struct{})
	go func() {
		defer close(more)
		chunk <- "some "
		for len(r.telegram.Drafts()) == 0 { // the first draft needs no pause
			chunk <- ""
		}
		chunk <- "**text**"
	}()
	sent, err := thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
		for {
			select {
			case text := <-chunk:
				if !yield(text, nil) {
					return
				}
			case <-more:
				return
			}
		}
	}))
	require.NoError(t, err)
	require.Equal(t, "some text", sent.Message.Text)
	drafts := r.telegram.Drafts()
	require.Equal(t, int64(ada), drafts[0].Chat)
	require.Equal(t, "some", strings.TrimSpace(drafts[0].Text))
	require.Len(t, r.telegram.Calls("sendMessage"), 1)
	require.Empty(t, r.telegram.Calls("editMessageText"))

	// Telegram has none in groups.
	inGroup, err := r.Thread("telegram:-1001234567890")
	require.NoError(t, err)
	before := len(r.telegram.Drafts())
	_, err = inGroup.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) { yield("text", nil) }))
	require.NoError(t, err)
	require.Len(t, r.telegram.Drafts(), before)
}
