package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest/history"
	"github.com/chat-adapter/chat-go/internal/redistest"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

const (
	linearClients = 8   // callers at a time
	linearThreads = 4   // threads that they quarrel about
	linearRound   = 150 // calls of each caller in a round; each round has new threads
	judgeTimeout  = time.Minute
)

// operations is how many calls each history has: CONFORMANCE_OPERATIONS, or
// enough for an ordinary run.
func operations(t *testing.T) int {
	t.Helper()
	return number(t, "CONFORMANCE_OPERATIONS", 20_000)
}

// seed is CONFORMANCE_SEED, or another one each time. The log tells it. It
// repeats the calls, but not how they meet.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := number(t, "CONFORMANCE_SEED", int(time.Now().UnixNano()%1_000_000_000))
	t.Logf("CONFORMANCE_SEED=%d", n)
	return uint64(n)
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a positive number", name, text)
	}
	return n
}

// client is one caller with what it remembers.
type client struct {
	id    int
	rand  *rand.Rand
	locks state.Locks
	queue state.Queues
	inbox state.Inbox

	held     map[string]*state.Lock
	receipts map[string][]state.Receipt
	sent     int
}

// play has several clients call an adapter at random, round after round, and
// returns the history of each thread.
func play(t *testing.T, a store, total int, seed uint64, call func(ctx context.Context, c *client, thread string)) map[string][]history.Event {
	t.Helper()
	r := history.NewRecorder()
	for round := 0; round*linearClients*linearRound < total; round++ {
		var clients sync.WaitGroup
		for id := range linearClients {
			c := &client{
				id: id, rand: rand.New(rand.NewPCG(seed, uint64(round*linearClients+id))),
				locks: r.Locks(id, a), queue: r.Queues(id, a), inbox: r.Inbox(id, a),
				held: map[string]*state.Lock{}, receipts: map[string][]state.Receipt{},
			}
			clients.Go(func() {
				for range linearRound {
					call(t.Context(), c, fmt.Sprintf("round %d thread %d", round, c.rand.IntN(linearThreads)))
				}
			})
		}
		clients.Wait()
	}
	threads := map[string][]history.Event{}
	uncertain := 0
	for _, e := range r.Events() {
		threads[e.Thread] = append(threads[e.Thread], e)
		if isUncertain(e.Err) {
			uncertain++
		}
	}
	t.Logf("%d operations on %d threads, %d of them with an uncertain answer", len(r.Events()), len(threads), uncertain)
	return threads
}

// lockCall makes one call on a lock, or pauses, so that locks end in between.
func lockCall(ttl func(r *rand.Rand) time.Duration) func(ctx context.Context, c *client, thread string) {
	return func(ctx context.Context, c *client, thread string) {
		held := c.held[thread]
		switch n := c.rand.IntN(20); {
		case n < 2:
			time.Sleep(ttl(c.rand) / 2)
			fallthrough
		case n < 10 || held == nil:
			if lock, err := c.locks.AcquireLock(ctx, thread, ttl(c.rand)); err == nil {
				c.held[thread] = lock
			}
		case n < 14:
			_ = c.locks.ExtendLock(ctx, held, ttl(c.rand))
		case n < 19:
			_ = c.locks.ReleaseLock(ctx, held) // also one that is lost, or released before
		default:
			_ = c.locks.ForceReleaseLock(ctx, thread)
		}
	}
}

// queueCall makes one call on a queue or inbox.
func queueCall(ctx context.Context, c *client, thread string) {
	if c.rand.IntN(50) == 0 {
		time.Sleep(time.Duration(c.rand.IntN(500)) * time.Microsecond)
	}
	maxSize := []int{0, 0, 3, 8}[c.rand.IntN(4)]
	switch n := c.rand.IntN(20); {
	case n < 4:
		_, _ = c.queue.Enqueue(ctx, thread, c.entry(), maxSize)
	case n < 8:
		_, _ = c.inbox.Accept(ctx, thread, c.entry(), maxSize)
	case n < 12:
		_, _ = c.queue.Dequeue(ctx, thread)
	case n < 13:
		_, _ = c.queue.QueueDepth(ctx, thread)
	case n < 17:
		all, _ := c.inbox.Waiting(ctx, thread)
		c.receipts[thread] = nil
		for _, w := range all {
			if c.rand.IntN(2) == 0 {
				c.receipts[thread] = append(c.receipts[thread], w.Receipt)
			}
		}
	default:
		_, _ = c.inbox.Settle(ctx, thread, c.receipts[thread]...)
	}
}

