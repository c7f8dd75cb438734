//go:build faults

package redisstatetest

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// patient gives TLS handshakes time on a busy machine.
func patient(cfg redisstate.Config) redisstate.Config {
	cfg.Timeout, cfg.DialTimeout = 20*time.Second, 20*time.Second
	return cfg
}

// refuses checks that Connect fails in bounded time with an error that names
// the cause.
func refuses(t *testing.T, cfg redisstate.Config, want string) error {
	t.Helper()
	cfg = patient(cfg)
	a, err := redisstate.New(cfg)
	require.NoError(t, err)
	defer a.Close(t.Context())
	err = a.Connect(t.Context())
	require.ErrorContains(t, err, want)
	assert.NotContains(t, err.Error(), "hunter2")
	assert.NotErrorIs(t, err, state.ErrNotConnected)
	return err
}

func TestConnectNamesTheCause(t *testing.T) {
	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{Password: "correct"})
		refuses(t, redisstate.Config{URL: "redis://:hunter2@" + s.Addr()}, "user name or password is wrong")
		refuses(t, redisstate.Config{URL: "redis://" + s.Addr()}, "user name or password is wrong, or missing")
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{})
		s.Kill(t)
		require.ErrorIs(t, refuses(t, redisstate.Config{URL: s.URL()}, "connection refused"), state.ErrUnavailable)
	})
	t.Run("not a Cluster", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{})
		refuses(t, redisstate.Config{URL: "redis+cluster://" + s.Addr()}, "not in cluster mode")
	})
	t.Run("a Cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, redistest.Options{NoReplicas: true})
		for _, n := range c.Nodes() {
			refuses(t, redisstate.Config{URL: "redis://" + n.Addr()}, "use the scheme redis+cluster")
		}
	})
	t.Run("Sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{})
		refuses(t, redisstate.Config{URL: strings.Replace(s.URL(), s.MasterName(), "other", 1)}, "Sentinel knows no master named other")
		refuses(t, redisstate.Config{URL: "redis+sentinel://" + s.Primary(t).Addr() + "/mymaster"}, "Sentinel refuses to name the master")
	})
	t.Run("unknown authority", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{TLS: true})
		refuses(t, redisstate.Config{URL: "rediss://" + s.Addr()}, "signed by an unknown authority")
		refuses(t, redisstate.Config{URL: "redis://" + s.Addr()}, "redis://"+s.Addr())
	})
	t.Run("no certificate", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{ClientCertificates: true})
		cfg := s.TLSConfig().Clone()
		cfg.Certificates = nil
		refuses(t, redisstate.Config{URL: "rediss://" + s.Addr(), TLS: cfg}, "certificate")
	})
}

// A URL whose scheme does not fit the server is told so, and not tried again.
func TestConnectNamesTheRightScheme(t *testing.T) {
	misfit := func(t *testing.T, cfg redisstate.Config, hint string) {
		t.Helper()
		require.ErrorIs(t, refuses(t, cfg, hint), state.ErrMisconfigured)
	}
	t.Run("TLS port without TLS", func(t *testing.T) {
		t.Parallel()
		for _, o := range []redistest.Options{{TLS: true}, {ClientCertificates: true}} {
			s := redistest.Standalone(t, o)
			misfit(t, redisstate.Config{URL: "valkey://" + s.Addr()}, "the server speaks TLS on this port: use a scheme with TLS, such as valkeys")
		}
	})
	t.Run("plain port with TLS", func(t *testing.T) {
		t.Parallel()
		for _, o := range []redistest.Options{{}, {Password: "correct"}} {
			s := redistest.Standalone(t, o)
			cfg := redisstate.Config{URL: "rediss://" + s.Addr(), DialTimeout: 2 * time.Second}
			a, err := redisstate.New(cfg)
			require.NoError(t, err)
			defer a.Close(t.Context())
			err = a.Connect(t.Context())
			require.ErrorIs(t, err, state.ErrMisconfigured)
			require.ErrorContains(t, err, "the server does not speak TLS on this port: use the scheme redis")
		}
	})
	t.Run("Sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{})
		misfit(t, redisstate.Config{URL: "redis://" + s.Sentinels()[0].Addr()}, "it is a Sentinel: use the scheme redis+sentinel")
		misfit(t, redisstate.Config{URL: "redis+sentinel://" + s.Primary(t).Addr() + "/mymaster"}, "it is no Sentinel: use the scheme redis")
		replica := "redis://" + s.Replicas(t)[0].Addr()
		err := refuses(t, redisstate.Config{URL: replica}, "it is a read-only replica")
		require.ErrorContains(t, err, replica)
		require.ErrorIs(t, err, state.ErrUnavailable)
	})
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, redistest.Options{NoReplicas: true})
		full := c.Nodes()[1]
		require.NoError(t, full.Client(t).ConfigSet(t.Context(), "maxmemory", "1").Err())
		err := refuses(t, redisstate.Config{URL: c.URL()}, "its memory is full")
		require.ErrorContains(t, err, full.Addr())
		require.ErrorIs(t, err, state.ErrUnavailable)
		for _, n := range c.Nodes() {
			require.NoError(t, n.Client(t).ConfigSet(t.Context(), "maxmemory", "0").Err())
			require.Zero(t, n.Client(t).DBSize(t.Context()).Val())
		}
		connect(t, patient(redisstate.Config{URL: c.URL()}))
	})
}

