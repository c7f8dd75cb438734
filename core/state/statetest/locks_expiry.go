package statetest

import (
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleMillisecond = `A duration under a millisecond rounds up to a millisecond, never to "for ever".`

var lockExpiryCases = []Case{
	{ID: "Locks/Expires", Rule: ruleLease, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.acquire(t, a, "thread", ttl) })
		s.expires(t, "the lock", took, ttl, s.held(t, a, "thread"))
	})},
	{ID: "Locks/KeepsItsPromise", Rule: rulePromise, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", s.pace().ttl)
		s.ended(t, "the lock", s.pace().ttl, s.held(t, a, "thread"))
		if early := time.Until(lock.ExpiresAt); early > s.pace().early {
			t.Errorf("the lock was given to another before its ExpiresAt\n    seen: %v before\n    want: not before", early)
		}
	}},
	{ID: "Locks/OneWinnerAfterExpiry", Rule: ruleAcquire, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.lapsed(t, a, "thread")
		s.oneWinner(t, "thread", a)
	}},
	{ID: "Locks/ReleaseAfterExpiry", Rule: ruleRelease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.lapsed(t, a, "thread")
		isError(t, "ReleaseLock of an expired lock", a.ReleaseLock(s.Context(), lock), state.ErrLockLost)
	}},
	{ID: "Locks/ReleaseOfTheNextHolder", Rule: ruleRelease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		old := s.lapsed(t, a, "thread")
		lock := s.acquire(t, a, "thread", longTTL)
		isError(t, "ReleaseLock of an expired lock that another holds now", a.ReleaseLock(s.Context(), old), state.ErrLockLost)
		s.locked(t, a, "thread")
		must(t, "ExtendLock by the holder", a.ExtendLock(s.Context(), lock, longTTL))
	}},
	{ID: "Locks/ExtendAfterExpiry", Rule: ruleNoResurrect, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.lapsed(t, a, "thread")
		s.lost(t, a, "ExtendLock of an expired lock", lock)
		s.acquire(t, a, "thread", longTTL)
	}},
	{ID: "Locks/ExtendOfTheNextHolder", Rule: ruleNoResurrect, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		old := s.lapsed(t, a, "thread")
		lock := s.acquire(t, a, "thread", longTTL)
		s.lost(t, a, "ExtendLock of an expired lock that another holds now", old)
		must(t, "ReleaseLock by the holder", a.ReleaseLock(s.Context(), lock))
	}},
	{ID: "Locks/Extend", Rule: ruleExtend, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		lock := s.acquire(t, a, "thread", ttl)
		time.Sleep(ttl / 2)
		var err error
		took := timed(func() { err = a.ExtendLock(s.Context(), lock, ttl) })
		if time.Now().After(lock.ExpiresAt) && errors.Is(err, state.ErrLockLost) || tooLate(err, took, ttl) {
			s.undecided("ExtendLock in time", took.length(), ttl)
			return
		}
		must(t, "ExtendLock", err)
		s.expires(t, "the extended lock", took, ttl, s.held(t, a, "thread"))
	})},
	{ID: "Locks/ExtendToLess", Rule: ruleExtend, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		lock := s.acquire(t, a, "thread", longTTL)
		var err error
		took := timed(func() { err = a.ExtendLock(s.Context(), lock, ttl) })
		if tooLate(err, took, ttl) {
			s.undecided("ExtendLock to a shorter TTL", took.length(), ttl)
			return
		}
		must(t, "ExtendLock to a shorter TTL", err)
		expiresAt(t, "ExtendLock to a shorter TTL", lock, took, ttl)
		s.expires(t, "the lock extended to a shorter TTL", took, ttl, s.held(t, a, "thread"))
	})},
	{ID: "Locks/ForeignExtendLeavesTheTTL", Rule: ruleNoResurrect, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		var lock *state.Lock
		took := timed(func() { lock = s.acquire(t, a, "thread", ttl) })
		s.lost(t, a, "ExtendLock with another token", &state.Lock{ThreadID: "thread", Token: forged(lock.Token)})
		s.expires(t, "the lock", took, ttl, s.held(t, a, "thread"))
	})},
	{ID: "Locks/RefusalLeavesTheTTL", Rule: ruleLocked, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.acquire(t, a, "thread", ttl) })
		_, err := a.AcquireLock(s.Context(), "thread", longTTL)
		if d := time.Since(took.sent); d >= ttl {
			s.undecided("AcquireLock of a held lock", d, ttl)
			return
		}
		isError(t, "AcquireLock of a held lock", err, state.ErrLocked)
		s.expires(t, "the lock", took, ttl, s.held(t, a, "thread"))
	})},
	{ID: "Locks/TTLUnderAMillisecond", Rule: ruleMillisecond, Run: lasting(func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, ttl := range []time.Duration{1, time.Millisecond / 2, 1500 * time.Microsecond} {
			name := ttl.String()
			var err error
			took := timed(func() { _, err = a.AcquireLock(s.Context(), name, ttl) })
			if !tooLate(err, took, state.CeilMillis(ttl)) {
				must(t, "AcquireLock with a TTL of "+name, err)
			}
			s.shortly(t, "a lock with a TTL of "+name, took, ttl, s.held(t, a, name))
		}
	})},
	{ID: "Locks/ExtendUnderAMillisecond", Rule: ruleMillisecond, Run: lasting(func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		var err error
		took := timed(func() { err = a.ExtendLock(s.Context(), lock, 1) })
		if !tooLate(err, took, time.Millisecond) {
			must(t, "ExtendLock with a TTL of a nanosecond", err)
		}
		s.shortly(t, "a lock extended by a nanosecond", took, time.Nanosecond, s.held(t, a, "thread"))
	})},
	{ID: "Locks/LongTTL", Rule: ruleLease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		const century = 100 * 365 * 24 * time.Hour
		lock := s.acquire(t, a, "thread", century)
		extended := s.acquire(t, a, "extended thread", longTTL)
		must(t, "ExtendLock", a.ExtendLock(s.Context(), extended, century))
		time.Sleep(s.pace().long)
		s.locked(t, a, "thread")
		s.locked(t, a, "extended thread")
		must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
	}},
}

// shortly checks the end of a lifetime that only a clock which stands still meanwhile
// can see the whole of. Elsewhere it is the end that matters.
func (s *Subject) shortly(t TB, what string, given span, ttl time.Duration, present func() bool) {
	t.Helper()
	if s.Features.VirtualTime {
		s.expires(t, what, given, state.CeilMillis(ttl), present)
		return
	}
	s.ends(t, what, given, state.CeilMillis(ttl), present)
}

// held returns a function that tells whether somebody holds the lock. If nobody
// does, the function takes it, so that it is held again.
func (s *Subject) held(t TB, a state.Locks, threadID string) func() bool {
	return func() bool {
		_, err := a.AcquireLock(s.Context(), threadID, longTTL)
		if err == nil {
			return false
		}
		isError(t, "AcquireLock", err, state.ErrLocked)
		return true
	}
}

// lapsed returns a lock that has expired, of a thread that nobody has locked
// since.
func (s *Subject) lapsed(t TB, a state.Locks, threadID string) *state.Lock {
	t.Helper()
	ttl := s.pace().ttl / 2
	lock := s.acquire(t, a, threadID, ttl)
	// A clock that only counts milliseconds may end it one later.
	time.Sleep(ttl + 5*time.Millisecond)
	return lock
}
