package teams

import (
	"context"
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// invokeResponse is the answer to an Action.Execute and to a search.
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
type invokeResponse struct {
	StatusCode int    `json:"statusCode"`
	Type       string `json:"type"`
	Value      any    `json:"value"`
}

// handleInvoke takes an invoke: an activity to which Teams expects an answer.
func (a *Adapter) handleInvoke(ctx context.Context, act *activity) (reply any, err error) {
	if act.From.ID == "" || act.Name == "" {
		return nil, bad("the invoke has no from.id or no name")
	}
	switch act.Name {
	case "adaptiveCard/action":
		return a.handleExecute(ctx, act)
	case "task/fetch":
		return a.handleFetch(ctx, act)
	case "task/submit":
		return a.handleSubmit(ctx, act)
	case "fileConsent/invoke":
		return a.handleConsent(ctx, act)
	case "application/search":
		return a.handleSearch(ctx, act)
	}
	return a.otherInvoke(ctx, act)
}

// otherInvoke delivers another invoke as a PlatformEvent, such as one of a message extension.
func (a *Adapter) otherInvoke(ctx context.Context, act *activity) (any, error) {
	if err := a.deliverPlatformEvent(ctx, act); err != nil {
		return nil, err
	}
	return params{}, nil
}

// handleExecute takes a click on an Action.Execute. Cards of other programs have this action.
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

// dialogValue is the value of an invoke for a dialog.
type dialogValue struct {
	Data json.RawMessage `json:"data"`
}

// handleFetch takes a click on a button that opens a dialog, and answers with the dialog that
// a handler opens.
func (a *Adapter) handleFetch(ctx context.Context, act *activity) (reply any, err error) {
	value, err := decoded[dialogValue](act)
	if err != nil {
		return nil, err
	}
	data := clickOf(value.Data)
	if data == nil {
		return a.otherInvoke(ctx, act)
	}
	events := a.actionsOf(act, data)
	if len(events) != 1 {
		return params{}, nil
	}
	ev, _ := events[0].(*chat.ActionEvent) // actionsOf returns nothing else
	var click string
	click, ev.TriggerID = triggerOf(ev.ID)
	receipt, err := a.host.Deliver(ctx, ev)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = receipt.Wait(ctx) // if the handlers have failed, there is no dialog either
	}()
	dialog, err := a.dialogs.await(ctx, click, done)
	if err != nil {
		return nil, err
	}
	if dialog == nil {
		return params{}, nil
	}
	return dialog, nil
}

// handleSubmit takes a submitted dialog, and answers with the result of the handlers.
func (a *Adapter) handleSubmit(ctx context.Context, act *activity) (reply any, err error) {
	value, err := decoded[dialogValue](act)
	if err != nil {
		return nil, err
	}
	var data map[string]json.RawMessage
	if json.Unmarshal(value.Data, &data) != nil || data[callbackKey] == nil {
		return a.otherInvoke(ctx, act)
	}
	ev := a.submission(act, data)
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	answer, err := webhook.InTime(ctx, func() (chat.ModalAnswer, error) { return a.host.SubmitModal(ctx, ev) })
	if err != nil {
		return nil, err
	}
	return a.nextDialog(ctx, ev, answer)
}

// handleSearch takes the text that a user types into a menu, and answers with options for it.
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search
func (a *Adapter) handleSearch(ctx context.Context, act *activity) (reply any, err error) {
	value, err := decoded[struct {
		Query   string `json:"queryText"`
		Dataset string `json:"dataset"`
	}](act)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	ev := &chat.OptionsLoadEvent{EventBase: a.base(act, ""), ActionID: value.Dataset, Query: value.Query}
	options, err := webhook.InTime(ctx, func() (chat.Options, error) { return a.host.LoadOptions(ctx, ev) })
	if err != nil {
		return nil, err
	}
	results := []params{}
	add := func(list []*card.Option) {
		for _, o := range list {
			results = append(results, params{"title": o.Label, "value": o.Value})
		}
	}
	add(options.Options)
	for _, group := range options.Groups {
		add(group.Options)
	}
	return invokeResponse{200, "application/vnd.microsoft.search.searchResponse", params{"results": results}}, nil
}
