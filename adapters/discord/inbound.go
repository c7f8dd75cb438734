package discord

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// handle delivers an event of the gateway.
// https://docs.discord.com/developers/events/gateway-events
func (a *Adapter) handle(ctx context.Context, ev *dispatched) error {
	switch ev.kind {
	case "MESSAGE_CREATE":
		return decoded(ctx, ev, a.handleMessage)
	case "MESSAGE_UPDATE":
		return decoded(ctx, ev, a.handleEdit)
	case "MESSAGE_DELETE", "MESSAGE_DELETE_BULK":
		return decoded(ctx, ev, a.handleDeletion)
	case "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE":
		return decoded(ctx, ev, func(ctx context.Context, ev *dispatched, r *reaction) error {
			return a.handleReaction(ctx, ev, r, ev.kind == "MESSAGE_REACTION_ADD")
		})
	case "THREAD_CREATE", "THREAD_UPDATE":
		return decoded(ctx, ev, a.handleThread)
	case "THREAD_MEMBERS_UPDATE":
		return decoded(ctx, ev, a.handleThreadMembers)
	case "GUILD_CREATE":
		return decoded(ctx, ev, a.handleGuild)
	case "GUILD_DELETE":
		return decoded(ctx, ev, a.handleGuildDelete)
	case "INTERACTION_CREATE":
		return decoded(ctx, ev, a.handleGatewayInteraction)
	}
	return a.deliverPlatformEvent(ctx, ev, chat.EventBase{})
}

// decoded decodes the content of an event and handles it.
func decoded[T any](ctx context.Context, ev *dispatched, handle func(context.Context, *dispatched, *T) error) error {
	content := new(T)
	if err := webhook.DecodeJSON(ev.data, content); err != nil {
		return err
	}
	return handle(ctx, ev, content)
}

func bad(text string) error { return webhook.BadRequest("%s", text) }

// platformCode returns the code of a failed call, or 0.
func platformCode(err error) chat.Code {
	if e, ok := errors.AsType[*chat.PlatformError](err); ok {
		return e.Code
	}
	return 0
}

// deliverPlatformEvent delivers an event that has no type of its own.
func (a *Adapter) deliverPlatformEvent(ctx context.Context, ev *dispatched, base chat.EventBase) error {
	base.ID, base.Raw = ev.id, ev.data
	_, err := a.host.Deliver(ctx, &chat.PlatformEvent{EventBase: base, Name: adapterName + ":" + strings.ToLower(ev.kind), Data: ev.data})
	return err
}

func (m *message) check() error {
	if !isID(m.ID) || !isID(m.ChannelID) || m.GuildID != "" && !isID(m.GuildID) {
		return bad("the message has no id, no channel_id or an invalid guild_id")
	}
	return nil
}

func (a *Adapter) handleMessage(ctx context.Context, ev *dispatched, m *message) error {
	if err := m.check(); err != nil {
		return err
	}
	at, err := a.placeIn(ctx, m.GuildID, m.ChannelID, m.ChannelType)
	if err != nil {
		return err
	}
	if m.Author == nil || !isID(m.Author.ID) {
		return bad("the message has no author")
	}
	if !m.isWritten() {
		return a.deliverPlatformEvent(ctx, ev, a.base(at, m))
	}
	_, err = a.host.Deliver(ctx, a.message(ctx, at, m))
	return err
}

// base returns the fields that all events about a message have.
func (a *Adapter) base(at place, m *message) chat.EventBase {
	return chat.EventBase{ThreadID: at.threadID(), User: a.author(m.Author, m.Member), At: m.Timestamp}
}

// handleEdit takes a message that was edited. Discord sends the same event when it has
// fetched the preview of a link. Then nothing was edited, and nothing is delivered.
func (a *Adapter) handleEdit(ctx context.Context, ev *dispatched, m *message) error {
	if err := m.check(); err != nil {
		return err
	}
	if m.EditedAt == nil || m.Author == nil || !m.isWritten() {
		return nil
	}
	at, err := a.placeIn(ctx, m.GuildID, m.ChannelID, m.ChannelType)
	if err != nil {
		return err
	}
	out := a.message(ctx, at, m)
	at, _ = placeOf(out.ThreadID) // the thread, if a mention begins one
	base := a.base(at, m)
	base.ID, base.At, base.Raw = "edit:"+m.ID+":"+m.EditedAt.UTC().Format(time.RFC3339Nano), *m.EditedAt, ev.data
	_, err = a.host.Deliver(ctx, &chat.MessageUpdatedEvent{EventBase: base, Message: out})
	return err
}

// deletion is an event about one or several deleted messages.
// https://docs.discord.com/developers/events/gateway-events#message-delete
type deletion struct {
	ID        string   `json:"id"`
	IDs       []string `json:"ids"`
	ChannelID string   `json:"channel_id"`
	GuildID   string   `json:"guild_id"`
}

