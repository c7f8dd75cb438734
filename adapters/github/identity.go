package github

import (
	"context"
	"strings"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/chat"
)

// botSuffix ends the login of an App.
const botSuffix = "[bot]"

// identity is the bot's account on GitHub.
type identity struct {
	Login string `json:"login"`
	ID    int64  `json:"id,omitempty"` // 0 if it is not known
}

// whoami returns the bot's identity: the configured one, or the one that GitHub returns.
func (a *Adapter) whoami(ctx context.Context) (identity, error) {
	if a.config.UserName != "" {
		return identity{Login: a.config.UserName}, nil
	}
	return a.self.Get(ctx, formatID(a.config.AppID), func(ctx context.Context) (identity, error) {
		if a.config.key != nil {
			app, _, err := a.root.Apps.Get(ctx, "")
			return identity{Login: app.GetSlug() + botSuffix}, a.failure(ctx, "apps/get-authenticated", err)
		}
		const op = "users/get-authenticated"
		user, _, err := a.root.Users.Get(ctx, "")
		id, err := checkedID(op, user.GetID(), a.failure(ctx, op, err))
		return identity{Login: user.GetLogin(), ID: id}, err
	})
}

func (me identity) is(u *user) bool {
	return u != nil && (strings.EqualFold(u.Login, me.Login) || me.ID != 0 && u.ID == me.ID)
}

// names returns the names that mention the bot after an "@". An App is mentioned with or
// without its suffix.
func (me identity) names() []string {
	return []string{me.Login, strings.TrimSuffix(me.Login, botSuffix)}
}

// user is an account. https://docs.github.com/en/rest/users/users
type user struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

// ghost is the author of what a deleted account wrote. https://github.com/ghost
var ghost = &user{ID: 10137, Login: "ghost", Type: "User"}

// author converts a user to that of package chat.
func (me identity) author(u *user) chat.Author {
	if u == nil || u.ID == 0 {
		u = ghost
	}
	return chat.Author{UserID: chat.UserID(formatID(u.ID)), UserName: u.Login, FullName: u.Login, Bot: new(u.Type == "Bot"), Me: me.is(u)}
}

// FetchUser returns the public profile of an account. The result is cached for a day.
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	number, ok := parseID(string(id))
	if !ok {
		return nil, badUser(id)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	u, err := a.users.Get(ctx, string(id), func(ctx context.Context) (chat.User, error) {
		const op = "users/get-by-id"
		client, err := a.anyClient(ctx)
		if err != nil {
			return chat.User{}, err
		}
		found, _, err := client.Users.GetByID(ctx, number)
		if _, err := checkedID(op, found.GetID(), a.failure(ctx, op, err)); err != nil {
			return chat.User{}, err
		}
		return userOf(id, found), nil
	})
	if err != nil {
		return nil, err
	}
	return &u, nil
}

func userOf(id chat.UserID, u *gh.User) chat.User {
	out := chat.User{ID: id, UserName: u.GetLogin(), FullName: u.GetName(), Email: u.GetEmail(), AvatarURL: u.GetAvatarURL(), Bot: u.GetType() == "Bot"}
	if out.FullName == "" {
		out.FullName = out.UserName
	}
	return out
}
