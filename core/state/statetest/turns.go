package statetest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleTurns       = "Each method does the steps of its request as the methods of [Adapter] and [Inbox] with their names do, and reports what came of them."
	ruleStartTurn   = "StartTurn does SetIfNotExists, whose error it returns, and AcquireLock, in any order, and Get if the key was taken."
	ruleStartAccept = "If it was set, StartTurn then does Accept, whose error it returns, and with a lock what AcceptTurn does after that."
	ruleFound       = "Found is what Get returns for a key that was taken."
	ruleNotAsked    = "Nil: there is none, as it was not asked for, another holds it, or asking failed."
	ruleAcceptTurn  = "AcceptTurn does Accept, whose error it returns, then Waiting, and IsSubscribed and Get at any time."
	ruleEndTurn     = "EndTurn does Set for each of Marks, then Settle, then ReleaseLock, then QueueDepth, whose depth it returns, or the first failure."
	ruleLostBefore  = "A lock that is lost already is no failure."
)

var turnCases = []Case{
	{ID: "Turns/Start", Rule: ruleStartTurn, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, value := range []string{"1", newClaim()} {
			req := newStart(value, "thread")
			req.Value = []byte(value)
			lock := s.started(t, a, req)
			s.value(t, a, value, value)
			s.locked(t, a, "thread")
			must(t, "ReleaseLock of a lock that StartTurn took", a.ReleaseLock(s.Context(), lock))
		}
	}},
	{ID: "Turns/StartExpires", Rule: ruleTurns, Needs: NeedsTurns, Run: lasting(func(t TB, s *Subject) {
		a := s.Connected(t)
		ttl := s.pace().ttl
		var out state.TurnStarted
		var err error
		given := timed(func() {
			out, err = turns(a).StartTurn(s.Context(), state.StartTurn{Key: "key", Value: []byte("1"), TTL: ttl, ThreadID: "thread", LockTTL: ttl})
		})
		must(t, "StartTurn", err)
		if out.Lock == nil && given.length() > ttl/2 {
			s.undecided("StartTurn in time", given.length(), ttl)
			return
		}
		equal(t, "a Lock on a free thread", out.Lock != nil, true)
		s.expires(t, "the value and the lock that StartTurn gave", given, ttl, func() bool {
			_, err := a.Get(s.Context(), "key")
			return err == nil
		})
		s.ended(t, "the lock that StartTurn gave", ttl, s.held(t, a, "thread"))
	})},
	{ID: "Turns/StartTaken", Rule: ruleNotAsked, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "other", 0)
		out, err := turns(a).StartTurn(s.Context(), newStart("key", "thread"))
		must(t, "StartTurn on a key that is taken", err)
		equal(t, "Set on a key that is taken", out.Set, false)
		s.value(t, a, "key", "other")
		if out.Lock != nil {
			must(t, "ReleaseLock of a lock that StartTurn took", a.ReleaseLock(s.Context(), out.Lock))
		}
		s.acquire(t, a, "thread", time.Minute) // free: it was not taken without being returned
	}},
	{ID: "Turns/StartFinds", Rule: ruleFound, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, there := range []string{newClaim(), "true", "1", "0", ""} {
			s.set(t, a, "key", there, 0)
			for _, threadID := range []string{"thread", ""} {
				out, err := turns(a).StartTurn(s.Context(), newStart("key", threadID))
				must(t, "StartTurn on a key that is taken", err)
				equal(t, "Set on a key that is taken", out.Set, false)
				equalBytes(t, "Found", out.Found, there)
				if out.Lock != nil {
					must(t, "ReleaseLock of a lock that StartTurn took", a.ReleaseLock(s.Context(), out.Lock))
				}
			}
			s.value(t, a, "key", there)
		}
	}},
	{ID: "Turns/StartWithoutLock", Rule: ruleStartTurn, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		claim := newClaim()
		for range 2 { // a claim that is in place was set by this caller
			out, err := turns(a).StartTurn(s.Context(), state.StartTurn{Key: "key", Value: []byte(claim), TTL: time.Minute})
			must(t, "StartTurn without a lock", err)
			equal(t, "Set on an absent key", out.Set, true)
			equal(t, "a Lock that was not asked for", out.Lock != nil, false)
		}
		s.value(t, a, "key", claim)
	}},
	{ID: "Turns/StartLocked", Rule: ruleStartTurn, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		held := s.acquire(t, a, "thread", time.Minute)
		out, err := turns(a).StartTurn(s.Context(), newStart("key", "thread"))
		must(t, "StartTurn on a thread that is locked", err)
		equal(t, "Set on a thread that is locked", out.Set, true)
		equal(t, "a Lock on a thread that is locked", out.Lock != nil, false)
		must(t, "ReleaseLock by its holder", a.ReleaseLock(s.Context(), held))
	}},
	{ID: "Turns/StartAccepts", Rule: ruleStartAccept, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "there", "value", 0)
		must(t, "Subscribe", a.Subscribe(s.Context(), "thread"))
		for i := range 2 { // alone in its queue, and not
			req := newAccepting(fmt.Sprint("key ", i), "thread", fmt.Sprint(i))
			req.Accept.Subscription, req.Accept.Keys = "thread", []string{"absent", "there"}
			out, err := turns(a).StartTurn(s.Context(), req)
			must(t, "StartTurn", err)
			equal(t, "Set on an absent key", out.Set, true)
			equal(t, "Depth", out.Accepted.Depth, i+1)
			equal(t, "Looked with a lock", out.Accepted.Looked, true)
			equal(t, "Subscribed", out.Accepted.Subscribed, true)
			equal(t, "Found", fmt.Sprint(out.Accepted.Found), "[there]")
			waiting := s.waiting(t, a, "thread", []string{"0", "1"}[:i+1]...)
			equal(t, "Waiting", fmt.Sprint(messagesOf(out.Accepted.Waiting)), fmt.Sprint([]string{"0", "1"}[:i+1]))
			for j, e := range out.Accepted.Waiting {
				if j < len(waiting) {
					equal(t, "a Receipt", e.Receipt, waiting[j])
				}
			}
			s.marked(t, a, later(), 0, "thread")
			must(t, "ReleaseLock of a lock that StartTurn took", a.ReleaseLock(s.Context(), out.Lock))
		}
	}},
	{ID: "Turns/StartAcceptsOnce", Rule: ruleStartAccept, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "other", 0)
		for _, threadID := range []string{"thread", ""} {
			out, err := turns(a).StartTurn(s.Context(), newAccepting("key", threadID, "1"))
			must(t, "StartTurn on a key that is taken", err)
			equal(t, "Set on a key that is taken", out.Set, false)
			equalBytes(t, "Found", out.Found, "other")
			if out.Lock != nil {
				must(t, "ReleaseLock of a lock that StartTurn took", a.ReleaseLock(s.Context(), out.Lock))
			}
		}
		s.waiting(t, a, "thread")
	}},
	{ID: "Turns/StartAcceptsWithoutLock", Rule: ruleStartAccept, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acquire(t, a, "thread", time.Minute)
		for i, threadID := range []string{"thread", ""} { // held by another, and not asked for
			out, err := turns(a).StartTurn(s.Context(), newAccepting(fmt.Sprint("key ", i), threadID, fmt.Sprint(i)))
			must(t, "StartTurn", err)
			equal(t, "Set on an absent key", out.Set, true)
			equal(t, "Depth", out.Accepted.Depth, i+1)
			equal(t, "Looked without a lock", out.Accepted.Looked, false)
			s.marked(t, a, later(), 0, "thread")
		}
		s.waiting(t, a, "thread", "0", "1")
	}},
	{ID: "Turns/StartAcceptBound", Rule: ruleTurns, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 5 {
			req := newAccepting(fmt.Sprint("key ", i), "", fmt.Sprint(i))
			req.Accept.MaxSize = 3
			out, err := turns(a).StartTurn(s.Context(), req)
			must(t, "StartTurn", err)
			equal(t, "Depth", out.Accepted.Depth, min(i+1, 3))
		}
		s.waiting(t, a, "thread", "2", "3", "4")
	}},
	{ID: "Turns/OneStarter", Rule: ruleTurns, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for round := range 10 {
			var set, locks atomic.Int64
			together(16, func(int) {
				out, _ := turns(a).StartTurn(s.Context(), newStart(fmt.Sprint("key ", round), fmt.Sprint("thread ", round)))
				if out.Set {
					set.Add(1)
				}
				if out.Lock != nil {
					locks.Add(1)
				}
			})
			equal(t, "callers of 16 that set the key", set.Load(), 1)
			if n := locks.Load(); n > 1 {
				t.Errorf("callers of 16 that got the lock\n    seen: %d\n    want: at most 1", n)
			}
		}
	}},
	{ID: "Turns/Accept", Rule: ruleAcceptTurn, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.accept(t, a, "thread", "1", 0, 1)
		must(t, "Subscribe", a.Subscribe(s.Context(), "thread"))
		out := s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "thread", Entry: newEntry("2"), Subscription: "thread"})
		equal(t, "Depth", out.Depth, 2)
		equal(t, "Subscribed", out.Subscribed, true)
		if len(out.Waiting) != 2 {
			t.Errorf("AcceptTurn\n    seen: %d entries in Waiting\n    want: 2", len(out.Waiting))
			return
		}
		for i, e := range out.Waiting {
			equalBytes(t, "Message", e.Message, fmt.Sprint(i+1))
		}
		s.waiting(t, a, "thread", "1", "2")
		s.settle(t, a, "thread", 1, out.Waiting[1].Receipt)
		s.waiting(t, a, "thread", "1")
	}},
	{ID: "Turns/AcceptUnsubscribed", Rule: ruleAcceptTurn, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		must(t, "Subscribe", a.Subscribe(s.Context(), "another thread"))
		out := s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "another thread", Entry: newEntry("1"), Subscription: "thread"})
		equal(t, "Subscribed", out.Subscribed, false)
		out = s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "thread", Entry: newEntry("1"), Subscription: "another thread"})
		equal(t, "Subscribed", out.Subscribed, true)
		s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "another thread", Entry: newEntry("2")})
	}},
	{ID: "Turns/AcceptLooks", Rule: ruleAcceptTurn, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "value", 0)
		s.set(t, a, "another key", "value", 0)
		for i, c := range []struct{ keys, want []string }{
			{[]string{"key", "absent key"}, []string{"key"}},
			{[]string{"thread", "key"}, []string{"key"}},
			{[]string{"key", "another key"}, []string{"key", "another key"}},
			{[]string{"another key", "absent key", "thread", "key"}, []string{"another key", "key"}},
			{[]string{"absent key"}, nil},
			{nil, nil},
		} {
			out := s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "thread", Entry: newEntry(fmt.Sprint(i)), Subscription: "key", Keys: c.keys})
			if !slices.Equal(out.Found, c.want) {
				t.Errorf("Found for the keys %q\n    seen: %q\n    want: %q", c.keys, out.Found, c.want)
			}
		}
		s.waiting(t, a, "thread", "0", "1", "2", "3", "4", "5")
	}},
	{ID: "Turns/AcceptMarks", Rule: ruleTurns, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "thread", Entry: newEntry("1")})
		s.marked(t, a, later(), 0, "thread")
	}},
	{ID: "Turns/AcceptBound", Rule: ruleTurns, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 5 {
			out := s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "thread", Entry: newEntry(fmt.Sprint(i)), MaxSize: 3})
			equal(t, "Depth", out.Depth, min(i+1, 3))
		}
		s.waiting(t, a, "thread", "2", "3", "4")
	}},
	{ID: "Turns/End", Rule: ruleEndTurn, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.startTurn(t, a, "mark 1", "thread")
		r := s.acceptAll(t, a, "thread", "1", "2", "3")
		s.endTurn(t, a, lock, 1, []string{"mark 1", "mark 2"}, r[0], r[2])
		s.value(t, a, "mark 1", "done")
		s.value(t, a, "mark 2", "done")
		left := s.waiting(t, a, "thread", "2")
		lock = s.acquire(t, a, "thread", time.Minute)
		s.endTurn(t, a, lock, 0, nil, left...)
		s.waiting(t, a, "thread")
		s.acquire(t, a, "thread", time.Minute)
	}},
	{ID: "Turns/EndMarksExpire", Rule: ruleTurns, Needs: NeedsTurns, Run: lasting(func(t TB, s *Subject) {
		a := s.Connected(t)
		ttl := s.pace().ttl
		lock := s.acquire(t, a, "thread", time.Minute)
		given := timed(func() {
			_, err := turns(a).EndTurn(s.Context(), state.EndTurn{Marks: []string{"mark"}, Mark: []byte("done"), MarkTTL: ttl, ThreadID: "thread", Lock: lock})
			must(t, "EndTurn", err)
		})
		s.expires(t, "a mark that EndTurn set", given, ttl, s.present(t, a, "mark"))
	})},
	{ID: "Turns/EndLost", Rule: ruleLostBefore, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", time.Minute)
		must(t, "ForceReleaseLock", a.ForceReleaseLock(s.Context(), "thread"))
		other := s.acquire(t, a, "thread", time.Minute)
		r := s.acceptAll(t, a, "thread", "1")
		s.endTurn(t, a, lock, 0, []string{"mark"}, r...)
		s.value(t, a, "mark", "done")
		s.locked(t, a, "thread")
		must(t, "ReleaseLock by its holder", a.ReleaseLock(s.Context(), other))
	}},
	{ID: "Turns/EndGone", Rule: ruleTurns, Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", time.Minute)
		r := s.acceptAll(t, a, "thread", "1", "2")
		s.settle(t, a, "thread", 1, r[0])
		s.endTurn(t, a, lock, 1, nil, r[0])
		s.waiting(t, a, "thread", "2")
	}},
}

