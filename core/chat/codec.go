package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/jsontext"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// The JSON of a Message is the TypeScript SDK's, with its field order. It is
// written by hand because every accepted message passes through it. Fields that
// have no name here are kept, so that a message which a newer SDK has written
// loses nothing on its way through this one.

const messageType = "chat:Message"

// MarshalJSON returns the TypeScript SDK's "chat:Message".
func (m *Message) MarshalJSON() ([]byte, error) {
	a := &m.Author
	size := 368 + len(m.ID) + len(m.ThreadID) + 2*len(m.Text) + len(a.UserID) + len(a.UserName) + len(a.FullName) + len(a.Email)
	return m.appendJSON(make([]byte, 0, size+len(m.Raw)+len(m.extra)+256*(len(m.Attachments)+len(m.Links))))
}

func (m *Message) appendJSON(b []byte) ([]byte, error) {
	b = append(b, `{"_type":"chat:Message","id":`...)
	b = jsontext.AppendString(b, string(m.ID))
	b = append(b, `,"threadId":`...)
	b = jsontext.AppendString(b, string(m.ThreadID))
	b = append(b, `,"text":`...)
	b = jsontext.AppendString(b, m.Text)
	b = append(b, `,"formatted":`...)
	if m.Formatted == nil {
		b = append(b, `{"type":"root","children":[{"type":"paragraph","children":[{"type":"text","value":`...)
		b = jsontext.AppendString(b, m.Text)
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
	b = append(append(b, m.metadataExtra...), `},"attachments":[`...)
	for i := range m.Attachments {
		if i > 0 {
			b = append(b, ',')
		}
		b = m.Attachments[i].appendJSON(b)
	}
	b = append(b, ']')
	if m.ReplyTo != nil {
		var err error
		if b, err = m.ReplyTo.appendJSON(append(b, `,"replyTo":`...)); err != nil {
			return nil, err
		}
	}
	if m.Mention != nil {
		b = strconv.AppendBool(append(b, `,"isMention":`...), *m.Mention)
	}
	for i := range m.Links {
		if i == 0 {
			b = append(b, `,"links":[`...)
		} else {
			b = append(b, ',')
		}
		b = m.Links[i].appendJSON(b)
	}
	if len(m.Links) > 0 {
		b = append(b, ']')
	}
	return append(append(b, m.extra...), '}'), nil
}

func (a *Author) appendJSON(b []byte) []byte {
	b = jsontext.AppendString(append(b, `{"userId":`...), string(a.UserID))
	b = jsontext.AppendString(append(b, `,"userName":`...), a.UserName)
	b = jsontext.AppendString(append(b, `,"fullName":`...), a.FullName)
	b = appendField(b, "email", a.Email)
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
	return append(append(b, a.extra...), '}')
}

func (a *Attachment) appendJSON(b []byte) []byte {
	b = jsontext.AppendString(append(b, `{"type":`...), a.Type)
	b = appendField(b, "url", a.URL)
	b = appendField(b, "name", a.Name)
	b = appendField(b, "mimeType", a.MIMEType)
	b = appendNumber(b, "size", a.Size)
	b = appendNumber(b, "width", int64(a.Width))
	b = appendNumber(b, "height", int64(a.Height))
	if len(a.FetchMetadata) > 0 {
		b = append(b, `,"fetchMetadata":{`...)
		for i, key := range slices.Sorted(maps.Keys(a.FetchMetadata)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = jsontext.AppendString(b, key)
			b = jsontext.AppendString(append(b, ':'), a.FetchMetadata[key])
		}
		b = append(b, '}')
	}
	return append(append(b, a.extra...), '}')
}

func (l *Link) appendJSON(b []byte) []byte {
	b = jsontext.AppendString(append(b, `{"url":`...), l.URL)
	b = appendField(b, "title", l.Title)
	b = appendField(b, "description", l.Description)
	b = appendField(b, "imageUrl", l.ImageURL)
	b = appendField(b, "siteName", l.SiteName)
	return append(append(b, l.extra...), '}')
}

// MarshalJSON returns the TypeScript SDK's author.
func (a Author) MarshalJSON() ([]byte, error) { return a.appendJSON(nil), nil }

// MarshalJSON returns the TypeScript SDK's attachment.
func (a Attachment) MarshalJSON() ([]byte, error) { return a.appendJSON(nil), nil }

// MarshalJSON returns the TypeScript SDK's link preview.
func (l Link) MarshalJSON() ([]byte, error) { return l.appendJSON(nil), nil }

// UnmarshalJSON reads the TypeScript SDK's "chat:Message". Fields that have no
// name here are kept.
func (m *Message) UnmarshalJSON(data []byte) error {
	data, bot := taken(data)
	err := unmarshal(data, "message", m.decode)
	if err == nil && bot != nil {
		bot.adoptKnown(m)
	}
	return err
}

// UnmarshalJSON reads the TypeScript SDK's author.
func (a *Author) UnmarshalJSON(data []byte) error { return unmarshal(data, "author", a.decode) }

// UnmarshalJSON reads the TypeScript SDK's attachment.
func (a *Attachment) UnmarshalJSON(data []byte) error {
	return unmarshal(data, "attachment", a.decode)
}

// UnmarshalJSON reads the TypeScript SDK's link preview.
func (l *Link) UnmarshalJSON(data []byte) error { return unmarshal(data, "link", l.decode) }

func unmarshal(data []byte, what string, decode func(*decoder) error) error {
	d, err := newDecoder(data)
	if err == nil {
		err = decode(d)
	}
	if err != nil {
		return fmt.Errorf("chat: %s: %w", what, err)
	}
	return nil
}

func checkType(got, want string) error {
	if got != want {
		return fmt.Errorf(`field "_type" is %q, want %q`, got, want)
	}
	return nil
}

func (m *Message) decode(d *decoder) error {
	*m = Message{}
	var kind string
	extra, err := d.object(func(name []byte) error {
		switch string(name) {
		case "_type":
			return d.string(&kind)
		case "id":
			return d.string((*string)(&m.ID))
		case "threadId":
			return d.string((*string)(&m.ThreadID))
		case "text":
			return d.string(&m.Text)
		case "formatted":
			if d.null() {
				return nil
			}
			m.Formatted = new(markdown.Root)
			return m.Formatted.UnmarshalJSON(d.raw())
		case "raw":
			if !d.null() {
				m.Raw = bytes.Clone(d.raw())
			}
			return nil
		case "author":
			return m.Author.decode(d)
		case "metadata":
			return m.decodeMetadata(d)
		case "attachments":
			return decodeAll(d, &m.Attachments, (*Attachment).decode)
		case "replyTo":
			if d.null() {
				return nil
			}
			m.ReplyTo = new(Message)
			return m.ReplyTo.decode(d)
		case "isMention":
			if d.null() {
				return nil
			}
			m.Mention = new(bool)
			return d.bool(m.Mention)
		case "links":
			return decodeAll(d, &m.Links, (*Link).decode)
		}
		return errUnknownField
	})
	if err != nil {
		return err
	}
	m.extra = extra
	return checkType(kind, messageType)
}

func (m *Message) decodeMetadata(d *decoder) (err error) {
	m.SentAt, m.Edited, m.EditedAt = time.Time{}, false, time.Time{}
	m.metadataExtra, err = d.object(func(name []byte) error {
		switch string(name) {
		case "dateSent":
			return d.time(&m.SentAt)
		case "edited":
			return d.bool(&m.Edited)
		case "editedAt":
			return d.time(&m.EditedAt)
		}
		return errUnknownField
	})
	return err
}

// decodeAll reads an array of what decode reads.
func decodeAll[T any](d *decoder, list *[]T, decode func(*T, *decoder) error) error {
	*list = nil
	return d.array(func() error {
		var item T
		err := decode(&item, d)
		*list = append(*list, item)
		return err
	})
}

func (a *Author) decode(d *decoder) (err error) {
	*a = Author{}
	a.extra, err = d.object(func(name []byte) error {
		switch string(name) {
		case "userId":
			return d.string((*string)(&a.UserID))
		case "userName":
			return d.string(&a.UserName)
		case "fullName":
			return d.string(&a.FullName)
		case "email":
			return d.string(&a.Email)
		case "isBot":
			if d.at('t') || d.at('f') {
				a.Bot = new(bool)
				return d.bool(a.Bot)
			}
			d.skip() // "unknown"
			return nil
		case "isMe":
			return d.bool(&a.Me)
		case "isSystem":
			return d.bool(&a.System)
		}
		return errUnknownField
	})
	return err
}

func (a *Attachment) decode(d *decoder) (err error) {
	*a = Attachment{}
	var width, height int64
	a.extra, err = d.object(func(name []byte) error {
		switch string(name) {
		case "type":
			return d.string(&a.Type)
		case "url":
			return d.string(&a.URL)
		case "name":
			return d.string(&a.Name)
		case "mimeType":
			return d.string(&a.MIMEType)
		case "size":
			return d.int(&a.Size)
		case "width":
			return d.int(&width)
		case "height":
			return d.int(&height)
		case "fetchMetadata":
			if d.strings(&a.FetchMetadata) != nil {
				return errUnknownField // only its adapter can tell what it means
			}
			return nil
		}
		return errUnknownField
	})
	a.Width, a.Height = int(width), int(height)
	return err
}

func (l *Link) decode(d *decoder) (err error) {
	*l = Link{}
	l.extra, err = d.object(func(name []byte) error {
		switch string(name) {
		case "url":
			return d.string(&l.URL)
		case "title":
			return d.string(&l.Title)
		case "description":
			return d.string(&l.Description)
		case "imageUrl":
			return d.string(&l.ImageURL)
		case "siteName":
			return d.string(&l.SiteName)
		}
		return errUnknownField
	})
	return err
}
