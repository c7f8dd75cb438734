package pager

import (
	"log/slog"
	"net/http"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// In development a Recorder keeps what the platform sends, for tests.
func Example_record() {
	adapter, err := New(Config{BaseURL: "https://pager.example/v1/", Token: "0815", Secret: secret})
	if err != nil {
		slog.Error("no adapter", "error", err)
		return
	}
	st, err := memorystate.New(memorystate.Config{})
	if err != nil {
		slog.Error("no state", "error", err)
		return
	}
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st})
	if err != nil {
		slog.Error("no bot", "error", err)
		return
	}
	http.Handle("/webhooks/", &webhook.Recorder{Handler: bot, Folder: "testdata", Secrets: []string{secret}})
}
