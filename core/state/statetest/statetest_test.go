package statetest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/core/state/statetest"
)

func open(*testing.T) state.Adapter { return newReference(newStore()) }

func features() statetest.Features {
	return statetest.Features{
		Inbox: true, Swaps: true, Turns: true, Checker: true, Fences: true, Persistent: true, Shared: true, VirtualTime: true,
		Reopen: func(_ *testing.T, a state.Adapter) state.Adapter { return newReference(a.(*reference).store) },
		Corrupt: func(t *testing.T, a state.Adapter, threadID string, raw []byte) {
			a.(*reference).corrupt(t, threadID, raw)
		},
		Outage: func(_ *testing.T, patience time.Duration) (state.Adapter, func(bool)) {
			r := newReference(newStore())
			r.patience = patience
			return r, r.silence
		},
	}
}

func TestReference(t *testing.T) { statetest.Run(t, open, features()) }

func TestReferenceInRealTime(t *testing.T) {
	f := features()
	f.VirtualTime = false
	statetest.Run(t, open, f)
}

func BenchmarkReference(b *testing.B) {
	statetest.Bench(b, func(*testing.B) state.Adapter { return newReference(newStore()) })
}

// A lifetime that scales with the subject's speed is no whole number of milliseconds.
func TestALockMayPromiseTheMillisecondThatHasBegun(t *testing.T) {
	at := time.Now()
	for promised, alarm := range map[time.Duration]bool{214 * time.Millisecond: false, 215 * time.Millisecond: true} {
		r := &recorder{}
		statetest.CheckExpiresAt(r, &state.Lock{ExpiresAt: at.Add(promised)}, at, 213244*time.Microsecond)
		if alarm != (len(r.said) > 0) {
			t.Errorf("%v: %q", promised, r.said)
		}
	}
}

// recorder stands in for a test.
type recorder struct {
	mu     sync.Mutex
	said   []string
	failed bool
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) FailNow() { r.failed = true }

func check(t *testing.T, c statetest.Case) *recorder {
	t.Helper()
	r := &recorder{}
	synctest.Test(t, func(t *testing.T) { c.Check(r, statetest.NewSubject(t, open, features())) })
	return r
}

const someRule = "IsSubscribed reports whether the thread is in the set."

func TestFailureSaysTheRuleOnce(t *testing.T) {
	r := check(t, statetest.Case{ID: "Some/Case", Rule: someRule, Run: func(t statetest.TB, _ *statetest.Subject) {
		t.Errorf("what\n    seen: %d\n    want: %d", 1, 2)
		t.Errorf("more")
		t.FailNow()
		t.Errorf("nothing runs after FailNow")
	}})
	if len(r.said) != 2 || !r.failed {
		t.Fatalf("the recorder heard %q, and failed: %v", r.said, r.failed)
	}
	for _, want := range []string{"seen: 1", "want: 2", "rule: " + someRule, "stands in: ", "state.go:"} {
		if !strings.Contains(r.said[0], want) {
			t.Errorf("the failure does not say %q: %s", want, r.said[0])
		}
	}
	if r.said[1] != "more" {
		t.Errorf("the second failure says %q", r.said[1])
	}
}

func TestHangingCaseEnds(t *testing.T) {
	r := check(t, statetest.Case{ID: "Some/Case", Rule: someRule, Run: func(_ statetest.TB, s *statetest.Subject) {
		<-s.Context().Done()
	}})
	if len(r.said) != 1 || !strings.Contains(r.said[0], "still runs") {
		t.Errorf("the recorder heard %q", r.said)
	}
}

func TestCaseThatIgnoresItsContextIsLeftBehind(t *testing.T) {
	r := &recorder{}
	synctest.Test(t, func(t *testing.T) {
		const long = 5000 * time.Hour
		c := statetest.Case{ID: "Some/Case", Rule: someRule, Run: func(t statetest.TB, _ *statetest.Subject) {
			time.Sleep(long)
			t.Errorf("too late to be heard")
		}}
		c.Check(r, statetest.NewSubject(t, open, features()))
		time.Sleep(long) // the bubble waits for nobody
	})
	if len(r.said) != 1 || !strings.Contains(r.said[0], "still runs") {
		t.Errorf("the recorder heard %q", r.said)
	}
}

// plain is a reference without the optional roles.
type plain struct{ state.Adapter }

// inProcess is one that nobody else can reach.
type inProcess struct{ plain }

func (inProcess) InProcess() bool { return true }

func single(t *testing.T) state.Adapter { return inProcess{plain{open(t)}} }

func TestFeaturesMustMatch(t *testing.T) {
	for name, c := range map[string]struct {
		open   func(t *testing.T) state.Adapter
		change func(f *statetest.Features)
		want   string
	}{
		"all is well":               {open, func(*statetest.Features) {}, ""},
		"Inbox is not declared":     {open, func(f *statetest.Features) { f.Inbox, f.Turns = false, false }, "declare Features.Inbox"},
		"Swaps are not declared":    {open, func(f *statetest.Features) { f.Swaps = false }, "declare Features.Swaps"},
		"Turns are not declared":    {open, func(f *statetest.Features) { f.Turns = false }, "declare Features.Turns"},
		"Checker is not declared":   {open, func(f *statetest.Features) { f.Checker = false }, "declare Features.Checker"},
		"InProcess is not declared": {single, func(f *statetest.Features) { *f = statetest.Features{VirtualTime: true} }, "declare Features.InProcess"},
		"InProcess is not there":    {open, func(f *statetest.Features) { f.InProcess = true }, "Features.InProcess is declared, but"},
		"InProcess with an outage": {single, func(f *statetest.Features) {
			*f = statetest.Features{InProcess: true, VirtualTime: true, Outage: f.Outage}
		}, "Features.Outage, for which"},
		"Turns without Inbox":          {open, func(f *statetest.Features) { f.Inbox = false }, "Turns needs Features.Inbox"},
		"persistence is not declared":  {open, func(f *statetest.Features) { f.Persistent = false }, "declare Features.Persistent"},
		"sharing is not declared":      {open, func(f *statetest.Features) { f.Shared = false }, "declare Features.Shared"},
		"Reopen is there for nothing":  {open, func(f *statetest.Features) { f.Persistent, f.Shared = false, false }, "neither Features.Persistent"},
		"Reopen is missing":            {open, func(f *statetest.Features) { f.Reopen = nil }, "need Features.Reopen"},
		"there is no Inbox, nor Swaps": {func(t *testing.T) state.Adapter { return plain{open(t)} }, func(f *statetest.Features) { f.Reopen, f.Persistent, f.Shared = nil, false, false }, "Features.Inbox is declared"},
		"open returns the same data":   {sameStore(), func(*statetest.Features) {}, "each needs data of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{}
			synctest.Test(t, func(t *testing.T) {
				f := features()
				c.change(&f)
				statetest.CheckFeatures(r, statetest.NewSubject(t, c.open, f))
			})
			said := strings.Join(r.said, "\n")
			if c.want == "" && said != "" || !strings.Contains(said, c.want) {
				t.Errorf("the recorder heard %q, want something with %q", said, c.want)
			}
		})
	}
}

func sameStore() func(t *testing.T) state.Adapter {
	s := newStore()
	return func(*testing.T) state.Adapter { return newReference(s) }
}
