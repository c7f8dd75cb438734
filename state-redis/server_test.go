package redisstate

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// server is a redis-server process of one test.
type server struct {
	t     *testing.T
	addr  string
	args  []string
	cmd   *exec.Cmd
	ended chan struct{}
}

// newServer starts a redis-server that ends with the test.
func newServer(t *testing.T, args ...string) *server {
	t.Helper()
	return newServerAt(t, "127.0.0.1", args...)
}

func newServerAt(t *testing.T, host string, args ...string) *server {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	require.NoError(t, err, "these tests need redis-server (Debian: apt-get install redis-server)")
	s := &server{t: t}
	t.Cleanup(s.stop)
	for range 5 { // another process may take the port first
		port := freePort(t)
		s.addr = net.JoinHostPort(host, strconv.Itoa(port))
		s.args = append([]string{bin, "--port", strconv.Itoa(port), "--bind", host, "--save", "", "--dir", t.TempDir()}, args...)
		if s.run() {
			return s
		}
	}
	require.Fail(t, "redis-server does not start")
	return nil
}

// start starts it again after stop.
func (s *server) start() {
	s.t.Helper()
	require.True(s.t, s.run(), "redis-server does not start")
}

// run starts the process and reports whether it answers.
func (s *server) run() bool {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.t.TempDir(), "log"), os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(s.t, err)
	defer log.Close()
	cmd := exec.Command(s.args[0], s.args[1:]...)
	cmd.Stdout = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(s.t, cmd.Start())
	s.cmd, s.ended = cmd, make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(s.ended)
	}()
	mine := "process_id:" + strconv.Itoa(cmd.Process.Pid) + "\r\n"
	c := redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1})
	defer c.Close()
	require.Eventually(s.t, func() bool {
		select {
		case <-s.ended:
			return true
		default:
			return strings.Contains(c.Info(context.Background(), "server").Val(), mine)
		}
	}, 10*time.Second, 5*time.Millisecond, "redis-server does not answer")
	select {
	case <-s.ended:
		s.cmd = nil
		return false
	default:
		return true
	}
}

func (s *server) stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		<-s.ended
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
