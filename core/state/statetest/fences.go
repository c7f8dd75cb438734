package statetest

import (
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleFenceRises = "Fence returns a number that is greater than every one that it has returned for an earlier grant of the thread's lock."
	ruleFenceLost  = "It returns [ErrLockLost] unless the lock is held."
	ruleFenceStays = "The numbers go on rising as long as the backend keeps its data, so it keeps one for each thread that was ever asked for, without expiry."
)

var fenceCases = []Case{
	{ID: "Fences/Rise", Rule: ruleFenceRises, Needs: NeedsFences, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		last := int64(0)
		for i := range 4 {
			lock := s.acquire(t, a, "thread", longTTL)
			first := s.fence(t, a, lock, last)
			last = max(first, s.fence(t, a, lock, last))
			if i%2 == 0 {
				must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
			} else {
				must(t, "ForceReleaseLock", a.ForceReleaseLock(s.Context(), "thread"))
			}
		}
	}},
	{ID: "Fences/Expired", Rule: ruleFenceRises, Needs: NeedsFences, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", s.pace().ttl)
		first, err := fences(a).Fence(s.Context(), lock)
		if err != nil { // it has expired meanwhile
			isError(t, "Fence", err, state.ErrLockLost)
		}
		s.ended(t, "a lock", s.pace().ttl, s.held(t, a, "thread"))
		_, err = fences(a).Fence(s.Context(), lock)
		isError(t, "Fence of a lock that has expired", err, state.ErrLockLost)
		must(t, "ForceReleaseLock", a.ForceReleaseLock(s.Context(), "thread"))
		s.fence(t, a, s.acquire(t, a, "thread", longTTL), first)
	}},
	{ID: "Fences/Lost", Rule: ruleFenceLost, Needs: NeedsFences, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		last := s.fence(t, a, lock, 0)
		lost := func(what string, lock *state.Lock) {
			n, err := fences(a).Fence(s.Context(), lock)
			isError(t, "Fence of "+what, err, state.ErrLockLost)
			equal(t, "the number for "+what, n, 0)
		}
		lost("a lock whose token is another", &state.Lock{ThreadID: "thread", Token: "another"})
		must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
		lost("a lock that was released", lock)
		other := s.acquire(t, a, "thread", longTTL)
		lost("a lock that another has", lock)
		s.fence(t, a, other, last)
		lost("a lock that another has", lock)
	}},
	{ID: "Fences/Contended", Rule: ruleFenceRises, Needs: NeedsFences, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		var mu sync.Mutex
		var granted []int64 // in the order of the grants, as each is noted while its lock is held
		together(8, func(int) {
			for range 10 {
				lock, err := a.AcquireLock(s.Context(), "thread", longTTL)
				if err != nil {
					isError(t, "AcquireLock", err, state.ErrLocked)
					time.Sleep(time.Millisecond)
					continue
				}
				n, err := fences(a).Fence(s.Context(), lock)
				must(t, "Fence", err)
				mu.Lock()
				granted = append(granted, n)
				mu.Unlock()
				must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
			}
		})
		for i := 1; i < len(granted); i++ {
			if granted[i] <= granted[i-1] {
				t.Errorf("numbers in the order of their grants\n    seen: %v\n    want: each greater than the one before", granted)
				return
			}
		}
	}},
	{ID: "Fences/Persistent", Rule: ruleFenceStays, Needs: NeedsFences | NeedsPersistent, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		last := s.fence(t, a, lock, 0)
		must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
		must(t, "Close", a.Close(s.Context()))
		a = s.Reopen(t, a)
		s.fence(t, a, s.acquire(t, a, "thread", longTTL), last)
	}},
}

// fences is for cases that need the role: Run has seen that it is there.
func fences(a state.Adapter) state.Fences { return role[state.Fences](a) }

// fence returns a number for the lock, which must be greater than the other.
func (s *Subject) fence(t TB, a state.Adapter, lock *state.Lock, than int64) int64 {
	t.Helper()
	n, err := fences(a).Fence(s.Context(), lock)
	must(t, "Fence of a lock that is held", err)
	if n <= than {
		t.Errorf("Fence\n    seen: %d\n    want: more than %d", n, than)
	}
	return n
}
