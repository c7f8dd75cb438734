package github

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
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

// DefaultAPIURL is where the API of github.com is.
const DefaultAPIURL = "https://api.github.com"

// Config describes the bot. It needs a WebhookSecret and either a Token or a GitHub
// App: AppID and PrivateKey.
type Config struct {
	// WebhookSecret is the secret of the webhook, with which GitHub signs. Required.
	WebhookSecret string
	// Token is a personal access token, of an account that is the bot.
	Token string
	// AppID is the id of a GitHub App.
	AppID int64
	// PrivateKey is the App's private key in PEM. Line endings may be written "\n", as
	// in an environment variable.
	PrivateKey string
	// InstallationID is the only installation of the App that is used. Default: that of
	// each repository, which GitHub is asked for and the state keeps.
	InstallationID int64
	// UserName is the bot's login, such as "mybot" or "myapp[bot]". Default: GitHub is
	// asked.
	UserName string
	// EditStreams posts a stream at once and edits it as it grows. GitHub notifies
	// people of what is posted first, and of no edit. Default: a stream is one comment,
	// posted when it has ended.
	EditStreams bool
	// RedeliveryInterval is how often an App looks for webhooks that could not be taken,
	// which GitHub does not deliver again by itself. Default: five minutes.
	RedeliveryInterval time.Duration
	// APIURL is the address of the API, "https://github.example.com/api/v3" on GitHub
	// Enterprise Server. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls; of it the transport and the timeout are used.
	// Default: a client of its own, with a timeout of 30 s.
	HTTPClient *http.Client

	key *rsa.PrivateKey
}

// FromEnv returns the configuration in the environment: GITHUB_WEBHOOK_SECRET,
// GITHUB_TOKEN, GITHUB_APP_ID, GITHUB_PRIVATE_KEY, GITHUB_INSTALLATION_ID,
// GITHUB_BOT_USERNAME and GITHUB_API_URL. A number that is none is left to
// [New] as -1, which it refuses.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	number := func(name string) int64 {
		text := get(name)
		if text == "" {
			return 0
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	return Config{
		WebhookSecret: get("GITHUB_WEBHOOK_SECRET"), Token: get("GITHUB_TOKEN"),
		AppID: number("GITHUB_APP_ID"), PrivateKey: get("GITHUB_PRIVATE_KEY"), InstallationID: number("GITHUB_INSTALLATION_ID"),
		UserName: get("GITHUB_BOT_USERNAME"), APIURL: get("GITHUB_API_URL"),
	}
}

// loginForm is that of an account, also of a managed one, and of an App.
var loginForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?$`)

// validate fills in the defaults and returns an error that names the field and shows
// no secret.
func (c *Config) validate() error {
	isApp := c.AppID != 0 || c.PrivateKey != ""
	switch {
	case c.WebhookSecret == "":
		return invalidConfig("WebhookSecret is empty, want the secret of the webhook")
	case c.Token == "" && !isApp:
		return invalidConfig("Token is empty, and so are AppID and PrivateKey: set a token or an App")
	case c.Token != "" && isApp:
		return invalidConfig("Token is set, and so are AppID or PrivateKey: set one of them")
	case c.Token != "" && strings.ContainsAny(c.Token, " \t\r\n"):
		return invalidConfig("Token has white space in it")
	case isApp && c.AppID <= 0:
		return invalidConfig("AppID is not a positive number, want the id of the App")
	case c.InstallationID < 0 || c.InstallationID > 0 && !isApp:
		return invalidConfig("InstallationID must be a positive number, and that of an App")
	case c.UserName != "" && !loginForm.MatchString(c.UserName):
		return invalidConfig(fmt.Sprintf("UserName is %q, want a login without @", c.UserName))
	}
	if isApp {
		var err error
		if c.key, err = parseKey(c.PrivateKey); err != nil {
			return invalidConfig("PrivateKey: " + err.Error())
		}
	}
	if c.RedeliveryInterval <= 0 {
		c.RedeliveryInterval = 5 * time.Minute
	}
	c.APIURL = strings.TrimRight(cmp.Or(c.APIURL, DefaultAPIURL), "/")
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return invalidConfig("APIURL must be an http or https address without user and query")
	}
	return nil
}

// parseKey reads an RSA key in PKCS #1, as GitHub gives it, or in PKCS #8. Its errors
// hold nothing of it.
func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, errors.New("it is not in PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if key, ok := key.(*rsa.PrivateKey); ok {
			return key, nil
		}
	}
	return nil, errors.New("it is no RSA private key")
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: github: %s", chat.ErrInvalidConfig, text)
}
