package statetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

var lostTurnCases = []Case{
	{ID: "LostReplies/StartTurn", Rule: ruleStartTurn, Needs: NeedsLostReplies | NeedsTurns, Run: func(t TB, s *Subject) {
		for _, value := range []string{"v", newClaim()} {
			s.loseEach(t, "StartTurn", func(a state.Adapter, name string, lose func(func())) {
				req := newStart(name, name)
				req.Value = []byte(value)
				var out state.TurnStarted
				var err error
				lose(func() { out, err = turns(a).StartTurn(s.Context(), req) })
				s.startedOnce(t, a, req, out, err)
			})
		}
	}},
	{ID: "LostReplies/StartTurnTaken", Rule: ruleFound, Needs: NeedsLostReplies | NeedsTurns, Run: func(t TB, s *Subject) {
		s.loseEach(t, "StartTurn", func(a state.Adapter, name string, lose func(func())) {
			other := newClaim()
			s.set(t, a, name, other, time.Hour)
			var out state.TurnStarted
			var err error
			lose(func() { out, err = turns(a).StartTurn(s.Context(), newStart(name, name)) })
			equal(t, "Set of StartTurn on a key with another's claim, its reply lost", out.Set, false)
			if !isFailure(t, "StartTurn on a key with another's claim, its reply lost", err) && out.Found != nil {
				equalBytes(t, "Found of StartTurn, its reply lost", out.Found, other)
			}
			s.value(t, a, name, other)
		})
	}},
	{ID: "LostReplies/StartTurnAccepts", Rule: ruleStartAccept, Needs: NeedsLostReplies | NeedsTurns, Run: func(t TB, s *Subject) {
		for _, value := range []string{"v", newClaim()} {
			s.loseEach(t, "StartTurn", func(a state.Adapter, name string, lose func(func())) {
				s.accept(t, a, name, "1", 0, 1)
				req := newStart(name, name)
				req.Value = []byte(value)
				req.Accept = state.AcceptTurn{ThreadID: name, Entry: newEntry("2")}
				var out state.TurnStarted
				var err error
				lose(func() { out, err = turns(a).StartTurn(s.Context(), req) })
				if err == nil {
					equal(t, "Set of StartTurn on an absent key, its reply lost", out.Set, true)
					s.accepted(t, out.Accepted)
				}
				s.acceptedOnce(t, a, name, "StartTurn, its reply lost", err)
			})
		}
	}},
	{ID: "LostReplies/AcceptTurn", Rule: ruleAcceptTurn, Needs: NeedsLostReplies | NeedsTurns, Run: func(t TB, s *Subject) {
		s.loseEach(t, "AcceptTurn", func(a state.Adapter, name string, lose func(func())) {
			must(t, "Subscribe", a.Subscribe(s.Context(), name))
			s.set(t, a, name, "v", 0)
			s.accept(t, a, name, "1", 0, 1)
			var out state.TurnAccepted
			var err error
			lose(func() {
				out, err = turns(a).AcceptTurn(s.Context(), state.AcceptTurn{ThreadID: name, Entry: newEntry("2"), Subscription: name, Keys: []string{"absent", name}})
			})
			if err == nil {
				s.accepted(t, out)
				if out.Looked {
					equal(t, "Subscribed of AcceptTurn, its reply lost", out.Subscribed, true)
					equalAll(t, "Found of AcceptTurn, its reply lost", out.Found, []string{name})
				}
			}
			s.acceptedOnce(t, a, name, "AcceptTurn, its reply lost", err)
		})
	}},
	{ID: "LostReplies/EndTurn", Rule: ruleEndTurn, Needs: NeedsLostReplies | NeedsTurns, Run: func(t TB, s *Subject) {
		s.loseEach(t, "EndTurn", func(a state.Adapter, name string, lose func(func())) {
			lock := s.acquire(t, a, name, longTTL)
			receipts := s.acceptAll(t, a, name, "1", "2", "3")
			marks := []string{name + " mark 1", name + " mark 2"}
			req := state.EndTurn{Marks: marks, Mark: []byte("done"), MarkTTL: time.Hour, ThreadID: name, Receipts: receipts[:1], Lock: lock}
			var depth int
			var err error
			lose(func() { depth, err = turns(a).EndTurn(s.Context(), req) })
			if isFailure(t, "EndTurn, its reply lost", err) {
				depth, err = turns(a).EndTurn(s.Context(), req)
				must(t, "EndTurn again", err)
			}
			equal(t, "the depth that EndTurn returns after one of three is settled", depth, 2)
			for _, mark := range marks {
				s.value(t, a, mark, "done")
			}
			s.waiting(t, a, name, "2", "3")
			s.acquire(t, a, name, longTTL)
		})
	}},
	{ID: "LostReplies/WaitingThreads", Rule: ruleNeverMissing, Needs: NeedsLostReplies | NeedsInbox, Run: func(t TB, s *Subject) {
		s.loseEach(t, "WaitingThreads", func(a state.Adapter, name string, lose func(func())) {
			r := s.acceptAll(t, a, name+" settled", "1")
			s.settle(t, a, name+" settled", 0, r...) // its mark may have to go now
			s.accept(t, a, name, "1", 0, 1)
			var threads []string
			var err error
			lose(func() { threads, err = inbox(a).WaitingThreads(s.Context(), later(), 0) })
			if isFailure(t, "WaitingThreads, its reply lost", err) {
				threads, err = inbox(a).WaitingThreads(s.Context(), later(), 0)
				must(t, "WaitingThreads again", err)
			}
			if !slices.Contains(threads, name) {
				t.Errorf("WaitingThreads, its reply lost\n    seen: %s\n    want: a list with %q", show(threads), name)
			}
			slices.Sort(threads)
			equal(t, "threads that WaitingThreads, its reply lost, lists twice", len(threads)-len(slices.Compact(threads)), 0)
		})
	}},
}

