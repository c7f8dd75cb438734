package statetest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleLease        = "a lock belongs to the holder of its token until its TTL has passed."
	ruleAcquire      = "AcquireLock takes the lock of the thread in one atomic step, with a fresh unguessable token."
	ruleLocked       = "It returns [ErrLocked] while another holds it and never waits."
	ruleDrift        = "less what the adapter allows for clock drift, which is at most a tenth of the TTL and may be nothing."
	rulePromise      = "Lock.ExpiresAt is computed from before the request left, so it never promises too much."
	ruleExtend       = "ExtendLock restarts the TTL of a lock from now if its token still matches, and then updates lock.ExpiresAt."
	ruleNoResurrect  = "Otherwise it returns [ErrLockLost]: it never creates or resurrects a lock."
	ruleRelease      = "ReleaseLock gives the lock up if its token still matches; otherwise it changes nothing and returns [ErrLockLost], which callers may ignore."
	ruleForceRelease = "ForceReleaseLock removes the lock of the thread, whoever holds it."
	ruleToken        = "It lets its holder extend and release the lock"
	ruleMonotonic    = "Inside the process that took the lock it carries a monotonic reading."
)

// longTTL is a lock's lifetime that no case waits for.
const longTTL = 24 * time.Hour

var lockCases = []Case{
	{ID: "Locks/Exclusive", Rule: ruleLocked, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acquire(t, a, "thread", longTTL)
		s.promptly(t, "AcquireLock of a held lock", func() { s.locked(t, a, "thread") })
		s.locked(t, a, "thread")
	}},
	{ID: "Locks/ThreadsApart", Rule: ruleAcquire, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		one := s.acquire(t, a, "thread", longTTL)
		two := s.acquire(t, a, "another thread", longTTL)
		must(t, "ReleaseLock", a.ReleaseLock(s.Context(), one))
		s.locked(t, a, "another thread")
		must(t, "ReleaseLock of the other thread", a.ReleaseLock(s.Context(), two))
	}},
	{ID: "Locks/OneWinner", Rule: ruleAcquire, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for round := range 5 {
			s.oneWinner(t, fmt.Sprint("thread ", round), a)
		}
	}},
	{ID: "Locks/MutualExclusion", Rule: ruleLocked, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		var inside, entered atomic.Int64
		together(8, func(int) {
			for range 25 {
				lock, err := a.AcquireLock(s.Context(), "thread", longTTL)
				if errors.Is(err, state.ErrLocked) {
					continue
				}
				must(t, "AcquireLock", err)
				if n := inside.Add(1); n > 1 {
					t.Errorf("holders of one lock at once\n    seen: %d\n    want: 1", n)
				}
				entered.Add(1)
				time.Sleep(2 * time.Microsecond) // let the others try
				inside.Add(-1)
				must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
			}
		})
		if entered.Load() == 0 {
			t.Errorf("nobody got a lock that was free again and again")
		}
	}},
	{ID: "Locks/FreshToken", Rule: ruleAcquire, Run: freshToken},
	{ID: "Locks/ExpiresAt", Rule: ruleDrift, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, ttl := range []time.Duration{time.Minute, time.Hour} {
			var lock *state.Lock
			took := timed(func() { lock = s.acquire(t, a, fmt.Sprint(ttl), ttl) })
			expiresAt(t, "AcquireLock", lock, took, ttl)
			equal(t, "Lock.ThreadID", lock.ThreadID, fmt.Sprint(ttl))
		}
	}},
	{ID: "Locks/MonotonicExpiresAt", Rule: ruleMonotonic, Run: func(t TB, s *Subject) {
		if !strings.Contains(time.Now().String(), " m=") {
			return // bubbles have no monotonic clock
		}
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", time.Minute)
		equal(t, "AcquireLock: ExpiresAt has a monotonic reading", strings.Contains(lock.ExpiresAt.String(), " m="), true)
		must(t, "ExtendLock", a.ExtendLock(s.Context(), lock, time.Minute))
		equal(t, "ExtendLock: ExpiresAt has a monotonic reading", strings.Contains(lock.ExpiresAt.String(), " m="), true)
	}},
	{ID: "Locks/Release", Rule: ruleRelease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for range 3 {
			lock := s.acquire(t, a, "thread", longTTL)
			must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
		}
	}},
	{ID: "Locks/ReleaseTwice", Rule: ruleRelease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
		isError(t, "ReleaseLock of a released lock", a.ReleaseLock(s.Context(), lock), state.ErrLockLost)
	}},
	{ID: "Locks/ReleaseForeign", Rule: ruleRelease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		foreign := &state.Lock{ThreadID: "thread", Token: forged(lock.Token)}
		isError(t, "ReleaseLock with another token", a.ReleaseLock(s.Context(), foreign), state.ErrLockLost)
		s.locked(t, a, "thread")
		must(t, "ReleaseLock by the holder", a.ReleaseLock(s.Context(), lock))
	}},
	{ID: "Locks/ReleaseAbsent", Rule: ruleRelease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := &state.Lock{ThreadID: "thread", Token: "token"}
		isError(t, "ReleaseLock of a lock that nobody holds", a.ReleaseLock(s.Context(), lock), state.ErrLockLost)
	}},
	{ID: "Locks/TokenIsEnough", Rule: ruleToken, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		copied := &state.Lock{ThreadID: lock.ThreadID, Token: lock.Token}
		must(t, "ExtendLock with the thread and token alone", a.ExtendLock(s.Context(), copied, longTTL))
		must(t, "ReleaseLock with the thread and token alone", a.ReleaseLock(s.Context(), copied))
		s.acquire(t, a, "thread", longTTL)
	}},
	{ID: "Locks/ExtendUpdatesExpiresAt", Rule: ruleExtend, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", time.Minute)
		token := lock.Token
		for _, ttl := range []time.Duration{time.Hour, 2 * time.Minute} {
			took := timed(func() { must(t, "ExtendLock", a.ExtendLock(s.Context(), lock, ttl)) })
			expiresAt(t, "ExtendLock", lock, took, ttl)
		}
		equal(t, "Lock.ThreadID after ExtendLock", lock.ThreadID, "thread")
		equal(t, "Lock.Token after ExtendLock", lock.Token, token)
	}},
	{ID: "Locks/ExtendReleased", Rule: ruleNoResurrect, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
		s.lost(t, a, "ExtendLock of a released lock", lock)
		s.acquire(t, a, "thread", longTTL)
	}},
	{ID: "Locks/ExtendAbsent", Rule: ruleNoResurrect, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.lost(t, a, "ExtendLock of a lock that nobody took", &state.Lock{ThreadID: "thread", Token: "token"})
		s.acquire(t, a, "thread", longTTL)
	}},
	{ID: "Locks/ExtendForeign", Rule: ruleNoResurrect, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		s.lost(t, a, "ExtendLock with another token", &state.Lock{ThreadID: "thread", Token: forged(lock.Token)})
		must(t, "ExtendLock by the holder", a.ExtendLock(s.Context(), lock, longTTL))
	}},
	{ID: "Locks/ForceRelease", Rule: ruleForceRelease, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		old := s.acquire(t, a, "thread", longTTL)
		must(t, "ForceReleaseLock", a.ForceReleaseLock(ctx, "thread"))
		s.lost(t, a, "ExtendLock of a lock that was removed", old)
		lock := s.acquire(t, a, "thread", longTTL)
		isError(t, "ReleaseLock of a lock that was removed", a.ReleaseLock(ctx, old), state.ErrLockLost)
		must(t, "ReleaseLock by the new holder", a.ReleaseLock(ctx, lock))
	}},
	{ID: "Locks/ForceReleaseOne", Rule: ruleForceRelease, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acquire(t, a, "another thread", longTTL)
		must(t, "ForceReleaseLock of a thread without lock", a.ForceReleaseLock(s.Context(), "thread"))
		s.locked(t, a, "another thread")
	}},
}

