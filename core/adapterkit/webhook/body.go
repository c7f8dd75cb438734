package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// CheckMethod returns an *[Error] with status 405 if the method is not allowed.
func CheckMethod(r *http.Request, allowed ...string) error {
	if slices.Contains(allowed, r.Method) {
		return nil
	}
	return &Error{Status: http.StatusMethodNotAllowed, Answer: "want " + strings.Join(allowed, " or "), Allow: allowed}
}

// Media types of bodies.
const (
	JSON = "application/json"
	Form = "application/x-www-form-urlencoded"
)

// CheckMediaType returns an *[Error] with status 415 if the media type of the body is not
// allowed. Parameters such as "charset=utf-8" are ignored.
func CheckMediaType(r *http.Request, allowed ...string) error {
	if slices.Contains(allowed, MediaType(r.Header)) {
		return nil
	}
	return &Error{Status: http.StatusUnsupportedMediaType, Answer: "Content-Type: want " + strings.Join(allowed, " or ")}
}

// MediaType returns the media type in the header Content-Type, in lower case and without
// parameters. It is empty if there is none.
func MediaType(h http.Header) string {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return ""
	}
	return kind
}

// ReadBody reads the body of a request, at most most bytes. The bot has a limit, too,
// chat.Config.Webhook.MaxBodyBytes; the lower one counts. An adapter without a limit of its
// own passes [math.MaxInt64]. The error is an *[Error], with status 413 if the body is longer,
// 408 if it does not arrive in time, and 400 if it cannot be read.
func ReadBody(r *http.Request, most int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > most {
		return nil, tooLarge(most, nil)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, min(most, math.MaxInt64-1)+1))
	bound, exceeded := errors.AsType[*http.MaxBytesError](err)
	switch {
	case exceeded:
		return nil, tooLarge(bound.Limit, err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &Error{Status: http.StatusRequestTimeout, Answer: "the body did not arrive in time", Err: err}
	case err != nil:
		return nil, &Error{Status: http.StatusBadRequest, Answer: "the body could not be read", Err: err}
	case int64(len(body)) > most:
		return nil, tooLarge(most, nil)
	}
	return body, nil
}

func tooLarge(most int64, err error) error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Answer: fmt.Sprintf("the body has more than %d bytes", most), Err: err}
}

// DecodeJSON decodes one JSON value. Its error is an *[Error] with status 400, and does not
// quote the body.
func DecodeJSON(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return BadRequest("the body is not what was expected: %s", JSONFault(err))
	}
	return nil
}

// ReadJSON reads the body and decodes it. It is for webhooks whose signature does not cover
// the body. Its errors are those of ReadBody and DecodeJSON.
func ReadJSON(r *http.Request, most int64, into any) error {
	body, err := ReadBody(r, most)
	if err != nil {
		return err
	}
	return DecodeJSON(body, into)
}

// ParseForm parses the fields of a form. Its error is an *[Error] with status 400.
func ParseForm(body []byte) (url.Values, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, BadRequest("the body is not a form of name=value fields")
	}
	return form, nil
}

// JSONFault describes an error of package encoding/json without quoting the JSON.
func JSONFault(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field
		if field == "" {
			field = "the value"
		}
		// Value may contain the number itself, which is cut off.
		kind, _, _ := strings.Cut(wrong.Value, " ")
		return fmt.Sprintf("%s is a JSON %s, want %s", field, kind, jsonKind(wrong.Type.Kind().String()))
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("not JSON at byte %d", syntax.Offset)
	}
	return "not JSON"
}

func jsonKind(goKind string) string {
	switch goKind {
	case "slice", "array":
		return "array"
	case "struct", "map":
		return "object"
	case "ptr", "interface":
		return "another value"
	}
	return goKind
}
