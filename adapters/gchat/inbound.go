package gchat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf16"

	"github.com/chat-adapter/chat-go/core/chat"
)

// placeIn returns the place of a thread of a space. In a direct conversation all
// messages are one thread, as the TypeScript SDK has it.
func (a *Adapter) placeIn(ctx context.Context, s *space, thread *named) (place, error) {
	dm, err := a.isDM(ctx, s)
	p := place{space: s.Name, dm: dm}
	if err != nil || dm || thread == nil || thread.Name == "" {
		return p, err
	}
	if owner, ok := spaceOf(thread.Name, "threads"); !ok || owner != s.Name {
		return p, bad("the thread is none of the space")
	}
	p.thread = thread.Name
	return p, nil
}

// isDM reports whether a space is a direct conversation. Workspace Events have only the
// space's name, so Chat is asked if the adapter does not know it yet.
func (a *Adapter) isDM(ctx context.Context, s *space) (bool, error) {
	if s.isTyped() {
		return s.isDM(), nil
	}
	known, err := a.space(ctx, s.Name)
	if errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrPermission) {
		return false, nil
	}
	return known.isDM(), err
}

// base returns the place and the common fields of the events of an interaction.
func (a *Adapter) base(ctx context.Context, i *interaction) (place, chat.EventBase, error) {
	base := chat.EventBase{ID: i.id(), At: i.at, Raw: i.raw, User: a.author(ctx, "", i.user)}
	p, err := a.placeIn(ctx, i.space, i.thread)
	if err == nil {
		base.ThreadID = p.threadID()
	}
	return p, base, err
}

// handleMessage takes a message that was sent to the app. In a space it is one that
// mentions it.
func (a *Adapter) handleMessage(ctx context.Context, i *interaction) error {
	if i.msg == nil {
		return bad("the event has no message")
	}
	if i.msg.Sender == nil {
		i.msg.Sender = i.user
	}
	if len(i.msg.bots()) == 1 && !i.space.isDM() {
		a.learnSelf(ctx, i.msg.bots()[0])
	}
	m, err := a.message(ctx, i.space, i.msg, i.rawMsg, true)
	if err != nil {
		return err
	}
	_, err = a.host.Deliver(ctx, m)
	return err
}

// message returns a message as the bot handles it. Addressed means that Chat has sent
// it to this app itself, and not as a Workspace Event.
func (a *Adapter) message(ctx context.Context, s *space, m *message, raw json.RawMessage, addressed bool) (*chat.Message, error) {
	if owner, ok := spaceOf(m.Name, "messages"); !ok || owner != s.Name {
		return nil, bad("the message has no name in its space")
	}
	if m.Sender == nil || !isUserID(chat.UserID(m.Sender.Name)) {
		return nil, bad("the message has no sender")
	}
	p, err := a.placeIn(ctx, s, m.Thread)
	if err != nil {
		return nil, err
	}
	out := &chat.Message{
		ID: chat.MessageID(m.Name), ThreadID: p.threadID(), Text: m.Text, Raw: raw, Author: a.author(ctx, s.Name, m.Sender),
		SentAt: timeOf(m.CreateTime), EditedAt: timeOf(m.UpdateTime), Attachments: m.attachments(), Links: m.links(),
	}
	out.Edited = !out.EditedAt.IsZero() && out.EditedAt.After(out.SentAt)
	if !out.Edited {
		out.EditedAt = timeOf("")
	}
	out.Formatted = m.tree()
	if !p.dm {
		out.Mention = a.mentionIn(ctx, m, addressed)
	}
	if q := m.Quoted; q != nil {
		if owner, ok := spaceOf(q.Name, "messages"); ok && owner == s.Name && q.Snapshot != nil {
			out.ReplyTo = &chat.Message{ID: chat.MessageID(q.Name), ThreadID: out.ThreadID, Text: q.Snapshot.Text, Author: chat.Author{UserID: chat.UserID(q.Snapshot.Sender)}}
		}
	}
	return out, nil
}

// bots returns the users of the apps that the text mentions. A mention within code does
// not count, since Chat makes no annotation of it.
func (m *message) bots() []string {
	var all []string
	for _, n := range m.Annotations {
		if n.Type == "USER_MENTION" && n.UserMention != nil && n.UserMention.User != nil && n.UserMention.User.Type == "BOT" {
			all = append(all, n.UserMention.User.Name)
		}
	}
	return all
}

// mentionIn reports whether a message mentions the bot. It returns nil if the bot's
// user is not known. Then the bot looks for its user name in the text.
func (a *Adapter) mentionIn(ctx context.Context, m *message, addressed bool) *bool {
	bots := m.bots()
	if len(bots) == 0 {
		return new(false)
	}
	self := a.selfID(ctx)
	if self == "" {
		if addressed {
			return new(true)
		}
		return nil
	}
	for _, name := range bots {
		if name == self || name == "users/app" {
			return new(true)
		}
	}
	return new(false)
}

// cut returns a part of a text. Start and length count UTF-16 units. It returns "" if
// they do not fit the text.
func cut(text string, start, length int) string {
	units := utf16.Encode([]rune(text))
	if start < 0 || length <= 0 || start > len(units) || length > len(units)-start {
		return ""
	}
	return string(utf16.Decode(units[start : start+length]))
}

