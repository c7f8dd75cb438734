package card

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"

	"github.com/chat-adapter/chat-go/core/internal/fault"
)

// ErrInvalidArgument matches every error of Validate with errors.Is. It is the
// same error in all packages of core.
var ErrInvalidArgument = fault.ErrInvalidArgument

// FieldError says what is wrong with one field.
type FieldError struct {
	// Field is the way to the field, such as "children[2].options[0].value".
	Field string
	// Problem says what it is and what was expected.
	Problem string
}

// Error returns the field and the problem.
func (e *FieldError) Error() string { return "card: " + e.Field + " " + e.Problem }

// Is reports that the error is [ErrInvalidArgument].
func (e *FieldError) Is(target error) bool { return target == ErrInvalidArgument }

// Validate returns what is wrong with the card, all of it: [FieldError]s,
// joined. Limits of platforms are not checked.
func (c *Card) Validate() error {
	v := &validator{}
	oneOf(v, "width", c.Width, "", DefaultWidth, FullWidth)
	if c.ImageURL != "" {
		v.url("imageUrl", c.ImageURL)
	}
	if c.Title == "" && c.Subtitle == "" && c.ImageURL == "" && len(c.Children) == 0 {
		v.fail("children", "is empty, and so is the header")
	}
	validateAll(v, "children", c.Children, 0)
	return errors.Join(v.errs...)
}

// Validate returns what is wrong with the modal, all of it: [FieldError]s,
// joined. Limits of platforms are not checked.
func (m *Modal) Validate() error {
	v := &validator{}
	v.required("callbackId", m.CallbackID)
	v.required("title", m.Title)
	v.callback("callbackUrl", m.CallbackURL)
	validateAll(v, "children", m.Children, 0)
	return errors.Join(v.errs...)
}

// validator gathers errors.
type validator struct {
	errs []error
	// ids has the ids seen, with the field of each.
	ids map[string]string
}

func (v *validator) fail(field, format string, args ...any) {
	v.errs = append(v.errs, &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)})
}

func (v *validator) required(field, value string) {
	if value == "" {
		v.fail(field, "is empty, want some text")
	}
}

// id checks that an id is there, and not twice.
func (v *validator) id(field, id string) {
	if id == "" {
		v.fail(field, "is empty, want an id for the handlers")
		return
	}
	if other, ok := v.ids[id]; ok {
		v.fail(field, "is %q, which %s is already", id, other)
		return
	}
	if v.ids == nil {
		v.ids = map[string]string{}
	}
	v.ids[id] = field
}

// refusedSchemes are those of URLs that run or show what they hold, or lead into
// the reader's own machine. A platform that opens them would do so in its own name.
var refusedSchemes = []string{"javascript", "vbscript", "data", "file"}

// url checks that a URL has a scheme, and none that is refused. Any other scheme
// may be: applications have their own.
func (v *validator) url(field, value string) {
	if value == "" {
		v.fail(field, "is empty, want a URL")
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Scheme == "":
		v.fail(field, "is %q, want an absolute URL", value)
	case slices.Contains(refusedSchemes, u.Scheme): // url.Parse writes it in lower case
		v.fail(field, "is a %s: URL, want one that leads to a page or an application", u.Scheme)
	}
}

// callback checks a URL that the bot posts to, which may be empty.
func (v *validator) callback(field, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		v.fail(field, "is %q, want an http or https URL", value)
	}
}

func (v *validator) notNegative(field string, n int) {
	if n < 0 {
		v.fail(field, "is %d, want 0 or more", n)
	}
}

func (v *validator) finite(field string, n float64) bool {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		v.fail(field, "is %v, want a finite number", n)
		return false
	}
	return true
}

// oneOf checks a value of an enumeration.
func oneOf[T ~string](v *validator, field string, value T, allowed ...T) {
	if !slices.Contains(allowed, value) {
		v.fail(field, "is %q, want %s", string(value), choices(allowed))
	}
}

func choices[T ~string](allowed []T) string {
	text := ""
	for _, a := range allowed {
		if a == "" {
			continue
		}
		if text != "" {
			text += " or "
		}
		text += fmt.Sprintf("%q", string(a))
	}
	return text
}
