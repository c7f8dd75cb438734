package pgstatetest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// open makes an adapter that is closed when the test ends.
func open(t *testing.T, cfg pgstate.Config) *pgstate.Adapter {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	a, err := pgstate.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = a.Close(ctx)
	})
	return a
}

func connect(t *testing.T, cfg pgstate.Config) *pgstate.Adapter {
	t.Helper()
	a := open(t, cfg)
	require.NoError(t, a.Connect(t.Context()))
	return a
}

// newSchema makes a schema that no other test has.
func newSchema(t *testing.T, s *pgtest.Server) string {
	t.Helper()
	name := strings.ToLower(pgtest.Prefix())
	s.Exec(t, fmt.Sprintf(`CREATE SCHEMA %q`, name))
	return name
}

func entry(message string) state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{Message: []byte(message), EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}
}

// use makes a call of each kind.
func use(t *testing.T, a *pgstate.Adapter) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, a.Subscribe(ctx, "thread"))
	require.NoError(t, a.Unsubscribe(ctx, "thread"))
	lock, err := a.AcquireLock(ctx, "thread", time.Minute)
	require.NoError(t, err)
	require.NoError(t, a.ExtendLock(ctx, lock, time.Minute))
	require.NoError(t, a.Set(ctx, "key", []byte("1"), time.Minute))
	done, err := a.CompareAndSwap(ctx, "key", []byte("1"), []byte("2"), 0)
	require.NoError(t, err)
	require.True(t, done)
	require.NoError(t, a.AppendToList(ctx, "list", []byte("1"), state.ListOptions{MaxLength: 1, TTL: time.Minute}))
	values, err := a.GetList(ctx, "list")
	require.NoError(t, err)
	require.Len(t, values, 1)
	_, err = a.Accept(ctx, "thread", entry("1"), 1)
	require.NoError(t, err)
	require.NoError(t, a.ExtendQueue(ctx, "thread", time.Hour))
	waiting, err := a.Waiting(ctx, "thread")
	require.NoError(t, err)
	depth, err := a.EndTurn(ctx, state.EndTurn{
		Marks: []string{"key", "another key", "key"}, Mark: []byte("done"), ThreadID: "thread", Receipts: []state.Receipt{waiting[0].Receipt}, Lock: lock,
	})
	require.NoError(t, err)
	require.Zero(t, depth)
	require.NoError(t, a.Delete(ctx, "key"))
	require.NoError(t, a.Check(ctx))
}

// Many instances may make the tables at once.
func TestFirstConnectsAtOnce(t *testing.T) {
	s := pgtest.Shared(t)
	for n := range 4 {
		cfg := pgstate.Config{URL: s.URL(), PoolSize: 2, Timeout: time.Minute}
		if n%2 == 0 {
			cfg.Schema = newSchema(t, s)
		} else {
			cfg.URL = newDatabase(t, s)
		}
		var all sync.WaitGroup
		for range 12 {
			a := open(t, cfg)
			all.Go(func() { assert.NoError(t, a.Connect(t.Context())) })
		}
		all.Wait()
		use(t, connect(t, cfg))
	}
}

// newDatabase makes a database that no other test has, and returns its URL.
func newDatabase(t *testing.T, s *pgtest.Server) string {
	t.Helper()
	name := strings.ToLower(pgtest.Prefix())
	s.Exec(t, fmt.Sprintf(`CREATE DATABASE %q`, name))
	return strings.Replace(s.URL(), "/postgres?", "/"+name+"?", 1)
}

// documentedRole makes a role with the rights that the package comment tells.
func documentedRole(t *testing.T, s *pgtest.Server, schema string) (url string) {
	t.Helper()
	name := strings.ToLower(pgtest.Prefix())
	s.Exec(t, fmt.Sprintf(`
SET search_path TO %[2]q;
CREATE ROLE %[1]q LOGIN;
GRANT USAGE ON SCHEMA %[2]q TO %[1]q;
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_go_locks, chat_go_cache, chat_go_lists, chat_go_queues TO %[1]q;
GRANT SELECT, INSERT, DELETE ON chat_go_subscriptions, chat_go_list_values, chat_go_queue_entries TO %[1]q;
GRANT SELECT ON chat_go_migrations TO %[1]q;
GRANT USAGE ON SEQUENCE chat_go_fences TO %[1]q`, name, schema))
	return strings.Replace(s.URL(), "//postgres@", "//"+name+"@", 1)
}

