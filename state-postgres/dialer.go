package pgstate

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// dialer opens the connections of a pool and can break them. pgx waits up to 15
// seconds for the end of a connection on which a call was given up, and keeps its
// place in the pool for so long; a server that is away would starve the pool.
type dialer struct {
	net.Dialer

	mu     sync.Mutex
	closed bool
	conns  map[*conn]bool
}

func newDialer(timeout time.Duration) *dialer {
	return &dialer{Dialer: net.Dialer{Timeout: timeout}, conns: map[*conn]bool{}}
}

// watch has the pool's connections opened here.
func (d *dialer) watch(cfg *pgxpool.Config) {
	cfg.ConnConfig.DialFunc = d.dial
	cfg.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		raw := c.Conn()
		h := &abandoner{Handler: &pgconn.DeadlineContextWatcherHandler{Conn: raw}}
		if t, ok := raw.(*tls.Conn); ok {
			raw = t.NetConn()
		}
		h.conn, _ = raw.(*conn)
		return h
	}
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	raw, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, dialer: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		_ = raw.Close()
		return nil, net.ErrClosed
	}
	d.conns[c] = true
	return c, nil
}

// close breaks all connections, and those that are being opened.
func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for c := range d.conns {
		_ = c.Conn.Close()
	}
}

// abandonedTime is how long a connection lasts on which a call was given up: pgx asks
// the server to stop the call meanwhile.
const abandonedTime = time.Second

// conn is a connection that the dialer knows.
type conn struct {
	net.Conn
	dialer    *dialer
	abandoned atomic.Bool
}

func (c *conn) SetDeadline(t time.Time) error {
	if latest := time.Now().Add(abandonedTime); c.abandoned.Load() && t.After(latest) {
		t = latest
	}
	return c.Conn.SetDeadline(t)
}

func (c *conn) Close() error {
	c.dialer.mu.Lock()
	delete(c.dialer.conns, c)
	c.dialer.mu.Unlock()
	return c.Conn.Close()
}

// abandoner marks the connection of a call that was given up.
type abandoner struct {
	ctxwatch.Handler
	conn *conn // nil if another dialer opened it
}

func (h *abandoner) HandleCancel(ctx context.Context) {
	if h.conn != nil {
		h.conn.abandoned.Store(true)
	}
	h.Handler.HandleCancel(ctx)
}
