package telegram

import (
	"context"
	"math"
	"net/http"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
)

// secretHeader is the header with the secret of the webhook.
// https://core.telegram.org/bots/api#setwebhook
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// ServeHTTP takes an update, at /webhooks/telegram. It answers 200 when the update is
// stored, 401 without the secret, 400 for what cannot be read, and 503 if Telegram has to
// send it again. The body of the answer may name a method, which Telegram calls then.
// https://core.telegram.org/bots/api#making-requests-when-getting-updates
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply, err := a.take(r)
	if err != nil {
		webhook.Refuse(w, r, a.log, err)
		return
	}
	if reply == nil {
		return
	}
	webhook.Answer(w, reply)
}

func (a *Adapter) take(r *http.Request) (reply params, err error) {
	if err := webhook.CheckMethod(r, http.MethodPost); err != nil {
		return nil, err
	}
	secrets := []string{}
	if a.config.WebhookSecret != "" {
		secrets = append(secrets, a.config.WebhookSecret)
	}
	if err := webhook.CheckSecret(r.Header.Get(secretHeader), secrets...); err != nil {
		return nil, err
	}
	body, err := webhook.ReadBody(r, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	u, err := parseUpdate(body)
	if err != nil {
		return nil, webhook.BadRequest("not an update: %s", webhook.JSONFault(err))
	}
	return a.handle(r.Context(), &u)
}

// handle delivers the content of an update. The reply, if any, is a method for Telegram
// to call after the content was stored.
func (a *Adapter) handle(ctx context.Context, u *update) (reply params, err error) {
	switch u.kind {
	case "message", "channel_post":
		return nil, decoded(ctx, u, a.handleMessage)
	case "edited_message", "edited_channel_post":
		return nil, decoded(ctx, u, a.handleEdit)
	case "message_reaction":
		return nil, decoded(ctx, u, a.handleReactions)
	case "callback_query":
		err = decoded(ctx, u, func(ctx context.Context, u *update, c *callback) (err error) {
			reply, err = a.handleCallback(ctx, u, c)
			return err
		})
		return reply, err
	case "business_message", "edited_business_message":
		return nil, decoded(ctx, u, a.handleBusinessMessage)
	case "business_connection":
		return nil, decoded(ctx, u, a.handleConnection)
	case "deleted_business_messages":
		return nil, decoded(ctx, u, a.handleDeleted)
	case "my_chat_member", "chat_member":
		return nil, decoded(ctx, u, a.handleMember)
	}
	return nil, a.deliverPlatformEvent(ctx, u, nil)
}

// decoded decodes the content of an update and handles it.
func decoded[T any](ctx context.Context, u *update, handle func(context.Context, *update, *T) error) error {
	content := new(T)
	if err := webhook.DecodeJSON(u.data, content); err != nil {
		return err
	}
	return handle(ctx, u, content)
}

func bad(text string) error { return webhook.BadRequest("%s", text) }
