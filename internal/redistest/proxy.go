package redistest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/chat-adapter/chat-go/internal/machines"
)

// Proxy stands between a client and one server and disturbs what passes. It
// changes no bytes, so TLS passes too. Its methods are safe for concurrent use
// and may be called while clients work.
type Proxy struct {
	t     TB
	proxy *toxiproxy.Proxy
	loss  *replyLoss

	mu     sync.Mutex
	toxics []string // names of those in force
}

// NewProxy starts a proxy in front of a server, such as addr = node.Addr(). It
// ends with the test.
func NewProxy(t TB, addr string) *Proxy {
	t.Helper()
	reserved, err := machines.ReservePort()
	must(t, err)
	listen := net.JoinHostPort(loopback, strconv.Itoa(reserved.Number))
	p, err := startProxy(t, listen, addr)
	must(t, err)
	t.Cleanup(func() {
		p.proxy.Stop()
		reserved.Release()
	})
	return p
}

// startProxy starts a proxy that the caller stops.
func startProxy(t TB, listen, addr string) (*Proxy, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{t: t, proxy: toxiproxy.NewProxy(server, "redistest", listen, addr)}
	var err error
	if p.loss, err = installReplyLoss(p.proxy); err != nil {
		return nil, err
	}
	if err = p.proxy.Start(); err != nil {
		return nil, fmt.Errorf("start a proxy before %s: %w", addr, err)
	}
	return p, nil
}

// Addr is what clients dial instead of the server's address.
func (p *Proxy) Addr() string { return p.proxy.Listen }

// Cut closes all connections and refuses new ones.
func (p *Proxy) Cut() { p.proxy.Stop() }

// Delay lets replies come later by d.
func (p *Proxy) Delay(d time.Duration) {
	p.t.Helper()
	p.add("latency", "downstream", map[string]any{"latency": d.Milliseconds()})
}

// DropReplies lets requests through and no reply: the server executes what
// nobody hears of. Connections stay open.
func (p *Proxy) DropReplies() {
	p.t.Helper()
	p.add("timeout", "downstream", map[string]any{"timeout": 0})
}

// BlackHole lets nothing through in either direction. Connections stay open,
// and new ones are accepted.
func (p *Proxy) BlackHole() {
	p.t.Helper()
	p.add("timeout", "upstream", map[string]any{"timeout": 0})
	p.add("timeout", "downstream", map[string]any{"timeout": 0})
}

// LoseReply lets the server execute the next request that contains text, such
// as the name of a command or a key, and closes its connection instead of
// passing the reply on. Requests pipelined with it lose theirs too. The
// returned channel is closed when that has happened.
func (p *Proxy) LoseReply(text string) (lost <-chan struct{}) {
	return p.loss.plan(text)
}

// Heal ends Cut, Delay, DropReplies and BlackHole. Connections that were
// silenced are closed.
func (p *Proxy) Heal() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range p.toxics {
		if err := p.proxy.Toxics.RemoveToxic(context.Background(), name); err != nil {
			p.t.Errorf("redistest: heal the proxy of %s: %v", name, err)
		}
	}
	p.toxics = nil
	p.proxy.Lock()
	stopped := !p.proxy.Enabled
	p.proxy.Unlock()
	if stopped {
		must(p.t, p.proxy.Start())
	}
}

func (p *Proxy) add(kind, direction string, attributes map[string]any) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	name := fmt.Sprintf("%s-%d", kind, len(p.toxics)+1)
	must(p.t, addToxic(p.proxy, name, kind, direction, attributes))
	p.toxics = append(p.toxics, name)
}

func addToxic(p *toxiproxy.Proxy, name, kind, direction string, attributes map[string]any) error {
	text, err := json.Marshal(map[string]any{
		"name": name, "type": kind, "stream": direction, "attributes": attributes,
	})
	if err != nil {
		return err
	}
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(string(text))); err != nil {
		return fmt.Errorf("add toxic %s: %w", name, err)
	}
	return nil
}
