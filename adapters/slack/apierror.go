package slack

import (
	"context"
	"errors"
	"net/http"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

// apiCodes classifies what the Web API answers. Anything else is
// [chat.CodeInvalid]. https://docs.slack.dev/reference/methods
var apiCodes = map[string]chat.Code{
	"account_inactive":         chat.CodeAuthentication,
	"invalid_auth":             chat.CodeAuthentication,
	"not_authed":               chat.CodeAuthentication,
	"token_expired":            chat.CodeAuthentication,
	"token_revoked":            chat.CodeAuthentication,
	"access_denied":            chat.CodePermission,
	"ekm_access_denied":        chat.CodePermission,
	"enterprise_is_restricted": chat.CodePermission,
	"missing_scope":            chat.CodePermission,
	"no_permission":            chat.CodePermission,
	"not_in_channel":           chat.CodePermission,
	"restricted_action":        chat.CodePermission,
	"user_not_visible":         chat.CodePermission,
	"channel_not_found":        chat.CodeNotFound,
	"file_not_found":           chat.CodeNotFound,
	"message_not_found":        chat.CodeNotFound,
	"thread_not_found":         chat.CodeNotFound,
	"user_not_found":           chat.CodeNotFound,
	"users_not_found":          chat.CodeNotFound,
	"ratelimited":              chat.CodeRateLimited,
	"rate_limited":             chat.CodeRateLimited,
	"fatal_error":              chat.CodeTemporary,
	"internal_error":           chat.CodeTemporary,
	"request_timeout":          chat.CodeTemporary,
	"service_unavailable":      chat.CodeTemporary,
	"team_added_to_org":        chat.CodeTemporary,
}

// apiError returns the error of a call of the Web API as a
// *[chat.PlatformError].
func apiError(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*chat.PlatformError](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	out := &chat.PlatformError{Adapter: adapterName, Op: op, Code: chat.CodeTemporary, Err: err}
	if limit, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
		out.Code, out.RetryAfter = chat.CodeRateLimited, limit.RetryAfter
	} else if answer, ok := errors.AsType[slackapi.SlackErrorResponse](err); ok {
		if out.Code, ok = apiCodes[answer.Err]; !ok {
			out.Code = chat.CodeInvalid
		}
	} else if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok && status.Code == http.StatusUnauthorized {
		out.Code = chat.CodeAuthentication
	}
	return out
}
