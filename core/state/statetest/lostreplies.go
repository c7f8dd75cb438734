package statetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleLostValue   = "With any other value an outcome that cannot be known is [ErrUnknownOutcome]."
	ruleLostSwap    = "with any other value an outcome that cannot be known is [ErrUnknownOutcome]."
	ruleLostAppend  = "After a lost reply the value may be there; appending again can double it."
	ruleLostEnqueue = "After a lost reply the entry may be there; enqueuing again can double it and never loses another."
	ruleLostAccept  = "After an error the entry may be stored; accepting again can double it."
	ruleLostDequeue = "After a lost reply the oldest entry may be gone: that is [ErrUnknownOutcome], and no other entry is taken in its place."
	ruleLostWrite   = "A write whose reply was lost is [ErrUnavailable] where the caller can make the call again and change nothing by that, and [ErrUnknownOutcome] everywhere else;"
	ruleLostSettle  = "So after a lost reply the same call can be made again, and returns what is left then."
	ruleLostAnswer  = "A lost reply never makes the answer wrong."
)

// The cases of writes that cannot be repeated blindly. Their errors say that nobody
// knows what happened, and what is there tells that it happened at most once.
var lostReplyCases = []Case{
	{ID: "LostReplies/SetIfNotExists", Rule: ruleLostValue, Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		s.loseEach(t, "SetIfNotExists", func(a state.Adapter, name string, lose func(func())) {
			var set bool
			var err error
			lose(func() { set, err = a.SetIfNotExists(s.Context(), name, []byte("v"), time.Hour) })
			s.answer(t, "SetIfNotExists of an absent key, its reply lost", set, err)
			if err == nil {
				s.value(t, a, name, "v")
			}
		})
	}},
	{ID: "LostReplies/Claim", Rule: ruleLostAnswer, Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		s.loseEach(t, "SetIfNotExists", func(a state.Adapter, name string, lose func(func())) {
			claim := newClaim()
			var set bool
			var err error
			lose(func() { set, err = a.SetIfNotExists(s.Context(), name, []byte(claim), time.Hour) })
			if !isFailure(t, "SetIfNotExists of an absent key with a claim, its reply lost", err) {
				equal(t, "SetIfNotExists of an absent key with a claim, its reply lost", set, true)
			}
			s.setIfNotExists(t, a, name, claim, time.Hour, true)
			other := newClaim()
			lose(func() { set, err = a.SetIfNotExists(s.Context(), name, []byte(other), time.Hour) })
			if isFailure(t, "SetIfNotExists of a key with another's claim, its reply lost", err) || !set {
				return
			}
			t.Errorf("SetIfNotExists of a key with another's claim, its reply lost\n    seen: true\n    want: false")
		})
	}},
	{ID: "LostReplies/CompareAndSwap", Rule: ruleLostSwap, Needs: NeedsLostReplies | NeedsSwaps, Run: func(t TB, s *Subject) {
		for _, value := range []string{"v", newClaim()} {
			s.loseEach(t, "CompareAndSwap", func(a state.Adapter, name string, lose func(func())) {
				s.set(t, a, name, "before", time.Hour)
				var swapped bool
				var err error
				lose(func() {
					swapped, err = swaps(a).CompareAndSwap(s.Context(), name, []byte("before"), []byte(value), time.Hour)
				})
				s.answer(t, "CompareAndSwap of the value that is there, its reply lost", swapped, err)
				if err == nil {
					s.value(t, a, name, value)
				}
			})
		}
	}},
	{ID: "LostReplies/AcquireLock", Rule: "It returns [ErrLocked] while another holds it and never waits.", Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		s.loseEach(t, "AcquireLock", func(a state.Adapter, name string, lose func(func())) {
			var lock *state.Lock
			var err error
			lose(func() { lock, err = a.AcquireLock(s.Context(), name, time.Hour) })
			if !isFailure(t, "AcquireLock of a free thread, its reply lost", err) {
				must(t, "ExtendLock of the lock", a.ExtendLock(s.Context(), lock, time.Hour))
			}
		})
	}},
	{ID: "LostReplies/ReleaseLock", Rule: "ReleaseLock gives the lock up if its token still matches;", Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		s.loseEach(t, "ReleaseLock", func(a state.Adapter, name string, lose func(func())) {
			lock := s.acquire(t, a, name, time.Hour)
			var err error
			lose(func() { err = a.ReleaseLock(s.Context(), lock) })
			if !errors.Is(err, state.ErrLockLost) && isFailure(t, "ReleaseLock of a lock that is held, its reply lost", err) {
				if err := a.ReleaseLock(s.Context(), lock); err != nil {
					isError(t, "ReleaseLock again", err, state.ErrLockLost)
				}
			}
			s.acquire(t, a, name, time.Hour)
		})
	}},
	{ID: "LostReplies/AppendToList", Rule: ruleLostAppend, Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		s.loseEach(t, "AppendToList", func(a state.Adapter, name string, lose func(func())) {
			s.append(t, a, name, "1", state.ListOptions{})
			var err error
			lose(func() { err = a.AppendToList(s.Context(), name, []byte("2"), state.ListOptions{MaxLength: 10}) })
			values, readErr := a.GetList(s.Context(), name)
			must(t, "GetList", readErr)
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = string(v)
			}
			s.atMostOnce(t, "AppendToList, its reply lost", err, texts, []string{"1"}, []string{"1", "2"})
		})
	}},
	{ID: "LostReplies/Enqueue", Rule: ruleLostEnqueue, Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		s.loseEach(t, "Enqueue", func(a state.Adapter, name string, lose func(func())) {
			s.enqueue(t, a, name, "1", 0, 1)
			var err error
			lose(func() { _, err = a.Enqueue(s.Context(), name, newEntry("2"), 2) })
			s.atMostOnce(t, "Enqueue, its reply lost", err, s.takeAll(t, a, name), []string{"1"}, []string{"1", "2"})
		})
	}},
	{ID: "LostReplies/Accept", Rule: ruleLostAccept, Needs: NeedsLostReplies | NeedsInbox, Run: func(t TB, s *Subject) {
		s.loseEach(t, "Accept", func(a state.Adapter, name string, lose func(func())) {
			s.accept(t, a, name, "1", 0, 1)
			var err error
			lose(func() { _, err = inbox(a).Accept(s.Context(), name, newEntry("2"), 2) })
			s.atMostOnce(t, "Accept, its reply lost", err, s.takeAll(t, a, name), []string{"1"}, []string{"1", "2"})
		})
	}},
	{ID: "LostReplies/Dequeue", Rule: ruleLostDequeue, Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		s.loseEach(t, "Dequeue", func(a state.Adapter, name string, lose func(func())) {
			for i, message := range []string{"1", "2", "3"} {
				s.enqueue(t, a, name, message, 0, i+1)
			}
			var entry *state.QueueEntry
			var err error
			lose(func() { entry, err = a.Dequeue(s.Context(), name) })
			if err == nil {
				equalBytes(t, "the message of Dequeue, its reply lost", entry.Message, "1")
			}
			s.atMostOnce(t, "Dequeue, its reply lost", err, s.takeAll(t, a, name), []string{"1", "2", "3"}, []string{"2", "3"})
		})
	}},
	{ID: "LostReplies/Settle", Rule: ruleLostSettle, Needs: NeedsLostReplies | NeedsInbox, Run: func(t TB, s *Subject) {
		s.loseEach(t, "Settle", func(a state.Adapter, name string, lose func(func())) {
			receipts := s.acceptAll(t, a, name, "1", "2", "3")
			var left int
			var err error
			lose(func() { left, err = inbox(a).Settle(s.Context(), name, receipts[0]) })
			if isFailure(t, "Settle, its reply lost", err) {
				left, err = inbox(a).Settle(s.Context(), name, receipts[0])
				must(t, "Settle again", err)
			}
			equal(t, "entries left after Settle of one of three", left, 2)
			s.waiting(t, a, name, "2", "3")
		})
	}},
	{ID: "LostReplies/Repeatable", Rule: ruleLostWrite, Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		for _, w := range s.repeatable(t) {
			s.loseEach(t, w.name, func(a state.Adapter, name string, lose func(func())) {
				w.before(a, name)
				var err error
				lose(func() { err = w.do(a, name) })
				if isFailure(t, w.name+", its reply lost", err) {
					must(t, w.name+" again", w.do(a, name))
				}
				w.after(a, name)
			})
		}
	}},
	{ID: "LostReplies/Reads", Rule: ruleUnavailable, Needs: NeedsLostReplies, Run: func(t TB, s *Subject) {
		for _, r := range s.reads() {
			s.loseEach(t, r.name, func(a state.Adapter, name string, lose func(func())) {
				s.oneOfEachKind(t, a, name)
				var seen string
				var err error
				lose(func() { seen, err = r.do(a, name) })
				if !isFailure(t, r.name+", its reply lost", err) {
					equal(t, r.name+", its reply lost", seen, r.want)
				}
			})
		}
	}},
}

