package teams

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// clockSkew is how far the clocks of the Bot Connector and the bot may differ.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot-step-4
const clockSkew = 5 * time.Minute

// maxToken is the length of a token, in bytes. Usual ones have about 1,500.
const maxToken = 16 << 10

// claims are the claims of a token of the Bot Connector.
type claims struct {
	ServiceURL string `json:"serviceurl"`
	jwt.RegisteredClaims
}

// verify checks the token of a request, before its body is read. The token must be signed
// with a key that the Bot Framework publishes and endorses for Teams.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot
func (a *Adapter) verify(ctx context.Context, header string) (*claims, error) {
	scheme, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || text == "" || len(text) > maxToken {
		return nil, webhook.Unauthorized(errors.New("the request has no bearer token"))
	}
	var got claims
	var unavailable error
	// Only RS256 is accepted: a token could otherwise have the algorithm "none", or an HMAC
	// with the public key.
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(a.cloud.issuer), jwt.WithAudience(a.config.AppID),
		jwt.WithExpirationRequired(), jwt.WithLeeway(clockSkew), jwt.WithStrictDecoding())
	_, err := parser.ParseWithClaims(text, &got, func(token *jwt.Token) (any, error) {
		id, _ := token.Header["kid"].(string)
		key, err := a.keys.find(ctx, id)
		if err != nil {
			unavailable = err
			return nil, err
		}
		if !slices.Contains(key.endorsements, msteams) {
			return nil, errors.New("the key is not endorsed for Teams")
		}
		return key.function(token)
	})
	switch {
	case unavailable != nil && !errors.Is(unavailable, errNoKey):
		return nil, webhook.Unauthorized(unavailable)
	case err != nil:
		return nil, webhook.Unauthorized(fmt.Errorf("the token is refused: %w", tokenFault(err)))
	}
	return &got, nil
}

// tokenFault returns what is wrong with a token, without any of its content.
func tokenFault(err error) error {
	for _, known := range []error{
		errNoKey, jwt.ErrTokenMalformed, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenExpired, jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued,
		jwt.ErrTokenInvalidAudience, jwt.ErrTokenInvalidIssuer, jwt.ErrTokenRequiredClaimMissing, jwt.ErrTokenInvalidClaims, jwt.ErrTokenUnverifiable,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errors.New("it is not valid")
}

// checkService refuses an activity whose service URL differs from the one in the token, or is
// one to which the bot's own token may not go.
func (a *Adapter) checkService(c *claims, service string) error {
	switch {
	case service == "" || !sameService(c.ServiceURL, service):
		return webhook.Unauthorized(errors.New("the activity's service URL is not the token's"))
	case !a.trusts(service):
		return webhook.Unauthorized(errors.New("the activity's service URL is not one of Microsoft's, nor Config.APIURL"))
	}
	return nil
}

// sameService reports whether two service URLs are the same, except for a slash at the end
// and the case of the host.
func sameService(x, y string) bool {
	a, errA := url.Parse(x)
	b, errB := url.Parse(y)
	return errA == nil && errB == nil && a.Host != "" && a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) &&
		strings.TrimRight(a.EscapedPath(), "/") == strings.TrimRight(b.EscapedPath(), "/") && a.RawQuery == b.RawQuery
}

func failure(op string, code chat.Code, reason string) error {
	return &chat.PlatformError{Adapter: adapterName, Op: op, Code: code, Err: errors.New(reason)}
}
