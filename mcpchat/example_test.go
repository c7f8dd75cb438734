package mcpchat_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/mcpchat"
)

var (
	bot *chat.Chat
	ctx = context.Background()
)

// An agent that starts the program talks in one channel. People approve there what it
// writes.
func Example() {
	server, err := mcpchat.New(mcpchat.Config{Tools: chattools.Config{
		Bot: bot, Tools: chattools.Messenger(), Thread: "slack:C123:1234567890.123456",
	}})
	if err != nil {
		slog.Error("mcp", "error", err)
		return
	}
	go func() { _ = bot.Run(ctx) }() // for the clicks of those who approve
	if err := server.Run(ctx, &mcp.StdioTransport{}); err != nil {
		slog.Error("mcp", "error", err)
	}
}

// Agents with a token read everywhere and post everywhere; the operators approve each post.
func ExampleNewHandler() {
	server, err := mcpchat.New(mcpchat.Config{Tools: chattools.Config{
		Bot: bot, Tools: append(chattools.Reader(), chattools.PostMessage), Scope: chattools.ScopeAll,
		WithoutApproval: []chattools.Name{chattools.GetUser}, ApprovalThread: "slack:C0OPERATORS:",
	}})
	if err != nil {
		slog.Error("mcp", "error", err)
		return
	}
	handler, err := mcpchat.NewHandler(server, mcpchat.HandlerConfig{Token: os.Getenv("MCP_TOKEN")})
	if err != nil {
		slog.Error("mcp", "error", err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", handler)
	mux.Handle("/", bot) // the platforms' webhooks
	_ = http.ListenAndServe(":8080", mux)
}

// A configuration that cannot work is refused, and the error names the field.
func ExampleNew() {
	_, err := mcpchat.New(mcpchat.Config{Tools: chattools.Config{Tools: chattools.Reader(), Thread: "slack:C123:"}})
	fmt.Println(err)
	// Output: mcpchat: chattools: invalid configuration: Config.Bot is nil, want the bot that acts
}
