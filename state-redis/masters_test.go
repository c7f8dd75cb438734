package redisstate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// The end of what one master is asked ends nothing of the call: its context outlives the
// answers of the others.
func TestSeveralMastersAnswerOneCall(t *testing.T) {
	servers := []*server{newServer(t), newServer(t), newServer(t)}
	a, err := New(Config{URL: servers[0].url(), MasterURLs: []string{servers[1].url(), servers[2].url()}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	cancellable, cancel := context.WithCancel(t.Context())
	defer cancel()
	require.NoError(t, a.Connect(cancellable))
	for name, ctx := range map[string]context.Context{"cancellable": cancellable, "endless": context.Background()} {
		for range 20 {
			lock, err := a.AcquireLock(ctx, name, time.Minute)
			require.NoError(t, err, name)
			_, err = a.AcquireLock(ctx, name, time.Minute)
			require.ErrorIs(t, err, state.ErrLocked, name)
			require.NoError(t, a.ExtendLock(ctx, lock, time.Minute), name)
			require.NoError(t, a.ReleaseLock(ctx, lock), name)
			_, err = a.AcquireLock(ctx, name, time.Minute)
			require.NoError(t, err, name)
			require.NoError(t, a.ForceReleaseLock(ctx, name), name)
		}
	}
}
