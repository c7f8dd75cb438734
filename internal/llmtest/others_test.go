package llmtest

import (
	"context"
	"encoding/json"
	"io"
	"testing"

	anthropicsdk "github.com/anthropics/anthropic-sdk-go/v2"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/v2/option"
	"github.com/stretchr/testify/require"
	genaisdk "google.golang.org/genai"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattools"
	"github.com/chat-adapter/chat-go/internal/llmtest/wire"
	"github.com/chat-adapter/chat-go/llm/anthropic"
	"github.com/chat-adapter/chat-go/llm/genai"
)

func anthropicParams() anthropicsdk.MessageNewParams {
	return anthropicsdk.MessageNewParams{
		Model: "claude-sonnet-4-5", MaxTokens: 1000,
		Messages: []anthropicsdk.MessageParam{anthropicsdk.NewUserMessage(anthropicsdk.NewTextBlock("The weather?"))},
	}
}

func anthropicClient(s *wire.Server) anthropicsdk.Client {
	return anthropicsdk.NewClient(anthropicoption.WithBaseURL(s.URL), anthropicoption.WithAPIKey("test"), anthropicoption.WithMaxRetries(0))
}

func genaiClient(t *testing.T, s *wire.Server) *genaisdk.Client {
	t.Helper()
	client, err := genaisdk.NewClient(t.Context(), &genaisdk.ClientConfig{
		APIKey: "test", Backend: genaisdk.BackendGeminiAPI, HTTPOptions: genaisdk.HTTPOptions{BaseURL: s.URL},
	})
	require.NoError(t, err)
	return client
}

// others are the libraries beyond openai-go: how each streams, and answers with tools.
var others = map[string]struct {
	stream func(context.Context, *testing.T, *wire.Server) chat.Chunks
	answer func(context.Context, *testing.T, *wire.Server, chattools.Agent) chat.Chunks
	// asked is what the model is told of two calls, in the second request.
	asked string
}{
	"anthropic": {
		func(ctx context.Context, _ *testing.T, s *wire.Server) chat.Chunks {
			client := anthropicClient(s)
			return anthropic.Stream(client.Messages.NewStreaming(ctx, anthropicParams()))
		},
		func(ctx context.Context, _ *testing.T, s *wire.Server, agent chattools.Agent) chat.Chunks {
			return anthropic.Answer(ctx, anthropicClient(s), anthropicParams(), agent)
		},
		`[{"role":"user","content":[{"type":"text","text":"The weather?"}]},
			{"role":"assistant","content":[{"type":"text","text":"I look it up."},
				{"type":"tool_use","id":"call_a1","name":"weather","input":{"city":"Oslo"}},
				{"type":"tool_use","id":"call_b2","name":"weather","input":{"city":"Atlantis"}}]},
			{"role":"user","content":[
				{"type":"tool_result","tool_use_id":"call_a1","is_error":false,"content":[{"type":"text","text":"{\"celsius\":18}"}]},
				{"type":"tool_result","tool_use_id":"call_b2","is_error":true,"content":[{"type":"text","text":"Error: no such city"}]}]}]`,
	},
	"genai": {
		func(ctx context.Context, t *testing.T, s *wire.Server) chat.Chunks {
			return genai.Stream(genaiClient(t, s).Models.GenerateContentStream(ctx, "gemini-2.5-flash", genaisdk.Text("The weather?"), nil))
		},
		func(ctx context.Context, t *testing.T, s *wire.Server, agent chattools.Agent) chat.Chunks {
			return genai.Answer(ctx, genaiClient(t, s), "gemini-2.5-flash", genaisdk.Text("The weather?"), nil, agent)
		},
		`[{"role":"user","parts":[{"text":"The weather?"}]},
			{"role":"model","parts":[{"text":"Think.","thought":true},{"text":"I look it up."},
				{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"c2ln"},
				{"functionCall":{"name":"weather","args":{"city":"Atlantis"}}}]},
			{"role":"user","parts":[
				{"functionResponse":{"name":"weather","response":{"output":"{\"celsius\":18}"}}},
				{"functionResponse":{"name":"weather","response":{"error":"Error: no such city"}}}]}]`,
	},
}

