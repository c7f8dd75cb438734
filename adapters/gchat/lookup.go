package gchat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// kept is what the state has about a user, as the TypeScript SDK stores it.
type kept struct {
	DisplayName string `json:"displayName"`
	Email       string `json:"email,omitempty"`
	IsBot       bool   `json:"isBot,omitempty"`
	AvatarURL   string `json:"avatarUrl,omitempty"`
}

func errUserID(id chat.UserID) error {
	return fmt.Errorf("%w: gchat: user id %q, want %q and an id", chat.ErrInvalidArgument, id, "users/")
}

// learnUser stores what an event says about a user.
func (a *Adapter) learnUser(ctx context.Context, u *user) {
	if u.DisplayName == "" || !isUserID(chat.UserID(u.Name)) {
		return
	}
	k := kept{u.DisplayName, u.Email, u.Type == "BOT", u.AvatarURL}
	if known, ok := a.known.Get(u.Name); ok && known == k {
		return
	}
	a.known.Set(u.Name, k)
	a.users.Learn(ctx, u.Name, k)
}

// author returns the author of a message. A Workspace Event has only the user's id and
// type, so the adapter asks Chat for the member of the space if it does not know the
// name.
func (a *Adapter) author(ctx context.Context, in string, u *user) chat.Author {
	if u == nil || !isUserID(chat.UserID(u.Name)) {
		return chat.Author{}
	}
	k := kept{u.DisplayName, u.Email, u.Type == "BOT", u.AvatarURL}
	if k.DisplayName == "" {
		if found, err := a.users.Get(ctx, u.Name, func(ctx context.Context) (kept, error) { return a.askMember(ctx, in, u.Name) }); err == nil {
			k.DisplayName, k.Email = found.DisplayName, cmp.Or(k.Email, found.Email)
		}
	}
	who := chat.Author{UserID: chat.UserID(u.Name), UserName: k.DisplayName, FullName: k.DisplayName, Email: k.Email, Me: a.isMe(ctx, u)}
	if u.Type != "" {
		who.Bot = new(u.Type == "BOT")
	}
	return who
}

// isMe reports whether a user is the app. While the app's user is not known, isMe
// reports true for every app, so that the bot never answers itself.
func (a *Adapter) isMe(ctx context.Context, u *user) bool {
	if u.Name == "users/app" {
		return true
	}
	if u.Type != "BOT" {
		return u.Name == string(a.config.BotUserID)
	}
	self := a.selfID(ctx)
	return self == "" || self == u.Name
}

// selfKey is the key of the app's own user in the state. The TypeScript SDK has the
// same.
const selfKey = "botUserId"

// selfID returns the app's own user, or "" while it is not known.
func (a *Adapter) selfID(ctx context.Context) string {
	if a.config.BotUserID != "" {
		return string(a.config.BotUserID)
	}
	id, err := a.self.Get(ctx, selfKey, func(context.Context) (string, error) { return "", errNotLearnt })
	if err != nil {
		return ""
	}
	return id
}

var errNotLearnt = errors.New("gchat: the app's user is not known yet")

// learnSelf stores the app's own user.
func (a *Adapter) learnSelf(ctx context.Context, name string) {
	if a.config.BotUserID == "" && isUserID(chat.UserID(name)) && name != "users/app" && a.selfID(ctx) != name {
		a.self.Learn(ctx, selfKey, name)
	}
}

func (a *Adapter) askMember(ctx context.Context, in, name string) (kept, error) {
	if in == "" {
		return kept{}, errNotLearnt
	}
	id := strings.TrimPrefix(name, "users/")
	var m membership
	if err := a.do(ctx, get("spaces.members.get", in+"/members/"+id, nil, &m)); err != nil {
		return kept{}, err
	}
	if m.Member == nil || m.Member.DisplayName == "" {
		return kept{}, unexpected("spaces.members.get", "the member has no name")
	}
	return kept{m.Member.DisplayName, m.Member.Email, m.Member.Type == "BOT", m.Member.AvatarURL}, nil
}

// learnSpace stores what an event says about a space.
func (a *Adapter) learnSpace(ctx context.Context, s *space) {
	if known, ok := a.kinds.Get(s.Name); ok && known == s.isDM() {
		return
	}
	a.kinds.Set(s.Name, s.isDM())
	a.spaces.Learn(ctx, s.Name, space{Name: s.Name, Type: s.Type, SpaceType: s.SpaceType, DisplayName: s.DisplayName})
}

// space returns what Chat says about a space.
func (a *Adapter) space(ctx context.Context, name string) (space, error) {
	if dm, ok := a.kinds.Get(name); ok && dm {
		return space{Name: name, SpaceType: "DIRECT_MESSAGE"}, nil
	}
	return a.spaces.Get(ctx, name, func(ctx context.Context) (space, error) { return a.fetchSpace(ctx, name) })
}

func (a *Adapter) fetchSpace(ctx context.Context, name string) (space, error) {
	var s space
	if err := a.do(ctx, get("spaces.get", name, nil, &s)); err != nil {
		return space{}, err
	}
	if s.Name != name {
		return space{}, unexpected("spaces.get", "the answer is another space")
	}
	return s, nil
}

// FetchChannel asks Chat for a space: its name, description, kind and number of people.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	p, err := channelOf(id)
	if err != nil {
		return nil, err
	}
	s, err := a.fetchSpace(ctx, p.space)
	if err != nil {
		return nil, err
	}
	return s.info(), nil
}

