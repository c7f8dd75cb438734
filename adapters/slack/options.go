package slack

import (
	"context"
	"encoding/json"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// optionsTimeout leaves time for the answer of the three seconds that Slack
	// waits. https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
	optionsTimeout = 2500 * time.Millisecond

	// https://docs.slack.dev/reference/block-kit/composition-objects/option-object
	maxOptions = 100
	maxGroups  = 100
)

// handleSuggestion takes the request for the options of an external select. A
// handler that fails or is late gives none: the user can type on.
func (a *Adapter) handleSuggestion(ctx context.Context, in *interaction) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, optionsTimeout)
	defer cancel()
	thread, _ := a.where(ctx, in)
	options, err := webhook.InTime(ctx, func() (chat.Options, error) {
		return a.host.LoadOptions(ctx, &chat.OptionsLoadEvent{
			EventBase: in.base(thread, ""),
			ActionID:  in.ActionID,
			Query:     in.Value,
		})
	})
	if err != nil {
		a.log.WarnContext(ctx, "options-failed", "action", in.ActionID, "error", err)
		options = chat.Options{}
	}
	return a.markup.renderOptions(options)
}

func (w markup) renderOptions(o chat.Options) (answer, error) {
	if len(o.Groups) == 0 {
		return json.Marshal(map[string]any{"options": w.loadedOptions(o.Options)})
	}
	groups := make([]slackapi.OptionGroupBlockObject, 0, min(len(o.Groups), maxGroups))
	for _, g := range o.Groups[:min(len(o.Groups), maxGroups)] {
		groups = append(groups, slackapi.OptionGroupBlockObject{Label: w.loadedText(g.Label), Options: w.loadedOptions(g.Options)})
	}
	return json.Marshal(map[string]any{"option_groups": groups})
}

func (w markup) loadedOptions(list []*card.Option) []*slackapi.OptionBlockObject {
	out := make([]*slackapi.OptionBlockObject, 0, min(len(list), maxOptions))
	for _, o := range list {
		if o == nil || len(out) == maxOptions {
			continue
		}
		object := &slackapi.OptionBlockObject{Text: w.loadedText(o.Label), Value: o.Value}
		if o.Description != "" {
			object.Description = w.loadedText(o.Description)
		}
		out = append(out, object)
	}
	return out
}

func (w markup) loadedText(text string) *slackapi.TextBlockObject {
	return &slackapi.TextBlockObject{Type: slackapi.PlainTextType, Text: shorten(w.plain(text), maxOption)}
}
