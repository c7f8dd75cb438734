package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chat-adapter/chat-go/internal/machines"
)

// readyTimeout bounds every wait for a server to reach a state.
const readyTimeout = 60 * time.Second

// Options say how a server runs. The zero value is a server for tests that do not look
// at disks: it does not wait for them.
type Options struct {
	// Durable has the server wait for its disk at each commit. Default: it does not.
	Durable bool
	// TLS has it speak TLS, with a certificate that [Server.CAFile] tells. Default: it
	// does not.
	TLS bool
	// Settings are further settings, as in postgresql.conf. Default: none.
	Settings map[string]string
}

// Server is one Postgres server. It lets everyone in, with or without a password. Its
// methods may be called from any goroutine.
type Server struct {
	postgres *postgres
	options  Options
	site     machines.Site
	place    *machines.Place
	primary  *Server // whose data it begins with; nil for a server of its own
	caFile   string

	mu      sync.Mutex // orders starts and ends
	machine machines.Machine
	running bool
}

var shared = sync.OnceValues(func() (*Server, error) {
	p, err := find()
	if err != nil {
		return nil, err
	}
	dir, _, err := folder() // it is removed when the process has ended
	if err != nil {
		return nil, err
	}
	return start(&Server{postgres: p}, dir)
})

// Shared returns the server that all tests of this process share, started by the first
// call. It ends with the process. Tests keep apart by [Prefix].
func Shared(t TB) *Server {
	t.Helper()
	need(t)
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Prefix returns a prefix that no other call of it returns.
func Prefix() string { return "test-" + rand.Text() }

// Start starts a server for one test.
func Start(t TB, o Options) *Server {
	t.Helper()
	return open(t, &Server{postgres: need(t), options: o})
}

// open starts a server that ends with the test.
func open(t TB, s *Server) *Server {
	t.Helper()
	dir, remove, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	if s, err = start(s, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("pgtest: clean up: %v", err)
		}
	})
	return s
}

// folder makes a folder that the server's user finds too, unlike that of a test, and
// that is removed when remove is called or this process ends.
func folder() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "pgtest-"); err != nil {
		return "", nil, err
	}
	forget, err := machines.ReapLater(machines.Folder, dir)
	if err == nil {
		err = os.Chmod(dir, 0o755) //nolint:gosec // others may look at a test's data
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, func() {
		_ = os.RemoveAll(dir)
		forget()
	}, nil
}

func start(s *Server, dir string) (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	var err error
	if s.site, err = s.postgres.Open(ctx, dir, true, false); err != nil {
		return nil, err
	}
	if s.place, err = s.site.Place("postgres", false); err != nil {
		return nil, errors.Join(err, s.close())
	}
	files := map[string]string{}
	if s.options.TLS {
		if s.caFile, err = s.writeCertificate(files, dir); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	if s.machine, err = s.site.Run(ctx, s.place, files, s.command()); err == nil {
		s.running, err = true, s.waitAnswer(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// runScript makes the data of a server that has none, and runs it. Its arguments are
// where the programs are unless they are on PATH, the address of the server whose data
// it takes, and the server's settings.
const runScript = `set -eu
PATH="$PATH:$1" primary=$2
shift 2
umask 077
if [ -e server.key ]; then cat server.key >own.key; fi
if ! [ -e db/PG_VERSION ]; then
	if [ -n "$primary" ]; then
		pg_basebackup --pgdata=db --write-recovery-conf --checkpoint=fast --no-sync --dbname="$primary"
	else
		initdb --pgdata=db --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >initdb.log
		echo 'host all,replication all all trust' >>db/pg_hba.conf
	fi
fi
exec postgres -D db "$@"`

// command runs runScript.
func (s *Server) command() []string {
	settings := map[string]string{
		"listen_addresses": s.place.Bind, "port": strconv.Itoa(s.place.ListenPort), "unix_socket_directories": "",
		"max_connections": "400", "shared_buffers": "64MB", "log_min_messages": "fatal", "hot_standby": "on",
		"fsync": onOff(s.options.Durable), "full_page_writes": onOff(s.options.Durable), "synchronous_commit": onOff(s.options.Durable),
	}
	if s.options.TLS {
		maps.Copy(settings, map[string]string{"ssl": "on", "ssl_cert_file": s.place.Dir + "/server.crt", "ssl_key_file": s.place.Dir + "/own.key"})
	}
	maps.Copy(settings, s.options.Settings)
	primary := ""
	if s.primary != nil {
		primary = s.primary.URL()
	}
	args := []string{"-c", runScript, "sh", s.postgres.path, primary}
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

// Addr is "host:port". It stays the same when the server runs again.
func (s *Server) Addr() string {
	return net.JoinHostPort(s.site.Host(), strconv.Itoa(s.place.Port))
}

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
	s.control(t, func(ctx context.Context) error {
		if s.running {
			return nil
		}
		if err := s.machine.Start(ctx); err != nil {
			return err
		}
		s.running = true
		return s.waitAnswer(ctx)
	})
}

// Stop has the server end in good order, and its clients' sessions with it.
func (s *Server) Stop(t TB) {
	t.Helper()
	s.end(t, func(ctx context.Context) error { return s.machine.Stop(ctx) })
}

// Kill ends the server as in a crash: it writes nothing more, and recovers when it
// runs again.
func (s *Server) Kill(t TB) {
	t.Helper()
	s.end(t, func(ctx context.Context) error { return s.machine.Kill(ctx) })
}

func (s *Server) end(t TB, end func(context.Context) error) {
	t.Helper()
	s.control(t, func(ctx context.Context) error {
		if !s.running {
			return nil
		}
		s.running = false
		return end(ctx)
	})
}

func (s *Server) control(t TB, do func(context.Context) error) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	// Not the test's context: servers are also controlled in cleanups.
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	if err := do(ctx); err != nil {
		t.Fatal(err)
	}
}

// waitAnswer waits until the server answers.
func (s *Server) waitAnswer(ctx context.Context) error {
	for {
		err := s.exec(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		if s.machine.Exited(ctx) {
			return fmt.Errorf("postgres has ended:\n%s", strings.TrimSpace(s.machine.Log(ctx)))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w\n%s", err, s.machine.Log(context.WithoutCancel(ctx)))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// close removes the server, whatever state it is in.
func (s *Server) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	s.running = false
	if s.machine != nil {
		if err := s.machine.Remove(ctx); err != nil {
			return err
		}
	}
	if s.place != nil {
		s.place.Release()
	}
	return s.site.Close(ctx)
}
