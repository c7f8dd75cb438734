package twilio

import (
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// says reports whether a message has content that the bot knows.
func (f form) says() bool {
	return f["Body"] != "" || len(f.attachments()) > 0 || f.location() != ""
}

// message is a message as the bot handles it. Its Raw is an object of the webhook's
// fields.
func (a *Adapter) message(f form, p place, base chat.EventBase) *chat.Message {
	m := &chat.Message{
		ID: chat.MessageID(base.ID), ThreadID: base.ThreadID, Text: f["Body"], Raw: base.Raw, Author: base.User,
		SentAt:      time.Now().UTC(), // Twilio does not tell
		Attachments: f.attachments(),
	}
	switch {
	case m.Text == "":
		m.Text = f.location()
	case p.channel() == channelWhatsApp:
		m.Formatted = markdown.NewRoot(format.MrkdwnReader{}.Read(m.Text)...)
	}
	if to := chat.MessageID(f["OriginalRepliedMessageSid"]); isMessageID(to) {
		m.ReplyTo = &chat.Message{ID: to, ThreadID: base.ThreadID, Author: base.User}
		if f["OriginalRepliedMessageSender"] == p.sender {
			m.ReplyTo.Author = chat.Author{UserID: chat.UserID(p.sender), Me: true}
		}
	}
	return m
}

// location is a shared place in words: its name, its address and its coordinates.
func (f form) location() string {
	for _, degrees := range []string{f["Latitude"], f["Longitude"]} {
		if _, err := strconv.ParseFloat(degrees, 64); err != nil {
			return ""
		}
	}
	var words []string
	for _, word := range []string{f["Label"], f["Address"], f["Latitude"] + "," + f["Longitude"]} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}
