package web_test

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var st state.Adapter // such as that of state-redis

// The page knows its users by the header that a proxy sets after the sign-in.
func Example() {
	page, err := web.New(web.Config{
		Title: "Support",
		User: func(r *http.Request) (chat.Author, error) {
			id := r.Header.Get("X-Forwarded-User")
			if id == "" {
				return chat.Author{}, errors.New("not signed in") // answered with 401
			}
			return chat.Author{UserID: chat.UserID(id), FullName: r.Header.Get("X-Forwarded-Name")}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	bot, err := chat.New(chat.Config{UserName: "support", Adapters: []chat.Adapter{page}, State: st})
	if err != nil {
		panic(err)
	}
	http.Handle("/webhooks/", bot) // the page is at /webhooks/web/
}

// A job that no event has started finds the thread to post to by its parts on the
// platform. Chat.Thread takes the id.
func ExampleAdapter_EncodeThreadID() {
	adapter, err := web.New(web.Config{})
	if err != nil {
		panic(err)
	}
	id, err := adapter.EncodeThreadID(chat.ThreadRef{Channel: "ada:holidays"})
	if err != nil {
		panic(err)
	}
	fmt.Println(id)
	// Output: web:ada:holidays
}
