package statetest

import (
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleReceipts = "Only adapters on the backend of the one that issued it can read it, and all of them can."

const rulePersistent = "What is stored outlives the adapter where the backend does: the next adapter on the same backend finds it, whether this one was closed or its process died."

var persistentCases = []Case{
	{ID: "Persistent/Subscriptions", Rule: ruleSubscription, Needs: NeedsPersistent, Run: func(t TB, s *Subject) {
		s.acrossReopen(t, func(a state.Adapter) {
			must(t, "Subscribe", a.Subscribe(s.Context(), "thread"))
		}, func(a state.Adapter) {
			s.subscribed(t, a, "thread", true)
			s.subscribed(t, a, "another thread", false)
		})
	}},
	{ID: "Persistent/Locks", Rule: rulePersistent, Needs: NeedsPersistent, Run: func(t TB, s *Subject) {
		var lock *state.Lock
		s.acrossReopen(t, func(a state.Adapter) {
			lock = s.acquire(t, a, "thread", longTTL)
		}, func(a state.Adapter) {
			s.locked(t, a, "thread")
			must(t, "ExtendLock", a.ExtendLock(s.Context(), lock, longTTL))
			must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
		})
	}},
	{ID: "Persistent/LocksExpire", Rule: ruleLease, Needs: NeedsPersistent, Run: lasting(func(t TB, s *Subject) {
		ttl := s.pace().ttl
		var took span
		s.acrossReopen(t, func(a state.Adapter) {
			took = timed(func() { s.acquire(t, a, "thread", ttl) })
		}, func(a state.Adapter) {
			s.expires(t, "the lock of an adapter that is gone", took, ttl, s.held(t, a, "thread"))
		})
	})},
	{ID: "Persistent/Cache", Rule: rulePersistent, Needs: NeedsPersistent, Run: lasting(func(t TB, s *Subject) {
		var took span
		ttl := s.pace().ttl
		s.acrossReopen(t, func(a state.Adapter) {
			s.set(t, a, "key", "\x00value", 0)
			took = timed(func() { s.set(t, a, "key with TTL", "v", ttl) })
		}, func(a state.Adapter) {
			s.value(t, a, "key", "\x00value")
			s.setIfNotExists(t, a, "key", "v", 0, false)
			s.expires(t, "the value that an adapter that is gone set", took, ttl, s.present(t, a, "key with TTL"))
		})
	})},
	{ID: "Persistent/Lists", Rule: rulePersistent, Needs: NeedsPersistent, Run: func(t TB, s *Subject) {
		s.acrossReopen(t, func(a state.Adapter) {
			s.append(t, a, "list", "1", state.ListOptions{TTL: time.Hour})
			s.append(t, a, "list", "2", state.ListOptions{})
		}, func(a state.Adapter) {
			s.append(t, a, "list", "3", state.ListOptions{})
			s.list(t, a, "list", "1", "2", "3")
		})
	}},
	{ID: "Persistent/Queues", Rule: rulePersistent, Needs: NeedsPersistent, Run: func(t TB, s *Subject) {
		s.acrossReopen(t, func(a state.Adapter) {
			s.enqueue(t, a, "thread", "1", 0, 1)
			s.enqueue(t, a, "thread", "2", 0, 2)
		}, func(a state.Adapter) {
			s.enqueue(t, a, "thread", "3", 0, 3)
			s.drain(t, a, "thread", "1", "2", "3")
		})
	}},
	{ID: "Persistent/Inbox", Rule: rulePersistent, Needs: NeedsPersistent | NeedsInbox, Run: func(t TB, s *Subject) {
		s.acrossReopen(t, func(a state.Adapter) {
			r := s.acceptAll(t, a, "thread", "1", "2", "3")
			s.settle(t, a, "thread", 2, r[1])
			s.acceptAll(t, a, "another thread", "4")
		}, func(a state.Adapter) {
			threads, err := inbox(a).WaitingThreads(s.Context(), later(), 0)
			must(t, "WaitingThreads", err)
			equal(t, "threads listed after a crash or restart", len(threads), 2)
			r := s.waiting(t, a, "thread", "1", "3")
			s.settle(t, a, "thread", 1, r[0])
			s.settle(t, a, "thread", 0, r[1])
			s.waiting(t, a, "another thread", "4")
		})
	}},
	{ID: "Persistent/ReceiptsOfAnother", Rule: ruleReceipts, Needs: NeedsPersistent | NeedsInbox, Run: func(t TB, s *Subject) {
		var r []state.Receipt
		s.acrossReopen(t, func(a state.Adapter) {
			r = s.acceptAll(t, a, "thread", "1", "2", "3")
		}, func(a state.Adapter) {
			s.settle(t, a, "thread", 2, r[1])
			s.waiting(t, a, "thread", "1", "3")
		})
	}},
	{ID: "Persistent/Receipts", Rule: ruleSettle, Needs: NeedsPersistent | NeedsInbox, Run: func(t TB, s *Subject) {
		// Receipts of one adapter must not settle what another accepted later.
		s.acrossReopen(t, func(a state.Adapter) {
			s.acceptAll(t, a, "thread", "1")
		}, func(a state.Adapter) {
			s.accept(t, a, "thread", "2", 0, 2)
			r := s.waiting(t, a, "thread", "1", "2")
			s.settle(t, a, "thread", 1, r[0])
			s.settle(t, a, "thread", 1, r[0])
			s.waiting(t, a, "thread", "2")
		})
	}},
}

// acrossReopen runs the check on an adapter that follows one that has written:
// once after it was closed, once after it was abandoned, as in a crash.
func (s *Subject) acrossReopen(t TB, write, check func(a state.Adapter)) {
	t.Helper()
	closed := s.Connected(t)
	write(closed)
	must(t, "Close", closed.Close(s.Context()))
	check(s.Reopen(t, closed))

	abandoned := s.Connected(t)
	write(abandoned)
	check(s.Reopen(t, abandoned))
}
