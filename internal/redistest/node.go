package redistest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/machines"
)

const (
	// readyTimeout bounds every wait for servers to reach a state.
	readyTimeout = 60 * time.Second
	// controlTimeout bounds starting, stopping and disturbing one node.
	controlTimeout = 60 * time.Second
	pollInterval   = 20 * time.Millisecond
)

// Node is one redis-server, in a container or a process of its own.
//
// The methods that disturb it may be called from any goroutine in which the
// given t may fail; each returns when what it says has happened.
type Node struct {
	name     string
	host     string
	place    *machines.Place
	machine  machines.Machine
	options  Options
	certs    *certificates
	sentinel bool
	admin    *redis.Client // for this package's own questions
	proxy    *Proxy        // before the node, if it is proxied

	mu      sync.Mutex // guards what follows and orders the disturbances
	running bool
	paused  bool
	cut     bool
}

// Name is the node's name within its topology, such as "redis-2".
func (n *Node) Name() string { return n.name }

// Addr is "host:port", the same for the test and for other nodes.
func (n *Node) Addr() string { return net.JoinHostPort(n.host, strconv.Itoa(n.place.Port)) }

// Proxy stands before the node, with [Options.Proxied]. Else it is nil.
func (n *Node) Proxy() *Proxy { return n.proxy }

// URL is the node's address as redis:// or rediss:// URL, with the password
// of [Options]. Certificates are not part of it: see [Node.TLSConfig].
func (n *Node) URL() string { return n.options.url("redis", n.Addr()).String() }

// url makes a URL of the given scheme, or of its TLS form.
func (o Options) url(scheme, hosts string) *url.URL {
	if o.TLS {
		scheme = strings.Replace(scheme, "redis", "rediss", 1)
	}
	u := &url.URL{Scheme: scheme, Host: hosts}
	if o.Password != "" {
		u.User = url.UserPassword("default", o.Password)
	}
	return u
}

// ClientOptions returns fresh go-redis options that reach the node as the
// user "default".
func (n *Node) ClientOptions() *redis.Options {
	o := &redis.Options{Addr: n.Addr(), TLSConfig: n.TLSConfig()}
	if !n.sentinel {
		o.Password = n.options.Password
	}
	return o
}

// newAdmin makes a client whose calls fail at once rather than try again.
func (n *Node) newAdmin() *redis.Client {
	o := n.ClientOptions()
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DialTimeout = time.Second
	o.ReadTimeout = 2 * time.Second
	o.ContextTimeoutEnabled = true
	o.PoolSize = 2
	return redis.NewClient(o)
}

// Client returns a client of this node alone, closed when the test ends.
func (n *Node) Client(t TB) *redis.Client {
	t.Helper()
	c := redis.NewClient(n.ClientOptions())
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TLSConfig returns what a client needs to trust the server, and to be trusted
// by it. It is nil without [Options.TLS].
func (n *Node) TLSConfig() *tls.Config { return n.certs.clientConfig() }

// Stop lets the server shut down, as an operator would. The node keeps its
// address, and its data unless it is volatile.
func (n *Node) Stop(t TB) {
	t.Helper()
	n.control(t, "stop", func(ctx context.Context) error {
		if !n.running {
			return nil
		}
		if err := n.resume(ctx); err != nil {
			return err
		}
		n.running = false
		return n.machine.Stop(ctx)
	})
}

// Kill ends the server with SIGKILL.
func (n *Node) Kill(t TB) {
	t.Helper()
	n.control(t, "kill", func(ctx context.Context) error {
		if !n.running {
			return nil
		}
		n.running, n.paused = false, false
		return n.machine.Kill(ctx)
	})
}

// Start starts a stopped or killed node at its old address and waits until it
// answers. The topology may need longer to take it in: see its WaitReady.
func (n *Node) Start(t TB) {
	t.Helper()
	n.control(t, "start", func(ctx context.Context) error {
		if n.running {
			return nil
		}
		if err := n.machine.Start(ctx); err != nil {
			return err
		}
		n.running = true
		if n.cut {
			return nil // nobody can ask it
		}
		return n.waitAnswer(ctx)
	})
}

// Pause freezes the server: its connections stay open and nothing is answered.
func (n *Node) Pause(t TB) {
	t.Helper()
	n.control(t, "pause", func(ctx context.Context) error {
		if n.paused {
			return nil
		}
		if !n.running {
			return errors.New("it is not running")
		}
		n.paused = true
		return n.machine.Pause(ctx)
	})
}

// Unpause lets a paused server go on. It then handles what has arrived
// meanwhile.
func (n *Node) Unpause(t TB) {
	t.Helper()
	n.control(t, "unpause", n.resume)
}

func (n *Node) resume(ctx context.Context) error {
	if !n.paused {
		return nil
	}
	n.paused = false
	return n.machine.Unpause(ctx)
}

// CutFromNetwork separates the node from the test and from all other nodes.
// The server runs on. Local processes need [Options.Cuttable].
func (n *Node) CutFromNetwork(t TB) {
	t.Helper()
	n.control(t, "cut from the network", func(ctx context.Context) error {
		if n.cut {
			return nil
		}
		if err := n.machine.Cut(ctx); err != nil {
			return err
		}
		n.cut = true
		return nil
	})
}

// Restore ends [Node.CutFromNetwork]. Connections from before do not live on.
func (n *Node) Restore(t TB) {
	t.Helper()
	n.control(t, "restore to the network", func(ctx context.Context) error {
		if !n.cut {
			return nil
		}
		if err := n.machine.Restore(ctx); err != nil {
			return err
		}
		n.cut = false
		return nil
	})
}

func (n *Node) control(t TB, what string, do func(context.Context) error) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	// Not the test's context: nodes are also controlled in cleanups.
	ctx, cancel := context.WithTimeout(context.Background(), controlTimeout)
	defer cancel()
	if err := do(ctx); err != nil {
		t.Fatalf("redistest: %s %s: %v", what, n.name, err)
	}
}

// available reports whether the node can be expected to take part.
func (n *Node) available() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.running && !n.paused && !n.cut
}

// waitAnswer waits until the server has loaded its data and answers.
func (n *Node) waitAnswer(ctx context.Context) error {
	err := poll(ctx, func(ctx context.Context) error {
		err := n.admin.Ping(ctx).Err()
		if err != nil && n.machine.Exited(ctx) {
			return stopPolling{errors.New("redis-server has ended")}
		}
		return err
	})
	if err == nil && n.sentinel {
		err = n.hurrySentinel(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w\n%s", err, n.logTail(ctx))
	}
	return nil
}

const logTailLines = 40

// logTail is the end of the server's log.
func (n *Node) logTail(ctx context.Context) string {
	if n.machine == nil {
		return n.name + " was not started"
	}
	lines := strings.Split(strings.TrimSpace(n.machine.Log(context.WithoutCancel(ctx))), "\n")
	lines = lines[max(0, len(lines)-logTailLines):]
	return "log of " + n.name + ":\n" + strings.Join(lines, "\n")
}

// stopPolling wraps an error that no waiting heals.
type stopPolling struct{ error }

// poll calls check until it returns nil and otherwise returns its last error.
func poll(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		attempt, stop := context.WithTimeout(ctx, 2*time.Second)
		err := check(attempt)
		stop()
		if err == nil {
			return nil
		}
		if final, ok := errors.AsType[stopPolling](err); ok {
			return final.error
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

// CertificateFiles writes the certificates of [Node.TLSConfig] into files that
// live until the test ends.
func (n *Node) CertificateFiles(t TB) CertificateFiles {
	t.Helper()
	return n.certs.write(t)
}
