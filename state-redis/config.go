package redisstate

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// Config says which Redis to use and how. Exactly one of URL and Client must be
// set; every other field has a default that suits production.
type Config struct {
	// URL names the deployment: redis://, redis+unix://, redis+cluster:// or
	// redis+sentinel://, the same with rediss for TLS, or with valkey and valkeys.
	// The package comment has the forms and the query parameters. A parameter takes
	// the place of the field of the same meaning, but for those of TLS: then only one
	// of the two may be set.
	URL string

	// Client is a client that the program made. The adapter uses it and never
	// closes it. Its own retries are not used: the adapter decides what may be
	// sent twice. A redis.Ring is refused: while one of its shards is away it uses
	// another for that one's keys, so locks are given twice and messages hidden.
	//
	// With TLS the client does not notice that a server has closed an idle
	// connection, and what is sent on it has an unknown outcome: keep the client's
	// ConnMaxIdleTime below the server's timeout. With URL the adapter looks itself.
	Client redis.UniversalClient

	// Masters are further Redis servers, independent of the first and of each
	// other, that take part in locks: a lock is held when a majority of all of
	// them, the first included, has given it. Nothing else is stored there. An
	// odd total is best. Default: none, the first alone decides.
	Masters []redis.UniversalClient

	// MasterURLs are further masters by URL. They take the options of Config
	// that the URL does not set itself. Default: none.
	MasterURLs []string

	// KeyPrefix stands before every key. Default: "chat-sdk", as the TypeScript
	// adapters have it.
	KeyPrefix string

	// Logger receives what an operator should know. It never gets message text
	// or passwords. Default: slog.Default().
	Logger *slog.Logger

	// TLS is the TLS configuration for a URL. It turns TLS on for the schemes
	// without it, too. Default: for rediss schemes the system's certificate
	// authorities, or what the URL's tls_ parameters say; else none.
	TLS *tls.Config

	// Username and Password sign in to the server, in place of those in the URL.
	// Default: those of the URL.
	Username, Password string

	// MapAddress returns where to find the server whose host:port a Sentinel or a
	// Cluster announces, for programs that cannot reach it there, as from outside of
	// a container network. It is asked about the addresses of the URL, too, and must be
	// quick and safe for concurrent use. URL only. Default: nil, everything is found
	// where it is announced.
	MapAddress func(announced string) string

	// Timeout bounds every call whose context has no deadline. Default: 5 s.
	Timeout time.Duration

	// DialTimeout bounds one attempt to open a connection. URL only. Default: 2 s.
	DialTimeout time.Duration

	// ReadTimeout bounds the wait for one reply, WriteTimeout the sending of one
	// request. URL only. Default: 3 s.
	ReadTimeout, WriteTimeout time.Duration

	// Retry says how often a call is tried again. Default: 3 times.
	Retry Retry

	// MinReplicas is how many replicas must confirm an accepted message before
	// Accept returns, and a lock before AcquireLock and ExtendLock do. The package
	// comment says what that promises. Locks on several masters do not need it. It
	// takes a redis.Client or a redis.ClusterClient. Default: 0, the master alone
	// confirms.
	MinReplicas int

	// ReplicaTimeout bounds the wait for these replicas. Default: 1 s.
	ReplicaTimeout time.Duration

	// Subscriptions chooses how subscriptions are stored. Default:
	// SubscriptionSet, which the TypeScript adapters share.
	Subscriptions SubscriptionLayout

	// Pipelining says how concurrent calls share connections. Default: on.
	Pipelining Pipelining

	// PoolSize bounds the connections to one server. URL only. Default: 10 for
	// each CPU.
	PoolSize int
}

// Retry says how often the adapter tries again what failed and may be sent
// twice, and how long it waits in between. A call never outlives its context.
type Retry struct {
	// Off sends everything once.
	Off bool
	// Max is how often a call is tried again. Default: 3.
	Max int
	// MinBackoff is the pause before the second attempt; it doubles from then on.
	// Default: 8 ms.
	MinBackoff time.Duration
	// MaxBackoff bounds the pause. Default: 250 ms.
	MaxBackoff time.Duration
}

// Pipelining is how concurrent calls share connections: commands for one server
// that are ready at the same time leave in one write, on one connection. A
// single caller pays nothing for it; many callers get several times the
// throughput. A client of the program's own making sends each command on a
// connection of its own.
type Pipelining struct {
	// Off sends each command on a connection of its own.
	Off bool
	// MaxBatch is how many commands are collected at most before a write.
	// Default: 300.
	MaxBatch int
}

// SubscriptionLayout is how subscriptions are stored.
type SubscriptionLayout int

