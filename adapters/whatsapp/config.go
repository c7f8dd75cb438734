package whatsapp

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/adapters/internal/meta"
	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIVersion is the version of the Graph API that the adapter calls.
// https://developers.facebook.com/docs/graph-api/changelog
const DefaultAPIVersion = "v25.0"

// Config describes the app and its phone numbers. The zero value of a field that is not
// required means its default.
type Config struct {
	// AccessToken is the token of a system user with the permission
	// whatsapp_business_messaging. Required.
	AccessToken string
	// AppSecret is the app's secret. Meta signs webhooks with it. Required.
	AppSecret string
	// VerifyToken is a secret text that you choose. Meta sends it when you set up the
	// webhook. Required.
	VerifyToken string
	// PhoneNumberIDs are the ids of the business's phone numbers that the bot serves.
	// An id is not the phone number itself. The adapter ignores messages to other
	// numbers. If the bot begins a conversation, it writes from the first number.
	// Required.
	PhoneNumberIDs []string
	// APIURL is the address of the Graph API. Default: https://graph.facebook.com.
	APIURL string
	// APIVersion is the version of the Graph API. Default: [DefaultAPIVersion].
	APIVersion string
	// HTTPClient makes the calls. Default: a client of the adapter's own. Whatever the
	// client, a call has 30 s, and one that sends a file 5 min.
	HTTPClient *http.Client
}

// FromEnv returns the configuration from the environment variables
// WHATSAPP_ACCESS_TOKEN, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN,
// WHATSAPP_PHONE_NUMBER_ID (several are separated by commas) and WHATSAPP_API_URL.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	config := Config{
		AccessToken: get("WHATSAPP_ACCESS_TOKEN"), AppSecret: get("WHATSAPP_APP_SECRET"), VerifyToken: get("WHATSAPP_VERIFY_TOKEN"),
		APIURL: get("WHATSAPP_API_URL"),
	}
	for id := range strings.SplitSeq(get("WHATSAPP_PHONE_NUMBER_ID"), ",") {
		if id = strings.TrimSpace(id); id != "" {
			config.PhoneNumberIDs = append(config.PhoneNumberIDs, id)
		}
	}
	return config
}

var versionForm = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)

// validate sets the defaults. Its error names the field and shows no secret.
func (c *Config) validate() error {
	for _, secret := range []struct{ field, value, want string }{
		{"AccessToken", c.AccessToken, "the token of a system user"},
		{"AppSecret", c.AppSecret, "the app's secret, with which Meta signs webhooks"},
		{"VerifyToken", c.VerifyToken, "a secret text that you choose and enter at Meta, too"},
	} {
		if secret.value == "" {
			return invalidConfig("%s is empty, want %s", secret.field, secret.want)
		}
		if strings.ContainsFunc(secret.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return invalidConfig("%s has a character that is not visible ASCII, such as a space or a line break", secret.field)
		}
	}
	if len(c.PhoneNumberIDs) == 0 {
		return invalidConfig("PhoneNumberIDs is empty, want the id of a phone number, as Meta's page API Setup shows it")
	}
	for i, id := range c.PhoneNumberIDs {
		if !isDigits(id) {
			return invalidConfig("PhoneNumberIDs[%d] is %q, want digits", i, id)
		}
	}
	if c.APIURL == "" {
		c.APIURL = meta.GraphURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		return invalidConfig("APIURL must be an http or https address without user and query")
	}
	if c.APIVersion == "" {
		c.APIVersion = DefaultAPIVersion
	}
	if !versionForm.MatchString(c.APIVersion) {
		return invalidConfig("APIVersion is %q, want one such as %q", c.APIVersion, DefaultAPIVersion)
	}
	return nil
}

func invalidConfig(format string, args ...any) error {
	return fmt.Errorf("%w: whatsapp: %s", chat.ErrInvalidConfig, fmt.Sprintf(format, args...))
}
