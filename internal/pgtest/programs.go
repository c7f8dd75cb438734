package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

// RequiredEnv names the environment variable that makes a missing Postgres a failure.
const RequiredEnv = "PGTEST_REQUIRED"

// TB is the part of [testing.TB] that this package needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Logf(format string, args ...any)
	Fatal(args ...any)
	Skip(args ...any)
}

// programs are where Postgres is, and who runs it.
type programs struct {
	dir        string
	credential *syscall.Credential // nil for the user of this process
}

var find = sync.OnceValues(func() (*programs, error) {
	dir, err := findPrograms()
	if err != nil {
		return nil, err
	}
	p := &programs{dir: dir}
	if os.Geteuid() == 0 {
		if p.credential, err = credentialOf("postgres"); err != nil {
			return nil, err
		}
	}
	return p, nil
})

func findPrograms() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errors.New("this machine has no Postgres: install it (Debian: apt-get install postgresql)")
	}
	newest := slices.MaxFunc(found, func(x, y string) int { return versionOf(x) - versionOf(y) })
	return filepath.Dir(newest), nil
}

// versionOf returns the version in a path of Debian's, 0 if there is none.
func versionOf(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

func credentialOf(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("postgres does not run as root, and there is no user to run it: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// need returns the programs, or skips or fails the test.
func need(t TB) *programs {
	t.Helper()
	p, err := find()
	if err != nil {
		lack(t, err)
	}
	return p
}

// lack skips or fails a test that cannot have what it needs.
func lack(t TB, err error) {
	t.Helper()
	if os.Getenv(RequiredEnv) != "" {
		t.Fatal(err)
	}
	t.Skip("skip: ", err)
}

// command prepares a program of Postgres's. It is in a process group of its own: an
// interrupt from the terminal must not end it.
func (p *programs) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.dir, name), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: p.credential}
	return cmd
}

// run runs a program to its end.
func (p *programs) run(dir, name string, args ...string) error {
	if out, err := p.command(dir, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// folder makes a folder that belongs to whoever runs the server, and that is removed
// when close is called or this process ends: a shell waits for the end of its input,
// ends the server that is still there, and removes the folder.
func (p *programs) folder() (dir string, close func(), err error) {
	if dir, err = os.MkdirTemp("", "pgtest-"); err != nil {
		return "", nil, err
	}
	if p.credential != nil {
		if err := os.Chown(dir, int(p.credential.Uid), int(p.credential.Gid)); err != nil {
			return "", nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	const guard = `cd / && read -r _
pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null && while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$0"`
	cmd := exec.Command("/bin/sh", "-c", guard, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, func() {
		_ = pipe.Close()
		_ = cmd.Wait()
	}, nil
}
