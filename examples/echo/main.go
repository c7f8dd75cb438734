// Command echo is the smallest bot that shows the SDK. It serves a chat page,
// greets whoever writes first, repeats what it is told and counts the messages.
//
//	make run
//	STATE_URL=redis://127.0.0.1:6379 ADDR=127.0.0.1:8081 make run
package main

import (
	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/examples/internal/server"
)

func main() { server.Main("echo", newBot) }

func newBot(st state.Adapter) (*chat.Chat, error) {
	page, err := web.New(web.Config{Title: "Echo", Greeting: "Say something, and I will say it back.\nWrite “help” to see what else I can do."})
	if err != nil {
		return nil, err
	}
	bot, err := chat.New(chat.Config{UserName: "echo", Adapters: []chat.Adapter{page}, State: st})
	if err != nil {
		return nil, err
	}
	bot.OnMention(greet)
	bot.OnSubscribedMessage(reply)
	return bot, nil
}
