package gchat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Scopes of the tokens.
// https://developers.google.com/workspace/chat/authenticate-authorize#chat-api-scopes
const (
	scopePrefix = "https://www.googleapis.com/auth/"
	botScope    = scopePrefix + "chat.bot"
	cloudScope  = scopePrefix + "cloud-platform"
	// tokenTimeout bounds a request for a token.
	tokenTimeout = 10 * time.Second
	// tokenURL exchanges signed assertions.
	// https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
	tokenURL = "https://oauth2.googleapis.com/token" //nolint:gosec // Reason: an address, no credential.
	// signURL signs as a service account without a key.
	// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
	signURL = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/%s:signJwt"
)

// userScopes are what the domain's administrator delegates.
var userScopes = []string{scopePrefix + "chat.messages", scopePrefix + "chat.spaces", scopePrefix + "chat.memberships"}

// tokens has the source of each identity's access tokens. It is safe for concurrent
// use.
type tokens struct {
	mu      sync.Mutex
	sources map[string]oauth2.TokenSource // by the user's address; "" is the app
}

// token returns an access token of the app, or of a user who is impersonated. Calls
// that wait for the same token share one request.
func (a *Adapter) token(ctx context.Context, user string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	t, err := webhook.InTime(ctx, func() (*oauth2.Token, error) {
		source, err := a.source(user)
		if err != nil {
			return nil, credentialsError(err)
		}
		return source.Token()
	})
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", tokenError(err)
	}
	if t.AccessToken == "" {
		return "", unexpected(opToken, "the answer has no token")
	}
	return t.AccessToken, nil
}

// forgetTokens has the next call ask for a new token.
func (a *Adapter) forgetTokens(user string) {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	delete(a.tokens.sources, user)
}

func (a *Adapter) source(user string) (oauth2.TokenSource, error) {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	if s := a.tokens.sources[user]; s != nil {
		return s, nil
	}
	s, err := a.newSource(user)
	if err != nil {
		return nil, err
	}
	s = oauth2.ReuseTokenSource(nil, s)
	a.tokens.sources[user] = s
	return s, nil
}

func (a *Adapter) newSource(user string) (oauth2.TokenSource, error) {
	ctx := context.WithValue(a.background, oauth2.HTTPClient, a.tokenClient)
	params := google.CredentialsParams{Scopes: []string{botScope}, Subject: user}
	if user != "" {
		params.Scopes = userScopes
	}
	if !a.config.UseADC {
		c, err := google.CredentialsFromJSONWithTypeAndParams(ctx, a.config.Credentials, google.CredentialsType(credentialsType(a.config.Credentials)), params)
		if err != nil {
			return nil, err
		}
		return c.TokenSource, nil
	}
	if user == "" {
		c, err := google.FindDefaultCredentialsWithParams(ctx, params)
		if err != nil {
			return nil, err
		}
		return c.TokenSource, nil
	}
	return a.defaultSourceAs(ctx, params)
}

// defaultSourceAs impersonates a user with the application default credentials: with
// their key, or where there is none by having Google sign for the service account.
func (a *Adapter) defaultSourceAs(ctx context.Context, params google.CredentialsParams) (oauth2.TokenSource, error) {
	c, err := google.FindDefaultCredentialsWithParams(ctx, params)
	if err != nil {
		return nil, err
	}
	if credentialsType(c.JSON) == string(google.ServiceAccount) {
		return c.TokenSource, nil
	}
	if len(c.JSON) > 0 {
		return nil, fmt.Errorf("gchat: impersonating a user with credentials of the type %q: %w", credentialsType(c.JSON), errors.ErrUnsupported)
	}
	cloud, err := google.FindDefaultCredentials(ctx, cloudScope)
	if err != nil {
		return nil, err
	}
	account, err := metadata.NewClient(a.tokenClient).EmailWithContext(ctx, "default")
	if err != nil {
		return nil, err
	}
	return &keylessSource{ctx: ctx, adapter: a, cloud: cloud.TokenSource, account: account, user: params.Subject}, nil
}

// keylessSource gets access tokens for a user through a service account whose private
// key only Google has.
type keylessSource struct {
	ctx     context.Context //nolint:containedctx // Reason: an oauth2.TokenSource has no context of its own.
	adapter *Adapter
	cloud   oauth2.TokenSource
	account string
	user    string
}

// Token has Google sign an assertion and exchanges it.
func (s *keylessSource) Token() (*oauth2.Token, error) {
	access, err := s.cloud.Token()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	payload, err := json.Marshal(map[string]any{
		"iss": s.account, "sub": s.user, "scope": joinScopes(userScopes), "aud": tokenURL, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	if err != nil {
		return nil, err
	}
	var signed struct {
		JWT string `json:"signedJwt"`
	}
	if err := s.post(fmt.Sprintf(signURL, url.PathEscape(s.account)), access.AccessToken, map[string]string{"payload": string(payload)}, &signed); err != nil {
		return nil, err
	}
	var got struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed.JWT}}
	if err := s.post(tokenURL, "", form, &got); err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: got.AccessToken, Expiry: now.Add(time.Duration(got.ExpiresIn) * time.Second)}, nil
}

func (s *keylessSource) post(address, access string, body, into any) error {
	header := http.Header{}
	if access != "" {
		header.Set("Authorization", "Bearer "+access)
	}
	base, path := splitURL(address)
	client, err := platform.NewClient(platform.ClientConfig{Adapter: adapterName, BaseURL: base, HTTPClient: s.adapter.config.HTTPClient, Timeout: tokenTimeout, Refused: refused})
	if err != nil {
		return err
	}
	_, err = client.Do(s.ctx, platform.Call{Op: opToken, Path: path, Header: header, Body: body, Into: into})
	return err
}

// opToken is the Op of errors about a token.
const opToken = "token"

// credentialsError is the error of credentials that are missing or unusable.
func credentialsError(err error) error {
	if errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return &chat.PlatformError{Adapter: adapterName, Op: opToken, Code: chat.CodeAuthentication, Err: errors.New("the credentials are not found or give no token")}
}

// tokenError is the error of a request for a token. It holds only the status and the
// error's name of the answer, since the rest may quote the assertion.
func tokenError(err error) error {
	if _, ok := errors.AsType[*chat.PlatformError](err); ok || errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	failure := &chat.PlatformError{Adapter: adapterName, Op: opToken, Code: chat.CodeTemporary, Err: errors.New("the token endpoint is not reached")}
	if got, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		failure.Code, failure.RetryAfter = platform.CodeOf(got.Response.StatusCode, got.Response.Header), platform.RetryAfter(got.Response.Header, time.Now())
		switch {
		case failure.Code == chat.CodeRateLimited:
			failure.RetryAfter = cmp.Or(failure.RetryAfter, limitPause)
		case got.Response.StatusCode < http.StatusInternalServerError:
			failure.Code = chat.CodeAuthentication
		}
		var said struct {
			Code string `json:"error"`
		}
		_ = json.Unmarshal(got.Body, &said) // then it says nothing
		failure.Err = fmt.Errorf("the token endpoint answered %d %s", got.Response.StatusCode, codeName(said.Code))
	}
	return failure
}
