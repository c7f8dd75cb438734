package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// Stream returns what a stream of Chat Completions brings: its text, the calls that it
// asks for as tasks, and why it has ended. It can be posted once, and closes the stream.
func Stream(stream *ssestream.Stream[sdk.ChatCompletionChunk]) chat.Chunks {
	return func(yield func(chat.Chunk, error) bool) { new(completion).read(stream, yield) }
}

// Answer asks the model, makes the calls of tools that it wants, and asks again with their
// results, until it has answered. The tools are the agent's; those in params stay, for
// what the server calls itself.
func Answer(ctx context.Context, client sdk.Client, params sdk.ChatCompletionNewParams, agent chattools.Agent) chat.Chunks {
	tools, err := Tools(agent.Tools)
	if err != nil {
		return failed(err)
	}
	params.Tools = append(slices.Clip(params.Tools), tools...)
	params.Messages = slices.Clip(params.Messages)
	return agent.Run(ctx, func(ctx context.Context, results []chattools.Result, yield func(chat.Chunk, error) bool) ([]chattools.Call, bool) {
		for _, r := range results {
			params.Messages = append(params.Messages, sdk.ToolMessage(r.Output, r.Call.ID))
		}
		c := new(completion)
		if !c.read(client.Chat.Completions.NewStreaming(ctx, params), yield) {
			return nil, false
		}
		if len(c.calls) > 0 {
			params.Messages = append(params.Messages, c.message())
		}
		return c.calls, true
	})
}

func failed(err error) chat.Chunks {
	return func(yield func(chat.Chunk, error) bool) { yield(chat.Chunk{}, err) }
}

// completion is an answer of Chat Completions, as far as it has come.
// https://platform.openai.com/docs/api-reference/chat-streaming
type completion struct {
	text  string
	calls []chattools.Call
	at    map[int64]int // the call of each index
	why   string
}

// read yields what comes. It reports false if it has yielded an error or yield has
// returned false.
func (c *completion) read(stream *ssestream.Stream[sdk.ChatCompletionChunk], yield func(chat.Chunk, error) bool) bool {
	defer func() { _ = stream.Close() }()
	for stream.Next() {
		for _, choice := range stream.Current().Choices {
			if choice.Index != 0 {
				continue // others are not asked for
			}
			if !c.take(choice, yield) {
				return false
			}
		}
	}
	err := stream.Err()
	if err == nil && c.why == "" {
		err = fmt.Errorf("openai: the answer broke off: %w", io.ErrUnexpectedEOF)
	}
	if err != nil {
		yield(chat.Chunk{}, err)
		return false
	}
	return yield(chat.Chunk{StepEnd: true, Finish: finishReason(c.why)}, nil)
}

func (c *completion) take(choice sdk.ChatCompletionChunkChoice, yield func(chat.Chunk, error) bool) bool {
	if choice.FinishReason != "" {
		c.why = choice.FinishReason
	}
	if text := choice.Delta.Content + choice.Delta.Refusal; text != "" {
		c.text += text
		if !yield(chat.Chunk{Text: text}, nil) {
			return false
		}
	}
	for _, delta := range choice.Delta.ToolCalls {
		if !c.takeCall(delta, yield) {
			return false
		}
	}
	return true
}

// takeCall takes a piece of a call. Some servers number all calls 0, so an id that is new
// begins a call, too.
func (c *completion) takeCall(delta sdk.ChatCompletionChunkChoiceDeltaToolCall, yield func(chat.Chunk, error) bool) bool {
	i, known := c.at[delta.Index]
	if !known || delta.ID != "" && delta.ID != c.calls[i].ID {
		if c.at == nil {
			c.at = map[int64]int{}
		}
		i = len(c.calls)
		c.at[delta.Index] = i
		id := delta.ID
		if id == "" {
			id = fmt.Sprintf("call_%d", i)
		}
		c.calls = append(c.calls, chattools.Call{ID: id})
	}
	call := &c.calls[i]
	named := call.Name != ""
	call.Name += delta.Function.Name
	call.Arguments = append(call.Arguments, delta.Function.Arguments...)
	return named || call.Name == "" || yield(chat.Chunk{Task: call.Task()}, nil)
}

// message is the answer as it stands before the results of its calls.
func (c *completion) message() sdk.ChatCompletionMessageParamUnion {
	m := &sdk.ChatCompletionAssistantMessageParam{}
	if c.text != "" {
		m.Content.OfString = sdk.String(c.text)
	}
	for _, call := range c.calls {
		m.ToolCalls = append(m.ToolCalls, sdk.ChatCompletionMessageToolCallUnionParam{OfFunction: &sdk.ChatCompletionMessageFunctionToolCallParam{
			ID: call.ID, Function: sdk.ChatCompletionMessageFunctionToolCallFunctionParam{Name: call.Name, Arguments: argumentsOf(call)},
		}})
	}
	return sdk.ChatCompletionMessageParamUnion{OfAssistant: m}
}

// argumentsOf are the arguments as servers take them back: some refuse what is no JSON.
func argumentsOf(call chattools.Call) string {
	if !json.Valid(call.Arguments) {
		return "{}"
	}
	return string(call.Arguments)
}

func finishReason(why string) chat.FinishReason {
	switch why {
	case "stop":
		return chat.FinishStop
	case "length":
		return chat.FinishLength
	case "content_filter":
		return chat.FinishContentFilter
	case "tool_calls", "function_call":
		return chat.FinishToolCalls
	}
	return chat.FinishOther
}