// entry returns an entry with a message that no other entry of the thread has.
func (c *client) entry() state.QueueEntry {
	c.sent++
	now := time.Now()
	return state.QueueEntry{Message: fmt.Appendf(nil, "%d%04d", c.id+1, c.sent), EnqueuedAt: now, ExpiresAt: now.Add(time.Hour)}
}

// judge fails the test if some thread's history has no explanation, or none was
// found in time, and leaves a picture of it.
func judge(t *testing.T, model porcupine.Model, threads map[string][]history.Event) {
	t.Helper()
	for thread, events := range threads {
		result, info := verdict(model, events)
		if result == porcupine.Ok {
			continue
		}
		path := filepath.Join(t.ArtifactDir(), "history.html")
		if err := porcupine.VisualizePath(model, info, path); err != nil {
			t.Errorf("the picture of the history: %v", err)
		}
		t.Fatalf("the history of %q, %d operations, is judged %s\n    seen: %s\n%s    want: %s", thread, len(events), result, path, unexplained(events, info), porcupine.Ok)
	}
}

// unexplained lists the end of the longest explanation and, marked, the calls
// after it that have none.
func unexplained(events []history.Event, info porcupine.LinearizationInfo) string {
	const around = 20
	var longest []porcupine.Operation
	for _, partial := range info.PartialLinearizationsOperations() {
		for _, ops := range partial {
			if len(ops) > len(longest) {
				longest = ops
			}
		}
	}
	type key struct {
		client int
		call   time.Duration
		kind   history.Kind
	}
	explained := map[key]bool{}
	var b strings.Builder
	line := func(mark string, e history.Event) {
		fmt.Fprintf(&b, "    %s %v…%v client %d: %v\n", mark, e.Call, e.Return, e.Client, e)
	}
	for i, op := range longest {
		e := op.Input.(history.Event)
		explained[key{e.Client, e.Call, e.Kind}] = true
		if i >= len(longest)-around {
			line(" ", e)
		}
	}
	left := slices.DeleteFunc(slices.Clone(events), func(e history.Event) bool { return explained[key{e.Client, e.Call, e.Kind}] })
	slices.SortFunc(left, func(a, b history.Event) int { return cmp.Compare(a.Call, b.Call) })
	for _, e := range left[:min(len(left), around)] {
		line("?", e)
	}
	return b.String()
}

func verdict(model porcupine.Model, events []history.Event) (porcupine.CheckResult, porcupine.LinearizationInfo) {
	ops := make([]porcupine.Operation, len(events))
	for i, e := range events {
		ops[i] = porcupine.Operation{ClientId: e.Client, Input: e, Call: int64(e.Call), Return: int64(e.Return)}
	}
	return porcupine.CheckOperationsVerbose(model, ops, judgeTimeout)
}

// shortTTL is long enough to do something with the lock, and short enough to see
// it end again and again.
func shortTTL(r *rand.Rand) time.Duration { return time.Duration(2+r.IntN(15)) * time.Millisecond }

// remoteTTL leaves room for the way to a server.
func remoteTTL(r *rand.Rand) time.Duration { return time.Duration(20+r.IntN(40)) * time.Millisecond }

func connectedMemory(t *testing.T) store {
	t.Helper()
	a, err := memorystate.New(memorystate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, a)
}

func connect(t *testing.T, a state.Adapter) store {
	t.Helper()
	if err := a.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	return a.(store)
}

func TestMemoryLocksAreLinearizable(t *testing.T) {
	t.Parallel()
	judge(t, lockModel(0), play(t, connectedMemory(t), operations(t), seed(t), lockCall(shortTTL)))
}

func TestMemoryQueuesAreLinearizable(t *testing.T) {
	t.Parallel()
	judge(t, queueModel(), play(t, connectedMemory(t), operations(t), seed(t), queueCall))
}

// The server counts whole milliseconds on a clock of its own.
const redisSlack = 3 * time.Millisecond

func TestRedisLocksAreLinearizable(t *testing.T) {
	t.Parallel()
	a := connect(t, new(redisBackend).openFresh(t))
	judge(t, lockModel(redisSlack), play(t, a, operations(t), seed(t), lockCall(remoteTTL)))
}

