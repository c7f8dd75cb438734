package chat

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/emoji"
)

// ReactionEvent is an emoji that was added to a message or removed from it.
type ReactionEvent struct {
	EventBase
	// MessageID is the message.
	MessageID MessageID `json:"messageId"`
	// Emoji is the emoji, without its skin tone; RawEmoji is the platform's spelling.
	Emoji    emoji.Emoji `json:"emoji"`
	RawEmoji string      `json:"rawEmoji"`
	// Added is false if the reaction was removed.
	Added bool `json:"added"`
}

// EventName returns "reaction".
func (*ReactionEvent) EventName() string { return eventReaction }

// OnReaction registers a handler for reactions with one of the emoji, whatever their
// skin tone; without any, for all. [emoji.ThumbsUp], "👍", ":+1:" and "+1" mean the
// same. An emoji of no set, [Config.Emoji] included, is known only as its platform
// spells it: Slack has short names, most others the characters. What no platform can
// call an emoji panics.
func (c *Chat) OnReaction(h EventHandler[ReactionEvent], wanted ...emoji.Emoji) *Registration {
	spellings := make([]string, len(wanted))
	meant := map[string]emoji.Emoji{}
	for i, w := range wanted {
		e, err := c.cfg.Emoji.Read(string(w))
		if err != nil {
			panic(fmt.Sprintf("chat: a handler of reaction events for %q is never called: %v", string(w), err))
		}
		spellings[i], meant[string(w)] = string(w), e
	}
	return addEvent(c, h, spellings, func(ev *ReactionEvent, wanted string) bool {
		return ev.Emoji == meant[wanted] || ev.RawEmoji != "" && c.cfg.Emoji.Is(ev.RawEmoji, meant[wanted])
	})
}

// React adds an emoji reaction to a message of the thread. The emoji is named as for
// [Chat.OnReaction]; what no platform can call one is [ErrInvalidArgument].
func (t *Thread) React(ctx context.Context, id MessageID, e emoji.Emoji) error {
	return t.react(ctx, id, e, Reactor.AddReaction)
}

// Unreact removes the bot's emoji reaction from a message of the thread.
func (t *Thread) Unreact(ctx context.Context, id MessageID, e emoji.Emoji) error {
	return t.react(ctx, id, e, Reactor.RemoveReaction)
}

func (t *Thread) react(ctx context.Context, id MessageID, e emoji.Emoji, change func(Reactor, context.Context, ThreadID, MessageID, string) error) error {
	r, err := ability[Reactor](ctx, t.caller(), "reactions")
	if err != nil {
		return err
	}
	if err := id.validate(); err != nil {
		return err
	}
	if _, err := t.chat.cfg.Emoji.Read(string(e)); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	return t.caller().do(ctx, func(ctx context.Context) error { return change(r, ctx, t.id, id, string(e)) }, nil)
}
