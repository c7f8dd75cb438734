package redisstate

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// usualTurn is a turn whose commands are used again.
func usualTurn(thread string) (state.StartTurn, func(*state.Lock) state.EndTurn) {
	entry := entryOf(`{"text":"` + strings.Repeat(thread+" ", 1+len(thread)%7*100) + `"}`)
	start := state.StartTurn{
		Key: "claim:" + thread, Value: state.NewClaim(time.Now()), TTL: time.Minute, ThreadID: thread, LockTTL: time.Minute,
		Accept: state.AcceptTurn{ThreadID: thread, Entry: entry, Subscription: thread, Keys: []string{"running:" + thread, "canary"}},
	}
	return start, func(lock *state.Lock) state.EndTurn {
		return state.EndTurn{
			Marks: []string{start.Key}, Mark: []byte("done " + thread), MarkTTL: time.Minute,
			ThreadID: thread, Receipts: []state.Receipt{state.Receipt(encodeEntry(entry))}, Lock: lock,
		}
	}
}

// A turn that was cancelled, or whose reply was lost, leaves its commands behind: they may
// still be on their way. No other turn may use them.
func TestTurnsKeepTheirCommandsApart(t *testing.T) {
	lost(t, func(t *testing.T, s *server, p *lossy, a *Adapter) {
		ctx, c := t.Context(), s.client()
		require.NoError(t, c.SAdd(ctx, "chat-sdk:subscriptions", "even").Err())
		turn := func(caller, n int) {
			thread := strings.Repeat("x", n) + fmt.Sprintf("-%d-%d", caller, n)
			request, end := usualTurn(thread)
			if n%2 == 0 {
				request.Accept.Subscription = "even"
			}
			ctxOf := func(cancels bool) context.Context {
				cancelled, cancel := context.WithCancel(ctx)
				t.Cleanup(cancel)
				if cancels {
					go cancel()
				}
				return cancelled
			}
			if caller == 0 && n%5 == 0 {
				p.lose("chat-sdk:lock:", 1)
			}
			out, err := a.StartTurn(ctxOf(n%3 == 0), request)
			for _, entry := range c.LRange(ctx, "chat-sdk:queue:"+thread, 0, -1).Val() {
				assert.Equal(t, encodeEntry(request.Accept.Entry), entry, "it is the thread's own")
			}
			if err != nil || out.Lock == nil {
				return
			}
			assert.Equal(t, out.Lock.Token, c.Get(ctx, "chat-sdk:lock:"+thread).Val())
			assert.Equal(t, string(request.Value), c.Get(ctx, "chat-sdk:cache:claim:"+thread).Val())
			if accepted := out.Accepted; accepted.Looked {
				assert.Equal(t, n%2 == 0, accepted.Subscribed)
				assert.Len(t, accepted.Waiting, 1)
				assert.Empty(t, accepted.Found)
			}
			if _, err = a.EndTurn(ctxOf(n%3 == 1), end(out.Lock)); err != nil {
				return
			}
			assert.Zero(t, c.Exists(ctx, "chat-sdk:lock:"+thread, "chat-sdk:queue:"+thread).Val())
			assert.Equal(t, "done "+thread, c.Get(ctx, "chat-sdk:cache:claim:"+thread).Val())
		}
		var callers sync.WaitGroup
		for caller := range 16 {
			callers.Go(func() {
				for n := range 30 {
					turn(caller, n)
				}
			})
		}
		callers.Wait()
		for _, found := range []string{"canary", "running:last"} {
			require.NoError(t, c.Set(ctx, "chat-sdk:cache:"+found, "true", 0).Err())
		}
		require.NoError(t, c.ScriptFlush(ctx).Err())
		for n := range 8 {
			if n < 2 {
				require.NoError(t, c.ConfigResetStat(ctx).Err())
			}
			last, end := usualTurn("last")
			last.Key = t.Name() + string(last.Value)
			out, err := a.StartTurn(ctx, last)
			require.NoError(t, err)
			assert.Equal(t, []string{"running:last", "canary"}, out.Accepted.Found)
			_, err = a.EndTurn(ctx, end(out.Lock))
			require.NoError(t, err)
		}
		assert.NotContains(t, c.Info(ctx, "commandstats").Val(), "cmdstat_eval:", "the server has learnt the scripts")
	})
}
