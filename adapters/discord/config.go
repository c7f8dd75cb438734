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

// DefaultAPIURL is the address of Discord's API, with its version.
// https://docs.discord.com/developers/reference#api-versioning
const DefaultAPIURL = "https://discord.com/api/v10"

// Config describes the bot. BotToken and ApplicationID are required, and PublicKey if
// interactions come by webhooks.
type Config struct {
	// BotToken is the token on the page Bot of the app's settings. Required.
	BotToken string
	// ApplicationID is the number on the page General Information. Required.
	ApplicationID string
	// PublicKey is the key on the page General Information, 64 hexadecimal digits.
	// Discord signs interactions with it. Without it, interactions by webhook are
	// refused. Default none.
	PublicKey string
	// WebhooksOnly is for a program that only receives interactions by webhook, and no
	// messages: [Adapter.Run] does not connect to the gateway. It needs a PublicKey.
	// Default false.
	WebhooksOnly bool
	// Shards is the number of connections that share the bot's servers. Discord requires
	// one for each 2,500 servers. It must be the same in all instances of a bot.
	// https://docs.discord.com/developers/events/gateway#sharding Default: 1.
	Shards int
	// Members asks the gateway for members that join and leave servers and threads. The
	// Server Members Intent must be enabled in the app's settings. Default false.
	Members bool
	// MentionRoleIDs are roles whose mention also mentions the bot, in addition to the
	// roles that the bot has. Default none.
	MentionRoleIDs []string
	// RespondToChannelIDs are channels in which each message mentions the bot.
	// Default none.
	RespondToChannelIDs []string
	// AllowedMentions may have "everyone" and "roles": such mentions in a post notify
	// people then. Users are notified in any case if the text or Markdown of a post
	// mentions them as "<@id>", up to 100 in a message. Default none.
	AllowedMentions []string
	// APIURL is the address of the API, for a proxy of your own. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls; redirects are not followed. The connection to the
	// gateway uses the proxy and certificates of its Transport, if that is an
	// *http.Transport. A call is cancelled after 30 seconds, and one that uploads files
	// after five minutes. Default: a client with http.DefaultTransport.
	HTTPClient *http.Client
}

// FromEnv returns the configuration in the environment: DISCORD_BOT_TOKEN,
// DISCORD_APPLICATION_ID, DISCORD_PUBLIC_KEY, DISCORD_API_URL,
// DISCORD_MENTION_ROLE_IDS and DISCORD_RESPOND_TO_CHANNEL_IDS. The last two are lists
// separated by commas. The other fields have no variable.
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

// validate sets the defaults and returns the PublicKey. Its error names the field and
// contains no secret.
func (c *Config) validate() (key ed25519.PublicKey, err error) {
	switch {
	case c.BotToken == "":
		return nil, invalidConfig("BotToken is empty, want the token on the page Bot of the app's settings")
	case strings.ContainsAny(c.BotToken, " \t\r\n"):
		return nil, invalidConfig("BotToken has white space in it, want the token alone")
	case !isSnowflake(c.ApplicationID):
		return nil, invalidConfig(fmt.Sprintf("ApplicationID is %q, want the number on the page General Information", c.ApplicationID))
	case c.WebhooksOnly && c.PublicKey == "":
		return nil, invalidConfig("WebhooksOnly is set and PublicKey is empty, so nothing could reach the bot: want the key on the page General Information")
	case c.Shards < 0:
		return nil, invalidConfig(fmt.Sprintf("Shards is %d, want 0 (the default, 1 connection) or more", c.Shards))
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
		return nil, invalidConfig("APIURL must be an http or https address without a user or a query")
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
