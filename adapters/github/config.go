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

// DefaultAPIURL is the address of the API of github.com.
const DefaultAPIURL = "https://api.github.com"

// Config describes the bot. WebhookSecret is required, and so is either Token, or AppID
// and PrivateKey for a GitHub App.
type Config struct {
	// WebhookSecret is the secret of the webhook, with which GitHub signs. Required.
	WebhookSecret string
	// Token is a personal access token of the account that is the bot. It excludes AppID
	// and PrivateKey. Default none.
	Token string
	// AppID is the id of a GitHub App. Default none.
	AppID int64
	// PrivateKey is the App's RSA private key in PEM. Its line endings may be written as
	// "\n", as in an environment variable. Default none.
	PrivateKey string
	// InstallationID is the only installation of the App to use. Default: the installation
	// of each repository. The adapter asks GitHub for it and keeps it in the state.
	InstallationID int64
	// UserName is the bot's login, such as "mybot" or "myapp[bot]". Default: the adapter
	// asks GitHub for it.
	UserName string
	// EditStreams posts a stream at its beginning and edits the comment while it grows.
	// GitHub notifies people of the first text, and not of edits. Default: a stream is
	// one comment, posted at its end.
	EditStreams bool
	// RedeliveryInterval is how often an App asks GitHub for webhooks that have failed.
	// GitHub does not deliver them again by itself. Default: five minutes.
	RedeliveryInterval time.Duration
	// APIURL is the address of the API. On GitHub Enterprise Server it is
	// "https://github.example.com/api/v3". Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls. Only its Transport and its Timeout are used; redirects
	// are followed on the same host only. Default: http.DefaultTransport and a timeout of
	// 30 seconds.
	HTTPClient *http.Client

	key *rsa.PrivateKey
}

// FromEnv returns the configuration in the environment: GITHUB_WEBHOOK_SECRET,
// GITHUB_TOKEN, GITHUB_APP_ID, GITHUB_PRIVATE_KEY, GITHUB_INSTALLATION_ID,
// GITHUB_BOT_USERNAME and GITHUB_API_URL. A value that should be a number and is not
// becomes -1, which [New] refuses.
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

// loginForm is the form of the login of an account, a managed account or an App.
var loginForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\[bot\])?$`)

// validate sets the defaults. Its error names the field and contains no secret.
func (c *Config) validate() error {
	isApp := c.AppID != 0 || c.PrivateKey != ""
	switch {
	case c.WebhookSecret == "":
		return invalidConfig("WebhookSecret is empty, want the secret of the webhook")
	case c.Token == "" && !isApp:
		return invalidConfig("Token is empty, and so are AppID and PrivateKey: want a token, or the id and the key of an App")
	case c.Token != "" && isApp:
		return invalidConfig("Token is set together with AppID or PrivateKey: want a token, or the id and the key of an App")
	case c.Token != "" && strings.ContainsAny(c.Token, " \t\r\n"):
		return invalidConfig("Token has white space in it")
	case isApp && c.AppID <= 0:
		return invalidConfig("AppID is not a positive number, want the id of the App")
	case c.InstallationID < 0 || c.InstallationID > 0 && !isApp:
		return invalidConfig("InstallationID must be a positive number, and that of an App")
	case c.UserName != "" && !loginForm.MatchString(c.UserName):
		return invalidConfig(fmt.Sprintf("UserName is %q, want a login without @", c.UserName))
	case c.RedeliveryInterval < 0:
		return invalidConfig("RedeliveryInterval must be 0 (the default) or more")
	}
	if isApp {
		var err error
		if c.key, err = parseKey(c.PrivateKey); err != nil {
			return invalidConfig("PrivateKey: " + err.Error())
		}
	}
	if c.RedeliveryInterval == 0 {
		c.RedeliveryInterval = 5 * time.Minute
	}
	c.APIURL = strings.TrimRight(cmp.Or(c.APIURL, DefaultAPIURL), "/")
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return invalidConfig("APIURL must be an http or https address without a user or a query")
	}
	return nil
}

// parseKey reads an RSA private key in PKCS #1, the form of GitHub's keys, or in PKCS #8.
// Its errors contain no part of the key.
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
	return nil, errors.New("it is not an RSA private key")
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: github: %s", chat.ErrInvalidConfig, text)
}
