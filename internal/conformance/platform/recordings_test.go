package platform

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chat/adaptertest"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// newACMEBot returns a bot whose handler writes down what it is told.
func newACMEBot(t *testing.T) (bot *chat.Chat, heard chan string) {
	t.Helper()
	heard = make(chan string, 10)
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{newACME()}, State: newState(t), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		heard <- ev.Message.Text
		return nil
	})
	t.Cleanup(func() { require.NoError(t, bot.Shutdown(context.WithoutCancel(t.Context()))) })
	return bot, heard
}

// What a recorder writes while a bot works is sent to another bot, and is a sample
// for the suite.
func TestRecordingsAreReplayed(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "recorded")
	live, heard := newACMEBot(t)
	recorder := &webhook.Recorder{Handler: live, Folder: folder, Secrets: []string{acmeSecret}}
	for _, sent := range acmeFeatures.Recordings {
		resp, err := chattest.Replay(t.Context(), recorder, "acme", sent, signACME)
		require.NoError(t, err)
		require.Equal(t, sent.Status, resp.StatusCode)
	}
	require.Equal(t, "@bot hello", <-heard)

	recordings, err := webhook.ReadRecordings(folder)
	require.NoError(t, err)
	require.Len(t, recordings, 2)
	require.Equal(t, "REDACTED", recordings[0].Header.Get("Acme-Signature"))

	later, heard := newACMEBot(t)
	resp, err := chattest.Replay(t.Context(), later, "acme", recordings[0], nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode, "nothing in a recording proves where it comes from")
	resp, err = chattest.Replay(t.Context(), later, "acme", recordings[0], signACME)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "@bot hello", <-heard)

	features := acmeFeatures
	features.Recordings = recordings
	features.Samples = append(slices.Clone(features.Samples), adaptertest.Recorded(recordings[0], &chat.Message{
		ID: "C1-8", ThreadID: "acme:C1:7", Text: "@bot hello", Author: chat.Author{UserID: "U8"},
	}))
	adaptertest.Run(t, func(t *testing.T) adaptertest.Harness {
		t.Helper()
		return openPlanted(t, func(a *acme) chat.Adapter { return a })
	}, features)
}
