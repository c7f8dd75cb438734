package whatsapp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"slices"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// takeEntry takes an entry, which is about one account. It takes each change and each
// message by itself.
func (a *Adapter) takeEntry(ctx context.Context, d *meta.Delivery, raw json.RawMessage) error {
	var e entry
	if err := webhook.DecodeJSON(raw, &e); err != nil {
		return err
	}
	if len(e.Changes) == 0 {
		return webhook.BadRequest("an entry has nothing in it")
	}
	return meta.Each(d, e.Changes, func(c *change, raw json.RawMessage) error {
		if c.Field == "messages" {
			return a.takeValue(ctx, d, c.Value)
		}
		var v value
		if json.Unmarshal(c.Value, &v) == nil && v.Metadata.PhoneNumberID != "" && !a.owns(v.Metadata.PhoneNumberID) {
			return nil
		}
		return a.deliverPlatformEvent(ctx, chat.EventBase{ID: eventID(e.ID, raw), Raw: raw}, c.Field, c.Value)
	})
}

// takeValue takes messages and statuses of one phone number.
func (a *Adapter) takeValue(ctx context.Context, d *meta.Delivery, raw json.RawMessage) error {
	var v value
	if err := webhook.DecodeJSON(raw, &v); err != nil {
		return err
	}
	if !isDigits(v.Metadata.PhoneNumberID) {
		return webhook.BadRequest("metadata.phone_number_id is missing, or no digits")
	}
	if !a.owns(v.Metadata.PhoneNumberID) {
		a.log.DebugContext(ctx, "a webhook of a phone number that is not the bot's", "number", v.Metadata.PhoneNumberID)
		return nil
	}
	if len(v.Messages)+len(v.Statuses)+len(v.Errors) == 0 {
		return a.deliverPlatformEvent(ctx, chat.EventBase{ID: eventID("", raw), Raw: raw}, "messages", raw)
	}
	if err := meta.Each(d, v.Messages, func(m *message, raw json.RawMessage) error { return a.takeMessage(ctx, &v, m, raw) }); err != nil {
		return err
	}
	if err := meta.Each(d, v.Statuses, func(s *Status, raw json.RawMessage) error { return a.takeStatus(ctx, &v, s, raw) }); err != nil {
		return err
	}
	return meta.Each(d, v.Errors, func(_ *struct{}, e json.RawMessage) error {
		return a.deliverPlatformEvent(ctx, chat.EventBase{ID: eventID(v.Metadata.PhoneNumberID, e), Raw: raw}, "error", e)
	})
}

// takeMessage takes a message of a user, or a system message about a user.
func (a *Adapter) takeMessage(ctx context.Context, v *value, m *message, raw json.RawMessage) error {
	if checkMessage(chat.MessageID(m.ID)) != nil {
		return webhook.BadRequest("a message has no id")
	}
	base := chat.EventBase{ID: m.ID, At: timeOf(m.Timestamp), Raw: raw}
	if m.GroupID != "" { // an answer would go to its sender alone
		return a.deliverPlatformEvent(ctx, base, "group_message", raw)
	}
	who := identity{Scoped: m.FromUserID, Parent: m.FromParentUserID, Phone: m.From}
	c := v.contactOf(who)
	if who = c.identity().with(who); !who.valid() && m.Type != "system" {
		return webhook.BadRequest("a message has no sender, or one that is none")
	}
	if m.Type == "system" {
		return a.takeSystemMessage(ctx, v, m, base)
	}
	number := v.Metadata.PhoneNumberID
	user, err := a.identities.user(ctx, number, who)
	if err != nil {
		return err
	}
	p := place{number, user}
	base.ThreadID, base.User = p.threadID(), c.author(user)
	base.User.Me = who.Phone != "" && who.Phone == digitsOf(v.Metadata.DisplayPhoneNumber)
	switch {
	case m.Reaction != nil:
		return a.deliverReaction(ctx, m, base)
	case m.Interactive != nil || m.Button != nil:
		return a.deliverAction(ctx, m, base)
	case !m.says():
		return a.deliverPlatformEvent(ctx, base, m.Type, raw)
	}
	a.received.Set(string(base.ThreadID), chat.MessageID(m.ID))
	_, err = a.host.Deliver(ctx, a.message(v, c, m, base))
	return err
}

