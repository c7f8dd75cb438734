package discord

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/url"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "discord"

var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Runner            = (*Adapter)(nil)
	_ chat.Closer            = (*Adapter)(nil)
	_ chat.EditPacer         = (*Adapter)(nil)
	_ chat.Replier           = (*Adapter)(nil)
	_ chat.EphemeralPoster   = (*Adapter)(nil)
	_ chat.ChannelPoster     = (*Adapter)(nil)
	_ chat.Typer             = (*Adapter)(nil)
	_ chat.Reactor           = (*Adapter)(nil)
	_ chat.DirectMessenger   = (*Adapter)(nil)
	_ chat.ModalOpener       = (*Adapter)(nil)
	_ chat.UserFinder        = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.ChannelFinder     = (*Adapter)(nil)
	_ chat.MessageFetcher    = (*Adapter)(nil)
	_ chat.ChannelFetcher    = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
	_ chat.Permalinker       = (*Adapter)(nil)
	_ chat.LinkResolver      = (*Adapter)(nil)
)

// Adapter connects a bot to Discord. It is safe for concurrent use.
type Adapter struct {
	config Config
	key    ed25519.PublicKey // nil if interactions by webhook are refused
	host   chat.Host
	log    *slog.Logger

	client   *platform.Client // with the bot's token
	uploads  *platform.Client // with the bot's token and a longer timeout
	hooks    *platform.Client // for calls whose path has the token of an interaction
	limits   rateLimits
	files    *platform.Downloader
	parts    *adapterkit.Parts
	buttons  *adapterkit.Buttons
	channels *adapterkit.Lookup[channel]
	roles    *adapterkit.Lookup[[]string] // the bot's roles, by server

	waiting    waiters
	background *background
}

const (
	// uploadTimeout bounds a call that sends files.
	uploadTimeout = 5 * time.Minute
	// lookupTimeout is the limit for a look-up while an event waits.
	lookupTimeout = 2 * time.Second
)

// New returns an adapter for the configuration. It does no I/O. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	key, err := config.validate()
	if err != nil {
		return nil, err
	}
	a := &Adapter{config: config, key: key, background: newBackground()}
	calls := platform.ClientConfig{
		Adapter: adapterName, BaseURL: config.APIURL + "/", HTTPClient: config.HTTPClient, Secrets: []string{config.BotToken}, Refused: refused,
	}
	if a.hooks, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	calls.Authorization = "Bot " + config.BotToken
	if a.client, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	calls.Timeout = uploadTimeout
	if a.uploads, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	download := platform.DownloaderConfig{Adapter: adapterName, Hosts: fileHosts, HTTPClient: config.HTTPClient}
	if u, err := url.Parse(config.APIURL); err == nil && config.APIURL != DefaultAPIURL {
		download.Origins = []string{u.Scheme + "://" + u.Host} // a proxy also serves files
	}
	a.files, err = platform.NewDownloader(download)
	return a, err
}

// Name returns "discord".
func (a *Adapter) Name() string { return adapterName }

// Attach gives the adapter its bot. [chat.New] calls it, once.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	a.channels = adapterkit.NewLookup[channel](host, adapterkit.LookupConfig{Prefix: "discord:channel:", Timeout: lookupTimeout})
	a.roles = adapterkit.NewLookup[[]string](host, adapterkit.LookupConfig{Prefix: "discord:roles:", Timeout: lookupTimeout})
	var err error
	a.buttons, err = adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: adapterName, Limit: maxCustomID - len("9999|")})
	return err
}

// Close cancels the work that is still done for interactions, and waits for it until ctx
// ends. Then the error is ctx's.
func (a *Adapter) Close(ctx context.Context) error { return a.background.close(ctx) }

// EditInterval returns the time between two edits of a message: 1.2 seconds. Discord
// allows about five edits in five seconds in a channel, and its headers have the limit.
// https://docs.discord.com/developers/topics/rate-limits
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return 1200 * time.Millisecond }