func TestRedisQueuesAreLinearizable(t *testing.T) {
	t.Parallel()
	a := connect(t, new(redisBackend).openFresh(t))
	judge(t, queueModel(), play(t, a, operations(t), seed(t), queueCall))
}

// The server's clock counts microseconds, and its statements take their time from when
// they arrive.
const postgresSlack = 3 * time.Millisecond

func TestPostgresLocksAreLinearizable(t *testing.T) {
	t.Parallel()
	a := connect(t, new(postgresBackend).openFresh(t))
	judge(t, lockModel(postgresSlack), play(t, a, operations(t), seed(t), lockCall(remoteTTL)))
}

func TestPostgresQueuesAreLinearizable(t *testing.T) {
	t.Parallel()
	a := connect(t, new(postgresBackend).openFresh(t))
	judge(t, queueModel(), play(t, a, operations(t), seed(t), queueCall))
}

// On the topologies of several servers a history is shorter: it has been judged on
// one server at full length.
func TestRedisTopologiesAreLinearizable(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) redisstate.Config{
		"sentinel": func(t *testing.T) redisstate.Config {
			t.Helper()
			return redisstate.Config{URL: redistest.Sentinel(t, redistest.Options{}).URL(), MinReplicas: 1}
		},
		"cluster": func(t *testing.T) redisstate.Config {
			t.Helper()
			return redisstate.Config{URL: redistest.Cluster(t, redistest.Options{NoReplicas: true}).URL()}
		},
		"masters": func(t *testing.T) redisstate.Config {
			t.Helper()
			m := redistest.Masters(t, 3, redistest.Options{})
			return redisstate.Config{URL: m[0].URL(), MasterURLs: []string{m[1].URL(), m[2].URL()}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := redisstate.New(open(t))
			if err != nil {
				t.Fatal(err)
			}
			c, total := connect(t, a), operations(t)/4
			locks := play(t, c, total, seed(t), lockCall(remoteTTL))
			if name == "masters" {
				judge(t, majorityLockModel(redisSlack), withForceTwice(locks))
			} else {
				judge(t, lockModel(redisSlack), locks)
			}
			judge(t, queueModel(), play(t, c, total, seed(t), queueCall))
		})
	}
}

// TestJudgeFindsFaults has adapters judged that are wrong only when calls meet.
func TestJudgeFindsFaults(t *testing.T) {
	t.Parallel()
	find := func(fault string) mutant {
		for _, m := range mutants() {
			if m.fault == fault {
				return m
			}
		}
		t.Fatalf("there is no mutant with the fault %q", fault)
		return mutant{}
	}
	for _, c := range []struct {
		fault string
		model porcupine.Model
		call  func(ctx context.Context, c *client, thread string)
	}{
		{"two can hold a lock", lockModel(0), lockCall(shortTTL)},
		{"a lock is looked at and then taken", lockModel(0), lockCall(shortTTL)},
		{"a lock ends at half its TTL", lockModel(0), lockCall(shortTTL)},
		{"a lock's TTL is never applied", lockModel(0), lockCall(shortTTL)},
		{"release without comparing the token", lockModel(0), lockCall(shortTTL)},
		{"extend resurrects an expired lock", lockModel(0), lockCall(shortTTL)},
		{"extend does nothing", lockModel(0), lockCall(shortTTL)},
		{"concurrent dequeues double entries", queueModel(), queueCall},
		{"concurrent dequeues lose entries", queueModel(), queueCall},
		{"concurrent dequeues find the queue empty", queueModel(), queueCall},
		{"the depth is read after the step", queueModel(), queueCall},
		{"a queue's bound is applied after the push", queueModel(), queueCall},
		{"settle removes what stands before, too", queueModel(), queueCall},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			a := connect(t, find(c.fault).plant(newView(newBackend(t))))
			for _, events := range play(t, a, 5000, seed(t), c.call) {
				if result, _ := verdict(c.model, events); result == porcupine.Illegal {
					return
				}
			}
			t.Error("the judge finds an explanation for every thread")
		})
	}
}

