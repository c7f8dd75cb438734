// Package server starts a Redis or a Postgres for a benchmark.
package server

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/internal/pgtest"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

// Start starts the servers of a topology, or uses those at the address.
func Start(kind, address string) (url string, end func(), err error) {
	if address != "" {
		return address, func() {}, nil
	}
	p := &program{}
	defer func() {
		if r := recover(); r != nil {
			p.finish()
			stop, ok := r.(failure)
			if !ok {
				panic(r)
			}
			err = stop
		}
	}()
	o := redistest.Options{Volatile: true, NoReplicas: true}
	switch kind {
	case "standalone":
		return redistest.Standalone(p, o).URL(), p.finish, nil
	case "cluster":
		return strings.TrimSuffix(redistest.Cluster(p, o).URL(), "/"), p.finish, nil
	case "postgres":
		// Volatile, too: else it would be the disk that is measured.
		return pgtest.Start(p, pgtest.Options{}).URL(), p.finish, nil
	default:
		return "", nil, fmt.Errorf("-topology: %q is neither standalone, cluster nor postgres", kind)
	}
}

// program is a redistest.TB and a pgtest.TB outside of a test.
type program struct {
	cleanups []func()
	failed   bool
}

type failure string

func (f failure) Error() string { return string(f) }

func (p *program) Helper()                           {}
func (p *program) Name() string                      { return "bench" }
func (p *program) Context() context.Context          { return context.Background() }
func (p *program) Cleanup(f func())                  { p.cleanups = append(p.cleanups, f) }
func (p *program) Failed() bool                      { return p.failed }
func (p *program) Logf(format string, args ...any)   { fmt.Fprintf(os.Stderr, format+"\n", args...) }
func (p *program) Errorf(format string, args ...any) { p.failed = true; p.Logf(format, args...) }
func (p *program) Fatalf(format string, args ...any) {
	p.failed = true
	panic(failure(fmt.Sprintf(format, args...)))
}

func (p *program) Fatal(args ...any) { p.Fatalf("%s", fmt.Sprint(args...)) }

// Skip fails: a benchmark that was not made has no result.
func (p *program) Skip(args ...any) { p.Fatal(args...) }

func (p *program) TempDir() string {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		p.Fatalf("%v", err)
	}
	p.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (p *program) finish() {
	for _, v := range slices.Backward(p.cleanups) {
		v()
	}
	p.cleanups = nil
}
