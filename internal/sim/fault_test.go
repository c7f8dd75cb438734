package sim

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// planted is a fault and the rules of which one must be seen broken within a
// number of seeds. The faults are those of the TypeScript SDK and its adapters,
// as far as they can be made from outside of the bot, and likely mistakes of a
// state adapter.
type planted struct {
	name   string
	rules  []Rule
	within uint64
	plan   func(*plan)
	state  func(Shared) Shared
}

var errBroken = errors.New("sim: broken on purpose")

// settleAll removes everything that waits, whatever it is asked to remove.
type settleAll struct{ Shared }

func (s settleAll) Settle(ctx context.Context, id string, _ ...state.Receipt) (int, error) {
	return s.clear(ctx, id)
}

func (s settleAll) clear(ctx context.Context, id string) (int, error) {
	entries, err := s.Waiting(ctx, id)
	if err != nil {
		return 0, err
	}
	var all []state.Receipt
	for _, e := range entries {
		all = append(all, e.Receipt)
	}
	return s.Shared.Settle(ctx, id, all...)
}

// settleNewest removes the newest entries instead of the given ones.
type settleNewest struct{ Shared }

func (s settleNewest) Settle(ctx context.Context, id string, receipts ...state.Receipt) (int, error) {
	entries, err := s.Waiting(ctx, id)
	if err != nil {
		return 0, err
	}
	var wrong []state.Receipt
	for _, e := range entries[max(len(entries)-len(receipts), 0):] {
		wrong = append(wrong, e.Receipt)
	}
	return s.Shared.Settle(ctx, id, wrong...)
}

// settleNone removes nothing.
type settleNone struct{ Shared }

func (s settleNone) Settle(ctx context.Context, id string, _ ...state.Receipt) (int, error) {
	return s.QueueDepth(ctx, id)
}

// failureClears forgets what waits when a handler has failed.
type failureClears struct{ settleAll }

func (s failureClears) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if id, ok := strings.CutPrefix(key, "chat:retries:"); ok {
		if _, err := s.clear(ctx, id); err != nil {
			return err
		}
	}
	return s.Shared.Set(ctx, key, value, ttl)
}

func (s failureClears) Settle(ctx context.Context, id string, receipts ...state.Receipt) (int, error) {
	return s.Shared.Settle(ctx, id, receipts...)
}

// noDepth says that nothing waits.
type noDepth struct{ Shared }

func (noDepth) QueueDepth(context.Context, string) (int, error) { return 0, nil }

// staleDepth says what waited when the last message was settled, before the lock
// was released.
type staleDepth struct {
	Shared
	mu   *sync.Mutex
	left map[string]int
}

func (s staleDepth) Settle(ctx context.Context, id string, receipts ...state.Receipt) (int, error) {
	n, err := s.Shared.Settle(ctx, id, receipts...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[id] = n
	return n, err
}

func (s staleDepth) QueueDepth(_ context.Context, id string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left[id], nil
}

// trims keeps the two newest entries.
type trims struct{ Shared }

func (s trims) Accept(ctx context.Context, id string, e state.QueueEntry, _ int) (int, error) {
	return s.Shared.Accept(ctx, id, e, 2)
}

// expiresEarly stores entries as a producer does whose clock is behind.
type expiresEarly struct{ Shared }

func (s expiresEarly) Accept(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	e.ExpiresAt = e.ExpiresAt.Add(-48 * time.Hour)
	return s.Shared.Accept(ctx, id, e, maxSize)
}

// newestFirst returns what waits in the wrong order.
type newestFirst struct{ Shared }

func (s newestFirst) Waiting(ctx context.Context, id string) ([]state.WaitingEntry, error) {
	entries, err := s.Shared.Waiting(ctx, id)
	slices.Reverse(entries)
	return entries, err
}

// onlyNewest shows one entry of those that wait, which are removed with it.
type onlyNewest struct{ settleAll }

func (s onlyNewest) Waiting(ctx context.Context, id string) ([]state.WaitingEntry, error) {
	entries, err := s.Shared.Waiting(ctx, id)
	return entries[max(len(entries)-1, 0):], err
}

func (s onlyNewest) Settle(ctx context.Context, id string, _ ...state.Receipt) (int, error) {
	return settleAll{s.Shared}.clear(ctx, id)
}

// noMarks knows no thread that waits.
type noMarks struct{ Shared }

func (noMarks) WaitingThreads(context.Context, time.Time, int) ([]string, error) { return nil, nil }

// grants gives some locks to a second holder.
type grants struct {
	Shared
	which func(id string) bool
}

func (s grants) AcquireLock(ctx context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	lock, err := s.Shared.AcquireLock(ctx, id, ttl)
	if errors.Is(err, state.ErrLocked) && s.which(id) {
		if err := s.ForceReleaseLock(ctx, id); err != nil {
			return nil, err
		}
		return s.Shared.AcquireLock(ctx, id, ttl)
	}
	return lock, err
}

// sometimes says yes once in n times.
func sometimes(n int) func(string) bool {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	var mu sync.Mutex
	return func(string) bool {
		mu.Lock()
		defer mu.Unlock()
		return random.IntN(n) == 0
	}
}

// lapses holds locks for a quarter of the time that it promises.
type lapses struct{ Shared }

func (s lapses) ExtendLock(ctx context.Context, lock *state.Lock, ttl time.Duration) error {
	err := s.Shared.ExtendLock(ctx, lock, ttl/4)
	if err == nil {
		lock.ExpiresAt = lock.ExpiresAt.Add(ttl - ttl/4)
	}
	return err
}

func (s lapses) AcquireLock(ctx context.Context, id string, ttl time.Duration) (*state.Lock, error) {
	lock, err := s.Shared.AcquireLock(ctx, id, ttl/4)
	if lock != nil {
		lock.ExpiresAt = lock.ExpiresAt.Add(ttl - ttl/4)
	}
	return lock, err
}

// darkness lets no heartbeat be written.
type darkness struct{ Shared }

func (s darkness) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if strings.HasPrefix(key, "chat:running:") {
		return nil
	}
	return s.Shared.Set(ctx, key, value, ttl)
}