// TestModels judges small histories by hand.
func TestModels(t *testing.T) {
	ms := time.Millisecond
	ev := func(kind history.Kind, from, to time.Duration, change func(e *history.Event)) history.Event {
		e := history.Event{Kind: kind, Thread: "t", Call: from * ms, Return: to * ms}
		if change != nil {
			change(&e)
		}
		return e
	}
	token := func(token string, ttl time.Duration, err error) func(e *history.Event) {
		return func(e *history.Event) { e.Token, e.TTL, e.Err = token, ttl*ms, err }
	}
	message := func(depth int, messages ...string) func(e *history.Event) {
		return func(e *history.Event) { e.Depth, e.Messages = depth, messages }
	}
	acquired := ev(history.Acquire, 0, 1, token("a", 10, nil))
	takesTwo := []history.Event{
		acquired, ev(history.ForceRelease, 2, 5, token("", 0, nil)), ev(history.Acquire, 3, 4, token("b", 10, nil)),
		ev(history.Extend, 6, 7, token("b", 10, state.ErrLockLost)),
	}
	for name, c := range map[string]struct {
		model  porcupine.Model
		events []history.Event
		want   porcupine.CheckResult
	}{
		"held":                          {lockModel(0), []history.Event{acquired, ev(history.Acquire, 8, 9, token("", 10, state.ErrLocked))}, porcupine.Ok},
		"taken over while held":         {lockModel(0), []history.Event{acquired, ev(history.Acquire, 8, 9, token("b", 10, nil))}, porcupine.Illegal},
		"taken over in doubt":           {lockModel(0), []history.Event{acquired, ev(history.Acquire, 8, 10, token("b", 10, nil))}, porcupine.Ok},
		"held in doubt":                 {lockModel(0), []history.Event{acquired, ev(history.Acquire, 11, 12, token("", 10, state.ErrLocked))}, porcupine.Ok},
		"held too long":                 {lockModel(0), []history.Event{acquired, ev(history.Acquire, 12, 13, token("", 10, state.ErrLocked))}, porcupine.Illegal},
		"lost while held":               {lockModel(0), []history.Event{acquired, ev(history.Extend, 2, 3, token("a", 10, state.ErrLockLost))}, porcupine.Illegal},
		"extended after its end":        {lockModel(0), []history.Event{acquired, ev(history.Extend, 12, 13, token("a", 10, nil))}, porcupine.Illegal},
		"two at once":                   {lockModel(0), []history.Event{acquired, ev(history.Acquire, 0, 1, token("b", 10, nil))}, porcupine.Illegal},
		"released, and taken beside it": {lockModel(0), []history.Event{acquired, ev(history.Release, 2, 4, token("a", 0, nil)), ev(history.Acquire, 3, 5, token("b", 10, nil))}, porcupine.Ok},
		"uncertain acquire":             {lockModel(0), []history.Event{ev(history.Acquire, 0, 1, token("", 10, state.ErrUnavailable)), ev(history.Acquire, 2, 3, token("b", 10, nil))}, porcupine.Ok},
		"uncertain acquire that held":   {lockModel(0), []history.Event{ev(history.Acquire, 0, 1, token("", 10, state.ErrUnavailable)), ev(history.Acquire, 2, 3, token("", 10, state.ErrLocked))}, porcupine.Ok},
		"forced with the next one":      {lockModel(0), takesTwo, porcupine.Illegal},
		"forced with the next, masters": {majorityLockModel(0), withForceTwice(map[string][]history.Event{"": takesTwo})[""], porcupine.Ok},
		"unexpected error":              {lockModel(0), []history.Event{ev(history.Acquire, 0, 1, token("", 10, errors.New("odd")))}, porcupine.Illegal},
		"in order":                      {queueModel(), []history.Event{ev(history.Enqueue, 0, 2, message(2, "1")), ev(history.Accept, 1, 2, message(1, "2")), ev(history.Dequeue, 3, 4, message(0, "2"))}, porcupine.Ok},
		"out of order":                  {queueModel(), []history.Event{ev(history.Enqueue, 0, 1, message(1, "1")), ev(history.Accept, 1, 2, message(2, "2")), ev(history.Dequeue, 3, 4, message(0, "2"))}, porcupine.Illegal},
		"settled":                       {queueModel(), []history.Event{ev(history.Enqueue, 0, 1, message(1, "1")), ev(history.Accept, 2, 3, message(2, "2")), ev(history.Settle, 4, 5, message(1, "1")), ev(history.Waiting, 6, 7, message(0, "2"))}, porcupine.Ok},
	} {
		if result, _ := verdict(c.model, c.events); result != c.want {
			t.Errorf("%s: judged %s, want %s", name, result, c.want)
		}
	}
}
