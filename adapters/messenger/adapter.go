package messenger

import (
	"context"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/internal/meta/messaging"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "messenger"

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

// core is what Messenger has in common with Instagram.
type core = messaging.Adapter

// Adapter connects a bot to Messenger. It is safe for concurrent use.
type Adapter struct{ *core }

// maxText is in characters.
// https://developers.facebook.com/docs/messenger-platform/reference/send-api
const maxText = 2000

// New returns an adapter for the configuration. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	shared, err := messaging.New(messaging.Config{
		Name: adapterName, Object: "page", AppSecret: config.AppSecret, VerifyToken: config.VerifyToken, Token: config.PageAccessToken,
		APIURL: config.APIURL, Version: config.APIVersion, Account: config.PageID, HTTPClient: config.HTTPClient,
		MaxText: maxText, Unit: format.UTF16, Kind: kindOf, UserFields: "name,first_name,last_name,profile_pic",
	})
	if err != nil {
		return nil, err
	}
	return &Adapter{shared}, nil
}

// kindOf is as what a file is sent: all that is no picture, sound or film is a file.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets
func kindOf(mediaType string) string {
	switch sort, sub, _ := strings.Cut(mediaType, "/"); {
	case sort == "audio", sort == "video":
		return sort
	case sort == "image" && sub != "svg+xml":
		return sort
	}
	return "file"
}

// ErrWindowClosed is why a message is refused to a user who has not written for 24 hours.
// The error is [chat.ErrPermission], too. The user has to write first; or see [WithTag].
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
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
