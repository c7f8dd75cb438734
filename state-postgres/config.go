package pgstate

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chat-adapter/chat-go/core/state"
)

// Config says which Postgres to use and how. Exactly one of URL and Pool must be
// set; every other field has a default that suits production.
type Config struct {
	// URL names the database: postgres://user:password@host:5432/database, with
	// several hosts separated by commas. The package comment has the query
	// parameters. A parameter takes the place of the field of the same meaning.
	URL string

	// Pool is a pool that the program made. The adapter uses it and never closes it.
	// It must reach the primary. Behind a PgBouncer in transaction mode its
	// DefaultQueryExecMode must be pgx.QueryExecModeExec or
	// pgx.QueryExecModeSimpleProtocol.
	Pool *pgxpool.Pool

	// Prefix keeps the bots that share the tables apart: each sees its own data
	// only. Default: "chat-sdk".
	Prefix string

	// Schema is the schema of the tables. It must exist. Default: that of the role's
	// search_path.
	Schema string

	// SkipMigrations leaves the making of tables to someone else, who runs what
	// [Migrations] returns: the bot's role needs no right to create then. Default:
	// Connect makes what is missing.
	SkipMigrations bool

	// PgBouncer says that a PgBouncer in transaction mode, or another pooler of its
	// kind, stands before the server: nothing is prepared and nothing is kept in the
	// session. URL only. Default: a direct connection.
	PgBouncer bool

	// TLS is the TLS configuration, in place of what the URL says. URL only.
	// Default: what the URL's sslmode says.
	TLS *tls.Config

	// Timeout bounds every call whose context has no deadline. Default: 5 s.
	Timeout time.Duration

	// DialTimeout bounds one attempt to open a connection. URL only. Default: 2 s.
	DialTimeout time.Duration

	// MaxRetries is how often a call is tried again that failed and may be sent
	// twice. Default: 3.
	MaxRetries *int

	// PoolSize bounds the connections. URL only. Default: 10.
	PoolSize int

	// SweepInterval is how often expired rows are removed. One of the instances does
	// it. Default: 1 min.
	SweepInterval time.Duration

	// Logger receives what an operator should know. It never gets message text
	// or passwords. Default: slog.Default().
	Logger *slog.Logger

	pool *pgxpool.Config // of the URL
}

const (
	defaultPrefix        = "chat-sdk"
	defaultTimeout       = 5 * time.Second
	defaultDialTimeout   = 2 * time.Second
	defaultRetries       = 3
	defaultPoolSize      = 10
	defaultSweepInterval = time.Minute
	// maxPrefix leaves room for a name in an entry of an index, which takes 2,704
	// bytes.
	maxPrefix = 200
)

// withDefaults checks the fields and fills in the defaults.
func (c Config) withDefaults() (Config, error) {
	switch {
	case c.URL == "" && c.Pool == nil:
		return c, invalid("Config needs URL or Pool, and has neither")
	case c.URL != "" && c.Pool != nil:
		return c, invalid("Config has both URL and Pool, want exactly one")
	case c.Pool != nil && (c.TLS != nil || c.PgBouncer || c.DialTimeout != 0 || c.PoolSize != 0):
		return c, invalid("Config.TLS, PgBouncer, DialTimeout and PoolSize go with URL: set them on the Pool")
	}
	if c.URL != "" {
		if err := c.parseURL(); err != nil {
			return c, err
		}
	}
	switch {
	case c.PoolSize < 0:
		return c, invalid("Config.PoolSize is %d, want 0 (default %d) or more", c.PoolSize, defaultPoolSize)
	case c.MaxRetries != nil && *c.MaxRetries < 0:
		return c, invalid("Config.MaxRetries is %d, want 0 (none) or more", *c.MaxRetries)
	case !isText(c.Prefix) || len(c.Prefix) > maxPrefix:
		return c, invalid("Config.Prefix is not UTF-8 of at most %d bytes without NUL", maxPrefix)
	case !isText(c.Schema) || len(c.Schema) > 63:
		return c, invalid("Config.Schema is not the name of a schema, which has at most 63 bytes")
	}
	for _, d := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"Timeout", &c.Timeout, defaultTimeout},
		{"DialTimeout", &c.DialTimeout, defaultDialTimeout},
		{"SweepInterval", &c.SweepInterval, defaultSweepInterval},
	} {
		if *d.value < 0 {
			return c, invalid("Config.%s is %v, want 0 (default %v) or more", d.name, *d.value, d.def)
		}
		if *d.value == 0 {
			*d.value = d.def
		}
	}
	if c.MaxRetries == nil {
		c.MaxRetries = new(defaultRetries)
	}
	if c.PoolSize == 0 {
		c.PoolSize = defaultPoolSize
	}
	if c.Prefix == "" {
		c.Prefix = defaultPrefix
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.URL != "" {
		c.configurePool()
	}
	return c, nil
}

// isText reports whether Postgres can store the text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func invalid(format string, args ...any) error {
	return fmt.Errorf("pgstate: %w: "+format, append([]any{state.ErrInvalidConfig}, args...)...)
}
