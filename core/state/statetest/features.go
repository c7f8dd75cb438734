package statetest

import (
	"context"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Features declares what an adapter has beyond the roles that all have. The
// zero value is an adapter with the required roles whose data ends with it.
type Features struct {
	// Inbox says that the adapter implements [state.Inbox]. Default: it does not.
	Inbox bool

	// Swaps says that the adapter implements [state.Swaps]. Default: it does not.
	Swaps bool

	// Turns says that the adapter implements [state.Turns]. It needs Inbox.
	// Default: it does not.
	Turns bool

	// Checker says that the adapter implements [state.Checker]. Default: it does
	// not.
	Checker bool

	// Fences says that the adapter implements [state.Fences]. Default: it does not.
	Fences bool

	// InProcess says that the adapter implements [state.InProcess] and reports true.
	// It has no Corrupt and no Outage then. Default: its data can be reached from
	// elsewhere.
	InProcess bool

	// Persistent says that what was stored is found again by another adapter on
	// the same backend after this one was closed or abandoned. It needs Reopen.
	// Default: data ends with the adapter.
	Persistent bool

	// Shared says that adapters on one backend see each other's data at once. It
	// needs Reopen. Default: they do not.
	Shared bool

	// Reopen returns a further adapter on the data of one that open returned,
	// not yet connected. The given adapter may be in use, closed or abandoned.
	// Default: none, for data that nothing else can reach.
	Reopen func(t *testing.T, a state.Adapter) state.Adapter

	// Skewed returns a further adapter as Reopen does, in a process whose clock is an
	// hour ahead of the first adapter's. Default: none, for an adapter whose process's
	// clock cannot be set.
	Skewed func(t *testing.T, a state.Adapter) state.Adapter

	// VirtualTime says that the adapter takes its time from package time alone
	// and waits for nothing outside the process, so that the cases can run in
	// testing/synctest bubbles, where an hour takes no time. Default: real time.
	VirtualTime bool

	// Corrupt appends raw bytes that are no queue entry to the tail of a
	// thread's queue, behind the adapter's back. Default: none, for a backend
	// where nobody else can write.
	Corrupt func(t *testing.T, a state.Adapter, threadID string, raw []byte)

	// Outage opens an adapter as open does, together with a switch that makes
	// its backend silent and brings it back: connections stay open, but nothing
	// is answered. The adapter is set to give up a call without deadline, and an
	// attempt to connect, when the backend has been silent for the patience, which
	// is a third of a second or a minute, or more with a slow backend. Default: none, for
	// a backend that cannot be away.
	Outage func(t *testing.T, patience time.Duration) (a state.Adapter, silence func(silent bool))

	// LoseReply opens an adapter as open does, together with a function that has a
	// reply of its backend lost, as [Proxy.LoseReply] does: the backend takes skip
	// further requests as ever, and one more whose reply never comes; lost reports
	// whether that has happened, and ends the waiting for it. Default: none, for a
	// backend that answers by returning from a function.
	LoseReply func(t *testing.T) (a state.Adapter, loseReply func(skip int) (lost func() bool))

	// Open opens an adapter as open does, together with a function that counts its
	// connections, as [Proxy.Connections] does: those that are open, and all that
	// there have been. Default: none, for an adapter without connections.
	Open func(t *testing.T) (a state.Adapter, connections func() (open, made int))

	// Lent opens an adapter on a client that the program makes, together with a
	// function that uses this client. Default: none, for an adapter that takes no
	// client.
	Lent func(t *testing.T) (a state.Adapter, use func(ctx context.Context) error)
}

// has reports whether all the features are declared, and names one that is not.
func (f Features) has(n Needs) (missing string, ok bool) {
	for _, x := range []struct {
		need     Needs
		name     string
		declared bool
	}{
		{NeedsInbox, "Inbox", f.Inbox},
		{NeedsSwaps, "Swaps", f.Swaps},
		{NeedsTurns, "Turns", f.Turns},
		{NeedsChecker, "Checker", f.Checker},
		{NeedsFences, "Fences", f.Fences},
		{NeedsPersistent, "Persistent", f.Persistent},
		{NeedsShared, "Shared", f.Shared},
		{NeedsCorrupt, "Corrupt", f.Corrupt != nil},
		{NeedsOutage, "Outage", f.Outage != nil},
		{NeedsLostReplies, "LoseReply", f.LoseReply != nil},
		{NeedsOpen, "Open", f.Open != nil},
		{NeedsLent, "Lent", f.Lent != nil},
		{NeedsSkewed, "Skewed", f.Skewed != nil},
	} {
		if n&x.need != 0 && !x.declared {
			return x.name, false
		}
	}
	return "", true
}

// checkFeatures compares what is declared with what is there.
func checkFeatures(t TB, s *Subject) {
	t.Helper()
	f := s.Features
	if (f.Persistent || f.Shared) && f.Reopen == nil {
		t.Errorf("Features.Persistent and Features.Shared need Features.Reopen, which is nil")
		return
	}
	if f.Turns && !f.Inbox {
		t.Errorf("Features.Turns needs Features.Inbox, which is not declared")
		return
	}
	if f.InProcess && (f.Corrupt != nil || f.Outage != nil) {
		t.Errorf("Features.InProcess is declared, and so is Features.Corrupt or Features.Outage, for which something outside of the process is needed")
	}
	if f.Reopen != nil && !f.Persistent && !f.Shared {
		t.Errorf("Features.Reopen is set, but neither Features.Persistent nor Features.Shared is declared")
	}

	a := s.Connected(t)
	_, hasInbox := state.As[state.Inbox](a)
	compare(t, "Inbox", f.Inbox, hasInbox)
	_, hasSwaps := state.As[state.Swaps](a)
	compare(t, "Swaps", f.Swaps, hasSwaps)
	_, hasTurns := state.As[state.Turns](a)
	compare(t, "Turns", f.Turns, hasTurns)
	_, hasChecker := state.As[state.Checker](a)
	compare(t, "Checker", f.Checker, hasChecker)
	_, hasFences := state.As[state.Fences](a)
	compare(t, "Fences", f.Fences, hasFences)
	inProcess, ok := state.As[state.InProcess](a)
	compare(t, "InProcess", f.InProcess, ok && inProcess.InProcess())

	ctx := s.Context()
	must(t, "Subscribe", a.Subscribe(ctx, "features"))
	seen, err := s.Connected(t).IsSubscribed(ctx, "features")
	must(t, "IsSubscribed on another adapter that open returned", err)
	if seen {
		t.Errorf("two adapters that open returned see the same data: each needs data of its own, for instance under a prefix of its own")
	}
	if f.Reopen != nil {
		checkReopen(t, s, a)
	}
}

// checkReopen looks for sharing and persistence that were not declared. The
// cases look for those that were.
func checkReopen(t TB, s *Subject, a state.Adapter) {
	t.Helper()
	ctx := s.Context()
	if !s.Features.Shared {
		// A backend for one adapter at a time may refuse the second.
		second := s.Features.Reopen(s.t, a)
		if err := second.Connect(ctx); err == nil {
			seen, err := second.IsSubscribed(ctx, "features")
			compare(t, "Shared", false, err == nil && seen)
		}
		must(t, "Close", second.Close(ctx))
	}
	if !s.Features.Persistent {
		must(t, "Close", a.Close(ctx))
		seen, err := s.Reopen(t, a).IsSubscribed(ctx, "features")
		must(t, "IsSubscribed after Reopen", err)
		compare(t, "Persistent", false, seen)
	}
}

func compare(t TB, name string, declared, present bool) {
	t.Helper()
	switch {
	case declared && !present:
		t.Errorf("Features.%s is declared, but the adapter has no such ability", name)
	case present && !declared:
		t.Errorf("the adapter has the ability %s: declare Features.%s, so that it is tested", name, name)
	}
}
