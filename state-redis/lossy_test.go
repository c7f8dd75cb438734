package redisstate

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// lossy is a way to a server on which replies can be lost: the server executes
// the command, and the connection breaks before the answer arrives.
type lossy struct {
	addr string

	mu     sync.Mutex
	target string
	match  string // lose the reply to the next request that contains this
	times  int
	lost   chan struct{} // one value for each reply that was lost
	conns  []net.Conn
}

func newLossy(t *testing.T, target string) *lossy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &lossy{addr: l.Addr().String(), target: target, lost: make(chan struct{}, 100)}
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range p.conns {
			_ = c.Close()
		}
	})
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(in)
		}
	}()
	return p
}

// lose drops the replies to the next requests that contain the text.
func (p *lossy) lose(text string, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.match, p.times = text, times
}

func (p *lossy) serve(in net.Conn) {
	out, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = in.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, in, out)
	p.mu.Unlock()
	var mu sync.Mutex
	losing := false
	go func() { // replies
		buf := make([]byte, 1<<16)
		for {
			n, err := out.Read(buf)
			if err != nil {
				break
			}
			mu.Lock()
			drop := losing
			mu.Unlock()
			if drop {
				p.lost <- struct{}{}
				break
			}
			if _, err := in.Write(buf[:n]); err != nil {
				break
			}
		}
		_ = in.Close()
		_ = out.Close()
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := in.Read(buf)
		if err != nil {
			break
		}
		p.mu.Lock()
		if p.times > 0 && bytes.Contains(buf[:n], []byte(p.match)) {
			p.times--
			mu.Lock()
			losing = true
			mu.Unlock()
		}
		p.mu.Unlock()
		if _, err := io.Copy(out, bytes.NewReader(buf[:n])); err != nil {
			break
		}
	}
	_ = out.Close()
}
