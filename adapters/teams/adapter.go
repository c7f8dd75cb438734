package teams

import (
	"crypto/rsa"
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "teams"

var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Streamer          = (*Adapter)(nil)
	_ chat.EditPacer         = (*Adapter)(nil)
	_ chat.EphemeralPoster   = (*Adapter)(nil)
	_ chat.ModalOpener       = (*Adapter)(nil)
	_ chat.ChannelPoster     = (*Adapter)(nil)
	_ chat.Typer             = (*Adapter)(nil)
	_ chat.Reactor           = (*Adapter)(nil)
	_ chat.DirectMessenger   = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.UserFinder        = (*Adapter)(nil)
	_ chat.ChannelFinder     = (*Adapter)(nil)
	_ chat.MessageFetcher    = (*Adapter)(nil)
	_ chat.ChannelFetcher    = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
	_ chat.TypeScriptNamer   = (*Adapter)(nil)
)

// Adapter connects a bot to Microsoft Teams. It is safe for concurrent use.
type Adapter struct {
	config Config
	cloud  endpoints
	host   chat.Host
	log    *slog.Logger

	certificate    *x509.Certificate
	certificateKey *rsa.PrivateKey
	secrets        []string

	keys  *keySet
	login *platform.Client

	graphClient *platform.Client
	files       *platform.Downloader

	tokens  *tokens
	clients *adapterkit.Cache[*platform.Client] // by service URL
	parts   *adapterkit.Parts
	known   *known
	dialogs *dialogs
}

// New returns an adapter for the configuration. It does no I/O. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{
		config: config, cloud: clouds[config.Cloud], secrets: nonEmpty(config.AppPassword),
		clients: adapterkit.NewCache[*platform.Client](maxClients, 24*time.Hour),
	}
	a.keys = &keySet{metadata: a.cloud.metadata, http: config.HTTPClient}
	a.tokens = &tokens{fetch: a.fetchToken, kept: map[grant]accessToken{}, flights: map[grant]*tokenFlight{}}
	if config.Certificate != (Certificate{}) {
		var err error
		if a.certificate, a.certificateKey, err = config.Certificate.parse(); err != nil {
			return nil, err
		}
	}
	var err error
	a.login, err = platform.NewClient(platform.ClientConfig{
		Adapter: adapterName, BaseURL: a.cloud.login, HTTPClient: config.HTTPClient, Secrets: a.secrets, Refused: refusedToken,
	})
	if err != nil {
		return nil, err
	}
	a.graphClient, err = platform.NewClient(platform.ClientConfig{
		Adapter: adapterName, BaseURL: a.cloud.graph + "v1.0/", HTTPClient: config.HTTPClient, Secrets: a.secrets, Refused: refused,
	})
	if err != nil {
		return nil, err
	}
	a.files, err = a.newDownloader()
	return a, err
}

// Name returns "teams".
func (a *Adapter) Name() string { return adapterName }

// Attach gives the adapter its bot. [chat.New] calls it, once.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	a.known = newKnown(host)
	a.dialogs = &dialogs{state: host.State, waiting: map[string]chan struct{}{}}
	return nil
}

// EditInterval returns the time between two edits of a message: 1.5 seconds. Teams allows 7
// calls a second and 60 in 30 seconds in a conversation.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return 1500 * time.Millisecond }
