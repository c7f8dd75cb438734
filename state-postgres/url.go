package pgstate

import (
	"context"
	"crypto/tls"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chat-adapter/chat-go/core/state"
)

func init() {
	state.Register("postgres", open)
	state.Register("postgresql", open)
}

func open(_ context.Context, rawURL string) (state.Adapter, error) {
	a, err := New(Config{URL: rawURL})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// clientParameters are those that pgx reads, with libpq's meaning
// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
// Any other would be set in the session.
var clientParameters = []string{
	"host", "port", "dbname", "user", "password", "passfile", "connect_timeout", "application_name", "target_session_attrs",
	"sslmode", "sslcert", "sslkey", "sslrootcert", "sslpassword", "sslsni", "sslnegotiation", "channel_binding", "require_auth",
}

const hintEncode = "reserved characters in a user name or a password must be percent-encoded, as %40 for @, %23 for #, %2F for / and %3F for ?"

// parseURL reads the URL's parameters into the fields, and the rest into pool. No
// error shows the URL, which may have a password.
func (c *Config) parseURL() error {
	base, rawQuery, _ := strings.Cut(strings.TrimSpace(c.URL), "?")
	scheme, rest, ok := strings.Cut(base, "://")
	if scheme = strings.ToLower(scheme); !ok || scheme != "postgres" && scheme != "postgresql" {
		return invalid("Config.URL has an unknown scheme, want postgres:// or postgresql://")
	}
	// Else a part of a password with a reserved character would be taken for a host or
	// a parameter, and be shown.
	authority, path, _ := strings.Cut(rest, "/")
	if strings.Count(authority, "@") > 1 || strings.ContainsAny(path+rawQuery, "@#") || strings.Contains(authority, "#") {
		return invalid("Config.URL cannot be read, as it has a second @, or one after the host, or a #: %s", hintEncode)
	}
	// A plus is a plus, as in libpq.
	query, err := url.ParseQuery(strings.ReplaceAll(rawQuery, "+", "%2B"))
	if err != nil {
		return invalid("Config.URL has a query that cannot be read: want name=value&name=value, percent-encoded")
	}
	for _, name := range sortedKeys(query) {
		values := query[name]
		if len(values) != 1 {
			return invalid("Config.URL: the parameter %q is there %d times, want once", name, len(values))
		}
		if slices.Contains(clientParameters, name) {
			continue
		}
		if err := c.set(name, values[0]); err != nil {
			return err
		}
		delete(query, name)
	}
	c.pool, err = pgxpool.ParseConfig(scheme + "://" + rest + "?" + strings.ReplaceAll(query.Encode(), "+", "%20"))
	if err != nil {
		return invalid("Config.URL cannot be read: want postgres://user:password@host:5432/database?parameters, and %s%s", hintEncode, reason(err))
	}
	if len(c.pool.ConnConfig.Fallbacks) > 0 && !query.Has("target_session_attrs") {
		c.pool.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return nil
}

// reason says why pgx cannot read a URL, if that shows nothing of the URL.
func reason(err error) string {
	var parse *pgconn.ParseConfigError
	if !errors.As(err, &parse) || parse.Unwrap() == nil {
		return ""
	}
	if cause := parse.Unwrap().Error(); strings.Contains(cause, "certificate") || strings.Contains(cause, "no such file") || strings.Contains(cause, "sslmode") {
		return ": " + cause
	}
	return ""
}

func sortedKeys(query url.Values) []string {
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// set takes one parameter of the adapter's own.
func (c *Config) set(name, value string) error {
	var err error
	want := ""
	switch name {
	case "prefix":
		c.Prefix = value
	case "schema":
		c.Schema = value
	case "timeout":
		c.Timeout, err = positive(value)
		want = "a duration such as 5s"
	case "dial_timeout":
		c.DialTimeout, err = positive(value)
		want = "a duration such as 2s"
	case "sweep_interval":
		c.SweepInterval, err = positive(value)
		want = "a duration such as 1m"
	case "pool_size":
		c.PoolSize, err = strconv.Atoi(value)
		want = "a number of 1 or more"
		if c.PoolSize < 1 {
			err = strconv.ErrRange
		}
	case "max_retries":
		var n int
		n, err = strconv.Atoi(value)
		c.MaxRetries = &n
		want = "a number of 0 or more"
	case "pgbouncer":
		c.PgBouncer, err = strconv.ParseBool(value)
		want = "true or false"
	case "skip_migrations":
		c.SkipMigrations, err = strconv.ParseBool(value)
		want = "true or false"
	default:
		return invalid("Config.URL has the unknown parameter %q: see the package comment", name)
	}
	if err != nil {
		return invalid("Config.URL: the parameter %s is %q, want %s", name, value, want)
	}
	return nil
}

func positive(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err == nil && d <= 0 {
		err = strconv.ErrRange
	}
	return d, err
}

// configurePool puts the fields into the pool's configuration.
func (c *Config) configurePool() {
	p := c.pool
	p.MaxConns = int32(min(c.PoolSize, 1<<20))
	if p.ConnConfig.ConnectTimeout == 0 {
		p.ConnConfig.ConnectTimeout = c.DialTimeout
	}
	if c.TLS != nil {
		p.ConnConfig.TLSConfig = c.tlsFor(p.ConnConfig.Host)
		for _, f := range p.ConnConfig.Fallbacks {
			f.TLSConfig = c.tlsFor(f.Host)
		}
	}
	if c.PgBouncer {
		p.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
		p.ConnConfig.StatementCacheCapacity = 0
		p.ConnConfig.DescriptionCacheCapacity = 0
		return
	}
	// What a statement waits for must be seen by the next one.
	p.ConnConfig.RuntimeParams["default_transaction_isolation"] = "read committed"
	if p.ConnConfig.RuntimeParams["plan_cache_mode"] == "" {
		// A statement finds its rows by their keys, whatever the arguments are: to plan
		// each execution anew costs more than it can gain.
		p.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	}
	if p.ConnConfig.RuntimeParams["application_name"] == "" {
		p.ConnConfig.RuntimeParams["application_name"] = "chat-go"
	}
}

// tlsFor returns the TLS configuration for a host, whose certificate must be for it
// unless the program says otherwise.
func (c *Config) tlsFor(host string) *tls.Config {
	cfg := c.TLS.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName = host
	}
	return cfg
}
