package telegram

import (
	"log/slog"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const adapterName = "telegram"

var (
	_ chat.Adapter           = (*Adapter)(nil)
	_ chat.Runner            = (*Adapter)(nil)
	_ chat.EditPacer         = (*Adapter)(nil)
	_ chat.Drafter           = (*Adapter)(nil)
	_ chat.Replier           = (*Adapter)(nil)
	_ chat.Typer             = (*Adapter)(nil)
	_ chat.Reactor           = (*Adapter)(nil)
	_ chat.DirectMessenger   = (*Adapter)(nil)
	_ chat.UserFinder        = (*Adapter)(nil)
	_ chat.UserIDChecker     = (*Adapter)(nil)
	_ chat.ChannelFinder     = (*Adapter)(nil)
	_ chat.AttachmentFetcher = (*Adapter)(nil)
	_ chat.Permalinker       = (*Adapter)(nil)
	_ chat.LinkResolver      = (*Adapter)(nil)
	_ chat.HistoryKeeper     = (*Adapter)(nil)
	_ chat.LockScoper        = (*Adapter)(nil)
)

// Adapter connects a bot to Telegram. It is safe for concurrent use.
type Adapter struct {
	config  Config
	id      string // the bot's own user id: the part of the token before ":"
	allowed map[chat.UserID]bool
	host    chat.Host
	log     *slog.Logger

	client      *platform.Client
	uploads     *platform.Client // with a longer timeout
	files       *platform.Downloader
	parts       *adapterkit.Parts
	buttons     *adapterkit.Buttons
	self        *adapterkit.Lookup[user]     // the bot
	chats       *adapterkit.Lookup[fullChat] // by id
	connections *adapterkit.Lookup[businessConnection]
	migrated    *adapterkit.Cache[string] // by the number of a group, that of the supergroup it became
	topics      *adapterkit.Cache[string] // by message id, its topic
	pace        pacer                     // for edits and drafts
}

const (
	// maxRemembered is how many entries each in-process cache has.
	maxRemembered = 10_000
	// uploadTimeout bounds a call that sends a file of up to 50 MB.
	uploadTimeout = 5 * time.Minute
)

// New returns an adapter for the configuration. It does no I/O. Its errors are
// [chat.ErrInvalidConfig] and name the field.
func New(config Config) (*Adapter, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{
		config:   config,
		allowed:  map[chat.UserID]bool{},
		migrated: adapterkit.NewCache[string](maxRemembered, 24*time.Hour),
		topics:   adapterkit.NewCache[string](maxRemembered, 24*time.Hour),
	}
	a.id, _, _ = strings.Cut(config.BotToken, ":")
	for _, id := range config.AllowedUserIDs {
		a.allowed[id] = true
	}
	calls := platform.ClientConfig{
		Adapter: adapterName, BaseURL: config.APIURL + "/bot" + config.BotToken + "/", HTTPClient: config.HTTPClient,
		Secrets: []string{config.BotToken}, Refused: refused,
	}
	var err error
	if a.client, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	calls.Timeout = uploadTimeout
	if a.uploads, err = platform.NewClient(calls); err != nil {
		return nil, err
	}
	a.files, err = platform.NewDownloader(platform.DownloaderConfig{Adapter: adapterName, Origins: []string{config.APIURL}, HTTPClient: config.HTTPClient})
	return a, err
}

// Name returns "telegram".
func (a *Adapter) Name() string { return adapterName }

// Attach gives the adapter its bot. [chat.New] calls it, once.
func (a *Adapter) Attach(host chat.Host) error {
	a.host, a.log = host, host.Logger()
	a.parts = adapterkit.NewParts(host, adapterkit.PartsConfig{Adapter: adapterName})
	a.self = adapterkit.NewLookup[user](host, adapterkit.LookupConfig{Prefix: "telegram:self:", Timeout: lookupTimeout})
	a.chats = adapterkit.NewLookup[fullChat](host, adapterkit.LookupConfig{Prefix: "telegram:chat:", Timeout: lookupTimeout})
	a.connections = adapterkit.NewLookup[businessConnection](host, adapterkit.LookupConfig{Prefix: "telegram:business-connection:", TTL: businessTTL, Timeout: lookupTimeout})
	var err error
	a.buttons, err = adapterkit.NewButtons(host, adapterkit.ButtonsConfig{Adapter: adapterName, Limit: maxCallbackData, Format: adapterkit.JSONButtons})
	return err
}

// KeepsHistory returns true: Telegram gives bots no history.
func (a *Adapter) KeepsHistory() bool { return true }

// LockScope returns [chat.ScopeChannel], as in the TypeScript SDK: the handlers of all
// topics of a chat run one after the other.
func (a *Adapter) LockScope() chat.LockScope { return chat.ScopeChannel }

// EditInterval returns the time between two edits of a message, as in the TypeScript
// SDK: 1.1 seconds in a private chat, and 3.1 seconds in others, where Telegram accepts
// 20 messages a minute.
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
func (a *Adapter) EditInterval(thread chat.ThreadID) time.Duration {
	if ref, err := a.DecodeThreadID(thread); err == nil && ref.DM {
		return 1100 * time.Millisecond
	}
	return 3100 * time.Millisecond
}
