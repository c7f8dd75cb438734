package whatsapptest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/whatsapptest/fakewhatsapp"
)

// theFile is what the file of a sample holds.
const theFile = "what the file holds"

// taps counts the taps of Click.
var taps atomic.Int64

func open(t *testing.T) adaptertest.Harness {
	s := newWhatsApp(t)
	s.AddFile("F1", "application/pdf", []byte(theFile))
	for _, sample := range features().Samples {
		for _, want := range sample.Want {
			if m, ok := want.(*chat.Message); ok {
				s.Receive(m.ThreadID, m.ID)
			}
		}
	}
	return adaptertest.Harness{
		Adapter: newAdapter(t, s), State: botrig.Memory(t), Limit: s.Limit, Break: s.Break,
		Posts:   func(_ context.Context, thread chat.ThreadID) ([]chattest.Posted, error) { return s.Shown(thread), nil },
		Read:    func(_ context.Context, thread chat.ThreadID) (chat.MessageID, error) { return s.Read(thread), nil },
		Restart: func() (chat.Adapter, error) { return newAdapter(t, s), nil },
		Click: func(_ context.Context, p chattest.Posted, label string) (*adaptertest.Sample, error) {
			for _, c := range s.Choices(p.ID) {
				if c.Title == label || c.Description == label {
					return &adaptertest.Sample{Body: tap(p.ID, c)}, nil
				}
			}
			return nil, fmt.Errorf("the message %q has no button %q", p.ID, label)
		},
	}
}

// tap is the webhook of a tap on a button or a row.
func tap(on chat.MessageID, c fakewhatsapp.Choice) string {
	kind := "button_reply"
	if c.Description != "" {
		kind = "list_reply"
	}
	data, _ := json.Marshal(c)
	return from(fmt.Sprintf(`"id":"wamid.tap%d","type":"interactive","context":{"from":%q,"id":%q},"interactive":{"type":%q,%q:%s}`,
		taps.Add(1), fakewhatsapp.PhoneNumber, on, kind, kind, data))
}

func wantMessage(id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{
		ID: chat.MessageID("wamid." + id), ThreadID: adaThread, Text: text, Author: chat.Author{UserID: ada, UserName: "Ada", FullName: "Ada"},
	}}
}

func features() adaptertest.Features {
	base := chat.EventBase{ThreadID: adaThread, User: chat.Author{UserID: ada}}
	return adaptertest.Features{
		Sign: sign, User: ada, OneReaction: true, NoEdits: true, NoDeletes: true, Secrets: []string{appSecret, verifyToken, fakewhatsapp.Token},
		Formats: adaptertest.Bold | adaptertest.Italic | adaptertest.Strikethrough | adaptertest.Code | adaptertest.CodeBlocks | adaptertest.Quotes,
		Samples: []adaptertest.Sample{
			{Name: "text", Body: from(text("1", "hello *there*")), Want: wantMessage("1", "hello *there*")},
			{Name: "two in one", Body: from(text("2", "one"), text("3", "two")), Want: append(wantMessage("2", "one"), wantMessage("3", "two")...)},
			{
				Name: "file", Body: from(`"id":"wamid.4","type":"document","document":{"id":"F1","mime_type":"application/pdf","filename":"a.pdf","caption":"see"}`),
				Want: wantMessage("4", "see"), Files: []string{theFile},
			},
			{
				Name: "reaction", Body: from(`"id":"wamid.5","type":"reaction","reaction":{"message_id":"wamid.1","emoji":"❤️"}`),
				Want: []chat.Inbound{&chat.ReactionEvent{EventBase: base, MessageID: "wamid.1", Emoji: "heart", RawEmoji: "❤️", Added: true}},
			},
			{
				Name: "button of a template", Body: from(`"id":"wamid.6","type":"button","context":{"id":"wamid.9"},"button":{"payload":"yes","text":"Yes, please"}`),
				Want: []chat.Inbound{&chat.ActionEvent{EventBase: base, MessageID: "wamid.9", ActionID: "yes", Value: "Yes, please"}},
			},
			{
				Name: "status", Body: delivery(entry(fakewhatsapp.PhoneNumberID, `"statuses":[{"id":"wamid.9","status":"read","timestamp":"1749416390","recipient_id":"`+ada+`"}]`)),
				Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base, Name: "whatsapp:status"}},
			},
			{
				Name: "a kind of the future", Body: from(`"id":"wamid.7","type":"hologram","hologram":{}`),
				Want: []chat.Inbound{&chat.PlatformEvent{EventBase: base, Name: "whatsapp:hologram"}},
			},
			{
				Name: "a field of the future", Body: delivery(`{"id":"102290129340398","changes":[{"field":"time_travel","value":{"to":1900}}]}`),
				Want: []chat.Inbound{&chat.PlatformEvent{Name: "whatsapp:time_travel", Data: json.RawMessage(`{"to":1900}`)}},
			},
			{Name: "another's number", Body: delivery(entry("999", adasContact, messagesOf(text("8", "for others"))))},
			{
				Name: "own", Own: true, Body: strings.ReplaceAll(from(text("10", "mine")), ada, fakewhatsapp.PhoneNumber),
			},
		},
		Foreign: []chat.ThreadID{
			"whatsapp:", "whatsapp:1", "whatsapp:1:", "whatsapp::2", "whatsapp:1:2:3", "whatsapp:x:2", "whatsapp:1:+2", "whatsapp:1:us.1", "whatsapp:1:US.", "whatsapp:1:US.a b",
		},
	}
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features()) }
