package pgstatetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	"github.com/chat-adapter/chat-go/internal/pgtest"
	pgstate "github.com/chat-adapter/chat-go/state-postgres"
)

// jammed is an adapter that has a call under way, which waits for a lock: calls that come
// now travel together.
type jammed struct {
	*pgstate.Adapter
	pool   *pgxpool.Pool
	prefix string
}

const heldThread = "held"

// hold takes the advisory lock of a queue until release is called or the test ends.
func (j *jammed) hold(t *testing.T, thread string) (release func()) {
	t.Helper()
	tx, err := j.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended($1::text || '/' || $2::text, 0))`, j.prefix, thread)
	require.NoError(t, err)
	release = sync.OnceFunc(func() { _ = tx.Rollback(context.Background()) })
	t.Cleanup(release)
	return release
}

// awaitWaiting waits until so many sessions wait for a queue.
func (j *jammed) awaitWaiting(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		var waiting int
		err := j.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&waiting)
		return err == nil && waiting >= n
	}, 20*time.Second, time.Millisecond)
}

// starts makes calls of StartTurn while one waits, and then has that one end.
func (j *jammed) starts(t *testing.T, reqs []state.StartTurn) []outcome {
	t.Helper()
	release := j.hold(t, heldThread)
	var first sync.WaitGroup
	first.Go(func() {
		_, err := j.StartTurn(t.Context(), start(heldThread))
		assert.NoError(t, err)
	})
	j.awaitWaiting(t, 1)
	out := startAll(t.Context(), j, reqs)
	release()
	first.Wait()
	return out
}

// ends makes calls of EndTurn while one waits, and then has that one end.
func (j *jammed) ends(t *testing.T, reqs []state.EndTurn) ([]int, []error) {
	t.Helper()
	release := j.hold(t, heldThread)
	var first, all sync.WaitGroup
	first.Go(func() {
		_, err := j.EndTurn(t.Context(), state.EndTurn{ThreadID: heldThread, Lock: &state.Lock{ThreadID: heldThread, Token: "none"}})
		assert.NoError(t, err)
	})
	j.awaitWaiting(t, 1)
	depths, errs := make([]int, len(reqs)), make([]error, len(reqs))
	for i, req := range reqs {
		all.Go(func() { depths[i], errs[i] = j.EndTurn(t.Context(), req) })
	}
	all.Wait()
	release()
	first.Wait()
	return depths, errs
}

// outcome is what came of a StartTurn.
type outcome struct {
	state.TurnStarted
	err error
}

func startAll(ctx context.Context, a state.Turns, reqs []state.StartTurn) []outcome {
	out := make([]outcome, len(reqs))
	var all sync.WaitGroup
	for i, req := range reqs {
		all.Go(func() { out[i].TurnStarted, out[i].err = a.StartTurn(ctx, req) })
	}
	all.Wait()
	return out
}

// start is a StartTurn of a message on a thread.
func start(thread string) state.StartTurn {
	return state.StartTurn{
		Key: "claim " + thread, Value: state.NewClaim(time.Now()), TTL: time.Hour, ThreadID: thread, LockTTL: time.Hour,
		Accept: state.AcceptTurn{ThreadID: thread, Entry: entry(fmt.Sprintf("%q", thread)), Subscription: thread},
	}
}

func startsOf(n int) (reqs []state.StartTurn) {
	for i := range n {
		reqs = append(reqs, start(fmt.Sprint("thread ", i)))
	}
	return reqs
}

// end ends the turns that were started.
func end(started []outcome) (reqs []state.EndTurn) {
	for i, out := range started {
		lock := out.Lock
		if lock == nil {
			lock = &state.Lock{ThreadID: fmt.Sprint("thread ", i), Token: "none"}
		}
		req := state.EndTurn{ThreadID: lock.ThreadID, Lock: lock, Marks: []string{fmt.Sprint("mark ", i), "mark"}, Mark: fmt.Append(nil, i/2), MarkTTL: time.Hour}
		for _, e := range out.Accepted.Waiting {
			req.Receipts = append(req.Receipts, e.Receipt)
		}
		reqs = append(reqs, req)
	}
	return reqs
}

func newJammed(t *testing.T) *jammed {
	t.Helper()
	url := newDatabase(t, pgtest.Shared(t))
	return &jammed{connect(t, pgstate.Config{URL: url}), newPool(t, url), "chat-sdk"}
}

// trips returns in how many transactions the claims of startsOf were set.
func (j *jammed) trips(t *testing.T) (n int) {
	t.Helper()
	err := j.pool.QueryRow(t.Context(), `SELECT count(DISTINCT xmin::text) FROM chat_go_cache WHERE prefix = $1 AND key LIKE 'claim thread %'`, j.prefix).Scan(&n)
	require.NoError(t, err)
	return n
}

// Calls that travel together do what each does alone, whatever is asked of them, on every
// way to the server.
func TestCallsTogetherDoWhatEachDoesAlone(t *testing.T) {
	s := pgtest.Shared(t)
	for name, open := range map[string]func(t *testing.T, url, prefix string) *pgstate.Adapter{
		"direct": func(t *testing.T, url, prefix string) *pgstate.Adapter {
			return connect(t, pgstate.Config{URL: url, Prefix: prefix})
		},
		"PgBouncer": func(t *testing.T, url, prefix string) *pgstate.Adapter {
			return connect(t, pgstate.Config{URL: strings.Replace(url, s.Addr(), s.Bouncer(t), 1) + "&pgbouncer=true", Prefix: prefix})
		},
		"simple protocol": func(t *testing.T, url, prefix string) *pgstate.Adapter {
			cfg, err := pgxpool.ParseConfig(url)
			require.NoError(t, err)
			cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
			pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
			require.NoError(t, err)
			t.Cleanup(pool.Close)
			return connect(t, pgstate.Config{Pool: pool, Prefix: prefix})
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := newDatabase(t, s)
			pool := newPool(t, url)
			reqs := variedStarts()
			var all []string
			for _, together := range []bool{false, true} {
				j := &jammed{open(t, url, fmt.Sprint("together ", together)), pool, fmt.Sprint("together ", together)}
				prepareStarts(t, j)
				var seen strings.Builder
				var started []outcome
				if together {
					started = j.starts(t, reqs)
					require.Less(t, j.trips(t), len(reqs)/2, "trips of %d calls", len(reqs))
				} else {
					_, err := j.StartTurn(t.Context(), start(heldThread))
					require.NoError(t, err)
					for _, req := range reqs {
						started = append(started, startAll(t.Context(), j, []state.StartTurn{req})...)
					}
				}
				for i, out := range started {
					require.NoError(t, out.err)
					fmt.Fprintf(&seen, "%d: set %v, found %q, lock %v, depth %d, looked %v, subscribed %v, keys %q, waiting", i,
						out.Set, out.Found, out.Lock != nil, out.Accepted.Depth, out.Accepted.Looked, out.Accepted.Subscribed, out.Accepted.Found)
					for _, e := range out.Accepted.Waiting {
						require.NoError(t, e.Err)
						fmt.Fprintf(&seen, " %s", e.Message)
					}
					fmt.Fprintln(&seen)
				}
				j.dump(t, &seen)
				var renewed bool
				err := j.pool.QueryRow(t.Context(), `SELECT expires_at < now() + interval '2 hours' FROM chat_go_cache WHERE prefix = $1 AND key = 'mine'`, j.prefix).Scan(&renewed)
				require.NoError(t, err)
				require.True(t, renewed, "the expiry of a claim in place starts again: it was 10 hours")
				ends := end(started)
				ends[1].Receipts = append(ends[1].Receipts, "nonsense", "1-", "7-\x00")
				ends[3].Receipts = nil
				ends[5].Marks, ends[5].Mark, ends[5].MarkTTL = nil, nil, 0
				for i := range ends {
					ends[i].Marks = ends[i].Marks[:min(1, len(ends[i].Marks))] // which would be last is open
				}
				var depths []int
				var errs []error
				if together {
					depths, errs = j.ends(t, ends)
				} else {
					for _, req := range ends {
						depth, err := j.EndTurn(t.Context(), req)
						depths, errs = append(depths, depth), append(errs, err)
					}
				}
				for _, err := range errs {
					require.NoError(t, err)
				}
				fmt.Fprintln(&seen, depths)
				j.dump(t, &seen)
				all = append(all, seen.String())
			}
			require.Equal(t, all[0], all[1])
		})
	}
}

// variedStarts are requests with other threads and keys each.
func variedStarts() []state.StartTurn {
	reqs := startsOf(16)
	reqs[0].Accept.MaxSize = 2
	reqs[1].Accept.MaxSize = 1
	reqs[2].Accept.Keys = []string{"there", "absent", "past", "there", `back\slash`}
	reqs[3].Accept.Keys = []string{"absent"}
	reqs[4].ThreadID = "" // no lock
	reqs[5].TTL = 0
	reqs[6].Key = "taken"
	reqs[7].Key, reqs[7].Value = "mine", []byte(`{"claim":"mine","at":1}`)
	reqs[8].Accept.Subscription = ""
	reqs[9].ThreadID, reqs[9].Accept = "", state.AcceptTurn{} // a claim and no more
	reqs[10].Accept = state.AcceptTurn{}                      // a lock and no more
	for i, name := range []string{"nul\x00", `back\slash`, strings.Repeat("long", 510), "quote'\"{,}", "NULL"} {
		req := start(name)
		req.Accept.Entry = reqs[11+i].Accept.Entry
		reqs[11+i] = req
	}
	return reqs
}

// prepareStarts has the requests find something.
func prepareStarts(t *testing.T, j *jammed) {
	t.Helper()
	ctx := t.Context()
	for _, key := range []string{"there", `back\slash`} {
		require.NoError(t, j.Set(ctx, key, nil, 0))
	}
	require.NoError(t, j.Set(ctx, "taken", []byte("by another"), time.Hour))
	require.NoError(t, j.Set(ctx, "mine", []byte(`{"claim":"mine","at":1}`), 10*time.Hour))
	require.NoError(t, j.Set(ctx, "past", nil, time.Millisecond))
	require.NoError(t, j.Set(ctx, "claim thread 8", []byte("past"), time.Millisecond))
	for _, n := range []int{0, 1, 3, 6} {
		thread := fmt.Sprint("thread ", n)
		require.NoError(t, j.Subscribe(ctx, thread))
		for i := range 3 {
			_, err := j.Accept(ctx, thread, entry(fmt.Sprint(i)), 0)
			require.NoError(t, err)
		}
	}
	for _, thread := range []string{"thread 1", "thread 10"} {
		_, err := j.AcquireLock(ctx, thread, time.Hour)
		require.NoError(t, err)
	}
	_, err := j.AcquireLock(ctx, "thread 0", time.Millisecond)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var valid int
		err := j.pool.QueryRow(ctx, `SELECT count(*) FROM (SELECT expires_at FROM chat_go_cache UNION ALL SELECT expires_at FROM chat_go_locks) AS rows
