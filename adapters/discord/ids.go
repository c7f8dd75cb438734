package discord

import (
	"fmt"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// directGuild stands for the server in the ids of direct conversations.
const directGuild = "@me"

// The ids are those of the TypeScript SDK. Discord's own ids are numbers, "snowflakes":
// https://docs.discord.com/developers/reference#snowflakes
var (
	guildPart   = adapterkit.IDPart{Name: "server id", Check: func(s string) bool { return s == directGuild || isID(s) }}
	channelPart = adapterkit.IDPart{Name: "channel id", Check: isID}
	threadIDs   = adapterkit.IDFormat[chat.ThreadID]{Prefix: adapterName, Parts: []adapterkit.IDPart{guildPart, channelPart, {Name: "thread id", Check: isID, Optional: true}}}
	channelIDs  = adapterkit.IDFormat[chat.ChannelID]{Prefix: adapterName, Parts: []adapterkit.IDPart{guildPart, channelPart}}
)

// isID reports whether a text can be an id and is safe in the path of a call. Discord's
// ids are digits. Letters and "_" are accepted, too, because ids in recorded webhooks of
// the TypeScript SDK have them.
func isID(text string) bool {
	for _, r := range text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' {
			return false
		}
	}
	return text != "" && len(text) <= 32
}

func isSnowflake(text string) bool {
	return isID(text) && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

// EncodeThreadID returns the id of a thread: "discord:{server}:{channel}", or with
// ":{thread}" after it. Channel is "{server}:{channel}", and the server of a direct
// conversation is "@me". The error is [chat.ErrInvalidArgument].
func (a *Adapter) EncodeThreadID(ref chat.ThreadRef) (chat.ThreadID, error) {
	guild, channel, _ := strings.Cut(ref.Channel, ":")
	parts := []string{guild, channel}
	if ref.Thread != "" {
		parts = append(parts, ref.Thread)
	}
	id, err := threadIDs.Join(parts...)
	if err != nil {
		return "", err
	}
	if ref.DM != (guild == directGuild) || ref.DM && ref.Thread != "" {
		return "", fmt.Errorf(`%w: discord: a direct conversation has the server "@me" and no thread, and nothing else has that`, chat.ErrInvalidArgument)
	}
	return id, nil
}

// DecodeThreadID returns the parts of a thread id. The error is
// [chat.ErrInvalidArgument].
func (a *Adapter) DecodeThreadID(id chat.ThreadID) (chat.ThreadRef, error) {
	p, err := placeOf(id)
	if err != nil {
		return chat.ThreadRef{}, err
	}
	return chat.ThreadRef{Channel: p.guild + ":" + p.parent, Thread: p.thread, DM: p.direct()}, nil
}

// place is a channel, or a thread in it.
type place struct {
	guild  string // the server, or directGuild
	parent string // the channel
	thread string // empty for the channel itself
}

func placeOf(id chat.ThreadID) (place, error) {
	parts, err := threadIDs.Split(id)
	if err != nil {
		return place{}, err
	}
	p := place{guild: parts[0], parent: parts[1]}
	if len(parts) > 2 {
		p.thread = parts[2]
	}
	if p.direct() && p.thread != "" {
		return place{}, fmt.Errorf("%w: discord: thread id %q, a direct conversation has no threads", chat.ErrInvalidArgument, id)
	}
	return p, nil
}

func placeOfChannel(id chat.ChannelID) (place, error) {
	parts, err := channelIDs.Split(id)
	if err != nil {
		return place{}, err
	}
	return place{guild: parts[0], parent: parts[1]}, nil
}

// whereIs returns the place of a message. If the id cannot be that of a message, the
// error is [chat.ErrNotFound].
func whereIs(thread chat.ThreadID, id chat.MessageID) (place, error) {
	p, err := placeOf(thread)
	if err != nil {
		return p, err
	}
	if !isID(string(id)) {
		return p, fmt.Errorf("%w: discord: message id %q, want a number", chat.ErrNotFound, id)
	}
	return p, nil
}

func (p place) direct() bool { return p.guild == directGuild }

// channel returns the id of Discord's channel with the messages. A thread is a channel,
// too.
func (p place) channel() string {
	if p.thread != "" {
		return p.thread
	}
	return p.parent
}

func (p place) threadID() chat.ThreadID {
	id := adapterName + ":" + p.guild + ":" + p.parent
	if p.thread != "" {
		id += ":" + p.thread
	}
	return chat.ThreadID(id)
}

func (p place) channelID() chat.ChannelID {
	return chat.ChannelID(adapterName + ":" + p.guild + ":" + p.parent)
}

// IsUserID reports whether an id can be that of a user: 17 to 20 digits.
func (a *Adapter) IsUserID(id chat.UserID) bool { return isSnowflake(string(id)) && len(id) >= 17 }

func checkUserID(id chat.UserID) error {
	if !isID(string(id)) {
		return fmt.Errorf("%w: discord: user id %q, want digits", chat.ErrInvalidArgument, id)
	}
	return nil
}