func (a *Adapter) handleDeletion(ctx context.Context, ev *dispatched, d *deletion) error {
	if d.ID != "" {
		d.IDs = append(d.IDs, d.ID)
	}
	if !isID(d.ChannelID) || len(d.IDs) == 0 || slices.ContainsFunc(d.IDs, func(id string) bool { return !isID(id) }) {
		return bad("the deletion has no channel_id or no id")
	}
	at, err := a.placeIn(ctx, d.GuildID, d.ChannelID, nil)
	if err != nil {
		return err
	}
	var events []chat.Inbound
	for _, id := range d.IDs {
		events = append(events, &chat.MessageDeletedEvent{
			EventBase: chat.EventBase{ID: "deleted:" + id, ThreadID: at.threadID(), Raw: ev.data}, MessageID: chat.MessageID(id),
		})
	}
	_, err = webhook.DeliverAll(ctx, a.host, events...)
	return err
}

// handleThread remembers to which channel a thread belongs.
func (a *Adapter) handleThread(ctx context.Context, ev *dispatched, c *channel) error {
	if !isID(c.ID) || !isID(c.GuildID) || !isID(c.ParentID) {
		return bad("the thread has no id, guild_id or parent_id")
	}
	a.channels.Learn(ctx, c.ID, *c)
	return a.deliverPlatformEvent(ctx, ev, chat.EventBase{ThreadID: place{c.GuildID, c.ParentID, c.ID}.threadID()})
}

// message converts a message to that of package chat.
func (a *Adapter) message(ctx context.Context, at place, m *message) *chat.Message {
	out := &chat.Message{
		ID: chat.MessageID(m.ID), ThreadID: at.threadID(), Author: a.author(m.Author, m.Member), SentAt: m.Timestamp, Attachments: attachments(at, m), Raw: m.raw,
	}
	out.Formatted = markdown.Parse(readable(m))
	out.Text = strings.TrimSpace(markdown.PlainText(out.Formatted))
	if m.EditedAt != nil {
		out.Edited, out.EditedAt = true, *m.EditedAt
	}
	for link := range markdown.FindAll[*markdown.Link](out.Formatted) {
		out.Links = append(out.Links, linkOf(link.URL, m.Embeds))
	}
	if !at.direct() {
		out.Mention = new(a.isMentioned(ctx, at, m))
		if *out.Mention && at.thread == "" && !out.Author.Me { // the first post of the bot creates a thread
			at.thread = m.ID
			out.ThreadID = at.threadID()
		}
	}
	if r := m.Referenced; r != nil && r.Author != nil && isID(r.ID) && m.Type == replyMessage {
		quoted := markdown.Parse(readable(r))
		out.ReplyTo = &chat.Message{
			ID: chat.MessageID(r.ID), ThreadID: out.ThreadID, Text: strings.TrimSpace(markdown.PlainText(quoted)), Formatted: quoted,
			Author: a.author(r.Author, nil), SentAt: r.Timestamp, Attachments: attachments(at, r),
		}
	}
	return out
}

func linkOf(address string, embeds []inEmbed) chat.Link {
	l := chat.Link{URL: address}
	for _, e := range embeds {
		if e.URL == address {
			l.Title, l.Description, l.SiteName, l.ImageURL = e.Title, e.Description, e.Provider.Name, e.Thumbnail.URL
		}
	}
	return l
}

// isMentioned reports whether a message in a server mentions the bot or one of its
// roles, or is in one of Config.RespondToChannelIDs.
func (a *Adapter) isMentioned(ctx context.Context, at place, m *message) bool {
	for i := range m.Mentions {
		if m.Mentions[i].ID == a.config.ApplicationID {
			return true
		}
	}
	if slices.Contains(a.config.RespondToChannelIDs, at.parent) {
		return true
	}
	if len(m.MentionRoles) == 0 {
		return false
	}
	named := func(id string) bool { return slices.Contains(m.MentionRoles, id) }
	return slices.ContainsFunc(a.config.MentionRoleIDs, named) || slices.ContainsFunc(a.ownRoles(ctx, at.guild), named)
}

var inText = regexp.MustCompile(`<(@!?|@&|#|a?:[A-Za-z0-9_]+:)([0-9A-Za-z_]+)>`)

// readable returns the content of a message as Markdown, with the names of users and of
// the emoji of servers. If there is no content, it is the text of the embeds and stickers.
// https://docs.discord.com/developers/reference#message-formatting
func readable(m *message) string {
	text := inText.ReplaceAllStringFunc(m.Content, func(found string) string {
		parts := inText.FindStringSubmatch(found)
		switch sigil, id := parts[1], parts[2]; sigil {
		case "@", "@!":
			for _, u := range m.Mentions {
				if u.ID == id {
					return "@" + u.UserName
				}
			}
			return "@" + id
		case "@&":
			return "@&" + id
		case "#":
			return "#" + id
		default:
			return strings.TrimPrefix(sigil, "a")
		}
	})
	if strings.TrimSpace(text) != "" {
		return text
	}
	var lines []string
	for _, e := range m.Embeds {
		for _, line := range []string{e.Title, e.Description} {
			if line != "" {
				lines = append(lines, line)
			}
		}
		for _, f := range e.Fields {
			lines = append(lines, "**"+f.Name+"**: "+f.Value)
		}
	}
	for _, s := range m.Stickers {
		lines = append(lines, s.Name)
	}
	return strings.Join(lines, "\n\n")
}
