package messaging

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// takeEvent takes what has happened in a conversation.
func (a *Adapter) takeEvent(ctx context.Context, account string, fields map[string]json.RawMessage, raw json.RawMessage) error {
	e, err := readEvent(account, fields, raw)
	if err != nil {
		return err
	}
	switch {
	case e.own && e.kind == "message":
		return nil // what the account itself has sent, by this bot or otherwise, also to itself
	case e.user == "": // as that of a visitor who has not signed in
		return a.deliver(ctx, a.platformEvent(e))
	}
	switch e.kind {
	case "message":
		return decoded(ctx, e, a.takeMessage)
	case "message_edit":
		return decoded(ctx, e, a.takeEdit)
	case "reaction":
		return decoded(ctx, e, a.takeReaction)
	case "postback":
		return decoded(ctx, e, a.takePostback)
	}
	return a.deliver(ctx, a.platformEvent(e))
}

// decoded takes the content of an event.
func decoded[T any](ctx context.Context, e *event, take func(context.Context, *event, *T) error) error {
	content := new(T)
	if err := webhook.DecodeJSON(e.data, content); err != nil {
		return err
	}
	return take(ctx, e, content)
}

func (a *Adapter) author(e *event) chat.Author {
	if e.own {
		return chat.Author{UserID: chat.UserID(e.account), Me: true}
	}
	return chat.Author{UserID: chat.UserID(e.user)}
}

func (a *Adapter) base(e *event) chat.EventBase {
	b := chat.EventBase{ID: e.id(), At: e.at, Raw: e.raw}
	if e.user != "" {
		b.ThreadID, b.User = a.threadID(place{e.account, e.user}), a.author(e)
	}
	return b
}

// platformEvent is what the platform alone has, as it came.
func (a *Adapter) platformEvent(e *event) *chat.PlatformEvent {
	return &chat.PlatformEvent{EventBase: a.base(e), Name: a.cfg.Name + ":" + e.kind, Data: e.data}
}

// withReferral adds how the user has come into the conversation, as an event like the one
// that tells it alone.
func (a *Adapter) withReferral(e *event, referral json.RawMessage, events ...chat.Inbound) []chat.Inbound {
	if len(referral) == 0 || string(referral) == "null" {
		return events
	}
	r := *e
	r.kind, r.data = "referral", referral
	return append(events, a.platformEvent(&r))
}

func (a *Adapter) takeMessage(ctx context.Context, e *event, m *message) error {
	if m.Echo {
		return nil
	}
	if !isMessageID(m.MID) {
		return webhook.BadRequest("a message has no mid")
	}
	id := chat.MessageID(m.MID)
	if m.Deleted {
		return a.deliver(ctx, &chat.MessageDeletedEvent{EventBase: a.base(e), MessageID: id})
	}
	if m.QuickReply != nil && m.QuickReply.Payload != "" {
		action, err := a.action(ctx, e, m.QuickReply.Payload)
		if err != nil {
			return err
		}
		if action != nil {
			return a.deliver(ctx, a.withReferral(e, m.Referral, action)...)
		}
	}
	files, links, text := m.content()
	if text == "" && len(files) == 0 {
		return a.deliver(ctx, a.withReferral(e, m.Referral, a.platformEvent(e))...) // such as one that the API does not show
	}
	thread := a.threadID(place{e.account, e.user})
	out := &chat.Message{
		ID: id, ThreadID: thread, Text: text, Raw: e.raw, Author: a.author(e), SentAt: e.at, Attachments: files, Links: links,
	}
	switch r := m.ReplyTo; {
	case r == nil:
	case isMessageID(r.MID):
		out.ReplyTo = &chat.Message{ID: chat.MessageID(r.MID), ThreadID: thread}
	case r.Story != nil: // of the account
		out.ReplyTo = &chat.Message{
			ID: chat.MessageID("story:" + r.Story.ID), ThreadID: thread, Author: chat.Author{UserID: chat.UserID(e.account), Me: true},
			Attachments: []chat.Attachment{{Type: "file", URL: r.Story.URL, FetchMetadata: map[string]string{kindKey: "story"}}},
		}
	}
	return a.deliver(ctx, a.withReferral(e, m.Referral, out)...)
}

