//go:build faults

package redisstatetest

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// idle opens several connections to every server that holds one of the threads and
// leaves them alone.
func idle(t *testing.T, a *redisstate.Adapter, threads []string) {
	t.Helper()
	for _, id := range threads {
		var callers sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				_, err := a.QueueDepth(t.Context(), id)
				assert.NoError(t, err)
			})
		}
		callers.Wait()
	}
}

// writeOnce makes the calls that are sent once, several at a time on each thread. The
// first of them meet the connections that idle left.
func writeOnce(t *testing.T, a *redisstate.Adapter, threads []string) {
	t.Helper()
	ctx := t.Context()
	var callers sync.WaitGroup
	for _, id := range threads {
		for range 4 {
			callers.Go(func() {
				_, err := a.Enqueue(ctx, id, entryOf("1"), 0)
				assert.NoError(t, err)
				assert.NoError(t, a.AppendToList(ctx, id, []byte("1"), state.ListOptions{TTL: time.Minute}))
				_, err = a.Dequeue(ctx, id)
				assert.NoError(t, err)
				_, err = a.Accept(ctx, id, entryOf("2"), 0)
				assert.NoError(t, err)
				_, err = a.Dequeue(ctx, id)
				assert.NoError(t, err)
			})
		}
	}
	callers.Wait()
}

// connections counts those that the user bot has to the data nodes: the test itself
// is another user.
func connections(t *testing.T, nodes []*redistest.Node) int {
	t.Helper()
	count := 0
	for _, n := range nodes {
		list, err := n.Client(t).ClientList(t.Context()).Result()
		require.NoError(t, err)
		count += strings.Count(list, " user=bot ")
	}
	return count
}

// killConnections closes those of the user bot, until it has finished what it was
// doing and opens none.
func killConnections(t *testing.T, nodes []*redistest.Node) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, n := range nodes {
			assert.NoError(t, n.Client(t).ClientKillByFilter(t.Context(), "user", "bot").Err())
		}
		return connections(t, nodes) == 0
	}, patience, time.Millisecond)
}

// A connection that the server has closed while nobody used it is noticed before
// anything is sent on it: no outcome is unknown.
func TestServerClosesIdleConnections(t *testing.T) {
	t.Parallel()
	var threads []string
	for i := range 6 { // on all masters of a Cluster
		threads = append(threads, thread+string(rune('a'+i)))
	}
	ways := map[string]func(t *testing.T, nodes []*redistest.Node){
		"timeout": func(t *testing.T, nodes []*redistest.Node) {
			for _, n := range nodes {
				require.NoError(t, n.Client(t).ConfigSet(t.Context(), "timeout", "1").Err())
			}
			require.Eventually(t, func() bool { return connections(t, nodes) == 0 }, patience, 20*time.Millisecond)
			for _, n := range nodes {
				require.NoError(t, n.Client(t).ConfigSet(t.Context(), "timeout", "0").Err())
			}
		},
		"kill": killConnections,
		"restart": func(t *testing.T, nodes []*redistest.Node) {
			for _, n := range nodes {
				n.Kill(t)
				n.Start(t)
			}
		},
	}
	for name, encrypted := range map[string]bool{"plain": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := redistest.Options{
				TLS: encrypted, Users: []redistest.User{{Name: "bot", Password: "pass", Rules: "~* &* +@all"}},
				FailureTimeout: time.Minute, // nobody fails over
			}
			everywhere(t, o, func(t *testing.T, d deployment) {
				cfg := patient(d.cfg)
				cfg.Username, cfg.Password, cfg.TLS = "bot", "pass", d.nodes[0].TLSConfig()
				for _, way := range []string{"kill", "timeout", "restart"} {
					for _, off := range []bool{false, true} {
						t.Run(way+map[bool]string{true: " without pipelining"}[off], func(t *testing.T) {
							cfg := cfg
							cfg.Pipelining.Off = off
							a := connect(t, cfg)
							defer a.Close(context.Background())
							idle(t, a, threads)
							require.Positive(t, connections(t, d.nodes))
							ways[way](t, d.nodes)
							d.ready()
							writeOnce(t, a, threads)
						})
					}
				}
			})
		})
	}
}

// A lone message meets connections that a Cluster has closed since the last one. It
// is taken and handled once all the same.
func TestBotOnAClusterThatClosesIdleConnections(t *testing.T) {
	t.Parallel()
	o := redistest.Options{
		NoReplicas: true, Users: []redistest.User{{Name: "bot", Password: "pass", Rules: "~* &* +@all"}},
		FailureTimeout: time.Minute,
	}
	c := redistest.Cluster(t, o)
	cfg := patient(redisstate.Config{URL: c.URL(), Username: "bot", Password: "pass"})
	store := connect(t, cfg)
	fake := chattest.NewFake(chattest.Config{})
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{fake.Adapter()}, State: store,
		Lock: chat.LockConfig{SweepInterval: time.Hour}, // nothing but the message uses a connection
	})
	require.NoError(t, err)
	handled := make(chan chat.MessageID, 100)
	bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		handled <- ev.Message.ID
		return nil
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(ctx) }()
	for i := range 40 {
		m := fake.Message(fake.Thread("c", strconv.Itoa(i)), "@bot hello")
		receipt, err := fake.Send(t.Context(), m)
		require.NoError(t, err, i)
		require.NoError(t, receipt.Wait(t.Context()))
		require.Equal(t, m.ID, <-handled)
		killConnections(t, c.Nodes())
	}
	stop()
	require.NoError(t, <-ended)
	require.Empty(t, handled)
}
