package gchat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// The signers of requests, and where their public keys are.
// https://developers.google.com/workspace/chat/verify-requests-from-chat
const (
	// chatAccount is Chat's service account.
	chatAccount = "chat@system.gserviceaccount.com"
	chatKeys    = "https://www.googleapis.com/service_accounts/v1/jwk/" + chatAccount
	// googleIssuer is the issuer of ID tokens. In some tokens it stands without
	// "https://".
	// https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
	googleIssuer = "https://accounts.google.com"
	googleKeys   = "https://www.googleapis.com/oauth2/v3/certs"

	keysTimeout = 5 * time.Second
	// clockSkew is how far Google's clock and this one may be apart.
	clockSkew = 30 * time.Second
	// unknownKeyPause is the least time between two fetches of the keys that a token with
	// an unknown key causes, which anybody can send.
	unknownKeyPause = time.Minute
	// keysForever keeps a cached value for as long as the process runs, or the state.
	// The keys renew themselves, and the app's own user never changes.
	keysForever = 100 * 365 * 24 * time.Hour
)

// signer is a party that may sign a request, and the audience that it must sign for.
type signer struct {
	keys     string
	issuer   string
	audience string
	email    string // of ID tokens, which all of Google's accounts get from one issuer
}

// chatSigners are the signers of the interactions that Chat sends, as the app is
// configured.
func (c *Config) chatSigners() []signer {
	var all []signer
	if c.ProjectNumber != "" {
		all = append(all, signer{keys: chatKeys, issuer: chatAccount, audience: c.ProjectNumber})
	}
	if c.EndpointURL != "" {
		all = append(all, signer{keys: googleKeys, issuer: googleIssuer, audience: c.EndpointURL, email: chatAccount})
	}
	if c.AddOnServiceAccount != "" {
		all = append(all, signer{keys: googleKeys, issuer: googleIssuer, audience: c.EndpointURL, email: c.AddOnServiceAccount})
	}
	return all
}

// pubSubSigners are the signers of the pushes of Pub/Sub.
// https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
func (c *Config) pubSubSigners() []signer {
	if c.PubSubAudience == "" {
		return nil
	}
	return []signer{{keys: googleKeys, issuer: googleIssuer, audience: c.PubSubAudience, email: c.PubSubServiceAccount}}
}

// claims are the claims of a token that the adapter reads.
type claims struct {
	jwt.RegisteredClaims
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
}

var errNoSigner = errors.New("the token is of none of those who may send this")

// checkBearer refuses a request with the status 401 if none of the signers has signed
// its bearer token. The status is 503 if the keys cannot be fetched.
func (a *Adapter) checkBearer(r *http.Request, signers []signer) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return webhook.Unauthorized(errors.New("the request has no bearer token"))
	}
	var said claims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &said); err != nil {
		return webhook.Unauthorized(errors.New("the bearer token is no JWT"))
	}
	issuer := said.Issuer
	if "https://"+issuer == googleIssuer {
		issuer = googleIssuer
	}
	err := errNoSigner
	for _, s := range signers {
		if s.issuer != issuer {
			continue
		}
		if err = a.checkToken(r.Context(), token, s, said.Issuer); err == nil || errors.Is(err, chat.ErrTemporary) {
			break
		}
	}
	return webhook.Unauthorized(err)
}

// checkToken checks the signature, the issuer, the audience, the times and the email
// address of a token. Its errors hold nothing of the token except the names of claims.
func (a *Adapter) checkToken(ctx context.Context, token string, s signer, issuer string) error {
	keys, err := a.keysOf(ctx, s.keys)
	if err != nil {
		return err
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(s.audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(clockSkew),
	)
	var c claims
	if _, err := parser.ParseWithClaims(token, &c, keys.KeyfuncCtx(ctx)); err != nil {
		if _, down := errors.AsType[*url.Error](err); down {
			return errKeys
		}
		return reasonOf(err)
	}
	if s.email != "" && (!c.EmailVerified || c.Email != s.email) {
		return errNoSigner
	}
	return nil
}

var errKeys = fmt.Errorf("gchat: Google's keys cannot be fetched: %w", chat.ErrTemporary)

// reasonOf returns an error that tells what is wrong with a token without quoting the
// token.
func reasonOf(err error) error {
	known := []error{
		jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenExpired, jwt.ErrTokenNotValidYet,
		jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenInvalidAudience, jwt.ErrTokenInvalidIssuer, jwt.ErrTokenRequiredClaimMissing,
	}
	if i := slices.IndexFunc(known, func(k error) bool { return errors.Is(err, k) }); i >= 0 {
		return known[i]
	}
	return jwt.ErrTokenInvalidClaims
}

// keysOf returns the keys at an address. Requests that wait for them at the same time
// share one fetch. They are fetched again every hour, and when a token has a key that
// is not among them.
func (a *Adapter) keysOf(ctx context.Context, address string) (keyfunc.Keyfunc, error) {
	return a.keys.Get(ctx, address, func(context.Context) (keyfunc.Keyfunc, error) {
		ctx, cancel := context.WithCancel(a.background)
		keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{address}, keyfunc.Override{
			Client: a.config.HTTPClient, HTTPTimeout: keysTimeout, RateLimitWaitMax: keysTimeout, NoErrorReturnFirstHTTPReq: new(false),
			RefreshUnknownKID: rate.NewLimiter(rate.Every(unknownKeyPause), 1),
			RefreshErrorHandlerFunc: func(string) func(context.Context, error) {
				return func(ctx context.Context, err error) {
					a.log.WarnContext(ctx, "Google's keys were not renewed", "error", err)
				}
			},
		})
		if err != nil {
			cancel()
			a.log.WarnContext(ctx, "Google's keys cannot be fetched", "error", err)
			return nil, errKeys
		}
		context.AfterFunc(a.background, cancel)
		return keys, nil
	})
}
