package bottest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

func ready(bot http.Handler) (status int, text string) {
	w := httptest.NewRecorder()
	bot.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	return w.Code, w.Body.String()
}

// /readyz says what calls see: a state that is there and takes no writes, too.
func TestReadyFollowsTheState(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in := r.instances[0]
		time.Sleep(time.Second) // it connects
		for range 3 {
			status, text := ready(in.Chat)
			require.Equal(t, http.StatusOK, status, text)
			in.store.SetAway(true)
			time.Sleep(time.Second)
			_, err := r.deliver(0, "t", "1")
			require.Error(t, err)
			status, text = ready(in.Chat)
			require.Equal(t, http.StatusServiceUnavailable, status)
			require.Equal(t, "state takes no writes\n", text)
			in.store.SetAway(false)
			time.Sleep(time.Second)
		}
	})
}

// checked is a state that knows whether it takes writes.
type checked struct {
	listed
	asked atomic.Int32
	err   atomic.Pointer[error]
}

func (c *checked) Check(context.Context) error {
	c.asked.Add(1)
	if err := c.err.Load(); err != nil {
		return *err
	}
	return nil
}

// A state that knows is asked, and not more often than once a second.
func TestReadyAsksTheState(t *testing.T) {
	store := &checked{}
	play(t, 1, func(cfg *chat.Config) {
		store.listed = cfg.State.(listed)
		cfg.State = store
	}, func(r *rig) {
		time.Sleep(time.Second) // it connects
		bot := r.instances[0].Chat
		for range 100 {
			status, _ := ready(bot)
			require.Equal(t, http.StatusOK, status)
		}
		require.EqualValues(t, 1, store.asked.Load())
		full := fmt.Errorf("%w: its memory is full", state.ErrUnavailable)
		store.err.Store(&full)
		time.Sleep(time.Second)
		status, text := ready(bot)
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.NotContains(t, text, "memory", "what is wrong inside is for the log")
		require.EqualValues(t, 2, store.asked.Load())
	})
}

// refusing is a state that cannot be used as it is configured.
type refusing struct {
	state.Adapter
	attempts atomic.Int32
}

func (r *refusing) Unwrap() state.Adapter { return r.Adapter }

func (r *refusing) Connect(context.Context) error {
	r.attempts.Add(1)
	return fmt.Errorf("%w: wrong password", state.ErrMisconfigured)
}

// A bot whose state will never take it ends, instead of trying for ever behind pages
// that look well.
func TestMisconfiguredStateEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, err := memorystate.New(memorystate.Config{})
		require.NoError(t, err)
		store := &refusing{Adapter: shared}
		bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}, State: store})
		require.NoError(t, err)
		err = bot.Run(t.Context())
		require.ErrorIs(t, err, state.ErrMisconfigured)
		require.ErrorContains(t, err, "wrong password")
		require.EqualValues(t, 1, store.attempts.Load())
		require.NotErrorIs(t, err, context.Canceled)
	})
}
