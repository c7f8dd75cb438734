package anthropic_test

import (
	"context"

	sdk "github.com/anthropics/anthropic-sdk-go/v2"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/llm/anthropic"
)

var client = sdk.NewClient()

// A bot answers with what a model says, as it says it.
func Example() {
	handler := func(ctx context.Context, ev *chat.MessageEvent) error {
		history, err := chat.Take(ev.Thread.Messages(ctx), 20)
		if err != nil {
			return err
		}
		messages, system, err := anthropic.Messages(ctx, chat.ToPrompt(history, chat.PromptOptions{Names: true}))
		if err != nil {
			return err
		}
		stream := client.Messages.NewStreaming(ctx, sdk.MessageNewParams{
			Model: "claude-sonnet-4-5", MaxTokens: 4096, Messages: messages, System: system,
		})
		_, err = ev.Thread.Post(ctx, anthropic.Stream(stream))
		return err
	}
	_ = handler
}
