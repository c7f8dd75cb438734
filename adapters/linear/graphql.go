package linear

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// vars are the variables of a query or mutation.
type vars map[string]any

// reply is an answer of the API. https://linear.app/developers/graphql
type reply struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Extensions struct {
			Type string `json:"type"`
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// codes classifies the types and codes of errors in answers.
// https://github.com/linear/linear/blob/master/packages/sdk/src/types.ts (LinearErrorType)
// https://linear.app/developers/rate-limiting
var codes = map[string]chat.Code{
	"authentication error": chat.CodeAuthentication, "AUTHENTICATION_ERROR": chat.CodeAuthentication,
	"forbidden": chat.CodePermission, "FORBIDDEN": chat.CodePermission, "feature not accessible": chat.CodePermission,
	"ratelimited": chat.CodeRateLimited, "RATELIMITED": chat.CodeRateLimited,
	"network error": chat.CodeTemporary, "internal error": chat.CodeTemporary, "INTERNAL_SERVER_ERROR": chat.CodeTemporary,
	"lock timeout": chat.CodeTemporary, "bootstrap error": chat.CodeTemporary,
	"invalid input": chat.CodeInvalid, "INPUT_ERROR": chat.CodeInvalid, "user error": chat.CodeInvalid, "graphql error": chat.CodeInvalid,
	"usage limit exceeded": chat.CodePermission,
}

// refused returns why Linear refused a call, or nil if it did not. The message of an error
// may quote the request, so only its code or type is returned.
func refused(got *platform.Answer) *platform.Refusal {
	var r reply
	if json.Unmarshal(got.Body, &r) != nil || len(r.Errors) == 0 {
		return nil
	}
	e := r.Errors[0]
	reason := e.Extensions.Code
	if reason == "" {
		reason = e.Extensions.Type
	}
	if len(reason) > 64 {
		reason = reason[:64]
	}
	out := &platform.Refusal{Code: chat.CodeInvalid, Err: errors.New("refused: " + reason)}
	if !got.OK() {
		out.Code = platform.CodeOf(got.Status, got.Header)
	}
	for _, name := range []string{e.Extensions.Type, e.Extensions.Code} {
		if code, ok := codes[name]; ok {
			out.Code = code
		}
	}
	// Only its text distinguishes a missing entity from another invalid input.
	if out.Code == chat.CodeInvalid && isNotFound(e.Message) {
		out.Code, out.Err = chat.CodeNotFound, errors.New("the entity is not found")
	}
	if out.Code == chat.CodeRateLimited {
		out.RetryAfter = untilReset(got.Header, time.Now())
	}
	return out
}

func isNotFound(text string) bool {
	const begin = "Entity not found"
	return len(text) >= len(begin) && text[:len(begin)] == begin
}

// untilReset returns how long to wait, at most a day. The headers have the time when each
// limit is reset, in milliseconds since 1970. https://linear.app/developers/rate-limiting
func untilReset(h http.Header, now time.Time) time.Duration {
	wait := platform.RetryAfter(h, now)
	for _, kind := range []string{"Requests", "Complexity", "Endpoint-Requests"} {
		if left := h.Get("X-Ratelimit-" + kind + "-Remaining"); left != "" && left != "0" {
			continue
		}
		if at, err := strconv.ParseInt(h.Get("X-Ratelimit-"+kind+"-Reset"), 10, 64); err == nil {
			wait = max(wait, min(time.UnixMilli(at).Sub(now), 24*time.Hour))
		}
	}
	return (wait + time.Second - 1).Truncate(time.Second) // rounded up, as a call must not come too early
}

// query sends a query or mutation to a workspace, and decodes the answer. If the token is
// refused, it is renewed once. into is nil for a mutation whose field in the answer has the
// name op; then the field must report success.
func (a *Adapter) query(ctx context.Context, workspace, op, document string, v vars, into any) error {
	token, err := a.token(ctx, workspace)
	if err != nil {
		return err
	}
	err = a.send(ctx, token, op, document, v, into)
	if !errors.Is(err, chat.ErrAuthentication) || !a.renews() {
		return err
	}
	if token, renewErr := a.renewToken(ctx, workspace, token); renewErr == nil {
		return a.send(ctx, token, op, document, v, into)
	}
	return err
}

func (a *Adapter) send(ctx context.Context, token, op, document string, v vars, into any) error {
	body := struct {
		Query     string `json:"query"`
		Variables vars   `json:"variables,omitempty"`
	}{document, v}
	var got reply
	_, err := a.client.Do(ctx, platform.Call{Op: op, Path: a.api, Header: http.Header{"Authorization": {a.authorization(token)}}, Body: body, Into: &got})
	if err != nil {
		return err
	}
	if into == nil { // a mutation
		var done map[string]struct{ Success bool }
		if json.Unmarshal(got.Data, &done) != nil || !done[op].Success {
			return failure(op, chat.CodeTemporary, "the answer does not report success")
		}
		return nil
	}
	if err := json.Unmarshal(got.Data, into); err != nil {
		return failure(op, chat.CodeTemporary, "the answer has another form than documented")
	}
	return nil
}

// authorization returns the value of the Authorization header. A personal API key has no
// prefix:
// https://linear.app/developers/graphql#personal-api-keys
func (a *Adapter) authorization(token string) string {
	if a.config.APIKey != "" {
		return token
	}
	return "Bearer " + token
}

func failure(op string, code chat.Code, reason string) error {
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: code, Err: errors.New(reason)}
}
