package discord

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// AddReaction adds a reaction of the bot to a message. name is the name or the characters
// of an emoji, or for an emoji of a server "name:id" or "<:name:id>".
// https://docs.discord.com/developers/resources/message#create-reaction
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	return a.react(ctx, "addReaction", http.MethodPut, thread, id, name)
}

// RemoveReaction removes a reaction of the bot, with a name as for AddReaction.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	return a.react(ctx, "removeReaction", http.MethodDelete, thread, id, name)
}

func (a *Adapter) react(ctx context.Context, op, method string, thread chat.ThreadID, id chat.MessageID, name string) error {
	if name == "" {
		return fmt.Errorf("%w: discord: the name of the reaction is empty", chat.ErrInvalidArgument)
	}
	at, err := whereIs(thread, id)
	if err != nil {
		return err
	}
	path := "/messages/" + string(id) + "/reactions/" + url.PathEscape(a.reactionEmoji(name)) + "/@me"
	return a.atMessage(at, string(id), func(channel string) error {
		return a.inChannel(ctx, op, method, channel, path, nil, nil)
	})
}

var customEmoji = regexp.MustCompile(`^<?a?:?([A-Za-z0-9_]{1,32}:[0-9]{1,20})>?$`)

// reactionEmoji returns an emoji in the form of Discord's paths.
func (a *Adapter) reactionEmoji(name string) string {
	if custom := customEmoji.FindStringSubmatch(name); custom != nil {
		return custom[1]
	}
	if known, err := a.host.Emoji().Read(name); err == nil {
		return a.spell(known)
	}
	return name
}

// handleReaction takes a reaction that was added or removed.
func (a *Adapter) handleReaction(ctx context.Context, ev *dispatched, r *reaction, added bool) error {
	if !isID(r.MessageID) || !isID(r.ChannelID) || !isID(r.UserID) {
		return bad("the reaction has no message_id, channel_id or user_id")
	}
	at, err := a.placeIn(ctx, r.GuildID, r.ChannelID, nil)
	if err != nil {
		return err
	}
	who := chat.Author{UserID: chat.UserID(r.UserID), Me: r.UserID == a.config.ApplicationID}
	if r.Member != nil && r.Member.User != nil && r.Member.User.ID == r.UserID {
		who = a.author(r.Member.User, r.Member)
	}
	raw := r.Emoji.Name
	if r.Emoji.ID != "" {
		raw = strings.TrimPrefix(raw+":"+r.Emoji.ID, ":")
	}
	_, err = a.host.Deliver(ctx, &chat.ReactionEvent{
		EventBase: chat.EventBase{ID: ev.id, ThreadID: at.threadID(), User: who, Raw: ev.data},
		MessageID: chat.MessageID(r.MessageID), Emoji: a.host.Emoji().FromUnicode(raw), RawEmoji: raw, Added: added,
	})
	return err
}
