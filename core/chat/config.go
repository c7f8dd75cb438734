package chat

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/emoji"
	"github.com/chat-adapter/chat-go/core/state"
)

// Config describes a bot. State and at least one adapter are required; the zero
// value of every other field is its default.
type Config struct {
	// UserName is the bot's name; "@name" in a message mentions it. Required.
	UserName string
	// Adapters are the platforms. Required: at least one, with distinct names.
	Adapters []Adapter
	// State holds what must survive and be shared. Required. The bot connects it
	// and closes it.
	State state.Adapter
	// Logger receives the bot's log. Message text and credentials appear in it
	// at debug level only, if at all. Default slog.Default().
	Logger *slog.Logger
	// Observer is told of every step of a message. Default none.
	Observer Observer
	// Emoji has the emoji that texts and reactions may name, custom ones among them,
	// see [emoji.NewSet]. Default: the well-known emoji.
	Emoji *emoji.Set

	// Durability says what keeps a message until its handler has finished.
	// Default DurabilityInbox, which a state without the Inbox role can't give:
	// with such a state New fails unless this is DurabilityNone.
	Durability Durability
	// Concurrency says what happens to messages that overlap and belong to no
	// [Group]. Default: StrategyQueue with its defaults.
	Concurrency Concurrency
	// ConcurrencyFor chooses per message instead, for instance by adapter or
	// channel, unless the message belongs to a [Group]. It must answer the same for
	// all messages of one lock. Default: Concurrency for all.
	ConcurrencyFor func(*Message) Concurrency
	// Lock says what a message locks and for how long.
	Lock LockConfig
	// Retry says what happens to a message whose handler failed.
	Retry Retry
	// Storage says what the state keeps of messages and for how long.
	Storage StorageConfig
	// Limits bound what handlers and their calls may take.
	Limits LimitConfig

	// History bounds the history that is kept for platforms that have none.
	History HistoryConfig
	// Identity says which person an author is, whatever the platform: its answer
	// becomes [Message.UserKey]. Empty: not known. It is asked before a message's
	// handlers are called; its error is logged and means the same as empty.
	// Default none.
	Identity func(context.Context, IdentityQuery) (string, error)
	// Transcripts says what is kept of what a person and the bot say to each
	// other, on all platforms. Default: nothing.
	Transcripts TranscriptConfig

	// Streams says how streams are shown.
	Streams StreamConfig
	// Callbacks are the requests to the callback URLs of buttons and modals.
	Callbacks CallbackConfig
	// Webhook bounds the requests to ServeHTTP.
	Webhook WebhookConfig
}

// LockConfig says what a message locks while its handlers run, and for how long.
type LockConfig struct {
	// Scope says per message what is locked. Default: the adapter's scope, else
	// ScopeThread.
	Scope func(*Message) LockScope
	// TTL is how long a thread stays locked after its holder died. The lock is
	// renewed every third of it. Default 30 s, at least 1 s.
	TTL time.Duration
	// SweepInterval is how often this instance looks for messages that another
	// one left behind. A dead instance's messages are handled again within
	// TTL + SweepInterval. Default 10 s.
	SweepInterval time.Duration
}

// StorageConfig says what the state keeps of messages and for how long.
type StorageConfig struct {
	// MessageTTL is how long a message may wait for its handler. Default 24 h, or
	// 90 s with DurabilityNone.
	MessageTTL time.Duration
	// DedupeTTL is how long a handled message's id is remembered. Default 10 min.
	DedupeTTL time.Duration
	// DeadLetterTTL is how long a message that could not be handled is kept.
	// Default 30 days.
	DeadLetterTTL time.Duration
	// SharedWithTypeScript says that instances of the TypeScript SDK use the state as
	// well. A message that has another id there, as each of Slack's has
	// ([TypeScriptNamer]), is then claimed under both ids, so that it is handled once
	// although the platform tells either side of it. This costs two steps for each such
	// message. Default false.
	SharedWithTypeScript bool
	// DiscardRaw drops the platforms' payloads, [Message].Raw and [EventBase].Raw,
	// before anything is stored: handlers do not see them, and the state holds no
	// more than the bot understands. Default false: a payload waits in the state with
	// its message and is gone when that has been handled.
	DiscardRaw bool
}

