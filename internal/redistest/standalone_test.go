package redistest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

func TestStandalone(t *testing.T) {
	t.Parallel()
	n := redistest.Standalone(t, redistest.Options{})
	c := n.Client(t)
	require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())

	n.Kill(t)
	require.Error(t, c.Get(t.Context(), "k").Err())
	n.Start(t)
	require.Equal(t, "v", c.Get(t.Context(), "k").Val(), "what was answered survives a kill")

	n.Stop(t)
	require.Error(t, c.Get(t.Context(), "k").Err())
	n.Start(t)
	require.Equal(t, "v", c.Get(t.Context(), "k").Val(), "it survives a shutdown")
}

func TestShared(t *testing.T) {
	t.Parallel()
	a, b := redistest.Shared(t), redistest.Shared(t)
	require.Equal(t, a.Addr(), b.Addr())
	require.NotEqual(t, a.Prefix(), b.Prefix())
	require.NoError(t, a.Client(t).Set(t.Context(), a.Prefix()+":k", "v", 0).Err())
	require.Equal(t, "v", b.Client(t).Get(t.Context(), a.Prefix()+":k").Val())
}
