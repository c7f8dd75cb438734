package redisstate

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A server that may throw away what the bot relies on is warned of, where it may be
// asked, and a user who may not ask leaves nothing in the ACL LOG.
func TestEvictionIsWarnedOf(t *testing.T) {
	s := newServer(t)
	ctx, c := t.Context(), s.client()
	warning := func(cfg Config) string {
		var log bytes.Buffer
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
		require.NoError(t, connect(t, cfg).Close(ctx))
		return log.String()
	}
	assert.Empty(t, warning(Config{URL: s.url()}))
	for _, policy := range []string{"allkeys-lru", "volatile-ttl", "allkeys-random"} {
		require.NoError(t, c.ConfigSet(ctx, "maxmemory-policy", policy).Err())
		for _, cfg := range []Config{{URL: s.url()}, {URL: s.url(), Username: "default", Password: "any"}, {Client: c}} {
			log := warning(cfg)
			assert.Contains(t, log, "level=WARN")
			assert.Contains(t, log, "maxmemory-policy="+policy)
			if cfg.URL != "" {
				assert.Contains(t, log, s.addr)
			}
		}
	}
	args := []any{"acl", "setuser", "bot", "on", ">pass", "~chat-sdk:*", "-@all"}
	for _, name := range documentedCommands(t) {
		args = append(args, "+"+name)
	}
	require.NoError(t, c.Do(ctx, args...).Err())
	assert.Empty(t, warning(Config{URL: s.url(), Username: "bot", Password: "pass"}))
	denied, err := c.ACLLog(ctx, 10).Result()
	require.NoError(t, err)
	assert.Empty(t, denied)
}
