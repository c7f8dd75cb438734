package bottest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// unreachable is a state that cannot be connected while it is away.
type unreachable struct {
	state.Adapter
	away atomic.Bool
}

func (u *unreachable) Unwrap() state.Adapter { return u.Adapter }

func (u *unreachable) Connect(ctx context.Context) error {
	if u.away.Load() {
		return state.ErrUnavailable
	}
	return u.Adapter.Connect(ctx)
}

// stateful is a platform that needs the state for whatever it is asked to do.
type stateful struct{ fakePlatform }

func (s *stateful) need(ctx context.Context) error {
	return s.Host().State().Set(ctx, "fake:seen", []byte("1"), 0)
}

func (s *stateful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.need(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *stateful) PostMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post) (chat.MessageID, error) {
	return "m", s.need(ctx)
}

func (s *stateful) EditMessage(ctx context.Context, _ chat.ThreadID, _ chat.MessageID, _ *chat.Post) error {
	return s.need(ctx)
}

func (s *stateful) AddReaction(ctx context.Context, _ chat.ThreadID, _ chat.MessageID, _ string) error {
	return s.need(ctx)
}

func (s *stateful) OpenDM(ctx context.Context, _ chat.UserID) (chat.ThreadID, error) {
	return s.Thread("dm-u1", "t"), s.need(ctx)
}

func (s *stateful) FetchAttachment(ctx context.Context, _ *chat.Attachment, _ int64) (io.ReadCloser, error) {
	return io.NopCloser(new(bytes.Reader)), s.need(ctx)
}

// newStateful returns a bot that nobody has run, and its state.
func newStateful(t *testing.T) (*chat.Chat, *stateful, *unreachable) {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	store := &unreachable{Adapter: st}
	adapter := &stateful{newFakePlatform("fake")}
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{adapter}, State: store, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bot.Shutdown(context.Background())) })
	return bot, adapter, store
}

func TestStateIsConnectedBeforeAnAdapterSeesARequest(t *testing.T) {
	bot, _, store := newStateful(t)
	serve := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		bot.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/webhooks/fake", nil))
		return w
	}
	store.away.Store(true)
	refused := serve()
	require.Equal(t, http.StatusServiceUnavailable, refused.Code, "so that the platform delivers again")
	require.Equal(t, "1", refused.Header().Get("Retry-After"))
	require.NotContains(t, refused.Body.String(), "unavailable", "the state's words stay inside")
	store.away.Store(false)
	taken := serve()
	require.Equal(t, http.StatusOK, taken.Code, taken.Body)
}

// Where a proxy sends nothing to a process before it says that it is ready, nothing
// else could connect the state of a bot that is only ever called.
func TestReadyConnectsTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bot, _, store := newStateful(t)
		store.away.Store(true)
		status, text := ready(bot)
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.Equal(t, "state not connected\n", text)
		store.away.Store(false)
		time.Sleep(time.Second)
		status, text = ready(bot)
		require.Equal(t, http.StatusOK, status, text)
		require.NoError(t, bot.Shutdown(t.Context()))
	})
}

func TestStateIsConnectedBeforeAnAdapterIsCalled(t *testing.T) {
	for name, call := range map[string]func(context.Context, *chat.Chat, *chat.Thread) error{
		"post": func(ctx context.Context, _ *chat.Chat, th *chat.Thread) error {
			_, err := th.Post(ctx, chat.Text("hi"))
			return err
		},
		"edit": func(ctx context.Context, _ *chat.Chat, th *chat.Thread) error {
			return th.Sent("m").Edit(ctx, chat.Text("hi"))
		},
		"reaction": func(ctx context.Context, _ *chat.Chat, th *chat.Thread) error { return th.React(ctx, "m", "wave") },
		"direct message": func(ctx context.Context, bot *chat.Chat, _ *chat.Thread) error {
			_, err := bot.OpenDM(ctx, chat.UserID("u1"))
			return err
		},
		"attachment": func(ctx context.Context, bot *chat.Chat, th *chat.Thread) error {
			m, err := decode[chat.Message](bot, []byte(`{"_type":"chat:Message","id":"1","threadId":"`+string(th.ID())+`","attachments":[{"type":"file"}]}`))
			if err != nil {
				return err
			}
			content, err := m.Attachments[0].Open(ctx)
			if err != nil {
				return err
			}
			return content.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			bot, adapter, store := newStateful(t)
			thread, err := bot.Thread(adapter.Thread("c", "t"))
			require.NoError(t, err)
			store.away.Store(true)
			require.ErrorIs(t, call(t.Context(), bot, thread), state.ErrUnavailable)
			store.away.Store(false)
			require.NoError(t, call(t.Context(), bot, thread))
		})
	}
}
