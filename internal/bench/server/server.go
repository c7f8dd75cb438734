// Package server starts a Redis or a Postgres for a benchmark.
package server

import (
	"context"
	"strings"

	"github.com/chat-adapter/chat-go/internal/pgtest"
	"github.com/chat-adapter/chat-go/internal/program"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

// Start starts the servers of a topology, or uses those at the address.
func Start(kind, address string) (url string, end func(), err error) {
	if address != "" {
		return address, func() {}, nil
	}
	p := program.New(context.Background(), "bench")
	err = p.Do(func() { url = start(p, kind) })
	if err != nil {
		p.Finish()
		return "", nil, err
	}
	return url, p.Finish, nil
}

func start(p *program.TB, kind string) (url string) {
	o := redistest.Options{Volatile: true, NoReplicas: true}
	switch kind {
	case "standalone":
		return redistest.Standalone(p, o).URL()
	case "cluster":
		return strings.TrimSuffix(redistest.Cluster(p, o).URL(), "/")
	case "postgres":
		// Volatile, too: else it would be the disk that is measured.
		return pgtest.Start(p, pgtest.Options{}).URL()
	default:
		p.Fatalf("-topology: %q is neither standalone, cluster nor postgres", kind)
		return ""
	}
}
