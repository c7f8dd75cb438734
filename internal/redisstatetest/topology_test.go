//go:build faults

package redisstatetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// key is the thread that the fault tests watch.
const thread = "slack:C1:1700000000.000100"

var quick = redistest.Options{FailureTimeout: time.Second}

// connect makes a connected adapter that ends with the test.
func connect(t *testing.T, cfg redisstate.Config) *redisstate.Adapter {
	t.Helper()
	a, err := redisstate.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	// Not bound by a Config.Timeout that is short for what the test is about.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, a.Connect(ctx))
	return a
}
