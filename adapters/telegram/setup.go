package telegram

import (
	"context"
	"fmt"
	"net/url"

	"github.com/chat-adapter/chat-go/core/chat"
)

// SetWebhook tells Telegram where to send updates: the address of
// "/webhooks/telegram" under which the internet reaches the bot, with https. It needs
// to be done once. https://core.telegram.org/bots/api#setwebhook
func (a *Adapter) SetWebhook(ctx context.Context, address string) error {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%w: telegram: the webhook's address must be an https URL", chat.ErrInvalidArgument)
	}
	if a.config.WebhookSecret == "" {
		return invalidConfig("WebhookSecret is empty, and webhooks need one")
	}
	return a.do(ctx, a.client, "setWebhook", params{"url": address, "secret_token": a.config.WebhookSecret, "allowed_updates": allowedUpdates}, nil)
}

// DeleteWebhook has Telegram send no webhooks any more. Updates wait for a day.
// https://core.telegram.org/bots/api#deletewebhook
func (a *Adapter) DeleteWebhook(ctx context.Context) error {
	return a.do(ctx, a.client, "deleteWebhook", params{}, nil)
}

// Command is a command in the bot's menu.
type Command struct {
	// Name is what stands after the slash: 1 to 32 lower-case letters, digits and
	// underscores.
	Name string `json:"command"`
	// Description says what it does, in 1 to 256 characters.
	Description string `json:"description"`
}

// SetCommands replaces the menu of commands that people are shown in every chat; none
// empties it. The bot hears other commands, too.
// https://core.telegram.org/bots/api#setmycommands
func (a *Adapter) SetCommands(ctx context.Context, commands ...Command) error {
	if commands == nil {
		commands = []Command{}
	}
	return a.do(ctx, a.client, "setMyCommands", params{"commands": commands}, nil)
}
