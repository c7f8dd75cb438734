package redisstate

import (
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
		"redis://":                          {hosts: []string{"127.0.0.1:6379"}},
		"redis://example":                   {hosts: []string{"example:6379"}},
		"redis://:7000":                     {hosts: []string{"127.0.0.1:7000"}},
		"redis://[::1]":                     {hosts: []string{"[::1]:6379"}},
		"redis://[::1]:7000/3":              {hosts: []string{"[::1]:7000"}, db: 3},
		"redis://bot:p%40ss%2Fw:x@h:1/2":    {hosts: []string{"h:1"}, username: "bot", password: "p@ss/w:x", db: 2},
		"redis://:secret@h":                 {hosts: []string{"h:6379"}, password: "secret"},
		"redis://:p@ss@h":                   {hosts: []string{"h:6379"}, password: "p@ss"},
		"rediss://h/":                       {hosts: []string{"h:6379"}, tls: true},
		"redis+cluster://h1:1,h2:2,h3":      {hosts: []string{"h1:1", "h2:2", "h3:6379"}, topology: cluster},
		"rediss+cluster://u:p@h1:1,[::1]:2": {hosts: []string{"h1:1", "[::1]:2"}, topology: cluster, tls: true, username: "u", password: "p"},
		"redis+sentinel://h1,h2:2/mymaster": {hosts: []string{"h1:26379", "h2:2"}, topology: sentinel, master: "mymaster"},
		"redis+sentinel://h1/my%2Fmaster/4": {hosts: []string{"h1:26379"}, topology: sentinel, master: "my/master", db: 4},
	} {
		got, err := parseURL(raw)
		require.NoError(t, err, raw)
		want.scheme, _, _ = strings.Cut(raw, "://")
		got.query = nil
		assert.Equal(t, want, *got, raw)
	}
}

func TestURLErrors(t *testing.T) {
	for raw, want := range map[string]string{
		"http://h":                               "unknown scheme",
		"h:6379":                                 "unknown scheme",
		"redis://h1,h2":                          "takes one host",
		"redis://h:x":                            "host 1",
		"redis://h:99999":                        "host 1",
		"redis+cluster://h,h:0":                  "host 2",
		"redis://h/x":                            "number of the database",
		"redis://h/1/2":                          "number of the database",
		"redis+cluster://h/1":                    "database 0",
		"redis+sentinel://h":                     "master's name",
		"redis://h?nonsense=1":                   `unknown parameter "nonsense"`,
		"redis://h?username=u":                   `unknown parameter "username"`,
		"redis://h?timeout=5":                    `parameter timeout is "5", want a duration such as 5s`,
		"redis://h?read_timeout=-5s":             `parameter read_timeout is "-5s", want a duration such as 3s`,
		"redis://h?pool_size=x":                  `parameter pool_size is "x", want a number`,
		"redis://h?pipelining=maybe":             `parameter pipelining is "maybe", want true or false`,
		"redis://h?subscriptions=list":           `parameter subscriptions is "list", want set, keys or both`,
		"redis://h?prefix=a&prefix=b":            "2 times",
		"redis://h?tls_ca=x":                     "needs a scheme with TLS",
		"rediss://h?tls_ca=/does/not/exist":      "tls_ca",
		"rediss://h?tls_cert=/does/not/exist":    "go together",
		"redis://user:top/secret@h":              "percent-encoded",
		"redis://user:top?secret@h":              "percent-encoded",
		"redis://user:top/secret?secret@h":       "percent-encoded",
		"redis://user:secret%zz@h":               "password",
		"redis://user:secret@h:secret":           "host 1",
		"redis://h?max_retries=many":             "max_retries",
		"redis://h?prefix=%ff":                   "prefix",
		"redis://user:secret@h,secret:secret":    "host 2",
		"redis+sentinel://:secret@h/%zz":         "master name",
		"redis+sentinel://:secret@h/m/secret":    "database",
		"redis://:secret@h?prefix=a;b&secret=%z": "query",
	} {
		_, err := New(Config{URL: raw})
		require.ErrorIs(t, err, state.ErrInvalidArgument, raw)
		assert.ErrorContains(t, err, want, raw)
		assert.NotContains(t, err.Error(), "top", raw)
		if !strings.Contains(raw, "secret=") {
			assert.NotContains(t, err.Error(), "secret", raw)
		}
	}
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
