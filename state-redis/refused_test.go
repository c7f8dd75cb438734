package redisstate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// A server that refuses a new connection has executed nothing: no call says that it
// has.
func TestRefusedConnectionIsNoSuccess(t *testing.T) {
	for name, refusal := range map[string]struct {
		refuse, admit []any
		kind          error
	}{
		"too many clients": {[]any{"config", "set", "maxclients", "1"}, []any{"config", "set", "maxclients", "100"}, state.ErrUnavailable},
		"another password": {[]any{"config", "set", "requirepass", "other"}, []any{"config", "set", "requirepass", ""}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, s *server, a *Adapter) {
				ctx, c := t.Context(), s.client()
				admin := c.Conn() // stays signed in
				defer admin.Close()
				_, err := a.Accept(ctx, "q", entry("1", time.Minute), 0)
				require.NoError(t, err)
				require.NoError(t, admin.Do(ctx, refusal.refuse...).Err())
				require.NoError(t, admin.ClientKillByFilter(ctx, "type", "normal", "skipme", "yes").Err())
				calls := map[string]func() error{
					"accept": func() error {
						_, err := a.Accept(ctx, "q", entry("2", time.Minute), 0)
						return err
					},
					"accept turn": func() error {
						_, err := a.AcceptTurn(ctx, state.AcceptTurn{ThreadID: "q", Entry: entry("3", time.Minute)})
						return err
					},
					"end turn": func() error {
						_, err := a.EndTurn(ctx, state.EndTurn{ThreadID: "q", Marks: []string{"m"}, Mark: []byte("1"), MarkTTL: time.Minute, Lock: &state.Lock{ThreadID: "q", Token: "t"}})
						return err
					},
					"set": func() error { return a.Set(ctx, "k", []byte("1"), 0) },
					"claim": func() error {
						_, err := a.SetIfNotExists(ctx, "c", state.NewClaim(time.Now()), 0)
						return err
					},
					"read": func() error {
						_, err := a.IsSubscribed(ctx, "q")
						return err
					},
					"check": func() error { return a.Check(ctx) },
				}
				for name, call := range calls {
					err := call()
					if assert.Error(t, err, name) && refusal.kind != nil {
						assert.ErrorIs(t, err, refusal.kind, name)
					}
					assert.NotErrorIs(t, err, state.ErrUnknownOutcome, name)
				}
				require.NoError(t, admin.Do(ctx, refusal.admit...).Err())
				depth, err := a.QueueDepth(ctx, "q")
				require.NoError(t, err)
				require.Equal(t, 1, depth)
			})
		})
	}
}
