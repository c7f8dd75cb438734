package statetest

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between an adapter and a backend that speaks TCP, and disturbs what
// passes. It changes no bytes, so TLS passes too. Its methods are what the hooks of
// [Features] need, and are safe for concurrent use.
type Proxy struct {
	listener net.Listener
	backend  string

	mu     sync.Mutex
	passes chan struct{} // closed while bytes pass
	delay  time.Duration
	loss   *loss // of the next reply; nil if none is to be lost
	conns  map[net.Conn]bool
	open   int
	made   int
	done   bool
	wg     sync.WaitGroup
}

// loss is a reply that is to be lost.
type loss struct {
	skip int // requests that come before
	lost bool
}

// NewProxy starts a proxy in front of the backend's address, such as
// "127.0.0.1:5432". It ends with the test.
func NewProxy(tb testing.TB, addr string) *Proxy {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: listener, backend: addr, passes: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(p.passes)
	p.wg.Go(p.serve)
	tb.Cleanup(p.close)
	return p
}

// Addr is what the adapter dials instead of the backend's address.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Silence has no byte pass until it is called with false: connections stay open,
// and new ones are accepted.
func (p *Proxy) Silence(silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.passes:
		if silent {
			p.passes = make(chan struct{})
		}
	default:
		if !silent {
			close(p.passes)
		}
	}
}

// Delay has each reply come later by d, as on a longer way: replies that come at the
// same time are late at the same time.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// LoseReply has the backend take skip further requests as ever, and one more whose
// reply is lost: when it comes, the connection is closed instead. lost reports
// whether that has happened, and ends the waiting for it.
func (p *Proxy) LoseReply(skip int) (lost func() bool) {
	l := &loss{skip: skip}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loss = l
	return func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.loss == l {
			p.loss = nil
		}
		return l.lost
	}
}

// Connections returns how many connections are open, and how many there have been.
func (p *Proxy) Connections() (open, made int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open, p.made
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.connect(client) })
	}
}

// connect passes what a client and the backend say to each other.
func (p *Proxy) connect(client net.Conn) {
	defer func() { _ = client.Close() }()
	backend, err := net.Dial("tcp", p.backend)
	if err != nil {
		return
	}
	defer func() { _ = backend.Close() }()
	if !p.keep(client, backend) {
		return
	}
	c := &proxied{proxy: p, client: client, backend: backend}
	var both sync.WaitGroup
	both.Go(func() { c.pass(backend, client, c.request) })
	both.Go(func() { c.pass(client, backend, c.reply) })
	both.Wait()
	p.forget(client, backend)
}

// keep remembers a connection for close, and reports whether it is not too late.
func (p *Proxy) keep(client, backend net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return false
	}
	p.conns[client], p.conns[backend] = true, true
	p.open++
	p.made++
	return true
}

func (p *Proxy) forget(client, backend net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
	delete(p.conns, backend)
	p.open--
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.Silence(false)
	p.mu.Lock()
	p.done = true
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// proxied is one connection through a proxy. Its fields are guarded by the
// proxy's mu.
type proxied struct {
	proxy           *Proxy
	client, backend net.Conn

	asking bool  // a request has begun that has no reply yet
	losing *loss // what the next reply is
}

// pass copies bytes one way until a side is closed, or the look at them says that
// they do not pass, and then closes both.
func (c *proxied) pass(to, from net.Conn, look func() (passes bool, delay time.Duration)) {
	var writer sync.WaitGroup
	// What is delayed waits here, so that it holds up nothing that is read after it.
	line := make(chan delayed, 1024)
	writer.Go(func() {
		for d := range line {
			time.Sleep(time.Until(d.due))
			if _, err := to.Write(d.bytes); err != nil {
				_ = from.Close()
			}
		}
	})
	defer func() {
		close(line)
		writer.Wait()
		_ = to.Close()
		_ = from.Close()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		c.proxy.awaitPassage()
		if n > 0 {
			passes, delay := look()
			if !passes {
				return
			}
			line <- delayed{bytes.Clone(buf[:n]), time.Now().Add(delay)}
		}
		if err != nil {
			return
		}
	}
}

// delayed is bytes that are to be passed on when they are due.
type delayed struct {
	bytes []byte
	due   time.Time
}

func (p *Proxy) awaitPassage() {
	p.mu.Lock()
	passes := p.passes
	p.mu.Unlock()
	<-passes
}

// request looks at bytes of the client.
func (c *proxied) request() (passes bool, delay time.Duration) {
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	l := c.proxy.loss
	if begins := !c.asking; begins && l != nil {
		if l.skip == 0 {
			c.losing, c.proxy.loss = l, nil
		}
		l.skip--
	}
	c.asking = true
	return true, 0
}

// reply looks at bytes of the backend.
func (c *proxied) reply() (passes bool, delay time.Duration) {
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	c.asking = false
	if c.losing != nil {
		c.losing.lost = true
		return false, 0
	}
	return true, c.proxy.delay
}
