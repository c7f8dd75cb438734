package redisstate

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// server is a redis-server process of one test.
type server struct {
	t    *testing.T
	addr string
	args []string
	cmd  *exec.Cmd
}

// newServer starts a redis-server that ends with the test.
func newServer(t *testing.T, args ...string) *server {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	require.NoError(t, err, "these tests need redis-server (Debian: apt-get install redis-server)")
	port := freePort(t)
	s := &server{t: t, addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	s.args = append([]string{bin, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir()}, args...)
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *server) start() {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.t.TempDir(), "log"), os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(s.t, err)
	defer log.Close()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Stdout = log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(s.t, s.cmd.Start())
	require.Eventually(s.t, func() bool {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 5*time.Millisecond, "redis-server does not answer")
}

func (s *server) stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_, _ = s.cmd.Process.Wait()
		s.cmd = nil
	}
}

// pause stops the process without closing its connections.
func (s *server) pause()  { require.NoError(s.t, s.cmd.Process.Signal(syscall.SIGSTOP)) }
func (s *server) resume() { require.NoError(s.t, s.cmd.Process.Signal(syscall.SIGCONT)) }

func (s *server) url() string { return "redis://" + s.addr }

// client is a plain client, to look at what the adapter did.
func (s *server) client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.addr})
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// ports counts the ports that this process has taken: from the end of those
// that systems do not pick for connections, at a random place.
var ports atomic.Int32

func init() { ports.Store(rand.Int32N(2000)) }

func freePort(t *testing.T) int {
	for range 2000 {
		port := 30_000 + int(ports.Add(1)%2000)
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			require.NoError(t, l.Close())
			return port
		}
	}
	require.Fail(t, "no port is free")
	return 0
}

// connect makes a connected adapter that ends with the test.
func connect(t *testing.T, cfg Config) *Adapter {
	t.Helper()
	a, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	require.NoError(t, a.Connect(t.Context()))
	return a
}

// both runs a test with and without pipelining.
func both(t *testing.T, f func(t *testing.T, s *server, a *Adapter)) {
	for name, p := range map[string]Pipelining{"pipelined": {}, "plain": {Off: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			f(t, s, connect(t, Config{URL: s.url(), Pipelining: p}))
		})
	}
}
