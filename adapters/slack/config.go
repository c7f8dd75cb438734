package slack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config describes the app. It needs a way in, SigningSecret for webhooks or
// AppToken for Socket Mode, and a way out: BotToken for one workspace; ClientID
// and ClientSecret, or Installations, for many.
type Config struct {
	// SigningSecret is the app's secret with which Slack signs webhooks. Without
	// it webhooks are refused. Default none.
	SigningSecret string
	// VerifyRequest decides whether a webhook is taken, by its header and its body,
	// which the request no longer holds: in the place of SigningSecret, as behind a
	// gateway that checks and forwards. An error is answered 401, or 503 if it is
	// [chat.ErrTemporary]. It is called concurrently. Default: the signature is
	// checked, see [VerifySignature].
	VerifyRequest func(r *http.Request, body []byte) error
	// AppToken is the app-level token, "xapp-…", with the scope connections:write.
	// With it Run keeps Socket Mode connections. Default none.
	AppToken string
	// BotToken is the token of the one workspace, "xoxb-…". Without it the app
	// has many workspaces and the token is the installation's. Default none.
	BotToken string
	// BotTokenSource returns the bot token of the one workspace whenever one is
	// needed, in the place of BotToken: for a vault, or a token that changes. It is
	// called concurrently and for every call, so it keeps what it has fetched; it is
	// called once more when Slack refuses a token. Default none.
	BotTokenSource func(ctx context.Context) (string, error)

	// ClientID and ClientSecret are the app's for installing it in a workspace;
	// both or none. Default none.
	ClientID     string
	ClientSecret string
	// Scopes are the bot scopes that an installation asks for. Default none: those
	// that [DefaultScopes] names.
	Scopes []string
	// RedirectURL is the address of [Adapter.CallbackHandler], as the app's
	// configuration has it. Default none: Slack takes the first one of the app's.
	RedirectURL string
	// InstalledURL is where the browser goes after an installation. Default none: a
	// line of text says that the app is installed.
	InstalledURL string

	// EncryptionKeys encrypt tokens in the state: 32 bytes each, as 64 hexadecimal
	// digits or in base64. The first one encrypts, all decrypt. Default: tokens are
	// stored as they are.
	EncryptionKeys []string
	// Installations finds the installations of a program that keeps them itself.
	// Default: those in the state.
	Installations InstallationFinder

	// AgentView says that the app has Slack's agent view: each message in a
	// direct conversation begins a thread. Default: the conversation is one thread.
	AgentView bool
	// DisableNativeStreaming has streams posted and edited instead of using Slack's
	// own. Default: Slack's own are used, and given up where Slack refuses the first.
	DisableNativeStreaming bool

	// SocketConnections is how many Socket Mode connections are open at a time;
	// Slack allows 10. Default 1.
	SocketConnections int
	// ForwardURLs are the webhook addresses of other instances, which handle what
	// this one receives over Socket Mode: it is posted to one of them as Slack would
	// post it, signed with SigningSecret, and acknowledged when it was taken there.
	// Default none: it is handled here.
	ForwardURLs []string
	// LookupTimeout bounds the look-ups of names while a webhook waits. What is
	// not known by then stays an id. Default 1 s.
	LookupTimeout time.Duration
	// APIURL is the address of the Web API. Default "https://slack.com/api/".
	APIURL string
	// AuthorizeURL is the page on which a user installs the app.
	// Default "https://slack.com/oauth/v2/authorize".
	AuthorizeURL string
	// HTTPClient calls the API and fetches files. Socket Mode connects as its
	// Transport does, through the same proxy and with the same certificates, if that
	// is an *http.Transport; else as http.DefaultTransport does.
	// Default: one of the adapter's own, with a timeout of 30 s.
	HTTPClient *http.Client
}

// InstallationFinder finds installations. It is safe for concurrent use.
type InstallationFinder interface {
	// Installation returns the installation with the id, a workspace's or with
	// enterprise an organisation's. It returns [chat.ErrNotFound] if there is none.
	Installation(ctx context.Context, id string, enterprise bool) (*Installation, error)
}

const (
	defaultAPIURL        = "https://slack.com/api/"
	defaultAuthorizeURL  = "https://slack.com/oauth/v2/authorize"
	defaultLookupTimeout = time.Second
	defaultHTTPTimeout   = 30 * time.Second
	maxSocketConnections = 10 // https://docs.slack.dev/apis/events-api/using-socket-mode
)

