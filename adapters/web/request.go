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

// turnRequest is the body of the AI SDK's DefaultChatTransport. Fields that a
// program adds to it are ignored.
type turnRequest struct {
	ID       string            `json:"id"`
	Messages []json.RawMessage `json:"messages"`
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
	for i, raw := range slices.Backward(req.Messages) {
		var m struct {
			ID    string `json:"id"`
			Role  string `json:"role"`
			Parts []struct {
				Type string `json:"type"`
				Text string `json:"text"`
			} `json:"parts"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, badRequest("messages[%d]: %s", i, jsonFault(err))
		}
		if m.Role != roleUser {
			continue
		}
		if wrong := checkID(m.ID, maxMessageID); wrong != "" {
			return nil, badRequest("messages[%d].id %s", i, wrong)
		}
		var text strings.Builder
		for j, p := range m.Parts {
			switch p.Type {
			case partText:
				text.WriteString(p.Text)
			case partFile:
				return nil, badRequest("messages[%d].parts[%d] is a file, want text: files are not supported", i, j)
			}
		}
		if strings.TrimSpace(text.String()) == "" {
			return nil, badRequest("messages[%d].parts hold no text, want a part of type \"text\"", i)
		}
		if text.Len() > maxText {
			return nil, &requestError{
				http.StatusRequestEntityTooLarge,
				fmt.Sprintf("messages[%d].parts hold %d bytes of text, want at most %d", i, text.Len(), maxText),
			}
		}
		return &sentMessage{conversation: req.ID, id: m.ID, text: text.String(), raw: raw}, nil
	}
	return nil, badRequest(`messages hold none with the role "user"`)
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
