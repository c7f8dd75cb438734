package redistest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

func TestCluster(t *testing.T) {
	t.Parallel()
	s := redistest.Cluster(t, redistest.Options{})
	require.Len(t, s.Nodes(), 6)
	require.Len(t, s.Masters(t), 3)
	c := s.Client(t)
	for i := range 100 {
		key := fmt.Sprint("k", i)
		require.NoError(t, c.Set(t.Context(), key, "v", 0).Err())
	}

	master := s.MasterOf(t, "k1")
	replica := s.ReplicasOf(t, master)[0]
	s.Failover(t, master)
	require.Same(t, replica, s.MasterOf(t, "k1"))

	replica.Kill(t)
	require.Eventually(t, func() bool { return s.MasterOf(t, "k1") == master }, failoverLimit, 50*time.Millisecond)
	replica.Start(t)
	s.WaitReady(t)
	require.Equal(t, []*redistest.Node{replica}, s.ReplicasOf(t, master))

	other := s.Masters(t)[0]
	if other == master {
		other = s.Masters(t)[1]
	}
	s.MoveSlot(t, "k1", other)
	require.Same(t, other, s.MasterOf(t, "k1"))
	require.Equal(t, "v", other.Client(t).Get(t.Context(), "k1").Val())
}

func TestClusterOfMastersAlone(t *testing.T) {
	t.Parallel()
	s := redistest.Cluster(t, redistest.Options{NoReplicas: true})
	require.Len(t, s.Nodes(), 3)
	require.Len(t, s.Masters(t), 3)
	c := s.Client(t)
	require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())
	require.Equal(t, "v", s.MasterOf(t, "k").Client(t).Get(t.Context(), "k").Val())
}
