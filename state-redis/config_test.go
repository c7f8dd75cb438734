package redisstate

import (
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

func TestConfigErrors(t *testing.T) {
	c := redis.NewClient(&redis.Options{})
	defer c.Close()
	for want, cfg := range map[string]Config{
		"needs URL or Client":     {},
		"has both URL and Client": {URL: "redis://h", Client: c},
		"go with URL":             {Client: c, Password: "p"},
		"Config.Timeout":          {Client: c, Timeout: -1},
		"Config.MinReplicas":      {Client: c, MinReplicas: -1},
		"Config.MasterURLs":       {Client: c, MasterURLs: []string{"redis://h?prefix=x"}},
		"Config.Subscriptions":    {Client: c, Subscriptions: 7},
		"Config.KeyPrefix":        {Client: c, KeyPrefix: "\xff"},
		"Config.Retry.Max":        {Client: c, Retry: Retry{Max: -1}},
	} {
		_, err := New(cfg)
		require.ErrorIs(t, err, state.ErrInvalidConfig)
		assert.ErrorContains(t, err, want)
	}
}

// A client that cannot be used is refused where it is named.
func TestUnusableClients(t *testing.T) {
	c := redis.NewClient(&redis.Options{})
	defer c.Close()
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1", "b": "127.0.0.1:2"}})
	defer ring.Close()
	for _, bad := range []struct {
		client redis.UniversalClient
		want   string
	}{
		{nil, "nil"},
		{(*redis.Client)(nil), "nil"},
		{(*redis.ClusterClient)(nil), "nil"},
		{(*redis.Ring)(nil), "nil"},
		{(*ownClient)(nil), "nil"},
		{ring, "locks would be given twice"},
	} {
		t.Run(fmt.Sprintf("%T %s", bad.client, bad.want), func(t *testing.T) {
			_, err := New(Config{Client: bad.client})
			require.ErrorIs(t, err, state.ErrInvalidConfig)
			if bad.client != nil {
				assert.ErrorContains(t, err, "Config.Client")
				assert.ErrorContains(t, err, bad.want)
			}
			_, err = New(Config{Client: c, Masters: []redis.UniversalClient{c, bad.client}})
			require.ErrorIs(t, err, state.ErrInvalidConfig)
			assert.ErrorContains(t, err, "Config.Masters[1]")
			assert.ErrorContains(t, err, bad.want)
		})
	}
	_, err := New(Config{Client: &ownClient{c}})
	require.NoError(t, err)
}

type ownClient struct{ redis.UniversalClient }
