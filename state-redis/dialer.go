package redisstate

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// dialer opens the connections of a client that the adapter made. It knows
// them all, so that Close can break those that hang, and it opens none after.
type dialer struct {
	timeout time.Duration
	tls     *tls.Config
	// host takes the place of an empty one.
	host string
	// mapAddress is Config.MapAddress.
	mapAddress func(string) string
	// retired counts how often all connections were retired.
	retired atomic.Int64
	// last is the last connection that could not be opened.
	last atomic.Pointer[dialFailure]

	mu    sync.Mutex
	done  bool
	conns map[*trackedConn]struct{}
}

// dialError marks a connection that was never made: nothing was sent on it. It
// has no Unwrap method, as go-redis takes off the outer error.
type dialError struct {
	err  error
	addr string // that could not be dialed, or ""
}

func (e *dialError) Error() string        { return e.err.Error() }
func (e *dialError) Is(target error) bool { return errors.Is(e.err, target) }

// As finds the target in the cause.
func (e *dialError) As(target any) bool { return errors.As(e.err, target) }

// deadConn stands for a connection that was never made. go-redis's pool stops
// dialing for up to a second after some failures in a row, even when the server
// is back; given this, it counts no failure and learns of the error at once, on
// the first write.
type deadConn struct{ err error }

func (c deadConn) Read([]byte) (int, error)         { return 0, c.err }
func (c deadConn) Write([]byte) (int, error)        { return 0, c.err }
func (c deadConn) Close() error                     { return nil }
func (c deadConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c deadConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c deadConn) SetDeadline(time.Time) error      { return nil }
func (c deadConn) SetReadDeadline(time.Time) error  { return nil }
func (c deadConn) SetWriteDeadline(time.Time) error { return nil }

var errDialClosed = errors.New("adapter is closed")

func newDialer(cfg *Config) *dialer {
	return &dialer{timeout: cfg.DialTimeout, tls: cfg.TLS, mapAddress: cfg.MapAddress, conns: map[*trackedConn]struct{}{}}
}

// dial is a redis.Options.Dialer. It never fails: see deadConn.
func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.open(ctx, network, addr)
	if err != nil {
		failure := &dialError{err: err, addr: addr}
		d.last.Store(&dialFailure{failure, time.Now()})
		return deadConn{failure}, nil
	}
	return conn, nil
}

// dialFailure is a connection that could not be opened, and when.
type dialFailure struct {
	err *dialError
	at  time.Time
}

// target is where to find the server with the address.
func (d *dialer) target(addr string) string {
	if d.host != "" {
		if host, port, err := net.SplitHostPort(addr); err == nil && (host == "" || host == "?") {
			addr = net.JoinHostPort(d.host, port)
		}
	}
	if d.mapAddress != nil {
		return d.mapAddress(addr)
	}
	return addr
}

func (d *dialer) open(ctx context.Context, network, addr string) (net.Conn, error) {
	d.mu.Lock()
	done := d.done
	d.mu.Unlock()
	if done {
		return nil, errDialClosed
	}
	age := d.retired.Load()
	nd := net.Dialer{Timeout: d.timeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	var conn net.Conn
	var err error
	if target := d.target(addr); d.tls == nil {
		conn, err = nd.DialContext(ctx, network, target)
	} else {
		conn, err = (&tls.Dialer{NetDialer: &nd, Config: d.tls}).DialContext(ctx, network, target)
	}
	if err != nil {
		return nil, err
	}
	t := &trackedConn{Conn: conn, d: d, addr: addr, age: age}
	if err := t.findSocket(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		_ = conn.Close()
		return nil, errDialClosed
	}
	d.conns[t] = struct{}{}
	return t, nil
}

// refuse makes every further dial fail.
func (d *dialer) refuse() {
	d.mu.Lock()
	d.done = true
	d.mu.Unlock()
}

// close refuses and breaks every connection that is open.
func (d *dialer) close() {
	d.mu.Lock()
	d.done = true
	conns := make([]*trackedConn, 0, len(d.conns))
	for c := range d.conns {
		conns = append(conns, c)
	}
	d.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
}

// drop breaks the connections to the addresses that match.
func (d *dialer) drop(match func(addr string) bool) {
	d.mu.Lock()
	var conns []*trackedConn
	for c := range d.conns {
		if match(c.addr) {
			conns = append(conns, c)
		}
	}
	d.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
}

// retire has every connection that is open used no more, once what is on its way on
// it is answered.
func (d *dialer) retire() { d.retired.Add(1) }

// stalled reports whether a connection has waited so long for a reply.
func (d *dialer) stalled(since time.Duration) bool {
	before := time.Now().Add(-since).UnixNano()
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.conns {
		if sent := c.sent.Load(); sent != 0 && sent < before {
			return true
		}
	}
	return false
}
