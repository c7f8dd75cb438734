package instagram

import (
	"context"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/internal/meta/messaging"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "instagram"

var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Drafter           = (*Adapter)(nil)
	_ chat.EditPacer         = (*Adapter)(nil)
	_ chat.Replier           = (*Adapter)(nil)
	_ chat.StreamBufferer    = (*Adapter)(nil)
	_ chat.Typer             = (*Adapter)(nil)
	_ chat.TypingStopper     = (*Adapter)(nil)
	_ chat.Reactor           = (*Adapter)(nil)
	_ chat.ReadMarker        = (*Adapter)(nil)
	_ chat.DirectMessenger   = (*Adapter)(nil)
	_ chat.UserFinder        = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.ChannelFinder     = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
	_ chat.HistoryKeeper     = (*Adapter)(nil)
)

// core is what Instagram has in common with Messenger.
type core = messaging.Adapter

// Adapter connects a bot to Instagram. It is safe for concurrent use.
type Adapter struct{ *core }

// maxText is in bytes.
// https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/send-message
const maxText = 1000

// New returns an adapter for the configuration. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	shared, err := messaging.New(messaging.Config{
		Name: adapterName, Object: "instagram", AppSecret: config.AppSecret, VerifyToken: config.VerifyToken, Token: config.AccessToken,
		APIURL: config.APIURL, Version: config.APIVersion, Account: config.AccountID, AccountInIDs: true, HTTPClient: config.HTTPClient,
		MaxText: maxText, Unit: format.Bytes, Kind: kindOf, Reaction: reactionOf, UserFields: "name,username,profile_pic",
	})
	if err != nil {
		return nil, err
	}
	return &Adapter{shared}, nil
}

// kinds are as what a file with the media type is sent. No other is taken.
// https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/attachment-upload
var kinds = map[string]string{
	"image/png": "image", "image/jpeg": "image", "image/gif": "image",
	"audio/aac": "audio", "audio/mp4": "audio", "audio/x-m4a": "audio", "audio/m4a": "audio", "audio/wav": "audio", "audio/x-wav": "audio", "audio/vnd.wave": "audio",
	"video/mp4": "video", "video/ogg": "video", "video/avi": "video", "video/x-msvideo": "video", "video/quicktime": "video", "video/webm": "video",
	"application/pdf": "file",
	"image/*":         "image", "audio/*": "audio", "video/*": "video", // elsewhere, where Instagram looks
}

func kindOf(mediaType string) string { return kinds[mediaType] }

// reactionOf writes the heart as Instagram's examples do.
// https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/send-message
func reactionOf(unicode string) string {
	if strings.TrimRight(unicode, "\ufe0f") == "❤" {
		return "love"
	}
	return unicode
}

// ErrWindowClosed is why a message is refused to a user who has not written for 24 hours.
// The error is [chat.ErrPermission], too. The user has to write first; or see [WithTag].
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
var ErrWindowClosed = messaging.ErrWindowClosed

// Tag says why a message may be sent after the 24 hours. Another one of Meta's than
// [TagHumanAgent] is sent as it is, and is Meta's to take or to refuse.
type Tag string

// TagHumanAgent is for the answer of a person, not of a bot, within seven days. The app
// needs the feature Human Agent for it.
const TagHumanAgent Tag = "HUMAN_AGENT"

// WithTag returns a context in which messages are posted with the tag.
func WithTag(ctx context.Context, tag Tag) context.Context {
	return messaging.WithTag(ctx, string(tag))
}
