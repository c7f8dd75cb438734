package instagram

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/adapters/internal/meta/messaging"
	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIURL is the address of the Graph API for tokens of Instagram's own login. For the
// token of a page that the account is linked to it is https://graph.facebook.com.
const DefaultAPIURL = meta.InstagramURL

// DefaultAPIVersion is the version of the Graph API that the adapter was made for.
const DefaultAPIVersion = "v25.0"

// Config describes the professional account that the bot answers for.
type Config struct {
	// AppSecret is the app's secret. Meta signs webhooks with it. Required.
	AppSecret string
	// AccessToken is the account's token, with the permission
	// instagram_business_manage_messages. Required.
	AccessToken string
	// VerifyToken is a secret text that you choose. Meta sends it when you set up the
	// webhook. Required.
	VerifyToken string
	// AccountID is the account's id as webhooks have it. The endpoint /me calls it user_id,
	// and has another number as id. An app that is connected to several accounts gets the
	// events of all of them, and the adapter ignores those of the others. Required.
	AccountID string
	// APIURL is the address of the Graph API. Default: [DefaultAPIURL].
	APIURL string
	// APIVersion is the version of the Graph API. Default: [DefaultAPIVersion].
	APIVersion string
	// HTTPClient makes the calls. Default: a client of the adapter's own.
	HTTPClient *http.Client
}

// FromEnv returns the configuration from the environment variables INSTAGRAM_APP_SECRET,
// INSTAGRAM_ACCESS_TOKEN, INSTAGRAM_VERIFY_TOKEN, INSTAGRAM_ACCOUNT_ID,
// INSTAGRAM_API_URL and INSTAGRAM_API_VERSION.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	return Config{
		AppSecret: get("INSTAGRAM_APP_SECRET"), AccessToken: get("INSTAGRAM_ACCESS_TOKEN"), VerifyToken: get("INSTAGRAM_VERIFY_TOKEN"),
		AccountID: get("INSTAGRAM_ACCOUNT_ID"), APIURL: get("INSTAGRAM_API_URL"), APIVersion: get("INSTAGRAM_API_VERSION"),
	}
}

// validate returns an error that names the field and shows no secret.
func (c *Config) validate() error {
	switch {
	case c.AppSecret == "":
		return invalidConfig("AppSecret is empty, want the Instagram app secret in the app's Instagram settings")
	case c.AccessToken == "":
		return invalidConfig("AccessToken is empty, want the token that the app's Instagram settings generate for the account")
	case c.VerifyToken == "":
		return invalidConfig("VerifyToken is empty, want the text that stands in the app's webhook settings")
	case !messaging.IsID(c.AccountID):
		return invalidConfig(fmt.Sprintf("AccountID is %q, want the digits of the account's user_id", c.AccountID))
	}
	if problem := messaging.CheckAPI(&c.APIURL, &c.APIVersion, DefaultAPIURL, DefaultAPIVersion); problem != "" {
		return invalidConfig(problem)
	}
	return nil
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: instagram: %s", chat.ErrInvalidConfig, text)
}
