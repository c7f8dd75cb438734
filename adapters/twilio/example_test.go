package twilio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/twilio"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx context.Context
	st  state.Adapter
)

// A bot answers texts.
func ExampleNew() {
	adapter, err := twilio.New(twilio.Config{AccountSID: "AC…", AuthToken: "…"})
	if err != nil {
		fmt.Println(err)
		return
	}
	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		panic(err)
	}
	bot.OnDirectMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
		_, err := ev.Thread.Post(ctx, chat.Text("You said: "+ev.Message.Text))
		return err
	})
	http.Handle("/webhooks/", bot)
	// Output: invalid configuration: twilio: AccountSID is "AC…", want "AC" and 32 hexadecimal digits
}

// A job writes to somebody who may have opted out.
func ExampleAdapter_OpenDM() {
	var adapter *twilio.Adapter
	var bot *chat.Chat
	id, err := adapter.OpenDM(ctx, "+15551234567")
	if err != nil {
		panic(err)
	}
	thread, err := bot.Thread(id)
	if err != nil {
		panic(err)
	}
	_, err = thread.Post(ctx, chat.Text("Your order is on its way."))
	if errors.Is(err, twilio.ErrOptedOut) {
		fmt.Println("they want no messages")
	}
}

// A job writes to somebody on WhatsApp who has not written for a day.
func ExampleAdapter_SendTemplate() {
	var adapter *twilio.Adapter
	thread, err := adapter.OpenDM(ctx, "whatsapp:+15551234567")
	if err != nil {
		panic(err)
	}
	_, err = adapter.SendTemplate(ctx, thread, twilio.Template{
		ContentSID: "HXb5b62575e6e4ff6129ad7c8efe1f983e", Variables: map[string]string{"1": "A-1027"},
	})
	if err != nil {
		panic(err)
	}
}

// Twilio tells later that a message has failed.
func ExampleStatus() {
	var bot *chat.Chat
	bot.OnPlatformEvent(func(ctx context.Context, ev *chat.PlatformEvent) error {
		var status twilio.Status
		if err := json.Unmarshal(ev.Data, &status); err != nil {
			return err
		}
		if err := status.Err(); err != nil {
			fmt.Println(status.MessageID, err)
		}
		return nil
	}, "twilio:status")
}

// A text is cheap as long as all of it is in GSM-7.
func ExampleCountSegments() {
	for _, text := range []string{"See you at 5", "See you at 5 – bring €20"} {
		s := twilio.CountSegments(text)
		fmt.Println(s.Count, s.Length, s.Unicode)
	}
	// Output:
	// 1 12 false
	// 1 24 true
}
