package slack

import (
	"encoding/json"
	"strconv"

	"github.com/chat-adapter/chat-go/core/markdown"
)

// inputState is what an element holds, in an action or in a form. Which of its
// fields is set depends on the kind of element.
// https://docs.slack.dev/reference/block-kit/block-elements
type inputState struct {
	Type  string  `json:"type"`
	Value *string `json:"value"` // button, inputs for text, number, email and address, feedback

	SelectedOption       *selected `json:"selected_option"` // select, radio buttons, overflow
	SelectedDate         string    `json:"selected_date"`
	SelectedTime         string    `json:"selected_time"`
	SelectedDateTime     int64     `json:"selected_date_time"` // Unix time in seconds
	SelectedUser         string    `json:"selected_user"`
	SelectedChannel      string    `json:"selected_channel"`
	SelectedConversation string    `json:"selected_conversation"`

	SelectedOptions       []selected `json:"selected_options"` // multi-select, checkboxes
	SelectedUsers         []string   `json:"selected_users"`
	SelectedChannels      []string   `json:"selected_channels"`
	SelectedConversations []string   `json:"selected_conversations"`
	Files                 []idRef    `json:"files"`

	RichText *block `json:"rich_text_value"`
}

type selected struct {
	Value string `json:"value"`
}

// value returns what was entered or chosen, and whether anything was. Several
// choices are a JSON array of strings, formatted text is Markdown.
func (s *inputState) value() (string, bool) {
	switch {
	case s.SelectedOption != nil:
		return s.SelectedOption.Value, true
	case s.SelectedDateTime != 0:
		return strconv.FormatInt(s.SelectedDateTime, 10), true
	case s.RichText != nil:
		r := &reader{names: newKnown()}
		text := markdown.Print(markdown.NewRoot(r.richText(s.RichText.Elements)...))
		return text, text != ""
	case s.Value != nil:
		return *s.Value, *s.Value != ""
	}
	for _, text := range []string{s.SelectedDate, s.SelectedTime, s.SelectedUser, s.SelectedChannel, s.SelectedConversation} {
		if text != "" {
			return text, true
		}
	}
	var several []string
	for _, option := range s.SelectedOptions {
		several = append(several, option.Value)
	}
	for _, f := range s.Files {
		several = append(several, f.ID)
	}
	for _, ids := range [][]string{s.SelectedUsers, s.SelectedChannels, s.SelectedConversations} {
		several = append(several, ids...)
	}
	if len(several) == 0 {
		return "", false
	}
	data, err := json.Marshal(several)
	return string(data), err == nil
}
