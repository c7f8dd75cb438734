package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// targetedTTL is how long Teams keeps a message that only one user sees.
const targetedTTL = 24 * time.Hour

// targeted is the query of calls about a message that only one user sees.
// https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
var targeted = url.Values{"isTargetedActivity": {"true"}}

// PostEphemeral posts a message that only one member of a channel or group chat sees, for 24
// hours. In that time it can be edited and deleted. In a personal chat the error is
// [errors.ErrUnsupported].
func (a *Adapter) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p, err := a.placeOf(thread)
	if err != nil {
		return "", err
	}
	if !a.IsUserID(user) {
		return "", fmt.Errorf(`%w: teams: user id %q, want "29:" and more, or a GUID`, chat.ErrInvalidArgument, user)
	}
	if p.isPersonal() {
		return "", fmt.Errorf("teams: a personal chat has no ephemeral messages: %w", errors.ErrUnsupported)
	}
	parts, err := a.render(ctx, p, post)
	if err != nil {
		return "", err
	}
	calls := a.calls(p, parts)
	calls.Send = func(ctx context.Context, i int, _ chat.MessageID) (chat.MessageID, error) {
		body := parts[i].body()
		body["recipient"] = params{"id": user}
		id, err := a.sendActivity(ctx, p, body, targeted)
		if err != nil {
			return "", err
		}
		return id, a.noteTargeted(ctx, p, id)
	}
	return a.parts.Post(ctx, len(parts), calls)
}

func targetedKey(at place, activity string) string {
	return "teams:targetedActivity:" + at.full() + ":" + activity
}

// noteTargeted stores that only one user sees a message, as the TypeScript SDK does. Other
// calls edit and delete such a message.
func (a *Adapter) noteTargeted(ctx context.Context, at place, id chat.MessageID) error {
	_, activity, err := a.whereIs(at.threadID(), id)
	if err != nil {
		return err
	}
	one, _ := json.Marshal("1") // a string can always be encoded
	return a.host.State().Set(ctx, targetedKey(at, activity), one, targetedTTL)
}

// isTargeted reports whether only one user sees a message.
func (a *Adapter) isTargeted(ctx context.Context, at place, activity string) bool {
	if at.isPersonal() {
		return false
	}
	_, err := a.host.State().Get(ctx, targetedKey(at, activity))
	return err == nil
}
