package teams_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// A bot answers a mention with a card.
func ExampleNew() {
	adapter, err := teams.New(teams.FromEnv())
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Card(card.New("Order 7", card.NewText("Two teas, **one** cake"), card.NewActions(card.NewButton("approve", "Approve")))))
		return err
	})
	http.Handle("/webhooks/", bot)
	if err := bot.Run(ctx); err != nil {
		panic(err)
	}
}

// An app with a managed identity of Azure needs no secret.
func ExampleConfig() {
	adapter, err := teams.New(teams.Config{
		AppID: "11111111-2222-3333-4444-555555555555", TenantID: "contoso.onmicrosoft.com", ManagedIdentity: teams.ManagedIdentity{Enabled: true},
	})
	_, _ = adapter, err
}

// A configuration that cannot work is refused, and the error names the field.
func ExampleNew_refused() {
	_, err := teams.New(teams.Config{AppID: "mybot", AppPassword: "secret"})
	fmt.Println(err)
	// Output: invalid configuration: teams: AppID is "mybot", want the Microsoft App ID, a GUID
}
