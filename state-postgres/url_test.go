package pgstate

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

func TestURL(t *testing.T) {
	a, err := New(Config{URL: "postgres://bot:p%40ss@h1:5433,h2/chat?prefix=mine&schema=My%20schema&timeout=7s&dial_timeout=3s&pool_size=4" +
		"&max_retries=0&sweep_interval=2m&skip_migrations=true&pgbouncer=true&sslmode=disable"})
	require.NoError(t, err)
	cfg, conn := a.cfg, a.cfg.pool.ConnConfig
	require.Equal(t, "mine", cfg.Prefix)
	require.Equal(t, `"My schema".chat_go_`, a.tables)
	require.Equal(t, 7*time.Second, cfg.Timeout)
	require.Equal(t, 3*time.Second, conn.ConnectTimeout)
	require.EqualValues(t, 4, cfg.pool.MaxConns)
	require.Zero(t, *cfg.MaxRetries)
	require.Equal(t, 2*time.Minute, cfg.SweepInterval)
	require.True(t, cfg.SkipMigrations)
	require.Equal(t, pgx.QueryExecModeExec, conn.DefaultQueryExecMode)
	require.Empty(t, conn.RuntimeParams, "a pooler refuses what is set for a session")
	require.Equal(t, "p@ss", conn.Password)
	require.Equal(t, "h1", conn.Host)
	require.EqualValues(t, 5433, conn.Port)
	require.Equal(t, "h2", conn.Fallbacks[0].Host)
	require.NotNil(t, conn.ValidateConnect, "of several hosts the primary is wanted")
}

func TestDefaults(t *testing.T) {
	a, err := New(Config{URL: "postgresql://h/chat"})
	require.NoError(t, err)
	require.Equal(t, "chat-sdk", a.cfg.Prefix)
	require.Equal(t, 5*time.Second, a.cfg.Timeout)
	require.Equal(t, 3, *a.cfg.MaxRetries)
	require.Equal(t, 2*time.Second, a.cfg.pool.ConnConfig.ConnectTimeout)
	require.EqualValues(t, 10, a.cfg.pool.MaxConns)
	require.Equal(t, "read committed", a.cfg.pool.ConnConfig.RuntimeParams["default_transaction_isolation"])
}

// A configuration that can never work is refused in words that name the field and what
// was expected.
func TestRefusedConfig(t *testing.T) {
	const url = "postgres://bot:secret@h/chat"
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "needs URL or Pool"},
		{Config{URL: "mysql://h"}, "want postgres:// or postgresql://"},
		{Config{URL: url + "?pool_size=0"}, "pool_size is \"0\", want a number of 1 or more"},
		{Config{URL: url + "?timeout=5"}, "timeout is \"5\", want a duration such as 5s"},
		{Config{URL: url + "?timeout=-5s"}, "want a duration such as 5s"},
		{Config{URL: url + "?pgbouncer=maybe"}, "pgbouncer is \"maybe\", want true or false"},
		{Config{URL: url + "?max_retries=-1"}, "MaxRetries is -1, want 0 (none) or more"},
		{Config{URL: url + "?prefix=a&prefix=b"}, `"prefix" is there 2 times, want once`},
		{Config{URL: url + "?search_path=x"}, `unknown parameter "search_path"`},
		{Config{URL: url + "?sslmode=perhaps"}, "sslmode"},
		{Config{URL: "postgres://bot:secret@h:port/chat"}, "want postgres://user:password@host"},
		{Config{URL: url, PoolSize: -1}, "PoolSize is -1, want 0 (default 10) or more"},
		{Config{URL: url, Timeout: -1}, "Timeout is -1ns, want 0 (default 5s) or more"},
		{Config{URL: url, Prefix: "a\x00"}, "Config.Prefix is not UTF-8"},
		{Config{URL: url, Schema: "\xff"}, "Config.Schema is not the name"},
	} {
		_, err := New(c.cfg)
		require.ErrorIs(t, err, state.ErrInvalidConfig)
		require.ErrorContains(t, err, c.want)
		require.NotContains(t, err.Error(), "secret")
	}
}
