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

// In a session, a card with buttons or menus is an elicitation. Linear shows their labels
// as options. When the user chooses one, a prompt with its label comes.
// https://linear.app/developers/agent-signals#select

// choiceTTL is how long an option can be chosen.
const choiceTTL = 30 * 24 * time.Hour

// choice is an option of an elicitation.
type choice struct {
	Label string `json:"label"`
	ID    string `json:"id"`
	Value string `json:"value,omitempty"`
}

// choices has the options of the last elicitation in a session.
type choices struct {
	Message chat.MessageID `json:"message"`
	Options []choice       `json:"options"`
}

func choicesKey(session string) string { return "linear:choices:" + session }

// choicesOf returns the options of a post: its buttons and menus.
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

// elicit posts an elicitation, and stores its options.
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
	if err != nil { // a choice then comes as a message
		a.log.WarnContext(ctx, "the options of an elicitation were not stored", "error", err)
	}
	return id, nil
}

// chosen returns the option that a prompt chooses, or nil if it is another text.
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
