package slack

import (
	"context"
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Names of [chat.PlatformEvent], with the type of what Data holds. Every other
// event that Slack sends is "slack:{type}" too, and its Data is Slack's event.
const (
	EventAppHomeOpened            = "slack:app_home_opened"                  // [AppHomeOpened]
	EventAppContextChanged        = "slack:app_context_changed"              // [AppContextChanged]
	EventAssistantThreadStarted   = "slack:assistant_thread_started"         // [AssistantThreadEvent]
	EventAssistantContextChanged  = "slack:assistant_thread_context_changed" // [AssistantThreadEvent]
	EventAgentSessionStopped      = "slack:agent_session_stopped"            // [AgentSessionStopped]
	EventAgentSessionTitleChanged = "slack:agent_session_title_changed"      // [AgentSessionTitleChanged]
	EventShortcut                 = "slack:shortcut"                         // [Shortcut]
	EventMessageAction            = "slack:message_action"                   // [MessageAction]
)

type (
	// AppHomeOpened is a user who opened the app's home. The event's thread is the
	// direct conversation.
	// https://docs.slack.dev/reference/events/app_home_opened
	AppHomeOpened struct {
		User    chat.UserID `json:"user"`
		Channel string      `json:"channel"`
		// Tab is "home", "messages" or "about".
		Tab string `json:"tab"`
		// View is the home tab as it was published. Default none.
		View json.RawMessage `json:"view,omitempty"`
		// Context is what the user looks at. Default none.
		Context *AppContext `json:"context,omitempty"`
	}

	// AppContextChanged is a user who looks at something else.
	// https://docs.slack.dev/reference/events/app_context_changed
	AppContextChanged struct {
		User    chat.UserID `json:"user,omitempty"`
		Channel string      `json:"channel,omitempty"`
		Context AppContext  `json:"context"`
	}

	// AppContext is what a user looks at, the most relevant first.
	AppContext struct {
		Entities []AppContextEntity `json:"entities,omitempty"`
	}

	// AppContextEntity is a channel, a canvas, a list, a message or a thread.
	AppContextEntity struct {
		// Type says what it is, such as "slack#/types/channel_id".
		Type string `json:"type"`
		// Value is an id as a JSON string, or an object for a message.
		Value        json.RawMessage `json:"value"`
		TeamID       string          `json:"team_id,omitempty"`
		EnterpriseID string          `json:"enterprise_id,omitempty"`
	}

	// AssistantThreadEvent is an assistant's thread that was opened, or whose user
	// went to another channel.
	// https://docs.slack.dev/reference/events/assistant_thread_started
	AssistantThreadEvent struct {
		Thread AssistantThread `json:"assistant_thread"`
	}

	// AssistantThread is a thread between a user and an assistant.
	AssistantThread struct {
		UserID    chat.UserID      `json:"user_id"`
		ChannelID string           `json:"channel_id"`
		ThreadTS  string           `json:"thread_ts"`
		Context   AssistantContext `json:"context"`
	}

	// AssistantContext is where the user is. Its fields are empty if Slack does not
	// say.
	AssistantContext struct {
		ChannelID        string `json:"channel_id,omitempty"`
		TeamID           string `json:"team_id,omitempty"`
		EnterpriseID     string `json:"enterprise_id,omitempty"`
		ThreadEntryPoint string `json:"thread_entry_point,omitempty"`
		ForceSearch      bool   `json:"force_search,omitempty"`
	}

	// AgentSessionStopped is a user who stopped the agent. A program that wants its
	// handler to stop calls Chat.CancelTurn with the event's thread.
	AgentSessionStopped struct {
		User               chat.UserID `json:"user"`
		Channel            string      `json:"channel"`
		ThreadTS           string      `json:"thread_ts"`
		StreamingMessageTS string      `json:"streaming_message_ts,omitempty"`
	}

	// AgentSessionTitleChanged is a user who renamed an agent's session.
	AgentSessionTitleChanged struct {
		User          chat.UserID `json:"user"`
		Channel       string      `json:"channel"`
		ThreadTS      string      `json:"thread_ts"`
		Title         string      `json:"title"`
		PreviousTitle string      `json:"previous_title,omitempty"`
	}

	// Shortcut is a global shortcut that a user chose.
	// https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
	Shortcut struct {
		CallbackID string `json:"callback_id"`
		// TriggerID allows to open a modal.
		TriggerID string `json:"trigger_id"`
	}

	// MessageAction is a shortcut that a user chose on a message. The event's thread
	// is the message's.
	MessageAction struct {
		CallbackID string `json:"callback_id"`
		// TriggerID allows to open a modal.
		TriggerID   string         `json:"trigger_id"`
		ResponseURL string         `json:"response_url,omitempty"`
		MessageID   chat.MessageID `json:"message_id"`
		// Message is the message as Slack has it.
		Message json.RawMessage `json:"message"`
	}
)

// handleOther delivers an event that only Slack has.
func (a *Adapter) handleOther(ctx context.Context, e *event) error {
	var where struct {
		User     json.RawMessage `json:"user"`    // an id, or an object in some events
		Channel  json.RawMessage `json:"channel"` // likewise
		ThreadTS json.RawMessage `json:"thread_ts"`
	}
	if err := json.Unmarshal(e.Event, &where); err != nil {
		return badEvent(e.kind, err)
	}
	return a.deliverOther(ctx, e, idIn(where.User), idIn(where.Channel), idIn(where.ThreadTS))
}

// handleAssistantThread takes the events of an assistant's thread, which name it
// in a place of their own.
func (a *Adapter) handleAssistantThread(ctx context.Context, e *event) error {
	var t AssistantThreadEvent
	if err := json.Unmarshal(e.Event, &t); err != nil || !isID(t.Thread.ChannelID) || !isTS(t.Thread.ThreadTS) {
		return badEvent(e.kind, err)
	}
	return a.deliverOther(ctx, e, string(t.Thread.UserID), t.Thread.ChannelID, t.Thread.ThreadTS)
}

func (a *Adapter) deliverOther(ctx context.Context, e *event, user, channel, threadTS string) error {
	var thread chat.ThreadID
	switch {
	case !isID(channel):
		channel = ""
	case isTS(threadTS):
		thread = threadID(channel, threadTS)
	case isDM(channel):
		thread = threadID(channel, "")
	}
	if !isID(user) {
		user = ""
	}
	author := chat.Author{UserID: chat.UserID(user), UserName: user, FullName: user, Me: a.isOwnDoing(ctx, e.src, user)}
	ev := &chat.PlatformEvent{EventBase: e.base(thread, author, channel, threadTS), Name: adapterName + ":" + e.kind, Data: e.Event}
	return a.deliver(ctx, e.src.origin, ev, channel, user)
}

// isOwnDoing reports whether the bot caused an event.
func (a *Adapter) isOwnDoing(ctx context.Context, src source, user string) bool {
	ctx, cancel := a.hurry(ctx, src)
	defer cancel()
	return a.isBotUser(ctx, src, user)
}

// idIn returns an id that stands alone or in an object's field "id".
func idIn(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var object struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &object) // what is neither is no id
	return object.ID
}