// extendsNothing says that it has renewed a lock, also one that has expired.
type extendsNothing struct{ Shared }

func (extendsNothing) ExtendLock(_ context.Context, lock *state.Lock, ttl time.Duration) error {
	lock.ExpiresAt = time.Now().Add(ttl)
	return nil
}

// keepsLocks releases none.
type keepsLocks struct{ Shared }

func (keepsLocks) ReleaseLock(context.Context, *state.Lock) error { return nil }

func isDedupe(key string) bool { return strings.HasPrefix(key, "dedupe:") }

// claimsAreFinal takes any record of a message for its end, and never gives one
// up.
type claimsAreFinal struct{ Shared }

func (s claimsAreFinal) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := s.Shared.Get(ctx, key)
	if err == nil && isDedupe(key) {
		return []byte("true"), nil
	}
	return value, err
}

func (s claimsAreFinal) Delete(ctx context.Context, key string) error {
	if isDedupe(key) {
		return nil
	}
	return s.Shared.Delete(ctx, key)
}

// everyoneClaims lets every delivery have its message's id.
type everyoneClaims struct{ Shared }

func (s everyoneClaims) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return true, s.Set(ctx, key, value, ttl)
}

// forgetsMarks does not remember which messages are done.
type forgetsMarks struct{ Shared }

func (s forgetsMarks) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if isDedupe(key) && bytes.Equal(value, []byte("true")) {
		return s.Delete(ctx, key)
	}
	return s.Shared.Set(ctx, key, value, ttl)
}

// swapsBlindly does not compare.
type swapsBlindly struct{ Shared }

func (s swapsBlindly) CompareAndSwap(ctx context.Context, key string, _, value []byte, ttl time.Duration) (bool, error) {
	return true, s.Set(ctx, key, value, ttl)
}

// noHistory cannot append.
type noHistory struct{ Shared }

func (noHistory) AppendToList(context.Context, string, []byte, state.ListOptions) error {
	return errBroken
}

// busy is a plan in which two instances often hand one thread over, and nothing
// but the look after the release finds what was stored meanwhile.
func busy(p *plan) {
	*p = plan{
		instances: 2, threads: 1, messages: 20, spread: 600 * time.Millisecond, work: 30 * time.Millisecond,
		latency: time.Millisecond, retry: p.retry, sweep: time.Hour, tail: time.Second,
	}
}