// loseEach runs a case of one call again and again, each time under a new name and
// with the reply to a later one of the call's requests lost, until a call has no
// reply left to lose. lose has the reply to a request of a call lost.
func (s *Subject) loseEach(t TB, what string, run func(a state.Adapter, name string, lose func(call func()))) {
	t.Helper()
	a, loseReply := s.Features.LoseReply(s.t)
	s.closeLater(a)
	must(t, "Connect", a.Connect(s.Context()))
	const most = 20
	for skip := range most {
		any := false
		run(a, fmt.Sprintf("%s %d", what, skip), func(call func()) {
			lost := loseReply(skip)
			call()
			any = lost() || any
		})
		if any {
			continue
		}
		if skip == 0 {
			t.Errorf("undecided: no reply of %s was lost\n    seen: lost reports false after LoseReply(0) and the call\n    want: true, so that the case can judge it", what)
		}
		return
	}
	t.Errorf("undecided: %s makes more than %d requests, or goes on as long as replies are lost", what, most)
}

// isFailure reports whether the call has failed, and reports an error that a lost
// reply is no reason for.
func isFailure(t TB, call string, err error) bool {
	t.Helper()
	if err != nil && !errors.Is(err, state.ErrUnavailable) && !errors.Is(err, state.ErrUnknownOutcome) {
		t.Errorf("%s\n    seen: %v\n    want: no error, %v or %v", call, err, state.ErrUnavailable, state.ErrUnknownOutcome)
	}
	return err != nil
}

