package teams

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/emoji"
)

// handle delivers the content of an activity. The reply is the body of the answer.
func (a *Adapter) handle(ctx context.Context, act *activity) (reply any, err error) {
	switch act.Type {
	case "message":
		return nil, a.handleMessage(ctx, act)
	case "messageUpdate":
		return nil, a.handleEdit(ctx, act)
	case "messageDelete":
		return nil, a.handleDeletion(ctx, act)
	case "messageReaction":
		return nil, a.handleReactions(ctx, act)
	case "conversationUpdate":
		return nil, a.handleUpdate(ctx, act)
	case "installationUpdate":
		return nil, a.handleInstallation(ctx, act)
	case "invoke":
		return a.handleInvoke(ctx, act)
	}
	return nil, a.deliverPlatformEvent(ctx, act)
}

// eventID returns the id of an event, which is the same when the activity is delivered
// again. part distinguishes several events.
func (act *activity) eventID(part string) string {
	id := act.ID
	if id == "" {
		id = fmt.Sprintf("%x", sha256.Sum256(act.raw))
	}
	// Edits and reactions have the id of their message.
	return strings.Join([]string{act.Type, act.at.conversation, id, act.ReplyToID, act.Timestamp, part}, ":")
}

// base returns the fields that all events of an activity have.
func (a *Adapter) base(act *activity, part string) chat.EventBase {
	return chat.EventBase{ID: act.eventID(part), ThreadID: act.at.threadID(), User: a.author(act.From), At: timeOf(act.Timestamp), Raw: act.raw}
}

// deliverPlatformEvent delivers an activity that has no event type of its own. Its name is
// that of the activity, the event type in its channel data, or its type.
func (a *Adapter) deliverPlatformEvent(ctx context.Context, act *activity) error {
	name := act.Type
	switch {
	case act.Name != "" && len(act.Name) <= 256:
		name = act.Name
	case act.Type == "conversationUpdate" && act.ChannelData.EventType != "" && len(act.ChannelData.EventType) <= 256:
		name = act.ChannelData.EventType
	}
	ev := &chat.PlatformEvent{EventBase: a.base(act, ""), Name: adapterName + ":" + name, Data: act.raw}
	_, err := a.host.Deliver(ctx, ev)
	return err
}

// handleMessage takes a message, or a click on a card, which is a message with a value.
func (a *Adapter) handleMessage(ctx context.Context, act *activity) error {
	if !isActivityID(act.ID) || act.From.ID == "" {
		return bad("the message has no id or no from.id")
	}
	if data := clickOf(act.Value); data != nil {
		return a.handleClick(ctx, act, data)
	}
	m := a.message(act)
	if m.Text == "" && len(m.Attachments) == 0 {
		return a.deliverPlatformEvent(ctx, act)
	}
	_, err := a.host.Deliver(ctx, m)
	return err
}

// handleEdit takes a message that was edited, or restored after it was deleted.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
func (a *Adapter) handleEdit(ctx context.Context, act *activity) error {
	if !isActivityID(act.ID) || act.From.ID == "" {
		return bad("the message has no id or no from.id")
	}
	m := a.message(act)
	m.Edited = act.ChannelData.EventType != "undeleteMessage"
	if m.Edited {
		m.EditedAt = timeOf(act.Timestamp)
	}
	_, err := a.host.Deliver(ctx, &chat.MessageUpdatedEvent{EventBase: a.base(act, act.ChannelData.EventType), Message: m})
	return err
}

func (a *Adapter) handleDeletion(ctx context.Context, act *activity) error {
	if !isActivityID(act.ID) {
		return bad("the message has no id")
	}
	_, err := a.host.Deliver(ctx, &chat.MessageDeletedEvent{EventBase: a.base(act, ""), MessageID: act.at.messageID(act.ID)})
	return err
}

