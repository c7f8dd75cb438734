package conformance

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
)

// mutant is an adapter with one planted fault.
type mutant struct {
	// fault says what is wrong with it.
	fault string
	// owner is the case whose rule the fault breaks.
	owner string
	// plant returns the adapter that looks at the backend through the view.
	plant func(v *view) adapter
}

// mutants grow with each fault that is found in an adapter.
func mutants() []mutant {
	return slices.Concat(
		lifecycleMutants,
		contextMutants,
		subscriptionMutants,
		lockMutants,
		cacheMutants,
		listMutants,
		queueMutants,
		inboxMutants,
		swapMutants,
		turnMutants,
		checkerMutants,
		fenceMutants,
		inProcessMutants,
		nameMutants,
		argumentMutants,
		concurrencyMutants,
		corruptMutants,
		outageMutants,
		lostReplyMutants,
		resourceMutants,
		valueMutants,
		ruleMutants,
	)
}

// pause gives every other goroutine of a bubble its turn.
func pause() { time.Sleep(time.Microsecond) }

// failures runs one case against a mutant, or against the view itself.
func failures(t *testing.T, c statetest.Case, plant func(v *view) adapter) []string {
	t.Helper()
	return failuresOf(t, c, plant, viewFeatures, 0)
}

// failuresOf runs one case against a mutant with a backend that is so far away.
func failuresOf(t *testing.T, c statetest.Case, plant func(v *view) adapter, f statetest.Features, delay time.Duration) []string {
	t.Helper()
	r := &Recorder{}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		backends := map[state.Adapter]*backend{}
		openPatient := func(b *backend, patience time.Duration) state.Adapter {
			v := newView(b)
			v.patience, v.delay = patience, delay
			a := plant(v)
			mu.Lock()
			defer mu.Unlock()
			backends[a] = b
			return a
		}
		open := func(b *backend) state.Adapter { return openPatient(b, 5*time.Second) }
		of := func(a state.Adapter) *backend {
			mu.Lock()
			defer mu.Unlock()
			return backends[a]
		}
		f.Reopen = func(_ *testing.T, a state.Adapter) state.Adapter { return open(of(a)) }
		f.Skewed = func(_ *testing.T, a state.Adapter) state.Adapter {
			v := newView(of(a))
			v.delay, v.ahead = delay, time.Hour
			return plant(v)
		}
		f.Corrupt = func(t *testing.T, a state.Adapter, threadID string, raw []byte) { of(a).corrupt(t, threadID, raw) }
		f.Outage = func(t *testing.T, patience time.Duration) (state.Adapter, func(bool)) {
			b := newBackend(t)
			return openPatient(b, patience), b.silence
		}
		f.Open = func(t *testing.T) (state.Adapter, func() (int, int)) {
			b := newBackend(t)
			return open(b), b.connections
		}
		f.Lent = func(t *testing.T) (state.Adapter, func(context.Context) error) {
			b := newBackend(t)
			return open(b), func(ctx context.Context) error {
				_, err := b.QueueDepth(ctx, "thread")
				return err
			}
		}
		f.LoseReply = func(t *testing.T) (state.Adapter, func(int) func() bool) {
			b := newBackend(t)
			return open(b), b.loseReply
		}
		c.Check(r, statetest.NewSubject(t, func(t *testing.T) state.Adapter { return open(newBackend(t)) }, f))
		time.Sleep(time.Hour) // calls that a failing case leaves behind end before the bubble does
	})
	return r.Failures()
}

func TestViewIsWithoutFault(t *testing.T) {
	for _, c := range statetest.Cases() {
		if found := failures(t, c, func(v *view) adapter { return v }); len(found) > 0 {
			t.Errorf("%s:\n%s", c.ID, strings.Join(found, "\n"))
		}
	}
}

// TestMutants runs the suite against every mutant. Each must be caught by the
// case that owns the rule it breaks. By default a mutant meets the cases of its
// owner's group; CONFORMANCE_MATRIX=full has it meet all, and prints who caught
// it.
func TestMutants(t *testing.T) {
	full := os.Getenv("CONFORMANCE_MATRIX") == "full"
	all := mutants()
	if len(all) < 30 {
		t.Errorf("there are %d mutants, want at least 30", len(all))
	}
	rows := make([]string, len(all))
	t.Run("group", func(t *testing.T) {
		for i, m := range all {
			t.Run(strings.ReplaceAll(m.fault, " ", "_"), func(t *testing.T) {
				t.Parallel()
				caught := catch(t, m, full)
				if !slices.Contains(caught, m.owner) {
					t.Errorf("%s: it passes %s, which owns the rule", m.fault, m.owner)
				}
				others := slices.DeleteFunc(caught, func(id string) bool { return id == m.owner })
				rows[i] = fmt.Sprintf("%-62s %-38s %s", m.fault, m.owner, strings.Join(others, " "))
			})
		}
	})
	t.Logf("%d mutants: the fault, the case that owns the rule and caught it, other cases that caught it\n%s", len(all), strings.Join(rows, "\n"))
}

// catch returns the IDs of the cases that the mutant fails.
func catch(t *testing.T, m mutant, full bool) []string {
	t.Helper()
	group, _, _ := strings.Cut(m.owner, "/")
	known := false
	var caught []string
	for _, c := range statetest.Cases() {
		known = known || c.ID == m.owner
		if !full && !strings.HasPrefix(c.ID, group+"/") {
			continue
		}
		if len(failures(t, c, m.plant)) > 0 {
			caught = append(caught, c.ID)
		}
	}
	if !known {
		t.Errorf("%s: there is no case %s", m.fault, m.owner)
	}
	return caught
}
