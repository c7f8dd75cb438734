package linear

import (
	"log/slog"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "linear"

var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Streamer          = (*Adapter)(nil)
	_ chat.EditPacer         = (*Adapter)(nil)
	_ chat.ChannelPoster     = (*Adapter)(nil)
	_ chat.Typer             = (*Adapter)(nil)
	_ chat.Reactor           = (*Adapter)(nil)
	_ chat.UserFinder        = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.ChannelFinder     = (*Adapter)(nil)
	_ chat.MessageFetcher    = (*Adapter)(nil)
	_ chat.ChannelFetcher    = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
	_ chat.Permalinker       = (*Adapter)(nil)
	_ chat.SubjectFetcher    = (*Adapter)(nil)
)

// Adapter connects a bot to Linear. It is safe for concurrent use.
type Adapter struct {
	config Config
	keys   *credential.Keyring
	host   chat.Host
	log    *slog.Logger

	client    *platform.Client
	api       string // the last part of the path in Config.APIURL
	files     *platform.Downloader
	kept      *credential.Installations[*Installation]
	installer *credential.Installer // nil without OAuth

	identities *adapterkit.Lookup[identity]    // the bot's user, by workspace
	workspaces *adapterkit.Lookup[string]      // the workspace, by issue or project
	comments   *adapterkit.Lookup[commentRoot] // the thread, by comment
}

const (
	lookupTimeout = 5 * time.Second
	uploadTimeout = 5 * time.Minute
	// workspaceTTL is how long the workspace of an issue is remembered after its last
	// webhook.
	workspaceTTL = 365 * 24 * time.Hour
	// uploadHost is the host of uploaded files. https://linear.app/developers/file-storage-authentication
	uploadHost = "uploads.linear.app"
)

// New returns an adapter for the configuration. It does no I/O. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	keys, err := config.validate()
	if err != nil {
		return nil, err
	}
	a := &Adapter{config: config, keys: keys}
	var secrets []string
	for _, secret := range []string{config.WebhookSecret, config.APIKey, config.AccessToken, config.ClientCredentials.ClientSecret, config.OAuth.ClientSecret} {
		if secret != "" {
			secrets = append(secrets, secret)
		}
	}
	api, _ := url.Parse(config.APIURL) // validate has parsed it
	base, name := path.Split(strings.TrimRight(config.APIURL, "/"))
	a.api = name
	a.client, err = platform.NewClient(platform.ClientConfig{
		Adapter: adapterName, BaseURL: base, HTTPClient: config.HTTPClient, Secrets: secrets, Refused: refused,
	})
	if err != nil {
		return nil, err
	}
	origins := []string{}
	if config.APIURL != DefaultAPIURL {
		origins = append(origins, api.Scheme+"://"+api.Host)
	}
	a.files, err = platform.NewDownloader(platform.DownloaderConfig{Adapter: adapterName, Hosts: []string{uploadHost}, Origins: origins, HTTPClient: config.HTTPClient})
	return a, err
}

// Name returns "linear".
func (a *Adapter) Name() string { return adapterName }

// Attach gives the adapter its bot. [chat.New] calls it, once.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.kept = a.keepInstallations(host)
	a.identities = adapterkit.NewLookup[identity](host, adapterkit.LookupConfig{Prefix: "linear:self:", Timeout: lookupTimeout})
	a.workspaces = adapterkit.NewLookup[string](host, adapterkit.LookupConfig{Prefix: "linear:organization:", TTL: workspaceTTL, Timeout: lookupTimeout})
	a.comments = adapterkit.NewLookup[commentRoot](host, adapterkit.LookupConfig{Prefix: "linear:comment:", Timeout: lookupTimeout})
	if a.config.OAuth.ClientID == "" {
		return nil
	}
	var err error
	a.installer, err = a.newInstaller(host)
	return err
}

// EditInterval returns the time between two edits of a comment: two seconds. Linear limits
// the calls of an hour. https://linear.app/developers/rate-limiting
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return 2 * time.Second }
