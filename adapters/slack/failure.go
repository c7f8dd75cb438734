package slack

import (
	"context"

	"github.com/chat-adapter/chat-go/core/chat"
)

// failedEmoji is the reaction that says that a message was given up.
const failedEmoji = "warning"

// MarkFailed adds the reaction ⚠️ to a message that the bot could not handle. It needs
// the scope reactions:write.
func (a *Adapter) MarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.AddReaction(ctx, thread, id, failedEmoji)
}

// UnmarkFailed removes the reaction.
func (a *Adapter) UnmarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	return a.RemoveReaction(ctx, thread, id, failedEmoji)
}