// forged returns a token that looks like the given one and is another.
func forged(token string) string {
	if token[0] == 'x' {
		return "y" + token[1:]
	}
	return "x" + token[1:]
}

// acquire takes a lock that is free. It ends the case without a verdict if the
// machine is so slow that the lock's promise is over when the answer comes.
func (s *Subject) acquire(t TB, a state.Locks, threadID string, ttl time.Duration) *state.Lock {
	t.Helper()
	var lock *state.Lock
	var err error
	took := timed(func() { lock, err = a.AcquireLock(s.Context(), threadID, ttl) })
	if tooLate(err, took, ttl) {
		runtime.Goexit()
	}
	must(t, fmt.Sprintf("AcquireLock(%q) of a free lock", threadID), err)
	if lock == nil || lock.Token == "" {
		t.Errorf("AcquireLock(%q)\n    seen: no lock or no token, and no error\n    want: a lock", threadID)
		t.FailNow()
	}
	return lock
}

// tooLate reports an answer about a lock that came when its TTL was over, or
// nearly so: it promises nothing any more, and an adapter may say so.
func tooLate(err error, took span, ttl time.Duration) bool {
	return errors.Is(err, state.ErrUnavailable) && took.length() > ttl/2
}

// locked checks that somebody holds the lock.
func (s *Subject) locked(t TB, a state.Locks, threadID string) {
	t.Helper()
	_, err := a.AcquireLock(s.Context(), threadID, longTTL)
	isError(t, fmt.Sprintf("AcquireLock(%q) of a held lock", threadID), err, state.ErrLocked)
}

