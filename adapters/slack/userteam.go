package slack

import (
	"cmp"
	"context"
	"strings"
)

// Somebody in a channel that is shared with another organisation, or in an
// organisation that has installed the app as a whole, belongs to another workspace
// than the one through which the bot is there. Messages and interactions say so; it
// is kept for what is sent to the user later.
const userTeamPrefix = adapterName + ":user-team:"

// noteUserTeam keeps the workspace of a user. Only one that the installation does
// not tell is written to the state, and only when it has changed.
func (a *Adapter) noteUserTeam(ctx context.Context, src source, user string, teams ...string) {
	team := firstTeam(teams...)
	key := userTeamPrefix + src.scope() + user
	if known, ok := a.userTeams.Get(key); team == "" || !isID(user) || ok && known == team {
		return
	}
	if team != src.team {
		if err := a.host.State().Set(ctx, key, []byte(`"`+team+`"`), nameTTL); err != nil {
			a.log.DebugContext(ctx, "cache-failed", "key", key, "error", err)
			return
		}
	}
	a.userTeams.Set(key, team)
}

// userTeam returns the workspace of a user: as an event said, else as Slack says,
// else "".
func (a *Adapter) userTeam(ctx context.Context, o origin, user string) string {
	if !isID(user) {
		return ""
	}
	key := userTeamPrefix + o.scope() + user
	if team, ok := a.userTeams.Get(key); ok {
		return team
	}
	if data, err := a.host.State().Get(ctx, key); err == nil {
		if team := firstTeam(strings.Trim(string(data), `"`)); team != "" {
			a.userTeams.Set(key, team)
			return team
		}
	}
	u, err := a.user(ctx, o, user)
	if err != nil {
		a.log.DebugContext(ctx, "team-unknown", "user", user, "error", err)
	}
	return u.TeamID
}

// recipientTeam returns the workspace of whom a stream in the channel answers: the
// user's own, else the one in which the bot is there, or "".
// https://docs.slack.dev/reference/methods/chat.startStream
func (a *Adapter) recipientTeam(ctx context.Context, channel, user string) string {
	o, err := a.workspaceOf(ctx, channel)
	if err != nil {
		return ""
	}
	if team := cmp.Or(a.userTeam(ctx, o, user), firstTeam(o.Team, o.Installation)); team != "" {
		return team
	}
	me, err := a.identity(ctx, o)
	if err != nil {
		return ""
	}
	return me.teamID
}

// firstTeam returns the first id that is a workspace's, or "".
func firstTeam(ids ...string) string {
	for _, id := range ids {
		if strings.HasPrefix(id, "T") && isID(id) {
			return id
		}
	}
	return ""
}
