package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Config describes the adapter. The zero value works: each browser is a user of
// its own.
type Config struct {
	// User says who sent a request. It is the whole security boundary: whoever it
	// names sees and continues that user's conversations, and nobody else's. An
	// error answers 401, or 503 if it is [chat.ErrTemporary]. Author.UserID is required; it may hold any character and
	// at most 256 bytes. Author.UserName defaults to it. Default: a random id in a
	// cookie, which knows a browser and not a person.
	User func(r *http.Request) (chat.Author, error)

	// AllowedOrigins are other origins whose pages may use the endpoint, with the
	// user's cookies, like "https://app.example.com" or "http://localhost:3000": a
	// scheme, a host, and a port if it is not the scheme's own. They act as the user,
	// so there is no wildcard. The default cookie of User goes along within one site
	// only, whatever the ports; pages of other sites need a User of the program's
	// own. Default: only the origin that serves the endpoint.
	AllowedOrigins []string

	// Title is the name at the top of the page. Default: the bot's UserName.
	Title string
	// Greeting is what the page shows in a conversation without messages. It is
	// plain text. Default "How can I help?".
	Greeting string

	// MaxText bounds the text of one message from a user, in bytes.
	// Default 32 KiB.
	MaxText int
	// MaxFile bounds a file, in bytes. The state keeps its content for 30 days.
	// Default 1 MiB.
	MaxFile int
	// UserFiles lets users send pictures and other files with a message, up to 10 of
	// MaxFile bytes each. They come in base64, which takes a third more, so the bot's
	// Config.Webhook.MaxBodyBytes bounds a message with its files. Default false: a
	// message with a file is refused.
	UserFiles bool
	// PollInterval is how often an open page looks for what other instances
	// posted; a conversation in which nothing happens is looked at five times as
	// rarely. What this instance posts is shown at once. Default 1 s.
	PollInterval time.Duration
}

const (
	defaultGreeting     = "How can I help?"
	defaultMaxText      = 32 << 10
	defaultMaxFile      = 1 << 20
	defaultPollInterval = time.Second
	minPollInterval     = 10 * time.Millisecond
)

func (c *Config) setDefaults() {
	if c.Greeting == "" {
		c.Greeting = defaultGreeting
	}
	if c.MaxText == 0 {
		c.MaxText = defaultMaxText
	}
	if c.MaxFile == 0 {
		c.MaxFile = defaultMaxFile
	}
	if c.PollInterval == 0 {
		c.PollInterval = defaultPollInterval
	}
}

func (c *Config) validate() error {
	for i, origin := range c.AllowedOrigins {
		if !isOrigin(origin) {
			return fmt.Errorf("%w: web: AllowedOrigins[%d] is %q, want a scheme and a host like \"https://app.example.com\", without a path or a wildcard",
				chat.ErrInvalidConfig, i, origin)
		}
	}
	if c.MaxText < 0 {
		return fmt.Errorf("%w: web: MaxText is %d, want 0 (the default) or more", chat.ErrInvalidConfig, c.MaxText)
	}
	if c.MaxFile < 0 {
		return fmt.Errorf("%w: web: MaxFile is %d, want 0 (the default) or more", chat.ErrInvalidConfig, c.MaxFile)
	}
	if c.PollInterval < 0 || c.PollInterval > 0 && c.PollInterval < minPollInterval {
		return fmt.Errorf("%w: web: PollInterval is %v, want 0 (the default) or at least %v",
			chat.ErrInvalidConfig, c.PollInterval, minPollInterval)
	}
	return nil
}