func (s *space) info() *chat.ChannelInfo {
	info := &chat.ChannelInfo{ID: place{space: s.Name}.channelID(), Name: s.DisplayName, DM: s.isDM(), Visibility: chat.VisibilityPrivate}
	if s.ExternalAllowed {
		info.Visibility = chat.VisibilityExternal
	}
	if s.Details != nil {
		info.Topic = s.Details.Description
	}
	if s.Members != nil {
		info.Members = s.Members.Humans
	}
	return info
}

// ListSpaces returns a page of the spaces that the app is in.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces/list
func (a *Adapter) ListSpaces(ctx context.Context, req chat.PageRequest) (chat.Page[*chat.ChannelInfo], error) {
	var got struct {
		Spaces []space `json:"spaces"`
		Next   string  `json:"nextPageToken"`
	}
	if err := a.do(ctx, get("spaces.list", "spaces", pageQuery(req), &got)); err != nil {
		return chat.Page[*chat.ChannelInfo]{}, err
	}
	out := chat.Page[*chat.ChannelInfo]{Next: got.Next}
	for i := range got.Spaces {
		out.Items = append(out.Items, got.Spaces[i].info())
	}
	return out, nil
}

// ListMembers returns a page of the people and apps in a space.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.members/list
func (a *Adapter) ListMembers(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.User], error) {
	p, err := channelOf(channel)
	if err != nil {
		return chat.Page[*chat.User]{}, err
	}
	var got struct {
		Memberships []membership `json:"memberships"`
		Next        string       `json:"nextPageToken"`
	}
	if err := a.do(ctx, get("spaces.members.list", p.space+"/members", pageQuery(req), &got)); err != nil {
		return chat.Page[*chat.User]{}, err
	}
	out := chat.Page[*chat.User]{Next: got.Next}
	for _, m := range got.Memberships {
		if u := m.Member; u != nil && isUserID(chat.UserID(u.Name)) { // groups are none
			out.Items = append(out.Items, userOf(u.Name, kept{u.DisplayName, u.Email, u.Type == "BOT", u.AvatarURL}))
		}
	}
	return out, nil
}

// pageQuery asks for a page of a list.
func pageQuery(req chat.PageRequest) url.Values {
	limit := req.Limit
	if limit <= 0 {
		limit = 50
	}
	q := url.Values{"pageSize": {strconv.Itoa(min(limit, 1000))}}
	if req.Cursor != "" {
		q.Set("pageToken", req.Cursor)
	}
	return q
}

// FetchUser returns what the adapter knows about a user. Chat has no look-up of users,
// so the user must have written, clicked or been listed within 7 days, or have a direct
// conversation with the app. Otherwise it returns [chat.ErrNotFound].
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	if !isUserID(id) {
		return nil, errUserID(id)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k, err := a.users.Get(ctx, string(id), func(ctx context.Context) (kept, error) {
		dm, err := a.findDM(ctx, id)
		if err != nil {
			return kept{}, err
		}
		return a.askMember(ctx, dm, string(id))
	})
	if err != nil {
		return nil, err
	}
	return userOf(string(id), k), nil
}

func userOf(name string, k kept) *chat.User {
	return &chat.User{ID: chat.UserID(name), UserName: k.DisplayName, FullName: k.DisplayName, Email: k.Email, AvatarURL: k.AvatarURL, Bot: k.IsBot}
}

// findDM returns the direct conversation of the app with a user.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces/findDirectMessage
func (a *Adapter) findDM(ctx context.Context, id chat.UserID) (string, error) {
	const op = "spaces.findDirectMessage"
	var s space
	if err := a.do(ctx, get(op, "spaces:findDirectMessage", url.Values{"name": {string(id)}}, &s)); err != nil {
		return "", err
	}
	if !isSpace(s.Name) {
		return "", unexpected(op, "the answer has no space")
	}
	return s.Name, nil
}

// OpenDM returns the direct conversation of the app with a user. If there is none, the
// adapter begins one in the user's own name. That needs the delegation that
// Config.ImpersonateUser needs, and the user's email address, which the adapter knows
// only of a user whom it has met. Without them it returns [chat.ErrNotFound].
func (a *Adapter) OpenDM(ctx context.Context, id chat.UserID) (chat.ThreadID, error) {
	if !isUserID(id) {
		return "", errUserID(id)
	}
	name, err := a.findDM(ctx, id)
	if errors.Is(err, chat.ErrNotFound) && a.config.ImpersonateUser != "" {
		name, err = a.beginDM(ctx, id, err)
	}
	if err != nil {
		return "", err
	}
	return place{space: name, dm: true}.threadID(), nil
}

// beginDM begins a direct conversation with the app.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces/setup
func (a *Adapter) beginDM(ctx context.Context, id chat.UserID, missing error) (string, error) {
	const op = "spaces.setup"
	u, err := a.FetchUser(ctx, id)
	if err != nil || u.Email == "" {
		return "", missing
	}
	var s space
	body := params{"space": params{"spaceType": "DIRECT_MESSAGE", "singleUserBotDm": true}}
	err = a.do(ctx, call{user: u.Email, Call: platform.Call{Op: op, Method: http.MethodPost, Path: "v1/spaces:setup", Body: body, Into: &s}})
	if err != nil {
		return "", err
	}
	if !isSpace(s.Name) {
		return "", unexpected(op, "the answer has no space")
	}
	return s.Name, nil
}
