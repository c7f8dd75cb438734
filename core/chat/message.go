package chat

import (
	"encoding/json"
	"time"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// Message is one message of a thread. Its JSON is the TypeScript SDK's
// "chat:Message".
type Message struct {
	// ID is unique per adapter.
	ID MessageID
	// ThreadID is the thread that the message belongs to.
	ThreadID ThreadID
	// Text is the message without formatting.
	Text string
	// Formatted is the message as a tree. Default: Text as one paragraph.
	Formatted *markdown.Root
	// Raw is the platform's payload as JSON. Default: null.
	Raw json.RawMessage
	// Author is who wrote it.
	Author Author
	// SentAt is when it was sent, by the platform's clock. Of a stream that the bot posts
	// it is when its first chunk came: what it posts meanwhile stands behind it.
	SentAt time.Time
	// EditedAt is when it was last edited. Default zero: not that the adapter knows.
	EditedAt time.Time
	// Edited says that the message was edited.
	Edited bool
	// Attachments are the files, pictures and sounds that came with it. An album, which
	// a platform may send as a message for each file, is one message with all of them.
	Attachments []Attachment
	// Links are the links in it, with previews where the platform has them.
	Links []Link
	// ReplyTo is the message that this one quotes.
	ReplyTo *Message
	// Mention says whether the bot is mentioned. What stands in code mentions nobody.
	// Default nil: the bot's name is looked for in Text, outside of the code that
	// Formatted shows.
	Mention *bool
	// UserKey is the person who wrote it, as Config.Identity says, for handlers.
	// Empty: not known. It is not part of the JSON.
	UserKey string

	extra, metadataExtra string // fields of the JSON that have no name here
}

// Author is the writer of a message.
type Author struct {
	// UserID is the author's id on the platform.
	UserID UserID
	// UserName is the handle, FullName the name for display.
	UserName, FullName string
	// Email is set where the platform shows it.
	Email string
	// Bot says whether the author is a bot. Default nil: unknown.
	Bot *bool
	// Me says that the author is this bot. Such messages are never handled.
	Me bool
	// System says that the platform itself wrote the message.
	System bool

	adapter string // the adapter's name; empty: unknown
	extra   string // fields of the JSON that have no name here
}

func (*Message) inbound() {}
