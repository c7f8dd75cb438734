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

// targetedTTL is how long Teams keeps a message for one user.
const targetedTTL = 24 * time.Hour

// targeted marks calls about a message for one user.
// https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
var targeted = url.Values{"isTargetedActivity": {"true"}}

// PostEphemeral posts to a channel or group chat what one of its members sees, for 24
// hours. In a personal chat there is nobody else: it is unsupported.
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
		return "", fmt.Errorf("teams: a message for one user in a personal chat: %w", errors.ErrUnsupported)
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

// noteTargeted keeps that a message is for one user, as the TypeScript SDK does: it is
// changed by other calls.
func (a *Adapter) noteTargeted(ctx context.Context, at place, id chat.MessageID) error {
	_, activity, err := a.whereIs(at.threadID(), id)
	if err != nil {
		return err
	}
	one, _ := json.Marshal("1") // a string can always be encoded
	return a.host.State().Set(ctx, targetedKey(at, activity), one, targetedTTL)
}

// isTargeted reports whether a message is for one user.
func (a *Adapter) isTargeted(ctx context.Context, at place, activity string) bool {
	if at.isPersonal() {
		return false
	}
	_, err := a.host.State().Get(ctx, targetedKey(at, activity))
	return err == nil
}
