package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// CodeOf classifies an HTTP status of a platform that is no success. The header
// may be nil; it tells a limit that is answered with 403, as GitHub does, from a
// missing permission:
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
func CodeOf(status int, h http.Header) chat.Code {
	switch {
	case status == http.StatusTooManyRequests:
		return chat.CodeRateLimited
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return chat.CodeTemporary
	case status == http.StatusUnauthorized:
		return chat.CodeAuthentication
	case status == http.StatusForbidden && (h.Get("Retry-After") != "" || h.Get("X-RateLimit-Remaining") == "0"):
		return chat.CodeRateLimited
	case status == http.StatusForbidden:
		return chat.CodePermission
	case status == http.StatusNotFound, status == http.StatusGone:
		return chat.CodeNotFound
	}
	return chat.CodeInvalid
}

// Codes are what the error codes in a platform's answers mean.
type Codes map[string]chat.Code

// ParseCodes returns the codes of lists of names, with space between them.
func ParseCodes(lists map[chat.Code]string) Codes {
	codes := Codes{}
	for code, names := range lists {
		for name := range strings.FieldsSeq(names) {
			codes[name] = code
		}
	}
	return codes
}

// TransportError returns the error of a call that got no answer: the context's error if
// that has ended, and else a *[chat.PlatformError] with CodeTemporary. The address is
// left out of it.
func TransportError(ctx context.Context, adapter, op string, err error) error {
	err = WithoutURL(err)
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %s: %w", adapter, op, ctx.Err())
	}
	return &chat.PlatformError{Adapter: adapter, Op: op, Code: chat.CodeTemporary, Err: err}
}

// StatusError returns the error of an answer with the status, classified by [CodeOf]
// and [RetryAfter].
func StatusError(adapter, op string, status int, h http.Header) error {
	e := &chat.PlatformError{Adapter: adapter, Op: op, Code: CodeOf(status, h), Err: fmt.Errorf("the answer's status is %d", status)}
	if e.Code == chat.CodeRateLimited || e.Code == chat.CodeTemporary {
		e.RetryAfter = RetryAfter(h, time.Now())
	}
	return e
}

// WithoutURL leaves the address out of an error of package net/http: it may be a
// secret.
func WithoutURL(err error) error {
	for {
		outer, ok := errors.AsType[*url.Error](err)
		if !ok {
			return err
		}
		err = outer.Err
	}
}

const redacted = "REDACTED"

// hidden is an error whose text does not have the secrets. It still matches what
// the error in it matches.
type hidden struct {
	text string
	err  error
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return errors.Is(h.err, target) }
func (h *hidden) As(target any) bool   { return errors.As(h.err, target) }

// hide takes secrets out of an error's text.
func hide(err error, secrets []string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := text
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			clean = strings.ReplaceAll(clean, form, redacted)
		}
	}
	if clean == text {
		return err
	}
	return &hidden{clean, err}
}
