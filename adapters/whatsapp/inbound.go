package whatsapp

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// Raw is the JSON in [chat.Message.Raw] of a message from WhatsApp. The TypeScript SDK
// has the same form.
type Raw struct {
	// Message and Contact are WhatsApp's JSON. Contact can be empty.
	Message json.RawMessage `json:"message"`
	Contact json.RawMessage `json:"contact,omitempty"`
	// PhoneNumberID is the id of the business's phone number that has received the
	// message.
	PhoneNumberID string `json:"phoneNumberId"`
}

// says reports whether the adapter knows the message's kind of content.
func (m *message) says() bool {
	switch m.Type {
	case "text":
		return m.Text != nil
	case "location":
		return m.Location != nil
	case "contacts":
		return len(m.Contacts) > 0
	}
	kind, file := m.file()
	return kind != "" && file.ID != ""
}

// file returns the file of a message, and its kind as [chat.Attachment] names it.
func (m *message) file() (kind string, file *media) {
	switch {
	case m.Type == "image" && m.Image != nil:
		return "image", m.Image
	case m.Type == "video" && m.Video != nil:
		return "video", m.Video
	case m.Type == "audio" && m.Audio != nil:
		return "audio", m.Audio
	case m.Type == "voice" && m.Voice != nil:
		return "audio", m.Voice
	case m.Type == "document" && m.Document != nil:
		return "file", m.Document
	case m.Type == "sticker" && m.Sticker != nil:
		return "image", m.Sticker
	}
	return "", nil
}

// message returns a message as the bot handles it.
func (a *Adapter) message(v *value, c *contact, m *message, base chat.EventBase) *chat.Message {
	out := &chat.Message{
		ID: chat.MessageID(m.ID), ThreadID: base.ThreadID, Text: m.text(), Author: base.User, SentAt: base.At, Attachments: m.attachments(),
	}
	raw := Raw{Message: base.Raw, PhoneNumberID: v.Metadata.PhoneNumberID}
	if c.identity().valid() {
		raw.Contact, _ = json.Marshal(c)
	}
	out.Raw, _ = json.Marshal(raw) // it was JSON
	if out.Text != "" && m.Location == nil && len(m.Contacts) == 0 {
		out.Formatted = markdown.NewRoot(format.MrkdwnReader{}.Read(out.Text)...)
	}
	if r := m.Context; r != nil && checkMessage(chat.MessageID(r.ID)) == nil {
		out.ReplyTo = &chat.Message{ID: chat.MessageID(r.ID), ThreadID: base.ThreadID}
		if r.From != "" && r.From == digitsOf(v.Metadata.DisplayPhoneNumber) {
			out.ReplyTo.Author = chat.Author{UserID: chat.UserID(v.Metadata.PhoneNumberID), Me: true}
		} else {
			out.ReplyTo.Author = base.User
		}
	}
	return out
}

// text returns the text of a message. For content that is neither text nor a file it is
// a description in words.
func (m *message) text() string {
	if _, file := m.file(); file != nil {
		return file.Caption
	}
	switch m.Type {
	case "text":
		return m.Text.Body
	case "location":
		return m.Location.text()
	case "contacts":
		var lines []string
		for i := range m.Contacts {
			lines = append(lines, m.Contacts[i].text())
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

// text returns a location in words.
func (l *location) text() string {
	var parts []string
	for _, part := range []string{l.Name, l.Address} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(append(parts, l.coordinates()), ", ")
}

func (l *location) coordinates() string { return degrees(l.Latitude) + "," + degrees(l.Longitude) }

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', -1, 64) }
