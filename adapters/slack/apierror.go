package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// apiError turns the error of a call into what its caller understands. op is the
// method's name, such as "chat.postMessage".
func apiError(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*chat.PlatformError](err); ok || errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("slack: %s: %w", op, platform.WithoutURL(err))
	}
	if limited, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
		return &chat.PlatformError{Adapter: adapterName, Op: op, Code: chat.CodeRateLimited, RetryAfter: limited.RetryAfter}
	}
	if refused, ok := errors.AsType[slackapi.SlackErrorResponse](err); ok {
		return refusal(op, refused)
	}
	if status, ok := errors.AsType[slackapi.StatusCodeError](err); ok {
		if status.Code == http.StatusNotFound {
			return fmt.Errorf("slack: %s: %w: %w", op, status, errors.ErrUnsupported) // a proxy or an emulator that lacks the method
		}
		return platformError(op, platform.CodeOf(status.Code, nil), status)
	}
	if errors.Is(err, chat.ErrInvalidArgument) {
		return err
	}
	return platformError(op, chat.CodeTemporary, platform.WithoutURL(err))
}

// refusalCodes are Slack's error codes, as the page of each method below
// https://docs.slack.dev/reference/methods lists them, but for those that speak of
// an argument: they are CodeInvalid.
var refusalCodes = platform.ParseCodes(map[chat.Code]string{
	chat.CodeRateLimited: "ratelimited rate_limited message_limit_exceeded restricted_too_many",
	chat.CodeNotFound: "channel_not_found message_not_found thread_not_found user_not_found users_not_found file_not_found file_deleted " +
		"file_is_deleted invalid_scheduled_message_id not_found bot_not_found team_not_found",
	chat.CodePermission: "not_in_channel missing_scope no_permission access_denied ekm_access_denied cant_update_message cant_delete_message " +
		"edit_window_closed is_archived is_inactive user_disabled cannot_dm_bot user_not_in_channel not_allowed_token_type messages_tab_disabled " +
		"posting_to_channel_denied message_not_owned_by_app channel_is_limited_access file_uploads_disabled file_uploads_except_images_disabled " +
		"file_upload_size_restricted file_type_not_allowed storage_limit_reached team_access_not_granted enterprise_is_restricted " +
		"user_is_restricted user_not_visible compliance_exports_prevent_deletion not_enabled",
	chat.CodeAuthentication: "invalid_auth not_authed invalid_token account_inactive token_expired token_revoked two_factor_setup_required " +
		"org_login_required accesslimited invalid_refresh_token refresh_token_expired invalid_client_id bad_client_secret",
	chat.CodeTemporary: "internal_error fatal_error service_unavailable request_timeout team_added_to_org update_failed " +
		"messaging_processing_failed external_channel_migrating streaming_state_conflict hash_conflict",
})

// unsupportedCodes say that Slack cannot do it there at all.
var unsupportedCodes = strings.Fields("unknown_method method_deprecated deprecated_endpoint feature_not_enabled " +
	"channel_type_not_supported method_not_supported_for_channel_type")

// refusal is what Slack answered with "ok": false.
func refusal(op string, refused slackapi.SlackErrorResponse) error {
	cause := explainedRefusal{refused}
	code, ok := refusalCodes[refused.Err]
	switch {
	case ok:
	case slices.Contains(unsupportedCodes, refused.Err):
		return fmt.Errorf("slack: %s: %w: %w", op, cause, errors.ErrUnsupported)
	case strings.HasPrefix(refused.Err, "restricted_action"), strings.HasPrefix(refused.Err, "slack_connect_"):
		code = chat.CodePermission
	default:
		code = chat.CodeInvalid
	}
	return platformError(op, code, cause)
}

// explainedRefusal is a refusal that says what Slack says about its code: which
// scope is missing, or which rule of Block Kit is broken where.
// https://docs.slack.dev/apis/web-api/#responses
type explainedRefusal struct{ slackapi.SlackErrorResponse }

const (
	maxReasons = 3
	maxReason  = 200
)

func (r explainedRefusal) Error() string {
	code := r.Err
	if r.Needed != "" {
		code += fmt.Sprintf(" (needed: %s; provided: %s)", r.Needed, or(r.Provided, "nothing"))
	}
	parts := []string{code}
	for _, reason := range r.ResponseMetadata.Messages[:min(len(r.ResponseMetadata.Messages), maxReasons)] {
		parts = append(parts, shorten(reason, maxReason))
	}
	return strings.Join(parts, ": ")
}

func (r explainedRefusal) Unwrap() error { return r.SlackErrorResponse }

// noTS is the error of an answer that does not tell which message was posted.
func noTS(op string) error {
	return platformError(op, chat.CodeInvalid, errors.New("the answer has no ts of the message"))
}

// refusedWith reports whether Slack answered a call with one of the error codes.
func refusedWith(err error, codes ...string) bool {
	refused, ok := errors.AsType[slackapi.SlackErrorResponse](err)
	return ok && slices.Contains(codes, refused.Err)
}

// isContentRefusal reports whether Slack refused what a message consists of. It
// refuses the same again, and may take a part of it or a simpler form.
func isContentRefusal(err error) bool {
	return refusedWith(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_many", "msg_blocks_too_long", "msg_too_long", "invalid_chunks")
}

// isMissing reports whether an app or a workspace lacks what a call needs.
func isMissing(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || refusedWith(err, "missing_scope", "not_allowed_token_type", "no_permission", "access_denied", "missing_recipient_team_id",
		"missing_recipient_user_id", "user_not_found", "team_not_found")
}
