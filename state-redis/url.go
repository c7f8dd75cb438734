package redisstate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/state"
)

func init() {
	for scheme := range schemes {
		state.Register(scheme, open)
	}
}

func open(_ context.Context, rawURL string) (state.Adapter, error) {
	a, err := New(Config{URL: rawURL})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// topology is what a URL's scheme names.
type topology int

const (
	standalone topology = iota
	cluster
	sentinel
)

// schemes are the URL schemes, with what each means.
var schemes = map[string]struct {
	topology topology
	tls      bool
}{
	"redis":           {standalone, false},
	"rediss":          {standalone, true},
	"redis+cluster":   {cluster, false},
	"rediss+cluster":  {cluster, true},
	"redis+sentinel":  {sentinel, false},
	"rediss+sentinel": {sentinel, true},
}

// location is a parsed URL.
type location struct {
	scheme   string
	topology topology
	tls      bool
	username string
	password string
	hosts    []string // host:port
	master   string   // under Sentinel
	db       int
	query    url.Values
}

const hintEncode = "reserved characters in a password must be percent-encoded"

// parseURL reads the URL. It does so by hand, as net/url takes no list of hosts.
// Its errors show nothing that may be a part of a password.
func parseURL(raw string) (*location, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	kind, known := schemes[scheme]
	if !ok || !known {
		return nil, invalid("Config.URL has an unknown scheme, want one of redis, rediss, redis+cluster, rediss+cluster, redis+sentinel, rediss+sentinel")
	}
	u := &location{scheme: scheme, topology: kind.topology, tls: kind.tls}
	rest, _, _ = strings.Cut(rest, "#")
	rest, rawQuery, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if strings.Contains(path, "@") || strings.Contains(rawQuery, "@") && !strings.Contains(authority, "@") {
		return nil, invalid("Config.URL cannot be read: %s", hintEncode)
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := u.parseUser(authority[:at]); err != nil {
			return nil, err
		}
		authority = authority[at+1:]
	}
	if err := u.parseHosts(authority); err != nil {
		return nil, err
	}
	if err := u.parsePath(path); err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, invalid("Config.URL has a query that cannot be read")
	}
	u.query = query
	return u, nil
}

func (u *location) parseUser(info string) error {
	name, pass, _ := strings.Cut(info, ":")
	var err error
	if u.username, err = url.PathUnescape(name); err != nil {
		return invalid("Config.URL has a user name that cannot be read: %s", hintEncode)
	}
	if u.password, err = url.PathUnescape(pass); err != nil {
		return invalid("Config.URL has a password that cannot be read: %s", hintEncode)
	}
	return nil
}

func (u *location) parseHosts(list string) error {
	port := "6379"
	if u.topology == sentinel {
		port = "26379"
	}
	for i, host := range strings.Split(list, ",") {
		full, ok := withPort(strings.TrimSpace(host), port)
		if !ok {
			return invalid("Config.URL: host %d is not host:port (%s)", i+1, hintEncode)
		}
		u.hosts = append(u.hosts, full)
	}
	if u.topology == standalone && len(u.hosts) > 1 {
		return invalid("Config.URL: scheme %s takes one host, and has %d: redis+cluster and redis+sentinel take several", u.scheme, len(u.hosts))
	}
	return nil
}

// withPort checks a host and completes it with the default port.
func withPort(host, port string) (string, bool) {
	if host == "" {
		host = "127.0.0.1"
	}
	if inner, ok := strings.CutPrefix(host, "["); ok && strings.HasSuffix(inner, "]") {
		return net.JoinHostPort(strings.TrimSuffix(inner, "]"), port), net.ParseIP(strings.TrimSuffix(inner, "]")) != nil
	}
	if !strings.Contains(host, ":") {
		return net.JoinHostPort(host, port), true
	}
	name, p, err := net.SplitHostPort(host)
	if err != nil {
		return "", false
	}
	if name == "" {
		name = "127.0.0.1"
	}
	n, err := strconv.ParseUint(p, 10, 16)
	return net.JoinHostPort(name, p), err == nil && n > 0
}

func (u *location) parsePath(path string) error {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if parts[0] == "" {
		parts = nil
	}
	if u.topology == sentinel {
		if len(parts) == 0 {
			return invalid("Config.URL: scheme %s needs the master's name, as in %s://host:26379/mymaster", u.scheme, u.scheme)
		}
		name, err := url.PathUnescape(parts[0])
		if err != nil {
			return invalid("Config.URL has a master name that cannot be read")
		}
		u.master, parts = name, parts[1:]
	}
	if len(parts) == 0 {
		return nil
	}
	n, err := strconv.ParseUint(parts[0], 10, 31)
	if err != nil || len(parts) > 1 {
		return invalid("Config.URL: the path must end with the number of the database")
	}
	if u.topology == cluster && n != 0 {
		return invalid("Config.URL: a Cluster has database 0 only")
	}
	u.db = int(n)
	return nil
}

