package teams

import (
	"context"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// member is a user as the Bot Connector knows the members of a conversation.
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

// nameOf is how a user is called in a conversation. It is empty if that cannot be found
// out now.
func (a *Adapter) nameOf(ctx context.Context, at place, user string) string {
	got, err := a.member(ctx, at, user)
	if err != nil {
		a.log.DebugContext(ctx, "a user's name in Teams is not known", "error", err)
	}
	return got.Name
}
