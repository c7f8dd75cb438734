package genai

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"

	sdk "google.golang.org/genai"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
)

// Stream returns what a sequence of responses brings: their text, the calls that the model
// asks for as tasks, and why it has ended.
func Stream(responses iter.Seq2[*sdk.GenerateContentResponse, error]) chat.Chunks {
	return func(yield func(chat.Chunk, error) bool) { new(answer).read(responses, yield) }
}

// Answer asks the model, makes the calls of tools that it wants, and asks again with their
// results, until it has answered. The tools are the agent's; those in config stay, for what
// Google calls itself. config may be nil.
func Answer(ctx context.Context, client *sdk.Client, model string, contents []*sdk.Content, config *sdk.GenerateContentConfig, agent chattools.Agent) chat.Chunks {
	tools, err := Tools(agent.Tools)
	if err != nil {
		return func(yield func(chat.Chunk, error) bool) { yield(chat.Chunk{}, err) }
	}
	own := sdk.GenerateContentConfig{}
	if config != nil {
		own = *config
	}
	own.Tools = append(slices.Clip(own.Tools), tools...)
	contents = slices.Clip(contents)
	return agent.Run(ctx, func(ctx context.Context, results []chattools.Result, yield func(chat.Chunk, error) bool) ([]chattools.Call, bool) {
		if len(results) > 0 {
			contents = append(contents, resultsOf(results))
		}
		a := new(answer)
		if !a.read(client.Models.GenerateContentStream(ctx, model, contents, &own), yield) {
			return nil, false
		}
		if len(a.calls) > 0 {
			// With the parts as they came: they have signatures that the model wants back.
			// https://ai.google.dev/gemini-api/docs/thought-signatures
			contents = append(contents, &sdk.Content{Role: sdk.RoleModel, Parts: a.parts})
		}
		return a.calls, true
	})
}

// resultsOf tells the model what came of its calls.
func resultsOf(results []chattools.Result) *sdk.Content {
	content := &sdk.Content{Role: sdk.RoleUser}
	for _, r := range results {
		key := "output"
		if r.Failed {
			key = "error"
		}
		part := sdk.NewPartFromFunctionResponse(r.Call.Name, map[string]any{key: r.Output})
		if !isMade(r.Call.ID) {
			part.FunctionResponse.ID = r.Call.ID
		}
		content.Parts = append(content.Parts, part)
	}
	return content
}

// answer is what the model has said so far.
type answer struct {
	parts []*sdk.Part
	calls []chattools.Call
	why   sdk.FinishReason
	block sdk.BlockedReason // why the prompt was refused
}

// read yields what comes. It reports false if it has yielded an error or yield has
// returned false.
func (a *answer) read(responses iter.Seq2[*sdk.GenerateContentResponse, error], yield func(chat.Chunk, error) bool) bool {
	for response, err := range responses {
		if err != nil {
			yield(chat.Chunk{}, err)
			return false
		}
		if response.PromptFeedback != nil {
			a.block = response.PromptFeedback.BlockReason
		}
		if len(response.Candidates) == 0 {
			continue
		}
		candidate := response.Candidates[0]
		if candidate.FinishReason != "" {
			a.why = candidate.FinishReason
		}
		if candidate.Content == nil {
			continue
		}
		for _, part := range candidate.Content.Parts {
			if chunk, err := a.take(part); err != nil || chunk != (chat.Chunk{}) {
				if !yield(chunk, err) || err != nil {
					return false
				}
			}
		}
	}
	switch {
	case a.block != "":
		yield(chat.Chunk{}, fmt.Errorf("genai: the prompt was refused: %s", a.block))
		return false
	case a.why == "":
		yield(chat.Chunk{}, fmt.Errorf("genai: the answer broke off: %w", io.ErrUnexpectedEOF))
		return false
	}
	return yield(chat.Chunk{StepEnd: true, Finish: a.finishReason()}, nil)
}

func (a *answer) take(part *sdk.Part) (chat.Chunk, error) {
	a.parts = append(a.parts, part)
	switch {
	case part.FunctionCall != nil:
		arguments, err := json.Marshal(part.FunctionCall.Args)
		if err != nil {
			return chat.Chunk{}, fmt.Errorf("genai: the arguments of a call: %w", err)
		}
		call := chattools.Call{ID: part.FunctionCall.ID, Name: part.FunctionCall.Name, Arguments: arguments}
		if part.FunctionCall.Args == nil {
			call.Arguments = nil
		}
		if call.ID == "" { // the Gemini API names none
			call.ID = fmt.Sprintf("%s%d", madeID, len(a.calls))
		}
		a.calls = append(a.calls, call)
		return chat.Chunk{Task: call.Task()}, nil
	case part.Thought:
		return chat.Chunk{}, nil
	}
	return chat.Chunk{Text: part.Text}, nil
}

// madeID begins the ids of calls that the model has not named.
const madeID = "chat-go-call-"

func isMade(id string) bool { return len(id) > len(madeID) && id[:len(madeID)] == madeID }

// finishReason translates the reason: the API says "STOP" also for a call.
// https://ai.google.dev/api/generate-content#FinishReason
func (a *answer) finishReason() chat.FinishReason {
	switch a.why {
	case sdk.FinishReasonStop:
		if len(a.calls) > 0 {
			return chat.FinishToolCalls
		}
		return chat.FinishStop
	case sdk.FinishReasonMaxTokens:
		return chat.FinishLength
	case sdk.FinishReasonSafety, sdk.FinishReasonRecitation, sdk.FinishReasonBlocklist, sdk.FinishReasonProhibitedContent, sdk.FinishReasonSPII:
		return chat.FinishContentFilter
	}
	return chat.FinishOther
}
