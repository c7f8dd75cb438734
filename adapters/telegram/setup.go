package telegram

import (
	"context"
	"fmt"
	"net/url"

	"github.com/chat-adapter/chat-go/core/chat"
)

// SetWebhook tells Telegram the address to which it sends updates: the public https
// address of "/webhooks/telegram". One call is enough, as Telegram keeps the address.
// Another address is [chat.ErrInvalidArgument], and a missing Config.WebhookSecret
// [chat.ErrInvalidConfig]. https://core.telegram.org/bots/api#setwebhook
func (a *Adapter) SetWebhook(ctx context.Context, address string) error {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%w: telegram: the webhook's address must be an https URL", chat.ErrInvalidArgument)
	}
	if a.config.WebhookSecret == "" {
		return invalidConfig("WebhookSecret is empty, and webhooks need one")
	}
	return a.do(ctx, a.client, "setWebhook", params{"url": address, "secret_token": a.config.WebhookSecret, "allowed_updates": allowedUpdates}, nil)
}

// DeleteWebhook stops the webhooks. Telegram keeps updates for a day until they are
// fetched or a webhook is set again.
// https://core.telegram.org/bots/api#deletewebhook
func (a *Adapter) DeleteWebhook(ctx context.Context) error {
	return a.do(ctx, a.client, "deleteWebhook", params{}, nil)
}

// Command is a command in the bot's menu.
type Command struct {
	// Name is the command without its slash: 1 to 32 lower-case letters, digits and
	// underscores. Required.
	Name string `json:"command"`
	// Description says what the command does, in 1 to 256 characters. Required.
	Description string `json:"description"`
}

// SetCommands replaces the menu of commands, which Telegram shows in every chat. Without
// commands the menu is empty. The bot also receives commands that are not in the menu.
// Telegram checks the commands, and allows 100.
// https://core.telegram.org/bots/api#setmycommands
func (a *Adapter) SetCommands(ctx context.Context, commands ...Command) error {
	if commands == nil {
		commands = []Command{}
	}
	return a.do(ctx, a.client, "setMyCommands", params{"commands": commands}, nil)
}
