package messenger

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/adapters/internal/meta/messaging"
	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIURL is the address of the Graph API.
const DefaultAPIURL = meta.GraphURL

// DefaultAPIVersion is the version of the Graph API that the adapter was made for.
const DefaultAPIVersion = "v25.0"

// Config describes the page that the bot answers for.
type Config struct {
	// AppSecret is the app's secret. Meta signs webhooks with it. Required.
	AppSecret string
	// PageAccessToken is the page's token, with the permission pages_messaging. Required.
	PageAccessToken string
	// VerifyToken is a secret text that you choose. Meta sends it when you set up the
	// webhook. Required.
	VerifyToken string
	// PageID is the id of the page to which the token belongs. An app that is connected
	// to several pages gets the events of all of them, and the adapter ignores those of
	// the others. Default: it takes the events of every page.
	PageID string
	// APIURL is the address of the Graph API. Default: [DefaultAPIURL].
	APIURL string
	// APIVersion is the version of the Graph API. Default: [DefaultAPIVersion].
	APIVersion string
	// HTTPClient makes the calls. Default: a client of the adapter's own.
	HTTPClient *http.Client
}

// FromEnv returns the configuration from the environment variables FACEBOOK_APP_SECRET,
// FACEBOOK_PAGE_ACCESS_TOKEN, FACEBOOK_VERIFY_TOKEN, FACEBOOK_PAGE_ID,
// FACEBOOK_API_URL and FACEBOOK_API_VERSION.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	return Config{
		AppSecret: get("FACEBOOK_APP_SECRET"), PageAccessToken: get("FACEBOOK_PAGE_ACCESS_TOKEN"), VerifyToken: get("FACEBOOK_VERIFY_TOKEN"),
		PageID: get("FACEBOOK_PAGE_ID"), APIURL: get("FACEBOOK_API_URL"), APIVersion: get("FACEBOOK_API_VERSION"),
	}
}

// validate returns an error that names the field and shows no secret.
func (c *Config) validate() error {
	switch {
	case c.AppSecret == "":
		return invalidConfig("AppSecret is empty, want the secret in the app's basic settings")
	case c.PageAccessToken == "":
		return invalidConfig("PageAccessToken is empty, want the token that the app's Messenger settings generate for the page")
	case c.VerifyToken == "":
		return invalidConfig("VerifyToken is empty, want the text that stands in the app's webhook settings")
	case c.PageID != "" && !messaging.IsID(c.PageID):
		return invalidConfig(fmt.Sprintf("PageID is %q, want digits", c.PageID))
	}
	if problem := messaging.CheckAPI(&c.APIURL, &c.APIVersion, DefaultAPIURL, DefaultAPIVersion); problem != "" {
		return invalidConfig(problem)
	}
	return nil
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: messenger: %s", chat.ErrInvalidConfig, text)
}
