package openai_test

import (
	"context"

	sdk "github.com/openai/openai-go/v3"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/llm/openai"
)

var client = sdk.NewClient()

// A bot answers with what a model says, as it says it.
func Example() {
	handler := func(ctx context.Context, ev *chat.MessageEvent) error {
		history, err := chat.Take(ev.Thread.Messages(ctx), 20)
		if err != nil {
			return err
		}
		messages, err := openai.Messages(ctx, chat.ToPrompt(history, chat.PromptOptions{Names: true}))
		if err != nil {
			return err
		}
		stream := client.Chat.Completions.NewStreaming(ctx, sdk.ChatCompletionNewParams{Model: "gpt-5-mini", Messages: messages})
		_, err = ev.Thread.Post(ctx, openai.Stream(stream))
		return err
	}
	_ = handler
}

// A model may call tools. Each call shows as a task.
func ExampleAnswer() {
	type place struct {
		City string `json:"city" desc:"The city's name, in English"`
	}
	weather := chattools.NewTool("weather", "Tells the weather in a city.", func(ctx context.Context, in place) (any, error) {
		return map[string]any{"celsius": 18}, nil
	})
	handler := func(ctx context.Context, ev *chat.MessageEvent) error {
		params := sdk.ChatCompletionNewParams{
			Model: "gpt-5-mini", Messages: []sdk.ChatCompletionMessageParamUnion{sdk.UserMessage(ev.Message.Text)},
		}
		_, err := ev.Thread.Post(ctx, openai.Answer(ctx, client, params, chattools.Agent{Tools: []chattools.Tool{weather}}))
		return err
	}
	_ = handler
}
