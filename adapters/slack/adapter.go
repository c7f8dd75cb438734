package slack

import (
	"log/slog"
	"sync/atomic"
	"time"

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
	keys   keyring
	host   chat.Host
	log    *slog.Logger

	installations *cache[*Installation] // by the id that they are stored under
	rotation      *rotation
	origins       *cache[origin] // by channel or user
	identities    *cache[found[identity]]
	users         *cache[found[userInfo]]    // by the key in the state
	channels      *cache[found[channelName]] // likewise
	threads       *cache[string]             // by "{channel}:{ts}", the thread's ts
	userTeams     *cache[string]             // by the key in the state
	unfinished    *cache[unfinished]         // by the page that is being read

	connected  atomic.Bool // the state was connected once
	restricted atomic.Bool // Slack gives few messages of the history at a time
}

// New returns an adapter for the configuration. It returns
// [chat.ErrInvalidConfig] with the name of the field that is missing or wrong.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	keys, err := newKeyring(config.EncryptionKeys)
	if err != nil {
		return nil, err
	}
	config.setDefaults()
	return &Adapter{
		config:        config,
		keys:          keys,
		installations: newCache[*Installation](maxCached, installationTTL),
		rotation:      newRotation(),
		origins:       newCache[origin](maxCached, originTTL),
		identities:    newCache[found[identity]](maxCached, recentTTL),
		users:         newCache[found[userInfo]](maxCached, recentTTL),
		channels:      newCache[found[channelName]](maxCached, recentTTL),
		threads:       newCache[string](maxCached, threadTTL),
		userTeams:     newCache[string](maxCached, userTeamTTL),
		unfinished:    newCache[unfinished](maxUnfinished, unfinishedTTL),
	}, nil
}

// Name returns "slack".
func (a *Adapter) Name() string { return adapterName }

// Attach hands the adapter its bot.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	return nil
}
