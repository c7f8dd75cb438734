package machines

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Nodes keep their ports while they are stopped, so the ports are reserved for
// the life of a node. They lie below the range from which systems pick the
// ports of outgoing connections (32768 and up on Linux, 49152 on macOS).
const (
	firstPort = 10_000
	lastPort  = 29_999
)

// Port is a TCP port that no other process using this package takes.
type Port struct {
	Number int
	lock   *os.File
}

// ReservePort finds a port that is free on every local address.
func ReservePort() (*Port, error) {
	dir := filepath.Join(os.TempDir(), "chat-go-test-ports")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	// Users of one machine share the folder, whatever the umask.
	_ = os.Chmod(dir, 0o777|os.ModeSticky)
	for range 1000 {
		p, err := tryPort(dir, firstPort+rand.IntN(lastPort-firstPort+1))
		if err != nil {
			return nil, fmt.Errorf("reserve a port: %w", err)
		}
		if p != nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("reserve a port: none of 1000 tried between %d and %d is free", firstPort, lastPort)
}

// tryPort returns nil if the port is taken.
func tryPort(dir string, number int) (*Port, error) {
	path := filepath.Join(dir, strconv.Itoa(number))
	lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if errors.Is(err, os.ErrPermission) {
		return nil, nil // another user's
	}
	if err != nil {
		return nil, err
	}
	if !lockFile(lock, path) || !portIsFree(number) {
		return nil, lock.Close()
	}
	return &Port{Number: number, lock: lock}, nil
}

// lockFile reports whether the lock was got, and on a file that is still the
// one at path: its last owner removes it.
func lockFile(lock *os.File, path string) bool {
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	mine, err := lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(mine, there)
}

func portIsFree(number int) bool {
	for _, host := range []string{"0.0.0.0", "127.0.0.1"} {
		l, err := net.Listen("tcp4", net.JoinHostPort(host, strconv.Itoa(number)))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// Release gives the port back. It is not an error to release twice.
func (p *Port) Release() {
	if p == nil || p.lock == nil {
		return
	}
	_ = os.Remove(p.lock.Name())
	_ = p.lock.Close()
	p.lock = nil
}
