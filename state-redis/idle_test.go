package redisstate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// A connection that the server closed while nobody used it is noticed before a
// command that must not be sent twice goes out on it.
func TestClosedIdleConnections(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		ctx, c := t.Context(), s.client()
		for name, call := range map[string]func() error{
			"enqueue": func() error {
				_, err := a.Enqueue(ctx, "q", entry(`1`, time.Minute), 0)
				return err
			},
			"accept": func() error {
				_, err := a.Accept(ctx, "q", entry(`1`, time.Minute), 0)
				return err
			},
			"append": func() error { return a.AppendToList(ctx, "l", []byte("1"), state.ListOptions{}) },
			"dequeue": func() error {
				_, err := a.Dequeue(ctx, "full")
				return err
			},
		} {
			require.NoError(t, c.RPush(ctx, "chat-sdk:queue:full", `{"message":1,"enqueuedAt":1,"expiresAt":2}`).Err())
			_, err := a.QueueDepth(ctx, "q")
			require.NoError(t, err)
			require.Positive(t, c.ClientKillByFilter(ctx, "type", "normal").Val())
			require.NoError(t, call(), name)
		}
	})
}
