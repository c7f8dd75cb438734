package conformance

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/redistest"
	"github.com/chat-adapter/chat-go/linearizability"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// nearby is for an adapter in the process.
var nearby = linearizability.Config{MinTTL: 4 * time.Millisecond, Slack: time.Nanosecond}

// asked adds what the environment asks for: how many calls each history has, and
// which.
func asked(t *testing.T, cfg linearizability.Config) linearizability.Config {
	t.Helper()
	number := func(name string) int {
		text := os.Getenv(name)
		if text == "" {
			return 0
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("%s is %q, want a positive number", name, text)
		}
		return n
	}
	if n := number("CONFORMANCE_OPERATIONS"); n > 0 {
		cfg.Operations = n
	}
	cfg.Seed = uint64(number("CONFORMANCE_SEED"))
	return cfg
}

func openMemory(t *testing.T) state.Adapter {
	t.Helper()
	a, err := memorystate.New(memorystate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func connect(t *testing.T, a state.Adapter) state.Adapter {
	t.Helper()
	if err := a.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(context.Background()) })
	return a
}

func TestMemoryIsLinearizable(t *testing.T) {
	t.Parallel()
	linearizability.Run(t, openMemory, asked(t, nearby))
}

func TestRedisIsLinearizable(t *testing.T) {
	t.Parallel()
	linearizability.Run(t, new(redisBackend).openFresh, asked(t, linearizability.Config{}))
}

func TestPostgresIsLinearizable(t *testing.T) {
	t.Parallel()
	linearizability.Run(t, new(postgresBackend).openFresh, asked(t, linearizability.Config{}))
}

// On the topologies of several servers a history is shorter: it has been judged on
// one server at full length.
func TestRedisTopologiesAreLinearizable(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(t *testing.T) redisstate.Config{
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
			cfg := config(t)
			judged := asked(t, linearizability.Config{SplitVotes: name == "masters"})
			if judged.Operations /= 4; judged.Operations == 0 {
				judged.Operations = 5000
			}
			linearizability.Run(t, func(t *testing.T) state.Adapter {
				t.Helper()
				cfg := cfg
				cfg.KeyPrefix = t.Name()
				a, err := redisstate.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				return a
			}, judged)
		})
	}
}

// TestJudgeFindsFaults has adapters judged that are wrong only when calls meet.
func TestJudgeFindsFaults(t *testing.T) {
	t.Parallel()
	faults := map[linearizability.Kind][]string{
		linearizability.Locks: {
			"two can hold a lock", "a lock is looked at and then taken", "a lock ends at half its TTL", "a lock's TTL is never applied",
			"release without comparing the token", "extend resurrects an expired lock", "extend does nothing",
		},
		linearizability.Queues: {
			"concurrent dequeues double entries", "concurrent dequeues lose entries", "concurrent dequeues find the queue empty",
			"the depth is read after the step", "a queue's bound is applied after the push", "settle removes what stands before, too",
		},
		linearizability.Swaps: {
			"a swap compares and then sets", "swaps are refused under contention", "a refused swap sets the value",
			"set-if-absent is get and then set", "any claim found counts as one's own", "a claim set again is refused",
		},
	}
	for kind, names := range faults {
		for _, fault := range names {
			t.Run(fault, func(t *testing.T) {
				t.Parallel()
				a := connect(t, planted(t, fault)(newView(newBackend(t))))
				cfg := nearby
				cfg.Kinds, cfg.Operations = []linearizability.Kind{kind}, 5000
				err := linearizability.Judge(t.Context(), a, asked(t, cfg))
				if v, ok := errors.AsType[*linearizability.Violation](err); !ok || v.Undecided {
					t.Errorf("the judge finds an explanation for every thread: %v", err)
				}
			})
		}
	}
}

// planted returns how a mutant is planted.
func planted(t *testing.T, fault string) func(v *view) adapter {
	t.Helper()
	for _, m := range mutants() {
		if m.fault == fault {
			return m.plant
		}
	}
	t.Fatalf("there is no mutant with the fault %q", fault)
	return nil
}
