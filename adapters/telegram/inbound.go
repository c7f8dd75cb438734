package telegram

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

// isAllowed reports whether Config.AllowedUserIDs has the author, or is empty.
func (a *Adapter) isAllowed(who chat.Author) bool {
	return len(a.allowed) == 0 || a.allowed[who.UserID]
}

// handleMessage takes a new message. It may be a command, part of an album, or a service
// message about the chat.
func (a *Adapter) handleMessage(ctx context.Context, u *update, m *message) error {
	if !m.valid() {
		return bad("the message has no message_id or no chat")
	}
	who := a.senderOf(m)
	if who.UserID == "" {
		return a.deliverPlatformEvent(ctx, u, m)
	}
	if !a.isAllowed(who) {
		return nil
	}
	if m.MigrateToChatID != 0 {
		a.migrated.Set(number(m.Chat.ID), number(m.MigrateToChatID))
	}
	a.learnTopic(m)
	if !m.hasContent() {
		return a.deliverPlatformEvent(ctx, u, m)
	}
	if command, text, ok := a.commandOf(ctx, m); ok {
		_, err := a.host.Deliver(ctx, &chat.SlashCommandEvent{
			EventBase: a.base(u, "", m, who), ChannelID: m.place().channelID(), Command: command, Text: text,
		})
		return err
	}
	if m.MediaGroupID != "" {
		return a.handleAlbum(ctx, u, m)
	}
	_, err := a.host.Deliver(ctx, a.message(ctx, u.data, m))
	return err
}

// handleEdit takes an edited message. Telegram does not send the former content.
func (a *Adapter) handleEdit(ctx context.Context, u *update, m *message) error {
	if !m.valid() {
		return bad("the message has no message_id or no chat")
	}
	who := a.senderOf(m)
	if who.UserID != "" && !a.isAllowed(who) {
		return nil
	}
	if who.UserID == "" || !m.hasContent() {
		return a.deliverPlatformEvent(ctx, u, m)
	}
	ev := &chat.MessageUpdatedEvent{EventBase: a.base(u, "", m, who), Message: a.message(ctx, u.data, m)}
	ev.At = timeOf(m.EditDate)
	_, err := a.host.Deliver(ctx, ev)
	return err
}

// base returns the fields that all events about a message have.
func (a *Adapter) base(u *update, part string, m *message, who chat.Author) chat.EventBase {
	return chat.EventBase{ID: u.eventID(part), ThreadID: m.place().threadID(), User: who, At: timeOf(m.Date), Raw: u.data}
}

// deliverPlatformEvent delivers an update that has no event type of its own.
func (a *Adapter) deliverPlatformEvent(ctx context.Context, u *update, m *message) error {
	ev := &chat.PlatformEvent{EventBase: chat.EventBase{ID: u.eventID(""), User: a.causeOf(u)}, Name: adapterName + ":" + u.kind, Data: u.data}
	if m != nil {
		ev.EventBase = a.base(u, "", m, a.senderOf(m))
	}
	if ev.User.UserID != "" && !a.isAllowed(ev.User) {
		return nil
	}
	_, err := a.host.Deliver(ctx, ev)
	return err
}

// causeOf returns the user who caused an update of any kind, or no user if the update
// does not name one.
func (a *Adapter) causeOf(u *update) chat.Author {
	for _, name := range []string{"from", "user"} { // "user": https://core.telegram.org/bots/api#pollanswer
		var fields map[string]json.RawMessage
		var by user
		if json.Unmarshal(u.data, &fields) == nil && json.Unmarshal(fields[name], &by) == nil && by.ID != 0 {
			return a.author(&by)
		}
	}
	return chat.Author{}
}

// hasContent reports whether a message has content. A service message about its chat has none.
func (m *message) hasContent() bool {
	return m.Text != "" || m.Caption != "" || m.Contact != nil || m.Location != nil || len(m.attachments()) > 0
}

