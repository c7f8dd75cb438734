package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// readyTimeout bounds every wait for a server to reach a state.
const readyTimeout = 60 * time.Second

// Options say how a server runs. The zero value is a server for tests that do not look
// at disks: it does not wait for them.
type Options struct {
	// Durable has the server wait for its disk at each commit. Default: it does not.
	Durable bool
	// Settings are further settings, as in postgresql.conf. Default: none.
	Settings map[string]string
}

// Server is one Postgres server. It lets everyone in on 127.0.0.1, with or without a
// password. Its methods may be called from any goroutine.
type Server struct {
	programs *programs
	options  Options
	dir      string
	port     int
	close    func()

	mu      sync.Mutex
	process *process // nil while it does not run
}

// process is one run of the server.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

var (
	sharedOnce   sync.Once
	sharedServer *Server
	errShared    error
)

// Shared returns the server that all tests of this process share, started by the first
// call. It ends with the process. Tests keep apart by [Prefix].
func Shared(t TB) *Server {
	t.Helper()
	p := need(t)
	sharedOnce.Do(func() { sharedServer, errShared = start(p, Options{}) })
	if errShared != nil {
		t.Fatal(errShared)
	}
	return sharedServer
}

// Prefix returns a prefix that no other call of it returns.
func Prefix() string { return "test-" + rand.Text() }

// Start starts a server for one test.
func Start(t TB, o Options) *Server {
	t.Helper()
	s, err := start(need(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func start(p *programs, o Options) (*Server, error) {
	s, err := newServer(p, o)
	if err != nil {
		return nil, err
	}
	err = p.run(s.dir, "initdb", "--pgdata=data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if err == nil {
		err = s.run()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func newServer(p *programs, o Options) (*Server, error) {
	dir, remove, err := p.folder()
	if err != nil {
		return nil, err
	}
	return &Server{programs: p, options: o, dir: dir, close: remove}, nil
}

// Addr is "host:port". It stays the same when the server runs again.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the address of the database postgres, for its superuser.
func (s *Server) URL() string { return URL(s.Addr()) }

// URL is the address of the database of a server, or of what stands before one.
func URL(addr string) string { return "postgres://postgres@" + addr + "/postgres?sslmode=disable" }

// Pool returns a pool on the server, closed when the test ends.
func (s *Server) Pool(t TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Exec executes statements, separated by semicolons, as the superuser.
func (s *Server) Exec(t TB, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyTimeout)
	defer cancel()
	if err := s.exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) exec(ctx context.Context, sql string) error {
	c, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	_, err = c.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// Run starts the server again after Stop or Kill.
func (s *Server) Run(t TB) {
	t.Helper()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

// Stop has the server end in good order, and its clients' sessions with it.
func (s *Server) Stop(t TB) {
	t.Helper()
	if err := s.end(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the server as in a crash: it writes nothing more, and recovers when it
// runs again.
func (s *Server) Kill(t TB) {
	t.Helper()
	if err := s.end(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
}

// run starts the server and waits until it answers.
func (s *Server) run() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for range 10 { // another process may take the port first
		if s.port == 0 {
			if s.port, err = freePort(); err != nil {
				return err
			}
		}
		var taken bool
		if taken, err = s.tryRun(); err == nil || !taken {
			return err
		}
		s.port = 0
	}
	return err
}

func (s *Server) settings() []string {
	settings := map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(s.port), "unix_socket_directories": "",
		"max_connections": "400", "shared_buffers": "64MB", "log_min_messages": "fatal", "hot_standby": "on",
		"fsync": onOff(s.options.Durable), "full_page_writes": onOff(s.options.Durable), "synchronous_commit": onOff(s.options.Durable),
	}
	maps.Copy(settings, s.options.Settings)
	args := []string{"-D", "data"}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// tryRun starts the server. It reports whether the port was taken.
func (s *Server) tryRun() (taken bool, err error) {
	out, err := os.OpenFile(filepath.Join(s.dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	defer func() { _ = out.Close() }() // the server has its own handle
	cmd := s.programs.command(s.dir, "postgres", s.settings()...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return false, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is for the log to say
		close(p.done)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	for {
		if err = s.exec(ctx, "SELECT 1"); err == nil {
			s.process = p
			return false, nil
		}
		select {
		case <-p.done:
			text, _ := os.ReadFile(filepath.Join(s.dir, "server.log"))
			return strings.Contains(string(text), "Address already in use"), fmt.Errorf("postgres has ended:\n%s", text)
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGQUIT)
			return false, fmt.Errorf("postgres does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end ends the server with a signal.
func (s *Server) end(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	if err := s.process.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.process.done:
		s.process = nil
		return nil
	case <-time.After(readyTimeout):
		return fmt.Errorf("postgres (pid %d) did not end on %v", s.process.cmd.Process.Pid, sig)
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
