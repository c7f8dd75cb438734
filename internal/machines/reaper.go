package machines

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// A test process may end without running its cleanups: a time-out, os.Exit, a
// SIGKILL. The reaper then removes what it left. It is the same binary, started
// again; it holds the reading end of a pipe and acts when the other end closes,
// which the system does for a process that dies in whatever way.

const reaperEnv = "CHAT_GO_TEST_REAPER"

func init() {
	if os.Getenv(reaperEnv) == "" {
		return
	}
	reap(os.Stdin)
	os.Exit(0)
}

// Kinds of things that the reaper removes, in the order in which it does.
const (
	Process   = "process"
	Container = "container"
	Network   = "network"
	Folder    = "folder"
)

var reaper struct {
	sync.Mutex
	pipe io.Writer
}

// ReapLater has the reaper remove a thing if this process ends before the
// returned function is called.
func ReapLater(kind, name string) (forget func(), err error) {
	if err := tellReaper("+", kind, name); err != nil {
		return nil, err
	}
	return func() { _ = tellReaper("-", kind, name) }, nil
}

func tellReaper(op, kind, name string) error {
	reaper.Lock()
	defer reaper.Unlock()
	if reaper.pipe == nil {
		pipe, err := startReaper()
		if err != nil {
			return fmt.Errorf("start the process that cleans up after this one: %w", err)
		}
		reaper.pipe = pipe
	}
	_, err := fmt.Fprintf(reaper.pipe, "%s %s %s\n", op, kind, name)
	return err
}

func startReaper() (io.Writer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), reaperEnv+"=1")
	// A group of its own: an interrupt from the terminal must not end it first.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return pipe, cmd.Start()
}

// reap reads what is to be removed until the other process has ended.
func reap(from io.Reader) {
	left := map[string][]string{}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		op, rest, _ := strings.Cut(lines.Text(), " ")
		kind, name, _ := strings.Cut(rest, " ")
		if op == "+" {
			left[kind] = append(left[kind], name)
		} else if i := slices.Index(left[kind], name); i >= 0 {
			left[kind] = slices.Delete(left[kind], i, i+1)
		}
	}
	for _, pid := range left[Process] {
		if n, err := strconv.Atoi(pid); err == nil && n > 1 {
			_ = syscall.Kill(-n, syscall.SIGKILL)
		}
	}
	if len(left[Container])+len(left[Network]) > 0 {
		reapDocker(left[Container], left[Network])
	}
	for _, dir := range left[Folder] {
		_ = os.RemoveAll(dir)
	}
}

func reapDocker(containers, networks []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return
	}
	for _, id := range containers {
		_, _ = docker.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	}
	for _, id := range networks {
		_, _ = docker.NetworkRemove(ctx, id, client.NetworkRemoveOptions{})
	}
}