// message converts a message to that of package chat.
func (a *Adapter) message(ctx context.Context, raw json.RawMessage, m *message) *chat.Message {
	text, entities := m.content()
	at := m.place()
	out := &chat.Message{
		ID: at.messageID(m.ID), ThreadID: at.threadID(), Text: text, Raw: raw,
		Author: a.senderOf(m), SentAt: timeOf(m.Date), EditedAt: timeOf(m.EditDate), Edited: m.EditDate > 0,
		Attachments: m.attachments(),
	}
	if len(entities) > 0 {
		out.Formatted = format.FromEntities(text, kitEntities(text, entities), format.UTF16)
	}
	out.Links = linksOf(text, entities)
	if m.Chat.Type != "private" {
		out.Mention = a.mentionIn(ctx, m, text, entities)
	}
	if r := m.ReplyTo; r.valid() && r.hasContent() && r.Chat.ID == m.Chat.ID {
		quoted, quotedEntities := r.content()
		out.ReplyTo = &chat.Message{
			ID: at.messageID(r.ID), ThreadID: at.threadID(), Text: quoted, Author: a.senderOf(r), SentAt: timeOf(r.Date),
			Attachments: r.attachments(),
		}
		if len(quotedEntities) > 0 {
			out.ReplyTo.Formatted = format.FromEntities(quoted, kitEntities(quoted, quotedEntities), format.UTF16)
		}
	}
	return out
}

// content returns the text of a message with its entities. For a contact, a location or
// a sticker it is a text that describes it.
func (m *message) content() (string, []entity) {
	switch {
	case m.Text != "":
		return m.Text, m.Entities
	case m.Caption != "":
		return m.Caption, m.CaptionEntities
	case m.Contact != nil:
		return strings.TrimSpace(joinName(m.Contact.FirstName, m.Contact.LastName) + " " + m.Contact.Phone), nil
	case m.Location != nil:
		data, _ := json.Marshal([]float64{m.Location.Latitude, m.Location.Longitude})
		return strings.Trim(string(data), "[]"), nil
	case m.Sticker != nil:
		return m.Sticker.Emoji, nil
	}
	return "", nil
}

// cut returns the text of an entity, or an empty text if its bounds are outside.
func (e *entity) cut(text string) string {
	units := utf16.Encode([]rune(text))
	if e.Offset < 0 || e.Length <= 0 || e.Offset > len(units) || e.Length > len(units)-e.Offset {
		return ""
	}
	return string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
}

// mentionIn reports whether a message in a group mentions the bot. It returns nil if the
// bot's name on Telegram is not known. Package chat then looks for Config.UserName.
func (a *Adapter) mentionIn(ctx context.Context, m *message, text string, entities []entity) *bool {
	if a.config.MentionOnReply && m.ReplyTo != nil && m.ReplyTo.From != nil && number(m.ReplyTo.From.ID) == a.id {
		return new(true)
	}
	named := false
	for i := range entities {
		e := &entities[i]
		switch e.Type {
		case "text_mention":
			if e.User != nil && number(e.User.ID) == a.id {
				return new(true)
			}
		case "mention", "bot_command":
			named = named || strings.Contains(e.cut(text), "@")
		}
	}
	if !named {
		return new(false)
	}
	name := a.userName(ctx)
	if name == "" {
		return nil
	}
	for i := range entities {
		if e := &entities[i]; e.Type == "mention" || e.Type == "bot_command" {
			if _, named, ok := strings.Cut(e.cut(text), "@"); ok && strings.EqualFold(named, name) {
				return new(true)
			}
		}
	}
	return new(false)
}

// commandOf returns the command at the beginning of a message, and the text after it.
// A command that names another bot is ignored.
// https://core.telegram.org/bots/features#commands
func (a *Adapter) commandOf(ctx context.Context, m *message) (command, text string, ok bool) {
	for i := range m.Entities {
		e := &m.Entities[i]
		if e.Type != "bot_command" || e.Offset != 0 || m.Business != "" { // customers do not see that a bot answers
			continue
		}
		word := e.cut(m.Text)
		command, addressee, named := strings.Cut(word, "@")
		if named {
			if name := a.userName(ctx); name != "" && !strings.EqualFold(name, addressee) {
				return "", "", false
			}
		}
		if len(command) < 2 {
			return "", "", false
		}
		return command, strings.TrimSpace(strings.TrimPrefix(m.Text, word)), true
	}
	return "", "", false
}

// lookupTimeout is the limit for a look-up while an update waits.
const lookupTimeout = 2 * time.Second

// userName returns the bot's name on Telegram, or "" if it cannot be looked up.
func (a *Adapter) userName(ctx context.Context) string {
	self, err := a.self.Get(ctx, a.id, func(ctx context.Context) (user, error) {
		var me user
		err := a.do(ctx, a.client, "getMe", nil, &me)
		return me, err
	})
	if err != nil {
		a.log.WarnContext(ctx, "the bot's name on Telegram cannot be looked up", "error", err)
	}
	return self.UserName
}

// learnTopic remembers the topic of a message, because reactions to it do not name it.
func (a *Adapter) learnTopic(m *message) {
	if m.IsTopic && m.Topic > 0 {
		a.topics.Set(string(m.place().messageID(m.ID)), number(m.Topic))
	}
}
