package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	tokenOp      = "token"
	tokenTimeout = 30 * time.Second
	// tokenMargin is how long before its expiry a token is no longer used.
	tokenMargin = 5 * time.Minute
)

// grant identifies a token by its tenant and its scope.
type grant struct{ tenant, scope string }

// accessToken is a token with its expiry.
type accessToken struct {
	text string
	ends time.Time
}

// tokens caches the bot's tokens by grant. Callers at the same time share one fetch. It is
// safe for concurrent use.
type tokens struct {
	fetch func(ctx context.Context, g grant) (accessToken, error)

	mu      sync.Mutex
	kept    map[grant]accessToken
	flights map[grant]*tokenFlight
}

// tokenFlight is a token that is being fetched. Its fields are set when done is closed.
type tokenFlight struct {
	done  chan struct{}
	token accessToken
	err   error
}

// get returns a token that is valid for at least tokenMargin, if its lifetime allows it.
func (t *tokens) get(ctx context.Context, g grant) (string, error) {
	t.mu.Lock()
	if kept, ok := t.kept[g]; ok && time.Until(kept.ends) > tokenMargin {
		t.mu.Unlock()
		return kept.text, nil
	}
	flight := t.flights[g]
	if flight == nil {
		flight = &tokenFlight{done: make(chan struct{})}
		t.flights[g] = flight
		go t.run(context.WithoutCancel(ctx), g, flight)
	}
	t.mu.Unlock()
	select {
	case <-flight.done:
		return flight.token.text, flight.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (t *tokens) run(ctx context.Context, g grant, flight *tokenFlight) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	flight.token, flight.err = t.fetch(ctx, g)
	if errors.Is(flight.err, context.DeadlineExceeded) {
		flight.err = failure(tokenOp, chat.CodeTemporary, "fetching a token takes too long")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.flights, g)
	if flight.err == nil {
		t.kept[g] = flight.token
	}
	close(flight.done)
}

// forget removes a token that was refused, so that the next call fetches another one.
func (t *tokens) forget(g grant, refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept[g].text == refused {
		delete(t.kept, g)
	}
}

// fetchToken fetches a token with the credential in the configuration.
func (a *Adapter) fetchToken(ctx context.Context, g grant) (accessToken, error) {
	switch {
	case a.config.TokenSource != nil:
		text, err := a.config.TokenSource(ctx, g.scope)
		if err == nil && text == "" {
			err = failure(tokenOp, chat.CodeAuthentication, "it has returned an empty token")
		}
		if err != nil {
			return accessToken{}, fmt.Errorf("teams: Config.TokenSource: %w", err)
		}
		return accessToken{text: text}, nil // without an expiry it is not cached
	case a.config.ManagedIdentity.Enabled && !a.config.ManagedIdentity.Federated:
		return a.askIdentity(ctx, strings.TrimSuffix(g.scope, "/.default"))
	}
	form, err := a.proof(ctx, a.cloud.login+g.tenant+"/oauth2/v2.0/token")
	if err != nil {
		return accessToken{}, err
	}
	form.Set("grant_type", "client_credentials")
	form.Set("client_id", a.config.AppID)
	form.Set("scope", g.scope)
	// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
	return a.askToken(ctx, a.login, platform.Call{Op: tokenOp, Path: g.tenant + "/oauth2/v2.0/token", Body: form})
}

// askToken makes a call whose answer is a token.
func (a *Adapter) askToken(ctx context.Context, client *platform.Client, call platform.Call) (accessToken, error) {
	asked := time.Now()
	var got struct {
		AccessToken string      `json:"access_token"`
		ExpiresIn   flexibleInt `json:"expires_in"`
	}
	call.Into = &got
	if _, err := client.Do(ctx, call); err != nil {
		return accessToken{}, err
	}
	if got.AccessToken == "" {
		return accessToken{}, failure(tokenOp, chat.CodeTemporary, "the answer has no token")
	}
	return accessToken{got.AccessToken, asked.Add(time.Duration(got.ExpiresIn) * time.Second)}, nil
}

// refusedToken returns why a token was refused, or nil if it was not. The description of an
// error may quote the request, so only its name is returned. https://datatracker.ietf.org/doc/html/rfc6749#section-5.2
func refusedToken(got *platform.Answer) *platform.Refusal {
	if got.OK() {
		return nil
	}
	var r struct {
		Error string  `json:"error"`
		Codes []int64 `json:"error_codes"`
	}
	_ = readJSON(got.Body, &r)
	name := safeName(r.Error)
	if got.Status != http.StatusBadRequest && got.Status != http.StatusUnauthorized || name == "temporarily_unavailable" {
		return nil // the status classifies it
	}
	// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
	return &platform.Refusal{Code: chat.CodeAuthentication, Err: fmt.Errorf("the token request was refused: %s %v", name, r.Codes)}
}
