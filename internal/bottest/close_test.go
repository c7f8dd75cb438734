package bottest

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// closable is a platform that must be closed.
type closable struct {
	fakePlatform
	close func(ctx context.Context) error
}

func (c closable) Close(ctx context.Context) error { return c.close(ctx) }

func TestShutdownClosesAdaptersAfterTheirHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, err := memorystate.New(memorystate.Config{})
		require.NoError(t, err)
		steps := &log{}
		one := &closable{fakePlatform: newFakePlatform("one"), close: func(ctx context.Context) error {
			steps.add("closed")
			_, err := st.Get(ctx, "key")
			require.ErrorIs(t, err, chat.ErrNotFound, "the state is still there")
			return nil
		}}
		two := &closable{fakePlatform: newFakePlatform("two"), close: func(ctx context.Context) error {
			<-ctx.Done() // it hangs
			return errHandler
		}}
		bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{one, two}, State: st, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		bot.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error {
			err := work(ctx, time.Second)
			steps.add("handled")
			return err
		})
		_, err = one.Send(t.Context(), mention(one.Fake, "t", "m1"))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = bot.Shutdown(ctx)
		require.ErrorIs(t, err, errHandler)
		require.ErrorContains(t, err, `"two"`)
		require.Equal(t, []string{"handled", "closed"}, steps.all())
		require.ErrorIs(t, bot.Shutdown(ctx), errHandler, "the second call closes nothing again")
		require.Equal(t, []string{"handled", "closed"}, steps.all())
	})
}
