package linear

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Installation is the app in one workspace. Its JSON is that of the TypeScript SDK. In the
// state its tokens are encrypted.
type Installation struct {
	// OrganizationID is the id of the workspace. Required.
	OrganizationID string
	// AccessToken is the token for calls. Required.
	AccessToken string
	// RefreshToken gets the next AccessToken. Default none: the AccessToken is used
	// until Linear refuses it.
	RefreshToken string
	// ExpiresAt is the time when the AccessToken expires. With a RefreshToken, zero means
	// that it has expired. Default zero.
	ExpiresAt time.Time
	// BotUserID is the id of the app's user in the workspace. Default none.
	BotUserID chat.UserID
}

// installationJSON is the JSON of an installation. Times are in milliseconds since 1970.
type installationJSON struct {
	AccessToken    string      `json:"accessToken"`
	RefreshToken   string      `json:"refreshToken,omitempty"`
	BotUserID      chat.UserID `json:"botUserId"`
	ExpiresAt      *int64      `json:"expiresAt"`
	OrganizationID string      `json:"organizationId"`
}

// MarshalJSON returns the JSON of the TypeScript SDK, with the tokens unencrypted.
func (i *Installation) MarshalJSON() ([]byte, error) {
	out := installationJSON{AccessToken: i.AccessToken, RefreshToken: i.RefreshToken, BotUserID: i.BotUserID, OrganizationID: i.OrganizationID}
	if !i.ExpiresAt.IsZero() {
		out.ExpiresAt = new(i.ExpiresAt.UnixMilli())
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the JSON of the TypeScript SDK, with the tokens unencrypted.
func (i *Installation) UnmarshalJSON(data []byte) error {
	var in installationJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*i = Installation{OrganizationID: in.OrganizationID, AccessToken: in.AccessToken, RefreshToken: in.RefreshToken, BotUserID: in.BotUserID}
	if in.ExpiresAt != nil {
		i.ExpiresAt = time.UnixMilli(*in.ExpiresAt).UTC()
	}
	return nil
}

const (
	// ownToken is the id of the installation with the token of client credentials.
	ownToken = "client-credentials"
	// opToken is the path of the call for a token, and its Op in errors.
	opToken = "oauth/token"
)

// keepInstallations returns the store of installations, which also exchanges tokens before
// they expire.
func (a *Adapter) keepInstallations(host chat.Host) *credential.Installations[*Installation] {
	return credential.NewInstallations(host, credential.InstallationsConfig[*Installation]{
		Adapter: adapterName, Keys: a.keys, Secrets: []string{"accessToken", "refreshToken"},
		Token: func(i *Installation) credential.Token {
			return credential.Token{Access: i.AccessToken, Refresh: i.RefreshToken, ExpiresAt: i.ExpiresAt}
		},
		Exchange: a.exchange,
	})
}

// renews reports whether the adapter fetches tokens itself.
func (a *Adapter) renews() bool {
	return a.config.OAuth.ClientID != "" || a.config.ClientCredentials.ClientID != ""
}

// token returns a token for calls to a workspace.
func (a *Adapter) token(ctx context.Context, workspace string) (string, error) {
	switch {
	case a.config.APIKey != "":
		return a.config.APIKey, nil
	case a.config.AccessToken != "":
		return a.config.AccessToken, nil
	case a.config.AccessTokenSource != nil:
		token, err := a.config.AccessTokenSource(ctx)
		if err == nil && token == "" {
			err = failure("token", chat.CodeAuthentication, "it has returned an empty token")
		}
		if err != nil {
			return "", fmt.Errorf("linear: Config.AccessTokenSource: %w", err)
		}
		return token, nil
	}
	id := a.installationID(workspace)
	i, err := a.kept.Get(ctx, id)
	if errors.Is(err, chat.ErrNotFound) && id == ownToken {
		// The first instance stores a token that has expired. It is exchanged at once.
		i = &Installation{AccessToken: "none", RefreshToken: ownToken, ExpiresAt: time.UnixMilli(1)}
		err = a.kept.Set(ctx, id, i)
	}
	if err == nil {
		i, err = a.kept.Fresh(ctx, id, i)
	}
	if err != nil {
		return "", err
	}
	return i.AccessToken, nil
}

func (a *Adapter) installationID(workspace string) string {
	if a.config.ClientCredentials.ClientID != "" {
		return ownToken
	}
	return workspace
}

// renewToken returns another token than the one that Linear has refused.
func (a *Adapter) renewToken(ctx context.Context, workspace, refused string) (string, error) {
	i, err := a.kept.Renew(ctx, a.installationID(workspace), refused)
	if err != nil {
		return "", err
	}
	return i.AccessToken, nil
}

// exchange fetches the next token.
// https://linear.app/developers/oauth-2-0-authentication
func (a *Adapter) exchange(ctx context.Context, i *Installation) (*Installation, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {i.RefreshToken}, "client_id": {a.config.OAuth.ClientID}, "client_secret": {a.config.OAuth.ClientSecret}}
	if own := a.config.ClientCredentials; own.ClientID != "" {
		form = url.Values{
			"grant_type": {"client_credentials"}, "client_id": {own.ClientID}, "client_secret": {own.ClientSecret}, "scope": {strings.Join(a.config.scopes(), ",")},
		}
	}
	got, err := a.fetchToken(ctx, form)
	if err != nil {
		return nil, err
	}
	next := *i
	next.AccessToken, next.ExpiresAt = got.AccessToken, got.ExpiresAt
	if got.RefreshToken != "" {
		next.RefreshToken = got.RefreshToken
	}
	return &next, nil
}

func (a *Adapter) fetchToken(ctx context.Context, form url.Values) (*Installation, error) {
	asked := time.Now()
	var got struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		ExpiresIn    int64  `json:"expires_in"`
	}
	if _, err := a.client.Do(ctx, platform.Call{Op: opToken, Path: opToken, Body: form, Into: &got}); err != nil {
		return nil, err
	}
	if got.AccessToken == "" {
		return nil, failure(opToken, chat.CodeInvalid, "the answer has no token")
	}
	i := &Installation{AccessToken: got.AccessToken, RefreshToken: got.RefreshToken}
	if got.ExpiresIn > 0 {
		i.ExpiresAt = asked.Add(time.Duration(got.ExpiresIn) * time.Second).UTC().Truncate(time.Second)
	}
	return i, nil
}
