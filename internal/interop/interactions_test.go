package interop

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// interactive is a bot whose callbacks go to a server.
type interactive struct {
	*chat.Chat
	fake     *chattest.Fake
	state    *memorystate.Adapter
	url      string
	requests chan string
	values   chan string // of actions
}

func newInteractive(t *testing.T) *interactive {
	t.Helper()
	b := &interactive{fake: chattest.NewFake(chattest.Config{}), requests: make(chan string, 10), values: make(chan string, 10)}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.requests <- string(body)
	}))
	t.Cleanup(server.Close)
	b.url = server.URL + "/hook"
	var err error
	b.state, err = memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	b.Chat, err = chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{b.fake.Adapter()}, State: b.state, Logger: slog.New(slog.DiscardHandler),
		Callbacks: chat.CallbackConfig{Hosts: []string{strings.TrimPrefix(server.URL, "http://")}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Shutdown(context.WithoutCancel(t.Context()))) })
	require.NoError(t, b.state.Connect(t.Context()))
	return b
}

// click delivers a click and waits until it is handled.
func (b *interactive) click(t *testing.T, action, value string) {
	t.Helper()
	receipt, err := b.fake.Host().Deliver(t.Context(), &chat.ActionEvent{
		EventBase: chat.EventBase{ThreadID: "fake:c:t", User: chat.Author{UserID: "U1", UserName: "ada"}}, MessageID: "m1",
		ActionID: action, Value: value, TriggerID: "t1",
	})
	require.NoError(t, err)
	require.NoError(t, receipt.Wait(t.Context()))
}

func (b *interactive) get(t *testing.T, key string) json.RawMessage {
	t.Helper()
	data, err := b.state.Get(t.Context(), key)
	require.NoError(t, err)
	return data
}

type interactions struct {
	Values map[string]json.RawMessage
	Posts  []*card.Card
	Modals []struct{ ContextID string }
}

// What is posted, by the npm package as by us.
const (
	clicked   = `{"type":"action","actionId":"approve","value":"42","user":{"id":"U1","name":"ada"},"threadId":"fake:c:t","messageId":"m1"}`
	submitted = `{"type":"modal_submit","callbackId":"form","values":{"name":"Ada"},"user":{"id":"U1","name":"ada"}}`
)

func TestInteractionsOfChatAreUnderstood(t *testing.T) {
	b := newInteractive(t)
	theirs := ask[interactions](t, "interactions", map[string]string{"url": b.url})
	for key, value := range theirs.Values {
		require.NoError(t, b.state.Set(t.Context(), key, value, time.Hour))
	}
	b.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
		b.values <- ev.Value
		return nil
	})
	button := theirs.Posts[0].Children[0].(*card.Section).Children[0].(*card.Actions).Children[0].(*card.Button)
	b.click(t, button.ID, button.Value)
	require.Equal(t, "42", <-b.values)
	require.JSONEq(t, clicked, <-b.requests)

	var origin chat.ModalOrigin
	b.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		origin = ev.Opened
		return chat.ModalAnswer{}, nil
	})
	_, err := b.fake.Host().SubmitModal(t.Context(), &chat.ModalSubmitEvent{
		EventBase:  chat.EventBase{User: chat.Author{UserID: "U1", UserName: "ada"}},
		CallbackID: "form", ContextID: theirs.Modals[0].ContextID, Values: chat.ModalValues{"name": "Ada"},
	})
	require.NoError(t, err)
	require.Equal(t, chat.ThreadID("fake:c:t"), origin.Thread.ID())
	require.Equal(t, chat.MessageID("m1"), origin.Message.ID)
	require.Equal(t, chat.ChannelID("fake:c"), origin.Channel.ID())
	require.JSONEq(t, submitted, <-b.requests)
}

func TestChatUnderstandsOurInteractions(t *testing.T) {
	b := newInteractive(t)
	thread, err := b.Thread("fake:c:t")
	require.NoError(t, err)
	_, err = thread.Post(t.Context(), chat.Card(card.New("", card.NewActions(card.NewButton("approve", "Approve").WithValue("42").WithCallback(b.url)))))
	require.NoError(t, err)
	button := b.fake.Posts("fake:c:t")[0].Card.Children[0].(*card.Actions).Children[0].(*card.Button)
	form := card.NewModal("form", "Form", card.NewTextInput("name", "Name"))
	form.CallbackURL = b.url
	b.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error { return ev.OpenModal(ctx, form) }, "open")
	b.click(t, "open", "")
	contextID := b.fake.Modals()[0].ContextID
	callback, kept := "chat:callback:"+strings.TrimPrefix(button.Value, "__cb:"), "modal-context:fake:"+contextID

	theirs := ask[interactions](t, "interactions", map[string]string{"url": b.url})
	require.Len(t, theirs.Values, 2)
	for key, want := range theirs.Values {
		if strings.HasPrefix(key, "chat:callback:") {
			require.Len(t, key, len(callback))
			require.JSONEq(t, string(want), string(b.get(t, callback)))
			continue
		}
		require.Len(t, key, len(kept))
		require.JSONEq(t, common(t, want), common(t, b.get(t, kept)))
	}

	read := ask[struct {
		Values   map[string]json.RawMessage
		Got      []string
		Related  struct{ Thread, Message, Channel string }
		Requests []struct {
			URL  string
			Body json.RawMessage
		}
	}](t, "act", map[string]any{
		"values": map[string]json.RawMessage{callback: b.get(t, callback), kept: b.get(t, kept)},
		"value":  button.Value, "contextId": contextID,
	})
	require.Equal(t, []string{"42", button.Value}, read.Got)
	require.Equal(t, struct{ Thread, Message, Channel string }{"fake:c:t", "m1", "fake:c"}, read.Related)
	require.Len(t, read.Requests, 2)
	require.JSONEq(t, clicked, string(read.Requests[0].Body))
	require.JSONEq(t, submitted, string(read.Requests[1].Body))
	require.Equal(t, b.url, read.Requests[0].URL)
	require.Empty(t, read.Values)

	// What one of ours has claimed is not there for the npm package.
	b.click(t, button.ID, button.Value)
	<-b.requests
	claimed := ask[struct {
		Got      []string
		Requests []json.RawMessage
		Related  map[string]string
	}](t, "act", map[string]any{
		"values": map[string]json.RawMessage{callback: b.get(t, callback)}, "value": button.Value, "contextId": "other",
	})
	require.Equal(t, []string{button.Value, button.Value}, claimed.Got)
	require.Empty(t, claimed.Requests)
	require.Empty(t, claimed.Related)
}

// common returns of a modal's context what both keep: ours has the ids of the
// inputs too, and theirs the event as a message.
func common(t *testing.T, data json.RawMessage) string {
	t.Helper()
	var kept map[string]any
	require.NoError(t, json.Unmarshal(data, &kept))
	delete(kept, "inputs")
	delete(kept["thread"].(map[string]any), "currentMessage")
	m := kept["message"].(map[string]any)
	kept["message"] = map[string]any{"_type": m["_type"], "id": m["id"], "threadId": m["threadId"], "text": m["text"]}
	out, err := json.Marshal(kept)
	require.NoError(t, err)
	return string(out)
}
