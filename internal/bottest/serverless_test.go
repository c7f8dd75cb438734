package bottest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/sim"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// function is a bot that is only called by requests.
type function struct {
	*chat.Chat
	fake    *chattest.Fake
	handler http.Handler
}

func newFunction(t *testing.T, st *memorystate.Adapter, config chat.ServerlessConfig, change func(*chat.Config)) *function {
	t.Helper()
	fake := chattest.NewFake(chattest.Config{})
	cfg := chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: sim.NewStore(st, 1, 300*time.Microsecond, 0), Logger: slog.New(slog.DiscardHandler),
		Lock: chat.LockConfig{TTL: 3 * time.Second},
	}
	if change != nil {
		change(&cfg)
	}
	bot, err := chat.New(cfg)
	require.NoError(t, err)
	handler, err := bot.Serverless(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bot.Shutdown(context.Background())) })
	return &function{bot, fake, handler}
}

func newMemory(t *testing.T) *memorystate.Adapter {
	t.Helper()
	st, err := memorystate.New(memorystate.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close(context.Background())) })
	return st
}

func (f *function) webhook(ctx context.Context, t *testing.T, url, id string) *http.Request {
	t.Helper()
	body, err := json.Marshal(mention(f.fake, "t", id))
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/webhooks/fake", strings.NewReader(string(body)))
	require.NoError(t, err)
	return r
}

// call serves a webhook and returns the status, when the handler has returned.
func (f *function) call(ctx context.Context, t *testing.T, id string) int {
	t.Helper()
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, f.webhook(ctx, t, "", id))
	return w.Code
}

// The platform has the whole answer while the handler still runs, and its next
// request does not wait for that.
func TestServerlessAnswersBeforeTheHandlersAreDone(t *testing.T) {
	f := newFunction(t, newMemory(t), chat.ServerlessConfig{}, nil)
	release, returned := make(chan struct{}), make(chan struct{}, 2)
	f.OnMention(func(context.Context, *chat.MessageEvent) error { <-release; return nil })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.handler.ServeHTTP(w, r)
		returned <- struct{}{}
	}))
	defer server.Close()
	for _, id := range []string{"1", "2"} {
		resp, err := server.Client().Do(f.webhook(t.Context(), t, server.URL, id))
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
	select {
	case <-returned:
		t.Error("a request has returned while its handler runs")
	default:
	}
	close(release)
	<-returned
	<-returned
}

func TestServerlessHoldsTheResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, hold := range []bool{false, true} {
			f := newFunction(t, newMemory(t), chat.ServerlessConfig{HoldResponse: hold}, nil)
			f.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error { return work(ctx, time.Minute) })
			w := &watched{ResponseRecorder: httptest.NewRecorder()}
			start := time.Now()
			f.handler.ServeHTTP(w, f.webhook(t.Context(), t, "", "1"))
			require.GreaterOrEqual(t, time.Since(start), time.Minute)
			require.Equal(t, http.StatusOK, w.Code)
			require.Equal(t, hold, w.at.Sub(start) >= time.Minute, "held: %v, answered after %v", hold, w.at.Sub(start))
		}
	})
}

// watched notes when the answer begins.
type watched struct {
	*httptest.ResponseRecorder
	at time.Time
}

func (w *watched) WriteHeader(status int) {
	w.at = time.Now()
	w.ResponseRecorder.WriteHeader(status)
}

// What a request has started includes the attempts after a failure and what waited
// for a lock of this instance.
func TestServerlessWaitsForFurtherAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(t, newMemory(t), chat.ServerlessConfig{}, nil)
		attempts := 0
		f.OnMention(func(context.Context, *chat.MessageEvent) error {
			if attempts++; attempts < 3 {
				return errors.New("not yet")
			}
			return nil
		})
		require.Equal(t, http.StatusOK, f.call(t.Context(), t, "1"))
		require.Equal(t, 3, attempts)
	})
}

