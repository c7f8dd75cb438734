package statetest

import (
	"fmt"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleShared = "Adapters on one backend, in one process or many, act as one: every rule holds across them."

var sharedCases = []Case{
	{ID: "Shared/Subscriptions", Rule: ruleShared, Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		must(t, "Subscribe", a.Subscribe(s.Context(), "thread"))
		s.subscribed(t, b, "thread", true)
		must(t, "Unsubscribe", b.Unsubscribe(s.Context(), "thread"))
		s.subscribed(t, a, "thread", false)
	}},
	{ID: "Shared/Locks", Rule: ruleShared, Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		lock := s.acquire(t, a, "thread", longTTL)
		s.locked(t, b, "thread")
		must(t, "ExtendLock by another adapter", b.ExtendLock(s.Context(), lock, longTTL))
		must(t, "ReleaseLock by another adapter", b.ReleaseLock(s.Context(), lock))
		s.acquire(t, b, "thread", longTTL)
		must(t, "ForceReleaseLock", a.ForceReleaseLock(s.Context(), "thread"))
		s.acquire(t, b, "thread", longTTL)
	}},
	{ID: "Shared/LocksOneWinner", Rule: ruleShared, Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		for round := range 5 {
			s.oneWinner(t, fmt.Sprint("thread ", round), a, b)
		}
	}},
	{ID: "Shared/LocksExpire", Rule: ruleShared, Needs: NeedsShared, Run: lasting(func(t TB, s *Subject) {
		a, b := s.pair(t)
		ttl := s.pace().ttl
		took := timed(func() { s.acquire(t, a, "thread", ttl) })
		s.expires(t, "the lock, as another adapter sees it,", took, ttl, s.held(t, b, "thread"))
	})},
	{ID: "Shared/Cache", Rule: ruleShared, Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		s.absent(t, b, "key")
		s.set(t, a, "key", "1", 0)
		s.value(t, b, "key", "1")
		s.set(t, b, "key", "2", 0)
		s.value(t, a, "key", "2")
		must(t, "Delete", b.Delete(s.Context(), "key"))
		s.absent(t, a, "key")
	}},
	{ID: "Shared/SetIfNotExists", Rule: ruleShared, Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		for round := range 5 {
			s.oneSetter(t, fmt.Sprint("key ", round), a, b)
			s.oneClaimer(t, fmt.Sprint("claim ", round), a, b)
		}
	}},
	{ID: "Shared/Lists", Rule: ruleShared, Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		s.appendTogether(t, a, b)
		s.append(t, b, "list", "last", state.ListOptions{MaxLength: 1})
		s.list(t, a, "list", "last")
	}},
	{ID: "Shared/Queues", Rule: ruleShared, Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		s.enqueue(t, a, "thread", "1", 2, 1)
		s.enqueue(t, b, "thread", "2", 2, 2)
		s.enqueue(t, a, "thread", "3", 2, 2)
		s.dequeue(t, b, "thread", "2")
		s.dequeue(t, a, "thread", "3")
		for round := range 5 {
			s.dequeueTogether(t, fmt.Sprint("thread ", round), 20, a, b)
		}
	}},
	{ID: "Shared/Inbox", Rule: ruleShared, Needs: NeedsShared | NeedsInbox, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		s.acceptAll(t, a, "thread", "1", "2", "3")
		s.marked(t, b, later(), 0, "thread")
		r := s.waiting(t, b, "thread", "1", "2", "3")
		s.settle(t, b, "thread", 2, r[1])
		s.waiting(t, a, "thread", "1", "3")
		s.accept(t, b, "thread", "4", 0, 3)
		r = s.waiting(t, a, "thread", "1", "3", "4")
		s.settle(t, a, "thread", 0, r...)
		s.unmarked(t, b)
	}},
	{ID: "Shared/Swaps", Rule: ruleShared, Needs: NeedsShared | NeedsSwaps, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		s.count(t, a, b)
	}},
	{ID: "Shared/SkewedClock", Rule: ruleShared, Needs: NeedsShared | NeedsSkewed, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		b := s.closeLater(s.Features.Skewed(s.t, a))
		must(t, "Connect of an adapter whose clock is ahead", b.Connect(s.Context()))
		for _, c := range []struct {
			what        string
			gives, sees state.Adapter
		}{{"as an adapter sees it whose clock is ahead", a, b}, {"given by an adapter whose clock is ahead", b, a}} {
			took := timed(func() { s.set(t, c.gives, c.what, "v", ttl) })
			s.expires(t, "the value, "+c.what+",", took, ttl, s.present(t, c.sees, c.what))
			took = timed(func() { s.acquire(t, c.gives, c.what, ttl) })
			s.expires(t, "the lock, "+c.what+",", took, ttl, s.held(t, c.sees, c.what))
			took = timed(func() { s.append(t, c.gives, c.what, "v", state.ListOptions{TTL: ttl}) })
			s.expires(t, "the list, "+c.what+",", took, ttl, s.hasList(t, c.sees, c.what, 1))
		}
	})},
	{ID: "Shared/CloseLeavesTheOther", Rule: "Close releases what the adapter itself opened; a client that the user handed in stays open.", Needs: NeedsShared, Run: func(t TB, s *Subject) {
		a, b := s.pair(t)
		s.set(t, a, "key", "1", 0)
		lock := s.acquire(t, b, "thread", longTTL)
		must(t, "Close", a.Close(s.Context()))
		s.value(t, b, "key", "1")
		must(t, "ReleaseLock", b.ReleaseLock(s.Context(), lock))
	}},
}

// pair returns two adapters on one backend.
func (s *Subject) pair(t TB) (a, b state.Adapter) {
	t.Helper()
	a = s.Connected(t)
	return a, s.Reopen(t, a)
}
