package telegramtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/telegramtest/faketelegram"
)

const (
	secret = "5cc1f43bd1a0e5a2"
	ada    = 100
	group  = -1001234567890
)

func newTelegram(tb testing.TB) *faketelegram.Server {
	tb.Helper()
	s := faketelegram.New(tb)
	s.AddChat(faketelegram.Chat{ID: ada, Type: "private", Title: "Ada", UserName: "ada"})
	s.AddChat(faketelegram.Chat{ID: group, Type: "supergroup", Title: "General", Members: 7})
	s.AddChat(faketelegram.Chat{ID: -55, Type: "group", Title: "Friends", Members: 3})
	s.AddChat(faketelegram.Chat{ID: -100777, Type: "channel", Title: "News", UserName: "news", Members: 70})
	return s
}

func newAdapter(tb testing.TB, s *faketelegram.Server, change ...func(*telegram.Config)) *telegram.Adapter {
	tb.Helper()
	cfg := telegram.Config{BotToken: faketelegram.Token, WebhookSecret: secret, APIURL: s.URL}
	for _, c := range change {
		c(&cfg)
	}
	a, err := telegram.New(cfg)
	require.NoError(tb, err)
	return a
}

func sign(r *http.Request, _ []byte, _ time.Time) {
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
}

// sampled counts the updates of samples.
var sampled atomic.Int64

// updateOf is an update with the fields.
func updateOf(fields string) string {
	return fmt.Sprintf(`{"update_id":%d,%s}`, 1000+sampled.Add(1), fields)
}

func messageIn(chatID int64, kind string, id int, rest string) string {
	return fmt.Sprintf(`"message":{"message_id":%d,"date":1767224888,"from":{"id":100,"is_bot":false,"first_name":"Ada","username":"ada"},`+
		`"chat":{"id":%d,"type":%q},%s}`, id, chatID, kind, rest)
}

func wantMessage(thread, id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{
		ID: chat.MessageID(id), ThreadID: chat.ThreadID(thread), Text: text, Author: chat.Author{UserID: "100", UserName: "ada", FullName: "Ada"},
	}}
}

const theFile = "what Ada has noted"

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newTelegram(t)
	s.AddFile("F1", []byte(theFile))
	return adaptertest.Harness{
		Adapter: newAdapter(t, s, shortAlbums), State: botrig.Memory(t), Move: s.Upgrade, Posts: s.Shown, Typing: s.Typing, Limit: s.Limit, Break: s.Break,
		Restart: func() (chat.Adapter, error) { return newAdapter(t, s, shortAlbums), nil },
		Click: func(_ context.Context, p chattest.Posted, label string) (*adaptertest.Sample, error) {
			data, err := s.Button(p.ID, label)
			if err != nil {
				return nil, err
			}
			quoted, err := json.Marshal(data)
			parts := strings.Split(string(p.ID), ":")
			kind := "supergroup"
			if !strings.HasPrefix(parts[0], "-") {
				kind = "private"
			}
			return &adaptertest.Sample{Body: updateOf(fmt.Sprintf(`"callback_query":{"id":"click-%d","from":{"id":100,"is_bot":false,"first_name":"Ada"},`+
				`"message":{"message_id":%s,"date":1767224888,"chat":{"id":%s,"type":%q}},"data":%s}`, sampled.Add(1), parts[1], parts[0], kind, quoted))}, err
		},
	}
}

func shortAlbums(c *telegram.Config) { c.AlbumWait = 300 * time.Millisecond }

func albumPart(id int, caption string) string {
	return messageIn(group, "supergroup", id, caption+`"media_group_id":"album","photo":[{"file_id":"P","file_unique_id":"p","width":1,"height":1}]`)
}

