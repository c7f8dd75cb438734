package slack

import (
	"context"
	"errors"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/credential"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Slack exchanges a refresh token once, and again only for a short while; the token
// before stays valid, but there are two at most.
// https://docs.slack.dev/authentication/using-token-rotation

// refreshBefore is how long before its end a token is exchanged. It lives for 12
// hours; Slack's own libraries take 2, too.
const refreshBefore = 2 * time.Hour

var errNoRefreshToken = errors.New("the answer has no token, no refresh token or no expiry")

// keepInstallations returns what keeps installations in the state and exchanges their
// tokens.
func (a *Adapter) keepInstallations(host chat.Host) *credential.Installations[*Installation] {
	return credential.NewInstallations(host, credential.InstallationsConfig[*Installation]{
		Adapter: adapterName,
		Keys:    a.keys,
		Secrets: []string{"botToken", "refreshToken"},
		Token: func(i *Installation) credential.Token {
			return credential.Token{Access: i.BotToken, Refresh: i.RefreshToken, ExpiresAt: i.ExpiresAt}
		},
		Exchange: a.exchangeToken,
		Early:    refreshBefore,
	})
}

// exchangeToken asks Slack for the next token.
func (a *Adapter) exchangeToken(ctx context.Context, i *Installation) (*Installation, error) {
	asked := time.Now()
	answer, err := slackapi.RefreshOAuthV2TokenContext(ctx, a.config.HTTPClient, a.config.ClientID, a.config.ClientSecret, i.RefreshToken,
		slackapi.OAuthOptionAPIURL(a.config.APIURL))
	if err != nil {
		return nil, apiError(opOAuth, err)
	}
	if answer.AccessToken == "" || answer.RefreshToken == "" || answer.ExpiresIn <= 0 {
		return nil, platformError(opOAuth, chat.CodeInvalid, errNoRefreshToken)
	}
	next := *i
	next.BotToken, next.RefreshToken, next.ExpiresAt = answer.AccessToken, answer.RefreshToken, expiry(asked, answer.ExpiresIn)
	return &next, nil
}

// expiry returns when a token that was asked for at a time ends. Slack counts in
// seconds from its answer on.
func expiry(asked time.Time, seconds int) time.Time {
	return asked.Add(time.Duration(seconds) * time.Second).UTC().Truncate(time.Second)
}

// renew returns the token in the place of one that Slack has refused, or "" if
// there is none.
func (a *Adapter) renew(ctx context.Context, id, refused string) string {
	a.installations.Delete(id)
	i, err := a.installation(ctx, origin{Installation: id})
	if err == nil && i.BotToken == refused && a.keepsInstallations() {
		if i, err = a.kept.Renew(ctx, id, refused); err == nil {
			a.installations.Set(id, i)
		}
	}
	if err != nil || i.BotToken == refused {
		return ""
	}
	return i.BotToken
}
