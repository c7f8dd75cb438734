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

// DefaultAPIURL is the address of the Chat API.
const DefaultAPIURL = "https://chat.googleapis.com"

// Config describes the Chat app. It needs an audience (ProjectNumber or EndpointURL, or
// both) and credentials (Credentials or UseADC, not both).
type Config struct {
	// Credentials is the content of the JSON file with the key of the app's service
	// account, as the Google Cloud console gives it. Another kind of Google
	// credentials, with another "type" in its JSON, is also possible. Default none.
	Credentials []byte
	// UseADC uses the application default credentials: the file that
	// GOOGLE_APPLICATION_CREDENTIALS names, those of the gcloud command, or the service
	// account of the machine on Google Cloud.
	// https://cloud.google.com/docs/authentication/application-default-credentials.
	// Default false.
	UseADC bool

	// ProjectNumber is the number of the Google Cloud project. It is needed if the
	// app's authentication audience is the project number. Default none.
	ProjectNumber string
	// EndpointURL is the address of the webhook, exactly as in the app's configuration.
	// It is needed if the app's authentication audience is the HTTP endpoint URL, and
	// by a Workspace add-on also for its buttons. Default none.
	EndpointURL string
	// AddOnServiceAccount is the email address of the service account that signs the
	// events of a Workspace add-on, as the console shows it. It needs EndpointURL.
	// Default: events of add-ons are refused.
	AddOnServiceAccount string

	// PubSubTopic is the Pub/Sub topic to which Google sends Workspace Events,
	// "projects/{project}/topics/{topic}". With it, a bot that subscribes to a thread
	// gets all messages, reactions and changes of members of the thread's space. The
	// subscription is made in the name of ImpersonateUser. Default: the bot gets only
	// what is addressed to it.
	PubSubTopic string
	// PubSubAudience and PubSubServiceAccount are the audience and the email address of
	// the service account of the push subscription, both or none. Default: pushes are
	// refused.
	PubSubAudience, PubSubServiceAccount string

	// ImpersonateUser is the email address of a user of the domain. In this user's name
	// the app makes the calls that the Chat API allows only to users: history,
	// reactions, files and subscriptions to spaces. The domain's administrator must
	// allow it ("domain-wide delegation"). Default: the app tries reactions and files
	// itself, and history is [errors.ErrUnsupported].
	ImpersonateUser string
	// BotUserID is the app's own user, "users/{number}". Default: the adapter learns it
	// from the first message that it posts. Until then it takes every app's message in
	// Workspace Events for the bot's own, so that the bot never answers itself.
	BotUserID chat.UserID
	// Commands has the name of each command, such as "/help", by the command's id in
	// the app's configuration. A quick command needs it, because Chat sends only the
	// id. Default: the name is "/" and the id.
	Commands map[int64]string

	// APIURL is the address of the Chat API. Default: [DefaultAPIURL].
	APIURL string
	// HTTPClient makes the calls. Default: a client of the adapter's own. Whatever the
	// client, a call has 30 s, one that sends a file 5 min, and one for a token 10 s.
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
		return invalidConfig("neither Credentials nor UseADC is set, want one of them")
	case len(c.Credentials) > 0 && c.UseADC:
		return invalidConfig("Credentials and UseADC are both set, want one of them")
	case len(c.Credentials) > 0 && credentialsType(c.Credentials) == "":
		return invalidConfig(`Credentials must be the JSON of a key, with a "type"`)
	case credentialsType(c.Credentials) == string(google.ServiceAccount) && !hasKey(c.Credentials):
		return invalidConfig("Credentials has no private_key in PEM, as the key of a service account has")
	case c.ProjectNumber == "" && c.EndpointURL == "":
		return invalidConfig("neither ProjectNumber nor EndpointURL is set, so every webhook would be refused: set the one that is the authentication audience of the app")
	case c.ProjectNumber != "" && !numberForm.MatchString(c.ProjectNumber):
		return invalidConfig("ProjectNumber must be digits, the number of the project and not its id")
	case c.EndpointURL != "" && !isWebURL(c.EndpointURL):
		return invalidConfig("EndpointURL must be an http or https address")
	case c.AddOnServiceAccount != "" && c.EndpointURL == "":
		return invalidConfig("AddOnServiceAccount needs the EndpointURL, which is the audience of add-ons")
	case c.PubSubTopic != "" && !topicForm.MatchString(c.PubSubTopic):
		return invalidConfig(`PubSubTopic must be "projects/{project}/topics/{topic}"`)
	case (c.PubSubAudience == "") != (c.PubSubServiceAccount == ""):
		return invalidConfig("PubSubAudience and PubSubServiceAccount must both be set, or neither")
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
