package telegram

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIURL is where Telegram's Bot API is.
const DefaultAPIURL = "https://api.telegram.org"

// Config describes the bot. It needs a BotToken, and a way in: WebhookSecret,
// Polling, or both in turns.
type Config struct {
	// BotToken is the token that BotFather gave, such as "123456:ABC-DEF". Required.
	BotToken string
	// WebhookSecret is the secret_token of setWebhook, which Telegram sends with each
	// webhook: 1 to 256 letters, digits, "_" and "-". Without it webhooks are refused.
	// Default none.
	WebhookSecret string
	// Polling has Run fetch updates, for bots without a public address. One instance of
	// all that share a state fetches them. A webhook that is set is removed, since
	// Telegram gives updates one way only. Default false.
	Polling bool
	// MentionOnReply says that an answer to a message of the bot in a group mentions it.
	// Default false.
	MentionOnReply bool
	// Drafts shows the answers of language models in private chats as drafts while they
	// grow, instead of posting and editing them. Default false.
	Drafts bool
	// AllowedUserIDs are the only people that the bot hears. Default none: everybody.
	AllowedUserIDs []chat.UserID
	// AlbumWait is how long an update with a part of an album waits for the other parts,
	// which come in updates of their own. Default: one second.
	AlbumWait time.Duration
	// APIURL is the address of a Bot API server of one's own. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls. Default: a client of its own.
	HTTPClient *http.Client
}

// FromEnv returns the configuration in the environment: TELEGRAM_BOT_TOKEN,
// TELEGRAM_WEBHOOK_SECRET_TOKEN, TELEGRAM_API_BASE_URL, TELEGRAM_ALLOWED_USER_IDS
// with commas between them, TELEGRAM_MENTION_ON_REPLY and TELEGRAM_DRAFTS. Without a
// webhook secret it polls.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	config := Config{
		BotToken:      get("TELEGRAM_BOT_TOKEN"),
		WebhookSecret: get("TELEGRAM_WEBHOOK_SECRET_TOKEN"),
		APIURL:        get("TELEGRAM_API_BASE_URL"),
	}
	config.Polling = config.WebhookSecret == ""
	config.MentionOnReply, _ = strconv.ParseBool(get("TELEGRAM_MENTION_ON_REPLY"))
	config.Drafts, _ = strconv.ParseBool(get("TELEGRAM_DRAFTS"))
	for id := range strings.SplitSeq(get("TELEGRAM_ALLOWED_USER_IDS"), ",") {
		if id = strings.TrimSpace(id); id != "" {
			config.AllowedUserIDs = append(config.AllowedUserIDs, chat.UserID(id))
		}
	}
	return config
}

var (
	tokenForm  = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]+$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

// validate returns an error that names the field and shows no secret.
func (c *Config) validate() error {
	switch {
	case c.BotToken == "":
		return invalidConfig("BotToken is empty, want the token that BotFather gave")
	case !tokenForm.MatchString(c.BotToken):
		return invalidConfig(`BotToken is no token, want digits, ":", and letters`)
	case c.WebhookSecret != "" && !secretForm.MatchString(c.WebhookSecret):
		return invalidConfig(`WebhookSecret must be 1 to 256 letters, digits, "_" and "-"`)
	case c.WebhookSecret == "" && !c.Polling:
		return invalidConfig("WebhookSecret is empty and Polling is false, so nothing would come in: set one")
	}
	if c.AlbumWait <= 0 {
		c.AlbumWait = time.Second
	}
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return invalidConfig("APIURL must be an http or https address without user and query")
	}
	for i, id := range c.AllowedUserIDs {
		if _, err := strconv.ParseInt(string(id), 10, 64); err != nil {
			return invalidConfig(fmt.Sprintf("AllowedUserIDs[%d] is %q, want a number", i, id))
		}
	}
	return nil
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: telegram: %s", chat.ErrInvalidConfig, text)
}
