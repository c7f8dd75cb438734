package redisstate

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// clusterOfOne is a Cluster of one server, which has never met another, at an address
// that is not the one that is tried for want of a host.
func clusterOfOne(t *testing.T) *server {
	t.Helper()
	s := newServerAt(t, "127.0.0.2", "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
	require.NoError(t, s.client().ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		return strings.Contains(s.client().ClusterInfo(t.Context()).Val(), "cluster_state:ok")
	}, 20*time.Second, 5*time.Millisecond)
	return s
}

func useOnce(t *testing.T, a *Adapter) {
	t.Helper()
	_, err := a.Accept(t.Context(), "q", entry("1", time.Minute), 0)
	require.NoError(t, err)
	got, err := a.Dequeue(t.Context(), "q")
	require.NoError(t, err)
	assert.JSONEq(t, "1", string(got.Message))
}

// A Cluster whose map has no hosts is used at the host that was asked.
func TestClusterWithoutHosts(t *testing.T) {
	s := clusterOfOne(t)
	url := "redis+cluster://" + s.addr
	slots, err := s.client().Do(t.Context(), "cluster", "slots").Slice()
	require.NoError(t, err)
	require.Empty(t, slots[0].([]any)[2].([]any)[0], "the server has never met another")
	useOnce(t, connect(t, Config{URL: url}))
	for _, kind := range []string{"unknown-endpoint", "hostname", "ip"} {
		require.NoError(t, s.client().ConfigSet(t.Context(), "cluster-preferred-endpoint-type", kind).Err())
		for _, off := range []bool{false, true} {
			useOnce(t, connect(t, Config{URL: url, Pipelining: Pipelining{Off: off}}))
		}
	}
}

func TestClusterMap(t *testing.T) {
	node := func(parts ...any) any { return parts }
	for name, c := range map[string]struct {
		node any
		want string
	}{
		"address":              {node("10.0.0.1", int64(7000), "id"), "10.0.0.1:7000"},
		"IPv6":                 {node("::1", int64(7000), "id"), "[::1]:7000"},
		"empty":                {node("", int64(7000), "id"), "asked:7000"},
		"none":                 {node(nil, int64(7000), "id", []any{}), "asked:7000"},
		"no name":              {node("?", int64(7000), "id", map[any]any{"ip": "10.0.0.1"}), "10.0.0.1:7000"},
		"no name, in old form": {node("?", int64(7000), "id", []any{"ip", "10.0.0.1"}), "10.0.0.1:7000"},
		"no name, no address":  {node("?", int64(7000), "id", []any{}), "asked:7000"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := slotsHook{"asked:6379"}.read([]any{[]any{int64(0), int64(16383), c.node}})
			require.NoError(t, err)
			require.Equal(t, []redis.ClusterSlot{{End: 16383, Nodes: []redis.ClusterNode{{ID: "id", Addr: c.want}}}}, got)
		})
	}
	for _, bad := range [][]any{{1}, {[]any{}}, {[]any{int64(0), int64(1)}}, {[]any{"0", int64(1), node("h", int64(1))}}, {[]any{int64(0), int64(1), node("h")}}, {[]any{int64(0), int64(1), node("h", "x")}}} {
		_, err := slotsHook{"asked:6379"}.read(bad)
		require.Error(t, err)
	}
}

// Where servers announce an address that leads nowhere, the error names it, and
// Config.MapAddress leads to them.
func TestAnnouncedAddress(t *testing.T) {
	s := clusterOfOne(t)
	ctx := t.Context()
	// Nobody is there: https://www.rfc-editor.org/rfc/rfc5737
	require.NoError(t, s.client().ConfigSet(ctx, "cluster-announce-ip", "192.0.2.1").Err())
	_, port, _ := strings.Cut(s.addr, ":")
	cfg := Config{URL: "redis+cluster://" + s.addr, DialTimeout: 200 * time.Millisecond}
	a, err := New(cfg)
	require.NoError(t, err)
	defer a.Close(ctx)
	err = a.Connect(ctx)
	require.ErrorIs(t, err, state.ErrUnavailable)
	require.ErrorContains(t, err, "the Cluster announces the address 192.0.2.1:"+port)
	require.ErrorContains(t, err, "Config.MapAddress")

	cfg.MapAddress = func(announced string) string {
		return strings.Replace(announced, "192.0.2.1", "127.0.0.2", 1)
	}
	useOnce(t, connect(t, cfg))
	_, err = New(Config{Client: s.client(), MapAddress: cfg.MapAddress})
	require.ErrorIs(t, err, state.ErrInvalidConfig)
}
