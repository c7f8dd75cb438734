package messaging

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// event is something that has happened in a conversation.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events
type event struct {
	account string
	user    string // empty if it is not known
	own     bool   // the account itself has caused it
	at      time.Time
	kind    string          // the field that says what has happened
	data    json.RawMessage // its content
	raw     json.RawMessage // the whole event
}

// kinds are the events that the adapter reads. An event has one of them, or one that the
// adapter hands on as it is.
var kinds = []string{"message", "message_edit", "reaction", "postback"}

// readEvent reads an event as far as its kind.
func readEvent(account string, fields map[string]json.RawMessage, raw json.RawMessage) (*event, error) {
	type party struct {
		ID string `json:"id"`
	}
	var sender, recipient party
	var at json.Number
	for name, into := range map[string]any{"sender": &sender, "recipient": &recipient, "timestamp": &at} {
		if data, ok := fields[name]; ok {
			if err := webhook.DecodeJSON(data, into); err != nil {
				return nil, err
			}
		}
	}
	e := &event{account: account, raw: raw, at: timeOf(at), own: sender.ID == account, user: sender.ID}
	if e.own {
		e.user = recipient.ID
	}
	if !isID(e.user) || e.user == account {
		e.user = ""
	}
	given := slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool {
		return name == "sender" || name == "recipient" || name == "timestamp" || bytes.Equal(fields[name], []byte("null"))
	})
	if len(given) == 0 {
		return nil, webhook.BadRequest("an event does not say what has happened")
	}
	e.kind = given[0]
	if i := slices.IndexFunc(given, func(name string) bool { return slices.Contains(kinds, name) }); i >= 0 {
		e.kind = given[i]
	}
	e.data = fields[e.kind]
	return e, nil
}

// id names an event by what it is: Meta gives it no id, and delivers it the same when it
// delivers it again.
func (e *event) id() string {
	compact := &bytes.Buffer{}
	_ = json.Compact(compact, e.raw) // it was decoded before
	return fmt.Sprintf("%s:%x", e.kind, sha256.Sum256(compact.Bytes()))
}

// timeOf is a time in milliseconds, or as some of Meta's examples have it in seconds.
func timeOf(n json.Number) time.Time {
	const seconds = 100_000_000_000 // in the year 5138, or in milliseconds in 1973
	at, err := n.Int64()
	switch {
	case err != nil || at <= 0 || at >= 1<<53:
		return time.Time{}
	case at < seconds:
		return time.Unix(at, 0).UTC()
	}
	return time.UnixMilli(at).UTC()
}

// message is what somebody has written.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/messages
type message struct {
	MID        string `json:"mid"`
	Text       string `json:"text"`
	Echo       bool   `json:"is_echo"`
	Deleted    bool   `json:"is_deleted"`
	QuickReply *struct {
		Payload string `json:"payload"`
	} `json:"quick_reply"`
	ReplyTo *struct {
		MID   string `json:"mid"`
		Story *struct {
			ID  string `json:"id"`
			URL string `json:"url"`
		} `json:"story"`
	} `json:"reply_to"`
	Attachments attachments     `json:"attachments"`
	Referral    json.RawMessage `json:"referral"`
}

// attachments are what came with a message. One of a form that is not known is none of a
// known type, and holds up neither the others nor the message.
type attachments []attachment

// UnmarshalJSON decodes a list, or one attachment alone, as some events have it.
func (all *attachments) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		list = []json.RawMessage{data}
	}
	for _, raw := range list {
		var at attachment
		if json.Unmarshal(raw, &at) != nil {
			at = attachment{}
		}
		*all = append(*all, at)
	}
	return nil
}

// attachment is what came with a message.
type attachment struct {
	Type string `json:"type"`
	// URL and Title are those of a page that was shared, as older events have it.
	URL     string `json:"url"`
	Title   string `json:"title"`
	Payload struct {
		URL         string `json:"url"`
		Title       string `json:"title"`
		Coordinates *struct {
			Lat  float64 `json:"lat"`
			Long float64 `json:"long"`
		} `json:"coordinates"`
	} `json:"payload"`
}

func (at *attachment) link() chat.Link {
	return chat.Link{URL: cmp.Or(at.Payload.URL, at.URL), Title: cmp.Or(at.Payload.Title, at.Title)}
}

// messageEdit is the new text of a message.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/message-edits
type messageEdit struct {
	MID  string `json:"mid"`
	Text string `json:"text"`
}

// reaction is an emoji that was put to a message, or taken away.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/message-reactions
type reaction struct {
	MID    string `json:"mid"`
	Action string `json:"action"`
	Emoji  string `json:"emoji"`
	// Name is a word for it, such as "love".
	Name string `json:"reaction"`
}

// reactionNames are the emoji of a reaction's names, which come without one from old
// versions of the API.
var reactionNames = map[string]string{
	"smile": "😆", "laugh": "😆", "angry": "😠", "sad": "😢", "wow": "😮", "love": "❤", "like": "👍", "dislike": "👎",
}

// postback is a click on a button.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/messaging_postbacks
type postback struct {
	Payload  string          `json:"payload"`
	Referral json.RawMessage `json:"referral"`
}