func TestOtherLibrariesStream(t *testing.T) {
	for name, want := range map[string]struct {
		library, text string
		tasks         []string
		finish        chat.FinishReason
	}{
		"anthropic/text":    {"anthropic", "It is 18 °C.", nil, chat.FinishStop},
		"anthropic/length":  {"anthropic", "It is  …", nil, chat.FinishLength},
		"anthropic/refusal": {"anthropic", "It is  …", nil, chat.FinishContentFilter},
		"anthropic/search":  {"anthropic", "I look it up.\n\nIt is 18 °C.", []string{"complete Search the web"}, chat.FinishStop},
		"genai/text":        {"genai", "It is 18 °C.", nil, chat.FinishStop},
		"genai/length":      {"genai", "It is  …", nil, chat.FinishLength},
		"genai/safety":      {"genai", "It is  …", nil, chat.FinishContentFilter},
	} {
		t.Run(name, func(t *testing.T) {
			text, tasks, finish, err := shown(t, others[want.library].stream(t.Context(), t, wire.Serve(t, name+".sse")))
			require.NoError(t, err)
			require.Equal(t, want.text, text)
			require.Equal(t, want.tasks, tasks)
			require.Equal(t, want.finish, finish)
		})
	}
}

func TestOtherLibrariesStreamsThatBreakOff(t *testing.T) {
	for name, want := range map[string]struct{ library, err string }{
		"anthropic/short": {"anthropic", "broke off"}, "anthropic/cut.cut": {"anthropic", "unexpected EOF"}, "anthropic/error": {"anthropic", "Overloaded"},
		"genai/short": {"genai", "broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			text, _, _, err := shown(t, others[want.library].stream(t.Context(), t, wire.Serve(t, name+".sse")))
			require.ErrorContains(t, err, want.err)
			require.Equal(t, "It is  …", text)
			if want.err == "broke off" {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}
		})
	}
}

func TestOtherLibrariesAnswerWithTools(t *testing.T) {
	for name, library := range others {
		t.Run(name, func(t *testing.T) {
			server := wire.Serve(t, name+"/calls.sse", name+"/text.sse")
			text, tasks, finish, err := shown(t, library.answer(t.Context(), t, server, chattools.Agent{Tools: []chattools.Tool{weather()}}))
			require.NoError(t, err)
			require.Equal(t, "I look it up.\n\nIt is 18 °C.", text)
			require.Equal(t, []string{"complete Look at the weather", "error Look at the weather Error: no such city"}, tasks)
			require.Equal(t, chat.FinishStop, finish)
			var second struct{ Messages, Contents json.RawMessage }
			require.NoError(t, json.Unmarshal([]byte(server.Asked()[1]), &second))
			require.JSONEq(t, library.asked, string(append(second.Messages, second.Contents...)))
			require.Contains(t, server.Asked()[0], `"city"`, "the tool's parameters")
		})
	}
}

func TestOtherLibrariesMessages(t *testing.T) {
	prompt := promptWithFiles(t)
	messages, system, err := anthropic.Messages(t.Context(), prompt)
	require.NoError(t, err)
	require.Equal(t, "Be brief.", system[0].Text)
	require.JSONEq(t, `[{"role":"user","content":[{"type":"text","text":"[ada]: Hello"}]},{"role":"assistant","content":[{"type":"text","text":"Hi."}]},
		{"role":"user","content":[{"type":"text","text":`+quoted(prompt[3].Text())+`},
			{"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODlh"}},
			{"type":"text","text":`+quoted(notesText)+`},{"type":"text","text":`+quoted(goneText)+`}]}]`, asJSON(t, messages))
	messages, _, err = anthropic.Messages(t.Context(), prompt[2:3])
	require.NoError(t, err)
	require.Len(t, messages, 2, "a user begins")

	contents, instruction, err := genai.Contents(t.Context(), prompt)
	require.NoError(t, err)
	require.Equal(t, "Be brief.", instruction.Parts[0].Text)
	require.JSONEq(t, `[{"role":"user","parts":[{"text":"[ada]: Hello"}]},{"role":"model","parts":[{"text":"Hi."}]},
		{"role":"user","parts":[{"text":`+quoted(prompt[3].Text())+`},{"inlineData":{"mimeType":"image/gif","data":"R0lGODlh"}},
			{"text":`+quoted(notesText)+`},{"text":`+quoted(goneText)+`}]}]`, asJSON(t, contents))
}