// Letters are those of the list of weak points of the TypeScript SDK's core.
var faults = []planted{
	{
		name: "a: what waits is not looked at after the release", rules: []Rule{RuleLost, RuleIdle}, within: 300,
		state: func(s Shared) Shared { return staleDepth{s, new(sync.Mutex), map[string]int{}} },
		plan:  busy,
	},
	{
		name: "a: nothing ever waits", rules: []Rule{RuleLost, RuleIdle}, within: 100,
		state: func(s Shared) Shared { return noDepth{s} },
		plan:  busy,
	},
	{
		name: "b: a failure takes the queue with it", rules: []Rule{RuleLost}, within: 50,
		state: func(s Shared) Shared { return failureClears{settleAll{s}} },
	},
	{
		name: "c: messages leave the queue before they are handled", rules: []Rule{RuleLost}, within: 100,
		plan: func(p *plan) { p.volatile, p.instances, p.crashes, p.sweep = true, 2, 1, time.Second },
	},
	{
		name: "c: what was skipped is not handed over", rules: []Rule{RuleLost, RuleOrder}, within: 50,
		state: func(s Shared) Shared { return onlyNewest{settleAll{s}} },
	},
	{
		name: "d: a claim is never given up", rules: []Rule{RuleLost, RuleTwice}, within: 400,
		state: func(s Shared) Shared { return claimsAreFinal{s} },
	},
	{
		name: "d: done messages are forgotten", rules: []Rule{RuleTwice, RuleLeft}, within: 20,
		state: func(s Shared) Shared { return forgetsMarks{s} },
	},
	{
		name: "d: every delivery is fresh", rules: []Rule{RuleTwice, RuleEvent, RuleOverlap, RuleBalance}, within: 50,
		state: func(s Shared) Shared { return everyoneClaims{s} },
	},
	{
		name: "e: a batch takes other threads' messages with it", rules: []Rule{RuleLost}, within: 50,
		state: func(s Shared) Shared { return settleAll{s} },
		plan:  func(p *plan) { p.scope = chat.ScopeChannel },
	},
	{
		name: "f: two threads' messages have the same id", rules: []Rule{RuleLost, RuleBalance}, within: 20,
		plan: func(p *plan) { p.sameIDs, p.threads, p.messages = true, 2, 6 },
	},
	{
		name: "g: a lock lapses early, and no heartbeat shows", rules: []Rule{RuleOverlap}, within: 300,
		state: func(s Shared) Shared { return lapses{darkness{s}} },
	},
	{
		name: "a handler whose lock is deleted shows no heartbeat", rules: []Rule{RuleOverlap}, within: 100,
		state: func(s Shared) Shared { return darkness{s} },
		plan: func(p *plan) {
			p.thefts, p.work, p.instances, p.conc, p.groups = 1, 3*time.Second, 2, chat.Concurrency{Strategy: chat.StrategyQueue}, nil
		},
	},
	{
		name: "h: a lock is granted twice", rules: []Rule{RuleOverlap}, within: 100,
		state: func(s Shared) Shared { return grants{s, sometimes(3)} },
	},
	{
		name: "i: updates of typed state are lost", rules: []Rule{RuleState}, within: 50,
		state: func(s Shared) Shared { return swapsBlindly{s} },
		plan: func(p *plan) {
			p.counts = true
			p.conc = chat.Concurrency{Strategy: chat.StrategyConcurrent}
		},
	},
	{
		name: "j: the producer's clock is behind", rules: []Rule{RuleBalance}, within: 20,
		state: func(s Shared) Shared { return expiresEarly{s} },
	},
	{
		name: "l: history is not kept", rules: []Rule{RuleHistory}, within: 20,
		state: func(s Shared) Shared { return noHistory{s} },
		plan:  func(p *plan) { p.keeps = true },
	},
	{
		name: "o: renewals do nothing", rules: []Rule{RuleOverlap}, within: 300,
		state: func(s Shared) Shared { return extendsNothing{s} },
	},
	{
		name: "p: a full queue trims the oldest", rules: []Rule{RuleLost, RuleOrder}, within: 50,
		state: func(s Shared) Shared { return trims{s} },
	},
	{
		name: "settling removes other entries", rules: []Rule{RuleLost, RuleTwice}, within: 50,
		state: func(s Shared) Shared { return settleNewest{s} },
	},
	{
		name: "settling removes nothing", rules: []Rule{RuleTwice}, within: 20,
		state: func(s Shared) Shared { return settleNone{s} },
	},
	{
		name: "the newest comes first", rules: []Rule{RuleOrder}, within: 50,
		state: func(s Shared) Shared { return newestFirst{s} },
	},
	{
		name: "nobody knows what a dead instance left", rules: []Rule{RuleLost, RuleLeft}, within: 300,
		state: func(s Shared) Shared { return noMarks{s} },
	},
	{
		name: "locks are not released", rules: []Rule{RuleIdle, RuleLeft}, within: 50,
		state: func(s Shared) Shared { return keepsLocks{s} },
	},
	{
		name: "places of a bound are granted twice", rules: []Rule{RuleOverlap}, within: 200,
		state: func(s Shared) Shared {
			return grants{s, func(id string) bool { return strings.Contains(id, "#slot:") }}
		},
	},
}

// TestPlantedFaultsAreFound shows that a play can fail: each fault is found
// within a number of seeds, by a rule that it breaks.
func TestPlantedFaultsAreFound(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= f.within; seed++ {
				var err error
				synctest.Test(t, func(*testing.T) { _, err = play(seed, fault{plan: f.slowed, state: f.state}) })
				if err == nil {
					continue
				}
				for _, rule := range f.rules {
					if strings.Contains(err.Error(), string(rule)+": ") {
						t.Logf("found by the rule %q at seed %d of %d", rule, seed, f.within)
						return
					}
				}
				t.Fatalf("want a break of one of %q, got: %v", f.rules, err)
			}
			t.Fatalf("not found within %d seeds", f.within)
		})
	}
}

// slowed is the fault's plan on a state that takes some time, as a bot that finds
// its message again and again must not do so in no time at all.
func (f planted) slowed(p *plan) {
	p.latency = max(p.latency, time.Millisecond)
	if f.plan != nil {
		f.plan(p)
	}
}
