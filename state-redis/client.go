package redisstate

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// open makes the client for the URL. Nothing is dialed yet.
func (u *location) open(cfg *Config) (*node, error) {
	d := newDialer(cfg)
	n := &node{kind: u.kind, hosts: u.hosts, dialer: d, describe: u.scheme + "://" + strings.Join(u.hosts, ",")}
	o := &redis.UniversalOptions{
		Addrs:    u.hosts,
		DB:       u.db,
		Username: cfg.Username,
		Password: cfg.Password,

		Dialer:        d.dial,
		DialTimeout:   cfg.DialTimeout,
		DialerRetries: 1, // retries are the adapter's, within the call's time
		ReadTimeout:   cfg.ReadTimeout,
		WriteTimeout:  cfg.WriteTimeout,
		PoolTimeout:   cfg.Timeout,
		PoolSize:      cfg.PoolSize,
		MaxRetries:    -1, // likewise

		ContextTimeoutEnabled: true,
		// Names the library in CLIENT LIST, at the price of a round trip and of a
		// permission that a restricted user may lack.
		DisableIdentity: true,
		// A slot that moves answers with a redirection, which is not a retry. The
		// pauses in between are short: they also come before the adapter hears
		// that a server is away.
		MaxRedirects:          maxRedirects,
		MaxRetryBackoff:       maxRedirectPause,
		FailingTimeoutSeconds: 1,
	}
	switch u.topology {
	case cluster:
		c := o.Cluster()
		// Each command here says where its key is. Policies would ask the server
		// for them, with COMMAND, which a restricted user may not send.
		c.DisableRoutingPolicies = true
		n.cluster = redis.NewClusterClient(c)
		n.cluster.OnNewNode(func(c *redis.Client) { c.AddHook(slotsHook{c.Options().Addr}) })
		// A redirection without a host leads to the one that was asked.
		d.host, _, _ = net.SplitHostPort(u.hosts[0])
		n.client = n.cluster
		n.refresher = &refresher{do: (&clusterView{client: n.cluster, dialer: d}).refresh}
	case sentinel:
		n.describe += "/" + u.master
		n.sentinels = newSentinels(u, cfg, d)
		n.refresher = &refresher{do: func(ctx context.Context) { _, _ = n.sentinels.resolve(ctx) }}
		o.Addrs, o.Dialer = []string{n.describe}, n.sentinels.dial
		n.client = redis.NewClient(o.Simple())
	default:
		n.client = redis.NewClient(o.Simple())
	}
	return n, nil
}

// maxRedirects bounds how many times one command follows a Cluster's
// redirections.
const maxRedirects = 5

const maxRedirectPause = 16 * time.Millisecond

// openMaster makes a further master from its URL, which may set only what
// concerns the way to it.
func openMaster(raw string, cfg Config) (*node, error) {
	u, err := parseURL(raw)
	if err != nil {
		return nil, err
	}
	for name := range u.query {
		switch name {
		case "prefix", "min_replicas", "replica_timeout", "subscriptions", "pipelining", "max_retries", "timeout":
			return nil, invalid("Config.MasterURLs: parameter %q belongs to Config.URL", name)
		}
	}
	if u.username != "" || u.password != "" {
		cfg.Username, cfg.Password = "", ""
	}
	if len(u.query) > 0 && strings.Contains(u.query.Encode(), "tls_") {
		cfg.TLS = nil
	}
	if cfg, err = u.configure(cfg); err != nil {
		return nil, err
	}
	return u.open(&cfg)
}
