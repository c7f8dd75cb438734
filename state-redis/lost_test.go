package redisstate

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// lost runs a test on an adapter whose server's replies can be lost.
func lost(t *testing.T, f func(t *testing.T, s *server, p *lossy, a *Adapter)) {
	for name, pipelining := range map[string]Pipelining{"pipelined": {}, "plain": {Off: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			p := newLossy(t, s.addr)
			f(t, s, p, connect(t, Config{URL: "redis://" + p.addr, Pipelining: pipelining}))
		})
	}
}

func (p *lossy) wantLost(t *testing.T) {
	t.Helper()
	select {
	case <-p.lost:
	default:
		require.Fail(t, "no reply was lost")
	}
}

func TestLostReplyLock(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx := t.Context()
		p.lose("chat-sdk:lock:t", 2)
		lock, err := a.AcquireLock(ctx, "t", 10*time.Second)
		require.NoError(t, err, "the caller that won has the lock")
		p.wantLost(t)
		assert.Equal(t, lock.Token, s.client().Get(ctx, "chat-sdk:lock:t").Val())
		p.lose("chat-sdk:lock:t", 1)
		require.NoError(t, a.ExtendLock(ctx, lock, 20*time.Second))
		p.lose("chat-sdk:lock:t", 1)
		require.NoError(t, a.ReleaseLock(ctx, lock), "it was released, by the attempt that was not heard of")
		assert.Zero(t, s.client().Exists(ctx, "chat-sdk:lock:t").Val())

		require.NoError(t, s.client().Set(ctx, "chat-sdk:lock:t", "other", 0).Err())
		p.lose("chat-sdk:lock:t", 1)
		_, err = a.AcquireLock(ctx, "t", 10*time.Second)
		require.ErrorIs(t, err, state.ErrLocked)
	})
}

func TestLostReplyLockTriedAgainByCaller(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx := t.Context()
		p.lose("chat-sdk:lock:t", 1000)
		_, err := a.AcquireLock(ctx, "t", 30*time.Second)
		require.ErrorIs(t, err, state.ErrUnavailable)
		require.NotEmpty(t, s.client().Get(ctx, "chat-sdk:lock:t").Val(), "the server gave the lock")
		p.lose("", 0)
		lock, err := a.AcquireLock(ctx, "t", 30*time.Second)
		require.NoError(t, err)
		assert.Equal(t, lock.Token, s.client().Get(ctx, "chat-sdk:lock:t").Val())

		p.lose("chat-sdk:lock:u", 1000)
		_, err = a.AcquireLock(ctx, "u", 30*time.Second)
		require.ErrorIs(t, err, state.ErrUnavailable)
		p.lose("", 0)
		require.Eventually(t, func() bool {
			return s.client().Exists(ctx, "chat-sdk:lock:u").Val() == 0
		}, 10*time.Second, 10*time.Millisecond, "a lock nobody came back for is released")
	})
}

func TestLostReplySetIfNotExists(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx := t.Context()
		claim := state.NewClaim(time.Now())
		p.lose("chat-sdk:cache:c", 2)
		ok, err := a.SetIfNotExists(ctx, "c", claim, time.Minute)
		require.NoError(t, err)
		assert.True(t, ok)
		p.wantLost(t)

		p.lose("chat-sdk:cache:d", 1000)
		_, err = a.SetIfNotExists(ctx, "d", claim, time.Minute)
		require.ErrorIs(t, err, state.ErrUnavailable)
		p.lose("", 0)
		ok, err = a.SetIfNotExists(ctx, "d", claim, time.Minute)
		require.NoError(t, err)
		assert.True(t, ok, "the caller tries again and learns that it has the claim")

		p.lose("chat-sdk:cache:v", 1)
		_, err = a.SetIfNotExists(ctx, "v", []byte("true"), time.Minute)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
		require.NoError(t, s.client().Set(ctx, "chat-sdk:cache:w", "true", 0).Err())
		p.lose("chat-sdk:cache:w", 1)
		_, err = a.SetIfNotExists(ctx, "w", []byte("true"), time.Minute)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
	})
}

func TestLostReplyCompareAndSwap(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx := t.Context()
		claim := state.NewClaim(time.Now())
		p.lose("chat-sdk:cache:c", 2)
		ok, err := a.CompareAndSwap(ctx, "c", nil, claim, 0)
		require.NoError(t, err)
		assert.True(t, ok)
		p.lose("chat-sdk:cache:c", 1)
		_, err = a.CompareAndSwap(ctx, "c", claim, []byte("2"), 0)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
		assert.Equal(t, "2", s.client().Get(ctx, "chat-sdk:cache:c").Val())
	})
}