// FromEnv returns the configuration in the environment: SLACK_SIGNING_SECRET,
// SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_CLIENT_ID, SLACK_CLIENT_SECRET,
// SLACK_REDIRECT_URL, SLACK_ENCRYPTION_KEY (several are separated by commas) and
// SLACK_API_URL, each without the space around it that a file of secrets leaves.
// All but SLACK_REDIRECT_URL are the TypeScript SDK's.
func FromEnv() Config {
	config := Config{
		SigningSecret: env("SLACK_SIGNING_SECRET"),
		BotToken:      env("SLACK_BOT_TOKEN"),
		AppToken:      env("SLACK_APP_TOKEN"),
		ClientID:      env("SLACK_CLIENT_ID"),
		ClientSecret:  env("SLACK_CLIENT_SECRET"),
		RedirectURL:   env("SLACK_REDIRECT_URL"),
		APIURL:        env("SLACK_API_URL"),
	}
	for key := range strings.SplitSeq(env("SLACK_ENCRYPTION_KEY"), ",") {
		if key = strings.TrimSpace(key); key != "" {
			config.EncryptionKeys = append(config.EncryptionKeys, key)
		}
	}
	return config
}

func env(name string) string { return strings.TrimSpace(os.Getenv(name)) }

func (c *Config) setDefaults() {
	if len(c.Scopes) == 0 {
		c.Scopes = DefaultScopes()
	}
	if c.SocketConnections == 0 {
		c.SocketConnections = 1
	}
	if c.LookupTimeout == 0 {
		c.LookupTimeout = defaultLookupTimeout
	}
	if c.APIURL == "" {
		c.APIURL = defaultAPIURL
	}
	if !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
	if c.AuthorizeURL == "" {
		c.AuthorizeURL = defaultAuthorizeURL
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Timeout: defaultHTTPTimeout}
	}
}

// isBotToken reports whether the token is a bot's, as it is or of an app with token
// rotation: https://docs.slack.dev/authentication/tokens,
// https://docs.slack.dev/authentication/using-token-rotation.
func isBotToken(token string) bool {
	return strings.HasPrefix(token, "xoxb-") || strings.HasPrefix(token, "xoxe.xoxb-")
}

// isOneWorkspace reports whether the app has one workspace, with a token that is
// configured.
func (c *Config) isOneWorkspace() bool { return c.BotToken != "" || c.BotTokenSource != nil }

func (c *Config) validate() error {
	switch {
	case c.SigningSecret == "" && c.AppToken == "" && c.VerifyRequest == nil:
		return invalidConfig("SigningSecret", "want the app's signing secret (SLACK_SIGNING_SECRET) for webhooks, or AppToken (SLACK_APP_TOKEN) for Socket Mode")
	case c.AppToken != "" && !strings.HasPrefix(c.AppToken, "xapp-"):
		return invalidConfig("AppToken", `want an app-level token, "xapp-…" (SLACK_APP_TOKEN)`)
	case c.ClientID != "" && c.ClientSecret == "":
		return invalidConfig("ClientSecret", "want the app's client secret together with ClientID (SLACK_CLIENT_SECRET)")
	case c.ClientSecret != "" && c.ClientID == "":
		return invalidConfig("ClientID", "want the app's client id together with ClientSecret (SLACK_CLIENT_ID)")
	case !c.isOneWorkspace() && c.ClientID == "" && c.Installations == nil:
		return invalidConfig("BotToken", "want the workspace's bot token (SLACK_BOT_TOKEN); or, for many workspaces, ClientID and ClientSecret (SLACK_CLIENT_ID, SLACK_CLIENT_SECRET), or Installations")
	case c.BotToken != "" && !isBotToken(c.BotToken):
		return invalidConfig("BotToken", `want a bot token, "xoxb-…" (SLACK_BOT_TOKEN); tokens of users ("xoxp-…") and of the app ("xapp-…") are others`)
	case c.BotToken != "" && c.BotTokenSource != nil:
		return invalidConfig("BotTokenSource", "want none together with BotToken")
	case len(c.ForwardURLs) > 0 && (c.AppToken == "" || c.SigningSecret == ""):
		return invalidConfig("ForwardURLs", "want AppToken, to receive over Socket Mode, and SigningSecret, to sign what is forwarded")
	case c.isOneWorkspace() && c.Installations != nil:
		return invalidConfig("Installations", "want none together with BotToken: one workspace, or many")
	case c.SocketConnections < 0 || c.SocketConnections > maxSocketConnections:
		return invalidConfig("SocketConnections", "want 0 (the default) to 10")
	case c.LookupTimeout < 0:
		return invalidConfig("LookupTimeout", "want 0 (the default) or more")
	}
	type address struct{ field, value string }
	addresses := []address{
		{"APIURL", c.APIURL}, {"AuthorizeURL", c.AuthorizeURL}, {"RedirectURL", c.RedirectURL}, {"InstalledURL", c.InstalledURL},
	}
	for i, target := range c.ForwardURLs {
		if target == "" {
			return invalidConfig(fmt.Sprintf("ForwardURLs[%d]", i), "want an http or https address")
		}
		addresses = append(addresses, address{fmt.Sprintf("ForwardURLs[%d]", i), target})
	}
	for _, address := range addresses {
		if u, err := url.Parse(address.value); address.value != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			return invalidConfig(address.field, "want an http or https address")
		}
	}
	return nil
}
