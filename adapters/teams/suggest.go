package teams

import (
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/card"
)

// suggestionsType is the element of a card with suggested actions.
const suggestionsType = "teams:suggested_actions"

// SuggestedActions returns an element for a card in a personal chat: up to three answers.
// Teams offers them above the input field until the user chooses one, which is then sent as a
// message of the user. Further answers are left out, and so is the element on other platforms.
// The card needs other content, too.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/prompt-suggestions
func SuggestedActions(answers ...string) *card.Unknown {
	raw, _ := json.Marshal(struct { // strings can always be encoded
		Type    string   `json:"type"`
		Answers []string `json:"answers"`
	}{suggestionsType, answers})
	return &card.Unknown{Name: suggestionsType, Raw: raw}
}

// suggestionsOf returns the answers of the element. It is false for another element.
func suggestionsOf(e *card.Unknown) ([]string, bool) {
	var in struct {
		Answers []string `json:"answers"`
	}
	ok := e.Name == suggestionsType && json.Unmarshal(e.Raw, &in) == nil
	return in.Answers, ok
}

// maxSuggested is how many answers Teams shows.
const maxSuggested = 3

// suggestedActions returns the field of a message with the answers.
func suggestedActions(answers []string) params {
	actions := []params{}
	for _, answer := range answers[:min(len(answers), maxSuggested)] {
		actions = append(actions, params{"type": "imBack", "title": answer, "value": answer})
	}
	return params{"to": []string{}, "actions": actions}
}
