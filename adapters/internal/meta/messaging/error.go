package messaging

import (
	"context"
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// ErrWindowClosed says that the user has not written for 24 hours.
var ErrWindowClosed = errors.New("the 24-hour messaging window is closed: the user has to write first, or the message needs a tag")

// Subcodes of the Messenger Platform, by what they mean:
//
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
//   - https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
var (
	windowClosed = map[int]bool{
		2018065: true, 2018278: true, // Messenger
		2534022: true, // Instagram
	}
	subcodes = map[int]chat.Code{
		2018001: chat.CodeNotFound,    // no matching user found
		2534014: chat.CodeNotFound,    // the user cannot be found
		2018108: chat.CodePermission,  // the person is not receiving messages from the page
		1545041: chat.CodePermission,  // the person is not available
		2018022: chat.CodeRateLimited, // too many requests
		2018008: chat.CodeInvalid,     // the file at the address cannot be fetched
		2018047: chat.CodeInvalid,     // the file cannot be uploaded
		2018109: chat.CodeInvalid,     // the file is too large
	}
	codes = map[int]chat.Code{
		551:  chat.CodePermission, // the person is not available
		1200: chat.CodeTemporary,  // temporary failure
	}
)

// refused says what an error of the platform means.
func refused(e *meta.Error) *platform.Refusal {
	if windowClosed[e.Subcode] {
		return &platform.Refusal{Code: chat.CodePermission, Err: fmt.Errorf("%w: %w", ErrWindowClosed, e)}
	}
	if code, ok := subcodes[e.Subcode]; ok {
		return &platform.Refusal{Code: code}
	}
	if code, ok := codes[e.Code]; ok {
		return &platform.Refusal{Code: code}
	}
	return nil
}

type tagKey struct{}

// WithTag returns a context for messages that have the tag, which may be sent after the
// window is closed.
func WithTag(ctx context.Context, tag string) context.Context {
	return context.WithValue(ctx, tagKey{}, tag)
}

// messagingType says how a message relates to the window.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
func messagingType(ctx context.Context) map[string]any {
	if tag, _ := ctx.Value(tagKey{}).(string); tag != "" {
		return map[string]any{"messaging_type": "MESSAGE_TAG", "tag": tag}
	}
	return map[string]any{"messaging_type": "RESPONSE"}
}
