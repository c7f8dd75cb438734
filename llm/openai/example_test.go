package openai_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

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

// A stream is posted to a thread, or read as here. The server has OpenAI's API.
func ExampleStream() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, delta := range []string{`{"content":"It is time"}`, `{"content":" for tea."}`} {
			fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":%s}]}\n\n", delta)
		}
		fmt.Fprint(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	ctx := context.Background()
	client := sdk.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("sk-example"))

	stream := client.Chat.Completions.NewStreaming(ctx, sdk.ChatCompletionNewParams{Model: "gpt-5-mini"})
	for chunk, err := range openai.Stream(stream) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(chunk.Text)
	}
	fmt.Println()
	// Output: It is time for tea.
}

// What people and the bot have written becomes the messages of a call.
func ExampleMessages() {
	messages, err := openai.Messages(context.Background(), []chat.PromptMessage{
		{Role: chat.RoleUser, Parts: []chat.PromptPart{{Text: "What is the time?"}}},
		{Role: chat.RoleAssistant, Parts: []chat.PromptPart{{Text: "Five o'clock."}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range messages {
		data, _ := json.Marshal(m)
		fmt.Println(string(data))
	}
	// Output:
	// {"content":"What is the time?","role":"user"}
	// {"content":"Five o'clock.","role":"assistant"}
}
