package pgstatetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// accepted is what came of the messages that senders had accepted.
type accepted struct {
	mu       sync.Mutex
	outcomes map[string]error
	last     time.Time // of the latest that succeeded
}

// sendAll has four senders accept messages one after the other until stop is closed.
func sendAll(ctx context.Context, a *pgstate.Adapter, stop <-chan struct{}) (all *accepted, wait func()) {
	all = &accepted{outcomes: map[string]error{}}
	var senders sync.WaitGroup
	for i := range 4 {
		senders.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				message := fmt.Sprintf(`"%d-%d"`, i, n)
				callCtx, cancel := context.WithTimeout(ctx, time.Second)
				_, err := a.Accept(callCtx, fmt.Sprint("thread ", i), entry(message), 0)
				cancel()
				all.mu.Lock()
				all.outcomes[message] = err
				if err == nil {
					all.last = time.Now()
				}
				all.mu.Unlock()
			}
		})
	}
	return all, senders.Wait
}

// awaitAccepted waits until messages are accepted after the moment.
func (all *accepted) await(t *testing.T, since time.Time) {
	t.Helper()
	require.Eventually(t, func() bool {
		all.mu.Lock()
		defer all.mu.Unlock()
		return all.last.After(since)
	}, 30*time.Second, 5*time.Millisecond, "no message is accepted")
}

// check compares what senders were told with what is there: what was accepted is there
// once, in the order of its sender; what failed is not; only what is unknown may be
// either.
func (all *accepted) check(t *testing.T, a *pgstate.Adapter) {
	t.Helper()
	seen := map[string]int{}
	for i := range 4 {
		entries, err := a.Waiting(t.Context(), fmt.Sprint("thread ", i))
		require.NoError(t, err)
		last := -1
		for _, e := range entries {
			seen[string(e.Message)]++
			var sender, n int
			_, err := fmt.Sscanf(string(e.Message), `"%d-%d"`, &sender, &n)
			require.NoError(t, err)
			require.Greater(t, n, last, "the order of one sender")
			last = n
		}
	}
	failed, unknown := 0, 0
	for message, err := range all.outcomes {
		switch {
		case err == nil:
			require.Equal(t, 1, seen[message], "%s was accepted", message)
		case errors.Is(err, state.ErrUnknownOutcome):
			unknown++
			require.LessOrEqual(t, seen[message], 1, message)
		default:
			failed++
			require.ErrorIs(t, err, state.ErrUnavailable)
			require.Zero(t, seen[message], "%s was not accepted: %v", message, err)
		}
	}
	t.Logf("%d messages, %d failed, %d unknown", len(all.outcomes), failed, unknown)
}

// A server that crashes and comes back has every message that was accepted, and the
// adapter goes on by itself.
func TestServerIsKilledAndRunsAgain(t *testing.T) {
	for name, end := range map[string]func(s *pgtest.Server, t pgtest.TB){"crash": (*pgtest.Server).Kill, "shutdown": (*pgtest.Server).Stop} {
		t.Run(name, func(t *testing.T) {
			s := pgtest.Start(t, pgtest.Options{Durable: true})
			a := connect(t, pgstate.Config{URL: s.URL()})
			lock, err := a.AcquireLock(t.Context(), "held", time.Hour)
			require.NoError(t, err)
			stop := make(chan struct{})
			all, wait := sendAll(t.Context(), a, stop)
			for range 2 {
				all.await(t, time.Now())
				end(s, t)
				s.Run(t)
				all.await(t, time.Now())
			}
			close(stop)
			wait()
			all.check(t, a)
			require.NoError(t, a.ExtendLock(t.Context(), lock, time.Hour), "a lock outlives the server")
		})
	}
}

// pair starts a primary whose commits wait for a standby, and returns the URL of both.
func pair(t *testing.T) (primary, standby *pgtest.Server, url string) {
	t.Helper()
	primary = pgtest.Start(t, pgtest.Options{Durable: true})
	standby = primary.Replica(t)
	primary.Exec(t, "ALTER SYSTEM SET synchronous_standby_names = '*'")
	primary.Exec(t, "SELECT pg_reload_conf()")
	return primary, standby, "postgres://postgres@" + primary.Addr() + "," + standby.Addr() + "/postgres?sslmode=disable"
}

// When a standby is promoted that has confirmed each commit, nothing is lost that was
// accepted, and the adapter finds the new primary by the hosts of its URL.
func TestFailover(t *testing.T) {
	primary, standby, url := pair(t)
	a := connect(t, pgstate.Config{URL: url})
	lock, err := a.AcquireLock(t.Context(), "held", time.Hour)
	require.NoError(t, err)
	stop := make(chan struct{})
	all, wait := sendAll(t.Context(), a, stop)
	all.await(t, time.Now())
	primary.Kill(t)
	standby.Promote(t)
	promoted := time.Now()
	all.await(t, promoted)
	close(stop)
	wait()
	all.check(t, a)
	require.NoError(t, a.ExtendLock(t.Context(), lock, time.Hour), "a lock outlives the failover")
	_, err = a.AcquireLock(t.Context(), "held", time.Hour)
	require.ErrorIs(t, err, state.ErrLocked)
}

// A server that has become read-only is left for the primary, although its connections
// stay open.
func TestPrimaryThatBecomesReadOnly(t *testing.T) {
	primary, standby, url := pair(t)
	a := connect(t, pgstate.Config{URL: url})
	require.NoError(t, a.Subscribe(t.Context(), "before"))
	standby.Promote(t)
	primary.Exec(t, "ALTER SYSTEM SET default_transaction_read_only = on")
	primary.Exec(t, "SELECT pg_reload_conf()")
	require.Eventually(t, func() bool { return a.Subscribe(t.Context(), "after") == nil && hasSubscription(t, standby) }, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, a.Check(t.Context()))
}

// hasSubscription reports whether the subscription has come to the server.
func hasSubscription(t *testing.T, s *pgtest.Server) bool {
	t.Helper()
	var there bool
	err := s.Pool(t).QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM chat_go_subscriptions WHERE thread_id = 'after')`).Scan(&there)
	require.NoError(t, err)
	return there
}

// Connect to a server that is not there, or takes no writes, says that waiting may help.
func TestConnectToAServerThatIsAway(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	primary := pgtest.Start(t, pgtest.Options{})
	connect(t, pgstate.Config{URL: primary.URL()})
	for _, url := range []string{pgtest.URL(addr), primary.Replica(t).URL()} {
		a := open(t, pgstate.Config{URL: url, Timeout: 2 * time.Second})
		err := a.Connect(t.Context())
		require.ErrorIs(t, err, state.ErrUnavailable)
		require.NotErrorIs(t, err, state.ErrMisconfigured)
	}
}
