package messaging

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// user is what the platform says about somebody who has written.
//
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/identity/user-profile
//   - https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/user-profile
type user struct {
	Name      string `json:"name"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	UserName  string `json:"username"`
	Picture   string `json:"profile_pic"`
}

func (u *user) fullName() string {
	return cmp.Or(u.Name, strings.TrimSpace(u.FirstName+" "+u.LastName), u.UserName)
}

// FetchUser returns what the platform says about somebody who has written to the account.
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !a.IsUserID(id) {
		return nil, fmt.Errorf("%w: %s: user id %q, want digits", chat.ErrInvalidArgument, a.cfg.Name, id)
	}
	u, err := a.users.Get(ctx, string(id), func(ctx context.Context) (user, error) {
		var u user
		_, err := a.client.Do(ctx, platform.Call{Op: "user", Path: string(id), Query: url.Values{"fields": {a.cfg.UserFields}}, Into: &u})
		return u, err
	})
	if err != nil {
		return nil, err
	}
	return &chat.User{ID: id, UserName: cmp.Or(u.UserName, u.fullName()), FullName: u.fullName(), AvatarURL: u.Picture}, nil
}

// FetchChannel returns the conversation with a user, which has the user's name.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	p, err := a.reach(chat.ThreadID(id))
	if err != nil {
		return nil, err
	}
	u, err := a.FetchUser(ctx, chat.UserID(p.user))
	if err != nil {
		return nil, err
	}
	return &chat.ChannelInfo{ID: id, Name: u.FullName, DM: true, Visibility: chat.VisibilityPrivate}, nil
}
