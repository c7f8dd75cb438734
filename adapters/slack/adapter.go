package slack

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// adapterName is the first part of thread ids and the last of the webhook's path.
const adapterName = "slack"

// The adapter, and what it can do on the way in.
var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Runner            = (*Adapter)(nil)
	_ chat.UserFinder        = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.ChannelFinder     = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
)

const (
	// threadTTL is how long a message's thread is kept in this process, for reactions.
	threadTTL = time.Hour
	// userTeamTTL is how long the workspace of a user is.
	userTeamTTL = time.Hour
)

// Adapter connects a bot to Slack, with one app in one workspace or in many. It
// is safe for concurrent use.
type Adapter struct {
	config Config
	keys   *credential.Keyring
	host   chat.Host
	markup markup
	log    *slog.Logger

	files         *platform.Downloader
	buttons       *adapterkit.Buttons
	parts         *adapterkit.Parts
	installations *adapterkit.Cache[*Installation]         // by the id that they are stored under
	kept          *credential.Installations[*Installation] // those in the state
	installer     *credential.Installer                    // nil without a ClientID
	origins       *adapterkit.Cache[origin]                // by channel or user
	identities    *adapterkit.Lookup[identity]
	users         *adapterkit.Lookup[userInfo]
	channels      *adapterkit.Lookup[channelName]
	channelInfos  *adapterkit.Cache[chat.ChannelInfo] // by the key of channels
	threads       *adapterkit.Cache[string]           // by "{channel}:{ts}", the thread's ts
	userTeams     *adapterkit.Cache[string]           // by the key in the state
	unfinished    *adapterkit.Cache[unfinished]       // by the page that is being read

	restricted atomic.Bool // Slack gives few messages of the history at a time
}

// New returns an adapter for the configuration. It returns
// [chat.ErrInvalidConfig] with the name of the field that is missing or wrong.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	keys, err := credential.ParseKeyring("slack: EncryptionKeys", config.EncryptionKeys...)
	if err != nil {
		return nil, err
	}
	config.setDefaults()
	files, err := platform.NewDownloader(platform.DownloaderConfig{
		Adapter: adapterName, Hosts: fileHosts, Origins: []string{config.APIURL}, HTTPClient: config.HTTPClient,
	})
	if err != nil {
		return nil, err
	}
	return &Adapter{
		config:        config,
		keys:          keys,
		files:         files,
		installations: adapterkit.NewCache[*Installation](maxCached, installationTTL),
		origins:       adapterkit.NewCache[origin](maxCached, originTTL),
		channelInfos:  adapterkit.NewCache[chat.ChannelInfo](maxCached, channelInfoTTL),
		threads:       adapterkit.NewCache[string](maxCached, threadTTL),
		userTeams:     adapterkit.NewCache[string](maxCached, userTeamTTL),
		unfinished:    adapterkit.NewCache[unfinished](maxUnfinished, unfinishedTTL),
	}, nil
}

// Name returns "slack".
func (a *Adapter) Name() string { return adapterName }

// Attach hands the adapter its bot.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log, a.markup = host, host.Logger(), newMarkup(host.Emoji())
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName, CleanUp: finishTimeout})
	a.identities = adapterkit.NewLookup[identity](host, adapterkit.LookupConfig{InProcess: true})
	a.users, a.channels = newLookups(host)
	a.kept = a.keepInstallations(host)
	var err error
	if a.buttons, err = adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: adapterName, Limit: maxActionID}); err != nil {
		return err
	}
	if a.config.ClientID != "" {
		a.installer, err = a.newInstaller(host)
	}
	return err
}
