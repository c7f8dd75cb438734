package messengertest

import (
	"context"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/fakemeta/fakemessaging"
)

const theFile = "what Ada has noted"

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newMessenger(t)
	s.AddFile("notes.txt", []byte(theFile))
	return adaptertest.Harness{
		Adapter: newAdapter(t, s), State: botrig.Memory(t), Posts: s.Posts, Typing: s.Typing, Limit: s.Limit, Break: s.Break,
		Restart: func() (chat.Adapter, error) { return newAdapter(t, s), nil },
		Click: func(_ context.Context, p chattest.Posted, label string) (*adaptertest.Sample, error) {
			event, err := s.Event(p, label)
			return &adaptertest.Sample{Body: delivery(from(1772998060000, event))}, err
		},
	}
}

func wantMessage(id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{ID: chat.MessageID(id), ThreadID: adasThread, Text: text, Author: chat.Author{UserID: ada}}}
}

func base() chat.EventBase {
	return chat.EventBase{ThreadID: adasThread, User: chat.Author{UserID: ada}}
}

func features() adaptertest.Features {
	return adaptertest.Features{
		Sign: sign, User: ada, OneReaction: true, NoEdits: true, NoDeletes: true, Secrets: []string{appSecret, fakemessaging.Token, verifyToken},
		Samples: []adaptertest.Sample{
			{Name: "message", Body: delivery(from(1772998024000, `"message":{"mid":"m_in_1","text":"hello *there*"}`)), Want: wantMessage("m_in_1", "hello *there*")},
			{
				Name: "file",
				Body: delivery(from(1772998025000, `"message":{"mid":"m_in_2","text":"see","attachments":[{"type":"file","payload":{"url":"https://lookaside.fbsbx.com/notes.txt"}}]}`)),
				Want: wantMessage("m_in_2", "see"), Files: []string{theFile},
			},
			{
				Name: "two messages", Body: delivery(
					from(1772998026000, `"message":{"mid":"m_in_3","text":"one"}`), from(1772998027000, `"message":{"mid":"m_in_4","text":"two"}`),
				),
				Want: append(wantMessage("m_in_3", "one"), wantMessage("m_in_4", "two")...),
			},
			{
				Name: "edit", Body: delivery(from(1772998028000, `"message_edit":{"mid":"m_in_1","text":"hello, you","num_edit":"1"}`)),
				Want: []chat.Inbound{&chat.MessageUpdatedEvent{EventBase: base(), Message: wantMessage("m_in_1", "hello, you")[0].(*chat.Message)}},
			},
			{
				Name: "reaction", Body: delivery(from(1772998029000, `"reaction":{"mid":"m_in_1","action":"react","emoji":"❤","reaction":"love"}`)),
				Want: []chat.Inbound{&chat.ReactionEvent{EventBase: base(), MessageID: "m_in_1", Emoji: "heart", RawEmoji: "❤", Added: true}},
			},
			{
				Name: "click", Body: delivery(from(1772998030000, `"postback":{"mid":"m_in_5","title":"Say Hello","payload":"chat:{\"a\":\"hello\",\"v\":\"7\"}"}`)),
				Want: []chat.Inbound{&chat.ActionEvent{EventBase: base(), ActionID: "hello", Value: "7"}},
			},
			{
				Name: "quick reply", Body: delivery(from(1772998031000, `"message":{"mid":"m_in_6","text":"Yes","quick_reply":{"payload":"chat:{\"a\":\"confirm\",\"v\":\"yes\"}"}}`)),
				Want: []chat.Inbound{&chat.ActionEvent{EventBase: base(), ActionID: "confirm", Value: "yes"}},
			},
			{
				Name: "referral", Body: delivery(from(1772998032000, `"referral":{"ref":"poster","source":"SHORTLINK","type":"OPEN_THREAD"}`)),
				Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base(), Name: "messenger:referral", Data: []byte(`{"ref":"poster","source":"SHORTLINK","type":"OPEN_THREAD"}`)}},
			},
			{
				Name: "read", Body: delivery(from(1772998033000, `"read":{"watermark":1772998033000}`)),
				Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base(), Name: "messenger:read", Data: []byte(`{"watermark":1772998033000}`)}},
			},
			{
				Name: "a kind of the future", Body: delivery(from(1772998034000, `"time_travel":{"to":1900}`)),
				Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base(), Name: "messenger:time_travel", Data: []byte(`{"to":1900}`)}},
			},
			{
				Name: "echo", Own: true,
				Body: delivery(`{"sender":{"id":"` + page + `"},"recipient":{"id":"` + ada + `"},"timestamp":1772998035000,"message":{"mid":"m_out_1","text":"mine","is_echo":true,"app_id":7}}`),
			},
		},
		Foreign: []chat.ThreadID{"messenger:", "messenger:x", "messenger:-5", "messenger:1:2", "messenger:+5", "messenger:1 ", "messenger:123456789012345678901234567890123"},
	}
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features()) }