// takeSystemMessage takes the message that a user has another phone number or id.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/system
func (a *Adapter) takeSystemMessage(ctx context.Context, v *value, m *message, base chat.EventBase) error {
	if s := m.System; s != nil {
		before := identity{Scoped: s.PreviousUserID, Parent: s.PreviousParentID, Phone: m.From}
		now := identity{Scoped: s.UserID, Parent: s.ParentUserID, Phone: s.WaID}
		changed := slices.Contains([]string{"user_changed_number", "user_changed_user_id"}, s.Type)
		if changed && before.valid() && now.valid() {
			user, err := a.identities.change(ctx, v.Metadata.PhoneNumberID, before, now)
			if err != nil {
				return err
			}
			base.ThreadID, base.User = place{v.Metadata.PhoneNumberID, user}.threadID(), (&contact{}).author(user)
		}
	}
	return a.deliverPlatformEvent(ctx, base, "system", base.Raw)
}

// deliverReaction delivers a reaction to a message. If one was removed, WhatsApp does
// not say which.
func (a *Adapter) deliverReaction(ctx context.Context, m *message, base chat.EventBase) error {
	if checkMessage(chat.MessageID(m.Reaction.MessageID)) != nil {
		return webhook.BadRequest("a reaction has no message_id")
	}
	_, err := a.host.Deliver(ctx, &chat.ReactionEvent{
		EventBase: base, MessageID: chat.MessageID(m.Reaction.MessageID), Emoji: a.host.Emoji().FromUnicode(m.Reaction.Emoji),
		RawEmoji: m.Reaction.Emoji, Added: m.Reaction.Emoji != "",
	})
	return err
}

// deliverAction delivers a tap on a button or a row, of a card or of a template.
func (a *Adapter) deliverAction(ctx context.Context, m *message, base chat.EventBase) error {
	ev := &chat.ActionEvent{EventBase: base}
	if m.Context != nil {
		ev.MessageID = chat.MessageID(m.Context.ID)
	}
	var tapped *choice
	switch {
	case m.Button != nil:
		ev.ActionID, ev.Value = m.Button.Payload, m.Button.Text
	case m.Interactive.ButtonReply != nil:
		tapped = m.Interactive.ButtonReply
	case m.Interactive.ListReply != nil:
		tapped = m.Interactive.ListReply
	}
	if tapped != nil {
		var err error
		ev.ActionID, ev.Value, err = a.buttons.Unpack(ctx, tapped.ID)
		if errors.Is(err, chat.ErrNotFound) {
			a.log.WarnContext(ctx, "a tap on a button that is too old", "error", err)
			return nil
		} else if err != nil {
			return err
		}
	}
	if ev.ActionID == "" {
		return a.deliverPlatformEvent(ctx, base, m.Type, base.Raw)
	}
	a.received.Set(string(base.ThreadID), chat.MessageID(m.ID))
	_, err := a.host.Deliver(ctx, ev)
	return err
}

var nameForm = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// deliverPlatformEvent delivers an event that has no type of its own.
func (a *Adapter) deliverPlatformEvent(ctx context.Context, base chat.EventBase, name string, data json.RawMessage) error {
	if !nameForm.MatchString(name) {
		return webhook.BadRequest("the field of a change, or the type of a message, is no name")
	}
	_, err := a.host.Deliver(ctx, &chat.PlatformEvent{EventBase: base, Name: adapterName + ":" + name, Data: data})
	return err
}

// eventID returns an id for an event that has none. It is the same when the event comes
// again, even with other white space.
func eventID(scope string, raw json.RawMessage) string {
	content := bytes.NewBufferString(scope + "\n")
	_ = json.Compact(content, raw) // it was decoded before
	sum := sha256.Sum256(content.Bytes())
	return "change:" + hex.EncodeToString(sum[:16])
}
