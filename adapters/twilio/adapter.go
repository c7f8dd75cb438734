package twilio

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "twilio"

// maxPayload is how many bytes a button's data can have, which templates alone set.
const maxPayload = 256

var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Streamer          = (*Adapter)(nil)
	_ chat.DirectMessenger   = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
	_ chat.HistoryKeeper     = (*Adapter)(nil)
	_ chat.StreamBufferer    = (*Adapter)(nil)
	_ chat.Typer             = (*Adapter)(nil)
)

// Adapter connects a bot to SMS, MMS, WhatsApp and RCS through Twilio. It is safe for
// concurrent use.
type Adapter struct {
	config    Config
	signature signature
	host      chat.Host
	log       *slog.Logger

	client    *platform.Client
	messaging *platform.Client // for what is no message
	files     *platform.Downloader
	parts     *adapterkit.Parts
	buttons   *adapterkit.Buttons
}

// New returns an adapter for the configuration. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{config: config, signature: newSignature(&config)}
	calls := platform.ClientConfig{
		Adapter: adapterName, BaseURL: config.APIURL + "/2010-04-01/Accounts/" + config.AccountSID + "/",
		Authorization: "Basic " + a.credentials(), Secrets: []string{config.AuthToken, config.SecondaryAuthToken}, HTTPClient: config.HTTPClient, Refused: refused,
	}
	var err error
	if a.client, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	calls.BaseURL = messagingURL(config.APIURL)
	if a.messaging, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	downloads := platform.DownloaderConfig{Adapter: adapterName, Hosts: mediaHosts, HTTPClient: config.HTTPClient}
	if config.APIURL != DefaultAPIURL {
		downloads.Origins = []string{config.APIURL}
	}
	a.files, err = platform.NewDownloader(downloads)
	return a, err
}

// credentials are those of HTTP Basic, as https://www.twilio.com/docs/iam/api has it.
func (a *Adapter) credentials() string {
	return base64.StdEncoding.EncodeToString([]byte(a.config.AccountSID + ":" + a.config.AuthToken))
}

// Name returns "twilio".
func (a *Adapter) Name() string { return adapterName }

// Attach hands the adapter its bot.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	var err error
	a.buttons, err = adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: adapterName, Limit: maxPayload, Format: adapterkit.JSONButtons})
	return err
}

// KeepsHistory returns true: the bot keeps the history, so that it has what it has said
// without a call for each page.
func (a *Adapter) KeepsHistory() bool { return true }

// OpenDM returns the conversation with somebody, from the number of the configuration
// for the channel, or else from the messaging service. The id is a number in E.164, with
// "whatsapp:" or "rcs:" before it on these channels. Without a sender for the channel it
// is [errors.ErrUnsupported].
func (a *Adapter) OpenDM(_ context.Context, id chat.UserID) (chat.ThreadID, error) {
	if !a.IsUserID(id) {
		return "", fmt.Errorf("%w: twilio: user id %q, want a number in E.164, which can have %q or %q before it", chat.ErrInvalidArgument, id, whatsAppPrefix, rcsPrefix)
	}
	sender, field := a.config.PhoneNumber, "PhoneNumber"
	switch {
	case strings.HasPrefix(string(id), whatsAppPrefix):
		sender, field = prefixed(whatsAppPrefix, a.config.WhatsAppNumber), "WhatsAppNumber"
	case strings.HasPrefix(string(id), rcsPrefix):
		sender, field = prefixed(rcsPrefix, a.config.RCSSenderID), "RCSSenderID"
	}
	if sender == "" {
		sender = a.config.MessagingServiceSID
	}
	if sender == "" {
		return "", fmt.Errorf("twilio: writing first without Config.%s or Config.MessagingServiceSID: %w", field, errors.ErrUnsupported)
	}
	return place{sender, string(id)}.threadID()
}

// prefixed is an address on a channel; none if there is none.
func prefixed(prefix, address string) string {
	if address == "" {
		return ""
	}
	return prefix + address
}