// answer judges what came of a write that could only succeed.
func (s *Subject) answer(t TB, call string, done bool, err error) {
	t.Helper()
	switch {
	case err != nil:
		isError(t, call, err, state.ErrUnknownOutcome)
	case !done:
		t.Errorf("%s\n    seen: false, although this call has done it\n    want: true, or %v", call, state.ErrUnknownOutcome)
	}
}

// atMostOnce judges what a call has left that may not happen twice.
func (s *Subject) atMostOnce(t TB, call string, err error, seen, before, after []string) {
	t.Helper()
	if err == nil {
		equalAll(t, "what is there after "+call+" and without error", seen, after)
		return
	}
	isError(t, call, err, state.ErrUnknownOutcome)
	if len(seen) == len(before) {
		after = before
	}
	equalAll(t, fmt.Sprintf("what is there after %s and %v", call, err), seen, after)
}

// takeAll dequeues the messages of a thread.
func (s *Subject) takeAll(t TB, a state.Adapter, threadID string) []string {
	t.Helper()
	var messages []string
	for {
		entry, err := a.Dequeue(s.Context(), threadID)
		if errors.Is(err, state.ErrQueueEmpty) {
			return messages
		}
		must(t, "Dequeue", err)
		messages = append(messages, string(entry.Message))
	}
}
