package redisstate

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// name is a name in front of servers: new connections go where it points, and old
// ones stay where they are.
type name struct {
	addr   string
	target atomic.Pointer[string]
}

func newName(t *testing.T, target string) *name {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	n := &name{addr: l.Addr().String()}
	n.target.Store(&target)
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", *n.target.Load())
			if err != nil {
				_ = in.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(way[0], way[1])
					_ = way[0].Close()
				}()
			}
		}
	}()
	return n
}

// After a failover behind a name the old connections lead to what is a replica now.
// The first write that it refuses is sent again once, to the new master, and nothing
// is read from the old one any more.
func TestFailoverBehindAName(t *testing.T) {
	for what, p := range map[string]Pipelining{"pipelined": {}, "plain": {Off: true}} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			old, next := newServer(t), newServer(t)
			n := newName(t, old.addr)
			a := connect(t, Config{URL: "redis://" + n.addr, Pipelining: p, Retry: Retry{Max: 1}})
			ctx := t.Context()
			var callers sync.WaitGroup
			for range 16 { // several connections
				callers.Go(func() { assert.NoError(t, a.Set(ctx, "k", []byte("old"), 0)) })
			}
			callers.Wait()
			require.NoError(t, next.client().Set(ctx, "chat-sdk:cache:k", "new", 0).Err())
			n.target.Store(&next.addr)
			require.NoError(t, old.client().Do(ctx, "replicaof", "127.0.0.1", "1").Err())

			depth, err := a.Accept(ctx, "q", entry("1", time.Minute), 0)
			require.NoError(t, err)
			require.Equal(t, 1, depth)
			require.EqualValues(t, 1, next.client().LLen(ctx, "chat-sdk:queue:q").Val())
			for range 16 {
				callers.Go(func() {
					for range 20 {
						got, err := a.Get(ctx, "k")
						assert.NoError(t, err)
						assert.Equal(t, "new", string(got))
					}
				})
			}
			callers.Wait()
		})
	}
}
