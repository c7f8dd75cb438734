package telegram

import (
	"context"

	"github.com/chat-adapter/chat-go/core/chat"
)

// handleMember takes a change of a membership. In a private chat it means that the user
// has blocked or unblocked the bot.
// https://core.telegram.org/bots/api#chatmemberupdated
func (a *Adapter) handleMember(ctx context.Context, u *update, c *memberChange) error {
	if c.Chat.ID == 0 || c.New.User.ID == 0 || c.From.ID == 0 {
		return bad("the change of a membership has no chat, from or user")
	}
	chatID := number(c.Chat.ID)
	from := a.author(&c.From)
	base := chat.EventBase{ID: u.eventID(""), User: a.author(&c.New.User), At: timeOf(c.Date), Raw: u.data}
	before, now := c.Old.in(), c.New.in()
	if c.Chat.Type == "private" {
		base.User = from
		_, err := a.host.Deliver(ctx, &chat.InstallationEvent{EventBase: base, Workspace: chatID, Installed: now})
		return err
	}
	if before == now {
		return a.deliverPlatformEvent(ctx, u, nil) // only the rights have changed
	}
	ev := &chat.MembershipEvent{EventBase: base, ChannelID: place{chat: chatID}.channelID(), Joined: now}
	if now && from.UserID != base.User.UserID {
		ev.Inviter = &from
	}
	_, err := a.host.Deliver(ctx, ev)
	return err
}

// in reports whether the member is in the chat.
// https://core.telegram.org/bots/api#chatmember
func (m *member) in() bool {
	switch m.Status {
	case "left", "kicked", "":
		return false
	case "restricted":
		return m.IsMember
	}
	return true
}
