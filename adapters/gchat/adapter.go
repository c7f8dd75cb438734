package gchat

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"golang.org/x/oauth2"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "gchat"

var (
	_ chat.Adapter             = (*Adapter)(nil)
	_ chat.Runner              = (*Adapter)(nil)
	_ chat.Closer              = (*Adapter)(nil)
	_ chat.EditPacer           = (*Adapter)(nil)
	_ chat.EphemeralPoster     = (*Adapter)(nil)
	_ chat.ChannelPoster       = (*Adapter)(nil)
	_ chat.Reactor             = (*Adapter)(nil)
	_ chat.DirectMessenger     = (*Adapter)(nil)
	_ chat.ModalOpener         = (*Adapter)(nil)
	_ chat.UserFinder          = (*Adapter)(nil)
	_ chat.UserIDChecker       = (*Adapter)(nil)
	_ chat.ChannelFinder       = (*Adapter)(nil)
	_ chat.MessageFetcher      = (*Adapter)(nil)
	_ chat.ChannelFetcher      = (*Adapter)(nil)
	_ chat.AttachmentFetcher   = (*Adapter)(nil)
	_ chat.SubscriptionWatcher = (*Adapter)(nil)
)

// Adapter connects a bot to Google Chat. It is safe for concurrent use.
type Adapter struct {
	config Config
	host   chat.Host
	log    *slog.Logger

	background  context.Context //nolint:containedctx // Reason: what renews keys and tokens ends with Close, not with a call.
	stop        context.CancelFunc
	tokenClient *http.Client
	tokens      tokens
	client      *platform.Client
	uploads     *platform.Client // with more time
	events      *platform.Client // the Workspace Events API
	files       *platform.Downloader
	keys        *adapterkit.Lookup[keyfunc.Keyfunc]
	parts       *adapterkit.Parts
	spaces      *adapterkit.Lookup[space]
	users       *adapterkit.Lookup[kept]
	self        *adapterkit.Lookup[string] // the app's own user
	known       *adapterkit.Cache[kept]    // users, as they were last heard of
	kinds       *adapterkit.Cache[bool]    // whether spaces are direct conversations
	refused     *adapterkit.Cache[bool]    // spaces whose subscription was refused
	pace        *pacer
	waiting     waiters // webhooks whose answer can open a dialog
}

const (
	// maxRemembered bounds what one process remembers of each kind.
	maxRemembered = 10_000
	lookupTimeout = 5 * time.Second
	userTTL       = 7 * 24 * time.Hour
	// uploadTimeout bounds a call that sends a file of up to 200 MB.
	uploadTimeout = 5 * time.Minute
	// eventsURL is where the Workspace Events API is.
	eventsURL = "https://workspaceevents.googleapis.com/"
)

// fileHosts are the hosts to which a download may be redirected.
var fileHosts = []string{"chat.googleapis.com", ".googleusercontent.com"}

// New returns an adapter for the configuration. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{
		config: config, pace: newPacer(), known: adapterkit.NewCache[kept](maxRemembered, userTTL), kinds: adapterkit.NewCache[bool](maxRemembered, userTTL),
		refused: adapterkit.NewCache[bool](maxRemembered, refusedPause),
		tokens:  tokens{sources: map[string]oauth2.TokenSource{}},
	}
	a.background, a.stop = context.WithCancel(context.Background())
	a.tokenClient = &http.Client{Timeout: tokenTimeout}
	if config.HTTPClient != nil {
		a.tokenClient.Transport = config.HTTPClient.Transport
	}
	var err error
	calls := platform.ClientConfig{Adapter: adapterName, BaseURL: config.APIURL + "/", HTTPClient: config.HTTPClient, Refused: refused}
	if a.client, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	uploads := calls
	uploads.Timeout = uploadTimeout
	if a.uploads, err = platform.NewClient(uploads); err != nil {
		return nil, err
	}
	calls.BaseURL = eventsURL
	if a.events, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	a.files, err = platform.NewDownloader(platform.DownloaderConfig{Adapter: adapterName, Hosts: fileHosts, Origins: []string{config.APIURL}, HTTPClient: config.HTTPClient})
	return a, err
}

// Name returns "gchat".
func (a *Adapter) Name() string { return adapterName }

// Attach gives the adapter its bot. [chat.New] calls it.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	a.keys = adapterkit.NewLookup[keyfunc.Keyfunc](host, adapterkit.LookupConfig{InProcess: true, Recent: keysForever, Timeout: 2 * keysTimeout})
	a.spaces = adapterkit.NewLookup[space](host, adapterkit.LookupConfig{Prefix: "gchat:space:", Timeout: lookupTimeout})
	a.users = adapterkit.NewLookup[kept](host, adapterkit.LookupConfig{Prefix: "gchat:user:", TTL: userTTL, Timeout: lookupTimeout})
	a.self = adapterkit.NewLookup[string](host, adapterkit.LookupConfig{Prefix: "gchat:", TTL: keysForever, Timeout: lookupTimeout})
	return nil
}

// Close stops the renewal of keys and tokens. It returns nil.
func (a *Adapter) Close(context.Context) error {
	a.stop()
	return nil
}

// EditInterval returns the time between two edits of a message that is streamed: 2 s. A
// space takes 60 writes a minute, and other posts need some of them.
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return 2 * time.Second }
