package chattools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// A library that no module is there for needs one function: it asks the model once.
func ExampleAgent_Run() {
	dice := chattools.NewTool("roll", "Rolls a die.", func(_ context.Context, in struct {
		Sides int `json:"sides" desc:"How many sides it has"`
	},
	) (any, error) {
		return map[string]int{"rolled": in.Sides}, nil
	})
	step := func(_ context.Context, results []chattools.Result, yield func(chat.Chunk, error) bool) ([]chattools.Call, bool) {
		if len(results) == 0 { // the model asks for a call
			call := chattools.Call{ID: "1", Name: "roll", Arguments: json.RawMessage(`{"sides":6}`)}
			return []chattools.Call{call}, yield(chat.Chunk{Text: "I roll it.", Task: call.Task()}, nil)
		}
		return nil, yield(chat.Chunk{Text: "It says " + results[0].Output}, nil)
	}
	answer := chattools.Agent{Tools: []chattools.Tool{dice}}.Run(context.Background(), step)
	for chunk, err := range answer { // a bot posts it instead: thread.Post(ctx, answer)
		if err != nil {
			slog.Error("answer", "error", err)
		}
		if chunk.Text != "" {
			fmt.Println(chunk.Text)
		}
	}
	// Output:
	// I roll it.
	// It says {"rolled":6}
}
