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

	"github.com/chat-adapter/chat-go/internal/machines"
)

// Names of environment variables.
const (
	// RequiredEnv makes a missing Postgres a failure.
	RequiredEnv = "PGTEST_REQUIRED"
	// ProviderEnv forces a provider: "containers" or "local".
	ProviderEnv = "PGTEST_PROVIDER"
	// ImageEnv names the image that containers run.
	ImageEnv = "PGTEST_IMAGE"
)

// DefaultImage runs in containers unless [ImageEnv] names another. Any image with
// Postgres 14 or newer on its PATH and a user postgres will do.
const DefaultImage = "postgres:17-alpine"

// TB is the part of [testing.TB] that this package needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Fatal(args ...any)
	Skip(args ...any)
}

// postgres is where servers run.
type postgres struct {
	machines.Provider
	path string // where local programs are
}

var find = sync.OnceValues(func() (*postgres, error) {
	p := machines.Program{
		Name: "/bin/sh", Path: "/bin/sh", User: "postgres", Dir: "/var/lib/postgresql", StopSignal: syscall.SIGINT, KillSignal: syscall.SIGQUIT,
		ProviderEnv: ProviderEnv, ImageEnv: ImageEnv, DefaultImage: DefaultImage, MakeImage: "scripts/server-image.sh postgres",
	}
	dir, err := findPrograms()
	if err == nil && os.Geteuid() == 0 {
		p.Credential, err = credentialOf("postgres")
	}
	p.Missing = err
	provider, err := machines.Choose(p)
	return &postgres{Provider: provider, path: dir}, err
})

func findPrograms() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errors.New("this machine has no Postgres: install it (Debian: apt-get install postgresql) or start a Docker engine")
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

// need returns where servers run, or skips or fails the test.
func need(t TB) *postgres {
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
