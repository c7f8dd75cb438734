package redisstate

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

func TestParseURL(t *testing.T) {
	for raw, want := range map[string]location{
		"redis://":                            {hosts: []string{"127.0.0.1:6379"}},
		"redis://example":                     {hosts: []string{"example:6379"}},
		"redis://:7000":                       {hosts: []string{"127.0.0.1:7000"}},
		"redis://[::1]":                       {hosts: []string{"[::1]:6379"}},
		"redis://[::1]:7000/3":                {hosts: []string{"[::1]:7000"}, db: 3},
		"redis://[fe80::1%eth0]:7000":         {hosts: []string{"[fe80::1%eth0]:7000"}},
		"redis://my-redis_1.svc.local:7000/":  {hosts: []string{"my-redis_1.svc.local:7000"}},
		"redis://bot:p%40ss%2Fw:x@h:1/2":      {hosts: []string{"h:1"}, username: "bot", password: "p@ss/w:x", db: 2},
		"redis://:secret@h":                   {hosts: []string{"h:6379"}, password: "secret"},
		"redis://:p@ss@h":                     {hosts: []string{"h:6379"}, password: "p@ss"},
		"redis://:a+b%2Bc%20d@h":              {hosts: []string{"h:6379"}, password: "a+b+c d"},
		"rediss://h/":                         {hosts: []string{"h:6379"}},
		"REDISS://H":                          {hosts: []string{"H:6379"}},
		" redis://h \n":                       {hosts: []string{"h:6379"}},
		"redis://h?db=5":                      {hosts: []string{"h:6379"}, db: 5},
		"redis://h/5?db=5":                    {hosts: []string{"h:6379"}, db: 5},
		"redis+cluster://h1:1,h2:2,h3":        {hosts: []string{"h1:1", "h2:2", "h3:6379"}},
		"redis+cluster://h1:1, h2:2?db=0":     {hosts: []string{"h1:1", "h2:2"}},
		"rediss+cluster://u:p@h1:1,[::1]:2":   {hosts: []string{"h1:1", "[::1]:2"}, username: "u", password: "p"},
		"redis+sentinel://h1,h2:2/mymaster":   {hosts: []string{"h1:26379", "h2:2"}, master: "mymaster"},
		"redis+sentinel://h1/my%2Fmaster/4":   {hosts: []string{"h1:26379"}, master: "my/master", db: 4},
		"redis+sentinel://h1/mymaster?db=4":   {hosts: []string{"h1:26379"}, master: "mymaster", db: 4},
		"redis+unix:///run/redis.sock?db=1":   {hosts: []string{"/run/redis.sock"}, db: 1},
		"redis+unix://u:p@/run/a%20b/r.sock":  {hosts: []string{"/run/a b/r.sock"}, username: "u", password: "p"},
		"valkey://h:1/2":                      {hosts: []string{"h:1"}, db: 2},
		"valkeys://h":                         {hosts: []string{"h:6379"}},
		"valkey+unix:///run/valkey.sock":      {hosts: []string{"/run/valkey.sock"}},
		"valkey+cluster://h1,h2":              {hosts: []string{"h1:6379", "h2:6379"}},
		"valkeys+sentinel://h1,h2/mymaster/1": {hosts: []string{"h1:26379", "h2:26379"}, master: "mymaster", db: 1},
	} {
		got, err := parseURL(raw)
		require.NoError(t, err, raw)
		scheme, _, _ := strings.Cut(strings.TrimSpace(raw), "://")
		want.scheme = strings.ToLower(scheme)
		want.kind = schemes[want.scheme]
		got.query = nil
		assert.Equal(t, want, *got, raw)
	}
}

