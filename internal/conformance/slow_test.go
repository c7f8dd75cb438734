package conformance

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

// slow is what a call of a slow backend takes longer.
const slow = 100 * time.Millisecond

// TestSlowRedis runs the suite on a server that is far away. By default it runs a few
// cases of lifetimes; CONFORMANCE_SLOW=full runs everything, in under ten minutes.
func TestSlowRedis(t *testing.T) {
	t.Parallel()
	b := &redisBackend{delay: slow}
	f := b.features(redistest.Shared(t).Client(t))
	if os.Getenv("CONFORMANCE_SLOW") == "full" {
		statetest.Run(t, b.openFresh, f)
		return
	}
	few := []string{
		"Cache/Expires", "Cache/RefusalLeavesTheExpiry", "Locks/Extend", "Locks/RefusalLeavesTheTTL", "Lists/TTLLeftAlone",
		"Swaps/RefusalLeavesTheExpiry", "Turns/StartExpires",
	}
	for _, c := range statetest.Cases() {
		if !slices.Contains(few, c.ID) {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			c.Check(t, statetest.NewSubject(t, b.openFresh, f))
		})
	}
}

// slowFeatures are those of a view in a bubble that is taken for a real backend.
func slowFeatures() statetest.Features {
	f := viewFeatures
	f.VirtualTime = false
	return f
}

func TestSlowViewIsWithoutFault(t *testing.T) {
	for _, c := range statetest.Cases() {
		if found := failuresOf(t, c, func(v *view) adapter { return v }, slowFeatures(), slow); isOfLifetimes(c) && len(found) > 0 {
			t.Errorf("%s:\n%s", c.ID, strings.Join(found, "\n"))
		}
	}
}

// TestMutantsOfLifetimesOnASlowBackend has lifetimes that are too short or too long
// caught where a call takes nearly as long as they do.
func TestMutantsOfLifetimesOnASlowBackend(t *testing.T) {
	tried := 0
	for _, m := range mutants() {
		for _, c := range statetest.Cases() {
			if c.ID != m.owner || !isOfLifetimes(c) {
				continue
			}
			tried++
			if len(failuresOf(t, c, m.plant, slowFeatures(), slow)) == 0 {
				t.Errorf("%s: it passes %s, which owns the rule", m.fault, m.owner)
			}
		}
	}
	t.Logf("%d mutants", tried)
}

// TestCaseThatCannotDecideFails has a backend so slow that no lifetime can be seen,
// although it is measured as fast.
func TestCaseThatCannotDecideFails(t *testing.T) {
	for _, c := range statetest.Cases() {
		if c.ID != "Cache/Expires" && c.ID != "Locks/Extend" && c.ID != "Lists/TTLLeftAlone" && c.ID != "Turns/StartExpires" {
			continue
		}
		found := failuresOf(t, c, func(v *view) adapter { return &suddenlySlow{view: v} }, slowFeatures(), 0)
		if len(found) != 1 || !strings.HasPrefix(found[0], "undecided: ") {
			t.Errorf("%s\n    seen: %q\n    want: one failure, which says that it is undecided", c.ID, found)
		}
	}
}

// suddenlySlow is a view whose writes take longer than the lifetimes that a case
// waits for.
type suddenlySlow struct{ *view }

func (*suddenlySlow) dawdle(ttl time.Duration) {
	if ttl < time.Minute {
		time.Sleep(2 * ttl)
	}
}

func (m *suddenlySlow) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	err := m.view.Set(ctx, key, value, ttl)
	m.dawdle(ttl)
	return err
}

func (m *suddenlySlow) AcquireLock(ctx context.Context, threadID string, ttl time.Duration) (*state.Lock, error) {
	lock, err := m.view.AcquireLock(ctx, threadID, ttl)
	m.dawdle(ttl)
	return lock, err
}

func (m *suddenlySlow) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	err := m.view.AppendToList(ctx, key, value, opts)
	m.dawdle(opts.TTL)
	return err
}

func (m *suddenlySlow) StartTurn(ctx context.Context, req state.StartTurn) (state.TurnStarted, error) {
	out, err := m.view.StartTurn(ctx, req)
	m.dawdle(req.TTL)
	return out, err
}

// isOfLifetimes reports whether the case waits for a lifetime to end.
func isOfLifetimes(c statetest.Case) bool {
	_, name, _ := strings.Cut(c.ID, "/")
	switch name {
	case "NoExpiry", "LongTTL": // what lives for ever, or for years
		return false
	case "Extend", "ExtendToLess", "AgainRenews", "SwapRenews", "KeepsItsPromise":
		return true
	}
	return strings.Contains(name, "Expir") || strings.Contains(name, "TTL")
}
