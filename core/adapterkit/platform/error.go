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

// CodeOf classifies an HTTP status that is not a success. The header may be nil. It
// distinguishes a rate limit from a missing permission if the status is 403, as on GitHub:
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

// Codes classifies the error codes of a platform: the code of package chat by the
// platform's name.
type Codes map[string]chat.Code

// ParseCodes returns Codes made of lists. Each list has the platform's names for a code of
// package chat, separated by white space.
func ParseCodes(lists map[chat.Code]string) Codes {
	codes := Codes{}
	for code, names := range lists {
		for name := range strings.FieldsSeq(names) {
			codes[name] = code
		}
	}
	return codes
}

// TransportError returns the error of a call without an answer. If ctx has ended, it wraps
// ctx's error. Otherwise it is a *[chat.PlatformError] that is [chat.ErrTemporary]. The
// address is removed from err.
func TransportError(ctx context.Context, adapter, op string, err error) error {
	err = WithoutURL(err)
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %s: %w", adapter, op, ctx.Err())
	}
	return &chat.PlatformError{Adapter: adapter, Op: op, Code: chat.CodeTemporary, Err: err}
}

// StatusError returns the *[chat.PlatformError] of an answer with the status. [CodeOf] and
// [RetryAfter] classify it.
func StatusError(adapter, op string, status int, h http.Header) error {
	e := &chat.PlatformError{Adapter: adapter, Op: op, Code: CodeOf(status, h), Err: fmt.Errorf("the answer's status is %d", status)}
	if e.Code == chat.CodeRateLimited || e.Code == chat.CodeTemporary {
		e.RetryAfter = RetryAfter(h, time.Now())
	}
	return e
}

// WithoutURL removes the address, which may be a secret, from an error of package net/http.
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

// hidden is an error whose text is free of secrets. errors.Is and errors.As see the original
// error.
type hidden struct {
	text string
	err  error
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return errors.Is(h.err, target) }
func (h *hidden) As(target any) bool   { return errors.As(h.err, target) }

// hide replaces secrets in the text of an error.
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
