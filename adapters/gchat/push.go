package gchat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// push is the body of a push of Pub/Sub. It holds a Workspace Event as a CloudEvent.
// https://cloud.google.com/pubsub/docs/push
// https://developers.google.com/workspace/events/guides/events-chat
type push struct {
	Message *struct {
		Attributes map[string]string `json:"attributes"`
		Data       []byte            `json:"data"`
		ID         string            `json:"messageId"`
		Published  string            `json:"publishTime"`
	} `json:"message"`
	Subscription string `json:"subscription"`
}

// isPush reports whether a body is a push of Pub/Sub. The interactions of Chat have no
// field "subscription".
func isPush(body []byte) bool {
	var fields struct {
		Message      json.RawMessage `json:"message"`
		Subscription *string         `json:"subscription"`
		Type         *string         `json:"type"`
		Chat         json.RawMessage `json:"chat"`
	}
	return json.Unmarshal(body, &fields) == nil && fields.Subscription != nil && fields.Type == nil && fields.Chat == nil
}

// The beginnings of the types of Workspace Events.
const (
	chatEvents  = "google.workspace.chat."
	cycleEvents = "google.workspace.events.subscription.v1."
)

// pushed is one event that was pushed.
type pushed struct {
	kind string // "message.v1.created"
	id   string
	at   string
	raw  json.RawMessage
}

// payload is the data of any event.
type payload struct {
	Message    json.RawMessage `json:"message"`
	Reaction   *reaction       `json:"reaction"`
	Membership *membership     `json:"membership"`
	Messages   []payload       `json:"messages"`
	Reactions  []payload       `json:"reactions"`
	Members    []payload       `json:"memberships"`
}

// takePush delivers the event of a push.
func (a *Adapter) takePush(ctx context.Context, body []byte) error {
	var p push
	if err := webhook.DecodeJSON(body, &p); err != nil {
		return err
	}
	if p.Message == nil || p.Message.Attributes["ce-type"] == "" {
		return bad("the push has no message with a ce-type")
	}
	attributes := p.Message.Attributes
	kind := attributes["ce-type"]
	at := cmp.Or(attributes["ce-time"], p.Message.Published)
	if cycle, ok := strings.CutPrefix(kind, cycleEvents); ok {
		return a.handleLifecycle(ctx, cycle, at, p.Message.Data)
	}
	e := pushed{kind: strings.TrimPrefix(kind, chatEvents), id: cmp.Or(attributes["ce-id"], p.Message.ID), at: at, raw: p.Message.Data}
	if e.id == "" {
		e.id = e.kind + ":" + digest(e.raw)
	}
	var data payload
	if err := webhook.DecodeJSON(p.Message.Data, &data); err != nil {
		return err
	}
	events, err := a.inboundOf(ctx, &e, &data)
	if err != nil {
		return err
	}
	_, err = webhook.DeliverAll(ctx, a.host, events...)
	return err
}

// inboundOf returns the events for the bot. A batch, one event of Google's that stands
// for several, becomes several.
func (a *Adapter) inboundOf(ctx context.Context, e *pushed, data *payload) ([]chat.Inbound, error) {
	noun, verb, _ := strings.Cut(e.kind, ".v1.")
	if single, ok := strings.CutPrefix(verb, "batch"); ok {
		var all []chat.Inbound
		for i, one := range append(append(data.Messages, data.Reactions...), data.Members...) {
			part := *e
			part.kind, part.id = noun+".v1."+strings.ToLower(single), e.id+":"+strconv.Itoa(i)
			events, err := a.inboundOf(ctx, &part, &one)
			if err != nil {
				return nil, err
			}
			all = append(all, events...)
		}
		return all, nil
	}
	var one chat.Inbound
	var err error
	switch {
	case noun == "message" && len(data.Message) > 0 && (verb == "created" || verb == "updated" || verb == "deleted"):
		one, err = a.pushedMessage(ctx, e, verb, data.Message)
	case noun == "reaction" && data.Reaction != nil && (verb == "created" || verb == "deleted"):
		one, err = a.pushedReaction(ctx, e, verb == "created", data.Reaction)
	case noun == "membership" && data.Membership != nil && (verb == "created" || verb == "deleted"):
		one, err = a.pushedMembership(ctx, e, verb == "created", data.Membership)
	default:
		one = &chat.PlatformEvent{EventBase: chat.EventBase{ID: e.id, At: timeOf(e.at), Raw: e.raw}, Name: adapterName + ":" + e.kind, Data: e.raw}
	}
	if err != nil || one == nil {
		return nil, err
	}
	return []chat.Inbound{one}, nil
}

