package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// interaction is the payload of what a user did with something that the app
// showed.
// https://docs.slack.dev/reference/interaction-payloads
type interaction struct {
	Type         string   `json:"type"`
	User         userRef  `json:"user"`
	Team         idRef    `json:"team"`
	TeamID       string   `json:"team_id"`
	EnterpriseOf idRef    `json:"enterprise"`
	Enterprise   flexBool `json:"is_enterprise_install"`
	TriggerID    string   `json:"trigger_id"`
	ResponseURL  string   `json:"response_url"`
	CallbackID   string   `json:"callback_id"`
	ActionTS     string   `json:"action_ts"`
	Channel      idRef    `json:"channel"`
	Container    struct {
		Type      string `json:"type"`
		ChannelID string `json:"channel_id"`
		MessageTS string `json:"message_ts"`
		ThreadTS  string `json:"thread_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Message json.RawMessage `json:"message"`
	Actions []action        `json:"actions"`
	View    *view           `json:"view"`

	// Of a request for options.
	ActionID string `json:"action_id"`
	Value    string `json:"value"`

	raw json.RawMessage
	src source
}

type idRef struct {
	ID string `json:"id"`
}

type userRef struct {
	ID       string `json:"id"`
	UserName string `json:"username"`
	Name     string `json:"name"`
	TeamID   string `json:"team_id"`
}

// flexBool is a bool that Slack writes as a string in some payloads.
type flexBool bool

func (b *flexBool) UnmarshalJSON(data []byte) error {
	*b = string(data) == "true" || string(data) == `"true"`
	return nil
}

// action is what was done with one element.
type action struct {
	inputState
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	ActionTS string `json:"action_ts"`
}

// answer is what an interaction is answered with: nothing, or JSON.
type answer = json.RawMessage

// handleInteraction takes an interaction and returns what Slack wants to know.
func (a *Adapter) handleInteraction(ctx context.Context, payload []byte) (answer, error) {
	in := &interaction{raw: payload}
	if err := webhook.DecodeJSON(payload, in); err != nil {
		return nil, err
	}
	if in.Type == "" || !isID(in.User.ID) {
		return nil, webhook.BadRequest("payload: type or user.id is missing")
	}
	in.src.team = firstOf(in.Team.ID, in.TeamID, in.User.TeamID)
	if !a.config.isOneWorkspace() {
		in.src.origin = originOf(in.src.team, in.EnterpriseOf.ID, bool(in.Enterprise))
	}
	if ok, err := a.isInstalled(ctx, &event{src: in.src, kind: in.Type}); err != nil || !ok {
		return nil, err
	}
	if err := a.remember(ctx, in.src.origin, in.channel(), in.User.ID); err != nil {
		return nil, err
	}
	a.noteUserTeam(ctx, in.src, in.User.ID, in.User.TeamID)
	switch in.Type {
	case "block_actions":
		return nil, a.handleActions(ctx, in)
	case "block_suggestion":
		return a.handleSuggestion(ctx, in)
	case "view_submission":
		return a.handleSubmission(ctx, in)
	case "view_closed":
		return nil, a.handleClosed(ctx, in)
	case "shortcut":
		return nil, a.handleShortcut(ctx, in)
	case "message_action":
		return nil, a.handleMessageAction(ctx, in)
	}
	a.log.DebugContext(ctx, "interaction-ignored", "type", in.Type)
	return nil, nil
}

// channel is where it happened; empty in a modal or the app's home.
func (in *interaction) channel() string {
	if id := firstOf(in.Channel.ID, in.Container.ChannelID); isID(id) {
		return id
	}
	return ""
}

func (in *interaction) author() chat.Author {
	return chat.Author{
		UserID:   chat.UserID(in.User.ID),
		UserName: firstOf(in.User.UserName, in.User.Name, in.User.ID),
		FullName: firstOf(in.User.Name, in.User.UserName, in.User.ID),
		Bot:      new(false),
	}
}

// base returns what all events of interactions have in common. Slack does not
// deliver an interaction twice over HTTP; over a socket it can.
func (in *interaction) base(thread chat.ThreadID, id string) chat.EventBase {
	if id != "" {
		id = in.Type + ":" + id
	}
	return chat.EventBase{ID: id, ThreadID: thread, User: in.author(), At: timeOf(in.ActionTS), Raw: in.raw}
}

// where returns the message that the interaction is about, and its thread.
func (a *Adapter) where(ctx context.Context, in *interaction) (chat.ThreadID, chat.MessageID) {
	channel := in.channel()
	if channel == "" {
		return "", ""
	}
	m := &slackMessage{}
	_ = json.Unmarshal(in.Message, m) // an ephemeral message is not shipped
	m.Channel = channel
	m.TS = firstOf(m.TS, in.Container.MessageTS)
	m.ThreadTS = firstOf(m.ThreadTS, in.Container.ThreadTS)
	if !isTS(m.TS) {
		return "", ""
	}
	if m.ThreadTS != "" && !isTS(m.ThreadTS) {
		m.ThreadTS = ""
	}
	thread, err := a.route(ctx, m)
	if err != nil {
		thread = threadID(channel, a.messageThread(m))
	}
	if in.Container.Ephemeral {
		return thread, ephemeralID(channel, m.TS, in.ResponseURL, in.User.ID)
	}
	return thread, messageID(channel, m.TS)
}

// handleActions takes clicks and choices.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
func (a *Adapter) handleActions(ctx context.Context, in *interaction) error {
	thread, message := a.where(ctx, in)
	var events []chat.Inbound
	for i := range in.Actions {
		act := &in.Actions[i]
		id := ""
		if trigger := cmp.Or(in.TriggerID, act.ActionTS); trigger != "" {
			id = trigger + ":" + act.BlockID + ":" + act.ActionID + ":" + strconv.Itoa(i)
		}
		value, _ := act.value()
		action, value, err := a.buttons.Action(ctx, act.ActionID, value)
		if errors.Is(err, chat.ErrNotFound) {
			// Nothing can find it again, so Slack need not send it again.
			a.log.WarnContext(ctx, "a click on a button that is too old", "error", err)
			continue
		} else if err != nil {
			return err
		}
		ev := &chat.ActionEvent{
			EventBase: in.base(thread, id),
			MessageID: message,
			ActionID:  action,
			Value:     value,
			TriggerID: triggerID(in.src.origin, in.TriggerID),
		}
		ev.At = timeOf(act.ActionTS)
		events = append(events, ev)
	}
	_, err := webhook.DeliverAll(ctx, a.host, events...)
	return err
}

// handleShortcut takes a global shortcut.
func (a *Adapter) handleShortcut(ctx context.Context, in *interaction) error {
	return a.deliverShortcut(ctx, in, "", Shortcut{CallbackID: in.CallbackID, TriggerID: triggerID(in.src.origin, in.TriggerID)})
}

// handleMessageAction takes a shortcut on a message.
func (a *Adapter) handleMessageAction(ctx context.Context, in *interaction) error {
	thread, message := a.where(ctx, in)
	if message == "" {
		return badEvent(in.Type, errors.New("channel.id or message.ts is missing"))
	}
	return a.deliverShortcut(ctx, in, thread, MessageAction{
		CallbackID: in.CallbackID, TriggerID: triggerID(in.src.origin, in.TriggerID), ResponseURL: in.ResponseURL, MessageID: message, Message: in.Message,
	})
}

func (a *Adapter) deliverShortcut(ctx context.Context, in *interaction, thread chat.ThreadID, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return err
	}
	ev := &chat.PlatformEvent{EventBase: in.base(thread, cmp.Or(in.TriggerID, in.ActionTS)), Name: adapterName + ":" + in.Type, Data: encoded}
	_, err = a.host.Deliver(ctx, ev)
	return err
}
