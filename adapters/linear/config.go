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

// DefaultAPIURL is the address of Linear's GraphQL API.
// https://linear.app/developers/graphql
const DefaultAPIURL = "https://api.linear.app/graphql"

// Mode says which webhooks of Linear become messages.
type Mode string

const (
	// ModeComments makes messages of all comments.
	ModeComments Mode = "comments"
	// ModeAgentSessions makes messages of what people ask the app as an agent: a mention
	// or a delegated issue, which begins a session, and the prompts in the session.
	// https://linear.app/developers/agents
	ModeAgentSessions Mode = "agent-sessions"
)

// Config describes the bot. WebhookSecret is required, and so is exactly one of APIKey,
// AccessToken, AccessTokenSource, ClientCredentials and OAuth.
type Config struct {
	// WebhookSecret is the signing secret of the webhook or the OAuth application, from
	// the page where it was created. Required.
	WebhookSecret string
	// Mode says what becomes a message. Default: [ModeComments].
	Mode Mode
	// APIKey is a personal API key. The bot writes in the name of its user. Default none.
	APIKey string
	// AccessToken is an OAuth access token of one workspace. Default none.
	AccessToken string
	// AccessTokenSource returns an OAuth access token of one workspace, for a program that
	// renews it itself. It is called concurrently and for every call, so it should cache
	// the token. Default none.
	AccessTokenSource func(ctx context.Context) (string, error)
	// ClientCredentials let the adapter fetch the tokens of one workspace itself.
	// Default none.
	ClientCredentials ClientCredentials
	// OAuth is an application that many workspaces install. Default none.
	OAuth OAuth
	// EncryptionKeys encrypt the tokens in the state, in the format of the TypeScript SDK:
	// 32 bytes each, as 64 hexadecimal digits or in base64. The first key encrypts, and
	// all of them decrypt. Default: tokens are stored unencrypted.
	EncryptionKeys []string
	// APIURL is the address of the GraphQL API. Its last part is replaced by
	// "oauth/token" for the address of tokens. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls; redirects are not followed. A call is cancelled after
	// 30 seconds, and the upload of a file after five minutes. Default: a client with
	// http.DefaultTransport.
	HTTPClient *http.Client
}

// ClientCredentials are the credentials of an OAuth application in which client
// credentials are enabled. https://linear.app/developers/oauth-2-0-authentication
type ClientCredentials struct {
	// ClientID and ClientSecret are those of the application. Both are required.
	ClientID, ClientSecret string
	// Scopes are the permissions of the token. Default: "read", "write",
	// "comments:create", "issues:create", and with [ModeAgentSessions] also
	// "app:assignable", for delegated issues, and "app:mentionable".
	Scopes []string
}

// OAuth is an application that many workspaces install. A browser begins at
// /webhooks/linear/install, which sends it to Linear. Linear sends it back to
// /webhooks/linear/oauth/callback.
type OAuth struct {
	// ClientID and ClientSecret are those of the application. Both are required.
	ClientID, ClientSecret string
	// Scopes are the permissions that an installation asks for. Default: those of
	// [ClientCredentials].
	Scopes []string
	// RedirectURL is the address of the callback, as in the settings of the application.
	// Required.
	RedirectURL string
	// InstalledURL is the address to which the browser goes after the installation.
	// Default: a line of text says that the app is installed.
	InstalledURL string
}

// FromEnv returns the configuration in the environment: LINEAR_WEBHOOK_SECRET,
// LINEAR_MODE, LINEAR_API_URL, LINEAR_ENCRYPTION_KEY (several are separated by commas),
// and the first credentials that are set of LINEAR_API_KEY; LINEAR_ACCESS_TOKEN;
// LINEAR_CLIENT_CREDENTIALS_CLIENT_ID with LINEAR_CLIENT_CREDENTIALS_CLIENT_SECRET and
// LINEAR_CLIENT_CREDENTIALS_SCOPES (separated by commas or spaces); LINEAR_CLIENT_ID with
// LINEAR_CLIENT_SECRET and LINEAR_REDIRECT_URL.
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

// validate sets the defaults and returns the EncryptionKeys. Its error names the field and
// contains no secret.
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
		return nil, invalidConfig("APIURL must be an http or https address with a path and without a user or a query")
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
			return invalidConfig(name + " has white space or another character that no key has")
		}
	}
	if id, secret := c.ClientCredentials.ClientID, c.ClientCredentials.ClientSecret; (id == "") != (secret == "") {
		return invalidConfig("ClientCredentials need both a ClientID and a ClientSecret")
	}
	if id, secret := c.OAuth.ClientID, c.OAuth.ClientSecret; (id == "") != (secret == "") {
		return invalidConfig("OAuth needs both a ClientID and a ClientSecret")
	}
	if u, err := url.Parse(c.OAuth.RedirectURL); c.OAuth.ClientID != "" && (err != nil || u.Host == "") {
		return invalidConfig("OAuth.RedirectURL must be the address of the callback")
	}
	return nil
}

// scopes returns the permissions to ask for.
// https://linear.app/developers/agents
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
		wanted = append(wanted, "app:assignable", "app:mentionable")
	}
	return wanted
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: linear: %s", chat.ErrInvalidConfig, text)
}
