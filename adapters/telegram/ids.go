package telegram

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The ids are those of the TypeScript SDK, except for messages of a business account,
// whose ids contain the connection, too. The account's chat with a customer and the
// bot's own chat with them have the same number, and each counts its messages from one.
var (
	threadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{
		{Name: "chat id", Check: isChatID}, {Name: "topic id", Check: isPositive, Optional: true},
	}}
	businessThreadIDs = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{
		{Name: "biz", Check: func(text string) bool { return text == "biz" }},
		{Name: "business connection id", Check: isConnection},
		{Name: "chat id", Check: isPositive},
	}}
)

// isChatID reports whether a text is the number of a chat as Telegram writes it. That of
// a private chat is positive, and that of a group or channel negative.
func isChatID(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n != 0 && strconv.FormatInt(n, 10) == text
}

func isPositive(text string) bool { return isChatID(text) && text[0] != '-' }

// isConnection reports whether a text can be the id of a business connection.
func isConnection(text string) bool {
	return text != "" && len(text) <= 256 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == ':' || r > '~' })
}

// place is a chat, a topic of a chat, or the chat of a business account with a
// customer.
type place struct {
	chat     string // the number of the chat
	topic    string
	business string // the id of the connection to the business account
}

// placeOf returns the place of a thread, or of a channel.
func placeOf(id chat.ThreadID) (place, error) {
	if strings.HasPrefix(string(id), adapterName+":biz:") {
		parts, err := businessThreadIDs.Split(id)
		if err != nil {
			return place{}, err
		}
		return place{business: parts[1], chat: parts[2]}, nil
	}
	parts, err := threadIDs.Split(id)
	if err != nil {
		return place{}, err
	}
	p := place{chat: parts[0]}
	if len(parts) > 1 {
		p.topic = parts[1]
	}
	return p, nil
}

// channel returns the part of an id that names the chat.
func (p place) channel() string {
	if p.business == "" {
		return p.chat
	}
	return "biz:" + p.business + ":" + p.chat
}

func (p place) channelID() chat.ChannelID { return chat.ChannelID(adapterName + ":" + p.channel()) }

func (p place) threadID() chat.ThreadID {
	id := adapterName + ":" + p.channel()
	if p.topic != "" {
		id += ":" + p.topic
	}
	return chat.ThreadID(id)
}

func (p place) messageID(message int64) chat.MessageID {
	return chat.MessageID(p.channel() + ":" + number(message))
}

// isPrivate reports whether the chat is one with a single user.
func (p place) isPrivate() bool { return isPositive(p.chat) }

// EncodeThreadID returns the id of a thread: "telegram:{chat id}",
// "telegram:{chat id}:{topic id}", or "telegram:biz:{connection id}:{chat id}", where
// Channel is "biz:{connection id}:{chat id}". DM must be true for a private chat, and
// only there. The error is [chat.ErrInvalidArgument].
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	id := chat.ThreadID(adapterName + ":" + ref.Channel)
	if ref.Thread != "" {
		id += chat.ThreadID(":" + ref.Thread)
	}
	p, err := placeOf(id)
	if err != nil {
		return "", err
	}
	if p.channel() != ref.Channel {
		return "", fmt.Errorf("%w: telegram: Channel is %q, want the number of a chat", chat.ErrInvalidArgument, ref.Channel)
	}
	if ref.DM != p.isPrivate() {
		return "", fmt.Errorf("%w: telegram: the chat %s is a direct conversation if its number is positive, and only then", chat.ErrInvalidArgument, ref.Channel)
	}
	return p.threadID(), nil
}

// DecodeThreadID returns the parts of a thread id. The error is
// [chat.ErrInvalidArgument].
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := placeOf(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: p.channel(), Thread: p.topic, DM: p.isPrivate()}, nil
}

// whereIs returns the place of a message of the thread, and its number.
func whereIs(thread chat.ThreadID, id chat.MessageID) (place, int64, error) {
	p, err := placeOf(thread)
	if err != nil {
		return place{}, 0, err
	}
	text, ok := strings.CutPrefix(string(id), p.channel()+":")
	if !ok || !isPositive(text) {
		return place{}, 0, fmt.Errorf("%w: telegram: the message %q is not one of the thread %q", chat.ErrInvalidArgument, id, thread)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return p, n, err
}

// IsUserID reports whether an id can be that of a user: a positive decimal number.
func (a *Adapter) IsUserID(id chat.UserID) bool { return isPositive(string(id)) }

// channelOf returns the chat of a channel.
func channelOf(id chat.ChannelID) (place, error) {
	p, err := placeOf(chat.ThreadID(id))
	if err != nil || p.topic != "" {
		return place{}, fmt.Errorf("%w: telegram: channel id %q, want %q and the number of a chat", chat.ErrInvalidArgument, id, adapterName+":")
	}
	return p, nil
}
