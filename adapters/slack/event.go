package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

// handleEvent takes a delivery of the Events API. When it returns nil the event
// is safe, or needs no handling.
func (a *Adapter) handleEvent(ctx context.Context, env *envelope) error {
	var head struct {
		Type    string `json:"type"`
		EventTS string `json:"event_ts"`
	}
	if err := json.Unmarshal(env.Event, &head); err != nil || head.Type == "" {
		return fmt.Errorf("%w: slack: event.type is missing", chat.ErrInvalidArgument)
	}
	src := env.source(a.config.isOneWorkspace())
	src.until = time.Now().Add(a.config.LookupTimeout)
	e := &event{envelope: env, src: src, kind: head.Type, at: head.EventTS, raw: env.withDelivery()}
	if ok, err := a.isInstalled(ctx, e); err != nil || !ok {
		return err
	}
	take, ok := eventHandlers[head.Type]
	if !ok {
		take = (*Adapter).handleOther
	}
	return take(a, ctx, e)
}

// event is one event on its way.
type event struct {
	*envelope
	src  source
	kind string
	at   string // when it happened, a ts
	raw  json.RawMessage
}

// eventHandlers are the events that have a type of their own. All others are
// [chat.PlatformEvent].
var eventHandlers = map[string]func(*Adapter, context.Context, *event) error{
	"message":                          (*Adapter).handleMessage,
	"app_mention":                      (*Adapter).handleMessage,
	"reaction_added":                   (*Adapter).handleReaction,
	"reaction_removed":                 (*Adapter).handleReaction,
	"member_joined_channel":            (*Adapter).handleMembership,
	"member_left_channel":              (*Adapter).handleMembership,
	"user_change":                      (*Adapter).handleChange,
	"channel_rename":                   (*Adapter).handleChange,
	"group_rename":                     (*Adapter).handleChange,
	"app_uninstalled":                  (*Adapter).handleUninstalled,
	"tokens_revoked":                   (*Adapter).handleUninstalled,
	"assistant_thread_started":         (*Adapter).handleAssistantThread,
	"assistant_thread_context_changed": (*Adapter).handleAssistantThread,
}

// isInstalled reports whether there is an installation for the event. Without
// one nothing could be answered, and delivering it again would not help.
func (a *Adapter) isInstalled(ctx context.Context, e *event) (bool, error) {
	if a.config.isOneWorkspace() || e.kind == "app_uninstalled" || e.kind == "tokens_revoked" {
		return true, nil
	}
	_, err := a.knownInstallation(ctx, e.src.origin)
	if e.src.Installation == "" || errors.Is(err, chat.ErrNotFound) {
		a.log.WarnContext(ctx, "event-without-installation", "installation", e.src.Installation, "event", e.kind)
		return false, nil
	}
	return err == nil, err
}

// base returns what all events have in common. Parts tell an event that has no id,
// because it was sent by hand, from others of its kind.
func (e *event) base(thread chat.ThreadID, user chat.Author, parts ...string) chat.EventBase {
	id := e.EventID
	if id == "" {
		id = strings.Join(append([]string{e.kind, e.at, string(user.UserID)}, parts...), ":")
	}
	return chat.EventBase{ID: id, ThreadID: thread, User: user, At: timeOf(e.at), Raw: e.raw}
}

// author returns a user by id, with the name if it is found in time.
func (a *Adapter) author(ctx context.Context, src source, id string) chat.Author {
	author := chat.Author{UserID: chat.UserID(id), UserName: id, FullName: id}
	if !isID(id) {
		return author
	}
	ctx, cancel := a.hurry(ctx, src)
	defer cancel()
	author.Me = a.isBotUser(ctx, src, id)
	if u, err := a.user(ctx, src.origin, id); err == nil {
		author.UserName, author.FullName, author.Email, author.Bot = u.DisplayName, u.RealName, u.Email, &u.Bot
	}
	return author
}

// deliver keeps where the event came from and hands it over.
func (a *Adapter) deliver(ctx context.Context, o origin, in chat.Inbound, channelsAndUsers ...string) error {
	if err := a.remember(ctx, o, channelsAndUsers...); err != nil {
		return err
	}
	_, err := a.host.Deliver(ctx, in)
	return err
}

// handleReaction takes reaction_added and reaction_removed.
// https://docs.slack.dev/reference/events/reaction_added
func (a *Adapter) handleReaction(ctx context.Context, e *event) error {
	var r struct {
		User     string `json:"user"`
		Reaction string `json:"reaction"`
		Item     struct {
			Type    string `json:"type"`
			Channel string `json:"channel"`
			TS      string `json:"ts"`
		} `json:"item"`
	}
	if err := json.Unmarshal(e.Event, &r); err != nil {
		return badEvent(e.kind, err)
	}
	if r.Item.Type != "message" {
		return nil // files had reactions of their own once
	}
	if !isID(r.Item.Channel) || !isTS(r.Item.TS) {
		return badEvent(e.kind, errors.New("item.channel or item.ts is no id"))
	}
	if err := a.remember(ctx, e.src.origin, r.Item.Channel, r.User); err != nil {
		return err
	}
	user := a.author(ctx, e.src, r.User)
	if user.UserID == "" || user.Me {
		return nil
	}
	message := messageID(r.Item.Channel, r.Item.TS)
	return a.deliver(ctx, e.src.origin, &chat.ReactionEvent{
		EventBase: e.base(a.threadOf(ctx, e.src, r.Item.Channel, r.Item.TS), user, r.Reaction, string(message)),
		MessageID: message,
		Emoji:     a.host.Emoji().FromSlack(r.Reaction),
		RawEmoji:  r.Reaction,
		Added:     e.kind == "reaction_added",
	})
}

