package machines

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

// local runs servers as processes of this machine.
type local struct{ program Program }

func newLocal(program Program) (Provider, error) {
	if program.Missing != nil {
		return nil, program.Missing
	}
	return &local{program: program}, nil
}

func (l *local) Open(_ context.Context, dir string, _, cuttable bool) (Site, error) {
	s := &localSite{program: l.program, dir: dir}
	if cuttable {
		if runtime.GOOS != "linux" {
			return nil, fmt.Errorf("Options.Cuttable with local processes needs Linux, where all of 127.0.0.0/8 is local: set %s=containers", l.program.ProviderEnv)
		}
		s.board = newSwitchboard()
	}
	return s, nil
}

type localSite struct {
	program Program
	dir     string
	board   *switchboard // nil unless nodes are cuttable
}

func (*localSite) Host() string { return loopback }

func (s *localSite) Place(name string, bus bool) (*Place, error) {
	p := &Place{name: name, Dir: filepath.Join(s.dir, name), Bind: loopback}
	if err := p.reserve(bus); err != nil {
		return nil, err
	}
	if s.board != nil {
		if err := s.board.connect(p); err != nil {
			p.Release()
			return nil, err
		}
	}
	return p, nil
}

func (s *localSite) Run(ctx context.Context, p *Place, files map[string]string, args []string) (Machine, error) {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.give(p.Dir); err != nil {
		return nil, err
	}
	for name, text := range files {
		file := filepath.Join(p.Dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
		if err := s.give(file); err != nil {
			return nil, err
		}
	}
	m := &localMachine{program: s.program, args: args, dir: p.Dir, place: p, board: s.board}
	if err := m.Start(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// give makes the server's user the owner of a file or folder.
func (s *localSite) give(path string) error {
	if c := s.program.Credential; c != nil {
		return os.Chown(path, int(c.Uid), int(c.Gid))
	}
	return nil
}

func (s *localSite) Close(context.Context) error {
	if s.board != nil {
		s.board.close()
	}
	return nil
}

type localMachine struct {
	program Program
	args    []string
	dir     string
	place   *Place
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

func (m *localMachine) Start(context.Context) error {
	out, err := os.OpenFile(m.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()             // the server has its own handle
	cmd := exec.Command(m.program.Path, m.args...) //nolint:gosec // it is the server
	cmd.Dir = m.dir
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: m.program.Credential}
	if err := cmd.Start(); err != nil {
		return err
	}
	forget, err := ReapLater(Process, strconv.Itoa(cmd.Process.Pid))
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
		return fmt.Errorf("%s (pid %d) did not end on %v: %w", m.program.Name, m.process.cmd.Process.Pid, s, ctx.Err())
	}
}

func (m *localMachine) Stop(ctx context.Context) error   { return m.end(ctx, m.program.StopSignal) }
func (m *localMachine) Kill(ctx context.Context) error   { return m.end(ctx, m.program.KillSignal) }
func (m *localMachine) Pause(context.Context) error      { return m.signal(syscall.SIGSTOP) }
func (m *localMachine) Unpause(context.Context) error    { return m.signal(syscall.SIGCONT) }
func (m *localMachine) Remove(ctx context.Context) error { return m.Kill(ctx) }

func (m *localMachine) Cut(context.Context) error {
	if m.board == nil {
		return errNotCuttable
	}
	m.board.separate(m.place)
	return nil
}

func (m *localMachine) Restore(context.Context) error {
	m.board.rejoin(m.place)
	return nil
}

var errNotCuttable = errors.New("a local process can be cut from the network only if Options.Cuttable is set")

func (m *localMachine) Exited(context.Context) bool {
	select {
	case <-m.process.done:
		return true
	default:
		return false
	}
}

func (m *localMachine) Log(context.Context) string {
	text, err := os.ReadFile(m.logPath())
	if err != nil {
		return err.Error()
	}
	return string(text)
}
