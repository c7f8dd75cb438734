package exampletest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/internal/botrig"
)

// startTimeout is for a slow machine; a start takes milliseconds.
const startTimeout = 30 * time.Second

var programs string // the folder

// Main builds the examples, and other programs by their folders seen from that of the
// examples, and runs the tests. A package whose tests start processes calls it from
// TestMain.
func Main(m *testing.M, others ...string) int {
	dir, err := os.MkdirTemp("", "examples-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs = dir
	args := []string{"build", "-o", dir}
	if raceEnabled {
		args = append(args, "-race")
	}
	// Test packages stand two folders below the root.
	build := exec.Command("go", append(args, "./agent", "./discord", "./echo", "./reviewer", "./showcase")...)
	build.Args = append(build.Args, others...)
	build.Dir = filepath.Join("..", "..", "examples")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the examples: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// Process is a running example.
type Process struct {
	// Addr is where it listens; it stays the same when it is started again.
	Addr string

	program  string
	stateURL string
	env      []string
	cmd      *exec.Cmd
	log      *botrig.Log
	exited   chan struct{} // closed when the process is gone
	waitErr  error
}

// Start runs the echo example on the state until the test ends.
func Start(t *testing.T, stateURL string) *Process {
	t.Helper()
	return StartExample(t, "echo", stateURL)
}

// StartExample runs the example, or other program, with the name, and with more in its environment, each
// "NAME=value".
func StartExample(t *testing.T, name, stateURL string, env ...string) *Process {
	t.Helper()
	p := &Process{Addr: "127.0.0.1:0", program: filepath.Join(programs, name), stateURL: stateURL, env: env}
	t.Cleanup(func() {
		if p.running() {
			p.Stop(t)
		}
		if t.Failed() {
			t.Logf("log of the example at %s:\n%s", p.Addr, p.log)
		}
	})
	p.Restart(t)
	return p
}

// URL returns where the process serves a path.
func (p *Process) URL(path string) string { return "http://" + p.Addr + path }

// Page returns the address of the chat page.
func (p *Process) Page() string { return p.URL("/webhooks/web/") }

// Restart runs the example again, at the address that it had.
func (p *Process) Restart(t *testing.T) {
	t.Helper()
	if p.running() {
		t.Fatal("the example runs already")
	}
	if p.log == nil {
		p.log = new(botrig.Log)
	}
	p.cmd = exec.Command(p.program)
	p.cmd.Env = append(os.Environ(), "ADDR="+p.Addr, "STATE_URL="+p.stateURL)
	p.cmd.Env = append(p.cmd.Env, p.env...)
	p.cmd.Stderr = p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.exited = make(chan struct{})
	said := make(chan string, 1)
	go func() {
		out := bufio.NewReader(stdout)
		line, _ := out.ReadString('\n')
		said <- line
		_, _ = io.Copy(p.log, out)
		p.waitErr = p.cmd.Wait()
		close(p.exited)
	}()
	select {
	case line := <-said:
		_, rest, ok := strings.Cut(line, "http://")
		if !ok {
			<-p.exited
			t.Fatalf("the example did not start: %v\n%s", p.waitErr, p.log)
		}
		p.Addr = strings.TrimSuffix(strings.TrimSpace(rest), "/")
	case <-time.After(startTimeout):
		_ = p.cmd.Process.Kill()
		t.Fatalf("the example said nothing for %v\n%s", startTimeout, p.log)
	}
}

func (p *Process) running() bool {
	if p.exited == nil {
		return false
	}
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Stop ends the process as an operator would and fails the test if it does not
// end cleanly.
func (p *Process) Stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(startTimeout):
		_ = p.cmd.Process.Kill()
		t.Fatalf("the example did not stop within %v of SIGTERM", startTimeout)
	}
	if p.waitErr != nil {
		t.Errorf("the example ended badly: %v\n%s", p.waitErr, p.log)
	}
}

// Kill ends the process as a crash would.
func (p *Process) Kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.exited
	if strings.Contains(p.log.String(), "DATA RACE") {
		t.Errorf("the example has a data race:\n%s", p.log)
	}
}
