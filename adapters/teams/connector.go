package teams

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
)

// params are the fields of a JSON object.
type params map[string]any

const (
	// maxConflicts is how often a call is repeated that conflicts with another one in the
	// conversation. conflictPause is the first pause; each one is twice as long as the last.
	// https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-retry-guidance
	maxConflicts  = 3
	conflictPause = 200 * time.Millisecond
	maxClients    = 1000
)

var errConflict = errors.New("refused: PreconditionFailed")

// connector returns a client of the Bot Connector at a service URL, which must be trusted.
func (a *Adapter) connector(service string) (*platform.Client, error) {
	if client, ok := a.clients.Get(service); ok {
		return client, nil
	}
	client, err := platform.NewClient(platform.ClientConfig{
		Adapter: adapterName, BaseURL: strings.TrimRight(service, "/") + "/", HTTPClient: a.config.HTTPClient, Secrets: a.secrets, Refused: refused,
	})
	if err == nil {
		a.clients.Set(service, client)
	}
	return client, err
}

// send calls the Bot Connector.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
func (a *Adapter) send(ctx context.Context, service string, call platform.Call) error {
	client, err := a.connector(service)
	if err != nil {
		return err
	}
	pause := conflictPause
	for attempt := 1; ; attempt++ {
		err := a.doAuthorized(ctx, client, a.botGrant(), call)
		if !errors.Is(err, errConflict) || attempt > maxConflicts {
			return err
		}
		if err := adapterkit.Sleep(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

// authorized makes a call with a token. If the token is refused, it is fetched again, once.
func (a *Adapter) authorized(ctx context.Context, g grant, call func(token string) error) error {
	for attempt := 1; ; attempt++ {
		token, err := a.tokens.get(ctx, g)
		if err != nil {
			return err
		}
		err = call(token)
		if !errors.Is(err, chat.ErrAuthentication) || attempt > 1 {
			return err
		}
		a.tokens.forget(g, token)
	}
}

// doAuthorized makes a call with a token in its header.
func (a *Adapter) doAuthorized(ctx context.Context, client *platform.Client, g grant, call platform.Call) error {
	return a.authorized(ctx, g, func(token string) error {
		with := call
		with.Header = call.Header.Clone()
		if with.Header == nil {
			with.Header = http.Header{}
		}
		with.Header.Set("Authorization", "Bearer "+token)
		_, err := client.Do(ctx, with)
		return err
	})
}

// botGrant returns the grant of tokens for the Bot Connector.
func (a *Adapter) botGrant() grant {
	tenant := a.cloud.botTenant
	if a.config.TenantID != "" && !a.config.MultiTenant {
		tenant = a.config.TenantID
	}
	return grant{tenant, a.cloud.scope}
}

// path returns the path of a conversation, or of something in it.
func path(conversation string, rest ...string) string {
	parts := []string{"v3/conversations", url.PathEscape(conversation)}
	for _, part := range rest {
		parts = append(parts, url.PathEscape(part))
	}
	return strings.Join(parts, "/")
}

// codes classifies the error codes of the Bot Connector and of Graph whose status is not
// specific enough.
// https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-bot-conversational-apis
var codes = platform.ParseCodes(map[chat.Code]string{
	chat.CodeAuthentication: "BotNotRegistered InvalidAuthenticationToken",
	chat.CodePermission:     "BotDisabledByAdmin BotNotInConversationRoster ConversationBlockedByUser ForbiddenOperationException InvalidBotApiHost NotEnoughPermissions ContentStreamNotAllowed",
	chat.CodeNotFound:       "ActivityNotFoundInConversation ConversationNotFound",
	chat.CodeTemporary:      "PreconditionFailed",
	chat.CodeInvalid:        "MessageSizeTooBig",
	chat.CodeRateLimited:    "Throttled",
})

// refused returns why a call was refused, or nil if it was not. The message of an error may
// quote the request, so only its code is returned.
func refused(got *platform.Answer) *platform.Refusal {
	if got.OK() {
		return nil
	}
	var r struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	_ = readJSON(got.Body, &r)
	if got.Status == http.StatusPreconditionFailed {
		return &platform.Refusal{Code: chat.CodeTemporary, Err: errConflict}
	}
	name := safeName(r.Error.Code)
	out := &platform.Refusal{Err: errors.New("refused: " + name)}
	if code, ok := codes[name]; ok {
		out.Code = code
	}
	return out
}
