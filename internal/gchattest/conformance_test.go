package gchattest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

const theFile = "what Ada has noted"

// sampled counts the messages of samples.
var sampled atomic.Int64

const (
	roomJSON = `"space":{"name":"spaces/AAAA","type":"ROOM","spaceType":"SPACE","displayName":"General"}`
	dmJSON   = `"space":{"name":"spaces/DDDD","type":"DM","spaceType":"DIRECT_MESSAGE","singleUserBotDm":true}`
	adaJSON  = `{"name":"` + ada + `","displayName":"Ada","email":"ada@example.com","type":"HUMAN"}`
	botJSON  = `{"name":"` + fakegchat.BotID + `","displayName":"The Bot","type":"BOT"}`
)

// mention is an annotation for "@The Bot" at the beginning of a text.
const mention = `"annotations":[{"type":"USER_MENTION","startIndex":0,"length":8,"userMention":{"type":"MENTION","user":` + botJSON + `}}],`

// messageJSON is a message in a space, with more fields.
func messageJSON(space, id, more string) string {
	in := roomJSON
	if space == dm {
		in = dmJSON
	}
	return fmt.Sprintf(`{"name":"%s/messages/%s","sender":%s,"createTime":"2026-01-01T00:00:00.5Z",%s"thread":{"name":"%s/threads/TTTT"},%s}`, space, id, adaJSON, more, space, in)
}

// chatEvent is an event in the older form.
func chatEvent(kind, space, more string) string {
	in := roomJSON
	if space == dm {
		in = dmJSON
	}
	return fmt.Sprintf(`{"type":%q,"eventTime":"2026-01-01T00:00:01Z","user":%s,%s,"seq":%d%s}`, kind, adaJSON, in, sampled.Add(1), more)
}

func messageEvent(space, id, more string) string {
	return chatEvent("MESSAGE", space, `,"message":`+messageJSON(space, id, more))
}

// addOnEvent is an event in the form of add-ons.
func addOnEvent(payload, space, more string) string {
	in := roomJSON
	if space == dm {
		in = dmJSON
	}
	return fmt.Sprintf(`{"commonEventObject":{"hostApp":"CHAT"},"chat":{"user":%s,"eventTime":"2026-01-01T00:00:01Z",%q:{%s%s}}}`, adaJSON, payload, in, more)
}

func wantMessage(thread chat.ThreadID, id, text string) []chat.Inbound {
	return []chat.Inbound{&chat.Message{ID: chat.MessageID(id), ThreadID: thread, Text: text, Author: chat.Author{UserID: ada, UserName: "Ada", FullName: "Ada"}}}
}

// base is that of events of Ada in the thread.
func base() chat.EventBase {
	return chat.EventBase{ThreadID: inThread, User: chat.Author{UserID: ada}}
}

func open(t *testing.T) adaptertest.Harness {
	t.Helper()
	s := newChat(t)
	s.AddFile("F1", []byte(theFile))
	s.AddMessage(fakegchat.Message{Name: room + "/messages/TTTT.M1", Thread: thread, Sender: ada, Text: "hello", At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	adapter := newAdapter(t, s)
	return adaptertest.Harness{
		Adapter: adapter, State: botrig.Memory(t), Posts: s.Shown, Ephemeral: s.Whispered, Limit: s.Limit, Break: s.Break,
		Restart: func() (chat.Adapter, error) { return newAdapter(t, s), nil },
		Click: func(ctx context.Context, p chattest.Posted, label string) (*adaptertest.Sample, error) {
			event, dialog, err := s.Click(fakegchat.ChatForm, p.ID, ada, label)
			if err != nil || !dialog {
				return &adaptertest.Sample{Body: event}, err
			}
			return nil, converse(ctx, s, adapter, event)
		},
		Modals: func(context.Context) (all []chattest.OpenedModal, err error) {
			for _, d := range s.Dialogs() {
				all = append(all, d.Modal())
			}
			return all, nil
		},
		Submit: func(_ context.Context, m chattest.OpenedModal, values chat.ModalValues) (*adaptertest.Sample, error) {
			inputs := map[string]any{}
			for id, value := range values {
				inputs[id] = fakegchat.Strings(value)
			}
			for _, d := range s.Dialogs() {
				if d.Modal().ContextID == m.ContextID {
					return &adaptertest.Sample{Body: s.Finish(d, "SUBMIT_DIALOG", inputs)}, nil
				}
			}
			return nil, errors.New("the dialog is not open")
		},
	}
}

// converse delivers an interaction as Chat does, which shows what it is answered with.
func converse(ctx context.Context, s *fakegchat.Server, adapter http.Handler, event string) error {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(event))
	sign(r, []byte(event), time.Time{})
	w := httptest.NewRecorder()
	adapter.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return fmt.Errorf("the webhook was answered %d: %s", w.Code, w.Body)
	}
	return s.Answer(fakegchat.ChatForm, room, ada, w.Body.Bytes())
}

