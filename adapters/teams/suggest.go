package teams

import (
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/card"
)

// suggestionsType is the element of a card with suggested actions.
const suggestionsType = "teams:suggested_actions"

// SuggestedActions is an element of a card for personal chats: up to three answers that
// Teams offers above the field for text until one is chosen, which the user then sends
// as a message. Elsewhere, and on other platforms, it is left out.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/prompt-suggestions
func SuggestedActions(answers ...string) *card.Unknown {
	raw, _ := json.Marshal(struct { // strings can always be encoded
		Type    string   `json:"type"`
		Answers []string `json:"answers"`
	}{suggestionsType, answers})
	return &card.Unknown{Name: suggestionsType, Raw: raw}
}

// suggestionsOf reads the element.
func suggestionsOf(e *card.Unknown) ([]string, bool) {
	var in struct {
		Answers []string `json:"answers"`
	}
	ok := e.Name == suggestionsType && json.Unmarshal(e.Raw, &in) == nil
	return in.Answers, ok
}

// maxSuggested is how many Teams shows.
const maxSuggested = 3

// suggestedActions are answers as a message has them.
func suggestedActions(answers []string) params {
	actions := []params{}
	for _, answer := range answers[:min(len(answers), maxSuggested)] {
		actions = append(actions, params{"type": "imBack", "title": answer, "value": answer})
	}
	return params{"to": []string{}, "actions": actions}
}
