package adaptertest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

func TestDifferences(t *testing.T) {
	seen := &chat.Message{
		ID: "1", ThreadID: "a:b:c", Text: "hello", Formatted: markdown.Parse("**hello**"), Raw: json.RawMessage(`{"a": 1}`),
		SentAt: time.UnixMilli(5), Author: chat.Author{UserID: "u", Bot: new(bool)}, Attachments: []chat.Attachment{{Type: "image", Size: 3}},
	}
	for _, test := range []struct {
		want *chat.Message
		says string
	}{
		{&chat.Message{ID: "1"}, ""},
		{&chat.Message{Formatted: markdown.Parse("__hello__"), Raw: json.RawMessage(`{"a":1}`), SentAt: time.UnixMilli(5).UTC()}, ""},
		{&chat.Message{Attachments: []chat.Attachment{{Type: "image"}}}, ""},
		{&chat.Message{ID: "2"}, `ID is "1", want "2"`},
		{&chat.Message{Author: chat.Author{UserID: "v"}}, `Author.UserID is "u", want "v"`},
		{&chat.Message{Author: chat.Author{Bot: new(true)}}, "Author.Bot is false, want true"},
		{&chat.Message{Mention: new(bool)}, "Mention is nil, want false"},
		{&chat.Message{Attachments: []chat.Attachment{{Type: "file"}}}, `Attachments[0].Type is "image", want "file"`},
		{&chat.Message{Attachments: make([]chat.Attachment, 2)}, "Attachments has 1 elements, want 2"},
		{&chat.Message{Raw: json.RawMessage(`{"a":2}`)}, `Raw is "{\"a\": 1}", want "{\"a\":2}"`},
		{&chat.Message{Formatted: markdown.Parse("hello")}, "Formatted is"},
	} {
		got := strings.Join(differences(test.want, seen), "; ")
		if got != test.says && (test.says == "" || !strings.HasPrefix(got, test.says)) {
			t.Errorf("seen: %s\nwant: %s", got, test.says)
		}
	}
	if got := differences(&chat.ReactionEvent{}, seen); len(got) != 1 {
		t.Errorf("a message for a reaction: %q", got)
	}
	event := &chat.ReactionEvent{EventBase: chat.EventBase{ID: "1"}, Emoji: "heart"}
	if got := differences(&chat.ReactionEvent{EventBase: chat.EventBase{ID: "2"}}, event); len(got) != 1 || got[0] != `ID is "1", want "2"` {
		t.Errorf("an event: %q", got)
	}
}

func TestDifferencesOfMessagesThatWereRead(t *testing.T) {
	var want chat.Message
	err := json.Unmarshal([]byte(`{"_type":"chat:Message","id":"1","newer":{"a":1},"author":{"userId":"u","newer":true}}`), &want)
	if err != nil {
		t.Fatal(err)
	}
	if got := differences(&want, &chat.Message{ID: "1", Author: chat.Author{UserID: "u"}}); len(got) != 0 {
		t.Errorf("fields without a name: %q", got)
	}
}

func TestTampered(t *testing.T) {
	for _, value := range []string{"1700000000", "v0=deadbeef00112233", "eyJhbGciOiJFUzI1NiJ9.eyJpIjoxfQ.c2lnbmF0dXJl", "Bearer x", "s"} {
		wrong := tampered(value)
		if len(wrong) < 5 {
			t.Errorf("%q is tampered with in %d ways", value, len(wrong))
		}
		for _, w := range wrong {
			if w == value {
				t.Errorf("%q is among its own tampered values", value)
			}
		}
	}
}

func TestDamageChangesABody(t *testing.T) {
	if damage(newRandom(), "") == "" {
		t.Error("an empty body stays empty")
	}
}
