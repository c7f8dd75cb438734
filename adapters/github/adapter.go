package github

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	gh "github.com/google/go-github/v92/github"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "github"

var (
	_ chat.Adapter         = (*Adapter)(nil)
	_ chat.Runner          = (*Adapter)(nil)
	_ chat.Streamer        = (*Adapter)(nil)
	_ chat.EditPacer       = (*Adapter)(nil)
	_ chat.Replier         = (*Adapter)(nil)
	_ chat.Reactor         = (*Adapter)(nil)
	_ chat.MessageFetcher  = (*Adapter)(nil)
	_ chat.ChannelFetcher  = (*Adapter)(nil)
	_ chat.ChannelFinder   = (*Adapter)(nil)
	_ chat.SubjectFetcher  = (*Adapter)(nil)
	_ chat.UserFinder      = (*Adapter)(nil)
	_ chat.UserIDChecker   = (*Adapter)(nil)
	_ chat.Permalinker     = (*Adapter)(nil)
	_ chat.TypeScriptNamer = (*Adapter)(nil)
)

// Adapter connects a bot to GitHub. It is safe for concurrent use.
type Adapter struct {
	config    Config
	signature webhook.HMAC
	transport http.RoundTripper
	timeout   time.Duration
	host      chat.Host
	log       *slog.Logger

	root          *gh.Client                      // for the token, or for the App itself
	clients       *adapterkit.Cache[*gh.Client]   // by installation
	installations *adapterkit.Lookup[int64]       // by repository
	self          *adapterkit.Lookup[identity]    // the bot's own
	users         *adapterkit.Lookup[chat.User]   // by id
	comments      *adapterkit.Lookup[commentNode] // comments of discussions, by number
	discussions   *adapterkit.Lookup[string]      // node ids of discussions
	parts         *adapterkit.Parts
}

const (
	callTimeout = 30 * time.Second
	// lookupTimeout is the limit for a look-up while a webhook waits. GitHub waits ten
	// seconds for its answer. https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
	lookupTimeout = 5 * time.Second
	// maxClients is for how many installations one process keeps a token.
	maxClients = 1000
	// kept is how long values that never change are kept in the state.
	kept = 30 * 24 * time.Hour
)

// New returns an adapter for the configuration. It does no I/O. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{
		config: config, signature: webhook.HMAC{Secrets: []string{config.WebhookSecret}, Prefix: "sha256="},
		transport: http.DefaultTransport, timeout: callTimeout,
		clients: adapterkit.NewCache[*gh.Client](maxClients, time.Hour),
	}
	if c := config.HTTPClient; c != nil {
		a.timeout = cmp.Or(c.Timeout, a.timeout)
		if c.Transport != nil {
			a.transport = c.Transport
		}
	}
	a.transport = fullAnswers{a.transport}
	var err error
	a.root, err = a.newRoot()
	return a, err
}

// Name returns "github".
func (a *Adapter) Name() string { return adapterName }

// Attach gives the adapter its bot. [chat.New] calls it, once.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	lookup := func(of string, ttl time.Duration) adapterkit.LookupConfig {
		return adapterkit.LookupConfig{Prefix: adapterName + ":" + of + ":", TTL: ttl, Timeout: lookupTimeout}
	}
	a.installations = adapterkit.NewLookup[int64](host, lookup("install", kept))
	a.self = adapterkit.NewLookup[identity](host, lookup("self", 0))
	a.users = adapterkit.NewLookup[chat.User](host, lookup("user", 0))
	a.comments = adapterkit.NewLookup[commentNode](host, lookup("comment", kept))
	a.discussions = adapterkit.NewLookup[string](host, lookup("discussion", kept))
	return nil
}

// EditInterval returns the time between two edits of a comment: eight seconds. GitHub
// allows a bot 80 requests a minute and 500 an hour that create content.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return 8 * time.Second }
