package anthropic

import (
	"context"
	"fmt"
	"io"
	"slices"

	sdk "github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/packages/ssestream"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// Stream returns what a stream of the Messages API brings: its text, calls of tools as
// tasks, also of those that Anthropic calls itself, and why it has ended. It can be posted
// once, and closes the stream.
func Stream(stream *ssestream.Stream[sdk.MessageStreamEventUnion]) chat.Chunks {
	return func(yield func(chat.Chunk, error) bool) { new(answer).read(stream, yield) }
}

// Answer asks the model, makes the calls of tools that it wants, and asks again with their
// results, until it has answered. The tools are the agent's; those in params stay, for
// what Anthropic calls itself.
func Answer(ctx context.Context, client sdk.Client, params sdk.MessageNewParams, agent chattools.Agent) chat.Chunks {
	tools, err := Tools(agent.Tools)
	if err != nil {
		return func(yield func(chat.Chunk, error) bool) { yield(chat.Chunk{}, err) }
	}
	params.Tools = append(slices.Clip(params.Tools), tools...)
	params.Messages = slices.Clip(params.Messages)
	return agent.Run(ctx, func(ctx context.Context, results []chattools.Result, yield func(chat.Chunk, error) bool) ([]chattools.Call, bool) {
		if len(results) > 0 {
			blocks := make([]sdk.ContentBlockParamUnion, len(results))
			for i, r := range results {
				blocks[i] = sdk.NewToolResultBlock(r.Call.ID, r.Output, r.Failed)
			}
			params.Messages = append(params.Messages, sdk.NewUserMessage(blocks...))
		}
		for {
			a := new(answer)
			if !a.read(client.Messages.NewStreaming(ctx, params), yield) {
				return nil, false
			}
			if len(a.calls) > 0 || a.message.StopReason == sdk.StopReasonPauseTurn {
				params.Messages = append(params.Messages, a.message.ToParam())
			}
			if a.message.StopReason != sdk.StopReasonPauseTurn { // a long turn, which goes on when it is handed back
				return a.calls, true
			}
		}
	})
}

// answer is a message as far as it has come.
// https://platform.claude.com/docs/en/build-with-claude/streaming
type answer struct {
	message sdk.Message
	calls   []chattools.Call
	open    map[int64]*chat.Task // the calls of Anthropic's own tools
	last    string               // the kind of the block before
	begun   bool                 // there was text
	ended   bool
}

// read yields what comes. It reports false if it has yielded an error or yield has
// returned false.
func (a *answer) read(stream *ssestream.Stream[sdk.MessageStreamEventUnion], yield func(chat.Chunk, error) bool) bool {
	defer func() { _ = stream.Close() }()
	for stream.Next() {
		event := stream.Current()
		if err := a.message.Accumulate(event); err != nil {
			yield(chat.Chunk{}, fmt.Errorf("anthropic: %w", err))
			return false
		}
		if chunk := a.take(event); chunk != (chat.Chunk{}) && !yield(chunk, nil) {
			return false
		}
	}
	err := stream.Err()
	if err == nil && !a.ended {
		err = fmt.Errorf("anthropic: the answer broke off: %w", io.ErrUnexpectedEOF)
	}
	if err != nil {
		yield(chat.Chunk{}, err)
		return false
	}
	a.takeCalls()
	return yield(chat.Chunk{StepEnd: true, Finish: finishReason(a.message.StopReason)}, nil)
}

func (a *answer) take(event sdk.MessageStreamEventUnion) chat.Chunk {
	switch event.Type {
	case "content_block_start":
		return a.begin(event)
	case "content_block_delta":
		if event.Delta.Type == "text_delta" {
			a.begun = a.begun || event.Delta.Text != ""
			return chat.Chunk{Text: event.Delta.Text}
		}
	case "message_stop":
		a.ended = true
	}
	return chat.Chunk{}
}

// begin takes the beginning of a block. Text after a block of another kind is a paragraph
// of its own; blocks of text that follow each other are one text with citations.
func (a *answer) begin(event sdk.MessageStreamEventUnion) chat.Chunk {
	block := event.ContentBlock
	before := a.last
	a.last = block.Type
	switch block.Type {
	case "text":
		chunk := chat.Chunk{Text: block.Text, StepEnd: false}
		if a.begun && before != "text" && block.Text == "" {
			chunk.StepEnd = true
		}
		return chunk
	case "tool_use":
		return chat.Chunk{Task: chattools.Call{ID: block.ID, Name: block.Name}.Task()}
	case "server_tool_use", "mcp_tool_use":
		task := &chat.Task{ID: block.ID, Title: title(block.Name), Status: chat.TaskInProgress}
		if a.open == nil {
			a.open = map[int64]*chat.Task{}
		}
		a.open[event.Index] = task
		return chat.Chunk{Task: task}
	}
	// The result of a tool of Anthropic's own ends the last call that is open.
	if task := a.open[event.Index-1]; task != nil {
		finished := *task
		finished.Status = chat.TaskComplete
		delete(a.open, event.Index-1)
		return chat.Chunk{Task: &finished}
	}
	return chat.Chunk{}
}

// takeCalls takes the calls that are whole.
func (a *answer) takeCalls() {
	if a.message.StopReason != sdk.StopReasonToolUse {
		return // a call may be half written
	}
	for _, block := range a.message.Content {
		if block.Type == "tool_use" {
			a.calls = append(a.calls, chattools.Call{ID: block.ID, Name: block.Name, Arguments: block.Input})
		}
	}
}

// title is how people see a tool of Anthropic's own.
func title(name string) string {
	switch name {
	case "web_search":
		return "Search the web"
	case "web_fetch":
		return "Read a page"
	case "code_execution", "bash_code_execution", "text_editor_code_execution":
		return "Run code"
	}
	return name
}

func finishReason(why sdk.StopReason) chat.FinishReason {
	switch why {
	case sdk.StopReasonEndTurn, sdk.StopReasonStopSequence:
		return chat.FinishStop
	case sdk.StopReasonMaxTokens, sdk.StopReasonModelContextWindowExceeded:
		return chat.FinishLength
	case sdk.StopReasonRefusal:
		return chat.FinishContentFilter
	case sdk.StopReasonToolUse:
		return chat.FinishToolCalls
	}
	return chat.FinishOther
}
