package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

const loopback = "127.0.0.1"

// local runs nodes as redis-server processes of this machine.
type local struct{ program string }

func newLocal() (provider, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("no redis-server on PATH: %s", installHint)
	}
	return &local{program: program}, nil
}

func (l *local) open(_ context.Context, dir string, _, cuttable bool) (site, error) {
	s := &localSite{program: l.program, dir: dir}
	if cuttable {
		if runtime.GOOS != "linux" {
			return nil, fmt.Errorf("Options.Cuttable with local processes needs Linux, where all of 127.0.0.0/8 is local: set %s=containers", ProviderEnv)
		}
		s.board = newSwitchboard()
	}
	return s, nil
}

type localSite struct {
	program string
	dir     string
	board   *switchboard // nil unless nodes are cuttable
}

func (*localSite) host() string { return loopback }

func (s *localSite) place(name string, bus bool) (*place, error) {
	p := &place{name: name, dir: filepath.Join(s.dir, name), bind: loopback}
	if err := p.reserve(bus); err != nil {
		return nil, err
	}
	if s.board != nil {
		if err := s.board.connect(p); err != nil {
			p.release()
			return nil, err
		}
	}
	return p, nil
}

func (s *localSite) run(ctx context.Context, p *place, files map[string]string, args []string) (machine, error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	m := &localMachine{program: s.program, args: args, dir: p.dir, place: p, board: s.board}
	return m, m.start(ctx)
}

func (s *localSite) close(context.Context) error {
	if s.board != nil {
		s.board.close()
	}
	return nil
}

type localMachine struct {
	program string
	args    []string
	dir     string
	place   *place
	board   *switchboard

	process *process // nil before the first start
}

// process is one run of the server.
type process struct {
	cmd    *exec.Cmd
	done   chan struct{} // closed when it has ended
	forget func()
}

func (m *localMachine) logPath() string { return filepath.Join(m.dir, "server.log") }

func (m *localMachine) start(context.Context) error {
	out, err := os.OpenFile(m.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // the server has its own handle
	cmd := exec.Command(m.program, m.args...)
	cmd.Dir = m.dir
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	forget, err := reapLater(kindProcess, strconv.Itoa(cmd.Process.Pid))
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return err
	}
	p := &process{cmd: cmd, done: make(chan struct{}), forget: forget}
	go func() {
		_ = cmd.Wait() // how it ended is for the log to say
		p.forget()
		close(p.done)
	}()
	m.process = p
	return nil
}

func (m *localMachine) signal(s os.Signal) error {
	err := m.process.cmd.Process.Signal(s)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

func (m *localMachine) end(ctx context.Context, s os.Signal) error {
	if err := m.signal(s); err != nil {
		return err
	}
	select {
	case <-m.process.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("redis-server (pid %d) did not end on %v: %w", m.process.cmd.Process.Pid, s, ctx.Err())
	}
}

func (m *localMachine) stop(ctx context.Context) error   { return m.end(ctx, syscall.SIGTERM) }
func (m *localMachine) kill(ctx context.Context) error   { return m.end(ctx, syscall.SIGKILL) }
func (m *localMachine) pause(context.Context) error      { return m.signal(syscall.SIGSTOP) }
func (m *localMachine) unpause(context.Context) error    { return m.signal(syscall.SIGCONT) }
func (m *localMachine) remove(ctx context.Context) error { return m.kill(ctx) }

func (m *localMachine) cut(context.Context) error {
	if m.board == nil {
		return errNotCuttable
	}
	m.board.separate(m.place)
	return nil
}

func (m *localMachine) restore(context.Context) error {
	m.board.rejoin(m.place)
	return nil
}

var errNotCuttable = errors.New("a local process can be cut from the network only if Options.Cuttable is set")

func (m *localMachine) exited(context.Context) bool {
	select {
	case <-m.process.done:
		return true
	default:
		return false
	}
}

func (m *localMachine) log(context.Context) string {
	text, err := os.ReadFile(m.logPath())
	if err != nil {
		return err.Error()
	}
	return string(text)
}