// With tables that another has made by the files, the documented rights suffice; each
// one that is missing is named.
func TestSmallestRights(t *testing.T) {
	s := pgtest.Shared(t)
	schema := newSchema(t, s)
	cfg := pgstate.Config{URL: s.URL(), Schema: schema, SkipMigrations: true}
	err := open(t, cfg).Connect(t.Context())
	require.ErrorIs(t, err, state.ErrMisconfigured)
	require.ErrorContains(t, err, "the tables have version 0 and version 1 is needed: run the migrations")

	for _, m := range pgstate.Migrations() {
		s.Exec(t, fmt.Sprintf("BEGIN; SET LOCAL search_path TO %q; %s; COMMIT", schema, m.SQL))
	}
	cfg.URL = documentedRole(t, s, schema)
	use(t, connect(t, cfg))
	for _, right := range []string{"INSERT ON %q.chat_go_queue_entries", "DELETE ON %q.chat_go_locks", "SELECT ON %q.chat_go_migrations", "USAGE ON SEQUENCE %q.chat_go_fences"} {
		right = fmt.Sprintf(right, schema)
		role, _, _ := strings.Cut(strings.TrimPrefix(cfg.URL, "postgres://"), "@")
		s.Exec(t, fmt.Sprintf("REVOKE %s FROM %q", right, role))
		err := open(t, cfg).Connect(t.Context())
		require.ErrorIs(t, err, state.ErrMisconfigured, right)
		require.ErrorContains(t, err, "the role lacks rights: "+right)
		s.Exec(t, fmt.Sprintf("GRANT %s TO %q", right, role))
	}
	use(t, connect(t, cfg))
}

// Whoever may not make tables is told so.
func TestTablesThatCannotBeMade(t *testing.T) {
	s := pgtest.Shared(t)
	schema := newSchema(t, s)
	role := strings.ToLower(pgtest.Prefix())
	s.Exec(t, fmt.Sprintf("CREATE ROLE %q LOGIN; GRANT USAGE ON SCHEMA %q TO %q", role, schema, role))
	url := strings.Replace(s.URL(), "//postgres@", "//"+role+"@", 1)
	for _, c := range []struct {
		cfg  pgstate.Config
		want string
	}{
		{pgstate.Config{URL: url, Schema: schema}, "tables are missing, and the role may not make them"},
		{pgstate.Config{URL: s.URL(), Schema: "no such schema"}, "the schema of the tables does not exist"},
		{pgstate.Config{URL: strings.Replace(s.URL(), "/postgres?", "/no_such_database?", 1)}, `database "no_such_database" does not exist`},
		{pgstate.Config{URL: strings.Replace(s.URL(), "//postgres@", "//nobody@", 1)}, `role "nobody" does not exist`},
		{pgstate.Config{URL: strings.Replace(s.URL(), "sslmode=disable", "sslmode=require", 1)}, "the server does not speak TLS"},
	} {
		err := open(t, c.cfg).Connect(t.Context())
		require.ErrorIs(t, err, state.ErrMisconfigured, c.want)
		require.ErrorContains(t, err, c.want)
	}
	s.Exec(t, `DROP DATABASE IF EXISTS latin1`) // the server is kept when the test runs again
	s.Exec(t, `CREATE DATABASE latin1 TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'`)
	err := open(t, pgstate.Config{URL: strings.Replace(s.URL(), "/postgres?", "/latin1?", 1)}).Connect(t.Context())
	require.ErrorIs(t, err, state.ErrMisconfigured)
	require.ErrorContains(t, err, "the database has the encoding LATIN1, want UTF8")
}
