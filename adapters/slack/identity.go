package slack

import (
	"context"
	"slices"
)

// identity is what the bot is in a workspace.
// https://docs.slack.dev/reference/methods/auth.test
type identity struct {
	userID string // "U…"
	botID  string // "B…"
	teamID string // "T…"
}

// identity asks Slack who the bot is, at most once in a while.
func (a *Adapter) identity(ctx context.Context, o origin) (identity, error) {
	return a.identities.Get(ctx, o.Installation, func(ctx context.Context) (identity, error) {
		client, err := a.clientOf(ctx, o)
		if err != nil {
			return identity{}, err
		}
		answer, err := client.AuthTestContext(ctx)
		if err != nil {
			err = apiError("auth.test", err)
			a.log.WarnContext(ctx, "identity-unknown", "installation", o.Installation, "error", err)
			return identity{}, err
		}
		return identity{userID: answer.UserID, botID: answer.BotID, teamID: answer.TeamID}, nil
	})
}

// botUsers returns the ids under which the bot is mentioned: what the event says
// and what the installation says, which differ in an organisation. Only without
// both Slack is asked.
func (a *Adapter) botUsers(ctx context.Context, src source) []string {
	var ids []string
	if src.botUser != "" {
		ids = append(ids, src.botUser)
	}
	if src.Installation != "" {
		if i, err := a.knownInstallation(ctx, src.origin); err == nil && i.BotUserID != "" && !slices.Contains(ids, string(i.BotUserID)) {
			ids = append(ids, string(i.BotUserID))
		}
	}
	if len(ids) == 0 {
		if me, err := a.identity(ctx, src.origin); err == nil && me.userID != "" {
			ids = append(ids, me.userID)
		}
	}
	return ids
}

// isBotUser reports whether the user is the bot. An event may name no bot: its
// authorization can be a user's.
// https://docs.slack.dev/apis/events-api#authorizations
func (a *Adapter) isBotUser(ctx context.Context, src source, user string) bool {
	return user != "" && (user == src.botUser || slices.Contains(a.botUsers(ctx, src), user))
}

// isOwn reports whether the bot wrote the message: as its user, or as its app
// with another name.
func (a *Adapter) isOwn(ctx context.Context, src source, m *slackMessage, botUsers []string) bool {
	user := m.User
	if user == "" && m.BotProfile != nil {
		user = m.BotProfile.UserID
	}
	switch {
	case user != "" && slices.Contains(botUsers, user):
		return true
	case m.BotID == "":
		return false
	case src.appID != "" && m.AppID != "":
		return m.AppID == src.appID
	}
	me, err := a.identity(ctx, src.origin)
	return err == nil && me.botID == m.BotID
}
