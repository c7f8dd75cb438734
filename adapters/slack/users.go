package slack

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// What is known of users and channels is kept in the state, where the TypeScript
// SDK finds it too, and for a short while in this process.
const (
	userPrefix    = adapterName + ":user:"
	byNamePrefix  = adapterName + ":user-by-name:"
	channelPrefix = adapterName + ":channel:"

	nameTTL = 8 * 24 * time.Hour
	// channelInfoTTL is how old what is said of a channel may be: Slack allows about 50
	// look-ups a minute. https://docs.slack.dev/reference/methods/conversations.info
	channelInfoTTL = time.Minute
	maxByName      = 50
	maxLookUps     = 25 // in one message
)

// userInfo is what the state keeps of a user.
type userInfo struct {
	DisplayName string `json:"displayName"`
	RealName    string `json:"realName"`
	Email       string `json:"email,omitempty"`
	Bot         bool   `json:"isBot,omitempty"`
	AvatarURL   string `json:"avatarUrl,omitempty"`
	TimeZone    string `json:"timeZone,omitempty"` // not the TypeScript SDK's
	TeamID      string `json:"teamId,omitempty"`   // likewise
}

// channelName is what the state keeps of a channel.
type channelName struct {
	Name string `json:"name"`
}

// scope begins the ids in keys of an app in many workspaces.
func (o origin) scope() string {
	if o.Installation == "" {
		return ""
	}
	return o.Installation + ":"
}

// newLookups returns what remembers users and channels.
func newLookups(host chat.Host) (*adapterkit.Lookup[userInfo], *adapterkit.Lookup[channelName]) {
	return adapterkit.NewLookup[userInfo](host, adapterkit.LookupConfig{Prefix: userPrefix, TTL: nameTTL}),
		adapterkit.NewLookup[channelName](host, adapterkit.LookupConfig{Prefix: channelPrefix, TTL: nameTTL})
}

// user returns what is known of the user, from this process, the state or Slack.
func (a *Adapter) user(ctx context.Context, o origin, id string) (userInfo, error) {
	return a.users.Get(ctx, o.scope()+id, func(ctx context.Context) (userInfo, error) { return a.askUser(ctx, o, id) })
}

// hurry returns a context for look-ups while a webhook waits. All of one webhook
// share the time.
func (a *Adapter) hurry(ctx context.Context, src source) (context.Context, context.CancelFunc) {
	if src.until.IsZero() {
		return context.WithTimeout(ctx, a.config.LookupTimeout)
	}
	return context.WithDeadline(ctx, src.until)
}

// channelName returns the name of the channel.
func (a *Adapter) channelName(ctx context.Context, o origin, id string) (channelName, error) {
	return a.channels.Get(ctx, o.scope()+id, func(ctx context.Context) (channelName, error) {
		client, err := a.clientOf(ctx, o)
		if err != nil {
			return channelName{}, err
		}
		c, err := client.GetConversationInfoContext(ctx, &slackapi.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			return channelName{}, apiError("conversations.info", err)
		}
		return channelName{c.Name}, nil
	})
}

func (a *Adapter) askUser(ctx context.Context, o origin, id string) (userInfo, error) {
	client, err := a.clientOf(ctx, o)
	if err != nil {
		return userInfo{}, err
	}
	u, err := client.GetUserInfoContext(ctx, id)
	if err != nil {
		return userInfo{}, apiError("users.info", err)
	}
	info := userInfo{
		DisplayName: firstOf(u.Profile.DisplayName, u.Profile.RealName, u.RealName, u.Name, id),
		Email:       u.Profile.Email,
		Bot:         u.IsBot,
		AvatarURL:   u.Profile.Image192,
		TimeZone:    u.TZ,
		TeamID:      firstTeam(u.TeamID),
	}
	info.RealName = firstOf(u.RealName, u.Profile.RealName, info.DisplayName)
	a.indexName(ctx, o, id, info.DisplayName)
	return info, nil
}

