package anthropic_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	sdk "github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"

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

// A stream is posted to a thread, or read as here. The server has Anthropic's API.
func ExampleStream() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, event := range []struct{ name, data string }{
			{"message_start", `"message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5"}`},
			{"content_block_start", `"index":0,"content_block":{"type":"text","text":""}`},
			{"content_block_delta", `"index":0,"delta":{"type":"text_delta","text":"It is time for tea."}`},
			{"content_block_stop", `"index":0`},
			{"message_delta", `"delta":{"stop_reason":"end_turn"}`},
		} {
			fmt.Fprintf(w, "event: %s\ndata: {\"type\":%q,%s}\n\n", event.name, event.name, event.data)
		}
		fmt.Fprint(w, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
	}))
	defer server.Close()
	ctx := context.Background()
	client := sdk.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("sk-example"))

	stream := client.Messages.NewStreaming(ctx, sdk.MessageNewParams{Model: "claude-sonnet-4-5", MaxTokens: 1024})
	for chunk, err := range anthropic.Stream(stream) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(chunk.Text)
	}
	fmt.Println()
	// Output: It is time for tea.
}