// LimitConfig bounds what handlers and their calls may take.
type LimitConfig struct {
	// MaxTurn is how long one run of the handlers may take before it is
	// cancelled with ErrTurnTooLong. Default 10 min.
	MaxTurn time.Duration
	// MaxHandlers is how many threads are served at once by this instance; further
	// messages wait in the state. Default 512.
	MaxHandlers int
	// MaxBotAnswers is how many messages of other bots in a row are answered in a
	// thread: those for which the handlers have posted there, with no message of a
	// person in between and no hour of silence. Further ones are dropped, so that two
	// bots that answer each other come to an end. Default 10.
	MaxBotAnswers int
	// MaxAttachmentBytes bounds what [Attachment.Open] reads. Default 25 MiB.
	MaxAttachmentBytes int64
	// RateLimitWait bounds how long one call of a Thread or Channel waits in all for
	// a platform that limits the rate of calls and says for how long. Default 30 s.
	RateLimitWait time.Duration
	// ShutdownTimeout bounds how long Run waits for running handlers when its
	// context ends. Default 30 s.
	ShutdownTimeout time.Duration
}

// StreamConfig says how streams are shown.
type StreamConfig struct {
	// Interval is the least time between two edits of a message that grows, where
	// the platform does not say it. Default 500 ms.
	Interval time.Duration
	// Placeholder is shown, as Markdown, until a stream has its first text, where
	// the platform cannot show that by itself. Default none.
	Placeholder string
	// Break ends, as Markdown, a message whose stream has failed after its first
	// text, or whose model was cut off (FinishLength, FinishContentFilter), so that its
	// readers see that something is missing. Default " …".
	Break string
	// OmitBreak ends such a message with nothing. Default false.
	OmitBreak bool
}

// CallbackConfig describes the requests to the callback URLs of buttons and modals.
type CallbackConfig struct {
	// Secret signs what is posted to the URLs, in the headers of Standard Webhooks:
	// webhook-id, webhook-timestamp and webhook-signature. It is "whsec_" and the
	// base64 of 24 to 64 random bytes. Several, separated by spaces, all sign, so that
	// one can take the place of another. Default none: the requests are not signed.
	Secret string
	// Hosts are hosts ("hooks.internal", "localhost:8080") to which callback URLs may
	// lead although their address is private, or without TLS. Default none: callback
	// URLs are https URLs with public addresses.
	Hosts []string
}

// WebhookConfig bounds the requests to ServeHTTP.
type WebhookConfig struct {
	// MaxBodyBytes bounds the body of a webhook. Default 8 MiB.
	MaxBodyBytes int64
	// BodyTimeout bounds the time in which a webhook's body must arrive.
	// Default 30 s.
	BodyTimeout time.Duration
}

// Durability says what keeps a message until its handler has finished.
type Durability int

const (
	// DurabilityInbox stores a message before the webhook is answered and removes
	// it after its handler has finished: a crash loses nothing. It needs a state
	// with the [state.Inbox] role, its own or that of an adapter that it wraps, see
	// [state.As].
	DurabilityInbox Durability = iota
	// DurabilityNone keeps a message that is being handled in memory only, as the
	// TypeScript SDK does: a crash loses it.
	DurabilityNone
)

func (c *Config) setDefaults() {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	setDefault(&c.Emoji, emoji.Standard())
	setDefault(&c.Lock.TTL, 30*time.Second)
	setDefault(&c.Limits.MaxTurn, 10*time.Minute)
	setDefault(&c.Limits.MaxHandlers, 512)
	setDefault(&c.Limits.MaxBotAnswers, 10)
	setDefault(&c.Storage.DedupeTTL, 10*time.Minute)
	setDefault(&c.Lock.SweepInterval, 10*time.Second)
	setDefault(&c.Storage.DeadLetterTTL, 30*24*time.Hour)
	setDefault(&c.Limits.RateLimitWait, 30*time.Second)
	setDefault(&c.Streams.Interval, 500*time.Millisecond)
	setDefault(&c.Streams.Break, " …")
	if c.Streams.OmitBreak {
		c.Streams.Break = ""
	}
	setDefault(&c.Webhook.MaxBodyBytes, 8<<20)
	setDefault(&c.Limits.MaxAttachmentBytes, 25<<20)
	c.History.setDefaults()
	setDefault(&c.Webhook.BodyTimeout, 30*time.Second)
	setDefault(&c.Limits.ShutdownTimeout, 30*time.Second)
	setDefault(&c.Retry.MaxAttempts, 5)
	setDefault(&c.Retry.Backoff, time.Second)
	setDefault(&c.Retry.MaxBackoff, time.Minute)
	c.Concurrency.setDefaults()
	c.Storage.MessageTTL = c.messageTTL()
}

