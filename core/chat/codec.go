package chat

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// The JSON of a Message is the TypeScript SDK's, with its field order. Encoding
// is written by hand because every accepted message passes through it.

const messageType = "chat:Message"

// MarshalJSON returns the TypeScript SDK's "chat:Message".
func (m *Message) MarshalJSON() ([]byte, error) {
	return m.appendJSON(make([]byte, 0, 512+2*len(m.Text)+len(m.Raw)))
}

func (m *Message) appendJSON(b []byte) ([]byte, error) {
	b = append(b, `{"_type":"chat:Message","id":`...)
	b = appendString(b, string(m.ID))
	b = append(b, `,"threadId":`...)
	b = appendString(b, string(m.ThreadID))
	b = append(b, `,"text":`...)
	b = appendString(b, m.Text)
	b = append(b, `,"formatted":`...)
	if m.Formatted == nil {
		b = append(b, `{"type":"root","children":[{"type":"paragraph","children":[{"type":"text","value":`...)
		b = appendString(b, m.Text)
		b = append(b, `}]}]}`...)
	} else {
		tree, err := json.Marshal(m.Formatted)
		if err != nil {
			return nil, fmt.Errorf("chat: message.Formatted: %w", err)
		}
		b = append(b, tree...)
	}
	b = append(b, `,"raw":`...)
	if len(m.Raw) == 0 {
		b = append(b, "null"...)
	} else {
		if !json.Valid(m.Raw) {
			return nil, fmt.Errorf("%w: message.Raw is not valid JSON", ErrInvalidArgument)
		}
		b = append(b, m.Raw...)
	}
	b = m.Author.appendJSON(append(b, `,"author":`...))
	b = append(b, `,"metadata":{"dateSent":`...)
	b = appendTime(b, m.SentAt)
	b = append(b, `,"edited":`...)
	b = strconv.AppendBool(b, m.Edited)
	if !m.EditedAt.IsZero() {
		b = appendTime(append(b, `,"editedAt":`...), m.EditedAt)
	}
	b = append(b, `},"attachments":`...)
	b, err := appendSlice(b, m.Attachments)
	if err != nil {
		return nil, err
	}
	if m.ReplyTo != nil {
		b = append(b, `,"replyTo":`...)
		if b, err = m.ReplyTo.appendJSON(b); err != nil {
			return nil, err
		}
	}
	if m.Mention != nil {
		b = strconv.AppendBool(append(b, `,"isMention":`...), *m.Mention)
	}
	if len(m.Links) > 0 {
		if b, err = appendSlice(append(b, `,"links":`...), m.Links); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func (a *Author) appendJSON(b []byte) []byte {
	b = appendString(append(b, `{"userId":`...), string(a.UserID))
	b = appendString(append(b, `,"userName":`...), a.UserName)
	b = appendString(append(b, `,"fullName":`...), a.FullName)
	if a.Email != "" {
		b = appendString(append(b, `,"email":`...), a.Email)
	}
	b = append(b, `,"isBot":`...)
	if a.Bot == nil {
		b = append(b, `"unknown"`...)
	} else {
		b = strconv.AppendBool(b, *a.Bot)
	}
	b = strconv.AppendBool(append(b, `,"isMe":`...), a.Me)
	if a.System {
		b = append(b, `,"isSystem":true`...)
	}
	return append(b, '}')
}

// MarshalJSON returns the TypeScript SDK's author.
func (a Author) MarshalJSON() ([]byte, error) { return a.appendJSON(nil), nil }

// UnmarshalJSON reads the TypeScript SDK's author.
func (a *Author) UnmarshalJSON(data []byte) error {
	var v authorJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return fmt.Errorf("chat: author: %w", err)
	}
	*a = v.author()
	return nil
}

func appendSlice[T any](b []byte, items []T) ([]byte, error) {
	if len(items) == 0 {
		return append(b, "[]"...), nil
	}
	data, err := json.Marshal(items)
	return append(b, data...), err
}

// appendTime writes a time as JavaScript's toISOString does.
func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	return append(b, '"')
}

const hexDigits = "0123456789abcdef"

// appendString writes a string as JavaScript's JSON.stringify does. What is not
// UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

type authorJSON struct {
	UserID   UserID          `json:"userId"`
	UserName string          `json:"userName"`
	FullName string          `json:"fullName"`
	Email    string          `json:"email"`
	IsBot    json.RawMessage `json:"isBot"`
	IsMe     bool            `json:"isMe"`
	IsSystem bool            `json:"isSystem"`
}

func (v *authorJSON) author() Author {
	a := Author{UserID: v.UserID, UserName: v.UserName, FullName: v.FullName, Email: v.Email, Me: v.IsMe, System: v.IsSystem}
	switch string(v.IsBot) {
	case "true":
		a.Bot = new(true)
	case "false":
		a.Bot = new(false)
	}
	return a
}

type messageJSON struct {
	Type      string          `json:"_type"`
	ID        MessageID       `json:"id"`
	ThreadID  ThreadID        `json:"threadId"`
	Text      string          `json:"text"`
	Formatted json.RawMessage `json:"formatted"`
	Raw       json.RawMessage `json:"raw"`
	Author    authorJSON      `json:"author"`
	Metadata  struct {
		DateSent time.Time `json:"dateSent"`
		Edited   bool      `json:"edited"`
		EditedAt time.Time `json:"editedAt"`
	} `json:"metadata"`
	Attachments []Attachment `json:"attachments"`
	ReplyTo     *Message     `json:"replyTo"`
	Mention     *bool        `json:"isMention"`
	Links       []Link       `json:"links"`
}

// UnmarshalJSON reads the TypeScript SDK's "chat:Message".
func (m *Message) UnmarshalJSON(data []byte) error {
	var v messageJSON
	if err := json.Unmarshal(data, &v); err != nil {
		return fmt.Errorf("chat: message: %w", err)
	}
	if v.Type != messageType {
		return fmt.Errorf(`chat: message: field "_type" is %q, want %q`, v.Type, messageType)
	}
	*m = Message{
		ID: v.ID, ThreadID: v.ThreadID, Text: v.Text, Raw: slices.Clone(v.Raw),
		Author: v.Author.author(),
		SentAt: v.Metadata.DateSent, Edited: v.Metadata.Edited, EditedAt: v.Metadata.EditedAt,
		Attachments: v.Attachments, ReplyTo: v.ReplyTo, Mention: v.Mention, Links: v.Links,
	}
	if string(m.Raw) == "null" {
		m.Raw = nil
	}
	if len(v.Formatted) > 0 && string(v.Formatted) != "null" {
		m.Formatted = new(markdown.Root)
		if err := json.Unmarshal(v.Formatted, m.Formatted); err != nil {
			return fmt.Errorf(`chat: message: field "formatted": %w`, err)
		}
	}
	return nil
}
