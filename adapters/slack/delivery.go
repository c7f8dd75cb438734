package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Delivery is what Slack says about an event besides what happened: through which
// workspace the app sees it, whose channel it is, and what the user looks at. Each
// field is empty if Slack does not say it.
type Delivery struct {
	// ContextTeamID and ContextEnterpriseID are the workspace and the organisation
	// through which the app sees the event.
	// https://docs.slack.dev/apis/events-api#callback-field
	ContextTeamID       string `json:"context_team_id,omitempty"`
	ContextEnterpriseID string `json:"context_enterprise_id,omitempty"`
	// ExtSharedChannel says that the channel is shared with another organisation.
	// https://docs.slack.dev/apis/slack-connect
	ExtSharedChannel bool `json:"is_ext_shared_channel,omitempty"`
	// UserTeam is the workspace that the author of a message belongs to, and
	// SourceTeam the one from which it was written. They are other than
	// ContextTeamID for somebody of another organisation.
	UserTeam   string `json:"user_team,omitempty"`
	SourceTeam string `json:"source_team,omitempty"`
	// AppContext is what the user looked at while writing a direct message, with the
	// agent view. https://docs.slack.dev/reference/events/message.im
	AppContext *AppContext `json:"app_context,omitempty"`
	// DocumentMention is where in a canvas the bot was mentioned.
	DocumentMention *DocumentMention `json:"document_mention,omitempty"`
}

// DocumentMention is a place in a canvas.
// https://docs.slack.dev/reference/events/message/document_mention
type DocumentMention struct {
	FileID    string `json:"file_id"`
	SectionID string `json:"section_id"`
}

// DeliveryOf returns what Slack said about a delivery, from [chat.Message.Raw] or
// the Raw of an event. It returns [chat.ErrInvalidArgument] if raw is no JSON
// object, as with chat.Config.Storage.DiscardRaw.
func DeliveryOf(raw json.RawMessage) (Delivery, error) {
	var d Delivery
	if err := json.Unmarshal(raw, &d); err != nil {
		return Delivery{}, fmt.Errorf("%w: slack: Raw: want an event of Slack's: %w", chat.ErrInvalidArgument, err)
	}
	return d, nil
}

// withDelivery returns the event with what the envelope says about its delivery,
// for [DeliveryOf].
func (e *envelope) withDelivery() json.RawMessage {
	facts, err := json.Marshal(Delivery{
		ContextTeamID: e.ContextTeamID, ContextEnterpriseID: e.ContextEnterpriseID, ExtSharedChannel: e.ExtSharedChannel,
	})
	event := bytes.TrimSpace(e.Event)
	if err != nil || len(facts) <= len("{}") || len(event) <= len("{}") {
		return e.Event
	}
	return slices.Concat(event[:len(event)-1], []byte(","), facts[1:])
}