// A setting is one query parameter. It refuses values that it cannot read.
type setting func(cfg *Config, name, value string) error

var settings = map[string]setting{
	"prefix": func(c *Config, name, v string) error {
		if !utf8.ValidString(v) {
			return invalid("Config.URL: parameter %s is not valid UTF-8", name)
		}
		c.KeyPrefix = v
		return nil
	},
	"timeout":         duration(func(c *Config) *time.Duration { return &c.Timeout }, defaultTimeout),
	"dial_timeout":    duration(func(c *Config) *time.Duration { return &c.DialTimeout }, defaultDialTimeout),
	"read_timeout":    duration(func(c *Config) *time.Duration { return &c.ReadTimeout }, defaultReadTimeout),
	"write_timeout":   duration(func(c *Config) *time.Duration { return &c.WriteTimeout }, defaultReadTimeout),
	"replica_timeout": duration(func(c *Config) *time.Duration { return &c.ReplicaTimeout }, defaultReplicaTimeout),
	"min_replicas":    number(func(c *Config) *int { return &c.MinReplicas }),
	"pool_size":       number(func(c *Config) *int { return &c.PoolSize }),
	"max_retries": func(c *Config, name, v string) error {
		n, err := strconv.ParseUint(v, 10, 16)
		if err != nil {
			return invalid("Config.URL: parameter %s is %q, want a number from 0 to 65535", name, v)
		}
		c.Retry.Max, c.Retry.Off = int(n), n == 0
		return nil
	},
	"pipelining": func(c *Config, name, v string) error {
		on, err := strconv.ParseBool(v)
		if err != nil {
			return invalid("Config.URL: parameter %s is %q, want true or false", name, v)
		}
		c.Pipelining.Off = c.Pipelining.Off || !on
		return nil
	},
	"subscriptions": func(c *Config, name, v string) error {
		layout := slices.Index([]string{"set", "keys", "both"}, v)
		if layout < 0 {
			return invalid("Config.URL: parameter %s is %q, want set, keys or both", name, v)
		}
		c.Subscriptions = SubscriptionLayout(layout)
		return nil
	},
}

// Parameters that do not stand for one field of Config.
var linkSettings = []string{
	"sentinel_username", "sentinel_password",
	"tls_ca", "tls_cert", "tls_key", "tls_server_name",
}

// duration reads a duration. The field holds its default already.
func duration(field func(*Config) *time.Duration, def time.Duration) setting {
	return func(c *Config, name, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d <= 0 {
			return invalid("Config.URL: parameter %s is %q, want a duration such as %v", name, v, def)
		}
		*field(c) = d
		return nil
	}
}

func number(field func(*Config) *int) setting {
	return func(c *Config, name, v string) error {
		n, err := strconv.ParseUint(v, 10, 16)
		if err != nil {
			return invalid("Config.URL: parameter %s is %q, want a number from 0 to 65535", name, v)
		}
		*field(c) = int(n)
		return nil
	}
}

// configure puts what the URL says into the configuration.
func (u *location) configure(cfg Config) (Config, error) {
	if cfg.Username == "" && cfg.Password == "" {
		cfg.Username, cfg.Password = u.username, u.password
	}
	for name, values := range u.query {
		set := settings[name]
		if set == nil {
			if slices.Contains(linkSettings, name) {
				continue
			}
			return cfg, invalid("Config.URL has the unknown parameter %q", name)
		}
		if len(values) != 1 {
			return cfg, invalid("Config.URL has the parameter %q %d times, want it once", name, len(values))
		}
		if err := set(&cfg, name, values[0]); err != nil {
			return cfg, err
		}
	}
	tlsConfig, err := u.tlsConfig(cfg.TLS)
	cfg.TLS = tlsConfig
	return cfg, err
}

// tlsConfig returns what to use for TLS, or nil for none.
func (u *location) tlsConfig(given *tls.Config) (*tls.Config, error) {
	var named []string
	for name := range u.query {
		if strings.HasPrefix(name, "tls_") {
			named = append(named, name)
		}
	}
	if given != nil {
		if named != nil {
			return nil, invalid("Config.TLS and the URL's parameter %s both configure TLS, want one", named[0])
		}
		return given, nil
	}
	if !u.tls {
		if named != nil {
			return nil, invalid("Config.URL: parameter %s needs a scheme with TLS, such as rediss", named[0])
		}
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.query.Get("tls_server_name")}
	if path := u.query.Get("tls_ca"); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, invalid("Config.URL: parameter tls_ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, invalid("Config.URL: parameter tls_ca: the file has no certificate in PEM form")
		}
	}
	cert, key := u.query.Get("tls_cert"), u.query.Get("tls_key")
	if (cert == "") != (key == "") {
		return nil, invalid("Config.URL: parameters tls_cert and tls_key go together")
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, invalid("Config.URL: parameters tls_cert and tls_key: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
