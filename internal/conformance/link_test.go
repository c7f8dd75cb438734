package conformance

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// link is a TCP connection to a server that can fall silent: connections stay
// open and are even accepted, but no byte passes.
type link struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	open  chan struct{} // closed while bytes pass
	conns map[net.Conn]bool
	done  bool
	wg    sync.WaitGroup
}

func newLink(t *testing.T, target string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, target: target, open: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(l.open)
	l.wg.Go(l.serve)
	t.Cleanup(l.close)
	return l
}

func (l *link) addr() string { return l.listener.Addr().String() }

// silence stops the bytes, or lets them pass again.
func (l *link) silence(silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.open:
		if silent {
			l.open = make(chan struct{})
		}
	default:
		if !silent {
			close(l.open)
		}
	}
}

func (l *link) passing() chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

func (l *link) serve() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.wg.Go(func() {
			defer client.Close()
			server, err := net.Dial("tcp", l.target)
			if err != nil {
				return
			}
			defer server.Close()
			if !l.keep(client, server) {
				return
			}
			var both sync.WaitGroup
			both.Go(func() { l.pass(server, client) })
			both.Go(func() { l.pass(client, server) })
			both.Wait()
		})
	}
}

// keep remembers connections for close, and reports whether it is not too late.
func (l *link) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		l.conns[c] = true
	}
	return !l.done
}

// pass copies bytes one way until a side is closed, and then closes the other.
func (l *link) pass(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		<-l.passing()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				from.Close()
			}
			return
		}
	}
}

func (l *link) close() {
	l.listener.Close()
	l.silence(false)
	l.mu.Lock()
	l.done = true
	for c := range l.conns {
		c.Close()
	}
	l.mu.Unlock()
	l.wg.Wait()
}
