package chaos

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// fleet is the bot processes of a run. It is safe for concurrent use.
type fleet struct {
	settings botSettings // without a name
	faults   *faultLog

	mu      sync.Mutex
	started int
	procs   []*proc // running or stopped
}

// proc is one bot process.
type proc struct {
	name  string
	addr  string
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{} // closed when it has ended
	busy  bool          // a fault has it; guarded by fleet.mu
}

// startTimeout bounds the start of a process, on a machine with other work.
const startTimeout = time.Minute

// start adds a process and returns when it can be reached.
func (f *fleet) start() (*proc, error) {
	f.mu.Lock()
	f.started++
	s := f.settings
	s.Name, s.Epoch = fmt.Sprintf("bot-%d", f.started), epoch
	f.mu.Unlock()

	settings, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(s.Dir, s.Name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own handle
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), botEnv+"="+string(settings))
	cmd.Stderr = log
	// A group of its own: an interrupt from the terminal must not end it first.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &proc{name: s.Name, cmd: cmd, stdin: stdin, done: make(chan struct{})}
	addr := make(chan string, 1)
	go func() {
		out := bufio.NewReader(stdout)
		line, _ := out.ReadString('\n')
		addr <- strings.TrimSpace(line)
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // how it ended is what the test did to it, or in its log
		close(p.done)
	}()
	timer := time.NewTimer(startTimeout)
	defer timer.Stop()
	select {
	case p.addr = <-addr:
	case <-timer.C:
	}
	if p.addr == "" {
		p.end(syscall.SIGKILL)
		return nil, fmt.Errorf("chaos: %s did not start; its log is in %s", s.Name, s.Dir)
	}
	f.mu.Lock()
	f.procs = append(f.procs, p)
	f.mu.Unlock()
	return p, nil
}

// end sends the signal and waits for the end.
func (p *proc) end(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s) // an error means that it has ended
	<-p.done
	_ = p.stdin.Close()
}

// any returns one of the processes, or nil if there is none. Like a load
// balancer it does not know which are paused or about to end.
func (f *fleet) any(r *rand.Rand) *proc {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.procs) == 0 {
		return nil
	}
	return f.procs[r.IntN(len(f.procs))]
}

// claim takes a process for a fault, so that no other fault takes it. It returns
// nil if fewer than two would be left without one.
func (f *fleet) claim(r *rand.Rand) *proc {
	f.mu.Lock()
	defer f.mu.Unlock()
	var free []*proc
	for _, p := range f.procs {
		if !p.busy {
			free = append(free, p)
		}
	}
	if len(free) < 2 {
		return nil
	}
	p := free[r.IntN(len(free))]
	p.busy = true
	return p
}

func (f *fleet) remove(p *proc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, x := range f.procs {
		if x == p {
			f.procs = append(f.procs[:i], f.procs[i+1:]...)
			return
		}
	}
}

// kill ends the process by SIGKILL and starts another.
func (f *fleet) kill(p *proc) error {
	f.crash(p)
	_, err := f.start()
	return err
}

// crash ends the process by SIGKILL.
func (f *fleet) crash(p *proc) {
	ended := f.faults.begin(faultKill, p.name)
	p.end(syscall.SIGKILL)
	ended()
	f.remove(p)
}

// pause stops the process for a time and lets it go on.
func (f *fleet) pause(p *proc, d time.Duration) error {
	ended := f.faults.begin(faultPause, p.name)
	defer ended()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("chaos: pause %s: %w", p.name, err)
	}
	select {
	case <-time.After(d): // the length of the fault
	case <-p.done: // it was killed
		return nil
	}
	err := p.cmd.Process.Signal(syscall.SIGCONT)
	f.mu.Lock()
	p.busy = false
	f.mu.Unlock()
	if err != nil {
		return fmt.Errorf("chaos: resume %s: %w", p.name, err)
	}
	return nil
}

// restart starts another process and then ends this one by SIGTERM. It returns
// how long that took to end.
func (f *fleet) restart(p *proc) (time.Duration, error) {
	if _, err := f.start(); err != nil {
		return 0, err
	}
	at := time.Now()
	ended := f.faults.begin(faultRestart, p.name)
	p.end(syscall.SIGTERM)
	ended()
	f.remove(p)
	return time.Since(at), nil
}

// terminate ends all processes by SIGTERM.
func (f *fleet) terminate() {
	f.mu.Lock()
	procs := f.procs
	f.procs = nil
	f.mu.Unlock()
	var wg sync.WaitGroup
	for _, p := range procs {
		wg.Go(func() { p.end(syscall.SIGTERM) })
	}
	wg.Wait()
}

// close ends all processes, paused ones too.
func (f *fleet) close() {
	f.mu.Lock()
	procs := f.procs
	f.procs = nil
	f.mu.Unlock()
	for _, p := range procs {
		p.end(syscall.SIGKILL)
	}
}
