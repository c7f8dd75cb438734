package redistest_test

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/internal/redistest"
)

// impatient returns a client that tries each call once and not for long.
func impatient(t *testing.T, o *redis.Options) *redis.Client {
	t.Helper()
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DialTimeout = 3 * time.Second
	o.ReadTimeout = 2 * time.Second
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestPausedNodeAnswersLater(t *testing.T) {
	t.Parallel()
	n := redistest.Standalone(t, redistest.Options{Volatile: true})
	c := impatient(t, n.ClientOptions())
	require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())
	n.Pause(t)
	require.Error(t, c.Get(t.Context(), "k").Err())
	n.Unpause(t)
	require.Equal(t, "v", c.Get(t.Context(), "k").Val())

	n.Pause(t)
	n.Kill(t)
	n.Start(t)
	require.ErrorIs(t, c.Get(t.Context(), "k").Err(), redis.Nil, "a volatile node comes back empty")
	n.Pause(t)
	n.Stop(t)
}

func TestCutNodeRunsOn(t *testing.T) {
	t.Parallel()
	ms := redistest.Masters(t, 2, redistest.Options{Cuttable: true})
	cut, other := ms[0], ms[1]
	c := impatient(t, cut.ClientOptions())
	require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())
	before := runID(t, c)
	cut.CutFromNetwork(t)
	require.Error(t, c.Get(t.Context(), "k").Err(), "on the connection it had")
	require.Error(t, impatient(t, cut.ClientOptions()).Get(t.Context(), "k").Err(), "on a new one")
	require.NoError(t, impatient(t, other.ClientOptions()).Ping(t.Context()).Err())
	cut.Restore(t)
	requireEventually(t, func(ctx context.Context) error { return c.Get(ctx, "k").Err() })
	require.Equal(t, before, runID(t, c))
}

// runID returns an id that a server gets when it starts.
func runID(t *testing.T, c *redis.Client) string {
	t.Helper()
	info, err := c.InfoMap(t.Context(), "server").Result()
	require.NoError(t, err)
	return info["Server"]["run_id"]
}

func TestCutPrimaryIsReplaced(t *testing.T) {
	t.Parallel()
	s := redistest.Sentinel(t, redistest.Options{Replicas: 1, Cuttable: true})
	old := s.Primary(t)
	require.NoError(t, old.Client(t).Set(t.Context(), "k", "v", 0).Err())
	require.EqualValues(t, 1, old.Client(t).Wait(t.Context(), 1, time.Second).Val())
	old.CutFromNetwork(t)
	successor := awaitOther(t, s, old)
	require.Equal(t, "v", successor.Client(t).Get(t.Context(), "k").Val())
	old.Restore(t)
	s.WaitReady(t)
	require.Equal(t, []*redistest.Node{old}, s.Replicas(t))
}

func TestCutMasterIsReplaced(t *testing.T) {
	t.Parallel()
	s := redistest.Cluster(t, redistest.Options{Cuttable: true})
	old := s.MasterOf(t, "k")
	successor := s.ReplicasOf(t, old)[0]
	old.CutFromNetwork(t)
	require.Eventually(t, func() bool { return s.MasterOf(t, "k") == successor }, failoverLimit, 50*time.Millisecond)
	old.Restore(t)
	s.WaitReady(t)
	require.Equal(t, []*redistest.Node{old}, s.ReplicasOf(t, successor))
}

func TestPasswordAndUsers(t *testing.T) {
	t.Parallel()
	n := redistest.Standalone(t, redistest.Options{
		Password: "secret",
		Users:    []redistest.User{{Name: "app", Password: "word", Rules: "~app:* +get +set +ping"}},
	})
	require.NoError(t, n.Client(t).Set(t.Context(), "any", "v", 0).Err())
	require.Contains(t, n.URL(), "default:secret@")

	o := n.ClientOptions()
	o.Password = ""
	require.ErrorContains(t, impatient(t, o).Ping(t.Context()).Err(), "NOAUTH")

	o.Username, o.Password = "app", "word"
	app := impatient(t, o)
	require.NoError(t, app.Set(t.Context(), "app:k", "v", 0).Err())
	require.ErrorContains(t, app.Set(t.Context(), "other", "v", 0).Err(), "NOPERM")
	require.ErrorContains(t, app.Del(t.Context(), "app:k").Err(), "NOPERM")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	n := redistest.Standalone(t, redistest.Options{ClientCertificates: true})
	require.NoError(t, n.Client(t).Ping(t.Context()).Err())
	require.Contains(t, n.URL(), "rediss://")

	files := n.CertificateFiles(t)
	_, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	require.NoError(t, err)

	stranger := n.ClientOptions()
	stranger.TLSConfig.Certificates = nil
	require.Error(t, impatient(t, stranger).Ping(t.Context()).Err(), "without a certificate")
	gullible := n.ClientOptions()
	gullible.TLSConfig.RootCAs = nil
	require.ErrorContains(t, impatient(t, gullible).Ping(t.Context()).Err(), "certificate", "without the authority")
}

func TestTLSBetweenNodes(t *testing.T) {
	t.Parallel()
	o := redistest.Options{Password: "secret", ClientCertificates: true}
	t.Run("Sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, o)
		require.NoError(t, s.Client(t).Set(t.Context(), "k", "v", 0).Err())
		require.Contains(t, s.URL(), "rediss+sentinel://default:secret@")
	})
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		s := redistest.Cluster(t, o)
		require.NoError(t, s.Client(t).Set(t.Context(), "k", "v", 0).Err())
		require.Contains(t, s.URL(), "rediss+cluster://default:secret@")
	})
}