// handleCommand takes a slash command or a quick command. If the command may open a
// dialog, the answer waits for the handlers.
func (a *Adapter) handleCommand(ctx context.Context, i *interaction) (params, error) {
	p, base, err := a.base(ctx, i)
	if err != nil {
		return nil, err
	}
	if base.User.UserID == "" {
		return nil, bad("the command has no user")
	}
	if i.dialog == submitDialog || i.dialog == cancelDialog {
		return a.handleForm(ctx, i, base)
	}
	command, text := a.commandOf(i)
	if command == "" {
		return nil, bad("the command has no id")
	}
	if i.msg != nil && i.msg.Name != "" {
		base.ID = "command:" + i.msg.Name // Chat sends the message to no other app
	}
	ev := &chat.SlashCommandEvent{EventBase: base, ChannelID: p.channelID(), Command: command, Text: text}
	return a.deliverInteraction(ctx, i, ev, &ev.TriggerID)
}

// commandOf returns the command and the text that follows it.
func (a *Adapter) commandOf(i *interaction) (command, text string) {
	if i.msg != nil {
		text = strings.TrimSpace(cmp.Or(i.msg.ArgumentText, afterCommand(i.msg)))
		for _, n := range i.msg.Annotations {
			if n.Type == "SLASH_COMMAND" && n.SlashCommand != nil {
				command = cmp.Or(command, n.SlashCommand.Name)
				i.command = cmp.Or(i.command, n.SlashCommand.ID)
			}
		}
	}
	id, err := i.command.Int64()
	if name := a.config.Commands[id]; err == nil && name != "" {
		return name, text
	}
	if command == "" && err == nil {
		command = i.command.String()
	}
	if command != "" && !strings.HasPrefix(command, "/") {
		command = "/" + command
	}
	return command, text
}

// afterCommand is the text without the command that it begins with.
func afterCommand(m *message) string {
	for _, n := range m.Annotations {
		if n.Type == "SLASH_COMMAND" {
			return strings.TrimPrefix(m.Text, cut(m.Text, n.Start, n.Length))
		}
	}
	return m.Text
}

// handleClick takes a click on a card or a step of a dialog.
func (a *Adapter) handleClick(ctx context.Context, i *interaction) (params, error) {
	_, base, err := a.base(ctx, i)
	if err != nil {
		return nil, err
	}
	if base.User.UserID == "" {
		return nil, bad("the click has no user")
	}
	if i.dialog == submitDialog || i.dialog == cancelDialog {
		return a.handleForm(ctx, i, base)
	}
	id, ok := i.common.Parameters[actionParameter]
	if !ok {
		return nil, a.deliverPlatformEvent(ctx, i) // of a card that this adapter has not made
	}
	ev := &chat.ActionEvent{EventBase: base, ActionID: id, Value: i.common.Parameters[valueParameter]}
	if chosen, ok := i.common.Inputs[id].value(); ok && i.common.Parameters[menuParameter] != "" {
		ev.Value = chosen
	}
	if i.msg != nil {
		ev.MessageID = chat.MessageID(i.msg.Name)
	}
	return a.deliverInteraction(ctx, i, ev, &ev.TriggerID)
}

// handleMembership takes the event that the app was added to a space or removed from
// it. In a direct conversation the event is an installation by the user.
func (a *Adapter) handleMembership(ctx context.Context, i *interaction) error {
	_, base, err := a.base(ctx, i)
	if err != nil {
		return err
	}
	joined := i.kind == addedKind
	if !joined {
		a.forgetSubscription(ctx, i.space.Name)
	}
	var ev chat.Inbound = &chat.InstallationEvent{EventBase: base, Workspace: i.space.Name, Installed: joined}
	if !i.space.isDM() {
		ev = a.membership(ctx, i, base, joined)
	}
	if _, err := a.host.Deliver(ctx, ev); err != nil || !joined || i.msg == nil {
		return err
	}
	return a.handleMessage(ctx, i) // it was added by a message to it
}

// membership returns the event that the app has joined a space or left it.
func (a *Adapter) membership(ctx context.Context, i *interaction, base chat.EventBase, joined bool) *chat.MembershipEvent {
	by := base.User
	base.ThreadID = ""
	base.User = chat.Author{UserID: chat.UserID(cmp.Or(a.selfID(ctx), "users/app")), UserName: a.host.UserName(), Bot: new(true), Me: true}
	ev := &chat.MembershipEvent{EventBase: base, ChannelID: place{space: i.space.Name}.channelID(), Joined: joined}
	if joined && by.UserID != "" {
		ev.Inviter = &by
	}
	return ev
}

// deliverPlatformEvent delivers an interaction that has no event type of its own.
func (a *Adapter) deliverPlatformEvent(ctx context.Context, i *interaction) error {
	ev := &chat.PlatformEvent{
		EventBase: chat.EventBase{ID: i.id(), At: i.at, Raw: i.raw, User: a.author(ctx, "", i.user)}, Name: adapterName + ":" + i.kind, Data: i.raw,
	}
	if i.space != nil && isSpace(i.space.Name) {
		if p, err := a.placeIn(ctx, i.space, i.thread); err == nil {
			ev.ThreadID = p.threadID()
		}
	}
	_, err := a.host.Deliver(ctx, ev)
	return err
}
