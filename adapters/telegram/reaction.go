package telegram

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// handleReactions takes a change of a user's reactions to a message. Each reaction that
// was added or removed is an event.
// https://core.telegram.org/bots/api#messagereactionupdated
func (a *Adapter) handleReactions(ctx context.Context, u *update, r *reactions) error {
	if r.MessageID <= 0 || r.Chat.ID == 0 {
		return bad("the reaction has no message_id or no chat")
	}
	who := a.author(r.User)
	if r.User == nil && r.ActorChat != nil {
		who = r.ActorChat.author()
	}
	if who.UserID == "" {
		return a.deliverPlatformEvent(ctx, u, nil)
	}
	if !a.isAllowed(who) {
		return nil
	}
	p := place{chat: number(r.Chat.ID)}
	id := p.messageID(r.MessageID)
	p.topic, _ = a.topics.Get(string(id))
	thread, at := p.threadID(), timeOf(r.Date)
	var events []chat.Inbound
	add := func(from, without []reaction, added bool) {
		for _, r := range from {
			if slices.Contains(without, r) {
				continue
			}
			raw := cmp.Or(r.Emoji, r.CustomEmojiID, r.Type)
			events = append(events, &chat.ReactionEvent{
				EventBase: chat.EventBase{ID: u.eventID(strconv.Itoa(len(events))), ThreadID: thread, User: who, At: at, Raw: u.data},
				MessageID: id, Emoji: a.host.Emoji().FromUnicode(raw), RawEmoji: raw, Added: added,
			})
		}
	}
	add(r.Old, r.New, false)
	add(r.New, r.Old, true)
	_, err := webhook.DeliverAll(ctx, a.host, events...)
	return err
}

// AddReaction sets the bot's reaction to a message. A bot has one reaction per message,
// so it replaces a former one. Telegram accepts only the emoji of
// https://core.telegram.org/bots/api#reactiontypeemoji, and messages of a business
// account are [errors.ErrUnsupported].
// https://core.telegram.org/bots/api#setmessagereaction
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, name string) error {
	if name == "" {
		return fmt.Errorf("%w: telegram: the name of the reaction is empty", chat.ErrInvalidArgument)
	}
	return a.react(ctx, thread, id, []reaction{{Type: "emoji", Emoji: a.reactionEmoji(name)}})
}

// RemoveReaction removes the bot's reaction from a message, whichever it is.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, _ string) error {
	return a.react(ctx, thread, id, []reaction{})
}

func (a *Adapter) react(ctx context.Context, thread chat.ThreadID, id chat.MessageID, all []reaction) error {
	p, message, err := whereIs(thread, id)
	if err != nil {
		return err
	}
	if p.business != "" {
		return errBusiness
	}
	return a.call(ctx, "setMessageReaction", p, params{"message_id": message, "reaction": all}, nil)
}

// reactionEmoji returns an emoji as Telegram lists it: without the variation selector
// U+FE0F. https://core.telegram.org/bots/api#reactiontypeemoji
func (a *Adapter) reactionEmoji(name string) string {
	if known, err := a.host.Emoji().Read(name); err == nil {
		name = a.spell(known)
	}
	return withoutSelectors(name)
}

func withoutSelectors(text string) string {
	runes := slices.DeleteFunc([]rune(text), func(r rune) bool { return r == '\ufe0f' })
	return string(runes)
}
