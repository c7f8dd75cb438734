package chat

import (
	"fmt"
	"strings"
)

// Identifiers are strings of the platform's making. Programs may store and
// compare them; only the adapter named by the first part of a ThreadID or
// ChannelID takes them apart. Their formats are stored, so they never change.
type (
	// ThreadID names a conversation: "{adapter}:{channel}:{thread}".
	ThreadID string
	// ChannelID names what threads belong to: "{adapter}:{channel}".
	ChannelID string
	// MessageID names a message. It is unique per adapter: where a platform
	// numbers messages per chat, its adapter composes the id.
	MessageID string
	// UserID names a person or bot on its platform.
	UserID string
)

// validate returns why the id names no message.
func (id MessageID) validate() error {
	if id == "" {
		return fmt.Errorf("%w: the message id is empty", ErrInvalidArgument)
	}
	return nil
}

// Adapter returns the adapter's name, the part before the first colon.
func (id ThreadID) Adapter() string { return firstPart(string(id)) }

// Adapter returns the adapter's name, the part before the first colon.
func (id ChannelID) Adapter() string { return firstPart(string(id)) }

func firstPart(id string) string {
	name, _, _ := strings.Cut(id, ":")
	return name
}

// ThreadRef is a thread id taken apart by its adapter.
type ThreadRef struct {
	// Channel is the part that names the channel. It may hold colons.
	Channel string
	// Thread is the part that names the thread within the channel. It is empty
	// where the channel itself is the conversation.
	Thread string
	// DM says that the thread is a direct conversation with the bot.
	DM bool
}
