// Package given has what the code in documents uses without declaring it: what a
// reader has by then, or knows as his own.
package given

import (
	"context"
	"iter"
	"log/slog"
	"net/http"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

var (
	ctx     context.Context
	t       *testing.T
	err     error
	bot     *chat.Chat
	st      state.Adapter
	ev      *chat.MessageEvent
	thread  *chat.Thread
	channel *chat.Channel
	fake    *chattest.Fake
	page    *web.Adapter
	logger  *slog.Logger

	// adapter is Slack's where it matters.
	adapter      *slack.Adapter
	telegramBot  *telegram.Adapter
	tokens       iter.Seq2[string, error]
	begin        chat.MessageHandler
	answer       chat.MessageHandler
	find         chat.MessageHandler
	token        string
	secret       string
	mcpServer    *mcp.Server
	signedInUser func(r *http.Request) (chat.Author, error)
)

// model is the program's own call of a language model.
func model(ctx context.Context, prompt []chat.PromptMessage) iter.Seq2[string, error] { return nil }

type session struct{ UserID, Name string }

var sessions interface {
	Get(r *http.Request) (session, error)
}

// must is that of the README's program.
func must[T any](value T, err error) T { return value }
