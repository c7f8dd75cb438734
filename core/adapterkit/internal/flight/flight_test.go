package flight

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestCallersShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		var calls atomic.Int32
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				value, err := g.Do(t.Context(), "a", func(context.Context) (int, error) {
					time.Sleep(time.Second)
					return int(calls.Add(1)), nil
				})
				require.NoError(t, err)
				require.Equal(t, 1, value)
			})
		}
		value, err := g.Do(t.Context(), "b", func(context.Context) (int, error) { return 7, nil })
		require.NoError(t, err)
		require.Equal(t, 7, value, "another key is another call")
		wait.Wait()
		require.EqualValues(t, 1, calls.Load())
		_, err = g.Do(t.Context(), "a", func(context.Context) (int, error) { return int(calls.Add(1)), errors.New("no") })
		require.EqualError(t, err, "no", "what is over is not remembered")
	})
}

func TestCallEndsWhenNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, keep := range []bool{false, true} {
			g := Group[int]{KeepGoing: keep}
			ended := make(chan error, 1)
			type key struct{}
			call := func(ctx context.Context) (int, error) {
				require.Equal(t, "value", ctx.Value(key{}))
				select {
				case <-ctx.Done():
				case <-time.After(time.Minute):
				}
				ended <- ctx.Err()
				return 1, ctx.Err()
			}
			parent := context.WithValue(t.Context(), key{}, "value")
			short, cancel := context.WithTimeout(parent, time.Second)
			long, cancelLong := context.WithTimeout(parent, 2*time.Second)
			var wait sync.WaitGroup
			for _, ctx := range []context.Context{short, long} {
				wait.Go(func() {
					_, err := g.Do(ctx, "a", call)
					require.ErrorIs(t, err, context.DeadlineExceeded)
				})
			}
			begun := time.Now()
			wait.Wait()
			err := <-ended
			if keep {
				require.NoError(t, err)
				require.Equal(t, time.Minute, time.Since(begun))
			} else {
				require.ErrorIs(t, err, context.Canceled)
				require.Equal(t, 2*time.Second, time.Since(begun), "when the last one has given up")
			}
			cancel()
			cancelLong()
		}
	})
}

func TestPanicIsAnError(t *testing.T) {
	t.Parallel()
	var g Group[int]
	_, err := g.Do(t.Context(), "a", func(context.Context) (int, error) { panic("broken") })
	require.ErrorIs(t, err, chat.ErrPanic)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = g.Do(ctx, "a", func(context.Context) (int, error) { t.Error("called"); return 0, nil })
	require.ErrorIs(t, err, context.Canceled)
}