// kindKey is the key of an attachment's type on the platform in FetchMetadata.
const kindKey = "kind"

// attachmentTypes are the types of attachments that are files. All others are links.
var attachmentTypes = map[string]string{
	"image": "image", "sticker": "image", "video": "video", "reel": "video", "ig_reel": "video", "audio": "audio", "file": "file",
	"story_mention": "file", "ig_story": "file",
}

// content is what a message says: a place and a page that was shared are text, if there
// is no other.
func (m *message) content() (files []chat.Attachment, links []chat.Link, text string) {
	text = m.Text
	var words []string
	for i := range m.Attachments {
		at := &m.Attachments[i]
		link := at.link()
		switch kind := attachmentTypes[at.Type]; {
		case at.Payload.Coordinates != nil:
			c := at.Payload.Coordinates
			words = append(words, strconv.FormatFloat(c.Lat, 'f', -1, 64)+","+strconv.FormatFloat(c.Long, 'f', -1, 64))
		case kind != "":
			if kind == "image" && hasURL(files, link.URL) {
				continue // a sticker comes as one and as a picture
			}
			files = append(files, chat.Attachment{Type: kind, URL: link.URL, Name: link.Title, FetchMetadata: map[string]string{kindKey: at.Type}})
		case link.URL != "":
			links = append(links, link)
			words = append(words, strings.TrimSpace(link.Title+" "+link.URL))
		case link.Title != "":
			words = append(words, link.Title)
		}
	}
	if text == "" {
		text = strings.Join(words, "\n")
	}
	return files, links, text
}

func hasURL(files []chat.Attachment, url string) bool {
	return url != "" && slices.ContainsFunc(files, func(f chat.Attachment) bool { return f.URL == url })
}

func (a *Adapter) takeEdit(ctx context.Context, e *event, m *messageEdit) error {
	if !isMessageID(m.MID) {
		return webhook.BadRequest("an edit has no mid")
	}
	base := a.base(e)
	return a.deliver(ctx, &chat.MessageUpdatedEvent{EventBase: base, Message: &chat.Message{
		ID: chat.MessageID(m.MID), ThreadID: base.ThreadID, Text: m.Text, Raw: e.raw, Author: base.User, Edited: true, EditedAt: e.at,
	}})
}

func (a *Adapter) takeReaction(ctx context.Context, e *event, r *reaction) error {
	if !isMessageID(r.MID) || r.Action != "react" && r.Action != "unreact" {
		return webhook.BadRequest("a reaction has no mid or another action than react and unreact")
	}
	raw := cmp.Or(r.Emoji, reactionNames[r.Name], r.Name)
	return a.deliver(ctx, &chat.ReactionEvent{
		EventBase: a.base(e), MessageID: chat.MessageID(r.MID), Emoji: a.host.Emoji().FromUnicode(raw), RawEmoji: raw, Added: r.Action == "react",
	})
}

func (a *Adapter) takePostback(ctx context.Context, e *event, p *postback) error {
	var ev chat.Inbound
	if p.Payload != "" {
		action, err := a.action(ctx, e, p.Payload)
		if err != nil {
			return err
		}
		if action != nil {
			ev = action
		}
	}
	if ev == nil { // of a button that is too old, or of another app
		ev = a.platformEvent(e)
	}
	return a.deliver(ctx, a.withReferral(e, p.Referral, ev)...)
}

// action is a click on the button with the payload, or nil if the button is too old.
func (a *Adapter) action(ctx context.Context, e *event, payload string) (*chat.ActionEvent, error) {
	id, value, err := a.buttons.Unpack(ctx, payload)
	if errors.Is(err, chat.ErrNotFound) {
		a.log.WarnContext(ctx, "a click on a button that is too old", "error", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &chat.ActionEvent{EventBase: a.base(e), ActionID: id, Value: value}, nil
}