func features() adaptertest.Features {
	return adaptertest.Features{
		Sign: sign, BodyUnsigned: true, User: "100", OneReaction: true, Secrets: []string{secret, faketelegram.Token},
		Formats: adaptertest.Bold | adaptertest.Italic | adaptertest.Strikethrough | adaptertest.Code | adaptertest.CodeBlocks |
			adaptertest.Quotes | adaptertest.Links | adaptertest.Mentions,
		Samples: []adaptertest.Sample{
			{
				Name: "direct", Body: updateOf(messageIn(ada, "private", 1, `"text":"hello *there*","entities":[{"type":"italic","offset":0,"length":5}]`)),
				Want: wantMessage("telegram:100", "100:1", "hello *there*"),
			},
			{Name: "group", Body: updateOf(messageIn(group, "supergroup", 2, `"text":"hello"`)), Want: wantMessage("telegram:-1001234567890", "-1001234567890:2", "hello")},
			{
				Name: "topic", Body: updateOf(messageIn(group, "supergroup", 3, `"message_thread_id":7,"is_topic_message":true,"text":"hello"`)),
				Want: wantMessage("telegram:-1001234567890:7", "-1001234567890:3", "hello"),
			},
			{
				Name: "a thread of answers, which is no topic", Body: updateOf(messageIn(group, "supergroup", 4, `"message_thread_id":2,"text":"yes"`)),
				Want: wantMessage("telegram:-1001234567890", "-1001234567890:4", "yes"),
			},
			{
				Name: "file", Body: updateOf(messageIn(ada, "private", 5, `"caption":"see","document":{"file_id":"F1","file_name":"notes.txt","mime_type":"text/plain","file_size":18}`)),
				Want: wantMessage("telegram:100", "100:5", "see"), Files: []string{theFile},
			},
			{
				Name: "command", Body: updateOf(messageIn(ada, "private", 6, `"text":"/order 7 teas","entities":[{"type":"bot_command","offset":0,"length":6}]`)),
				Want: []chat.Inbound{&chat.SlashCommandEvent{
					EventBase: chat.EventBase{ThreadID: "telegram:100", User: chat.Author{UserID: "100"}}, ChannelID: "telegram:100", Command: "/order", Text: "7 teas",
				}},
			},
			{
				Name: "edit", Body: updateOf(strings.Replace(messageIn(ada, "private", 1, `"edit_date":1767224899,"text":"hello, you"`), `"message":`, `"edited_message":`, 1)),
				Want: []chat.Inbound{&chat.MessageUpdatedEvent{
					EventBase: chat.EventBase{ThreadID: "telegram:100", User: chat.Author{UserID: "100"}},
					Message:   wantMessage("telegram:100", "100:1", "hello, you")[0].(*chat.Message),
				}},
			},
			{
				Name: "reaction", Body: updateOf(`"message_reaction":{"chat":{"id":-1001234567890,"type":"supergroup"},"message_id":2,"date":1767224901,` +
					`"user":{"id":100,"is_bot":false,"first_name":"Ada"},"old_reaction":[],"new_reaction":[{"type":"emoji","emoji":"❤"}]}`),
				Want: []chat.Inbound{&chat.ReactionEvent{
					EventBase: chat.EventBase{ThreadID: "telegram:-1001234567890", User: chat.Author{UserID: "100"}}, MessageID: "-1001234567890:2", Emoji: "heart", RawEmoji: "❤", Added: true,
				}},
			},
			{
				Name: "channel post", Body: updateOf(`"channel_post":{"message_id":8,"date":1767224888,"sender_chat":{"id":-100777,"type":"channel","title":"News"},` +
					`"chat":{"id":-100777,"type":"channel","title":"News"},"text":"today"}`),
				Want: []chat.Inbound{&chat.Message{
					ID: "-100777:8", ThreadID: "telegram:-100777", Text: "today", Author: chat.Author{UserID: "-100777", FullName: "News"},
				}},
			},
			{
				Name: "blocked", Body: updateOf(`"my_chat_member":{"chat":{"id":100,"type":"private"},"from":{"id":100,"is_bot":false,"first_name":"Ada"},"date":1767224888,` +
					`"old_chat_member":{"status":"member","user":{"id":4711,"is_bot":true}},"new_chat_member":{"status":"kicked","user":{"id":4711,"is_bot":true},"until_date":0}}`),
				Want: []chat.Inbound{&chat.InstallationEvent{EventBase: chat.EventBase{User: chat.Author{UserID: "100"}}, Workspace: "100"}},
			},
			{
				Name: "joined", Body: updateOf(`"chat_member":{"chat":{"id":-1001234567890,"type":"supergroup"},"from":{"id":100,"is_bot":false,"first_name":"Ada"},"date":1767224888,` +
					`"old_chat_member":{"status":"left","user":{"id":101,"is_bot":false,"first_name":"Bob"}},"new_chat_member":{"status":"member","user":{"id":101,"is_bot":false,"first_name":"Bob"}}}`),
				Want: []chat.Inbound{&chat.MembershipEvent{
					EventBase: chat.EventBase{User: chat.Author{UserID: "101"}}, ChannelID: "telegram:-1001234567890", Joined: true,
				}},
			},
			{
				Name: "a kind of the future", Body: updateOf(`"time_travel":{"to":1900}`),
				Want: []chat.Inbound{&chat.PlatformEvent{Name: "telegram:time_travel", Data: json.RawMessage(`{"to":1900}`)}},
			},
			{
				Name: "own", Body: updateOf(`"message":{"message_id":9,"date":1767224888,"from":{"id":4711,"is_bot":true,"first_name":"The Bot"},"chat":{"id":-1001234567890,"type":"supergroup"},"text":"mine"}`),
				Own: true,
			},
		},
		Mention: adaptertest.Sample{
			Body: updateOf(messageIn(group, "supergroup", 60, `"text":"@thebot help","entities":[{"type":"mention","offset":0,"length":7}]`)),
			Want: wantMessage("telegram:-1001234567890", "-1001234567890:60", "@thebot help"),
		},
		MentionInCode: adaptertest.Sample{
			Body: updateOf(messageIn(group, "supergroup", 61, `"text":"type @thebot help","entities":[{"type":"code","offset":5,"length":12}]`)),
			Want: wantMessage("telegram:-1001234567890", "-1001234567890:61", "type @thebot help"),
		},
		Album: []adaptertest.Sample{
			{Name: "first", Body: updateOf(albumPart(70, `"caption":"see",`)), Want: []chat.Inbound{&chat.Message{
				ID: "-1001234567890:70", ThreadID: "telegram:-1001234567890", Text: "see", Author: chat.Author{UserID: "100"},
				Attachments: []chat.Attachment{{Type: "image"}, {Type: "image"}, {Type: "image"}},
			}}},
			{Name: "second", Body: updateOf(albumPart(71, ""))},
			{Name: "third", Body: updateOf(albumPart(72, ""))},
		},
		Moves: "telegram:-55",
		Twins: []adaptertest.Sample{
			{Name: "one", Body: updateOf(messageIn(ada, "private", 50, `"text":"one"`)), Want: wantMessage("telegram:100", "100:50", "one")},
			{Name: "two", Body: updateOf(messageIn(group, "supergroup", 50, `"text":"two"`)), Want: wantMessage("telegram:-1001234567890", "-1001234567890:50", "two")},
		},
		Foreign: []chat.ThreadID{"telegram:", "telegram:0", "telegram:+5", "telegram:05", "telegram:1:0", "telegram:1:-2", "telegram:1:2:3", "telegram:x", "telegram:@ada"},
	}
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features()) }
