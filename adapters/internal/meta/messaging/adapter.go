package messaging

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Config says how a platform differs. The adapters have checked what it has of their own.
type Config struct {
	// Name is the adapter's name. Required.
	Name string
	// Object is what webhooks are about: "page" or "instagram". Required.
	Object string
	// AppSecret signs webhooks, VerifyToken is repeated when they are set up, and Token
	// authorizes calls. Required.
	AppSecret, VerifyToken, Token string
	// APIURL is the address of the Graph API, and Version a version of it, such as
	// "v25.0". Required.
	APIURL, Version string
	// Account is the id of the page or account, whose entries alone are taken. Default:
	// those of all are.
	Account string
	// AccountInIDs says that threads are "{name}:{account}:{user}", and calls go to
	// the account by its id. It needs an Account. Default: threads are "{name}:{user}".
	AccountInIDs bool
	// MaxText is how long a text may be, as Unit counts. Required.
	MaxText int
	Unit    format.Unit
	// Kind returns as what a file with the media type is sent: "image", "video", "audio"
	// or "file"; empty if it is not taken. Required.
	Kind func(mediaType string) string
	// Reaction returns an emoji as the platform takes it as a reaction. Default: it is
	// taken as it is.
	Reaction func(unicode string) string
	// UserFields are what is asked about a user. Required.
	UserFields string
	// HTTPClient makes the calls. Default: a client of its own.
	HTTPClient *http.Client
}

// Adapter connects a bot to the platform. It is safe for concurrent use.
type Adapter struct {
	cfg     Config
	threads adapterkit.IDFormat[chat.ThreadID]
	webhook meta.Webhook

	client  *platform.Client
	uploads *platform.Client // with more time
	files   *platform.Downloader

	host    chat.Host
	log     *slog.Logger
	parts   *adapterkit.Parts
	buttons *adapterkit.Buttons
	users   *adapterkit.Lookup[user]
}

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

const (
	// uploadTimeout bounds a call that sends a file of up to 25 MB.
	uploadTimeout = 5 * time.Minute
	lookupTimeout = 5 * time.Second
)

// New returns an adapter. Its errors are [chat.ErrInvalidConfig].
func New(cfg Config) (*Adapter, error) {
	a := &Adapter{
		cfg:     cfg,
		threads: threadFormat(&cfg),
		webhook: meta.Webhook{Object: cfg.Object, VerifyToken: cfg.VerifyToken, AppSecret: cfg.AppSecret},
	}
	calls := meta.ClientConfig{
		Adapter: cfg.Name, BaseURL: strings.TrimRight(cfg.APIURL, "/") + "/" + cfg.Version + "/", Token: cfg.Token, HTTPClient: cfg.HTTPClient, Refused: refused,
	}
	var err error
	if a.client, err = meta.NewClient(calls); err != nil {
		return nil, err
	}
	calls.Timeout = uploadTimeout
	if a.uploads, err = meta.NewClient(calls); err != nil {
		return nil, err
	}
	a.files, err = platform.NewDownloader(platform.DownloaderConfig{Adapter: cfg.Name, Hosts: meta.FileHosts, HTTPClient: cfg.HTTPClient})
	return a, err
}

// Name returns the adapter's name.
func (a *Adapter) Name() string { return a.cfg.Name }

// Attach hands the adapter its bot.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: a.cfg.Name})
	a.users = adapterkit.NewLookup[user](host, adapterkit.LookupConfig{Prefix: a.cfg.Name + ":user:", Timeout: lookupTimeout})
	var err error
	a.buttons, err = adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: a.cfg.Name, Limit: maxPayload, Format: adapterkit.JSONButtons})
	return err
}

// KeepsHistory returns true: the bot keeps the history.
func (a *Adapter) KeepsHistory() bool { return true }