func TestLostReplyIsSentOnce(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx, c := t.Context(), s.client()
		// The server learns the scripts, so that it executes what comes next.
		_, err := a.Accept(ctx, "known", entry(`0`, time.Minute), 0)
		require.NoError(t, err)
		require.NoError(t, a.AppendToList(ctx, "known", nil, state.ListOptions{}))

		p.lose("chat-sdk:queue:q", 1)
		_, err = a.Enqueue(ctx, "q", entry(`1`, time.Minute), 0)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
		require.ErrorIs(t, err, state.ErrUnavailable)
		assert.EqualValues(t, 1, c.LLen(ctx, "chat-sdk:queue:q").Val())

		p.lose("chat-sdk:queue:r", 1)
		_, err = a.Accept(ctx, "r", entry(`1`, time.Minute), 0)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
		assert.EqualValues(t, 1, c.LLen(ctx, "chat-sdk:queue:r").Val())

		p.lose("chat-sdk:list:l", 1)
		require.ErrorIs(t, a.AppendToList(ctx, "l", []byte("1"), state.ListOptions{}), state.ErrUnknownOutcome)
		assert.EqualValues(t, 1, c.LLen(ctx, "chat-sdk:list:l").Val())

		_, err = a.Enqueue(ctx, "q", entry(`2`, time.Minute), 0)
		require.NoError(t, err)
		p.lose("chat-sdk:queue:q", 1)
		_, err = a.Dequeue(ctx, "q")
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
		assert.EqualValues(t, 1, c.LLen(ctx, "chat-sdk:queue:q").Val(), "no further entry went")
	})
}

func TestLostReplyIsSentAgain(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx := t.Context()
		p.lose("subscriptions", 1)
		require.NoError(t, a.Subscribe(ctx, "t"))
		p.lose("subscriptions", 1)
		ok, err := a.IsSubscribed(ctx, "t")
		require.NoError(t, err)
		assert.True(t, ok)
		p.lose("cache:k", 1)
		require.NoError(t, a.Set(ctx, "k", []byte("1"), 0))
		p.lose("cache:k", 1)
		_, err = a.Get(ctx, "k")
		require.NoError(t, err)
		_, err = a.Accept(ctx, "q", entry(`1`, time.Minute), 0)
		require.NoError(t, err)
		waiting, err := a.Waiting(ctx, "q")
		require.NoError(t, err)
		p.lose("queue:q", 1)
		left, err := a.Settle(ctx, "q", waiting[0].Receipt)
		require.NoError(t, err)
		assert.Zero(t, left)
		assert.Len(t, p.lost, 5)
	})
}

// A server that is silent for a while and then executes what has arrived must
// not end with a lock that its caller does not know.
func TestSilentServer(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx := t.Context()
		s.pause()
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		_, err := a.AcquireLock(short, "t", 30*time.Second)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		s.resume()
		lock, err := a.AcquireLock(ctx, "t", 30*time.Second)
		require.NoError(t, err)
		assert.Equal(t, lock.Token, s.client().Get(ctx, "chat-sdk:lock:t").Val())
		require.NoError(t, a.ReleaseLock(ctx, lock))
	})
}

func TestCloseWhileSilent(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx := t.Context()
		require.NoError(t, a.Set(ctx, "k", []byte("1"), 0))
		s.pause()
		done := make(chan error, 1)
		go func() {
			_, err := a.Get(ctx, "k")
			done <- err
		}()
		require.Never(t, func() bool { return len(done) > 0 }, 100*time.Millisecond, 10*time.Millisecond)
		start := time.Now()
		require.NoError(t, a.Close(ctx))
		assert.Less(t, time.Since(start), 5*time.Second)
		require.ErrorIs(t, <-done, state.ErrClosed)
		s.resume()
		require.Eventually(t, func() bool {
			list := s.client().ClientList(ctx).Val()
			return len(splitLines(list)) == 1 // the asking client itself
		}, 5*time.Second, 10*time.Millisecond, "nothing stays connected, nothing reconnects")
	})
}

func splitLines(s string) []string {
	var lines []string
	for line := range strings.Lines(s) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
