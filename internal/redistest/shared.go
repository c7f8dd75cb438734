package redistest

import (
	"context"
	"crypto/rand"
	"os"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/internal/machines"
)

// SharedServer is a test's part of the server that all tests of a process
// share.
type SharedServer struct {
	node   *Node
	prefix string
}

var shared = sync.OnceValues(startShared)

// Shared returns the server that all tests of this process share, started by
// the first call. It ends with the process. Tests keep apart by the prefix,
// and do nothing that concerns the whole server: no FLUSHALL, no pause.
func Shared(t TB) *SharedServer {
	t.Helper()
	n, err := shared()
	must(t, err)
	return &SharedServer{node: n, prefix: "test-" + rand.Text()}
}

func startShared() (*Node, error) {
	// No test owns the folder; the reaper removes it.
	dir, err := os.MkdirTemp("", "redistest-")
	if err != nil {
		return nil, err
	}
	if _, err := machines.ReapLater(machines.Folder, dir); err != nil {
		return nil, err
	}
	o, err := Options{Volatile: true}.withDefaults(0)
	if err != nil {
		return nil, err
	}
	g, err := newGroup(dir, o, false)
	if err != nil {
		return nil, err
	}
	n, err := g.place("shared", dataNode)
	if err != nil {
		return nil, err
	}
	if err := g.run(context.Background(), n, g.serverConfig(n)); err != nil {
		_ = g.close()
		return nil, err
	}
	return n, nil
}

// Prefix is a key prefix that no other call of [Shared] got.
func (s *SharedServer) Prefix() string { return s.prefix }

// Addr is "host:port".
func (s *SharedServer) Addr() string { return s.node.Addr() }

// URL is the address as redis:// URL.
func (s *SharedServer) URL() string { return s.node.URL() }

// ClientOptions returns fresh go-redis options.
func (s *SharedServer) ClientOptions() *redis.Options { return s.node.ClientOptions() }

// Client returns a client that is closed when the test ends.
func (s *SharedServer) Client(t TB) *redis.Client {
	t.Helper()
	return s.node.Client(t)
}
