package llmtest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/llmtest/wire"
	"github.com/chat-adapter/chat-go/llm/openai"
)

func openaiClient(s *wire.Server) sdk.Client {
	return sdk.NewClient(option.WithBaseURL(s.URL), option.WithAPIKey("sk-test"), option.WithMaxRetries(0))
}

// openaiForms are the library's two APIs.
var openaiForms = map[string]struct {
	stream func(context.Context, sdk.Client) chat.Chunks
	answer func(context.Context, sdk.Client, chattools.Agent) chat.Chunks
}{
	"chat": {
		func(ctx context.Context, client sdk.Client) chat.Chunks {
			return openai.Stream(client.Chat.Completions.NewStreaming(ctx, completionParams()))
		},
		func(ctx context.Context, client sdk.Client, agent chattools.Agent) chat.Chunks {
			return openai.Answer(ctx, client, completionParams(), agent)
		},
	},
	"response": {
		func(ctx context.Context, client sdk.Client) chat.Chunks {
			return openai.ResponseStream(client.Responses.NewStreaming(ctx, responseParams()))
		},
		func(ctx context.Context, client sdk.Client, agent chattools.Agent) chat.Chunks {
			return openai.AnswerResponse(ctx, client, responseParams(), agent)
		},
	},
}

func completionParams() sdk.ChatCompletionNewParams {
	return sdk.ChatCompletionNewParams{Model: "gpt-4.1-mini", Messages: []sdk.ChatCompletionMessageParamUnion{sdk.UserMessage("The weather?")}}
}

func responseParams() responses.ResponseNewParams {
	return responses.ResponseNewParams{Model: "gpt-5-mini", Input: responses.ResponseNewParamsInputUnion{OfString: sdk.String("The weather?")}}
}

func TestOpenAIStreams(t *testing.T) {
	for name, want := range map[string]struct {
		text   string
		tasks  []string
		finish chat.FinishReason
	}{
		"chat-text":       {"It is 18 °C.", nil, chat.FinishStop},
		"chat-length":     {"It is  …", nil, chat.FinishLength},
		"chat-filter":     {"It is  …", nil, chat.FinishContentFilter},
		"chat-refusal":    {"I can't help with that.", nil, chat.FinishStop},
		"chat-calls":      {"I look it up.", []string{"complete weather", "complete weather"}, chat.FinishToolCalls},
		"response-text":   {"It is 18 °C.", nil, chat.FinishStop},
		"response-length": {"It is  …", nil, chat.FinishLength},
		"response-search": {"I look it up.\n\nIt is 18 °C.", []string{"complete Search the web"}, chat.FinishStop},
	} {
		t.Run(name, func(t *testing.T) {
			client := openaiClient(wire.Serve(t, "openai/"+name+".sse"))
			text, tasks, finish, err := shown(t, openaiForms[formOf(name)].stream(t.Context(), client))
			require.NoError(t, err)
			require.Equal(t, want.text, text)
			require.Equal(t, want.tasks, tasks)
			require.Equal(t, want.finish, finish)
		})
	}
}

func formOf(name string) string {
	if name[0] == 'c' {
		return "chat"
	}
	return "response"
}

// A stream that does not come to its end is an error, and what has come stays.
func TestOpenAIStreamsThatBreakOff(t *testing.T) {
	for name, want := range map[string]string{
		"chat.cut": "unexpected EOF", "chat-short": "broke off", "chat-error": "The server had an error",
		"response.cut": "unexpected EOF", "response-short": "broke off", "response-failed": "server_error: The model failed", "response-error": "server_error: Something went wrong",
	} {
		t.Run(name, func(t *testing.T) {
			client := openaiClient(wire.Serve(t, "openai/"+name+".sse"))
			text, _, _, err := shown(t, openaiForms[formOf(name)].stream(t.Context(), client))
			require.ErrorContains(t, err, want)
			require.Equal(t, "It is  …", text)
			if want != "unexpected EOF" && want != "broke off" {
				return
			}
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		})
	}
}

func TestOpenAIRefusesARequest(t *testing.T) {
	for name, form := range openaiForms {
		client := openaiClient(wire.Serve(t, "openai/limit.json"))
		_, _, _, err := shown(t, form.stream(t.Context(), client))
		var refused *sdk.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	}
}

