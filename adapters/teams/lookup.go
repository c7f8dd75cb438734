package teams

import (
	"cmp"
	"context"
	"fmt"
	"net/url"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// member is a member of a conversation in an answer of the Bot Connector.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#fetch-the-roster-or-user-profile
type member struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Email       string `json:"email"`
	UserName    string `json:"userPrincipalName"`
	AADObjectID string `json:"aadObjectId"`
}

// member returns a member of a conversation.
func (a *Adapter) member(ctx context.Context, at place, user string) (member, error) {
	return a.known.members.Get(ctx, user, func(ctx context.Context) (member, error) {
		var got member
		err := a.send(ctx, at.service, platform.Call{Op: "getConversationMember", Path: path(at.conversation, "members", user), Into: &got})
		if err == nil && got.ID == "" {
			err = failure("getConversationMember", chat.CodeTemporary, "the answer has no id")
		}
		return got, err
	})
}

// nameOf returns the name of a user in a conversation, or "" if it cannot be looked up.
func (a *Adapter) nameOf(ctx context.Context, at place, user string) string {
	got, err := a.member(ctx, at, user)
	if err != nil {
		a.log.DebugContext(ctx, "a user's name in Teams cannot be looked up", "error", err)
	}
	return got.Name
}

// FetchUser returns the name and the address of a user. In a handler the user is looked up
// as a member of the conversation. Otherwise Microsoft Graph is asked, which needs the
// permission User.Read.All. Graph needs the GUID of the user: id is a GUID, or the user has
// sent an activity in the last 30 days; else the error is [chat.ErrNotFound].
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !a.IsUserID(id) {
		return nil, fmt.Errorf(`%w: teams: user id %q, want "29:" and more, or a GUID`, chat.ErrInvalidArgument, id)
	}
	if current, ok := chat.ConversationFrom(ctx); ok {
		if at, err := a.placeOf(current.Thread.ID()); err == nil {
			if m, err := a.member(ctx, at, string(id)); err == nil {
				return &chat.User{ID: id, UserName: firstOf(m.UserName, m.Name), FullName: m.Name, Email: m.Email}, nil
			}
		}
	}
	object := string(id)
	if !guidForm.MatchString(object) {
		if object = kept(ctx, a.known.objects, string(id)); object == "" {
			return nil, failure("users", chat.CodeNotFound, "no activity has contained the user's GUID, which Microsoft Graph needs")
		}
	}
	var got struct {
		ID          string `json:"id"`
		DisplayName string `json:"displayName"`
		Mail        string `json:"mail"`
		UserName    string `json:"userPrincipalName"`
	}
	// https://learn.microsoft.com/graph/api/user-get
	call := platform.Call{Op: "users", Path: segments("users", object), Query: url.Values{"$select": {"id,displayName,mail,userPrincipalName"}}, Into: &got}
	if err := a.graph(ctx, kept(ctx, a.known.tenants, string(id)), readUsers, call); err != nil {
		return nil, err
	}
	if got.ID == "" {
		return nil, failure("users", chat.CodeTemporary, "the answer has no id")
	}
	return &chat.User{ID: id, UserName: firstOf(got.UserName, got.DisplayName), FullName: got.DisplayName, Email: got.Mail}, nil
}

func firstOf(texts ...string) string { return cmp.Or(texts...) }

var visibilities = map[string]chat.Visibility{
	"standard": chat.VisibilityWorkspace, "private": chat.VisibilityPrivate, "shared": chat.VisibilityExternal,
}

// FetchChannel returns the name and the topic of a channel or a group chat from Microsoft
// Graph. Without the permission the error is [chat.ErrPermission] and names it. For a
// personal chat it makes no call.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := a.channelOf(id)
	if err != nil {
		return nil, err
	}
	if p.isPersonal() {
		return &chat.ChannelInfo{ID: id, DM: true, Visibility: chat.VisibilityPrivate, Members: 1}, nil
	}
	c, err := a.graphOf(ctx, p)
	if err != nil {
		return nil, err
	}
	var got struct {
		ID             string `json:"id"`
		DisplayName    string `json:"displayName"`
		Description    string `json:"description"`
		MembershipType string `json:"membershipType"`
		Topic          string `json:"topic"`
	}
	path, needs := segments("chats", c.GraphChatID), readTopic
	if c.GraphChatID == "" {
		path, needs = segments("teams", c.TeamID, "channels", c.ChannelID), readTeam
	}
	if err := a.graph(ctx, c.TenantID, needs, platform.Call{Op: "channel", Path: path, Into: &got}); err != nil {
		return nil, err
	}
	if got.ID == "" {
		return nil, failure("channel", chat.CodeTemporary, "the answer has no id")
	}
	info := &chat.ChannelInfo{ID: id, Name: firstOf(got.DisplayName, got.Topic), Topic: got.Description, Visibility: chat.VisibilityUnknown}
	switch v, ok := visibilities[got.MembershipType]; {
	case c.GraphChatID != "":
		info.Visibility = chat.VisibilityPrivate
	case ok:
		info.Visibility = v
	}
	return info, nil
}
