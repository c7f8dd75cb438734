package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/responses"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// ResponseStream returns what a stream of the Responses API brings: its text, calls of
// tools as tasks, also of those that OpenAI calls itself, and why it has ended. It can be
// posted once, and closes the stream.
func ResponseStream(stream *ssestream.Stream[responses.ResponseStreamEventUnion]) chat.Chunks {
	return func(yield func(chat.Chunk, error) bool) { new(response).read(stream, yield) }
}

// AnswerResponse is as [Answer], by the Responses API. Where params.Store is false,
// OpenAI's reasoning models need "reasoning.encrypted_content" in params.Include.
func AnswerResponse(ctx context.Context, client sdk.Client, params responses.ResponseNewParams, agent chattools.Agent) chat.Chunks {
	tools, err := ResponseTools(agent.Tools)
	if err != nil {
		return failed(err)
	}
	params.Tools = append(slices.Clip(params.Tools), tools...)
	input := params.Input.OfInputItemList
	if params.Input.OfString.Valid() {
		input = responses.ResponseInputParam{responses.ResponseInputItemParamOfMessage(params.Input.OfString.Value, responses.EasyInputMessageRoleUser)}
	}
	input = slices.Clip(input)
	return agent.Run(ctx, func(ctx context.Context, results []chattools.Result, yield func(chat.Chunk, error) bool) ([]chattools.Call, bool) {
		for _, r := range results {
			output := responses.ResponseInputItemParamOfFunctionCallOutput(r.Output)
			output.OfFunctionCallOutput.CallID = sdk.String(r.Call.ID)
			input = append(input, output)
		}
		params.Input = responses.ResponseNewParamsInputUnion{OfInputItemList: input}
		r := new(response)
		if !r.read(client.Responses.NewStreaming(ctx, params), yield) {
			return nil, false
		}
		for _, item := range r.items {
			input = append(input, param.Override[responses.ResponseInputItemUnionParam](json.RawMessage(item)))
		}
		return r.calls, true
	})
}

// response is an answer of the Responses API, as far as it has come.
// https://platform.openai.com/docs/api-reference/responses-streaming
type response struct {
	items []string // the output items, as JSON
	calls []chattools.Call
	begun bool // there was text
	ended bool
}

// read yields what comes. It reports false if it has yielded an error or yield has
// returned false.
func (r *response) read(stream *ssestream.Stream[responses.ResponseStreamEventUnion], yield func(chat.Chunk, error) bool) bool {
	defer func() { _ = stream.Close() }()
	for stream.Next() {
		chunk, err := r.take(stream.Current())
		if err != nil {
			yield(chat.Chunk{}, err)
			return false
		}
		if chunk != (chat.Chunk{}) && !yield(chunk, nil) {
			return false
		}
	}
	err := stream.Err()
	if err == nil && !r.ended {
		err = fmt.Errorf("openai: the answer broke off: %w", io.ErrUnexpectedEOF)
	}
	if err != nil {
		yield(chat.Chunk{}, err)
		return false
	}
	return true
}

func (r *response) take(event responses.ResponseStreamEventUnion) (chat.Chunk, error) {
	switch event.Type {
	case "response.output_text.delta", "response.refusal.delta":
		r.begun = r.begun || event.Delta != ""
		return chat.Chunk{Text: event.Delta}, nil
	case "response.output_item.added":
		if event.Item.Type == "message" {
			return chat.Chunk{StepEnd: r.begun}, nil // another message follows
		}
		return chat.Chunk{Task: taskOf(event.Item, chat.TaskInProgress)}, nil
	case "response.output_item.done":
		return r.takeItem(event.Item), nil
	case "response.completed":
		r.ended = true
		if len(r.calls) > 0 {
			return chat.Chunk{StepEnd: true, Finish: chat.FinishToolCalls}, nil
		}
		return chat.Chunk{StepEnd: true, Finish: chat.FinishStop}, nil
	case "response.incomplete":
		r.ended, r.calls = true, nil // a call may be half written
		switch event.Response.IncompleteDetails.Reason {
		case "max_output_tokens":
			return chat.Chunk{Finish: chat.FinishLength}, nil
		case "content_filter":
			return chat.Chunk{Finish: chat.FinishContentFilter}, nil
		}
		return chat.Chunk{Finish: chat.FinishOther}, nil
	case "response.failed":
		return chat.Chunk{}, fmt.Errorf("openai: the response failed: %s: %s", event.Response.Error.Code, event.Response.Error.Message)
	case "error":
		return chat.Chunk{}, errors.New("openai: the stream failed: " + event.Code + ": " + event.Message)
	}
	return chat.Chunk{}, nil
}

// takeItem takes an item of the output that is whole.
func (r *response) takeItem(item responses.ResponseOutputItemUnion) chat.Chunk {
	r.items = append(r.items, item.RawJSON())
	if item.Type == "function_call" {
		call := item.AsFunctionCall()
		r.calls = append(r.calls, chattools.Call{ID: call.CallID, Name: call.Name, Arguments: json.RawMessage(call.Arguments)})
		return chat.Chunk{}
	}
	status := chat.TaskComplete
	if item.Status == "failed" || item.Status == "incomplete" {
		status = chat.TaskError
	}
	return chat.Chunk{Task: taskOf(item, status)}
}

// hosted are the tools that OpenAI calls itself, as people see them.
var hosted = map[string]string{
	"web_search_call": "Search the web", "file_search_call": "Search files", "code_interpreter_call": "Run code",
	"image_generation_call": "Make a picture", "mcp_call": "",
}

// taskOf is the item as a task, or nil if it is none.
func taskOf(item responses.ResponseOutputItemUnion, status chat.TaskStatus) *chat.Task {
	if item.Type == "function_call" {
		return chattools.Call{ID: item.CallID, Name: item.Name}.Task()
	}
	title, ok := hosted[item.Type]
	if !ok {
		return nil
	}
	if title == "" {
		title = item.Name
	}
	return &chat.Task{ID: item.ID, Title: title, Status: status}
}
