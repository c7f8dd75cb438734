package redistest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
)

// group is the set of nodes that one call starts.
type group struct {
	site    site
	options Options
	certs   *certificates

	mu    sync.Mutex
	nodes []*Node
}

// openGroup prepares a group whose nodes live until the test ends.
func openGroup(t TB, o Options, connected bool) *group {
	t.Helper()
	g, err := newGroup(t.TempDir(), o, connected)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
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
	s, err := p.open(ctx, dir, connected, o.Cuttable)
	if err != nil {
		return nil, err
	}
	g := &group{site: s, options: o}
	if o.TLS {
		if g.certs, err = newCertificates(s.host()); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// place reserves the addresses of a node that is to be run later.
func (g *group) place(name string, bus bool) (*Node, error) {
	p, err := g.site.place(name, bus)
	if err != nil {
		return nil, err
	}
	n := &Node{name: name, host: g.site.host(), place: p, options: g.options, certs: g.certs}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.nodes = append(g.nodes, n)
	return n, nil
}

// run starts a node with these lines of configuration and waits until it
// answers.
func (g *group) run(ctx context.Context, n *Node, lines []string) error {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	files := g.certs.files()
	files["redis.conf"] = strings.Join(lines, "\n") + "\n"
	args := []string{filepath.ToSlash(filepath.Join(n.place.dir, "redis.conf"))}
	if n.sentinel {
		args = append(args, "--sentinel")
	}
	m, err := g.site.run(ctx, n.place, files, args)
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
	return append([]*Node(nil), g.nodes...)
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
		if n.machine != nil {
			if err := n.machine.remove(ctx); err != nil {
				return fmt.Errorf("remove %s: %w", n.name, err)
			}
		}
		n.place.release()
		return nil
	})
	if err != nil {
		return err
	}
	return g.site.close(ctx)
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
