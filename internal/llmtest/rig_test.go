package llmtest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/chattools"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// newBot returns a bot on a platform in memory, which streams in a form of its own.
func newBot(t *testing.T, platform chattest.Config) (*chattest.Fake, *chat.Chat) {
	t.Helper()
	fake := chattest.NewFake(platform)
	memory, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: memory, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bot.Shutdown(context.WithoutCancel(t.Context()))) })
	return fake, bot
}

// shown posts the answer and returns what people see of it, and why the model stopped.
func shown(t *testing.T, answer chat.Chunks) (string, []string, chat.FinishReason, error) {
	t.Helper()
	fake, bot := newBot(t, chattest.Config{})
	thread, err := bot.Thread(fake.Thread("general", "1"))
	require.NoError(t, err)
	sent, err := thread.Post(t.Context(), answer)
	posts := fake.Posts(thread.ID())
	if len(posts) == 0 {
		return "", nil, "", err
	}
	var finish chat.FinishReason
	if sent != nil {
		finish = sent.Finish
	}
	var tasks []string
	if posts[0].Plan != nil {
		for _, task := range posts[0].Plan.Tasks {
			tasks = append(tasks, strings.TrimSpace(string(task.Status)+" "+task.Title+" "+task.Output))
		}
	}
	return posts[0].Text, tasks, finish, err
}

type city struct {
	City string `json:"city" desc:"A city's name"`
}

// weather is a tool that knows one city.
func weather() chattools.Tool {
	tool := chattools.NewTool("weather", "Tells the weather in a city.", func(_ context.Context, in city) (any, error) {
		if in.City != "Oslo" {
			return nil, errors.New("no such city")
		}
		return map[string]any{"celsius": 18}, nil
	})
	tool.Title = "Look at the weather"
	return tool
}
