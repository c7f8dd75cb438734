package discord

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// OpenDM opens the direct conversation with a user, if it is not open yet, and returns
// its thread.
// https://docs.discord.com/developers/resources/user#create-dm
func (a *Adapter) OpenDM(ctx context.Context, id chat.UserID) (chat.ThreadID, error) {
	if err := checkUserID(id); err != nil {
		return "", err
	}
	var c channel
	call := call{Call: platform.Call{Op: "createDM", Path: "users/@me/channels", Body: params{"recipient_id": string(id)}, Into: &c}}
	if err := a.do(ctx, call); err != nil {
		return "", err
	}
	if _, err := sentID("createDM", c.ID); err != nil {
		return "", err
	}
	return place{guild: directGuild, parent: c.ID}.threadID(), nil
}

// FetchUser returns the names and the picture of a user. It calls Discord each time.
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	if err := checkUserID(id); err != nil {
		return nil, err
	}
	var u user
	if err := a.do(ctx, call{Call: platform.Call{Op: "getUser", Path: "users/" + string(id), Into: &u}}); err != nil {
		return nil, err
	}
	who := a.author(&u, nil)
	out := &chat.User{ID: id, UserName: who.UserName, FullName: who.FullName, Bot: u.Bot}
	if u.Avatar != "" { // https://docs.discord.com/developers/reference#image-formatting
		out.AvatarURL = "https://cdn.discordapp.com/avatars/" + string(id) + "/" + url.PathEscape(u.Avatar) + ".png"
	}
	return out, nil
}

// FetchChannel returns the name and the topic of a channel, or the members of a direct
// conversation as its name. The result is cached for a day.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	p, err := placeOfChannel(id)
	if err != nil {
		return nil, err
	}
	c, err := a.channel(ctx, p.parent)
	if err != nil {
		return nil, err
	}
	info := &chat.ChannelInfo{ID: id, Name: c.Name, Topic: c.Topic, DM: p.direct(), Visibility: chat.VisibilityUnknown}
	if info.DM {
		info.Visibility = chat.VisibilityPrivate
		for _, u := range c.Recipients {
			info.Name = strings.TrimPrefix(info.Name+", "+u.UserName, ", ")
		}
	}
	return info, nil
}

// channel returns a channel or thread.
func (a *Adapter) channel(ctx context.Context, id string) (channel, error) {
	if err := ctx.Err(); err != nil {
		return channel{}, err
	}
	c, err := a.channels.Get(ctx, id, func(ctx context.Context) (channel, error) {
		var c channel
		err := a.inChannel(ctx, "getChannel", http.MethodGet, id, "", nil, &c)
		return c, err
	})
	switch platformCode(err) {
	case chat.CodeTemporary, chat.CodeRateLimited:
		// The look-up caches refusals for a minute. The event that waits for this
		// channel, and those after it, would be stopped for so long.
		_ = a.channels.Forget(ctx, id) // an error concerns only the state's copy
	}
	return c, err
}

// placeIn returns the place of a channel, which may be a thread. kind is the type of the
// channel, or nil if it is not known.
func (a *Adapter) placeIn(ctx context.Context, guild, channelID string, kind *int) (place, error) {
	if guild == "" {
		return place{guild: directGuild, parent: channelID}, nil
	}
	p := place{guild: guild, parent: channelID}
	if kind != nil && !isThreadType(*kind) {
		return p, nil
	}
	c, err := a.channel(ctx, channelID)
	switch {
	case err == nil && isThreadType(c.Type) && isID(c.ParentID):
		p.parent, p.thread = c.ParentID, channelID
	case err == nil:
	case isLost(err):
		a.log.DebugContext(ctx, "a channel cannot be looked up, so it is not taken for a thread", "channel", channelID, "error", err)
	default:
		return p, fmt.Errorf("finding the channel of a thread: %w", err)
	}
	return p, nil
}

// isLost reports whether another try would fail, too.
func isLost(err error) bool {
	switch platformCode(err) {
	case chat.CodeNotFound, chat.CodePermission, chat.CodeInvalid:
		return true
	}
	return false
}

// ownRoles returns the roles of the bot in a server, or none if they cannot be looked up.
func (a *Adapter) ownRoles(ctx context.Context, guild string) []string {
	roles, err := a.roles.Get(ctx, guild, func(ctx context.Context) ([]string, error) {
		var m member
		call := call{Call: platform.Call{Op: "getMember", Path: "guilds/" + guild + "/members/" + a.config.ApplicationID, Into: &m}, major: guild}
		err := a.do(ctx, call)
		return append([]string{}, m.Roles...), err
	})
	if err != nil {
		a.log.WarnContext(ctx, "the bot's roles cannot be looked up", "server", guild, "error", err)
	}
	return roles
}

// Permalink returns the address of a message. It makes no call, so the message may not
// exist.
func (a *Adapter) Permalink(_ context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	at, err := whereIs(thread, id)
	if err != nil {
		return "", err
	}
	channel := at.channel()
	if at.thread == string(id) {
		channel = at.parent
	}
	return "https://discord.com/channels/" + at.guild + "/" + channel + "/" + string(id), nil
}

// ResolveLink returns the thread and the message of an address on discord.com. An address
// of something else is [chat.ErrNotFound]. It may call Discord to find out whether the
// channel is a thread.
func (a *Adapter) ResolveLink(ctx context.Context, address string) (chat.ThreadID, chat.MessageID, error) {
	lost := &chat.PlatformError{Adapter: adapterName, Op: "link", Code: chat.CodeNotFound}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !isDiscordHost(u.Host) {
		return "", "", lost
	}
	path, ok := strings.CutPrefix(u.Path, "/channels/")
	parts := strings.Split(path, "/")
	if !ok || len(parts) != 3 || parts[0] != directGuild && !isSnowflake(parts[0]) || !isSnowflake(parts[1]) || !isSnowflake(parts[2]) {
		return "", "", lost
	}
	guild := parts[0]
	if guild == directGuild {
		guild = ""
	}
	p, err := a.placeIn(ctx, guild, parts[1], nil)
	if err != nil {
		return "", "", err
	}
	return p.threadID(), chat.MessageID(parts[2]), nil
}

func isDiscordHost(host string) bool {
	switch strings.ToLower(host) {
	case "discord.com", "www.discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com":
		return true
	}
	return false
}