WHERE expires_at BETWEEN now() AND now() + interval '1 minute'`).Scan(&valid)
		return err == nil && valid == 0
	}, 20*time.Second, time.Millisecond, "what lasts a millisecond has expired")
}

// dump writes what the tables hold, but for tokens, and times in hours.
func (j *jammed) dump(t *testing.T, w *strings.Builder) {
	t.Helper()
	const hours = `round(extract(epoch FROM expires_at - now()) / 3600)`
	for _, sql := range []string{
		`SELECT key, convert_from(CASE WHEN value LIKE '{"claim"%' THEN '' ELSE value END, 'UTF8'), CASE WHEN expires_at < 'infinity' THEN ` + hours + ` END FROM chat_go_cache WHERE prefix = $1`,
		`SELECT thread_id, ` + hours + ` FROM chat_go_locks WHERE prefix = $1`,
		`SELECT thread_id, name, last, waiting_since IS NULL, ` + hours + ` FROM chat_go_queues WHERE prefix = $1`,
		`SELECT thread_id, number, length(id), convert_from(entry, 'UTF8')::json ->> 'message' FROM chat_go_queue_entries WHERE prefix = $1`,
	} {
		rows, err := j.pool.Query(t.Context(), `SELECT q::text FROM (`+sql+`) AS q ORDER BY 1`, j.prefix)
		require.NoError(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		fmt.Fprintln(w, strings.Join(lines, "\n"))
	}
}

// A value that the server refuses fails its own call, and none that travels with it.
func TestARefusedCallFailsAlone(t *testing.T) {
	j := newJammed(t)
	exec(t, j.pool, `ALTER TABLE chat_go_queue_entries ADD CHECK (octet_length(entry) < 10000)`)
	reqs := startsOf(20)
	reqs[7].Accept.Entry = entry(fmt.Sprintf("%q", strings.Repeat("long", 10000)))
	started := j.starts(t, reqs)
	for i, out := range started {
		if i == 7 {
			require.ErrorContains(t, out.err, "violates check constraint")
			require.NotErrorIs(t, out.err, state.ErrUnavailable)
			require.NotErrorIs(t, out.err, state.ErrUnknownOutcome)
			continue
		}
		require.NoError(t, out.err)
		require.NotNil(t, out.Lock)
	}
	ends := end(started)
	ends[3].Lock.Token = "\xff" // no text of Postgres
	_, errs := j.ends(t, ends)
	for i, err := range errs {
		if i == 3 {
			require.ErrorContains(t, err, "invalid byte sequence")
			continue
		}
		require.NoError(t, err)
	}
}

// Nobody waits for a lock that others travel to, whether its caller is alone or with them.
func TestATripWaitsForNoLockHeldLong(t *testing.T) {
	j := newJammed(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	j.hold(t, "thread 7")
	var held sync.WaitGroup
	callCtx, leave := context.WithCancel(ctx)
	held.Go(func() {
		_, err := j.StartTurn(callCtx, start("thread 7"))
		assert.ErrorIs(t, err, context.Canceled)
	})
	reqs := slices.Delete(startsOf(20), 7, 8)
	started := j.starts(t, reqs) // they end while both threads are held
	for _, out := range started {
		require.NoError(t, out.err)
		require.NotNil(t, out.Lock)
	}
	_, errs := j.ends(t, end(started))
	for _, err := range errs {
		require.NoError(t, err)
	}
	leave()
	held.Wait()
}

// A caller that gives up leaves those alone that it travels with, whether the trip is
// done then or not. A lock that it has got is given back.
func TestACallerLeavesATrip(t *testing.T) {
	for _, done := range []bool{false, true} {
		t.Run(fmt.Sprint("done ", done), func(t *testing.T) {
			s := pgtest.Shared(t)
			url := newDatabase(t, s)
			proxy := statetest.NewProxy(t, s.Addr())
			j := &jammed{connect(t, pgstate.Config{URL: strings.Replace(url, s.Addr(), proxy.Addr(), 1), MaxRetries: new(0)}), newPool(t, url), "chat-sdk"}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			release := j.hold(t, heldThread)
			var all sync.WaitGroup
			all.Go(func() {
				_, err := j.StartTurn(ctx, start(heldThread))
				assert.NoError(t, err)
			})
			j.awaitWaiting(t, 1)
			releaseTrip := j.hold(t, "thread 3")
			if done {
				releaseTrip()
				proxy.Delay(time.Second)
			}
			leaverCtx, leave := context.WithCancel(ctx)
			left := make(chan struct{})
			for i, req := range startsOf(20) {
				all.Go(func() {
					if i == 7 {
						defer close(left)
						_, err := j.StartTurn(leaverCtx, req)
						assert.ErrorIs(t, err, context.Canceled)
						return
					}
					out, err := j.StartTurn(ctx, req)
					assert.NoError(t, err)
					assert.NotNil(t, out.Lock)
					assert.Len(t, out.Accepted.Waiting, 1)
				})
			}
			if done {
				require.Eventually(t, func() bool {
					var stored int
					err := j.pool.QueryRow(ctx, `SELECT count(*) FROM chat_go_locks WHERE thread_id = 'thread 7'`).Scan(&stored)
					return err == nil && stored == 1
				}, 20*time.Second, time.Millisecond)
			} else {
				j.awaitWaiting(t, 2)
			}
			leave()
			<-left
			releaseTrip()
			release()
			all.Wait()
			require.EventuallyWithT(t, func(c *assert.CollectT) {
				_, err := j.AcquireLock(t.Context(), "thread 7", time.Minute)
				assert.NoError(c, err)
			}, 20*time.Second, 10*time.Millisecond)
		})
	}
}

// A trip whose reply is lost is made again for each of its calls, and none is done twice.
func TestTheReplyToATripIsLost(t *testing.T) {
	s := pgtest.Shared(t)
	url := newDatabase(t, s)
	proxy := statetest.NewProxy(t, s.Addr())
	j := &jammed{connect(t, pgstate.Config{URL: strings.Replace(url, s.Addr(), proxy.Addr(), 1)}), newPool(t, url), "chat-sdk"}
	warm := j.starts(t, startsOf(40)) // opens connections
	for _, out := range warm {
		require.NoError(t, out.err)
	}
	_, errs := j.ends(t, end(warm))
	for _, err := range errs {
		require.NoError(t, err)
	}
	reqs := startsOf(20)
	for i := range reqs {
		reqs[i].Key += " again"
	}
	lost := proxy.LoseReply(1) // the first request waits
	started := j.starts(t, reqs)
	require.True(t, lost())
	for i, out := range started {
		require.NoError(t, out.err)
		require.True(t, out.Set)
		require.NotNil(t, out.Lock)
		require.Len(t, out.Accepted.Waiting, 1)
		require.Equal(t, fmt.Sprintf(`"thread %d"`, i), string(out.Accepted.Waiting[0].Message))
	}
	lost = proxy.LoseReply(1)
	depths, errs := j.ends(t, end(started))
	require.True(t, lost())
	for i := range errs {
		require.NoError(t, errs[i])
		require.Zero(t, depths[i])
	}
	for i := range reqs {
		_, err := j.AcquireLock(t.Context(), fmt.Sprint("thread ", i), time.Minute)
		require.NoError(t, err, "the lock was released")
	}
}

// Trips of several instances that change the same threads and keys lock them in one order.
func TestTripsOfInstancesDoNotDeadlock(t *testing.T) {
	s := pgtest.Start(t, pgtest.Options{Settings: map[string]string{"deadlock_timeout": "1ms"}})
	pool := s.Pool(t)
	const threads, rounds = 24, 30
	var mu sync.Mutex
	settled := map[string]int{}
	var instances sync.WaitGroup
	for instance := range 2 {
		a, err := pgstate.New(pgstate.Config{URL: s.URL()})
		require.NoError(t, err)
		require.NoError(t, a.Connect(t.Context()))
		instances.Go(func() {
			defer func() { _ = a.Close(context.WithoutCancel(t.Context())) }()
			for round := range rounds {
				var callers sync.WaitGroup
				for _, n := range rand.Perm(threads) {
					callers.Go(func() {
						req := start(fmt.Sprint("thread ", n))
						req.Key = fmt.Sprint("claim ", n, instance, round)
						req.Accept.Entry = entry(fmt.Sprintf("%q", req.Key))
						out, err := a.StartTurn(t.Context(), req)
						if !assert.NoError(t, err) || out.Lock == nil {
							return
						}
						end := state.EndTurn{ThreadID: req.ThreadID, Lock: out.Lock, Mark: []byte("1"), MarkTTL: time.Hour}
						for _, m := range rand.Perm(8) {
							end.Marks = append(end.Marks, fmt.Sprint("mark ", n%3, m))
						}
						for _, e := range out.Accepted.Waiting {
							end.Receipts = append(end.Receipts, e.Receipt)
						}
						_, err = a.EndTurn(t.Context(), end)
						assert.NoError(t, err)
						mu.Lock()
						defer mu.Unlock()
						for _, e := range out.Accepted.Waiting {
							settled[string(e.Message)]++
						}
					})
				}
				callers.Wait()
			}
		})
	}
	instances.Wait()
	require.Eventually(t, func() bool { // a session tells its statistics when it ends
		var sessions int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chat-go'`).Scan(&sessions)
		return err == nil && sessions == 0
	}, 30*time.Second, 10*time.Millisecond)
	var deadlocks, left int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT sum(deadlocks)::int, (SELECT count(*) FROM chat_go_queue_entries)::int FROM pg_stat_database`).Scan(&deadlocks, &left))
	require.Zero(t, deadlocks)
	for message, times := range settled {
		require.Equal(t, 1, times, message)
	}
	require.Equal(t, 2*threads*rounds, len(settled)+left, "each message was settled or is left")
}
