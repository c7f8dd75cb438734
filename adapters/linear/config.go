package linear

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIURL is where Linear's GraphQL API is.
const DefaultAPIURL = "https://api.linear.app/graphql"

// Mode says what of Linear becomes a message.
type Mode string

const (
	// ModeComments makes messages of comments.
	ModeComments Mode = "comments"
	// ModeAgentSessions makes messages of what people ask the app as an agent: by
	// mentioning it, by delegating an issue to it, and in the sessions that follow.
	// https://linear.app/developers/agents
	ModeAgentSessions Mode = "agent-sessions"
)

// Config describes the bot. It needs the WebhookSecret, and one of APIKey,
// AccessToken, ClientCredentials and OAuth.
type Config struct {
	// WebhookSecret signs the webhooks: Linear shows it where the webhook or the OAuth
	// application is set up. Required.
	WebhookSecret string
	// Mode says what becomes a message. Default: [ModeComments].
	Mode Mode
	// APIKey is the personal API key of a user, in whose name the bot writes.
	APIKey string
	// AccessToken is an OAuth access token of one workspace.
	AccessToken string
	// AccessTokenSource returns an access token for each call, for programs that
	// renew it themselves.
	AccessTokenSource func(ctx context.Context) (string, error)
	// ClientCredentials have the bot fetch the tokens of one workspace itself.
	ClientCredentials ClientCredentials
	// OAuth is an application that many workspaces install.
	OAuth OAuth
	// EncryptionKeys encrypt the tokens in the state, as the TypeScript SDK does: the
	// first one; the others only decrypt. Each is 32 bytes in hexadecimal digits or
	// base64. Default: tokens are stored as they are.
	EncryptionKeys []string
	// APIURL is the address of the GraphQL API. Tokens are fetched from
	// "oauth/token" in its place. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls. Default: a client of its own.
	HTTPClient *http.Client
}

// ClientCredentials are those of an OAuth application that has client credentials
// turned on. https://linear.app/developers/oauth-2-0-authentication
type ClientCredentials struct {
	// ClientID and ClientSecret are the application's.
	ClientID, ClientSecret string
	// Scopes are what the bot may do. Default: "read", "write", "comments:create",
	// "issues:create", and with [ModeAgentSessions] "app:mentionable".
	Scopes []string
}

// OAuth is an application that many workspaces install. The bot serves
// /webhooks/linear/install, which sends a browser to Linear, and
// /webhooks/linear/oauth/callback, to which it comes back.
type OAuth struct {
	// ClientID and ClientSecret are the application's.
	ClientID, ClientSecret string
	// Scopes are asked of those who install it. Default: as of [ClientCredentials].
	Scopes []string
	// RedirectURL is the address of the callback, as it is set at Linear. Required.
	RedirectURL string
	// InstalledURL is where the browser goes in the end. Default: a line of text says
	// that the app is installed.
	InstalledURL string
}

// FromEnv returns the configuration in the environment: LINEAR_WEBHOOK_SECRET,
// LINEAR_API_KEY, LINEAR_ACCESS_TOKEN, LINEAR_CLIENT_CREDENTIALS_CLIENT_ID, …_SECRET
// and …_SCOPES, LINEAR_CLIENT_ID, LINEAR_CLIENT_SECRET, LINEAR_REDIRECT_URL,
// LINEAR_ENCRYPTION_KEY, LINEAR_API_URL and LINEAR_MODE. Of the credentials the first
// in this order count.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	config := Config{WebhookSecret: get("LINEAR_WEBHOOK_SECRET"), Mode: Mode(get("LINEAR_MODE")), APIURL: get("LINEAR_API_URL")}
	if key := get("LINEAR_ENCRYPTION_KEY"); key != "" {
		config.EncryptionKeys = strings.Split(key, ",")
	}
	switch {
	case get("LINEAR_API_KEY") != "":
		config.APIKey = get("LINEAR_API_KEY")
	case get("LINEAR_ACCESS_TOKEN") != "":
		config.AccessToken = get("LINEAR_ACCESS_TOKEN")
	case get("LINEAR_CLIENT_CREDENTIALS_CLIENT_ID") != "":
		config.ClientCredentials = ClientCredentials{
			ClientID: get("LINEAR_CLIENT_CREDENTIALS_CLIENT_ID"), ClientSecret: get("LINEAR_CLIENT_CREDENTIALS_CLIENT_SECRET"),
			Scopes: strings.FieldsFunc(get("LINEAR_CLIENT_CREDENTIALS_SCOPES"), func(r rune) bool { return r == ',' || r == ' ' }),
		}
	default:
		config.OAuth = OAuth{ClientID: get("LINEAR_CLIENT_ID"), ClientSecret: get("LINEAR_CLIENT_SECRET"), RedirectURL: get("LINEAR_REDIRECT_URL")}
	}
	return config
}

