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

// A bot asks a question with buttons and handles the answer.
func ExampleNew() {
	adapter, err := whatsapp.New(whatsapp.FromEnv())
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Card(card.New("Shall I book it?", card.NewActions(card.NewButton("yes", "Yes"), card.NewButton("no", "No")))))
		return err
	})
	bot.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("It is booked."))
		return err
	}, "yes")
	http.Handle("/webhooks/", bot)
	_ = bot.Run(ctx)
}

// A job writes to a user by the phone number: digits with the country code, without "+".
// The first number is the id of the business's phone number. Chat.Thread takes the id.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := whatsapp.New(whatsapp.Config{AccessToken: "token", AppSecret: "secret", VerifyToken: "verify", PhoneNumberIDs: []string{"106540352242922"}})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "106540352242922:16505551234", DM: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: whatsapp:106540352242922:16505551234
}

// A job writes to a user who has not written for 24 hours: only a template reaches them.
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

// A program hears that WhatsApp could not deliver a message.
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
