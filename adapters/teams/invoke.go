package teams

import (
	"context"
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// invokeResponse is the answer to an Action.Execute.
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
type invokeResponse struct {
	StatusCode int    `json:"statusCode"`
	Type       string `json:"type"`
	Value      any    `json:"value"`
}

// handleInvoke takes what Teams waits for an answer to.
func (a *Adapter) handleInvoke(ctx context.Context, act *activity) (reply any, err error) {
	if act.From.ID == "" || act.Name == "" {
		return nil, bad("the invoke has no from.id or no name")
	}
	if act.Name == "adaptiveCard/action" {
		return a.handleExecute(ctx, act)
	}
	if err := a.deliverPlatformEvent(ctx, act); err != nil {
		return nil, err
	}
	return params{}, nil
}

// handleExecute takes a click on an Action.Execute, which cards have that others made.
func (a *Adapter) handleExecute(ctx context.Context, act *activity) (reply any, err error) {
	value, err := decoded[struct {
		Action struct {
			Verb string          `json:"verb"`
			Data json.RawMessage `json:"data"`
		} `json:"action"`
	}](act)
	if err != nil {
		return nil, err
	}
	data := clickOf(value.Action.Data)
	if data == nil && value.Action.Verb != "" {
		verb, _ := json.Marshal(value.Action.Verb) // a string can always be encoded
		data = map[string]json.RawMessage{actionKey: verb}
	}
	if data == nil {
		err = a.deliverPlatformEvent(ctx, act)
	} else {
		_, err = webhook.DeliverAll(ctx, a.host, a.actionsOf(act, data)...)
	}
	if err != nil {
		return nil, err
	}
	return invokeResponse{200, "application/vnd.microsoft.activity.message", ""}, nil
}
