// Command stdio is a bot on a platform in memory that serves its tools to the agent that
// has started it.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/mcpchat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

func main() {
	if err := run(context.Background()); err != nil {
		slog.Error("stdio", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	fake := chattest.NewFake(chattest.Config{With: []chattest.Ability{chattest.MessageFetcher}})
	thread := fake.Thread("general", "1")
	fake.AddMessages(fake.Message(thread, "hello"))
	memory, err := memorystate.New(memorystate.Config{})
	if err != nil {
		return err
	}
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: memory})
	if err != nil {
		return err
	}
	server, err := mcpchat.New(mcpchat.Config{Tools: chattools.Config{
		Bot: bot, Tools: chattools.Messenger(), Thread: thread, WithoutApproval: chattools.Messenger(),
	}})
	if err != nil {
		return err
	}
	served := server.Run(ctx, &mcp.StdioTransport{})
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := bot.Shutdown(ctx); err != nil {
		return err
	}
	return served
}
