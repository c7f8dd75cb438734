package meta

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
)

const (
	// GraphURL is where the Graph API is.
	GraphURL = "https://graph.facebook.com"
	// InstagramURL is where it is for tokens of Instagram's own login.
	InstagramURL = "https://graph.instagram.com"
)

// FileHosts are where Meta keeps what people send.
var FileHosts = []string{"lookaside.fbsbx.com", ".fbsbx.com", ".fbcdn.net", ".cdninstagram.com", ".whatsapp.net"}

// ClientConfig configures calls of the Graph API.
type ClientConfig struct {
	// Adapter is the adapter's name, for errors. Required.
	Adapter string
	// BaseURL is the API's address with its version, such as
	// "https://graph.facebook.com/v25.0/", with the slash. Required.
	BaseURL string
	// Token is sent with each call, in the header Authorization. Required.
	Token string
	// HTTPClient makes the calls. Default: a client of its own.
	HTTPClient *http.Client
	// Timeout bounds one call. Default: 30 s.
	Timeout time.Duration
	// Refused says what an error means in the platform's own codes. It returns nil for
	// those that it has nothing to say about. Default: it has nothing to say.
	Refused func(e *Error) *platform.Refusal
}

// NewClient returns a client of the Graph API. What the API refuses has an [*Error] in
// its [chat.PlatformError], unless Refused has put another one there. Errors of
// NewClient are [chat.ErrInvalidConfig].
func NewClient(cfg ClientConfig) (*platform.Client, error) {
	return platform.NewClient(platform.ClientConfig{
		Adapter: cfg.Adapter, BaseURL: cfg.BaseURL, HTTPClient: cfg.HTTPClient, Timeout: cfg.Timeout, Authorization: "Bearer " + cfg.Token,
		Refused: func(a *platform.Answer) *platform.Refusal {
			var body struct {
				Error *Error `json:"error"`
			}
			if json.Unmarshal(a.Body, &body) != nil || body.Error == nil {
				return nil
			}
			var refusal *platform.Refusal
			if cfg.Refused != nil {
				refusal = cfg.Refused(body.Error)
			}
			if refusal == nil {
				refusal = &platform.Refusal{}
			}
			if refusal.Err == nil {
				refusal.Err = body.Error
			}
			if refusal.Code == 0 {
				refusal.Code = body.Error.Class(a.Status)
			}
			if refusal.RetryAfter == 0 {
				refusal.RetryAfter = regainAfter(a.Header)
			}
			return refusal
		},
	})
}
