package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

var errNoConversation = errors.New("Slack named no direct conversation")

// IsUserID reports whether the id is U or W followed by upper-case letters and
// digits, as Slack's user ids are.
// https://docs.slack.dev/changelog/2016-08-11-user-id-format-changes
func (a *Adapter) IsUserID(id chat.UserID) bool {
	return len(id) > 2 && (id[0] == 'U' || id[0] == 'W') && strings.Trim(string(id), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// OpenDM returns the thread of the direct conversation with the user. A bot in
// many workspaces remembers which one it is in.
func (a *Adapter) OpenDM(ctx context.Context, user chat.UserID) (chat.ThreadID, error) {
	const op = "conversations.open"
	if !isID(string(user)) {
		return "", fmt.Errorf("%w: slack: user id %q, want letters and digits", chat.ErrInvalidArgument, user)
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	workspace, err := a.workspaceOf(ctx, string(user))
	if err != nil {
		return "", err
	}
	client, err := a.clientOf(ctx, workspace)
	if err != nil {
		return "", err
	}
	channel, _, _, err := client.OpenConversationContext(ctx, &slackapi.OpenConversationParameters{Users: []string{string(user)}})
	if err != nil {
		return "", apiError(op, err)
	}
	if channel == nil || !isDM(channel.ID) {
		return "", platformError(op, chat.CodeInvalid, errNoConversation)
	}
	if err := a.remember(ctx, workspace, channel.ID); err != nil {
		return "", err
	}
	return threadID(channel.ID, ""), nil
}