// validate fills in the defaults. Its error names the field and shows no secret.
func (c *Config) validate() (*credential.Keyring, error) {
	if c.WebhookSecret == "" {
		return nil, invalidConfig("WebhookSecret is empty, want the signing secret of the webhook")
	}
	switch c.Mode {
	case "":
		c.Mode = ModeComments
	case ModeComments, ModeAgentSessions:
	default:
		return nil, invalidConfig(fmt.Sprintf("Mode is %q, want %q or %q", c.Mode, ModeComments, ModeAgentSessions))
	}
	if err := c.validateCredentials(); err != nil {
		return nil, err
	}
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") == "" {
		return nil, invalidConfig("APIURL must be an http or https address with a path, without user and query")
	}
	return credential.ParseKeyring("linear: EncryptionKeys", c.EncryptionKeys...)
}

func (c *Config) validateCredentials() error {
	var given []string
	for _, one := range []struct {
		name  string
		given bool
	}{
		{"APIKey", c.APIKey != ""},
		{"AccessToken", c.AccessToken != ""},
		{"AccessTokenSource", c.AccessTokenSource != nil},
		{"ClientCredentials", c.ClientCredentials.ClientID != "" || c.ClientCredentials.ClientSecret != ""},
		{"OAuth", c.OAuth.ClientID != "" || c.OAuth.ClientSecret != ""},
	} {
		if one.given {
			given = append(given, one.name)
		}
	}
	switch {
	case len(given) == 0:
		return invalidConfig("none of APIKey, AccessToken, AccessTokenSource, ClientCredentials and OAuth is set, want one")
	case len(given) > 1:
		return invalidConfig(strings.Join(given, " and ") + " are set, want one of them")
	}
	for name, text := range map[string]string{"APIKey": c.APIKey, "AccessToken": c.AccessToken} {
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return invalidConfig(name + " has a character that no key has")
		}
	}
	if id, secret := c.ClientCredentials.ClientID, c.ClientCredentials.ClientSecret; (id == "") != (secret == "") {
		return invalidConfig("ClientCredentials want both a ClientID and a ClientSecret")
	}
	if id, secret := c.OAuth.ClientID, c.OAuth.ClientSecret; (id == "") != (secret == "") {
		return invalidConfig("OAuth wants both a ClientID and a ClientSecret")
	}
	if u, err := url.Parse(c.OAuth.RedirectURL); c.OAuth.ClientID != "" && (err != nil || u.Host == "") {
		return invalidConfig("OAuth.RedirectURL must be the address of the callback")
	}
	return nil
}

// scopes returns what is asked for.
func (c *Config) scopes() []string {
	wanted := c.OAuth.Scopes
	if c.ClientCredentials.ClientID != "" {
		wanted = c.ClientCredentials.Scopes
	}
	if len(wanted) > 0 {
		return wanted
	}
	wanted = []string{"read", "write", "comments:create", "issues:create"}
	if c.Mode == ModeAgentSessions {
		wanted = append(wanted, "app:mentionable")
	}
	return wanted
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: linear: %s", chat.ErrInvalidConfig, text)
}
