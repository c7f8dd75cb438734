package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// turnRequest is the body of the AI SDK's DefaultChatTransport, or what its guide
// makes of it to send the last message only: {id, message}
// (https://ai-sdk.dev/docs/ai-sdk-ui/chatbot-message-persistence). Fields that a
// program adds to it are ignored.
type turnRequest struct {
	ID       string            `json:"id"`
	Messages []json.RawMessage `json:"messages"`
	Message  json.RawMessage   `json:"message"`
	Trigger  string            `json:"trigger"`
}

// sentMessage is the message of a turn: the last of the user's.
type sentMessage struct {
	conversation string
	id           string
	text         string
	files        []storedFile
	raw          json.RawMessage
}

// pageRequest is the body of what a page asks for besides turns. Each path uses
// some of the fields.
type pageRequest struct {
	Conversation string `json:"conversation"`
	// ID is the page's id of the request: sent again with it, it is not handled
	// again.
	ID      string            `json:"id"`
	Message string            `json:"message"`
	View    string            `json:"view"`
	Action  string            `json:"action"`
	Value   string            `json:"value"`
	Values  map[string]string `json:"values"`
	Query   string            `json:"query"`
}

// longestValue bounds an id or a value that a page sends back, in bytes.
const longestValue = 8 << 10

// readRequest reads a page's request and checks the ids. Its error is a
// *webhook.Error.
func readRequest(r *http.Request) (*pageRequest, error) {
	if err := webhook.CheckMediaType(r, webhook.JSON); err != nil {
		return nil, err
	}
	req := new(pageRequest)
	if err := webhook.ReadJSON(r, math.MaxInt64, req); err != nil { // the bot's bound holds
		return nil, err
	}
	if wrong := checkID(req.Conversation, maxConversationID); wrong != "" {
		return nil, webhook.BadRequest("conversation %s", wrong)
	}
	if wrong := checkID(req.ID, maxMessageID); wrong != "" {
		return nil, webhook.BadRequest("id %s", wrong)
	}
	for _, field := range []struct{ name, value string }{
		{"message", req.Message}, {"view", req.View}, {"action", req.Action}, {"value", req.Value}, {"query", req.Query},
	} {
		if len(field.value) > longestValue {
			return nil, webhook.BadRequest("%s has %d bytes, want at most %d", field.name, len(field.value), longestValue)
		}
	}
	return req, nil
}

// writeRequestError answers an error of reading a request.
func writeRequestError(w http.ResponseWriter, err error) {
	bad, ok := errors.AsType[*webhook.Error](err)
	if !ok {
		bad = &webhook.Error{Status: http.StatusBadRequest, Answer: "the request could not be read"}
	}
	writeError(w, bad.Status, bad.Answer)
}

// readTurn reads the body of a turn. Its error is a *webhook.Error.
func readTurn(r *http.Request, limits turnLimits) (*sentMessage, error) {
	if err := webhook.CheckMediaType(r, webhook.JSON); err != nil {
		return nil, err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64) // the bot's bound holds
	if err != nil {
		return nil, err
	}
	return parseTurn(body, limits)
}

// turnLimits bound a user's message, in bytes. Without maxFile it has no files.
type turnLimits struct{ maxText, maxFile int }

func (c *Config) turnLimits() turnLimits {
	limits := turnLimits{maxText: c.MaxText}
	if c.UserFiles {
		limits.maxFile = c.MaxFile
	}
	return limits
}

func parseTurn(body []byte, limits turnLimits) (*sentMessage, error) {
	var req turnRequest
	if err := webhook.DecodeJSON(body, &req); err != nil {
		return nil, err
	}
	if wrong := checkID(req.ID, maxConversationID); wrong != "" {
		return nil, webhook.BadRequest("id %s", wrong)
	}
	if req.Trigger != "" && req.Trigger != "submit-message" {
		return nil, webhook.BadRequest(`trigger is %q, want "submit-message": the bot answers a message once`, req.Trigger)
	}
	if len(req.Messages) == 0 && len(req.Message) > 0 {
		sent, err := parseMessage("message", req.Message, limits)
		if err == nil && sent == nil {
			err = webhook.BadRequest(`message.role is not "user"`)
		}
		return sent.in(req.ID), err
	}
	for i, raw := range slices.Backward(req.Messages) {
		sent, err := parseMessage(fmt.Sprintf("messages[%d]", i), raw, limits)
		if sent != nil || err != nil {
			return sent.in(req.ID), err
		}
	}
	return nil, webhook.BadRequest(`messages hold none with the role "user"`)
}

// parseMessage reads a UIMessage, which an error calls by the name. It returns nil
// for one that is not the user's.
func parseMessage(name string, raw json.RawMessage, limits turnLimits) (*sentMessage, error) {
	var m struct {
		ID    string `json:"id"`
		Role  string `json:"role"`
		Parts []struct {
			Type string `json:"type"`
			Text string `json:"text"`
			filePart
		} `json:"parts"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, webhook.BadRequest("%s: %s", name, webhook.JSONFault(err))
	}
	if m.Role != roleUser {
		return nil, nil
	}
	if wrong := checkID(m.ID, maxMessageID); wrong != "" {
		return nil, webhook.BadRequest("%s.id %s", name, wrong)
	}
	var (
		text  strings.Builder
		files []storedFile
	)
	for j, p := range m.Parts {
		switch p.Type {
		case partText:
			text.WriteString(p.Text)
		case partFile:
			f, err := p.file(fmt.Sprintf("%s.parts[%d]", name, j), limits.maxFile)
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		}
	}
	if len(files) > maxFiles {
		return nil, webhook.BadRequest("%s.parts hold %d files, want at most %d", name, len(files), maxFiles)
	}
	if strings.TrimSpace(text.String()) == "" && len(files) == 0 {
		return nil, webhook.BadRequest("%s.parts hold no text, want a part of type \"text\"", name)
	}
	if text.Len() > limits.maxText {
		return nil, &webhook.Error{
			Status: http.StatusRequestEntityTooLarge,
			Answer: fmt.Sprintf("%s.parts hold %d bytes of text, want at most %d", name, text.Len(), limits.maxText),
		}
	}
	return &sentMessage{id: m.ID, text: text.String(), files: files, raw: raw}, nil
}

// in puts the message into its conversation.
func (m *sentMessage) in(conversation string) *sentMessage {
	if m != nil {
		m.conversation = conversation
	}
	return m
}

// titleText is what a conversation is called by that begins with the message.
func (m *sentMessage) titleText() string {
	if strings.TrimSpace(m.text) == "" && len(m.files) > 0 {
		return cmp.Or(m.files[0].Name, "A file")
	}
	return m.text
}
