package redisstate

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

func startOf(thread string) state.StartTurn {
	return state.StartTurn{Key: "k", Value: state.NewClaim(time.Now()), TTL: time.Minute, ThreadID: thread, LockTTL: time.Minute}
}

func entryOf(message string) state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{Message: []byte(message), EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}
}

func TestLostReplyStartTurn(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		p.lose("chat-sdk:lock:t", 1)
		out, err := a.StartTurn(t.Context(), startOf("t"))
		p.wantLost(t)
		require.NoError(t, err)
		assert.True(t, out.Set, "the caller that won has the claim")
		assert.Equal(t, out.Lock.Token, s.client().Get(t.Context(), "chat-sdk:lock:t").Val())

		require.NoError(t, s.client().Set(t.Context(), "chat-sdk:lock:u", "other", 0).Err())
		p.lose("chat-sdk:lock:u", 1)
		out, err = a.StartTurn(t.Context(), startOf("u"))
		require.NoError(t, err)
		assert.False(t, out.Set, "another claim is there")

		p.lose("chat-sdk:lock:u", 1)
		second := startOf("u")
		second.Key = "another key"
		out, err = a.StartTurn(t.Context(), second)
		p.wantLost(t)
		require.NoError(t, err)
		assert.Nil(t, out.Lock, "another has it")
		assert.True(t, out.Set)
	})
}

// tripCounter is a client's hook that counts what it sends.
type tripCounter struct{ trips atomic.Int32 }

func (c *tripCounter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *tripCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.trips.Add(1)
		return next(ctx, cmd)
	}
}

func (c *tripCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.trips.Add(1)
		return next(ctx, cmds)
	}
}

// The start of a turn is one trip, and takes no lock if the key is taken.
func TestStartTurnIsOneTrip(t *testing.T) {
	for name, p := range map[string]Pipelining{"pipelined": {}, "plain": {Off: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			client, counter := s.client(), new(tripCounter)
			client.AddHook(counter)
			a := connect(t, Config{Client: client, Pipelining: p})
			other := startOf("other")
			other.Key = "other"
			_, err := a.StartTurn(t.Context(), other) // the server learns the script
			require.NoError(t, err)

			counter.trips.Store(0)
			first, err := a.StartTurn(t.Context(), startOf("t"))
			require.NoError(t, err)
			assert.True(t, first.Set)
			assert.EqualValues(t, 1, counter.trips.Swap(0))
			require.NoError(t, a.ReleaseLock(t.Context(), first.Lock))
			for _, thread := range []string{"t", ""} {
				counter.trips.Store(0)
				again, err := a.StartTurn(t.Context(), startOf(thread))
				require.NoError(t, err)
				assert.False(t, again.Set)
				assert.True(t, state.IsClaim(again.Found))
				assert.Nil(t, again.Lock)
				assert.EqualValues(t, 1, counter.trips.Swap(0))
				assert.Zero(t, s.client().Exists(t.Context(), "chat-sdk:lock:t").Val())
			}
		})
	}
}

func TestStartTurnTakesTheLockThatWasGivenUnheard(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		p.lose("chat-sdk:lock:t", 1000)
		_, err := a.AcquireLock(t.Context(), "t", time.Minute)
		require.ErrorIs(t, err, state.ErrUnavailable)
		p.lose("", 0)
		out, err := a.StartTurn(t.Context(), startOf("t"))
		require.NoError(t, err)
		assert.True(t, out.Set)
		assert.Equal(t, out.Lock.Token, s.client().Get(t.Context(), "chat-sdk:lock:t").Val())
	})
}

func TestLostReplyAcceptTurn(t *testing.T) {
	lost(t, func(t *testing.T, _ *server, p *lossy, a *Adapter) {
		_, err := a.Accept(t.Context(), "other", entryOf("1"), 0) // the server learns the script
		require.NoError(t, err)
		p.lose("chat-sdk:queue:t", 1)
		_, err = a.AcceptTurn(t.Context(), state.AcceptTurn{ThreadID: "t", Entry: entryOf("1")})
		p.wantLost(t)
		require.ErrorIs(t, err, state.ErrUnknownOutcome)
		waiting, err := a.Waiting(t.Context(), "t")
		require.NoError(t, err)
		assert.Len(t, waiting, 1, "it was stored once")
	})
}

func TestLostReplyEndTurn(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx := t.Context()
		lock, err := a.AcquireLock(ctx, "t", time.Minute)
		require.NoError(t, err)
		accepted, err := a.AcceptTurn(ctx, state.AcceptTurn{ThreadID: "t", Entry: entryOf("1")})
		require.NoError(t, err)
		p.lose("chat-sdk:queue:t", 1)
		req := state.EndTurn{Marks: []string{"k"}, Mark: []byte("true"), ThreadID: "t", Receipts: []state.Receipt{accepted.Waiting[0].Receipt}, Lock: lock}
		_, err = a.EndTurn(ctx, req)
		p.wantLost(t)
		require.Error(t, err, "what was not heard of is not done")
		depth, err := a.EndTurn(ctx, req)
		require.NoError(t, err)
		assert.Zero(t, depth)
		assert.Zero(t, s.client().Exists(ctx, "chat-sdk:lock:t").Val())
	})
}

// A server that has forgotten the scripts executes what came after them too
// early.
func TestTurnsAfterScriptFlush(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx := t.Context()
		for round := range 3 {
			require.NoError(t, s.client().ScriptFlush(ctx).Err())
			started, err := a.StartTurn(ctx, state.StartTurn{Key: "k", Value: []byte("1"), TTL: time.Minute, ThreadID: "t", LockTTL: time.Minute})
			require.NoError(t, err)
			require.NotNil(t, started.Lock)
			accepted, err := a.AcceptTurn(ctx, state.AcceptTurn{ThreadID: "t", Entry: entryOf("1"), Subscription: "t"})
			require.NoError(t, err)
			require.True(t, accepted.Looked)
			require.Len(t, accepted.Waiting, 1, "round %d", round)
			require.NoError(t, s.client().ScriptFlush(ctx).Err())
			depth, err := a.EndTurn(ctx, state.EndTurn{ThreadID: "t", Receipts: []state.Receipt{accepted.Waiting[0].Receipt}, Lock: started.Lock})
			require.NoError(t, err)
			require.Zero(t, depth)
			require.Zero(t, s.client().Exists(ctx, "chat-sdk:lock:t").Val())
		}
	})
}

// ExtendQueue restores an expiry that the enqueue of the TypeScript adapter has shortened.
func TestExtendQueueRestoresTheExpiry(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		const queue = "chat-sdk:queue:t"
		require.NoError(t, a.ExtendQueue(ctx, "t", time.Hour))
		assert.Zero(t, c.Exists(ctx, queue).Val(), "nothing waits")
		_, err := a.Accept(ctx, "t", entryOf("1"), 0)
		require.NoError(t, err)
		require.NoError(t, c.PExpire(ctx, queue, 90*time.Second).Err())
		require.NoError(t, a.ExtendQueue(ctx, "t", time.Hour))
		assert.Greater(t, c.PTTL(ctx, queue).Val(), 59*time.Minute)
		require.NoError(t, a.ExtendQueue(ctx, "t", time.Minute))
		assert.Greater(t, c.PTTL(ctx, queue).Val(), 59*time.Minute, "it shortens nothing")
		require.NoError(t, c.Persist(ctx, queue).Err())
		require.NoError(t, a.ExtendQueue(ctx, "t", time.Minute))
		assert.EqualValues(t, -1, c.PTTL(ctx, queue).Val(), "a queue without expiry stays so")
	})
}
