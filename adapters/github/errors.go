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

// secondaryWait is how long to wait where a secondary rate limit does not say.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
const secondaryWait = time.Minute

// failure is what an error of the client library means. It is nil for none.
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
		// The library takes X-RateLimit-Reset for it, too, which is another limit's. What
		// it refuses itself, until the limit that it knows has passed, has neither.
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
		return platformError(op, chat.CodeTemporary, errors.New("the answer is no JSON"))
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return platformError(op, chat.CodeTemporary, errors.New("the answer is not what was expected"))
	}
	return platform.TransportError(ctx, adapterName, op, err)
}

// refusal is an answer with a status that is no success.
func refusal(op string, e *gh.ErrorResponse) error {
	status, h := e.Response.StatusCode, e.Response.Header
	out := platformError(op, platform.CodeOf(status, h), errors.New(reason(e)))
	if status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Message), "rate limit") {
		out.Code = chat.CodeRateLimited // of a server that names no documentation
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

// reason is what GitHub says, without the values that it may quote.
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

// noToken is what it means that the App got no token of an installation.
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
func noToken(op string, answer *http.Response) error {
	err := platform.StatusError(adapterName, op, answer.StatusCode, answer.Header)
	if e, ok := errors.AsType[*chat.PlatformError](err); ok {
		e.Err = fmt.Errorf("no token for the installation: %w", e.Err)
		if e.Code == chat.CodeNotFound {
			e.Code = chat.CodePermission // the App was removed
		}
	}
	return err
}

// closeAnswer closes the answer that ghinstallation leaves open in its error.
func closeAnswer(err error) {
	if e, ok := errors.AsType[*ghinstallation.HTTPError](err); ok && e.Response != nil {
		_ = e.Response.Body.Close() // of no use any more
	}
}
