package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
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
	raw          json.RawMessage
}

// requestError is what is wrong with a request, in words for its sender.
type requestError struct {
	status int
	text   string
}

func (e *requestError) Error() string { return e.text }

func badRequest(format string, args ...any) error {
	return &requestError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// readBody reads a JSON body. Its error is a *requestError.
func readBody(r *http.Request) ([]byte, error) {
	if !isJSON(r) {
		return nil, &requestError{http.StatusUnsupportedMediaType, "Content-Type: want application/json"}
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &requestError{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &requestError{http.StatusRequestTimeout, "the body did not arrive in time"}
	case err != nil:
		return nil, badRequest("the body could not be read")
	}
	return body, nil
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
// *requestError.
func readRequest(r *http.Request) (*pageRequest, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	req := new(pageRequest)
	if err := json.Unmarshal(body, req); err != nil {
		return nil, badRequest("the body is not what was expected: %s", jsonFault(err))
	}
	if wrong := checkID(req.Conversation, maxConversationID); wrong != "" {
		return nil, badRequest("conversation %s", wrong)
	}
	if wrong := checkID(req.ID, maxMessageID); wrong != "" {
		return nil, badRequest("id %s", wrong)
	}
	for _, field := range []struct{ name, value string }{
		{"message", req.Message}, {"view", req.View}, {"action", req.Action}, {"value", req.Value}, {"query", req.Query},
	} {
		if len(field.value) > longestValue {
			return nil, badRequest("%s has %d bytes, want at most %d", field.name, len(field.value), longestValue)
		}
	}
	return req, nil
}

// writeRequestError answers an error of reading a request.
func writeRequestError(w http.ResponseWriter, err error) {
	var bad *requestError
	if !errors.As(err, &bad) {
		bad = &requestError{http.StatusBadRequest, "the request could not be read"}
	}
	writeError(w, bad.status, bad.text)
}

// readTurn reads the body of a turn. Its error is a *requestError.
func readTurn(r *http.Request, maxText int) (*sentMessage, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	return parseTurn(body, maxText)
}

func parseTurn(body []byte, maxText int) (*sentMessage, error) {
	var req turnRequest
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, badRequest("the body is not what was expected: %s", jsonFault(err))
	}
	if wrong := checkID(req.ID, maxConversationID); wrong != "" {
		return nil, badRequest("id %s", wrong)
	}
	if req.Trigger != "" && req.Trigger != "submit-message" {
		return nil, badRequest(`trigger is %q, want "submit-message": the bot answers a message once`, req.Trigger)
	}
	if len(req.Messages) == 0 && len(req.Message) > 0 {
		sent, err := parseMessage("message", req.Message, maxText)
		if err == nil && sent == nil {
			err = badRequest(`message.role is not "user"`)
		}
		return sent.in(req.ID), err
	}
	for i, raw := range slices.Backward(req.Messages) {
		sent, err := parseMessage(fmt.Sprintf("messages[%d]", i), raw, maxText)
		if sent != nil || err != nil {
			return sent.in(req.ID), err
		}
	}
	return nil, badRequest(`messages hold none with the role "user"`)
}

// parseMessage reads a UIMessage, which an error calls by the name. It returns nil
// for one that is not the user's.
func parseMessage(name string, raw json.RawMessage, maxText int) (*sentMessage, error) {
	var m struct {
		ID    string `json:"id"`
		Role  string `json:"role"`
		Parts []struct {
			Type string `json:"type"`
			Text string `json:"text"`
		} `json:"parts"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, badRequest("%s: %s", name, jsonFault(err))
	}
	if m.Role != roleUser {
		return nil, nil
	}
	if wrong := checkID(m.ID, maxMessageID); wrong != "" {
		return nil, badRequest("%s.id %s", name, wrong)
	}
	var text strings.Builder
	for j, p := range m.Parts {
		switch p.Type {
		case partText:
			text.WriteString(p.Text)
		case partFile:
			return nil, badRequest("%s.parts[%d] is a file, want text: files are not supported", name, j)
		}
	}
	if strings.TrimSpace(text.String()) == "" {
		return nil, badRequest("%s.parts hold no text, want a part of type \"text\"", name)
	}
	if text.Len() > maxText {
		return nil, &requestError{
			http.StatusRequestEntityTooLarge,
			fmt.Sprintf("%s.parts hold %d bytes of text, want at most %d", name, text.Len(), maxText),
		}
	}
	return &sentMessage{id: m.ID, text: text.String(), raw: raw}, nil
}

// in puts the message into its conversation.
func (m *sentMessage) in(conversation string) *sentMessage {
	if m != nil {
		m.conversation = conversation
	}
	return m
}

// jsonFault says what is wrong with a JSON text without showing its content.
func jsonFault(err error) string {
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrongType.Field
		if field == "" {
			field = "the value"
		}
		return fmt.Sprintf("%s is a JSON %s, want %s", field, wrongType.Value, jsonKind(wrongType.Type.Kind().String()))
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("not JSON at byte %d", syntax.Offset)
	}
	return "not JSON"
}

func jsonKind(goKind string) string {
	switch goKind {
	case "slice":
		return "array"
	case "struct":
		return "object"
	}
	return goKind
}
