package redisstate

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A setting is one query parameter. It refuses values that it cannot read.
type setting func(cfg *Config, name, value string) error

var settings = map[string]setting{
	"prefix": func(c *Config, name, v string) error {
		if !utf8.ValidString(v) {
			return invalid("Config.URL: parameter %s is not valid UTF-8", name)
		}
		if v != "" { // a variable that is not set
			c.KeyPrefix = v
		}
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
		if set == nil && !slices.Contains(linkSettings, name) {
			return cfg, invalid("Config.URL has the unknown parameter %q", name)
		}
		if len(values) != 1 {
			return cfg, invalid("Config.URL has the parameter %q %d times, want it once", name, len(values))
		}
		if set == nil {
			continue
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
