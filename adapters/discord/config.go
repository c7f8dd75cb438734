package discord

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIURL is where Discord's API is.
const DefaultAPIURL = "https://discord.com/api/v10"

// Config describes the bot. BotToken and ApplicationID are required, and PublicKey
// where interactions come by webhooks.
type Config struct {
	// BotToken is the token on the page Bot of the app's settings. Required.
	BotToken string
	// ApplicationID is the number on the page General Information. Required.
	ApplicationID string
	// PublicKey is the key on the same page, 64 hexadecimal digits, with which Discord
	// signs webhooks. Without it they are refused. Default none.
	PublicKey string
	// WebhooksOnly says that Run keeps no connection to the gateway, for programs that
	// get interactions by webhooks, and no messages. It needs a PublicKey. Default
	// false: Run connects.
	WebhooksOnly bool
	// Shards is how many connections the servers of the bot are divided over. Discord
	// wants one for 2,500 servers. All instances of a bot have the same number.
	// Default: 1.
	Shards int
	// Members asks the gateway who joins and leaves servers and threads, which must be
	// switched on in the app's settings as the Server Members Intent. Default false.
	Members bool
	// MentionRoleIDs are roles whose mention is one of the bot, besides the roles that
	// the bot has. Default none.
	MentionRoleIDs []string
	// RespondToChannelIDs are channels in which each message mentions the bot.
	// Default none.
	RespondToChannelIDs []string
	// AllowedMentions are "everyone" and "roles", whose mentions in a post may notify
	// people. Users whom a post mentions by "<@id>" are always notified. Default none.
	AllowedMentions []string
	// APIURL is the address of another API. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls. Default: a client of its own.
	HTTPClient *http.Client
}

// FromEnv returns the configuration in the environment: DISCORD_BOT_TOKEN,
// DISCORD_APPLICATION_ID, DISCORD_PUBLIC_KEY, DISCORD_API_URL, and with commas
// between them DISCORD_MENTION_ROLE_IDS and DISCORD_RESPOND_TO_CHANNEL_IDS.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	list := func(name string) (all []string) {
		for part := range strings.SplitSeq(get(name), ",") {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, part)
			}
		}
		return all
	}
	return Config{
		BotToken: get("DISCORD_BOT_TOKEN"), ApplicationID: get("DISCORD_APPLICATION_ID"), PublicKey: get("DISCORD_PUBLIC_KEY"), APIURL: get("DISCORD_API_URL"),
		MentionRoleIDs: list("DISCORD_MENTION_ROLE_IDS"), RespondToChannelIDs: list("DISCORD_RESPOND_TO_CHANNEL_IDS"),
	}
}

// validate fills in what has a default. Its error names the field and shows no secret.
func (c *Config) validate() (key ed25519.PublicKey, err error) {
	switch {
	case c.BotToken == "":
		return nil, invalidConfig("BotToken is empty, want the token on the page Bot of the app's settings")
	case strings.ContainsAny(c.BotToken, " \t\r\n"):
		return nil, invalidConfig("BotToken has white space in it, want the token alone")
	case !isSnowflake(c.ApplicationID):
		return nil, invalidConfig(fmt.Sprintf("ApplicationID is %q, want the number on the page General Information", c.ApplicationID))
	case c.WebhooksOnly && c.PublicKey == "":
		return nil, invalidConfig("WebhooksOnly is set and PublicKey is empty, so nothing would come in: set one")
	case c.Shards < 0:
		return nil, invalidConfig(fmt.Sprintf("Shards is %d, want a number of connections", c.Shards))
	}
	if c.PublicKey != "" {
		if key, err = webhook.ParseEd25519Key(c.PublicKey); err != nil {
			return nil, invalidConfig("PublicKey: " + err.Error())
		}
	}
	if c.Shards == 0 {
		c.Shards = 1
	}
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return nil, invalidConfig("APIURL must be an http or https address without user and query")
	}
	for i, id := range c.MentionRoleIDs {
		if !isID(id) {
			return nil, invalidConfig(fmt.Sprintf("MentionRoleIDs[%d] is %q, want a number", i, id))
		}
	}
	for i, id := range c.RespondToChannelIDs {
		if !isID(id) {
			return nil, invalidConfig(fmt.Sprintf("RespondToChannelIDs[%d] is %q, want a number", i, id))
		}
	}
	for i, kind := range c.AllowedMentions {
		if !slices.Contains([]string{"everyone", "roles"}, kind) {
			return nil, invalidConfig(fmt.Sprintf(`AllowedMentions[%d] is %q, want "everyone" or "roles"`, i, kind))
		}
	}
	return key, nil
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: discord: %s", chat.ErrInvalidConfig, text)
}
