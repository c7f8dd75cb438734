package linear

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// A card with buttons or menus is in a session an elicitation: Linear shows their
// labels as options, and what the user chooses comes as a prompt with that text.
// https://linear.app/developers/agent-signals#select

// choiceTTL is how long a choice can be made.
const choiceTTL = 30 * 24 * time.Hour

// choice is an option of an elicitation.
type choice struct {
	Label string `json:"label"`
	ID    string `json:"id"`
	Value string `json:"value,omitempty"`
}

// choices are those of the last elicitation of a session.
type choices struct {
	Message chat.MessageID `json:"message"`
	Options []choice       `json:"options"`
}

func choicesKey(session string) string { return "linear:choices:" + session }

// choicesOf returns what can be chosen in a post.
func choicesOf(post *chat.Post) []choice {
	var all []choice
	if post == nil || post.Card == nil {
		return nil
	}
	for _, row := range format.Rows(post.Card, 1) {
		for _, b := range row {
			if b.URL == "" && !b.Disabled && strings.TrimSpace(b.Label) != "" {
				all = append(all, choice{b.Label, b.ID, b.Value})
			}
		}
	}
	return all
}

// elicit asks the user to choose.
func (a *Adapter) elicit(ctx context.Context, workspace string, p place, body string, options []choice) (chat.MessageID, error) {
	var shown []vars
	for _, o := range options {
		shown = append(shown, vars{"label": o.Label, "value": o.Label})
	}
	id, err := a.act(ctx, workspace, vars{
		"agentSessionId": p.session, "content": vars{"type": "elicitation", "body": body},
		"signal": "select", "signalMetadata": vars{"options": shown},
	})
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(choices{id, options})
	if err == nil {
		err = a.host.State().Set(ctx, choicesKey(p.session), data, choiceTTL)
	}
	if err != nil { // the choice comes as a message then
		a.log.WarnContext(ctx, "the options of an elicitation are not kept", "error", err)
	}
	return id, nil
}

// chosen returns what a prompt chooses, or nil if it is another text.
func (a *Adapter) chosen(ctx context.Context, session, body string) (*chat.ActionEvent, error) {
	data, err := a.host.State().Get(ctx, choicesKey(session))
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	var kept choices
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if err != nil {
		return nil, err
	}
	for _, o := range kept.Options {
		if strings.TrimSpace(body) == strings.TrimSpace(o.Label) {
			return &chat.ActionEvent{MessageID: kept.Message, ActionID: o.ID, Value: o.Value}, nil
		}
	}
	return nil, nil
}
