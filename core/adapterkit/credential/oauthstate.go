package credential

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// ErrState is the error for a state parameter that belongs to another browser, is too old or
// was used before.
var ErrState = errors.New("the state parameter belongs to another browser, is too old or was used before")

// OAuthStateConfig configures an [OAuthState].
type OAuthStateConfig struct {
	// Adapter is the adapter's name. Required.
	Adapter string
	// Secret signs the parameter. It is the app's client secret. Required.
	Secret string
	// TTL is how long a parameter is valid. Default: ten minutes.
	TTL time.Duration
	// Cookie is the name of the cookie that ties the parameter to a browser. Default:
	// "chat_{adapter}_oauth".
	Cookie string
	// Secure sets the attribute Secure of the cookie, for a bot behind a proxy that
	// terminates TLS. Default false: it is set if the request came over TLS.
	Secure bool
}

// OAuthState makes and checks the state parameter of OAuth. It prevents that a stranger lets
// another user's browser finish an authorization (RFC 6749, section 10.12). A parameter is
// "{nonce}.{expiry}.{mac}". The MAC also covers a cookie, and the bot's state stores which
// parameters were used. It is safe for concurrent use.
type OAuthState struct {
	cfg OAuthStateConfig
	key []byte
}

// NewOAuthState returns an OAuthState. Its errors are [chat.ErrInvalidConfig] and name the
// fields.
func NewOAuthState(cfg OAuthStateConfig) (*OAuthState, error) {
	if cfg.Adapter == "" || cfg.Secret == "" {
		return nil, fmt.Errorf("%w: credential: OAuthStateConfig needs Adapter and Secret", chat.ErrInvalidConfig)
	}
	if cfg.TTL <= 0 {
		cfg.TTL = 10 * time.Minute
	}
	if cfg.Cookie == "" {
		cfg.Cookie = "chat_" + cfg.Adapter + "_oauth"
	}
	key, err := hkdf.Key(sha256.New, []byte(cfg.Secret), nil, "chat-go "+cfg.Adapter+" oauth state", sha256.Size)
	if err != nil {
		return nil, err
	}
	return &OAuthState{cfg, key}, nil
}

// Begin returns a parameter for the browser that made the request, and sets a cookie. It can be
// called for several tabs of one browser.
func (o *OAuthState) Begin(w http.ResponseWriter, r *http.Request) string {
	browser, err := r.Cookie(o.cfg.Cookie)
	if err != nil || len(browser.Value) != len(rand.Text()) {
		browser = &http.Cookie{Name: o.cfg.Cookie, Value: rand.Text()}
	}
	http.SetCookie(w, &http.Cookie{
		Name: o.cfg.Cookie, Value: browser.Value, Path: "/", MaxAge: int(o.cfg.TTL / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, // Lax: the platform sends the browser back
		Secure: r.TLS != nil || o.cfg.Secure,
	})
	text := rand.Text() + "." + strconv.FormatInt(time.Now().Add(o.cfg.TTL).Unix(), 10)
	return text + "." + o.mac(text, browser.Value)
}

// Finish checks the parameter "state" of the callback, and marks it as used. It returns
// [ErrState] for a parameter that Begin did not make for this browser, that has expired, or
// that was used before. Any other error is the state's.
func (o *OAuthState) Finish(ctx context.Context, used state.Cache, r *http.Request) error {
	browser, err := r.Cookie(o.cfg.Cookie)
	if err != nil {
		return ErrState
	}
	parts := strings.Split(r.URL.Query().Get("state"), ".")
	if len(parts) != 3 || browser.Value == "" || !hmac.Equal([]byte(parts[2]), []byte(o.mac(parts[0]+"."+parts[1], browser.Value))) {
		return ErrState
	}
	expiry, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || time.Now().Unix() > expiry {
		return ErrState
	}
	fresh, err := used.SetIfNotExists(ctx, o.cfg.Adapter+":oauth-state:"+parts[0], state.NewClaim(time.Now()), o.cfg.TTL)
	if err == nil && !fresh {
		err = ErrState
	}
	return err
}

func (o *OAuthState) mac(text, browser string) string {
	mac := hmac.New(sha256.New, o.key)
	mac.Write([]byte(text + "." + browser))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
