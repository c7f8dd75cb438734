package slack

import (
	"context"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// AddReaction adds the emoji. It is no error if it is there already.
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	const op = "reactions.add"
	client, item, err := a.reactionItem(ctx, op, thread, id)
	if err != nil {
		return err
	}
	err = client.AddReactionContext(ctx, a.markup.reactionName(name), item)
	if refusedWith(err, "already_reacted") {
		return nil
	}
	return apiError(op, err)
}

// RemoveReaction removes the bot's emoji. It is no error if it is not there.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	const op = "reactions.remove"
	client, item, err := a.reactionItem(ctx, op, thread, id)
	if err != nil {
		return err
	}
	err = client.RemoveReactionContext(ctx, a.markup.reactionName(name), item)
	if refusedWith(err, "no_reaction") {
		return nil
	}
	return apiError(op, err)
}

func (a *Adapter) reactionItem(ctx context.Context, op string, thread chat.ThreadID, id chat.MessageID) (*slackapi.Client, slackapi.ItemRef, error) {
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return nil, slackapi.ItemRef{}, err
	}
	ts, err := messageTS(op, c.channel, id)
	return c.client, slackapi.NewRefToMessage(c.channel, ts), err
}

// reactionName returns Slack's short name for an emoji's name, a placeholder,
// characters, or a short name with colons or without. A name that is both an
// emoji's and another one's in Slack is the emoji's, with colons Slack's.
func (w markup) reactionName(name string) string {
	if e, ok := strings.CutPrefix(name, "{{emoji:"); ok {
		return w.emoji.SlackName(emoji.Emoji(strings.TrimSuffix(e, "}}")))
	}
	short := strings.Trim(name, ":")
	skin := ""
	if before, tone, ok := strings.Cut(short, "::skin-tone-"); ok {
		short, skin = before, "::skin-tone-"+tone
	}
	if e := w.emoji.FromUnicode(short); string(e) != short && w.emoji.Has(e) {
		return w.emoji.SlackName(e) + skin
	}
	if _, known := emoji.SlackCharacters(short); known && (name != short || !w.emoji.Has(emoji.Emoji(short))) {
		return short + skin
	}
	return w.emoji.SlackName(emoji.Emoji(short)) + skin
}
