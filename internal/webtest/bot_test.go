package webtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/web"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// patience bounds every wait.
const patience = 20 * time.Second

// testBot is a bot with the web adapter behind an HTTP server. The header "User"
// says who sends a request.
type testBot struct {
	*chat.Chat
	t      *testing.T
	server *httptest.Server
	log    *botrig.Log
}

type botOptions struct {
	state  state.Adapter
	config func(*chat.Config)
	web    web.Config
	handle chat.MessageHandler
	// cookies leaves Config.User at its default.
	cookies bool
}

func headerUser(r *http.Request) (chat.Author, error) {
	if user := r.Header.Get("User"); user != "" {
		return chat.Author{UserID: chat.UserID(user)}, nil
	}
	return chat.Author{}, errors.New("secret reason")
}

func newMemory(t *testing.T) state.Adapter {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	return st
}

func newBot(t *testing.T, o botOptions) *testBot {
	t.Helper()
	if o.state == nil {
		o.state = newMemory(t)
	}
	if o.web.User == nil && !o.cookies {
		o.web.User = headerUser
	}
	if o.web.PollInterval == 0 {
		o.web.PollInterval = 20 * time.Millisecond
	}
	page, err := web.New(o.web)
	require.NoError(t, err)
	b := &testBot{t: t, log: new(botrig.Log)}
	config := chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{page}, State: o.state,
		Logger: slog.New(slog.NewTextHandler(b.log, nil)),
		Retry:  chat.Retry{MaxAttempts: 2, Backoff: time.Millisecond},
	}
	if o.config != nil {
		o.config(&config)
	}
	b.Chat, err = chat.New(config)
	require.NoError(t, err)
	if o.handle != nil {
		b.OnDirectMessage(o.handle)
	}
	require.NoError(t, o.state.Connect(t.Context()), "for tests that call the adapter before the bot runs")
	b.server = httptest.NewServer(b.Chat)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		b.server.Close()
		if t.Failed() {
			t.Logf("the bot's log:\n%s", b.log)
		}
	})
	return b
}

