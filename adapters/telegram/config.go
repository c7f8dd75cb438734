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

// DefaultAPIURL is the address of Telegram's Bot API.
// https://core.telegram.org/bots/api#making-requests
const DefaultAPIURL = "https://api.telegram.org"

// Config describes the bot. BotToken is required, and so is WebhookSecret or Polling:
// one of them lets updates in.
type Config struct {
	// BotToken is the bot's token from BotFather, such as "123456:ABC-DEF". Required.
	BotToken string
	// WebhookSecret is the secret_token of setWebhook, which Telegram sends with each
	// webhook: 1 to 256 letters, digits, "_" and "-". Without it webhooks are refused.
	// Default none.
	WebhookSecret string
	// Polling makes [Adapter.Run] fetch updates, for a bot without a public address. Of
	// all instances that share a state, one fetches them. A webhook that is set is
	// removed, because Telegram delivers updates in one way only. Default false.
	Polling bool
	// MentionOnReply says that a reply to a message of the bot in a group mentions the
	// bot. Default false.
	MentionOnReply bool
	// Drafts shows the text of a language model in a private chat as a draft while it
	// grows. Otherwise it is posted and edited. Default false.
	Drafts bool
	// AllowedUserIDs are the only users whose messages, edits, commands, clicks and
	// reactions are handled. A chat in whose name people write has the number of the
	// chat. Changes of membership, and updates that name no user, are handled in any
	// case. Default none: everybody is handled.
	AllowedUserIDs []chat.UserID
	// AlbumWait is how long an update with one message of an album waits for the others,
	// which come as updates of their own. Default: one second.
	AlbumWait time.Duration
	// APIURL is the address of the Bot API, for a server of your own:
	// https://core.telegram.org/bots/api#using-a-local-bot-api-server.
	// Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls; redirects are not followed. A call is cancelled after
	// 30 seconds, and one that uploads files after five minutes. Default: a client with
	// http.DefaultTransport.
	HTTPClient *http.Client
}

// FromEnv returns the configuration in the environment: TELEGRAM_BOT_TOKEN,
// TELEGRAM_WEBHOOK_SECRET_TOKEN, TELEGRAM_API_BASE_URL, TELEGRAM_ALLOWED_USER_IDS
// (several are separated by commas), TELEGRAM_MENTION_ON_REPLY and TELEGRAM_DRAFTS.
// The last two are "true" or "false", as [strconv.ParseBool] reads them; any other value
// is false. Without a webhook secret, Polling is set.
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

// validate sets the defaults. Its error names the field and contains no secret.
func (c *Config) validate() error {
	switch {
	case c.BotToken == "":
		return invalidConfig("BotToken is empty, want the token that BotFather gave")
	case !tokenForm.MatchString(c.BotToken):
		return invalidConfig(`BotToken is not a token, want digits, ":" and letters, as BotFather gave it`)
	case c.WebhookSecret != "" && !secretForm.MatchString(c.WebhookSecret):
		return invalidConfig(`WebhookSecret must be 1 to 256 letters, digits, "_" and "-"`)
	case c.WebhookSecret == "" && !c.Polling:
		return invalidConfig("WebhookSecret is empty and Polling is false, so no update could reach the bot: set one of them")
	case c.AlbumWait < 0:
		return invalidConfig("AlbumWait must be 0 (the default) or more")
	}
	if c.AlbumWait == 0 {
		c.AlbumWait = time.Second
	}
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return invalidConfig("APIURL must be an http or https address without a user or a query")
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
