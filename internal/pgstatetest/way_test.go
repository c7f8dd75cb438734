package pgstatetest

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// suite runs the conformance suite, each case under a prefix of its own. The plain
// case, and outages, are in package conformance.
func suite(t *testing.T, cfg pgstate.Config) {
	t.Helper()
	statetest.Run(t, func(t *testing.T) state.Adapter {
		cfg := cfg
		cfg.Prefix = pgtest.Prefix()
		return open(t, cfg)
	}, statetest.Features{Inbox: true, Swaps: true, Turns: true, Checker: true, Fences: true})
}

// Behind a pooler that gives each transaction any session, by configuration or in a
// pool of the program's.
func TestPgBouncer(t *testing.T) {
	addr := pgtest.Shared(t).Bouncer(t)
	t.Run("by URL", func(t *testing.T) { suite(t, pgstate.Config{URL: pgtest.URL(addr) + "&pgbouncer=true&pool_size=4"}) })
	t.Run("by pool", func(t *testing.T) {
		cfg, err := pgxpool.ParseConfig(pgtest.URL(addr))
		require.NoError(t, err)
		cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
		pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		use(t, connect(t, pgstate.Config{Pool: pool, Prefix: pgtest.Prefix()}))
	})
}

// A role with the documented rights is enough for every case of the contract.
func TestSuiteWithSmallestRights(t *testing.T) {
	s := pgtest.Shared(t)
	schema := newSchema(t, s)
	connect(t, pgstate.Config{URL: s.URL(), Schema: schema})
	suite(t, pgstate.Config{URL: documentedRole(t, s, schema), Schema: schema, SkipMigrations: true})
}

// A private authority can be named in the URL or in Config.TLS, and must be.
func TestTLS(t *testing.T) {
	s := pgtest.Start(t, pgtest.Options{TLS: true})
	ca := s.CAFile()
	plain := strings.Replace(s.URL(), "sslmode=disable", "sslmode=verify-full", 1)
	use(t, connect(t, pgstate.Config{URL: plain + "&sslrootcert=" + url.QueryEscape(ca)}))

	pem, err := os.ReadFile(ca)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))
	use(t, connect(t, pgstate.Config{URL: s.URL(), TLS: &tls.Config{RootCAs: roots}}))

	err = open(t, pgstate.Config{URL: plain}).Connect(t.Context())
	require.ErrorIs(t, err, state.ErrMisconfigured)
	require.ErrorContains(t, err, "signed by an unknown authority: set Config.TLS or the parameter sslrootcert")
	_, err = pgstate.New(pgstate.Config{URL: plain + "&sslrootcert=/no/such/file"})
	require.ErrorIs(t, err, state.ErrInvalidConfig)
	require.ErrorContains(t, err, "no such file")
}
