package redistest

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/chat-adapter/chat-go/internal/machines"
)

// group is the set of nodes that one call starts.
type group struct {
	t       TB // nil for nodes that no test owns
	site    machines.Site
	options Options
	certs   *certificates

	mu    sync.Mutex
	nodes []*Node
}

// openGroup prepares a group whose nodes live until the test ends.
func openGroup(t TB, o Options, connected bool) *group {
	t.Helper()
	g, err := newGroup(t.TempDir(), o, connected)
	must(t, err)
	g.t = t
	t.Cleanup(func() {
		if t.Failed() {
			g.logTails(t)
		}
		if err := g.close(); err != nil {
			t.Errorf("redistest: clean up: %v", err)
		}
	})
	return g
}

func newGroup(dir string, o Options, connected bool) (*group, error) {
	p, err := chosen()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), controlTimeout)
	defer cancel()
	s, err := p.Open(ctx, dir, connected, o.Cuttable)
	if err != nil {
		return nil, err
	}
	g := &group{site: s, options: o}
	if o.TLS {
		if g.certs, err = newCertificates(s.Host()); err != nil {
			return nil, err
		}
	}
	return g, nil
}

type nodeKind int

const (
	dataNode nodeKind = iota
	clusterNode
	sentinelNode
)

// place reserves the addresses of a node that is to be run later.
func (g *group) place(name string, kind nodeKind) (*Node, error) {
	p, err := g.site.Place(name, kind == clusterNode)
	if err != nil {
		return nil, err
	}
	n := &Node{
		name: name, host: g.site.Host(), place: p, options: g.options, certs: g.certs,
		sentinel: kind == sentinelNode,
	}
	n.admin = n.newAdmin()
	g.mu.Lock()
	g.nodes = append(g.nodes, n)
	g.mu.Unlock()
	if g.options.Proxied && kind != sentinelNode {
		return n, g.putProxyBefore(n)
	}
	return n, nil
}

// putProxyBefore has the node's server listen at a port that only its proxy
// knows.
func (g *group) putProxyBefore(n *Node) (err error) {
	if n.place.ListenPort, err = n.place.ReservePort(); err != nil {
		return err
	}
	n.proxy, err = startProxy(g.t, n.Addr(), net.JoinHostPort(n.host, strconv.Itoa(n.place.ListenPort)))
	return err
}

// placeMany places nodes named prefix-1 to prefix-count.
func (g *group) placeMany(prefix string, count int, kind nodeKind) ([]*Node, error) {
	nodes := make([]*Node, count)
	for i := range nodes {
		var err error
		if nodes[i], err = g.place(fmt.Sprintf("%s-%d", prefix, i+1), kind); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// run starts a node with these lines of configuration and waits until it
// answers.
func (g *group) run(ctx context.Context, n *Node, lines []string) error {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	files := g.certs.files()
	files["redis.conf"] = strings.Join(lines, "\n") + "\n"
	args := []string{filepath.ToSlash(filepath.Join(n.place.Dir, "redis.conf"))}
	if n.sentinel {
		args = append(args, "--sentinel")
	}
	m, err := g.site.Run(ctx, n.place, files, args)
	if err != nil {
		return fmt.Errorf("start %s: %w", n.name, err)
	}
	n.mu.Lock()
	n.machine, n.running = m, true
	n.mu.Unlock()
	if err := n.waitAnswer(ctx); err != nil {
		return fmt.Errorf("start %s: %w", n.name, err)
	}
	return nil
}

// logTails shows what the servers said, for a test that failed.
func (g *group) logTails(t TB) {
	ctx, cancel := context.WithTimeout(context.Background(), controlTimeout)
	defer cancel()
	for _, n := range g.snapshot() {
		t.Logf("%s", n.logTail(ctx))
	}
}

func (g *group) snapshot() []*Node {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.nodes)
}

// close removes all nodes, whatever state they are in.
func (g *group) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), controlTimeout)
	defer cancel()
	nodes := g.snapshot()
	err := inParallel(nodes, func(n *Node) error {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.running = false
		_ = n.admin.Close()
		if n.machine != nil {
			if err := n.machine.Remove(ctx); err != nil {
				return fmt.Errorf("remove %s: %w", n.name, err)
			}
		}
		if n.proxy != nil {
			n.proxy.proxy.Stop()
		}
		n.place.Release()
		return nil
	})
	if err != nil {
		return err
	}
	return g.site.Close(ctx)
}

// inParallel calls do for each element at once and returns the first error in
// their order.
func inParallel[T any](each []T, do func(T) error) error {
	errs := make([]error, len(each))
	var wg sync.WaitGroup
	for i, e := range each {
		wg.Go(func() { errs[i] = do(e) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func must(t TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
}
