// Package increments has many processes change one typed state at the same time.
package increments

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	_ "github.com/chat-adapter/chat-go/state-redis"
)

var each = flag.Int("each", 10, "increments of each goroutine")

const (
	processes  = 4
	goroutines = 64

	// urlVariable makes the test binary one of the processes.
	urlVariable = "INCREMENTS_STATE_URL"
)

func TestMain(m *testing.M) {
	flag.Parse()
	url := os.Getenv(urlVariable)
	if url == "" {
		os.Exit(m.Run())
	}
	if err := increment(context.Background(), url); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(ctx context.Context, url string) (*chat.Chat, chat.Data[int], error) {
	st, err := state.Open(ctx, url)
	if err != nil {
		return nil, chat.Data[int]{}, err
	}
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{}).Adapter()}, State: st, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, chat.Data[int]{}, err
	}
	thread, err := bot.Thread("fake:c:t")
	if err != nil {
		return nil, chat.Data[int]{}, err
	}
	return bot, chat.ThreadData[int](thread), nil
}

// increment is one process.
func increment(ctx context.Context, url string) error {
	bot, count, err := open(ctx, url)
	if err != nil {
		return err
	}
	failures := make(chan error, goroutines)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range *each {
				if _, err := count.Update(ctx, func(n int) (int, error) { return n + 1, nil }); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	if err := <-failures; err != nil {
		return err
	}
	return bot.Shutdown(ctx)
}

// No update is lost, whoever makes it.
func TestUpdatesOfManyProcessesAreNotLost(t *testing.T) {
	url := redistest.Standalone(t, redistest.Options{Volatile: true}).URL()
	self, err := os.Executable()
	require.NoError(t, err)
	var started []*exec.Cmd
	for range processes {
		cmd := exec.CommandContext(t.Context(), self, fmt.Sprint("-each=", *each))
		cmd.Env = append(os.Environ(), urlVariable+"="+url)
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		started = append(started, cmd)
	}
	for _, cmd := range started {
		require.NoError(t, cmd.Wait())
	}
	bot, count, err := open(t.Context(), url)
	require.NoError(t, err)
	n, err := count.Get(t.Context())
	require.NoError(t, err)
	require.Equal(t, processes*goroutines**each, n)
	require.NoError(t, bot.Shutdown(t.Context()))
}
