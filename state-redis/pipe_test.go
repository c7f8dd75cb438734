package redisstate

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// Of calls that are given up while the server is silent, those whose command was
// never sent have a known outcome. So it is whatever bounds the call.
func TestGivenUpBeforeItWasSent(t *testing.T) {
	const patience, timeout = 300 * time.Millisecond, 2 * time.Second
	for name, c := range map[string]struct {
		timeout time.Duration // Config.Timeout
		begin   func(context.Context) (context.Context, context.CancelFunc)
		want    error
	}{
		"the caller's deadline": {0, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, patience)
		}, context.DeadlineExceeded},
		"the adapter's timeout": {timeout, func(context.Context) (context.Context, context.CancelFunc) {
			return background, func() {}
		}, state.ErrUnavailable},
		"the adapter's timeout, for a caller who may cancel": {timeout, context.WithCancel, state.ErrUnavailable},
		"the caller": {0, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(patience, cancel)
			return ctx, cancel
		}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			a := connect(t, Config{URL: s.url(), Timeout: c.timeout, Pipelining: Pipelining{MaxBatch: 8}})
			_, err := a.Enqueue(t.Context(), "known", entry(`0`, time.Minute), 0) // the server learns the script
			require.NoError(t, err)
			s.pause()
			const calls = 200
			failures := make([]error, calls)
			ctx, cancel := c.begin(t.Context())
			defer cancel()
			var wg sync.WaitGroup
			for i := range calls {
				wg.Go(func() { _, failures[i] = a.Enqueue(ctx, "q", entry(strconv.Itoa(i), time.Minute), 0) })
			}
			wg.Wait()
			s.resume()
			unknown := map[string]bool{}
			for i, err := range failures {
				require.ErrorIs(t, err, c.want)
				if errors.Is(err, state.ErrUnknownOutcome) {
					unknown[strconv.Itoa(i)] = true
				}
			}
			assert.LessOrEqual(t, len(unknown), fewCallers+pipeFlushers*8, "the others were never sent")
			require.NoError(t, a.Close(background))
			admin := s.client()
			require.Eventually(t, func() bool { return len(splitLines(admin.ClientList(t.Context()).Val())) == 1 },
				10*time.Second, 10*time.Millisecond, "the server has read what was on its way")
			waiting, err := connect(t, Config{URL: s.url()}).Waiting(t.Context(), "q")
			require.NoError(t, err)
			for _, w := range waiting {
				assert.True(t, unknown[string(w.Message)], "%s is stored although its caller was told that it is not", w.Message)
			}
		})
	}
}

// A pipe ends the wait for a silent server also for a caller that comes with a deadline
// whose end the pipe has already seen.
func TestPipeEndsLateWaits(t *testing.T) {
	s := newServer(t)
	p := &pipe{client: s.client(), flushers: 1, maxBatch: 8}
	s.pause()
	first, answer := newParcel(newStatus("ping")), newStatus("ping")
	second := newParcel(answer)
	require.NoError(t, p.post(t.Context(), first))
	require.Eventually(t, func() bool { return first.fate.Load() == parcelSent }, 10*time.Second, time.Millisecond)
	d := deadlines{timeout: 50 * time.Millisecond}
	ended := d.context()
	for range 3 {
		err := p.send(ended, newStatus("ping"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var unsent *unsentError
		require.ErrorAs(t, err, &unsent)
	}
	require.NoError(t, p.post(t.Context(), second))
	s.resume()
	require.NoError(t, first.wait(t.Context()))
	require.NoError(t, second.wait(t.Context()))
	assert.Equal(t, "PONG", answer.Val())
	p.close()
	assert.True(t, p.idle())
}

func TestPipeKeepsTogetherWhatBelongsTogether(t *testing.T) {
	s := newServer(t)
	p := &pipe{client: s.client(), flushers: 2, maxBatch: 8}
	var wg sync.WaitGroup
	for i := range 100 {
		key := "k" + strconv.Itoa(i)
		wg.Go(func() {
			for n := range 20 {
				push, pop := newInt("rpush", key, n), newString("lpop", key)
				w := newParcelOf([]redis.Cmder{push, pop})
				if !assert.NoError(t, p.post(t.Context(), w)) || !assert.NoError(t, w.wait(t.Context())) {
					return
				}
				assert.EqualValues(t, 1, push.Val())
				assert.Equal(t, strconv.Itoa(n), pop.Val())
				w.recycle()
				assert.NoError(t, p.send(t.Context(), newStatus("ping")))
			}
		})
	}
	wg.Wait()
	p.close()
	require.ErrorIs(t, p.send(t.Context(), newStatus("ping")), redis.ErrClosed)
	assert.True(t, p.idle())
}
