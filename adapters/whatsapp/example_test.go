package whatsapp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/whatsapp"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// A bot asks with buttons.
func ExampleNew() {
	adapter, err := whatsapp.New(whatsapp.Config{AccessToken: "…", AppSecret: "…", VerifyToken: "…", PhoneNumberIDs: []string{"106540352242922"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Card(card.New("Shall I book it?", card.NewActions(card.NewButton("yes", "Yes"), card.NewButton("no", "No")))))
		return err
	})
	http.Handle("/webhooks/", bot)
	// Output: invalid configuration: whatsapp: AccessToken has a character that is not visible ASCII, such as a space or a line break
}

// A job writes to a user who has not written for a day.
func ExampleAdapter_SendTemplate() {
	var adapter *whatsapp.Adapter
	thread, err := adapter.OpenDM(ctx, "16505551234")
	if err != nil {
		panic(err)
	}
	_, err = adapter.SendTemplate(ctx, thread, whatsapp.Template{
		Name: "order_sent", Language: whatsapp.Language{Code: "en_US"},
		Components: []whatsapp.Component{{Type: "body", Parameters: []whatsapp.Parameter{{Type: "text", Text: "A-1027"}}}},
	})
	if err != nil {
		panic(err)
	}
}

// WhatsApp tells later that a message has failed.
func ExampleStatus() {
	var bot *chat.Chat
	bot.OnPlatformEvent(func(ctx context.Context, ev *chat.PlatformEvent) error {
		var status whatsapp.Status
		if err := json.Unmarshal(ev.Data, &status); err != nil {
			return err
		}
		if errors.Is(status.Err(), whatsapp.ErrWindowClosed) {
			fmt.Println(status.MessageID, "must be a template")
		}
		return nil
	}, "whatsapp:status")
}