func TestURLErrors(t *testing.T) {
	for raw, want := range map[string]string{
		"  ":                                     "is empty",
		"http://h":                               "unknown scheme",
		"h:6379":                                 "unknown scheme",
		"redis://h1,h2":                          "takes one host",
		"redis://127.0.0.1:notaport":             `the port of host 1 is "notaport"`,
		"redis://127.0.0.1:99999":                `the port of host 1 is "99999"`,
		"redis://localhost:0":                    `the port of host 1 is "0"`,
		"redis://u:p@h:notaport":                 `the port of host 1 is "notaport"`,
		"redis+cluster://h,h.example:0":          `the port of host 2 is "0"`,
		"redis+cluster://h,[::1]:x":              `the port of host 2 is "x"`,
		"redis://h:":                             "host 1 is no name",
		"redis://::1":                            "[address] for IPv6",
		"redis://fe80::1:6379":                   "[address] for IPv6",
		"redis://[::1":                           "host 1 is no name",
		"redis://[h]:1":                          "host 1 is no name",
		"redis://my host":                        "host 1 is no name",
		"redis://h/x":                            "number of the database",
		"redis://h/1/2":                          "number of the database",
		"redis://h?db=x":                         "number of the database",
		"redis://h?db=1&db=1":                    "number of the database",
		"redis://h/1?db=2":                       "want one",
		"redis+cluster://h/1":                    "database 0",
		"redis+cluster://h?db=1":                 "database 0",
		"redis+sentinel://h":                     "master's name",
		"redis+unix://":                          "path of a socket",
		"redis+unix://run/redis.sock":            "path of a socket",
		"redis://h?nonsense=1":                   `unknown parameter "nonsense"`,
		"redis://h?username=u":                   `unknown parameter "username"`,
		"redis://h?timeout=5":                    `parameter timeout is "5", want a duration such as 5s`,
		"redis://h?read_timeout=-5s":             `parameter read_timeout is "-5s", want a duration such as 3s`,
		"redis://h?pool_size=x":                  `parameter pool_size is "x", want a number`,
		"redis://h?pipelining=maybe":             `parameter pipelining is "maybe", want true or false`,
		"redis://h?subscriptions=list":           `parameter subscriptions is "list", want set, keys or both`,
		"redis://h?prefix=a&prefix=b":            "2 times",
		"rediss://h?tls_ca=a&tls_ca=b":           "2 times",
		"redis://h?tls_ca=x":                     "needs a scheme with TLS",
		"rediss://h?tls_ca=/does/not/exist":      "tls_ca",
		"rediss://h?tls_cert=/does/not/exist":    "go together",
		"redis://h?max_retries=many":             "max_retries",
		"redis://h?prefix=%ff":                   "prefix",
		"redis://:secret@h?prefix=a;b&secret=%z": "query",
	} {
		_, err := New(Config{URL: raw})
		require.ErrorIs(t, err, state.ErrInvalidConfig, raw)
		assert.ErrorContains(t, err, want, raw)
	}
}

// Whatever a password holds, no part of it is shown, nor taken for a host, which
// would be asked of the DNS: the URL is refused, with what to do, or read as it is
// meant.
func TestPasswordIsNotShown(t *testing.T) {
	const hint = "percent-encoded"
	for raw, want := range map[string]string{
		"redis://:57#hunter2@127.0.0.1:6379/0":          hint,
		"redis://:p@ss#hunter2@127.0.0.1:6390":          hint,
		"redis://u:p@ss?hunter2@host:6379":              hint,
		"redis://u:p@ss?hunter2=x@host:6379":            hint,
		"redis://u:p@ss/hunter2@host:6379":              hint,
		"redis://u:hunter2/hunter2@h":                   hint,
		"redis://u:hunter2?hunter2@h":                   hint,
		"redis://u:hunter2/hunter2?hunter2@h":           hint,
		"redis://u:hunter2#hunter2":                     hint,
		"redis://u:1#hunter2":                           hint,
		"redis://hunter2%zz:x@h":                        hint,
		"redis://u:hunter2%zz@h":                        hint,
		"redis://u:hunter2":                             "not shown",
		"redis://:hunter2":                              "not shown",
		"redis://u:hunter2,h":                           "not shown",
		"redis://u:hunter2:hunter2":                     hint,
		"redis://u:hunter2 h":                           "not shown",
		"redis://u%3ahunter2:6379":                      hint,
		"redis://[hunter2]:6379":                        hint,
		"redis+cluster://u:p@h,h2:1#hunter2@h3:1":       hint,
		"redis+sentinel://:p?hunter2@h/mymaster":        hint,
		"redis+sentinel://:hunter2@h/%zz":               "master name",
		"redis+sentinel://:hunter2@h/m/hunter2":         "database",
		"redis+sentinel://h/m?sentinel_password=hun@r2": hint,
		"redis+unix://:hunter2#hunter2@/run/redis.sock": hint,
		"redis://u:hunter2@h?nonsense=1":                "nonsense",
	} {
		_, err := New(Config{URL: raw})
		require.ErrorIs(t, err, state.ErrInvalidConfig, raw)
		assert.ErrorContains(t, err, want, raw)
		for _, secret := range []string{"hunter2", "57", "ss", "hun@r2"} {
			assert.NotRegexp(t, `\b`+secret+`\b`, err.Error(), raw)
		}
	}
}

