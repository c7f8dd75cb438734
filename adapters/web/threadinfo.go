package web

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

var errNoConversation = errors.New("no such conversation")

// FetchThread returns what is known of a conversation. Its title is the beginning of
// its first text, as the page shows it.
func (a *Adapter) FetchThread(ctx context.Context, id chat.ThreadID) (*chat.ThreadInfo, error) {
	if err := checkTarget(ctx, id); err != nil {
		return nil, err
	}
	c, err := a.conversation(ctx, conversationKey+string(id))
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, platformError("FetchThread", chat.CodeNotFound, errNoConversation)
	}
	return &chat.ThreadInfo{ID: id, Title: c.Title, Channel: chat.ChannelInfo{
		ID: chat.ChannelID(id), Name: c.Title, DM: true, Visibility: chat.VisibilityPrivate,
	}}, nil
}