// pushedMessage returns a message of a space that the bot is subscribed to. It returns
// nil for a command, which Chat also sends to the app itself. A message that mentions
// the app comes both ways too, but with the same id, and so the bot handles it once.
func (a *Adapter) pushedMessage(ctx context.Context, e *pushed, verb string, raw json.RawMessage) (chat.Inbound, error) {
	var m message
	if err := webhook.DecodeJSON(raw, &m); err != nil {
		return nil, err
	}
	name, ok := spaceOf(m.Name, "messages")
	if !ok {
		return nil, bad("the message has no name")
	}
	s := &space{Name: name}
	if m.Space != nil && m.Space.Name == name {
		s = m.Space
	}
	if verb == "deleted" {
		p, err := a.placeIn(ctx, s, m.Thread)
		if err != nil {
			return nil, err
		}
		base := chat.EventBase{ID: e.id, ThreadID: p.threadID(), At: timeOf(cmp.Or(m.DeleteTime, e.at)), Raw: raw}
		return &chat.MessageDeletedEvent{EventBase: base, MessageID: chat.MessageID(m.Name)}, nil
	}
	if m.SlashCommand != nil {
		return nil, nil
	}
	if m.Sender == nil { // without resource data
		full, fullRaw, err := a.fetchMessage(ctx, m.Name)
		if isGone(err) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		m, raw = *full, fullRaw
	}
	out, err := a.message(ctx, s, &m, raw, false)
	if err != nil || verb == "created" {
		return out, err
	}
	base := chat.EventBase{ID: e.id, ThreadID: out.ThreadID, User: out.Author, At: timeOf(cmp.Or(m.UpdateTime, e.at)), Raw: raw}
	return &chat.MessageUpdatedEvent{EventBase: base, Message: out}, nil
}

// isGone reports whether it is useless to repeat the call that returned the error.
func isGone(err error) bool {
	return errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrPermission) || errors.Is(err, chat.ErrInvalid)
}

// pushedReaction returns a reaction to a message. It asks Chat for the message, since
// only the message has the thread.
func (a *Adapter) pushedReaction(ctx context.Context, e *pushed, added bool, r *reaction) (chat.Inbound, error) {
	id, _, ok := strings.Cut(r.Name, "/reactions/")
	in, named := spaceOf(id, "messages")
	if !ok || !named {
		return nil, bad("the reaction has no name")
	}
	raw, name := r.Emoji.Unicode, a.host.Emoji().FromUnicode(r.Emoji.Unicode)
	if c := r.Emoji.Custom; c != nil && raw == "" {
		raw = cmp.Or(c.Name, c.UID)
		name = a.host.Emoji().FromUnicode(raw)
	}
	if raw == "" || r.User == nil {
		return nil, bad("the reaction has no emoji or no user")
	}
	m, _, err := a.fetchMessage(ctx, id)
	if isGone(err) {
		m = &message{} // so its thread is not known any more
	} else if err != nil {
		return nil, err
	}
	p, err := a.placeIn(ctx, &space{Name: in}, m.Thread)
	if err != nil {
		return nil, err
	}
	return &chat.ReactionEvent{
		EventBase: chat.EventBase{ID: e.id, ThreadID: p.threadID(), User: a.author(ctx, p.space, r.User), At: timeOf(e.at), Raw: e.raw},
		MessageID: chat.MessageID(id), Emoji: name, RawEmoji: raw, Added: added,
	}, nil
}

// pushedMembership returns the event that somebody has joined a space or left it.
func (a *Adapter) pushedMembership(ctx context.Context, e *pushed, joined bool, m *membership) (chat.Inbound, error) {
	name, ok := spaceOf(m.Name, "members")
	if !ok || m.Member == nil {
		return nil, bad("the membership has no name or no member")
	}
	return &chat.MembershipEvent{
		EventBase: chat.EventBase{ID: e.id, User: a.author(ctx, name, m.Member), At: timeOf(e.at), Raw: e.raw},
		ChannelID: place{space: name}.channelID(), Joined: joined,
	}, nil
}