func TestTLS(t *testing.T) {
	files := func(f redistest.CertificateFiles) string {
		return "?" + url.Values{"tls_ca": {f.CA}, "tls_cert": {f.Cert}, "tls_key": {f.Key}}.Encode()
	}
	t.Run("private authority", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{TLS: true})
		pem, err := os.ReadFile(s.CertificateFiles(t).CA)
		require.NoError(t, err)
		pool := x509.NewCertPool()
		require.True(t, pool.AppendCertsFromPEM(pem))
		useAll(t, connect(t, patient(redisstate.Config{URL: s.URL(), TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}})))
		useAll(t, connect(t, patient(redisstate.Config{URL: s.URL() + "?tls_ca=" + url.QueryEscape(s.CertificateFiles(t).CA)})))
	})
	t.Run("mutual", func(t *testing.T) {
		t.Parallel()
		s := redistest.Standalone(t, redistest.Options{ClientCertificates: true, Password: "p"})
		useAll(t, connect(t, patient(redisstate.Config{URL: s.URL() + files(s.CertificateFiles(t))})))
		useAll(t, connect(t, patient(redisstate.Config{URL: s.URL(), TLS: s.TLSConfig()})))
	})
	t.Run("Sentinel", func(t *testing.T) {
		t.Parallel()
		s := redistest.Sentinel(t, redistest.Options{ClientCertificates: true, Password: "p"})
		useAll(t, connect(t, patient(redisstate.Config{URL: s.URL() + files(s.Nodes()[0].CertificateFiles(t))})))
	})
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.Cluster(t, redistest.Options{ClientCertificates: true, Password: "p", NoReplicas: true})
		useAll(t, connect(t, patient(redisstate.Config{URL: c.URL() + files(c.Nodes()[0].CertificateFiles(t))})))
	})
}

// aclRules reads the user that the package documentation gives.
func aclRules(t *testing.T) string {
	doc, err := os.ReadFile("../../state-redis/doc.go")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(doc), "//	ACL SETUSER bot on >password ")
	require.True(t, ok, "the documentation has no ACL SETUSER line")
	rules, _, ok := strings.Cut(rest, "\n//\n")
	require.True(t, ok)
	return strings.Join(strings.Fields(strings.ReplaceAll(rules, "//", " ")), " ")
}

func TestDocumentedUser(t *testing.T) {
	user := redistest.User{Name: "bot", Password: "pass", Rules: aclRules(t)}
	o := redistest.Options{Users: []redistest.User{user}}
	cfg := func(u string) redisstate.Config {
		return redisstate.Config{URL: u, Username: user.Name, Password: user.Password}
	}
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		useAll(t, connect(t, cfg(redistest.Standalone(t, o).URL())))
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		useAll(t, connect(t, cfg(redistest.Sentinel(t, o).URL())))
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		o := o
		o.NoReplicas = true
		o.Users = []redistest.User{user}
		o.Users[0].Rules += " +cluster|slots"
		useAll(t, connect(t, cfg(redistest.Cluster(t, o).URL())))
	})
	t.Run("other layouts and replicas", func(t *testing.T) {
		t.Parallel()
		o := o
		o.Users = []redistest.User{user}
		o.Users[0].Rules += " +exists +sscan +wait +select"
		s := redistest.Sentinel(t, o)
		c := cfg(strings.TrimSuffix(s.URL(), "/0") + "/1")
		c.Subscriptions, c.MinReplicas = redisstate.SubscriptionBoth, 1
		a := connect(t, c)
		useAll(t, a)
		_, err := a.MigrateSubscriptions(t.Context())
		require.NoError(t, err)
	})
	t.Run("a missing permission is named", func(t *testing.T) {
		t.Parallel()
		weak := user
		weak.Rules = "on ~chat-sdk:* -@all +hello +get"
		s := redistest.Standalone(t, redistest.Options{Users: []redistest.User{weak}})
		refuses(t, cfg(s.URL()), "lacks a right")
	})
}