// turns is for cases that need the role: Run has seen that it is there.
func turns(a state.Adapter) state.Turns { return role[state.Turns](a) }

func newStart(key, threadID string) state.StartTurn {
	req := state.StartTurn{Key: key, Value: state.NewClaim(time.Now()), TTL: time.Minute, ThreadID: threadID}
	if threadID != "" {
		req.LockTTL = time.Minute
	}
	return req
}

// newAccepting is a newStart that has "thread" accept a message.
func newAccepting(key, threadID, message string) state.StartTurn {
	req := newStart(key, threadID)
	req.Accept = state.AcceptTurn{ThreadID: "thread", Entry: newEntry(message)}
	return req
}

func messagesOf(entries []state.WaitingEntry) []string {
	var messages []string
	for _, e := range entries {
		messages = append(messages, string(e.Message))
	}
	return messages
}

func (s *Subject) startTurn(t TB, a state.Adapter, key, threadID string) *state.Lock {
	t.Helper()
	return s.started(t, a, newStart(key, threadID))
}

func (s *Subject) started(t TB, a state.Adapter, req state.StartTurn) *state.Lock {
	t.Helper()
	out, err := turns(a).StartTurn(s.Context(), req)
	must(t, "StartTurn", err)
	equal(t, "Set on an absent key", out.Set, true)
	if out.Lock == nil {
		t.Errorf("StartTurn(%q) on a free thread\n    seen: no lock\n    want: a lock", req.ThreadID)
		t.FailNow()
	}
	equal(t, "ThreadID of the lock that StartTurn returns", out.Lock.ThreadID, req.ThreadID)
	equal(t, "the lock that StartTurn returns has a token", out.Lock.Token != "", true)
	return out.Lock
}

func (s *Subject) acceptTurn(t TB, a state.Adapter, req state.AcceptTurn) state.TurnAccepted {
	t.Helper()
	out, err := turns(a).AcceptTurn(s.Context(), req)
	must(t, "AcceptTurn", err)
	equal(t, "Looked", out.Looked, true)
	return out
}

func (s *Subject) endTurn(t TB, a state.Adapter, lock *state.Lock, wantDepth int, marks []string, receipts ...state.Receipt) {
	t.Helper()
	depth, err := turns(a).EndTurn(s.Context(), state.EndTurn{
		Marks: marks, Mark: []byte("done"), MarkTTL: time.Minute, ThreadID: lock.ThreadID, Receipts: receipts, Lock: lock,
	})
	must(t, "EndTurn", err)
	equal(t, "the depth that EndTurn returns", depth, wantDepth)
}