// startedOnce judges what came of a StartTurn of an absent key and a free thread.
func (s *Subject) startedOnce(t TB, a state.Adapter, req state.StartTurn, out state.TurnStarted, err error) {
	t.Helper()
	const call = "StartTurn of an absent key, its reply lost"
	isClaim := state.IsClaim(req.Value)
	switch {
	case err == nil:
		equal(t, "Set of "+call, out.Set, true)
		s.value(t, a, req.Key, string(req.Value))
	case isClaim:
		isFailure(t, call, err)
	default:
		isError(t, call, err, state.ErrUnknownOutcome)
	}
	if out.Lock != nil {
		must(t, "ExtendLock of the lock of "+call, a.ExtendLock(s.Context(), out.Lock, time.Hour))
	}
	if isClaim {
		out, err = turns(a).StartTurn(s.Context(), req)
		must(t, "StartTurn again", err)
		equal(t, "Set of the same StartTurn again", out.Set, true)
	}
}

// accepted judges what a turn tells that has accepted the second of two entries.
func (s *Subject) accepted(t TB, out state.TurnAccepted) {
	t.Helper()
	equal(t, "Depth of a turn that has accepted a second entry, its reply lost", out.Depth, 2)
	if out.Looked {
		equalAll(t, "Waiting of a turn that has accepted a second entry, its reply lost", messagesOf(out.Waiting), []string{"1", "2"})
	}
}

// acceptedOnce judges what waits after a turn that accepts a second entry. An error
// that is only [state.ErrUnavailable] says that it does not wait.
func (s *Subject) acceptedOnce(t TB, a state.Adapter, threadID, call string, err error) {
	t.Helper()
	if err == nil {
		threads, err := inbox(a).WaitingThreads(s.Context(), later(), 0)
		must(t, "WaitingThreads", err)
		equal(t, "the thread is listed after "+call, slices.Contains(threads, threadID), true)
	}
	seen := s.takeAll(t, a, threadID)
	if err != nil && !errors.Is(err, state.ErrUnknownOutcome) {
		isError(t, call, err, state.ErrUnavailable)
		equalAll(t, fmt.Sprintf("what is there after %s and %v", call, err), seen, []string{"1"})
		return
	}
	s.atMostOnce(t, call, err, seen, []string{"1"}, []string{"1", "2"})
}
