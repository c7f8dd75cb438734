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

// CheckMethod refuses other methods with status 405.
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

// CheckMediaType refuses bodies that are not of one of the media types with
// status 415. It compares without parameters such as "charset=utf-8".
func CheckMediaType(r *http.Request, allowed ...string) error {
	if slices.Contains(allowed, MediaType(r.Header)) {
		return nil
	}
	return &Error{Status: http.StatusUnsupportedMediaType, Answer: "Content-Type: want " + strings.Join(allowed, " or ")}
}

// MediaType returns the media type that a header names, in lower case and without
// parameters. It is empty if there is none.
func MediaType(h http.Header) string {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return ""
	}
	return kind
}

// ReadBody reads the body: at most so many bytes, or fewer where the bot's own
// bound, Config.Webhook.MaxBodyBytes, is lower. An adapter without a bound of its own passes
// [math.MaxInt64]. It refuses a longer body with status 413,
// one that comes too late with 408, and one that breaks off with 400.
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

// DecodeJSON decodes one JSON value. It refuses anything else with status 400, and
// says what is wrong without quoting from the body.
func DecodeJSON(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return BadRequest("the body is not what was expected: %s", JSONFault(err))
	}
	return nil
}

// ReadJSON reads the body and decodes it, for webhooks whose proof is not made of the
// body. Its errors are those of ReadBody and DecodeJSON.
func ReadJSON(r *http.Request, most int64, into any) error {
	body, err := ReadBody(r, most)
	if err != nil {
		return err
	}
	return DecodeJSON(body, into)
}

// ParseForm parses the fields of a form. It refuses anything else with status 400.
func ParseForm(body []byte) (url.Values, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, BadRequest("the body is not a form of name=value fields")
	}
	return form, nil
}

// JSONFault says what an error of package encoding/json is about, without quoting
// from what was decoded.
func JSONFault(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field
		if field == "" {
			field = "the value"
		}
		// Value can hold the number itself.
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
