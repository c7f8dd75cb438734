package gchat

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2/google"

	"github.com/chat-adapter/chat-go/core/chat"
)

// DefaultAPIURL is where the Chat API is.
const DefaultAPIURL = "https://chat.googleapis.com"

// Config describes the Chat app. It needs an audience, ProjectNumber or EndpointURL,
// and credentials: Credentials or UseADC.
type Config struct {
	// Credentials is the key of the app's service account, the JSON file that the Google
	// Cloud console gives, or another configuration of Google's with a "type".
	Credentials []byte
	// UseADC takes the application default credentials: the file that
	// GOOGLE_APPLICATION_CREDENTIALS names, gcloud's, or the service account of the
	// machine on Google Cloud. Default false.
	UseADC bool

	// ProjectNumber is the number of the Google Cloud project, where the app's
	// authentication audience is the project number.
	ProjectNumber string
	// EndpointURL is the address of the webhook as it stands in the app's configuration,
	// where the authentication audience is the HTTP endpoint URL. A Workspace add-on
	// needs it for its buttons, too.
	EndpointURL string
	// AddOnServiceAccount is the address of the service account with which a Workspace
	// add-on's events are signed, as the console shows it. Default: events of add-ons
	// are refused.
	AddOnServiceAccount string

	// PubSubTopic is where Workspace Events go, "projects/{project}/topics/{topic}".
	// With it a thread that is subscribed to subscribes the bot to all messages and
	// reactions of the space, in the name of ImpersonateUser. Default: the bot hears only what is addressed to it.
	PubSubTopic string
	// PubSubAudience and PubSubServiceAccount are the audience and the service account
	// of the push subscription. Without both, pushes are refused.
	PubSubAudience, PubSubServiceAccount string

	// ImpersonateUser is the address of a user of the domain in whose name the app makes
	// the calls that the Chat API allows to users alone: history, reactions, files and
	// subscriptions. The domain's administrator delegates that to the service account.
	// Default: reactions and files are tried as the app, and history is
	// [errors.ErrUnsupported].
	ImpersonateUser string
	// BotUserID is the app's own user, "users/{number}". Default: it is learnt from what
	// the app posts; until then messages of all apps in Workspace Events are taken for
	// its own.
	BotUserID chat.UserID
	// Commands are the names of commands by their ids in the app's configuration, such
	// as "/help" for a quick command, of which Chat tells the id alone. Default: "/" and
	// the id.
	Commands map[int64]string

	// APIURL is another address of the Chat API. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls. Default: a client of its own.
	HTTPClient *http.Client
}

// FromEnv returns the configuration in the environment: GOOGLE_CHAT_CREDENTIALS,
// GOOGLE_CHAT_USE_ADC, GOOGLE_CHAT_PROJECT_NUMBER, GOOGLE_CHAT_ENDPOINT_URL,
// GOOGLE_CHAT_WORKSPACE_ADDON_SERVICE_ACCOUNT_EMAIL, GOOGLE_CHAT_PUBSUB_TOPIC,
// GOOGLE_CHAT_PUBSUB_AUDIENCE, GOOGLE_CHAT_PUBSUB_SERVICE_ACCOUNT_EMAIL,
// GOOGLE_CHAT_IMPERSONATE_USER, GOOGLE_CHAT_BOT_USER_ID and GOOGLE_CHAT_API_URL.
func FromEnv() Config {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	return Config{
		Credentials: []byte(get("GOOGLE_CHAT_CREDENTIALS")), UseADC: get("GOOGLE_CHAT_USE_ADC") == "true",
		ProjectNumber: get("GOOGLE_CHAT_PROJECT_NUMBER"), EndpointURL: get("GOOGLE_CHAT_ENDPOINT_URL"), AddOnServiceAccount: get("GOOGLE_CHAT_WORKSPACE_ADDON_SERVICE_ACCOUNT_EMAIL"),
		PubSubTopic: get("GOOGLE_CHAT_PUBSUB_TOPIC"), PubSubAudience: get("GOOGLE_CHAT_PUBSUB_AUDIENCE"), PubSubServiceAccount: get("GOOGLE_CHAT_PUBSUB_SERVICE_ACCOUNT_EMAIL"),
		ImpersonateUser: get("GOOGLE_CHAT_IMPERSONATE_USER"), BotUserID: chat.UserID(get("GOOGLE_CHAT_BOT_USER_ID")), APIURL: get("GOOGLE_CHAT_API_URL"),
	}
}