// handleReactions takes reactions to a message, which is in replyToId.
func (a *Adapter) handleReactions(ctx context.Context, act *activity) error {
	on := act.ReplyToID
	if on == "" {
		on = act.at.root
	}
	if !isActivityID(on) || act.From.ID == "" {
		return bad("the reaction has no replyToId or no from.id")
	}
	var events []chat.Inbound
	add := func(list []reaction, added bool) {
		for i, r := range list {
			if r.Type == "" {
				continue
			}
			events = append(events, &chat.ReactionEvent{
				EventBase: a.base(act, fmt.Sprintf("%t:%d:%s", added, i, r.Type)), MessageID: act.at.messageID(on), Emoji: a.readReaction(r.Type), RawEmoji: r.Type, Added: added,
			})
		}
	}
	add(act.ReactionsRemoved, false)
	add(act.ReactionsAdded, true)
	if len(events) == 0 {
		return a.deliverPlatformEvent(ctx, act)
	}
	_, err := webhook.DeliverAll(ctx, a.host, events...)
	return err
}

// coded finds the code points in the name of a reaction, such as "1f44b_wavinghand".
var coded = regexp.MustCompile(`^([0-9a-f]{2,6}(?:-[0-9a-f]{2,6})*)(?:_|$)`)

// readReaction returns the emoji of a reaction.
func (a *Adapter) readReaction(raw string) emoji.Emoji {
	for name, coded := range reactionNames {
		if raw == coded {
			return name
		}
	}
	found := coded.FindStringSubmatch(strings.ToLower(raw))
	if found == nil {
		return a.host.Emoji().FromTeams(raw)
	}
	var chars strings.Builder
	for part := range strings.SplitSeq(found[1], "-") {
		n, err := strconv.ParseUint(part, 16, 32)
		if err != nil || n > 0x10FFFF {
			return a.host.Emoji().FromTeams(raw)
		}
		chars.WriteRune(rune(n))
	}
	return a.host.Emoji().FromUnicode(chars.String())
}

// handleUpdate takes members that join and leave. Other changes, of teams and channels, are
// a PlatformEvent.
func (a *Adapter) handleUpdate(ctx context.Context, act *activity) error {
	var events []chat.Inbound
	add := func(members []account, joined bool) {
		for _, who := range members {
			if who.ID == "" {
				continue
			}
			ev := &chat.MembershipEvent{EventBase: a.base(act, fmt.Sprintf("%t:%s", joined, who.ID)), ChannelID: act.at.channelID(), Joined: joined}
			ev.User = a.author(who)
			if joined && act.From.ID != "" && act.From.ID != who.ID {
				ev.Inviter = new(a.author(act.From))
			}
			events = append(events, ev)
		}
	}
	add(act.MembersAdded, true)
	add(act.MembersRemoved, false)
	if len(events) == 0 {
		return a.deliverPlatformEvent(ctx, act)
	}
	_, err := webhook.DeliverAll(ctx, a.host, events...)
	return err
}

// handleInstallation takes the installation or removal of the app in a team, a group chat or
// a personal chat. An upgrade is a PlatformEvent.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events#installation-update-event
func (a *Adapter) handleInstallation(ctx context.Context, act *activity) error {
	if act.Action != "add" && act.Action != "remove" {
		return a.deliverPlatformEvent(ctx, act)
	}
	workspace := act.at.conversation
	if t := act.ChannelData.Team; t != nil && t.ID != "" {
		workspace = t.ID
	}
	ev := &chat.InstallationEvent{EventBase: a.base(act, act.Action), Workspace: workspace, Installed: act.Action == "add"}
	_, err := a.host.Deliver(ctx, ev)
	return err
}

// decoded reads the value of an activity.
func decoded[T any](act *activity) (*T, error) {
	value := new(T)
	if len(act.Value) == 0 {
		return nil, bad("the invoke has no value")
	}
	return value, webhook.DecodeJSON(act.Value, value)
}

// clickOf returns the data of a click on a card of this SDK, or nil.
func clickOf(value json.RawMessage) map[string]json.RawMessage {
	var data map[string]json.RawMessage
	if len(value) == 0 || json.Unmarshal(value, &data) != nil || data[actionKey] == nil {
		return nil
	}
	return data
}
