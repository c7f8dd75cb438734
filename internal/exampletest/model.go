package exampletest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Model is a language model with the wire format of OpenAI's Chat Completions, which
// says what the test wants. It is safe for concurrent use.
type Model struct {
	// URL is what OPENAI_BASE_URL names.
	URL string

	answer func(ctx context.Context, q ModelQuestion, say *ModelAnswer)
	mu     sync.Mutex
	asked  []ModelQuestion
}

// ModelQuestion is a request to the model.
type ModelQuestion struct {
	// Key is the API key, Model the name of the model.
	Key, Model string
	// Messages are what was said, each "role: text".
	Messages []string
	// Tools are the names of what the model may call.
	Tools []string
}

// Last returns what was said last.
func (q ModelQuestion) Last() string { return q.Messages[len(q.Messages)-1] }

// NewModel starts a model until the test ends. It calls answer for each request, with a
// context that ends when nobody waits for the answer any more.
func NewModel(t *testing.T, answer func(ctx context.Context, q ModelQuestion, say *ModelAnswer)) *Model {
	t.Helper()
	m := &Model{answer: answer}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.URL = server.URL + "/v1"
	return m
}

// Asked returns the requests so far.
func (m *Model) Asked() []ModelQuestion {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

// ServeHTTP answers a request with a stream.
// https://platform.openai.com/docs/api-reference/chat-streaming
func (m *Model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Model    string
		Stream   bool
		Messages []struct {
			Role    string
			Content string
		}
		Tools []struct{ Function struct{ Name string } }
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || r.URL.Path != "/v1/chat/completions" || !request.Stream || len(request.Messages) == 0 {
		http.Error(w, fmt.Sprintf(`{"error":{"message":"want a stream of an answer to messages with texts: %v"}}`, err), http.StatusBadRequest)
		return
	}
	q := ModelQuestion{Key: r.Header.Get("Authorization"), Model: request.Model}
	for _, said := range request.Messages {
		q.Messages = append(q.Messages, said.Role+": "+said.Content)
	}
	for _, tool := range request.Tools {
		q.Tools = append(q.Tools, tool.Function.Name)
	}
	m.mu.Lock()
	m.asked = append(m.asked, q)
	m.mu.Unlock()
	say := &ModelAnswer{w: w}
	m.answer(r.Context(), q, say)
	say.end()
}

// ModelAnswer is an answer that the model streams.
type ModelAnswer struct {
	w       http.ResponseWriter
	calls   int
	refused bool
}

// Text says a piece of text.
func (a *ModelAnswer) Text(text string) { a.send(map[string]any{"content": text}, nil) }

// Call asks for a call of a tool. The arguments are JSON, which comes in two pieces.
func (a *ModelAnswer) Call(tool, arguments string) {
	half := len(arguments) / 2
	a.send(toolDelta(a.calls, map[string]any{"id": fmt.Sprintf("call_%d", a.calls+1), "type": "function", "function": map[string]any{"name": tool, "arguments": arguments[:half]}}), nil)
	a.send(toolDelta(a.calls, map[string]any{"function": map[string]any{"arguments": arguments[half:]}}), nil)
	a.calls++
}

// Refuse answers with an error in place of a stream.
func (a *ModelAnswer) Refuse(status int, message string) {
	a.refused = true
	a.w.Header().Set("Content-Type", "application/json")
	a.w.WriteHeader(status)
	_ = json.NewEncoder(a.w).Encode(map[string]any{"error": map[string]any{"message": message}})
}

func toolDelta(index int, call map[string]any) map[string]any {
	call["index"] = index
	return map[string]any{"tool_calls": []any{call}}
}

func (a *ModelAnswer) end() {
	if a.refused {
		return
	}
	finish := "stop"
	if a.calls > 0 {
		finish = "tool_calls"
	}
	a.send(map[string]any{}, finish)
	_, _ = fmt.Fprint(a.w, "data: [DONE]\n\n")
}

func (a *ModelAnswer) send(delta map[string]any, finish any) {
	a.w.Header().Set("Content-Type", "text/event-stream")
	data, err := json.Marshal(map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}},
	})
	if err != nil {
		panic(err)
	}
	_, _ = fmt.Fprintf(a.w, "data: %s\n\n", data)
	_ = http.NewResponseController(a.w).Flush()
}