var (
	numberForm  = regexp.MustCompile(`^[0-9]{1,20}$`)
	topicForm   = regexp.MustCompile(`^projects/[^/\s]+/topics/[^/\s]+$`)
	addressForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
)

// validate fills in the defaults. Its error names the field and shows no secret.
func (c *Config) validate() error {
	switch {
	case len(c.Credentials) == 0 && !c.UseADC:
		return invalidConfig("neither Credentials nor UseADC is set, want one")
	case len(c.Credentials) > 0 && c.UseADC:
		return invalidConfig("Credentials and UseADC are set, want one of them")
	case len(c.Credentials) > 0 && credentialsType(c.Credentials) == "":
		return invalidConfig(`Credentials must be the JSON of a key, with a "type"`)
	case credentialsType(c.Credentials) == string(google.ServiceAccount) && !hasKey(c.Credentials):
		return invalidConfig("Credentials has no private_key in PEM, as the key of a service account has")
	case c.ProjectNumber == "" && c.EndpointURL == "":
		return invalidConfig("neither ProjectNumber nor EndpointURL is set, so nothing would come in: set the authentication audience of the app")
	case c.ProjectNumber != "" && !numberForm.MatchString(c.ProjectNumber):
		return invalidConfig("ProjectNumber must be digits, the number of the project and not its id")
	case c.EndpointURL != "" && !isWebURL(c.EndpointURL):
		return invalidConfig("EndpointURL must be an http or https address")
	case c.AddOnServiceAccount != "" && c.EndpointURL == "":
		return invalidConfig("AddOnServiceAccount needs the EndpointURL, which is the audience of add-ons")
	case c.PubSubTopic != "" && !topicForm.MatchString(c.PubSubTopic):
		return invalidConfig(`PubSubTopic must be "projects/{project}/topics/{topic}"`)
	case (c.PubSubAudience == "") != (c.PubSubServiceAccount == ""):
		return invalidConfig("PubSubAudience and PubSubServiceAccount are wanted together")
	case c.PubSubTopic != "" && c.PubSubAudience == "":
		return invalidConfig("PubSubTopic needs PubSubAudience and PubSubServiceAccount, or its pushes would be refused")
	case c.PubSubTopic != "" && c.ImpersonateUser == "":
		return invalidConfig("PubSubTopic needs ImpersonateUser: a space is subscribed to in a user's name")
	case c.BotUserID != "" && !isUserID(c.BotUserID):
		return invalidConfig(`BotUserID must be "users/" and an id`)
	}
	for name, address := range map[string]string{
		"AddOnServiceAccount": c.AddOnServiceAccount, "PubSubServiceAccount": c.PubSubServiceAccount, "ImpersonateUser": c.ImpersonateUser,
	} {
		if address != "" && !addressForm.MatchString(address) {
			return invalidConfig(name + " must be an email address")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Commands)) {
		if name := c.Commands[id]; !strings.HasPrefix(name, "/") || len(name) < 2 || strings.ContainsAny(name, " \t\n") {
			return invalidConfig(fmt.Sprintf(`Commands[%d] must be "/" and a name`, id))
		}
	}
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	c.APIURL = strings.TrimRight(c.APIURL, "/")
	if !isWebURL(c.APIURL) {
		return invalidConfig("APIURL must be an http or https address without user and query")
	}
	return nil
}

// credentialsType is the "type" of a key file, or empty if it is none.
func credentialsType(data []byte) string {
	var key struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(data, &key) // then it has no type
	return key.Type
}

// hasKey reports whether the key file of a service account has its key.
func hasKey(data []byte) bool {
	var key struct {
		PrivateKey string `json:"private_key"`
	}
	if json.Unmarshal(data, &key) != nil {
		return false
	}
	_, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(key.PrivateKey))
	return err == nil
}

func isWebURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

func invalidConfig(text string) error {
	return fmt.Errorf("%w: gchat: %s", chat.ErrInvalidConfig, text)
}