// post sends a request as a user.
func (b *testBot) do(method, path, user, body string, header ...string) *http.Response {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, b.server.URL+"/webhooks/web"+path, strings.NewReader(body))
	require.NoError(b.t, err)
	if user != "" {
		r.Header.Set("User", user)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func turn(conversation, id, text string) string {
	body, err := json.Marshal(map[string]any{
		"id": conversation, "trigger": "submit-message",
		"messages": []any{map[string]any{"id": id, "role": "user", "parts": []any{map[string]any{"type": "text", "text": text}}}},
	})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// say sends a message and returns the whole stream.
func (b *testBot) say(user, conversation, id, text string) []chunk {
	b.t.Helper()
	resp := b.do(http.MethodPost, "", user, turn(conversation, id, text))
	require.Equal(b.t, http.StatusOK, resp.StatusCode)
	require.Equal(b.t, "v1", resp.Header.Get("X-Vercel-Ai-Ui-Message-Stream"))
	require.Equal(b.t, "text/event-stream", resp.Header.Get("Content-Type"))
	var chunks []chunk
	events := newEvents(b.t, resp.Body)
	for {
		e, ok := events.next()
		require.True(b.t, ok, "the stream ends with [DONE]")
		if e.data == "[DONE]" {
			return chunks
		}
		chunks = append(chunks, decodeChunk(b.t, e.data))
	}
}

func decodeChunk(t *testing.T, data string) chunk {
	t.Helper()
	var c chunk
	require.NoError(t, json.Unmarshal([]byte(data), &c))
	return c
}

// chunk returns the next part of a turn's stream.
func (e *events) chunk() chunk {
	e.t.Helper()
	event, ok := e.next()
	require.True(e.t, ok)
	return decodeChunk(e.t, event.data)
}

type chunk struct {
	Type, ID, MessageID, Delta, ErrorText string
	URL, MediaType                        string
	Data                                  json.RawMessage
	Transient                             bool
	ProviderMetadata                      metadata
}

type metadata struct {
	Chat struct {
		Fallback bool
		Size     int64
	}
}

// kinds are the types of chunks, in order.
func kinds(chunks []chunk) string {
	var names []string
	for _, c := range chunks {
		names = append(names, c.Type)
	}
	return strings.Join(names, " ")
}

// texts are the text parts, put together.
func texts(chunks []chunk) []string {
	var order []string
	parts := map[string]string{}
	for _, c := range chunks {
		switch c.Type {
		case "text-start":
			order = append(order, c.ID)
		case "text-delta":
			parts[c.ID] += c.Delta
		}
	}
	all := []string{}
	for _, id := range order {
		all = append(all, parts[id])
	}
	return all
}

type message struct {
	ID, Role string
	Parts    []part
	Metadata struct {
		SentAt    time.Time
		Version   int64
		Edited    bool
		Streaming bool
		Stopped   bool
		Ephemeral bool
		Reactions []string
	}
}

type part struct {
	Type, ID, Text, URL, MediaType, Filename string
	Data                                     json.RawMessage
	ProviderMetadata                         metadata
}

// text is the message's text, or "".
func (m message) text() string {
	for _, p := range m.Parts {
		if p.Type == "text" {
			return p.Text
		}
	}
	return ""
}

// part returns the part of a type.
func (m message) part(t *testing.T, kind string) part {
	t.Helper()
	for _, p := range m.Parts {
		if p.Type == kind {
			return p
		}
	}
	t.Fatalf("the message %+v has no part %q", m, kind)
	return part{}
}

// history returns what /messages answers, as "role: text".
func (b *testBot) history(user, conversation string) []string {
	b.t.Helper()
	return lines(b.messages(user, conversation))
}

func (b *testBot) messages(user, conversation string) []message {
	b.t.Helper()
	resp := b.do(http.MethodGet, "/messages?conversation="+url.QueryEscape(conversation), user, "")
	body := readAll(b.t, resp)
	require.Equal(b.t, http.StatusOK, resp.StatusCode, "%s", body)
	var v struct{ Messages []message }
	require.NoError(b.t, json.Unmarshal(body, &v))
	return v.Messages
}

func lines(messages []message) []string {
	all := []string{}
	for _, m := range messages {
		all = append(all, m.Role+": "+m.text())
	}
	return all
}

// events is a reader of server-sent events.
type events struct {
	t       *testing.T
	scanner *bufio.Scanner
}

type sseEvent struct{ name, data string }

func newEvents(t *testing.T, body io.Reader) *events {
	t.Helper()
	s := bufio.NewScanner(body)
	s.Buffer(nil, 1<<20)
	return &events{t, s}
}

func (e *events) next() (sseEvent, bool) {
	var event sseEvent
	for e.scanner.Scan() {
		line := e.scanner.Text()
		if line == "" && event.data != "" {
			return event, true
		}
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event.name = name
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			event.data = data
		}
	}
	return event, false
}

// open opens the events of a conversation and returns them with the history
// that they begin with.
func (b *testBot) open(user, conversation string) (*events, []message) {
	b.t.Helper()
	resp := b.do(http.MethodGet, "/events?conversation="+url.QueryEscape(conversation), user, "")
	require.Equal(b.t, http.StatusOK, resp.StatusCode)
	e := newEvents(b.t, resp.Body)
	first, ok := e.next()
	require.True(b.t, ok)
	require.Equal(b.t, "history", first.name)
	var v struct{ Messages []message }
	require.NoError(b.t, json.Unmarshal([]byte(first.data), &v))
	return e, v.Messages
}

// await returns the next event for which want is true.
func (e *events) await(what string, want func(name string, m message, data string) bool) message {
	e.t.Helper()
	for {
		event, ok := e.next()
		require.True(e.t, ok, "the events ended before: %s", what)
		var m message
		if event.name == "message" {
			require.NoError(e.t, json.Unmarshal([]byte(event.data), &m))
		}
		if want(event.name, m, event.data) {
			return m
		}
	}
}

func (e *events) awaitText(text string) message {
	e.t.Helper()
	return e.await(fmt.Sprintf("a message %q", text), func(name string, m message, _ string) bool {
		return name == "message" && m.text() == text && !m.Metadata.Streaming
	})
}

func readAll(t *testing.T, resp *http.Response) []byte {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return body
}

func errorText(t *testing.T, resp *http.Response) string {
	t.Helper()
	var v struct{ Error string }
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	require.NoError(t, json.Unmarshal(readAll(t, resp), &v))
	return v.Error
}

func reply(texts ...string) chat.MessageHandler {
	return func(ctx context.Context, ev *chat.MessageEvent) error {
		for _, text := range texts {
			if _, err := ev.Thread.Post(ctx, chat.Markdown(text)); err != nil {
				return err
			}
		}
		return nil
	}
}