// lost checks that the lock cannot be extended and does not change.
func (s *Subject) lost(t TB, a state.Locks, what string, lock *state.Lock) {
	t.Helper()
	before := *lock
	isError(t, what, a.ExtendLock(s.Context(), lock, 2*longTTL), state.ErrLockLost)
	equal(t, what+": the lock", *lock, before)
}

// oneWinner lets 50 callers, spread over the adapters, go for one free lock.
func (s *Subject) oneWinner(t TB, threadID string, adapters ...state.Adapter) {
	t.Helper()
	var outcomes tally[string]
	together(50, func(i int) {
		_, err := adapters[i%len(adapters)].AcquireLock(s.Context(), threadID, longTTL)
		switch {
		case err == nil:
			outcomes.add("lock")
		case errors.Is(err, state.ErrLocked):
			outcomes.add("ErrLocked")
		default:
			t.Errorf("one of 50 concurrent calls of AcquireLock\n    seen: %v\n    want: a lock or %v", err, state.ErrLocked)
		}
	})
	equal(t, "locks given to 50 concurrent callers", outcomes.count("lock"), 1)
}

// expiresAt checks what a lock promises after a call that gave it the TTL. It
// may promise less than the TTL, but not nothing.
func expiresAt(t TB, what string, lock *state.Lock, took span, ttl time.Duration) {
	t.Helper()
	if latest := took.returned.Add(state.CeilMillis(ttl)); lock.ExpiresAt.After(latest) {
		t.Errorf("%s: ExpiresAt is too late\n    seen: %v after the call returned\n    want: at most %v", what, lock.ExpiresAt.Sub(took.returned), state.CeilMillis(ttl))
	}
	if earliest := took.sent.Add(ttl - ttl/10); lock.ExpiresAt.Before(earliest) {
		t.Errorf("%s: ExpiresAt is too early\n    seen: %v after the call was made\n    want: at least %v", what, lock.ExpiresAt.Sub(took.sent), ttl-ttl/10)
	}
}

func freshToken(t TB, s *Subject) {
	a := s.Connected(t)
	const n = 64
	var mu sync.Mutex
	var tokens []string
	together(n, func(i int) {
		lock := s.acquire(t, a, fmt.Sprint("thread ", i), longTTL)
		mu.Lock()
		defer mu.Unlock()
		tokens = append(tokens, lock.Token)
	})
	same, compared := 0, 0
	seen := map[string]bool{}
	for i, token := range tokens {
		if seen[token] {
			t.Errorf("token of a new lock\n    seen: one that another lock has\n    want: a fresh one")
		}
		seen[token] = true
		if len(token) < 16 {
			t.Errorf("length of a token\n    seen: %d\n    want: at least 16, so that it cannot be guessed", len(token))
		}
		for j := range min(len(token), len(tokens[0])) {
			if i > 0 {
				compared++
				if token[j] == tokens[0][j] {
					same++
				}
			}
		}
	}
	if compared > 0 && same > compared/2 {
		t.Errorf("tokens of %d locks\n    seen: %d%% of their bytes are those of the first token\n    want: unguessable tokens", n, same*100/compared)
	}
}