// An instance that died between two requests leaves its message to a later one, and
// nobody calls Run.
func TestServerlessHandlesWhatADeadInstanceLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newMemory(t)
		var store *sim.Store
		dead := newFunction(t, st, chat.ServerlessConfig{}, func(c *chat.Config) { store = c.State.(*sim.Store) })
		dead.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error { <-ctx.Done(); return ctx.Err() })
		died := make(chan struct{})
		r := dead.webhook(context.Background(), t, "", "left")
		go func() {
			defer close(died)
			dead.handler.ServeHTTP(httptest.NewRecorder(), r)
		}()
		time.Sleep(time.Second)
		store.Crash()
		time.Sleep(10 * time.Second)

		f := newFunction(t, st, chat.ServerlessConfig{}, nil)
		handled := make(chan chat.MessageID, 2)
		f.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
			if err := work(ctx, time.Second); err != nil {
				return err
			}
			handled <- ev.Message.ID
			return nil
		})
		w := httptest.NewRecorder()
		f.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		select {
		case id := <-handled:
			require.Equal(t, chat.MessageID("left"), id)
		default:
			t.Error("the request has returned, and the message that was left is not handled")
		}
		require.NoError(t, dead.Shutdown(context.Background()))
		<-died
	})
}

// However much was left, and however long it takes, a request goes on for no longer
// than it may.
func TestServerlessIsBoundedInTime(t *testing.T) {
	for name, c := range map[string]struct {
		config   chat.ServerlessConfig
		deadline time.Duration // of the request; 0: none
		own      bool          // a message of its own, in place of one that was left
		want     time.Duration
	}{
		"sweep":    {chat.ServerlessConfig{MaxSweep: 5 * time.Second}, 0, false, 5 * time.Second},
		"wait":     {chat.ServerlessConfig{MaxWait: 7 * time.Second}, 0, true, 7 * time.Second},
		"deadline": {chat.ServerlessConfig{}, 20 * time.Second, true, 19 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := newMemory(t)
				before := newFunction(t, st, chat.ServerlessConfig{MaxWait: time.Millisecond}, nil)
				before.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error { return work(ctx, time.Hour) })
				require.NoError(t, st.Connect(t.Context()))
				if !c.own {
					require.Equal(t, http.StatusOK, before.call(t.Context(), t, "left"))
					ended, cancel := context.WithCancel(t.Context())
					cancel()
					_ = before.Shutdown(ended)
					time.Sleep(time.Minute)
				}
				f := newFunction(t, st, c.config, nil)
				started := make(chan struct{}, 1)
				f.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error {
					started <- struct{}{}
					return work(ctx, time.Minute)
				})
				ctx := t.Context()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				start := time.Now()
				if c.own {
					require.Equal(t, http.StatusOK, f.call(ctx, t, "own"))
				} else {
					w := httptest.NewRecorder()
					f.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
					require.Equal(t, http.StatusOK, w.Code)
				}
				require.InDelta(t, c.want.Seconds(), time.Since(start).Seconds(), 0.1)
				<-started
			})
		})
	}
}

func TestServerlessHandlerOutlivesItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(t, newMemory(t), chat.ServerlessConfig{}, nil)
		outcome := make(chan error, 1)
		f.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error {
			err := work(ctx, time.Minute)
			outcome <- err
			return err
		})
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		require.Equal(t, http.StatusOK, f.call(ctx, t, "1"))
		require.NoError(t, <-outcome, "the handler went on, and the request waited for it")
	})
}

func TestServerlessEndsWithTheBot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFunction(t, newMemory(t), chat.ServerlessConfig{}, nil)
		f.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		returned, r := make(chan int, 1), f.webhook(context.Background(), t, "", "1")
		go func() {
			w := httptest.NewRecorder()
			f.handler.ServeHTTP(w, r)
			returned <- w.Code
		}()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		start := time.Now()
		require.NoError(t, f.Shutdown(ctx))
		require.Equal(t, http.StatusOK, <-returned, "what was accepted before stays accepted")
		require.InDelta(t, 5, time.Since(start).Seconds(), 0.1)
	})
}

func TestServerlessRefusesTimesBelowZero(t *testing.T) {
	f := newFunction(t, newMemory(t), chat.ServerlessConfig{}, nil)
	for name, config := range map[string]chat.ServerlessConfig{"MaxWait": {MaxWait: -1}, "MaxSweep": {MaxSweep: -1}} {
		_, err := f.Serverless(config)
		require.ErrorIs(t, err, chat.ErrInvalidConfig)
		require.ErrorContains(t, err, name)
	}
}