func features() adaptertest.Features {
	reaction := `{"reaction":{"name":"spaces/AAAA/messages/TTTT.M1/reactions/R1","user":{"name":"` + ada + `","type":"HUMAN"},"emoji":{"unicode":"❤️"}}}`
	return adaptertest.Features{
		Sign: sign, BodyUnsigned: true, User: ada, Secrets: []string{fakegchat.ChatToken(), "ya29.token-1"},
		Formats: adaptertest.Bold | adaptertest.Italic | adaptertest.Strikethrough | adaptertest.Code | adaptertest.CodeBlocks | adaptertest.Quotes |
			adaptertest.Links | adaptertest.Lists | adaptertest.Mentions,
		Samples: []adaptertest.Sample{
			{Name: "in a space", Body: messageEvent(room, "TTTT.M1", mention+`"text":"@The Bot hello","formattedText":"<`+fakegchat.BotID+`> *hello*",`), Want: wantMessage(inThread, room+"/messages/TTTT.M1", "@The Bot hello")},
			{Name: "direct", Body: messageEvent(dm, "TTTT.M2", `"text":"hello",`), Want: wantMessage(inDM, dm+"/messages/TTTT.M2", "hello")},
			{Name: "of an add-on", Body: addOnEvent("messagePayload", room, `,"message":`+messageJSON(room, "TTTT.M3", mention+`"text":"@The Bot hello",`)), Want: wantMessage(inThread, room+"/messages/TTTT.M3", "@The Bot hello")},
			{
				Name: "file", Body: messageEvent(dm, "TTTT.M4", `"text":"see","attachment":[{"name":"spaces/DDDD/messages/TTTT.M4/attachments/A","contentName":"notes.txt","contentType":"text/plain","source":"UPLOADED_CONTENT","attachmentDataRef":{"resourceName":"F1"}}],`),
				Want: wantMessage(inDM, dm+"/messages/TTTT.M4", "see"), Files: []string{theFile},
			},
			{
				Name: "slash command", Body: messageEvent(room, "TTTT.M5", `"text":"/order 7 teas","argumentText":" 7 teas","slashCommand":{"commandId":"3"},"annotations":[{"type":"SLASH_COMMAND","startIndex":0,"length":6,"slashCommand":{"commandName":"/order","commandId":"3","type":"INVOKE"}}],`),
				Want: []chat.Inbound{&chat.SlashCommandEvent{EventBase: base(), ChannelID: "gchat:spaces/AAAA", Command: "/order", Text: "7 teas"}},
			},
			{
				Name: "quick command", Body: addOnEvent("appCommandPayload", room, `,"thread":{"name":"`+thread+`"},"appCommandMetadata":{"appCommandId":9,"appCommandType":"QUICK_COMMAND"}`),
				Want: []chat.Inbound{&chat.SlashCommandEvent{EventBase: base(), ChannelID: "gchat:spaces/AAAA", Command: "/9"}},
			},
			{
				Name: "added", Body: chatEvent("ADDED_TO_SPACE", room, ``),
				Want: []chat.Inbound{&chat.MembershipEvent{EventBase: chat.EventBase{User: chat.Author{UserID: fakegchat.BotID}}, ChannelID: "gchat:spaces/AAAA", Joined: true}},
			},
			{
				Name: "removed by an add-on's event", Body: addOnEvent("removedFromSpacePayload", room, ``),
				Want: []chat.Inbound{&chat.MembershipEvent{EventBase: chat.EventBase{User: chat.Author{UserID: fakegchat.BotID}}, ChannelID: "gchat:spaces/AAAA"}},
			},
			{Name: "installed", Body: chatEvent("ADDED_TO_SPACE", dm, ``), Want: []chat.Inbound{&chat.InstallationEvent{EventBase: chat.EventBase{User: chat.Author{UserID: ada}}, Workspace: dm, Installed: true}}},
			{Name: "a kind of the future", Body: chatEvent("TIME_TRAVEL", room, ``), Want: []chat.Inbound{&chat.PlatformEvent{Name: "gchat:TIME_TRAVEL"}}},
			{Name: "pushed", Body: push("message.v1.created", "m6", `{"message":`+pushedMessage("TTTT.M6", ada, `"text":"Hey",`)+`}`), Want: wantMessage(inThread, room+"/messages/TTTT.M6", "Hey")},
			{
				Name: "edit", Body: push("message.v1.updated", "u6", `{"message":`+pushedMessage("TTTT.M6", ada, `"text":"Hey you","lastUpdateTime":"2026-01-02T00:00:00Z",`)+`}`),
				Want: []chat.Inbound{&chat.MessageUpdatedEvent{EventBase: base(), Message: wantMessage(inThread, room+"/messages/TTTT.M6", "Hey you")[0].(*chat.Message)}},
			},
			{
				Name: "deletion", Body: push("message.v1.deleted", "d6", `{"message":{"name":"spaces/AAAA/messages/TTTT.M6","deleteTime":"2026-01-02T00:00:00Z","thread":{"name":"`+thread+`"}}}`),
				Want: []chat.Inbound{&chat.MessageDeletedEvent{EventBase: chat.EventBase{ThreadID: inThread}, MessageID: "spaces/AAAA/messages/TTTT.M6"}},
			},
			{Name: "reaction", Body: push("reaction.v1.created", "r1", reaction), Want: []chat.Inbound{&chat.ReactionEvent{EventBase: base(), MessageID: "spaces/AAAA/messages/TTTT.M1", Emoji: "heart", RawEmoji: "❤️", Added: true}}},
			{Name: "reaction taken back", Body: push("reaction.v1.deleted", "r2", reaction), Want: []chat.Inbound{&chat.ReactionEvent{EventBase: base(), MessageID: "spaces/AAAA/messages/TTTT.M1", Emoji: "heart", RawEmoji: "❤️"}}},
			{
				Name: "joined", Body: push("membership.v1.created", "j1", `{"membership":{"name":"spaces/AAAA/members/1","state":"JOINED","member":{"name":"`+ada+`","type":"HUMAN"}}}`),
				Want: []chat.Inbound{&chat.MembershipEvent{EventBase: chat.EventBase{User: chat.Author{UserID: ada}}, ChannelID: "gchat:spaces/AAAA", Joined: true}},
			},
			{Name: "a space that changes", Body: push("space.v1.updated", "s1", `{"space":{"name":"spaces/AAAA"}}`), Want: []chat.Inbound{&chat.PlatformEvent{Name: "gchat:space.v1.updated", Data: json.RawMessage(`{"space":{"name":"spaces/AAAA"}}`)}}},
			{Name: "own", Body: push("message.v1.created", "own", `{"message":`+pushedMessage("TTTT.M9", fakegchat.BotID, `"text":"mine",`)+`}`), Own: true},
		},
		Mention: adaptertest.Sample{Body: messageEvent(room, "TTTT.M60", mention+`"text":"@The Bot help",`), Want: wantMessage(inThread, room+"/messages/TTTT.M60", "@The Bot help")},
		MentionInCode: adaptertest.Sample{
			Body: push("message.v1.created", "m61", `{"message":`+pushedMessage("TTTT.M61", ada, "\"text\":\"type @bot help\",\"formattedText\":\"type `@bot help`\",")+`}`),
			Want: wantMessage(inThread, room+"/messages/TTTT.M61", "type @bot help"),
		},
		Foreign: []chat.ThreadID{
			"gchat:", "gchat:spaces", "gchat:spaces/", "gchat:AAAA", "gchat:spaces/A/B", "gchat:spaces/AAAA:", "gchat:spaces/AAAA:x", "gchat:spaces/AAAA:dm:dm", "gchat:spaces/AAAA:c3BhY2VzL0JCQkIvdGhyZWFkcy9U",
			"gchat:spaces/AAAA:c3BhY2VzL0FBQUEvdGhyZWFkcy9UVFRU:DM", "gchat:spaces/AAAA:c3BhY2VzL0FBQUEvdGhyZWFkcy9UVFRU=", "gchat:spaces/..",
		},
	}
}

// push is what Pub/Sub pushes, with the data as it is.
func push(kind, id, data string) string {
	return fakegchat.Push("google.workspace.chat."+kind, id, json.RawMessage(data))
}

func pushedMessage(id, sender, more string) string {
	kind := "HUMAN"
	if sender == fakegchat.BotID {
		kind = "BOT"
	}
	return fmt.Sprintf(`{"name":"spaces/AAAA/messages/%s","sender":{"name":%q,"type":%q},"createTime":"2026-01-01T00:00:00Z",%s"thread":{"name":"%s"},"space":{"name":"spaces/AAAA"}}`, id, sender, kind, more, thread)
}

func TestConformance(t *testing.T) { adaptertest.Run(t, open, features()) }

func FuzzConformance(f *testing.F) { adaptertest.Fuzz(f, open, features()) }
