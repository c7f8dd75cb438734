package twilio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIURL is the address of Twilio's API.
const DefaultAPIURL = "https://api.twilio.com"

// Config describes the account, and from where the bot writes first. A message is
// answered from the number that it came to, so a bot that only answers needs no number
// here.
type Config struct {
	// AccountSID is the account's id, "AC" and 32 hexadecimal digits. Required.
	AccountSID string
	// AuthToken is the account's auth token. The adapter makes calls with it, and Twilio
	// signs webhooks with it. Required.
	AuthToken string
	// SecondaryAuthToken is another token that a webhook may be signed with. Set it while
	// you exchange the account's tokens, so that no webhook is refused. Default: none.
	SecondaryAuthToken string
	// PhoneNumber is the number or short code from which the bot writes first, such as
	// "+15005550006". Default: it writes through the MessagingServiceSID.
	PhoneNumber string
	// MessagingServiceSID is the messaging service, "MG" and 32 hexadecimal digits,
	// through which the bot writes first where there is no number for it. Answers come in
	// the thread of the number that the service has chosen. Default: none.
	MessagingServiceSID string
	// WhatsAppNumber is the number from which the bot writes first on WhatsApp, such as
	// "+14155238886". Default: the MessagingServiceSID.
	WhatsAppNumber string
	// RCSSenderID is the sender from which the bot writes first by RCS, such as
	// "brand_agent". Default: the MessagingServiceSID.
	RCSSenderID string

	// WebhookURL is the webhook's address as you entered it at Twilio. Twilio signs it.
	// Set it if a proxy changes the host or the path, or if other programs get webhooks
	// of the same account. Default: the host and the path of each request.
	WebhookURL string
	// StatusCallbackURL is the address to which Twilio sends the status of each message,
	// mostly the WebhookURL. Default: Twilio sends none, unless the messaging service is
	// set up for it.
	StatusCallbackURL string

	// RefuseLong refuses posts of more than 1,600 characters with [ErrTooLong]. Default:
	// they become several messages.
	RefuseLong bool
	// MaxSegments is the largest number of SMS segments that a post may take. Twilio
	// charges for each segment. A post with more is [ErrTooLong]. Default: any number.
	MaxSegments int

	// Upload stores a file and returns its address, such as a signed address of an object
	// store. Twilio must be able to fetch it for some minutes, by GET and without
	// credentials. The adapter calls Upload once for each file of a post, before it sends
	// anything. Default: posts with Files are [errors.ErrUnsupported]. Attachments need
	// no Upload.
	Upload func(ctx context.Context, file chat.File) (address string, err error)

	// APIURL is another address of the API, such as that of a region. Default:
	// [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls. Default: a client of the adapter's own.
	HTTPClient *http.Client
}

// FromEnv returns the configuration from the environment variables TWILIO_ACCOUNT_SID,
// TWILIO_AUTH_TOKEN, TWILIO_SECONDARY_AUTH_TOKEN, TWILIO_PHONE_NUMBER,
// TWILIO_MESSAGING_SERVICE_SID, TWILIO_WHATSAPP_NUMBER, TWILIO_RCS_SENDER_ID,
// TWILIO_WEBHOOK_URL, TWILIO_STATUS_CALLBACK_URL and TWILIO_API_URL.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	return Config{
		AccountSID: get("TWILIO_ACCOUNT_SID"), AuthToken: get("TWILIO_AUTH_TOKEN"), SecondaryAuthToken: get("TWILIO_SECONDARY_AUTH_TOKEN"),
		PhoneNumber:         get("TWILIO_PHONE_NUMBER"),
		MessagingServiceSID: get("TWILIO_MESSAGING_SERVICE_SID"), WhatsAppNumber: get("TWILIO_WHATSAPP_NUMBER"), RCSSenderID: get("TWILIO_RCS_SENDER_ID"),
		WebhookURL: get("TWILIO_WEBHOOK_URL"), StatusCallbackURL: get("TWILIO_STATUS_CALLBACK_URL"), APIURL: get("TWILIO_API_URL"),
	}
}

var (
	accountForm = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	serviceForm = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	numberForm  = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)
	codeForm    = regexp.MustCompile(`^[0-9]{3,8}$`) // of a short code
	agentForm   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
)

// validate sets the defaults. Its error names the field and shows no secret.
func (c *Config) validate() error {
	c.WhatsAppNumber = strings.TrimPrefix(c.WhatsAppNumber, whatsAppPrefix)
	c.RCSSenderID = strings.TrimPrefix(c.RCSSenderID, rcsPrefix)
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	switch {
	case !accountForm.MatchString(c.AccountSID):
		return invalidConfig(`AccountSID is %q, want "AC" and 32 hexadecimal digits`, c.AccountSID)
	case c.AuthToken == "":
		return invalidConfig("AuthToken is empty, want the account's auth token")
	case !isToken(c.AuthToken):
		return invalidConfig("AuthToken has a character that is not visible ASCII, such as a space or a line break")
	case !isToken(c.SecondaryAuthToken):
		return invalidConfig("SecondaryAuthToken has a character that is not visible ASCII, such as a space or a line break")
	case c.MessagingServiceSID != "" && !serviceForm.MatchString(c.MessagingServiceSID):
		return invalidConfig(`MessagingServiceSID is %q, want "MG" and 32 hexadecimal digits`, c.MessagingServiceSID)
	case c.PhoneNumber != "" && !numberForm.MatchString(c.PhoneNumber) && !codeForm.MatchString(c.PhoneNumber):
		return invalidConfig("PhoneNumber is %q, want a number such as %q, or a short code", c.PhoneNumber, "+15005550006")
	case c.WhatsAppNumber != "" && !numberForm.MatchString(c.WhatsAppNumber):
		return invalidConfig("WhatsAppNumber is %q, want a number such as %q", c.WhatsAppNumber, "+14155238886")
	case c.RCSSenderID != "" && !agentForm.MatchString(c.RCSSenderID):
		return invalidConfig("RCSSenderID is %q, want a sender's id such as %q", c.RCSSenderID, "brand_agent")
	case c.MaxSegments < 0:
		return invalidConfig("MaxSegments is %d, want a number of segments, or 0 for any", c.MaxSegments)
	}
	for field, address := range map[string]string{"WebhookURL": c.WebhookURL, "StatusCallbackURL": c.StatusCallbackURL, "APIURL": c.APIURL} {
		if u, err := url.Parse(address); address != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			return invalidConfig("%s must be an http or https address", field)
		}
	}
	if u, _ := url.Parse(c.APIURL); u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return invalidConfig("APIURL must be an address without user, query and fragment")
	}
	return nil
}

func isToken(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

func invalidConfig(format string, args ...any) error {
	return fmt.Errorf("%w: twilio: %s", chat.ErrInvalidConfig, fmt.Sprintf(format, args...))
}
