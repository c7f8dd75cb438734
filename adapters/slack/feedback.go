package slack

import (
	"encoding/json"
	"fmt"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

// feedbackName is the type of a card's element that only this adapter knows.
const feedbackName = adapterName + ":feedback_buttons"

// FeedbackButtons are the two small buttons below an answer that say whether it
// was good. What is chosen comes as a [chat.ActionEvent].
// https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
type FeedbackButtons struct {
	// ActionID names the action for its handler.
	ActionID string `json:"id"`
	// Positive is the button for a good answer. Default: 👍 with the value
	// "positive".
	Positive FeedbackButton `json:"positive"`
	// Negative is the button for a bad one. Default: 👎 with the value "negative".
	Negative FeedbackButton `json:"negative"`
}

// FeedbackButton is one of [FeedbackButtons].
type FeedbackButton struct {
	Label string `json:"label,omitempty"`
	// Value comes with the click.
	Value string `json:"value,omitempty"`
	// AccessibilityLabel is what screen readers say. Default: Label.
	AccessibilityLabel string `json:"accessibilityLabel,omitempty"`
}

// Element returns the buttons for a card, such as [chat.StreamOptions.End]. Other
// platforms leave them out.
func (f FeedbackButtons) Element() *card.Unknown {
	raw, err := json.Marshal(struct {
		Type string `json:"type"`
		FeedbackButtons
	}{feedbackName, f})
	if err != nil { // only for what strings cannot be
		panic(err)
	}
	return &card.Unknown{Name: feedbackName, Raw: raw}
}

// feedback adds the block of feedback buttons.
// https://docs.slack.dev/reference/block-kit/blocks/context-actions-block
func (w *cardWriter) feedback(at string, raw []byte) error {
	var f FeedbackButtons
	if err := json.Unmarshal(raw, &f); err != nil {
		return fmt.Errorf("%w: slack: %s: want feedback buttons: %w", chat.ErrInvalidArgument, at, err)
	}
	if err := within(at+".id", f.ActionID, 1, maxActionID); err != nil {
		return err
	}
	positive, err := f.Positive.render(w.markup, at+".positive", "👍", "positive")
	if err != nil {
		return err
	}
	negative, err := f.Negative.render(w.markup, at+".negative", "👎", "negative")
	if err != nil {
		return err
	}
	w.add(slackapi.NewContextActionsBlock("", slackapi.NewFeedbackButtonsBlockElement(f.ActionID, positive, negative)), maxButton)
	return nil
}

func (b FeedbackButton) render(w markup, at, label, value string) (*slackapi.FeedbackButton, error) {
	if err := within(at+".value", b.Value, 0, maxButtonValue); err != nil {
		return nil, err
	}
	button := slackapi.NewFeedbackButton(w.plainText(or(b.Label, label), maxButton), or(b.Value, value))
	if b.AccessibilityLabel != "" {
		button.WithAccessibilityLabel(shorten(w.plain(b.AccessibilityLabel), maxButton))
	}
	return button, nil
}
