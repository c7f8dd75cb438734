package web

import (
	"context"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// maxReactions bounds the bot's reactions to one message.
const maxReactions = 20

// AddReaction shows the emoji, given by its name or as characters, below a
// message of the kept history: the bot's or the user's. It returns
// [chat.ErrNotFound] for another message.
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	shown := a.texts.reaction(name)
	return a.react(ctx, "AddReaction", thread, id, func(c *content) {
		if !slices.Contains(c.Reactions, shown) && len(c.Reactions) < maxReactions {
			c.Reactions = append(c.Reactions, shown)
		}
	})
}

// RemoveReaction removes it again. Its errors are those of AddReaction.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	shown := a.texts.reaction(name)
	return a.react(ctx, "RemoveReaction", thread, id, func(c *content) {
		c.Reactions = slices.DeleteFunc(c.Reactions, func(r string) bool { return r == shown })
	})
}

func (a *Adapter) react(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID, change func(*content)) error {
	if err := checkTarget(ctx, thread); err != nil {
		return err
	}
	m, err := a.keptMessage(ctx, op, thread, id)
	if err != nil {
		return err
	}
	return a.change(ctx, op, m, change)
}

// reaction returns the characters of an emoji.
func (w texts) reaction(name string) string {
	e, err := w.emoji.Read(name)
	if err != nil {
		return name
	}
	return w.spell(e)
}
