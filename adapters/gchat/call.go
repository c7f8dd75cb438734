package gchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// call is one call of an API of Google's.
type call struct {
	platform.Call
	client *platform.Client // default: the Chat API
	user   string           // in whose name; default: the app's
}

// do makes a call with a token of the app, or of the call's user.
func (a *Adapter) do(ctx context.Context, c call) error {
	if c.client == nil {
		c.client = a.client
	}
	return a.authorized(ctx, c.user, func(token string) error {
		made := c.Call
		made.Header = c.Header.Clone()
		if made.Header == nil {
			made.Header = http.Header{}
		}
		made.Header.Set("Authorization", "Bearer "+token)
		_, err := c.client.Do(ctx, made)
		return err
	})
}

// authorized makes a call with a token. If the token is refused, it asks for a new
// token and makes the call once more.
func (a *Adapter) authorized(ctx context.Context, user string, call func(token string) error) error {
	for first := true; ; first = false {
		token, err := a.token(ctx, user)
		if err != nil {
			return err
		}
		err = call(token)
		if err == nil || !first || !errors.Is(err, chat.ErrAuthentication) {
			return err
		}
		a.forgetTokens(user)
	}
}

// userCall makes a call in the name of Config.ImpersonateUser, if there is one.
func (a *Adapter) userCall(ctx context.Context, c call) error {
	c.user = a.config.ImpersonateUser
	err := a.do(ctx, c)
	if c.user == "" && (errors.Is(err, chat.ErrPermission) || errors.Is(err, chat.ErrAuthentication)) {
		return fmt.Errorf("gchat: %s as the app, without Config.ImpersonateUser: %w", c.Op, err)
	}
	return err
}

// status is an error of Google's. https://google.aip.dev/193
type status struct {
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
		Details []struct {
			Type       string `json:"@type"`
			RetryDelay string `json:"retryDelay"`
		} `json:"details"`
	} `json:"error"`
}

// codes has the meaning of each of Google's error names.
// https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
var codes = platform.ParseCodes(map[chat.Code]string{
	chat.CodeInvalid:        "INVALID_ARGUMENT FAILED_PRECONDITION OUT_OF_RANGE ALREADY_EXISTS",
	chat.CodeNotFound:       "NOT_FOUND",
	chat.CodePermission:     "PERMISSION_DENIED",
	chat.CodeAuthentication: "UNAUTHENTICATED",
	chat.CodeRateLimited:    "RESOURCE_EXHAUSTED",
	chat.CodeTemporary:      "CANCELLED UNKNOWN DEADLINE_EXCEEDED ABORTED INTERNAL UNAVAILABLE DATA_LOSS",
})

// errExists means that the thing to create exists already.
var errExists = errors.New("ALREADY_EXISTS")

// limitPause is the time to wait after a refusal for too many calls, if Chat does not
// say a time. Chat counts its limits by the second and by the minute.
// https://developers.google.com/workspace/chat/limits
const limitPause = 5 * time.Second

// refused returns the meaning of an answer that is no success.
func refused(got *platform.Answer) *platform.Refusal {
	if got.OK() {
		return nil
	}
	r := &platform.Refusal{Code: platform.CodeOf(got.Status, got.Header), RetryAfter: platform.RetryAfter(got.Header, time.Now())}
	var s status
	if json.Unmarshal(got.Body, &s) == nil && s.Error.Status != "" {
		if code, ok := codes[s.Error.Status]; ok {
			r.Code = code
		}
		r.Err = fmt.Errorf("%s: %s", codeName(s.Error.Status), safe(s.Error.Message))
		if s.Error.Status == errExists.Error() {
			r.Err = errExists
		}
		for _, d := range s.Error.Details { // https://google.aip.dev/193 RetryInfo
			if wait, err := time.ParseDuration(d.RetryDelay); err == nil && wait > 0 && r.RetryAfter == 0 {
				r.RetryAfter = min(wait, 24*time.Hour)
			}
		}
	}
	if r.Code == chat.CodeRateLimited && r.RetryAfter <= 0 {
		r.RetryAfter = limitPause
	}
	return r
}

// codeName returns the name if it has the form of an error's name, else "".
func codeName(name string) string {
	if len(name) > 60 || strings.ContainsFunc(name, func(r rune) bool { return r != '_' && (r|0x20 < 'a' || r|0x20 > 'z') }) {
		return ""
	}
	return name
}

// safe returns a text of Google's up to the first quotation mark, since what follows
// may be a user's message.
func safe(text string) string {
	if i := strings.IndexAny(text, "\"'`“\n"); i >= 0 {
		text = text[:i]
	}
	if len(text) > 200 {
		text = text[:200]
	}
	return strings.TrimSpace(strings.ToValidUTF8(text, ""))
}

// unexpected returns the error for an answer that lacks what was asked for. It is
// temporary.
func unexpected(op, text string) error {
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: chat.CodeTemporary, Err: errors.New(text)}
}

// splitURL returns an address up to its last slash, and the rest.
func splitURL(address string) (base, path string) {
	i := strings.LastIndexByte(address, '/') + 1
	return address[:i], address[i:]
}

func joinScopes(scopes []string) string { return strings.Join(scopes, " ") }

func get(op, path string, query url.Values, into any) call {
	return call{Call: platform.Call{Op: op, Path: "v1/" + path, Query: query, Into: into}}
}
