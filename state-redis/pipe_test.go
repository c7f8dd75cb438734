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
// never sent have a known outcome.
func TestGivenUpBeforeItWasSent(t *testing.T) {
	s := newServer(t)
	a := connect(t, Config{URL: s.url(), Pipelining: Pipelining{MaxBatch: 8}})
	_, err := a.Enqueue(t.Context(), "known", entry(`0`, time.Minute), 0) // the server learns the script
	require.NoError(t, err)
	s.pause()
	const calls = 200
	failures := make([]error, calls)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() { _, failures[i] = a.Enqueue(ctx, "q", entry(strconv.Itoa(i), time.Minute), 0) })
	}
	wg.Wait()
	s.resume()
	unknown := map[string]bool{}
	for i, err := range failures {
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, state.ErrUnavailable)
		if errors.Is(err, state.ErrUnknownOutcome) {
			unknown[strconv.Itoa(i)] = true
		}
	}
	assert.LessOrEqual(t, len(unknown), fewCallers+pipeFlushers*8, "the others were never sent")
	require.NoError(t, a.Close(t.Context()))
	c := s.client()
	require.Eventually(t, func() bool { return len(splitLines(c.ClientList(t.Context()).Val())) == 1 },
		10*time.Second, 10*time.Millisecond, "the server has read what was on its way")
	waiting, err := connect(t, Config{URL: s.url()}).Waiting(t.Context(), "q")
	require.NoError(t, err)
	for _, w := range waiting {
		assert.True(t, unknown[string(w.Message)], "%s is stored although its caller was told that it is not", w.Message)
	}
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
				if !assert.NoError(t, p.post(w)) || !assert.NoError(t, w.wait(t.Context())) {
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
