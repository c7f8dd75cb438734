package web

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// uiMessage is a message as the page and the AI SDK know it: a UIMessage, whose
// parts are made from its body.
type uiMessage struct {
	ID       string
	kept     chat.MessageID // its id in the history; "" for one that is not there
	Role     string
	Body     *body // never changed once others see it
	Metadata uiMetadata
}

type uiMetadata struct {
	SentAt time.Time `json:"sentAt"`
	// Version grows with each change; a page ignores what is older than it has.
	Version int64 `json:"version,omitempty"`
	Edited  bool  `json:"edited,omitempty"`
	// Streaming says that more of the text will come.
	Streaming bool `json:"streaming,omitempty"`
	// Stopped says that the user stopped the bot before the message's end.
	Stopped bool `json:"stopped,omitempty"`
	// Failed says that the bot has given the message up, and that it can be sent again.
	Failed bool `json:"failed,omitempty"`
	// Ephemeral says that the message is not kept.
	Ephemeral bool     `json:"ephemeral,omitempty"`
	Reactions []string `json:"reactions,omitempty"`
}

// uiPart is a part of a UIMessage: text, a file, or data.
type uiPart struct {
	Type      string        `json:"type"`
	Text      *string       `json:"text,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	Filename  string        `json:"filename,omitempty"`
	URL       string        `json:"url,omitempty"`
	ID        string        `json:"id,omitempty"`
	Data      any           `json:"data,omitempty"`
	Provider  *partMetadata `json:"providerMetadata,omitempty"`
}

// partMetadata is what the AI SDK passes on of a part besides its content.
type partMetadata struct {
	Chat struct {
		// Fallback says that the text stands for the parts after it.
		Fallback bool `json:"fallback,omitempty"`
		// Edited says that the text takes the place of what was sent before.
		Edited bool `json:"edited,omitempty"`
		// Size of a file is in bytes.
		Size int64 `json:"size,omitempty"`
	} `json:"chat"`
}

const (
	roleUser      = "user"
	roleAssistant = "assistant"
	partText      = "text"
	partFile      = "file"
	partCard      = "data-card"
	partTasks     = "data-tasks"
)

func newUIMessage(id, role string, b *body, sentAt time.Time) *uiMessage {
	return &uiMessage{ID: id, Role: role, Body: b, Metadata: uiMetadata{SentAt: sentAt.UTC().Truncate(time.Millisecond)}}
}

// MarshalJSON returns the UIMessage.
func (m *uiMessage) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID       string     `json:"id"`
		Role     string     `json:"role"`
		Parts    []uiPart   `json:"parts"`
		Metadata uiMetadata `json:"metadata"`
	}{m.ID, m.Role, m.parts(), m.Metadata})
}

// parts are the message's parts: a text that stands for others before them, and
// the tasks of a stream before its text.
func (m *uiMessage) parts() []uiPart {
	parts := append(m.dataParts(), m.fileParts()...)
	if m.Body.Text == "" && len(parts) > 0 {
		return parts
	}
	at := 0
	if m.Body.Plan != nil && !m.Body.Fallback {
		at = 1
	}
	return slices.Insert(parts, at, uiPart{Type: partText, Text: &m.Body.Text, Provider: m.textMetadata()})
}

func (m *uiMessage) textMetadata() *partMetadata {
	if !m.Body.Fallback {
		return nil
	}
	meta := &partMetadata{}
	meta.Chat.Fallback = true
	return meta
}

// dataParts have the message's id: a part of the same id and type replaces the
// one before.
func (m *uiMessage) dataParts() []uiPart {
	var parts []uiPart
	if m.Body.Plan != nil {
		parts = append(parts, uiPart{Type: partTasks, ID: m.ID, Data: m.Body.Plan})
	}
	if m.Body.Card != nil {
		parts = append(parts, uiPart{Type: partCard, ID: m.ID, Data: m.Body.Card})
	}
	return parts
}

func (m *uiMessage) fileParts() []uiPart {
	var parts []uiPart
	for _, f := range m.Body.Files {
		part := uiPart{Type: partFile, MediaType: f.MIMEType, Filename: f.Name, URL: f.URL}
		if f.Size > 0 {
			part.Provider = &partMetadata{}
			part.Provider.Chat.Size = f.Size
		}
		parts = append(parts, part)
	}
	return parts
}

// toUI converts a kept message, with what else there is to it.
func (w texts) toUI(m *chat.Message, c *content) *uiMessage {
	b := &body{Text: m.Text}
	role := roleUser
	if !m.Author.Me {
		b.Files = uploads(m)
	} else {
		role = roleAssistant
		switch {
		case c != nil && c.Body != nil:
			b = c.Body
		case m.Formatted != nil:
			b.Text = w.printTree(m.Formatted)
		}
	}
	ui := newUIMessage(pageID(m.ThreadID, m.ID), role, b, m.SentAt)
	ui.kept = m.ID
	if m.Edited {
		ui.Metadata.Version, ui.Metadata.Edited = m.EditedAt.UnixMilli(), true
	}
	if c != nil {
		ui.Metadata.Version, ui.Metadata.Reactions = max(c.Version, ui.Metadata.Version), c.Reactions
		ui.Metadata.Edited = c.Edited || ui.Metadata.Edited
		ui.Metadata.Stopped, ui.Metadata.Failed = c.Stopped, c.Failed
	}
	return ui
}

// fromUI converts a user's message. What people type is Markdown to the bot.
func fromUI(sent *sentMessage, thread chat.ThreadID, author chat.Author, now time.Time) *chat.Message {
	return &chat.Message{
		ID: messageID(thread, sent.id), ThreadID: thread, Text: sent.text, Formatted: markdown.Parse(sent.text),
		Raw: sent.raw, Author: author, SentAt: now,
	}
}

// utf16Len is the length of a string as JavaScript counts it.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// wholeRunes cuts a chunk after its last whole character; the rest belongs to
// the next chunk.
func wholeRunes(chunk string) (whole, rest string) {
	for i := 1; i < utf8.UTFMax && i <= len(chunk); i++ {
		if c := chunk[len(chunk)-i]; utf8.RuneStart(c) {
			if !utf8.FullRuneInString(chunk[len(chunk)-i:]) {
				return chunk[:len(chunk)-i], chunk[len(chunk)-i:]
			}
			break
		}
	}
	return chunk, ""
}