// threadOf returns the thread of a message of which only the ts is known: from
// the messages that came by, else from Slack in the time there is. A message that
// is not found counts as one that begins a thread.
func (a *Adapter) threadOf(ctx context.Context, src source, channel, ts string) chat.ThreadID {
	if thread, ok := a.threads.Get(channel + ":" + ts); ok {
		return threadID(channel, thread)
	}
	m := &slackMessage{Channel: channel, TS: ts}
	ctx, cancel := a.hurry(ctx, src)
	defer cancel()
	client, err := a.clientOf(ctx, src.origin)
	if err == nil {
		var found []slackapi.Message
		// Asked with the ts of an answer, Slack returns the answer, with its thread_ts.
		found, _, _, err = client.GetConversationRepliesContext(ctx, &slackapi.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: ts, Limit: 1, Inclusive: true,
		})
		if err == nil && len(found) > 0 && isTS(found[0].ThreadTimestamp) {
			m.ThreadTS = found[0].ThreadTimestamp
		}
	}
	if err != nil {
		a.log.DebugContext(ctx, "thread-unknown", "channel", channel, "message", ts, "error", err)
		return threadID(channel, a.messageThread(m))
	}
	thread, err := a.route(ctx, m)
	if err != nil {
		return threadID(channel, a.messageThread(m))
	}
	return thread
}

// handleMembership takes member_joined_channel and member_left_channel.
// https://docs.slack.dev/reference/events/member_joined_channel
func (a *Adapter) handleMembership(ctx context.Context, e *event) error {
	var m struct {
		User    string `json:"user"`
		Channel string `json:"channel"`
		Inviter string `json:"inviter"`
	}
	if err := json.Unmarshal(e.Event, &m); err != nil || !isID(m.Channel) {
		return badEvent(e.kind, err)
	}
	ev := &chat.MembershipEvent{
		EventBase: e.base("", a.author(ctx, e.src, m.User)),
		ChannelID: channelID(m.Channel),
		Joined:    e.kind == "member_joined_channel",
	}
	if m.Inviter != "" {
		inviter := a.author(ctx, e.src, m.Inviter)
		ev.Inviter = &inviter
	}
	return a.deliver(ctx, e.src.origin, ev, m.Channel, m.User, m.Inviter)
}

// handleChange forgets what is kept of a user, or of a channel that was renamed.
// https://docs.slack.dev/reference/events/user_change
// https://docs.slack.dev/reference/events/channel_rename
func (a *Adapter) handleChange(ctx context.Context, e *event) error {
	var changed struct {
		User    idRef `json:"user"`
		Channel idRef `json:"channel"`
	}
	if err := json.Unmarshal(e.Event, &changed); err != nil {
		return badEvent(e.kind, err)
	}
	id, forget := changed.Channel.ID, a.channels.Forget
	if e.kind == "user_change" {
		id, forget = changed.User.ID, a.users.Forget
	}
	if !isID(id) {
		return badEvent(e.kind, nil)
	}
	if err := forget(ctx, e.src.scope()+id); err != nil {
		return err
	}
	return a.handleOther(ctx, e)
}

// handleUninstalled takes app_uninstalled and tokens_revoked, which come
// together when the app is removed. A late delivery does not remove an app that
// was installed again: its token still works.
// https://docs.slack.dev/reference/events/app_uninstalled
func (a *Adapter) handleUninstalled(ctx context.Context, e *event) error {
	var revoked struct {
		Tokens struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
	}
	if err := json.Unmarshal(e.Event, &revoked); err != nil {
		return badEvent(e.kind, err)
	}
	if e.kind == "tokens_revoked" && len(revoked.Tokens.Bot) == 0 {
		return nil // somebody's own token
	}
	id := firstOf(e.src.Installation, e.src.team)
	if a.keepsInstallations() {
		a.installations.Delete(id)
		if e.src.Installation == "" {
			return nil
		}
		client, err := a.clientOf(ctx, e.src.origin)
		if err == nil {
			_, err = client.AuthTestContext(ctx)
			err = apiError("auth.test", err)
		}
		switch {
		case errors.Is(err, chat.ErrNotFound):
			return nil // the other of the two events was first
		case err == nil:
			a.log.InfoContext(ctx, "uninstall-outdated", "installation", id)
			return nil
		case !errors.Is(err, chat.ErrAuthentication):
			return err
		}
	}
	if err := a.deliver(ctx, origin{}, &chat.InstallationEvent{EventBase: e.base("", chat.Author{}, id), Workspace: id}); err != nil {
		return err
	}
	if !a.keepsInstallations() {
		return nil
	}
	return a.DeleteInstallation(ctx, id)
}

// keepsInstallations reports whether the state holds the installations.
func (a *Adapter) keepsInstallations() bool {
	return !a.config.isOneWorkspace() && a.config.Installations == nil
}

func badEvent(kind string, err error) error {
	if err == nil {
		err = errors.New("an id is missing or none of Slack's")
	}
	return fmt.Errorf("%w: slack: event %s: %w", chat.ErrInvalidArgument, kind, err)
}
