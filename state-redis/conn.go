package redisstate

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// trackedConn leaves the dialer's books when it closes, and knows since when it
// waits for a reply.
type trackedConn struct {
	net.Conn
	d      *dialer
	addr   string
	age    int64        // the dialer's retired when it was opened
	sent   atomic.Int64 // when the last request left, in ns since 1970; 0 if answered
	socket syscall.RawConn
	sealed bool // what the socket carries is encrypted
	// greeted is set with the first reply. What is sent before is the client's own,
	// and none of the adapter's commands.
	greeted atomic.Bool
	// refusal is why the server will not serve the connection, if it has said so.
	refusal atomic.Pointer[dialError]
}

var errRetired = errors.New("connection is retired")

// findSocket finds what is under the connection.
func (c *trackedConn) findSocket() error {
	under := c.Conn
	if encrypted, ok := under.(*tls.Conn); ok {
		under, c.sealed = encrypted.NetConn(), true
	}
	socket, ok := under.(syscall.Conn)
	if !ok {
		return fmt.Errorf("a connection of the type %T has no socket", under)
	}
	var err error
	c.socket, err = socket.SyscallConn()
	return err
}

// SyscallConn lets go-redis's pool look whether the server has closed an idle
// connection: a command that is sent on it all the same has an unknown outcome. The
// pool looks only at connections that are a syscall.Conn themselves, and at those
// with TLS not at all, as it would take a record of the protocol for a reply. So
// these are looked at here. Whatever waits on an idle one ends it: a server's
// farewell comes before the end of the stream, and tickets for a session come
// before the first reply.
//
// One that was retired looks as if the server had closed it.
func (c *trackedConn) SyscallConn() (syscall.RawConn, error) {
	if c.age != c.d.retired.Load() {
		return nil, errRetired
	}
	if !c.sealed {
		return c.socket, nil
	}
	return lookedAt{}, lookAt(c.socket)
}

// lookedAt is a socket in which there is nothing more to see.
type lookedAt struct{}

func (lookedAt) Control(func(uintptr)) error    { return nil }
func (lookedAt) Read(func(uintptr) bool) error  { return nil }
func (lookedAt) Write(func(uintptr) bool) error { return nil }

func (c *trackedConn) Write(b []byte) (int, error) {
	if refusal := c.refusal.Load(); refusal != nil {
		return 0, refusal
	}
	c.sent.Store(time.Now().UnixNano())
	n, err := c.Conn.Write(b)
	return n, c.unsent(err)
}

func (c *trackedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.sent.Store(0)
		if !c.greeted.Load() {
			c.greet(b[:n])
		}
	}
	return n, c.unsent(err)
}

// unsent marks an error before the server's first reply.
func (c *trackedConn) unsent(err error) error {
	if err == nil || c.greeted.Load() {
		return err
	}
	return &dialError{err: err}
}

// greet reads the first reply. A server that has too many clients, or takes none from
// other machines, says so and closes the connection, whatever it is asked: go-redis
// takes that for an old server, which does not know HELLO, and goes on.
func (c *trackedConn) greet(reply []byte) {
	for _, refusal := range []string{"-ERR max number of clients", "-DENIED "} {
		if bytes.HasPrefix(reply, []byte(refusal)) {
			line, _, _ := bytes.Cut(reply[1:], []byte("\r\n"))
			c.refusal.Store(&dialError{err: replyError(line)})
		}
	}
	c.greeted.Store(true)
}

func (c *trackedConn) Close() error {
	c.d.mu.Lock()
	delete(c.d.conns, c)
	c.d.mu.Unlock()
	return c.Conn.Close()
}
