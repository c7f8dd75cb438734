package web

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// uiMessage is a message as the page and the AI SDK know it: a UIMessage.
type uiMessage struct {
	ID       string     `json:"id"`
	Role     string     `json:"role"`
	Parts    []uiPart   `json:"parts"`
	Metadata uiMetadata `json:"metadata"`
}

// uiPart is a text part. A user's text is plain, the bot's is Markdown.
type uiPart struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type uiMetadata struct {
	SentAt time.Time `json:"sentAt"`
	// Version grows with each edit; a page ignores what is older than it has.
	Version int64 `json:"version,omitempty"`
	Edited  bool  `json:"edited,omitempty"`
	// Streaming says that more of the text will come.
	Streaming bool `json:"streaming,omitempty"`
}

const (
	roleUser      = "user"
	roleAssistant = "assistant"
	partText      = "text"
)

func newUIMessage(id, role, text string, sentAt time.Time) *uiMessage {
	return &uiMessage{
		ID: id, Role: role, Parts: []uiPart{{Type: partText, Text: text}},
		Metadata: uiMetadata{SentAt: sentAt.UTC().Truncate(time.Millisecond)},
	}
}

func (m *uiMessage) text() string {
	if len(m.Parts) == 0 {
		return ""
	}
	return m.Parts[0].Text
}

// toUI converts a kept message.
func toUI(m *chat.Message) *uiMessage {
	id := pageID(m.ThreadID, m.ID)
	if !m.Author.Me {
		return newUIMessage(id, roleUser, m.Text, m.SentAt)
	}
	text := m.Text
	if m.Formatted != nil {
		text = trimEnd(markdown.Print(m.Formatted))
	}
	return newUIMessage(id, roleAssistant, spell(text), m.SentAt)
}

// spell writes the emoji of a bot's text as a page shows them.
func spell(text string) string { return emoji.Replace(text, emoji.Unicode) }

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

// trimEnd cuts the line ends that a printed document has after its last block.
func trimEnd(text string) string { return strings.TrimRight(text, "\n") }

// postText is the post's content as Markdown, or why it cannot be shown.
func postText(op string, post *chat.Post) (string, error) {
	if post == nil {
		return "", fmt.Errorf("%w: web: the post is nil", chat.ErrInvalidArgument)
	}
	if len(post.Files) > 0 {
		return "", unsupported("files")
	}
	text := spell(trimEnd(post.AsMarkdown()))
	if text == "" {
		return "", platformError(op, chat.CodeInvalid, errEmpty)
	}
	return text, nil
}
