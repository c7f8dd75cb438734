//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd || solaris || illumos

package redisstate

import (
	"errors"
	"io"
	"syscall"
)

var errStray = errors.New("data that nobody asked for")

// lookAt returns an error if the other side has closed the idle connection, or has
// sent something on it. It reads nothing.
func lookAt(socket syscall.RawConn) error {
	var state error
	err := socket.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case n > 0:
			state = errStray
		case err == nil:
			state = io.EOF
		case !errors.Is(err, syscall.EAGAIN):
			state = err
		}
		return true
	})
	if err != nil {
		return err
	}
	return state
}
