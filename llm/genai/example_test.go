package genai_test

import (
	"context"
	"fmt"

	sdk "google.golang.org/genai"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/llm/genai"
)

var client *sdk.Client

// A bot answers with what a model says, as it says it.
func Example() {
	handler := func(ctx context.Context, ev *chat.MessageEvent) error {
		history, err := chat.Take(ev.Thread.Messages(ctx), 20)
		if err != nil {
			return err
		}
		contents, system, err := genai.Contents(ctx, chat.ToPrompt(history, chat.PromptOptions{Names: true}))
		if err != nil {
			return err
		}
		stream := client.Models.GenerateContentStream(ctx, "gemini-2.5-flash", contents, &sdk.GenerateContentConfig{SystemInstruction: system})
		_, err = ev.Thread.Post(ctx, genai.Stream(stream))
		return err
	}
	_ = handler
}

// A stream is posted to a thread, or read as here. The responses are what
// GenerateContentStream yields.
func ExampleStream() {
	responses := func(yield func(*sdk.GenerateContentResponse, error) bool) {
		for _, text := range []string{"It is time", " for tea."} {
			part := &sdk.GenerateContentResponse{Candidates: []*sdk.Candidate{{Content: sdk.NewContentFromText(text, sdk.RoleModel)}}}
			if !yield(part, nil) {
				return
			}
		}
		yield(&sdk.GenerateContentResponse{Candidates: []*sdk.Candidate{{FinishReason: sdk.FinishReasonStop}}}, nil)
	}
	for chunk, err := range genai.Stream(responses) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(chunk.Text)
	}
	fmt.Println()
	// Output: It is time for tea.
}
