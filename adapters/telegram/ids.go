package telegram

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The ids are the TypeScript SDK's.
var (
	threadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{
		{Name: "chat id", Check: isChatID}, {Name: "topic id", Check: isPositive, Optional: true},
	}}
	messageIDs = adapterkit.IDFormat[chat.MessageID]{Parts: []adapterkit.IDPart{{Name: "chat id", Check: isChatID}, {Name: "message id", Check: isPositive}}}
)

// isChatID reports whether a text is the number of a chat as Telegram writes it. A
// person's is positive, and that of a group or channel negative.
func isChatID(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n != 0 && strconv.FormatInt(n, 10) == text
}

func isPositive(text string) bool { return isChatID(text) && text[0] != '-' }

// EncodeThreadID puts a thread id together: "telegram:{chat id}", or
// "telegram:{chat id}:{topic id}". A private chat is a direct conversation.
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	parts := []string{ref.Channel}
	if ref.Thread != "" {
		parts = append(parts, ref.Thread)
	}
	id, err := threadIDs.Join(parts...)
	if err != nil {
		return "", err
	}
	if ref.DM != isPositive(ref.Channel) {
		return "", fmt.Errorf("%w: telegram: the chat %s is a direct conversation if its number is positive, and only then", chat.ErrInvalidArgument, ref.Channel)
	}
	return id, nil
}

// DecodeThreadID takes a thread id apart.
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	parts, err := threadIDs.Split(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	ref := chat.ThreadRef{Channel: parts[0], DM: isPositive(parts[0])}
	if len(parts) > 1 {
		ref.Thread = parts[1]
	}
	return ref, nil
}

func threadID(chatID, topic string) chat.ThreadID {
	id := adapterName + ":" + chatID
	if topic != "" {
		id += ":" + topic
	}
	return chat.ThreadID(id)
}

func channelID(chatID string) chat.ChannelID { return chat.ChannelID(adapterName + ":" + chatID) }

func messageID(chatID string, message int64) chat.MessageID {
	return chat.MessageID(chatID + ":" + strconv.FormatInt(message, 10))
}

// place is where a call goes.
type place struct{ chat, topic string }

// where returns the place of a thread.
func (a *Adapter) where(thread chat.ThreadID) (place, error) {
	ref, err := a.DecodeThreadID(thread)
	return place{ref.Channel, ref.Thread}, err
}

// whereIs returns the place of a message of the thread, and its number.
func (a *Adapter) whereIs(thread chat.ThreadID, id chat.MessageID) (place, int64, error) {
	p, err := a.where(thread)
	if err != nil {
		return place{}, 0, err
	}
	parts, err := messageIDs.Split(id)
	if err != nil {
		return place{}, 0, err
	}
	if parts[0] != p.chat {
		return place{}, 0, fmt.Errorf("%w: telegram: the message %q is not one of the thread %q", chat.ErrInvalidArgument, id, thread)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	return p, n, err
}

// IsUserID reports whether an id can be that of a user: digits.
func (a *Adapter) IsUserID(id chat.UserID) bool { return isPositive(string(id)) }

// channelOf returns the number of a channel's chat.
func channelOf(id chat.ChannelID) (string, error) {
	text, ok := strings.CutPrefix(string(id), adapterName+":")
	if !ok || !isChatID(text) {
		return "", fmt.Errorf("%w: telegram: channel id %q, want %q and the number of a chat", chat.ErrInvalidArgument, id, adapterName+":")
	}
	return text, nil
}