// An answer of several steps shows the calls that were made, also one that has failed,
// and tells the model what came of them.
func TestOpenAIAnswersWithTools(t *testing.T) {
	for name, form := range map[string]string{"chat-calls": "chat", "chat-calls-ollama": "chat", "response-calls": "response"} {
		t.Run(name, func(t *testing.T) {
			server := wire.Serve(t, "openai/"+name+".sse", "openai/"+form+"-text.sse")
			agent := chattools.Agent{Tools: []chattools.Tool{weather()}}
			text, tasks, finish, err := shown(t, openaiForms[form].answer(t.Context(), openaiClient(server), agent))
			require.NoError(t, err)
			require.Equal(t, "I look it up.\n\nIt is 18 °C.", text)
			require.Equal(t, []string{"complete Look at the weather", "error Look at the weather Error: no such city"}, tasks)
			require.Equal(t, chat.FinishStop, finish)

			asked := server.Asked()
			require.Len(t, asked, 2)
			var first, second struct {
				Tools           []json.RawMessage
				Messages, Input json.RawMessage
			}
			require.NoError(t, json.Unmarshal([]byte(asked[0]), &first))
			require.NoError(t, json.Unmarshal([]byte(asked[1]), &second))
			schema := `{"type":"object","properties":{"city":{"type":"string","description":"A city's name"}},"required":["city"],"additionalProperties":false}`
			require.Equal(t, first.Tools, second.Tools)
			if form == "chat" {
				require.JSONEq(t, `{"type":"function","function":{"name":"weather","description":"Tells the weather in a city.","parameters":`+schema+`}}`, string(first.Tools[0]))
				require.JSONEq(t, `[{"role":"user","content":"The weather?"},
					{"role":"assistant","content":"I look it up.","tool_calls":[
						{"id":"call_a1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},
						{"id":"call_b2","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Atlantis\"}"}}]},
					{"role":"tool","tool_call_id":"call_a1","content":"{\"celsius\":18}"},
					{"role":"tool","tool_call_id":"call_b2","content":"Error: no such city"}]`, string(second.Messages))
				return
			}
			require.JSONEq(t, `{"type":"function","strict":false,"name":"weather","description":"Tells the weather in a city.","parameters":`+schema+`}`, string(first.Tools[0]))
			require.JSONEq(t, `[{"role":"user","content":"The weather?"},
				{"id":"rs_1","type":"reasoning","summary":[]},
				{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"I look it up.","annotations":[],"logprobs":[]}]},
				{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"city\":\"Oslo\"}","call_id":"call_a1","name":"weather"},
				{"id":"fc_2","type":"function_call","status":"completed","arguments":"{\"city\":\"Atlantis\"}","call_id":"call_b2","name":"weather"},
				{"type":"function_call_output","call_id":"call_a1","output":"{\"celsius\":18}"},
				{"type":"function_call_output","call_id":"call_b2","output":"Error: no such city"}]`, string(second.Input))
		})
	}
}

func TestOpenAIMessages(t *testing.T) {
	prompt := promptWithFiles(t)
	messages, err := openai.Messages(t.Context(), prompt)
	require.NoError(t, err)
	require.JSONEq(t, `[{"role":"system","content":"Be brief."},
		{"role":"user","content":"[ada]: Hello"},{"role":"assistant","content":"Hi."},
		{"role":"user","content":[{"type":"text","text":`+quoted(prompt[3].Text())+`},
			{"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lGODlh"}},
			{"type":"text","text":`+quoted(notesText)+`},{"type":"text","text":`+quoted(goneText)+`}]}]`, asJSON(t, messages))
	input, err := openai.Input(t.Context(), prompt)
	require.NoError(t, err)
	require.JSONEq(t, `[{"role":"system","content":"Be brief."},
		{"role":"user","content":[{"type":"input_text","text":"[ada]: Hello"}]},{"role":"assistant","content":"Hi."},
		{"role":"user","content":[{"type":"input_text","text":`+quoted(prompt[3].Text())+`},
			{"type":"input_image","detail":"auto","image_url":"data:image/gif;base64,R0lGODlh"},
			{"type":"input_text","text":`+quoted(notesText)+`},{"type":"input_text","text":`+quoted(goneText)+`}]}]`, asJSON(t, input))
}