// A plus is itself everywhere: as many passwords have one, and few a space.
func TestPlusIsItself(t *testing.T) {
	u, err := parseURL("redis+sentinel://:a+b@h/my+master?sentinel_password=a+b%2Bc%20d&prefix=x+y")
	require.NoError(t, err)
	assert.Equal(t, "a+b", u.password)
	assert.Equal(t, "my+master", u.master)
	assert.Equal(t, "a+b+c d", u.query.Get("sentinel_password"))
	assert.Equal(t, "x+y", u.query.Get("prefix"))
}

// A template whose variable is not set means the default.
func TestEmptyPrefix(t *testing.T) {
	a, err := New(Config{URL: "redis://h?prefix="})
	require.NoError(t, err)
	assert.Equal(t, defaultPrefix, a.cfg.KeyPrefix)
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.sock")
	s := newServer(t, "--unixsocket", path)
	require.Eventually(t, func() bool {
		c, err := net.Dial("unix", path)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, time.Millisecond)
	for _, scheme := range []string{"redis+unix", "VALKEY+UNIX"} {
		a, err := state.Open(t.Context(), scheme+"://"+path+"?db=1&prefix=app")
		require.NoError(t, err)
		require.NoError(t, a.Connect(t.Context()))
		require.NoError(t, a.Set(t.Context(), "k", []byte("1"), 0))
		require.NoError(t, a.Close(context.Background()))
	}
	c := redis.NewClient(&redis.Options{Addr: s.addr, DB: 1})
	defer c.Close()
	assert.Equal(t, "1", c.Get(t.Context(), "app:cache:k").Val())
}

func TestURLParameters(t *testing.T) {
	a, err := New(Config{URL: "redis://u:p@h?prefix=app&timeout=7s&dial_timeout=1s&read_timeout=2s&write_timeout=4s&max_retries=0" +
		"&pool_size=9&pipelining=false&min_replicas=2&replica_timeout=500ms&subscriptions=both"})
	require.NoError(t, err)
	c := a.cfg
	assert.Equal(t, "app", c.KeyPrefix)
	assert.Equal(t, []time.Duration{7 * time.Second, time.Second, 2 * time.Second, 4 * time.Second, 500 * time.Millisecond},
		[]time.Duration{c.Timeout, c.DialTimeout, c.ReadTimeout, c.WriteTimeout, c.ReplicaTimeout})
	assert.Equal(t, Retry{Off: true, MinBackoff: defaultMinBackoff, MaxBackoff: defaultMaxBackoff}, c.Retry)
	assert.True(t, c.Pipelining.Off)
	assert.Equal(t, 2, c.MinReplicas)
	assert.Equal(t, SubscriptionBoth, c.Subscriptions)
	o := a.main.client.(*redis.Client).Options()
	assert.Equal(t, []any{"u", "p", 9}, []any{o.Username, o.Password, o.PoolSize})
}

func TestOpen(t *testing.T) {
	s := newServer(t)
	a, err := state.Open(t.Context(), s.url()+"/2?prefix=app")
	require.NoError(t, err)
	require.NoError(t, a.Connect(t.Context()))
	require.NoError(t, a.Set(t.Context(), "k", []byte("1"), 0))
	require.NoError(t, a.Close(t.Context()))
	c := redis.NewClient(&redis.Options{Addr: s.addr, DB: 2})
	defer c.Close()
	assert.Equal(t, "1", c.Get(t.Context(), "app:cache:k").Val())
}