func (c *Config) messageTTL() time.Duration {
	switch {
	case c.Storage.MessageTTL != 0:
		return c.Storage.MessageTTL
	case c.Durability == DurabilityNone:
		return 90 * time.Second
	}
	return 24 * time.Hour
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// isNil reports whether the value is nil, or a nil pointer in an interface.
func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil()
}

func (c *Config) validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrInvalidConfig, fmt.Sprintf(format, args...))
	}
	switch {
	case strings.TrimSpace(c.UserName) == "":
		return bad("UserName is empty, want the bot's name")
	case strings.HasPrefix(c.UserName, "@"):
		return bad("UserName is %q, want the name without the @ of a mention", c.UserName)
	case strings.TrimSpace(c.UserName) != c.UserName:
		return bad("UserName is %q, want the name without space around it", c.UserName)
	}
	if isNil(c.State) {
		return bad("State is nil, want a state adapter, for instance from state.Open")
	}
	if len(c.Adapters) == 0 {
		return bad("Adapters is empty, want at least one platform adapter")
	}
	seen := map[string]bool{}
	for i, a := range c.Adapters {
		if isNil(a) {
			return bad("Adapters[%d] is nil, want a platform adapter: did its constructor fail?", i)
		}
		name := a.Name()
		switch {
		case name == "" || strings.ContainsAny(name, ":/ ") || name != strings.ToLower(name):
			return bad("Adapters[%d] has the name %q, want lower-case letters without colon, slash or space", i, name)
		case name == reservedName:
			return bad("Adapters[%d] has the reserved name %q", i, name)
		case seen[name]:
			return bad("Adapters[%d] has the name %q a second time", i, name)
		}
		seen[name] = true
	}
	if c.Durability < DurabilityInbox || c.Durability > DurabilityNone {
		return bad("Durability is %d, want one of the Durability constants", c.Durability)
	}
	if _, ok := state.As[state.Inbox](c.State); c.Durability == DurabilityInbox && !ok {
		return bad("State %T has no Inbox role, neither its own nor through a method Unwrap() state.Adapter, so a crash would lose messages: "+
			"use a state that has the role, or set Durability to DurabilityNone", c.State)
	}
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"Lock.TTL", c.Lock.TTL},
		{"Limits.MaxTurn", c.Limits.MaxTurn},
		{"Storage.DedupeTTL", c.Storage.DedupeTTL},
		{"Storage.MessageTTL", c.Storage.MessageTTL},
		{"Lock.SweepInterval", c.Lock.SweepInterval},
		{"Storage.DeadLetterTTL", c.Storage.DeadLetterTTL},
		{"Limits.RateLimitWait", c.Limits.RateLimitWait},
		{"Streams.Interval", c.Streams.Interval},
		{"Webhook.BodyTimeout", c.Webhook.BodyTimeout},
		{"Limits.ShutdownTimeout", c.Limits.ShutdownTimeout},
		{"Retry.Backoff", c.Retry.Backoff},
		{"Retry.MaxBackoff", c.Retry.MaxBackoff},
		{"History.TTL", c.History.TTL},
	} {
		if f.value < 0 {
			return bad("%s is %v, want 0 (the default) or more", f.name, f.value)
		}
	}
	if c.Lock.TTL > 0 && c.Lock.TTL < time.Second {
		return bad("Lock.TTL is %v, want at least 1s", c.Lock.TTL)
	}
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"Limits.MaxHandlers", int64(c.Limits.MaxHandlers)},
		{"Limits.MaxBotAnswers", int64(c.Limits.MaxBotAnswers)},
		{"Webhook.MaxBodyBytes", c.Webhook.MaxBodyBytes},
		{"Retry.MaxAttempts", int64(c.Retry.MaxAttempts)},
		{"History.MaxMessages", int64(c.History.MaxMessages)},
		{"Limits.MaxAttachmentBytes", c.Limits.MaxAttachmentBytes},
	} {
		if f.value < 0 {
			return bad("%s is %d, want 0 (the default) or more", f.name, f.value)
		}
	}
	if c.Streams.OmitBreak && c.Streams.Break != "" {
		return bad("Streams.OmitBreak is set, and Streams.Break too, want one of them")
	}
	if err := c.Transcripts.validate(c.Identity != nil); err != nil {
		return bad("Transcripts.%v", err)
	}
	if err := c.Concurrency.validate(c.messageTTL()); err != nil {
		return bad("Concurrency.%v", err)
	}
	return nil
}
