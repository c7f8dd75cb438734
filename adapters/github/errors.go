package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

func platformError(op string, code chat.Code, err error) *chat.PlatformError {
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: code, Err: err}
}

// secondaryWait is how long to wait if a secondary rate limit names no time.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
const secondaryWait = time.Minute

// failure converts an error of the client library to one of package chat.
func (a *Adapter) failure(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	closeAnswer(err)
	if ctx.Err() != nil {
		return fmt.Errorf("github: %s: %w", op, ctx.Err())
	}
	if _, ok := errors.AsType[*chat.PlatformError](err); ok {
		return err
	}
	limited := func(wait time.Duration) error {
		e := platformError(op, chat.CodeRateLimited, nil)
		e.RetryAfter = max(wait, time.Millisecond)
		return e
	}
	if e, ok := errors.AsType[*gh.RateLimitError](err); ok {
		if e.Response != nil && e.Response.Header.Get("Retry-After") != "" {
			return limited(platform.RetryAfter(e.Response.Header, time.Now()))
		}
		return limited(max(time.Until(e.Rate.Reset.Time), time.Second)) // clocks differ
	}
	if e, ok := errors.AsType[*gh.AbuseRateLimitError](err); ok {
		// The library also reads X-RateLimit-Reset, which is about the primary limit. An
		// error without an answer is the library's own: it refuses calls while a limit that
		// it knows lasts.
		if e.RetryAfter != nil && (e.Response == nil || e.Response.Header.Get("Retry-After") != "" || e.Response.Header.Get("X-RateLimit-Reset") == "") {
			return limited(*e.RetryAfter)
		}
		return limited(secondaryWait)
	}
	if e, ok := errors.AsType[*gh.ErrorResponse](err); ok && e.Response != nil {
		return refusal(op, e)
	}
	if e, ok := errors.AsType[*ghinstallation.HTTPError](err); ok && e.Response != nil {
		return noToken(op, e.Response)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return platformError(op, chat.CodeTemporary, errors.New("the answer is not JSON"))
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return platformError(op, chat.CodeTemporary, errors.New("the answer has another form than documented"))
	}
	return platform.TransportError(ctx, adapterName, op, err)
}

// refusal converts an answer whose status is not a success.
func refusal(op string, e *gh.ErrorResponse) error {
	status, h := e.Response.StatusCode, e.Response.Header
	out := platformError(op, platform.CodeOf(status, h), errors.New(reason(e)))
	if status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Message), "rate limit") {
		out.Code = chat.CodeRateLimited // the library recognises only answers with GitHub's documentation_url
	}
	switch out.Code {
	case chat.CodeRateLimited:
		if out.RetryAfter = platform.RetryAfter(h, time.Now()); out.RetryAfter == 0 {
			out.RetryAfter = secondaryWait
		}
	case chat.CodeTemporary:
		out.RetryAfter = platform.RetryAfter(h, time.Now())
	}
	return out
}

// reason returns GitHub's message, without the values that it may quote.
// https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed
func reason(e *gh.ErrorResponse) string {
	text, _, _ := strings.Cut(e.Message, `"`)
	if len(text) > 200 {
		text = text[:200]
	}
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	for _, part := range e.Errors {
		if part.Field != "" || part.Code != "" {
			text += fmt.Sprintf("; %s: %s", part.Field, part.Code)
		}
	}
	if text == "" {
		text = fmt.Sprintf("the answer's status is %d", e.Response.StatusCode)
	}
	return text
}

// noToken converts an answer by which the App got no token for an installation.
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
func noToken(op string, answer *http.Response) error {
	err := platform.StatusError(adapterName, op, answer.StatusCode, answer.Header)
	if e, ok := errors.AsType[*chat.PlatformError](err); ok {
		e.Err = fmt.Errorf("getting a token for the installation: %w", e.Err)
		if e.Code == chat.CodeNotFound {
			e.Code = chat.CodePermission // the App was removed
		}
	}
	return err
}

// closeAnswer closes the response body that ghinstallation leaves open in its error.
func closeAnswer(err error) {
	if e, ok := errors.AsType[*ghinstallation.HTTPError](err); ok && e.Response != nil {
		_ = e.Response.Body.Close() // nothing was written, so nothing can be lost
	}
}
