package slack

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// systemSubtypes are messages that Slack writes into a channel about the channel
// itself. They are not handled; what matters of them has events of its own. A
// subtype that stands nowhere here is a message like any other.
// https://docs.slack.dev/reference/events/message#subtypes
var systemSubtypes = strings.Fields("assistant_app_thread bot_add bot_disable bot_enable bot_remove channel_archive channel_canvas_updated " +
	"channel_convert_to_private channel_convert_to_public channel_join channel_leave channel_name " +
	"channel_posting_permissions channel_purpose channel_topic channel_unarchive ekm_access_denied file_comment " +
	"file_mention group_archive group_join group_leave group_name group_purpose group_topic group_unarchive huddle_thread " +
	"joiner_notification message_replied pinned_item reminder_add reply_broadcast sh_room_created sh_room_shared tombstone " +
	"unpinned_item")

// handleMessage takes message and app_mention. A message that mentions the bot
// comes as both, in any order; they have one message id, and both say whether
// the bot is mentioned. An app_mention comes for edits too; it says that the app
// is meant, whatever its subtype is.
// https://docs.slack.dev/reference/events/app_mention
func (a *Adapter) handleMessage(ctx context.Context, e *event) error {
	m, err := decodeMessage(e.raw)
	if err != nil {
		return err
	}
	if !isID(m.Channel) {
		return badEvent(e.kind, errors.New("channel is no id"))
	}
	switch {
	case m.Subtype == "message_changed":
		return a.handleChanged(ctx, e, m)
	case m.Subtype == "message_deleted":
		return a.handleDeleted(ctx, e, m)
	case e.kind == "message" && slices.Contains(systemSubtypes, m.Subtype), m.Hidden:
		return nil
	case !isTS(m.TS), m.ThreadTS != "" && !isTS(m.ThreadTS):
		return badEvent(e.kind, errors.New("ts or thread_ts is no ts"))
	}
	// What others share is remembered before the message can be answered.
	if err := a.remember(ctx, e.src.origin, m.Channel, m.User); err != nil {
		return err
	}
	a.noteUserTeam(ctx, e.src, m.User, m.UserTeam, m.SourceTeam, m.Team)
	thread, err := a.route(ctx, m)
	if err != nil {
		return err
	}
	in := a.incoming(ctx, e.src, thread, m)
	if e.kind == "app_mention" && m.Edited != nil {
		return a.deliverEdited(ctx, e.src, m, in)
	}
	return a.deliverSent(ctx, e.src, m, in)
}

// incoming returns a new message. The bot's own are dropped, so nothing is looked
// up for them.
func (a *Adapter) incoming(ctx context.Context, src source, thread chat.ThreadID, m *slackMessage) *chat.Message {
	if !a.isOwnEvent(ctx, src, m) {
		return a.message(ctx, src, thread, m)
	}
	author := m.author(newKnown())
	author.Me = true
	return &chat.Message{ID: messageID(m.Channel, m.TS), ThreadID: thread, Author: author, SentAt: timeOf(m.TS), Raw: m.raw}
}

// isOwnEvent reports whether the bot wrote the message of an event.
func (a *Adapter) isOwnEvent(ctx context.Context, src source, m *slackMessage) bool {
	if m.BotID == "" && m.User != src.botUser {
		return false
	}
	ctx, cancel := a.hurry(ctx, src)
	defer cancel()
	return a.isOwn(ctx, src, m, a.botUsers(ctx, src))
}

// route returns the thread of a message that an event brings. With the agent view a message in a
// direct conversation begins a thread, unless the bot is subscribed to the
// conversation as a whole, as after opening it.
func (a *Adapter) route(ctx context.Context, m *slackMessage) (chat.ThreadID, error) {
	thread := a.messageThread(m)
	if a.config.AgentView && isDM(m.Channel) && m.ThreadTS == "" {
		whole := threadID(m.Channel, "")
		subscribed, err := a.host.State().IsSubscribed(ctx, string(whole))
		if err != nil {
			return "", err
		}
		if subscribed {
			return whole, nil
		}
	}
	a.threads.Set(m.Channel+":"+m.TS, thread)
	return threadID(m.Channel, thread), nil
}

// inner decodes a message within another one's event; nil if there is none.
func inner(raw json.RawMessage, channel string) *slackMessage {
	if len(raw) == 0 {
		return nil
	}
	m, err := decodeMessage(raw)
	if err != nil || !isTS(m.TS) || m.ThreadTS != "" && !isTS(m.ThreadTS) {
		return nil
	}
	m.Channel = channel
	return m
}

func (a *Adapter) handleChanged(ctx context.Context, e *event, outer *slackMessage) error {
	now, before := inner(outer.Message, outer.Channel), inner(outer.PreviousMessage, outer.Channel)
	switch {
	case now == nil:
		return nil
	case now.Subtype == "tombstone": // a deleted message that has answers
		return a.deleted(ctx, e, outer.Channel, now.TS, before)
	case before == nil && outer.Hidden, before != nil && !isEdit(now, before):
		return nil // a preview was added, or an answer counted
	case a.isOwnEvent(ctx, e.src, now):
		return nil // a stream of the bot's that grows, for one
	}
	if err := a.remember(ctx, e.src.origin, now.Channel, now.User); err != nil {
		return err
	}
	thread, err := a.route(ctx, now)
	if err != nil {
		return err
	}
	ev := &chat.MessageUpdatedEvent{Message: a.message(ctx, e.src, thread, now)}
	ev.EventBase = e.base(thread, ev.Message.Author, string(ev.Message.ID))
	if before != nil {
		ev.Previous = a.message(ctx, e.src, thread, before)
	}
	if err := a.deliver(ctx, e.src.origin, ev); err != nil || ev.Previous == nil || mentions(ev.Previous) {
		return err
	}
	return a.deliverEdited(ctx, e.src, now, ev.Message)
}

// isEdit reports whether somebody changed the message. Slack also sends
// message_changed when only what it shows besides the text changed.
func isEdit(now, before *slackMessage) bool {
	edited := func(m *slackMessage) string {
		if m.Edited == nil {
			return ""
		}
		return m.Edited.TS
	}
	return now.Text != before.Text || edited(now) != edited(before)
}

func (a *Adapter) handleDeleted(ctx context.Context, e *event, outer *slackMessage) error {
	before := inner(outer.PreviousMessage, outer.Channel)
	ts := outer.DeletedTS
	if ts == "" && before != nil {
		ts = before.TS
	}
	return a.deleted(ctx, e, outer.Channel, ts, before)
}

// deleted delivers that a message is gone. Slack does not say who removed it;
// the user of the event is the author.
func (a *Adapter) deleted(ctx context.Context, e *event, channel, ts string, before *slackMessage) error {
	if !isTS(ts) {
		return badEvent(e.kind, errors.New("deleted_ts is no ts"))
	}
	ev := &chat.MessageDeletedEvent{MessageID: messageID(channel, ts)}
	m := before
	if m == nil {
		m = &slackMessage{Channel: channel, TS: ts}
	}
	thread, err := a.route(ctx, m)
	if err != nil {
		return err
	}
	if before != nil {
		ev.Previous = a.message(ctx, e.src, thread, before)
	}
	var user chat.Author
	if ev.Previous != nil {
		user = ev.Previous.Author
	}
	ev.EventBase = e.base(thread, user, string(ev.MessageID))
	return a.deliver(ctx, e.src.origin, ev, channel)
}