// indexName keeps which users have the name, so that "@name" in a post finds
// them. Without it such a mention stays text.
func (a *Adapter) indexName(ctx context.Context, o origin, id, name string) {
	key := byNamePrefix + o.scope() + strings.ToLower(name)
	value, err := json.Marshal(id)
	if err != nil {
		return
	}
	list, err := a.host.State().GetList(ctx, key)
	if err == nil && !slices.ContainsFunc(list, func(v []byte) bool { return string(v) == string(value) }) {
		err = a.host.State().AppendToList(ctx, key, value, state.ListOptions{MaxLength: maxByName, TTL: nameTTL})
	}
	if err != nil {
		a.log.DebugContext(ctx, "cache-failed", "key", key, "error", err)
	}
}

// known are the users and channels that were looked up for a message. It also
// collects those that are missing.
type known struct {
	users    map[string]userInfo
	channels map[string]channelName
}

func newKnown() *known {
	return &known{users: map[string]userInfo{}, channels: map[string]channelName{}}
}

func (k *known) user(id string) string {
	u := k.users[id]
	k.users[id] = u
	return u.DisplayName
}

func (k *known) channel(id string) string {
	c := k.channels[id]
	k.channels[id] = c
	return c.Name
}

// lookUpNames fills in the users and channels that k has collected. What fails keeps
// its id.
func (a *Adapter) lookUpNames(ctx context.Context, o origin, k *known) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	left := maxLookUps
	found := newKnown()
	start := func(id string, ask func() (keep func(), err error)) {
		if left--; left < 0 || !isID(id) {
			return
		}
		wait.Go(func() {
			keep, err := ask()
			if err != nil {
				a.log.DebugContext(ctx, "name-unknown", "id", id, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			keep()
		})
	}
	for id := range k.users {
		start(id, func() (func(), error) {
			u, err := a.user(ctx, o, id)
			return func() { found.users[id] = u }, err
		})
	}
	for id := range k.channels {
		start(id, func() (func(), error) {
			c, err := a.channelName(ctx, o, id)
			return func() { found.channels[id] = c }, err
		})
	}
	wait.Wait()
	*k = *found
}

// FetchUser returns what Slack says about the user.
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	if !isID(string(id)) {
		return nil, platformError("users.info", chat.CodeNotFound, errors.New("the id is none of Slack's"))
	}
	o, err := a.workspaceOf(ctx, string(id))
	if err != nil {
		return nil, err
	}
	u, err := a.user(ctx, o, string(id))
	if err != nil {
		return nil, err
	}
	return &chat.User{
		ID: id, UserName: u.DisplayName, FullName: u.RealName, Email: u.Email, AvatarURL: u.AvatarURL, TimeZone: u.TimeZone, Bot: u.Bot,
	}, nil
}

// FetchChannel returns what Slack says about the channel.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	channel, err := splitChannelID(id)
	if err != nil {
		return nil, err
	}
	o, err := a.workspaceOf(ctx, channel)
	if err != nil {
		return nil, err
	}
	info, ok := a.channelInfos.Get(o.scope() + channel)
	if !ok {
		if info, err = a.askChannel(ctx, o, id, channel); err != nil {
			return nil, err
		}
		a.channelInfos.Set(o.scope()+channel, info)
	}
	return &info, nil
}

func (a *Adapter) askChannel(ctx context.Context, o origin, id chat.ChannelID, channel string) (chat.ChannelInfo, error) {
	client, err := a.clientOf(ctx, o)
	if err != nil {
		return chat.ChannelInfo{}, err
	}
	c, err := client.GetConversationInfoContext(ctx, &slackapi.GetConversationInfoInput{ChannelID: channel, IncludeNumMembers: true})
	if err != nil {
		return chat.ChannelInfo{}, apiError("conversations.info", err)
	}
	info := chat.ChannelInfo{ID: id, Name: c.Name, Topic: c.Topic.Value, DM: c.IsIM, Members: c.NumMembers, Visibility: chat.VisibilityWorkspace}
	switch {
	case c.IsExtShared:
		info.Visibility = chat.VisibilityExternal
	case c.IsPrivate, c.IsIM, c.IsMpIM, c.IsGroup:
		info.Visibility = chat.VisibilityPrivate
	}
	return info, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