const (
	// SubscriptionSet keeps all subscriptions in one set, as the TypeScript
	// adapters do. On Cluster one server holds all of it.
	SubscriptionSet SubscriptionLayout = iota
	// SubscriptionKeys keeps one key for each thread, spread over all servers of
	// a Cluster. The TypeScript adapters do not see these.
	SubscriptionKeys
	// SubscriptionBoth writes both and finds a thread in either. It is the step
	// between the two: see [Adapter.MigrateSubscriptions].
	SubscriptionBoth
)

const (
	defaultPrefix         = "chat-sdk"
	defaultTimeout        = 5 * time.Second
	defaultDialTimeout    = 2 * time.Second
	defaultReadTimeout    = 3 * time.Second
	defaultReplicaTimeout = time.Second
	defaultRetries        = 3
	defaultMinBackoff     = 8 * time.Millisecond
	defaultMaxBackoff     = 250 * time.Millisecond
	defaultMaxBatch       = 300
)

// withDefaults checks the fields and fills in the defaults.
func (c Config) withDefaults() (Config, error) {
	switch {
	case c.URL == "" && c.Client == nil:
		return c, invalid("Config needs URL or Client, and has neither")
	case c.URL != "" && c.Client != nil:
		return c, invalid("Config has both URL and Client, want exactly one")
	case c.Client != nil && (c.TLS != nil || c.Username != "" || c.Password != "" ||
		c.MapAddress != nil || c.DialTimeout != 0 || c.ReadTimeout != 0 || c.WriteTimeout != 0 || c.PoolSize != 0) && len(c.MasterURLs) == 0:
		return c, invalid("Config.TLS, Username, Password, MapAddress, DialTimeout, ReadTimeout, WriteTimeout and PoolSize go with URL: set them on the Client")
	case c.MinReplicas < 0:
		return c, invalid("Config.MinReplicas is %d, want 0 or more", c.MinReplicas)
	case c.PoolSize < 0:
		return c, invalid("Config.PoolSize is %d, want 0 (default) or more", c.PoolSize)
	case c.Retry.Max < 0:
		return c, invalid("Config.Retry.Max is %d, want 0 (default) or more; Retry.Off turns retries off", c.Retry.Max)
	case c.Pipelining.MaxBatch < 0:
		return c, invalid("Config.Pipelining.MaxBatch is %d, want 0 (default) or more; Pipelining.Off turns it off", c.Pipelining.MaxBatch)
	case c.Subscriptions < SubscriptionSet || c.Subscriptions > SubscriptionBoth:
		return c, invalid("Config.Subscriptions is %d, want SubscriptionSet, SubscriptionKeys or SubscriptionBoth", c.Subscriptions)
	}
	if c.Client != nil {
		if err := checkClient(c.Client); err != nil {
			return c, invalid("Config.Client %w", err)
		}
	}
	for i, m := range c.Masters {
		if err := checkClient(m); err != nil {
			return c, invalid("Config.Masters[%d] %w", i, err)
		}
	}
	if !utf8.ValidString(c.KeyPrefix) {
		return c, invalid("Config.KeyPrefix is not valid UTF-8")
	}
	for _, d := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"Timeout", &c.Timeout, defaultTimeout},
		{"DialTimeout", &c.DialTimeout, defaultDialTimeout},
		{"ReadTimeout", &c.ReadTimeout, defaultReadTimeout},
		{"WriteTimeout", &c.WriteTimeout, defaultReadTimeout},
		{"ReplicaTimeout", &c.ReplicaTimeout, defaultReplicaTimeout},
		{"Retry.MinBackoff", &c.Retry.MinBackoff, defaultMinBackoff},
		{"Retry.MaxBackoff", &c.Retry.MaxBackoff, defaultMaxBackoff},
	} {
		if *d.value < 0 {
			return c, invalid("Config.%s is %v, want 0 (default %v) or more", d.name, *d.value, d.def)
		}
		if *d.value == 0 {
			*d.value = d.def
		}
	}
	if c.Retry.Max == 0 {
		c.Retry.Max = defaultRetries
	}
	if c.Retry.Off {
		c.Retry.Max = 0
	}
	if c.Pipelining.MaxBatch == 0 {
		c.Pipelining.MaxBatch = defaultMaxBatch
	}
	if c.KeyPrefix == "" {
		c.KeyPrefix = defaultPrefix
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}

// checkClient returns why a client cannot be used.
func checkClient(c redis.UniversalClient) error {
	if v := reflect.ValueOf(c); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("is nil (of the type %T), want a client", c)
	}
	if _, ok := c.(*redis.Ring); ok {
		return errors.New("is a *redis.Ring, which uses another shard for the keys of one that is away: " +
			"locks would be given twice and accepted messages hidden; use a Cluster")
	}
	return nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("redisstate: %w: "+format, append([]any{state.ErrInvalidConfig}, args...)...)
}
