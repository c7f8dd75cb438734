package whatsapp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "whatsapp"

var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Streamer          = (*Adapter)(nil)
	_ chat.Replier           = (*Adapter)(nil)
	_ chat.StreamBufferer    = (*Adapter)(nil)
	_ chat.Typer             = (*Adapter)(nil)
	_ chat.Reactor           = (*Adapter)(nil)
	_ chat.ReadMarker        = (*Adapter)(nil)
	_ chat.DirectMessenger   = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
	_ chat.HistoryKeeper     = (*Adapter)(nil)
	_ chat.LockScoper        = (*Adapter)(nil)
)

const (
	// maxRemembered is how many entries each cache of a process holds at most.
	maxRemembered = 10_000
	// uploadTimeout bounds a call that sends a file of up to 100 MB.
	uploadTimeout = 5 * time.Minute
)

// Adapter connects a bot to WhatsApp. It is safe for concurrent use.
type Adapter struct {
	config  Config
	webhook meta.Webhook
	host    chat.Host
	log     *slog.Logger

	client     *platform.Client
	uploads    *platform.Client // with more time
	files      *platform.Downloader
	parts      *adapterkit.Parts
	buttons    *adapterkit.Buttons
	identities identities
	received   *adapterkit.Cache[chat.MessageID] // the last message of a thread's user
}

// New returns an adapter for the configuration. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{
		config:   config,
		webhook:  meta.Webhook{Object: "whatsapp_business_account", VerifyToken: config.VerifyToken, AppSecret: config.AppSecret},
		received: adapterkit.NewCache[chat.MessageID](maxRemembered, 24*time.Hour),
	}
	calls := meta.ClientConfig{
		Adapter: adapterName, BaseURL: config.APIURL + "/" + config.APIVersion + "/", Token: config.AccessToken,
		HTTPClient: config.HTTPClient, Refused: refused,
	}
	var err error
	if a.client, err = meta.NewClient(calls); err != nil {
		return nil, err
	}
	calls.Timeout = uploadTimeout
	if a.uploads, err = meta.NewClient(calls); err != nil {
		return nil, err
	}
	downloads := platform.DownloaderConfig{Adapter: adapterName, Hosts: meta.FileHosts, HTTPClient: config.HTTPClient}
	if config.APIURL != meta.GraphURL {
		downloads.Origins = []string{config.APIURL}
	}
	a.files, err = platform.NewDownloader(downloads)
	return a, err
}

// Name returns "whatsapp".
func (a *Adapter) Name() string { return adapterName }

// Attach gives the adapter its bot. [chat.New] calls it.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	a.identities = newIdentities(host)
	var err error
	a.buttons, err = adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: adapterName, Limit: maxRowID, Format: adapterkit.JSONButtons})
	return err
}

// KeepsHistory returns true: WhatsApp gives no history.
func (a *Adapter) KeepsHistory() bool { return true }

// LockScope returns [chat.ScopeChannel], as in the TypeScript SDK. A thread and its
// channel are the same conversation.
func (a *Adapter) LockScope() chat.LockScope { return chat.ScopeChannel }

// OpenDM returns the conversation of the first phone number with a user. It makes no
// call. Until the user has written, WhatsApp sends only templates: see
// [Adapter.SendTemplate]. For an id that is not a user's it returns
// [chat.ErrInvalidArgument].
func (a *Adapter) OpenDM(ctx context.Context, id chat.UserID) (chat.ThreadID, error) {
	if !a.IsUserID(id) {
		return "", fmt.Errorf("%w: whatsapp: user id %q, want a phone number in digits or a business-scoped user id", chat.ErrInvalidArgument, id)
	}
	number := a.config.PhoneNumberIDs[0]
	user, err := a.identities.known(ctx, number, string(id))
	if err != nil {
		return "", err
	}
	return place{number, user}.threadID(), nil
}

// ServeHTTP takes the webhooks of WhatsApp. It answers 200 when everything in the
// delivery is stored. A program serves the bot, which calls ServeHTTP.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.webhook.Take(w, r, a.log, a.takeEntry)
}
