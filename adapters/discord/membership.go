package discord

import (
	"context"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// threadMembers is an event about users who were added to or removed from a thread.
// https://docs.discord.com/developers/events/gateway-events#thread-members-update
type threadMembers struct {
	ID      string `json:"id"`
	GuildID string `json:"guild_id"`
	Added   []struct {
		UserID   string    `json:"user_id"`
		JoinedAt time.Time `json:"join_timestamp"`
		Member   *member   `json:"member"`
	} `json:"added_members"`
	Removed []string `json:"removed_member_ids"`
}

func (a *Adapter) handleThreadMembers(ctx context.Context, ev *dispatched, m *threadMembers) error {
	if !isID(m.ID) || !isID(m.GuildID) {
		return bad("the thread has no id or no guild_id")
	}
	at, err := a.placeIn(ctx, m.GuildID, m.ID, nil)
	if err != nil {
		return err
	}
	var events []chat.Inbound
	add := func(id string, who *member, at place, joined bool, when time.Time) {
		user := chat.Author{UserID: chat.UserID(id), Me: id == a.config.ApplicationID}
		if who != nil && who.User != nil {
			user = a.author(who.User, who)
		}
		events = append(events, &chat.MembershipEvent{
			EventBase: chat.EventBase{ID: ev.id + ":" + id, ThreadID: at.threadID(), User: user, At: when, Raw: ev.data},
			ChannelID: at.channelID(), Joined: joined,
		})
	}
	for _, added := range m.Added {
		if isID(added.UserID) {
			add(added.UserID, added.Member, at, true, added.JoinedAt)
		}
	}
	for _, id := range m.Removed {
		if isID(id) {
			add(id, nil, at, false, time.Time{})
		}
	}
	_, err = webhook.DeliverAll(ctx, a.host, events...)
	return err
}

// guild is a server, in an event about the bot's membership in it.
// https://docs.discord.com/developers/events/gateway-events#guild-create
type guild struct {
	ID          string    `json:"id"`
	Unavailable bool      `json:"unavailable"`
	JoinedAt    time.Time `json:"joined_at"`
	Threads     []channel `json:"threads"`
}

// newGuild is the time after the bot has joined a server in which the event for the
// server means that it has joined. The same event comes at the beginning of each session.
const newGuild = time.Hour

// handleGuild takes a server that is available.
func (a *Adapter) handleGuild(ctx context.Context, ev *dispatched, g *guild) error {
	if !isID(g.ID) {
		return bad("the server has no id")
	}
	for _, c := range g.Threads {
		if isID(c.ID) && isID(c.ParentID) {
			a.channels.Learn(ctx, c.ID, c)
		}
	}
	if g.Unavailable || time.Since(g.JoinedAt) > newGuild {
		return nil
	}
	_, err := a.host.Deliver(ctx, &chat.InstallationEvent{
		EventBase: chat.EventBase{ID: "joined:" + g.ID + ":" + g.JoinedAt.UTC().Format(time.RFC3339Nano), At: g.JoinedAt}, Workspace: g.ID, Installed: true,
	})
	return err
}

// handleGuildDelete takes a server that the bot was removed from. A server that is only
// unavailable is ignored.
func (a *Adapter) handleGuildDelete(ctx context.Context, ev *dispatched, g *guild) error {
	if !isID(g.ID) {
		return bad("the server has no id")
	}
	if g.Unavailable {
		return nil
	}
	_, err := a.host.Deliver(ctx, &chat.InstallationEvent{EventBase: chat.EventBase{ID: ev.id, Raw: ev.data}, Workspace: g.ID})
	return err
}
