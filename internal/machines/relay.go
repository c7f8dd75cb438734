package machines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// switchboard carries the connections of local nodes, so that it can separate
// one node from all others and from the test. It tells its callers apart by the
// source address: each node's own connections come from an address of its own
// in 127.0.0.0/8.
type switchboard struct {
	mu        sync.Mutex
	bySource  map[string]*Place
	cut       map[*Place]bool
	calls     map[*call]bool
	listeners []net.Listener
	closed    bool
	running   sync.WaitGroup
}

// call is one connection and its ends.
type call struct {
	from   *Place // nil for the test
	to     *Place
	caller net.Conn
	callee net.Conn // nil if it was cut when it came
}

func newSwitchboard() *switchboard {
	return &switchboard{bySource: map[string]*Place{}, cut: map[*Place]bool{}, calls: map[*call]bool{}}
}

// connect gives the place listening ports of its own and relays the announced
// ones to them.
func (s *switchboard) connect(p *Place) error {
	p.Source = fmt.Sprintf("127.77.%d.%d", p.Port>>8, p.Port&0xff)
	s.mu.Lock()
	s.bySource[p.Source] = p
	s.mu.Unlock()
	var err error
	if p.ListenPort, err = s.relay(p, p.Port); err != nil {
		return err
	}
	if p.BusPort != 0 {
		p.ListenBusPort, err = s.relay(p, p.BusPort)
	}
	return err
}

// relay listens at the announced port and returns the port that it calls.
func (s *switchboard) relay(p *Place, announced int) (int, error) {
	target, err := p.ReservePort()
	if err != nil {
		return 0, err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(loopback, strconv.Itoa(announced)))
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.listeners = append(s.listeners, l)
	s.mu.Unlock()
	s.running.Go(func() { s.accept(l, p, net.JoinHostPort(loopback, strconv.Itoa(target))) })
	return target, nil
}

func (s *switchboard) accept(l net.Listener, to *Place, target string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed
		}
		s.running.Go(func() { s.serve(conn, to, target) })
	}
}

func (s *switchboard) serve(caller net.Conn, to *Place, target string) {
	host, _, err := net.SplitHostPort(caller.RemoteAddr().String())
	if err != nil {
		_ = caller.Close()
		return
	}
	c := &call{to: to, caller: caller}
	s.mu.Lock()
	c.from = s.bySource[host]
	held := s.isCut(c)
	if s.closed {
		s.mu.Unlock()
		_ = caller.Close()
		return
	}
	s.calls[c] = true
	s.mu.Unlock()
	if held {
		return // the caller waits for an answer until restore
	}
	callee, err := new(net.Dialer).Dial("tcp", target)
	if err != nil {
		s.hangUp(c) // the server is not running
		return
	}
	s.mu.Lock()
	if !s.calls[c] {
		s.mu.Unlock()
		_ = callee.Close()
		return
	}
	c.callee = callee
	if s.isCut(c) {
		silence(c)
	}
	s.mu.Unlock()

	var both sync.WaitGroup
	both.Go(func() { s.carry(c, callee, caller) })
	both.Go(func() { s.carry(c, caller, callee) })
	both.Wait()
}

// carry copies one direction until an end closes or the call is silenced.
func (s *switchboard) carry(c *call, dst, src net.Conn) {
	_, err := io.Copy(dst, src)
	if netErr, ok := errors.AsType[net.Error](err); ok && netErr.Timeout() {
		return // silenced: both ends stay open
	}
	s.hangUp(c)
}

func (s *switchboard) isCut(c *call) bool { return s.cut[c.to] || c.from != nil && s.cut[c.from] }

// silence stops a call without closing it.
func silence(c *call) {
	past := time.Unix(1, 0)
	_ = c.caller.SetDeadline(past)
	if c.callee != nil {
		_ = c.callee.SetDeadline(past)
	}
}

func (s *switchboard) hangUp(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(c)
}

// end closes the call. s.mu is held.
func (s *switchboard) end(c *call) {
	delete(s.calls, c)
	_ = c.caller.Close()
	if c.callee != nil {
		_ = c.callee.Close()
	}
}

func (s *switchboard) separate(p *Place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut[p] = true
	for c := range s.calls {
		if c.to == p || c.from == p {
			silence(c)
		}
	}
}

func (s *switchboard) rejoin(p *Place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.cut, p)
	for c := range s.calls {
		if (c.to == p || c.from == p) && !s.isCut(c) {
			s.end(c)
		}
	}
}

func (s *switchboard) close() {
	s.mu.Lock()
	s.closed = true
	for _, l := range s.listeners {
		_ = l.Close()
	}
	for c := range s.calls {
		s.end(c)
	}
	s.mu.Unlock()
	s.running.Wait()
}
