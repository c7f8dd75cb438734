package statetest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleBytes = "An adapter stores exactly the bytes it was given, keeps no reference to the caller's slice, and returns slices that the caller may change."

var valueCases = []Case{
	{ID: "Values/HeldOverLaterCalls", Rule: ruleBytes, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		s.set(t, a, "key", "held value", 0)
		s.append(t, a, "list", "held value", state.ListOptions{})
		s.enqueue(t, a, "thread", `"held value"`, 0, 1)
		value, err := a.Get(ctx, "key")
		must(t, "Get", err)
		values, err := a.GetList(ctx, "list")
		must(t, "GetList", err)
		entry, err := pop(ctx, a, "thread")
		must(t, "Dequeue", err)
		held := s.hold(t, a)
		for i := range 50 {
			// Other calls, with answers that are longer and shorter.
			key := fmt.Sprint("key ", i%3)
			s.set(t, a, "key", strings.Repeat("overwritten ", i), 0)
			must(t, "Get", second(a.Get(ctx, "key")))
			s.append(t, a, "list", strings.Repeat("other ", i), state.ListOptions{MaxLength: 3})
			must(t, "GetList", second(a.GetList(ctx, "list")))
			s.enqueue(t, a, key, `"overwritten"`, 3, min(i/3+1, 3))
			must(t, "QueueDepth", second(a.QueueDepth(ctx, key)))
		}
		held()
		equalBytes(t, "what Get has returned, many calls later", value, "held value")
		equal(t, "values that GetList has returned", len(values), 1)
		equalBytes(t, "what GetList has returned, many calls later", values[0], "held value")
		equalBytes(t, "what Dequeue has returned, many calls later", entry.Message, `"held value"`)
	}},
	{ID: "Values/ExtremeTimes", Rule: ruleStale, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		times := []time.Time{{}, time.UnixMilli(0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
		for i, at := range times {
			depth, err := a.Enqueue(ctx, "thread", state.QueueEntry{Message: []byte("1"), EnqueuedAt: at, ExpiresAt: at}, 0)
			must(t, fmt.Sprintf("Enqueue of an entry that expires at %v", at), err)
			equal(t, fmt.Sprintf("depth with an entry that expires at %v", at), depth, i+1)
		}
		for _, at := range times {
			entry, err := a.Dequeue(ctx, "thread")
			must(t, fmt.Sprintf("Dequeue of an entry that expires at %v", at), err)
			equal(t, fmt.Sprintf("ExpiresAt, in milliseconds, of an entry that expires at %v", at), entry.ExpiresAt.UnixMilli(), at.UnixMilli())
		}
		if s.Features.Inbox {
			s.accept(t, a, "thread", "1", 0, 1)
			s.marked(t, a, times[0], 0)
			s.marked(t, a, times[2], 0, "thread")
		}
	}},
	{ID: "Values/LargestOfTurns", Rule: "The longest duration and the largest size are valid.", Needs: NeedsTurns, Run: func(t TB, s *Subject) {
		const longest, largest = time.Duration(math.MaxInt64), math.MaxInt
		a := s.Connected(t)
		for i, value := range []string{"v", newClaim()} {
			req := newAccepting(fmt.Sprint("key ", i), fmt.Sprint("thread ", i), fmt.Sprint(i))
			req.Value, req.TTL, req.LockTTL, req.Accept.MaxSize = []byte(value), longest, longest, largest
			lock := s.started(t, a, req)
			s.value(t, a, req.Key, value)
			s.locked(t, a, req.ThreadID)
			out := s.acceptTurn(t, a, state.AcceptTurn{ThreadID: req.ThreadID, Entry: newEntry("1"), MaxSize: largest})
			equal(t, "Depth of AcceptTurn with the largest MaxSize", out.Depth, 1)
			depth, err := turns(a).EndTurn(s.Context(), state.EndTurn{
				Marks: []string{req.Key}, Mark: []byte("done"), MarkTTL: longest, ThreadID: req.ThreadID, Lock: lock,
			})
			must(t, "EndTurn with the longest MarkTTL", err)
			equal(t, "the depth that EndTurn returns", depth, 1)
			s.value(t, a, req.Key, "done")
		}
		s.waiting(t, a, "thread", "0", "1")
	}},
	{ID: "Values/Largest", Rule: "The longest duration and the largest size are valid.", Run: func(t TB, s *Subject) {
		const longest, largest = time.Duration(math.MaxInt64), math.MaxInt
		a, ctx := s.Connected(t), s.Context()
		lock := s.acquire(t, a, "thread", longest)
		must(t, "ExtendLock for the longest duration", a.ExtendLock(ctx, lock, longest))
		s.locked(t, a, "thread")
		must(t, "Set for the longest duration", a.Set(ctx, "key", []byte("v"), longest))
		s.value(t, a, "key", "v")
		s.setIfNotExists(t, a, "another key", "v", longest, true)
		s.value(t, a, "another key", "v")
		s.append(t, a, "list", "v", state.ListOptions{MaxLength: largest, TTL: longest})
		s.list(t, a, "list", "v")
		s.enqueue(t, a, "thread", "1", largest, 1)
		if s.Features.Inbox {
			s.accept(t, a, "thread", "2", largest, 2)
			must(t, "ExtendQueue for the longest duration", inbox(a).ExtendQueue(ctx, "thread", longest))
			must(t, "WaitingThreads with the largest limit", second(inbox(a).WaitingThreads(ctx, time.Now(), largest)))
			s.waiting(t, a, "thread", "1", "2")
		}
		if s.Features.Swaps {
			s.swap(t, a, "key", []byte("v"), "w", longest, true)
			s.value(t, a, "key", "w")
		}
	}},
	{ID: "Values/Nil", Rule: "A nil value is the empty value.", Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		must(t, "Set", a.Set(ctx, "set", nil, 0))
		s.value(t, a, "set", "")
		must(t, "SetIfNotExists", second(a.SetIfNotExists(ctx, "set if absent", nil, 0)))
		s.value(t, a, "set if absent", "")
		s.setIfNotExists(t, a, "set if absent", "v", 0, false)
		must(t, "AppendToList", a.AppendToList(ctx, "list", nil, state.ListOptions{}))
		s.list(t, a, "list", "")
		if !s.Features.Swaps {
			return
		}
		s.set(t, a, "swapped", "v", 0)
		must(t, "CompareAndSwap", second(swaps(a).CompareAndSwap(ctx, "swapped", []byte("v"), nil, 0)))
		s.value(t, a, "swapped", "")
		s.swap(t, a, "swapped", []byte{}, "v", 0, true)
	}},
	{ID: "Values/CacheKeepsNoReference", Rule: ruleBytes, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		value := []byte("value")
		must(t, "Set", a.Set(ctx, "set", value, 0))
		must(t, "SetIfNotExists", second(a.SetIfNotExists(ctx, "set if absent", value, 0)))
		spoil(value)
		s.value(t, a, "set", "value")
		s.value(t, a, "set if absent", "value")
	}},
	{ID: "Values/CacheGivesAway", Rule: ruleBytes, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "value", 0)
		value, err := a.Get(s.Context(), "key")
		must(t, "Get", err)
		spoil(value)
		s.value(t, a, "key", "value")
	}},
	{ID: "Values/SwapKeepsNoReference", Rule: ruleBytes, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		value := []byte("value")
		must(t, "CompareAndSwap", second(swaps(a).CompareAndSwap(s.Context(), "key", nil, value, 0)))
		spoil(value)
		s.value(t, a, "key", "value")
		old, value := []byte("value"), []byte("other")
		must(t, "CompareAndSwap", second(swaps(a).CompareAndSwap(s.Context(), "key", old, value, 0)))
		equalBytes(t, "the caller's old value", old, "value")
		spoil(old)
		spoil(value)
		s.value(t, a, "key", "other")
	}},
	{ID: "Values/ListKeepsNoReference", Rule: ruleBytes, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		value := []byte("value")
		for range 2 {
			must(t, "AppendToList", a.AppendToList(s.Context(), "list", value, state.ListOptions{}))
		}
		spoil(value)
		s.list(t, a, "list", "value", "value")
	}},
	{ID: "Values/ListGivesAway", Rule: ruleBytes, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, v := range []string{"1", "2", "3"} {
			s.append(t, a, "list", v, state.ListOptions{})
		}
		values, err := a.GetList(s.Context(), "list")
		must(t, "GetList", err)
		if len(values) == 3 {
			_ = append(values[0], 'x')
			equalBytes(t, "the second value after an append to the first", values[1], "2")
			equalBytes(t, "the third value after an append to the first", values[2], "3")
		}
		for i := range values {
			spoil(values[i])
			values[i] = nil
		}
		_ = append(values[:0], []byte("x"))
		s.list(t, a, "list", "1", "2", "3")
	}},
	{ID: "Values/QueueKeepsNoReference", Rule: ruleBytes, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		e := newEntry(`"value"`)
		must(t, "Enqueue", second(a.Enqueue(s.Context(), "thread", e, 0)))
		spoil(e.Message)
		s.dequeue(t, a, "thread", `"value"`)
	}},
	{ID: "Values/InboxKeepsNoReference", Rule: ruleBytes, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		e := newEntry(`"value"`)
		must(t, "Accept", second(inbox(a).Accept(s.Context(), "thread", e, 0)))
		spoil(e.Message)
		s.waiting(t, a, "thread", `"value"`)
	}},
	{ID: "Values/InboxGivesAway", Rule: ruleBytes, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acceptAll(t, a, "thread", `"1"`, `"2"`)
		all, err := inbox(a).Waiting(s.Context(), "thread")
		must(t, "Waiting", err)
		if len(all) == 2 {
			_ = append(all[0].Message, 'x')
			equalBytes(t, "the second message after an append to the first", all[1].Message, `"2"`)
		}
		for i := range all {
			spoil(all[i].Message)
			all[i] = state.WaitingEntry{}
		}
		s.waiting(t, a, "thread", `"1"`, `"2"`)
		s.drain(t, a, "thread", `"1"`, `"2"`)
	}},
	{ID: "Values/LockIsTheCallers", Rule: "only ExtendLock changes it, and its caller must not share it meanwhile.", Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		lock := s.acquire(t, a, "thread", longTTL)
		kept := *lock
		lock.Token, lock.ThreadID, lock.ExpiresAt = "spoilt", "spoilt", time.Time{}
		s.locked(t, a, "thread")
		must(t, "ReleaseLock of a copy made before", a.ReleaseLock(s.Context(), &kept))
	}},
}

// hold takes results of the optional roles, and returns a function that checks them
// after later calls.
func (s *Subject) hold(t TB, a state.Adapter) (check func()) {
	t.Helper()
	if !s.Features.Inbox {
		return func() {}
	}
	ctx := s.Context()
	s.accept(t, a, "held thread", `"held value"`, 0, 1)
	waiting, err := inbox(a).Waiting(ctx, "held thread")
	must(t, "Waiting", err)
	threads, err := inbox(a).WaitingThreads(ctx, later(), 0)
	must(t, "WaitingThreads", err)
	if len(waiting) != 1 || len(threads) != 1 {
		t.Errorf("what waits after one Accept\n    seen: %d entries in %d threads\n    want: 1 in 1", len(waiting), len(threads))
		return func() {}
	}
	lock := s.acquire(t, a, "held thread", longTTL)
	return func() {
		equalBytes(t, "what Waiting has returned, many calls later", waiting[0].Message, `"held value"`)
		equal(t, "what WaitingThreads has returned, many calls later", threads[0], "held thread")
		equal(t, "the ThreadID of a lock, many calls later", lock.ThreadID, "held thread")
		must(t, "ReleaseLock, many calls later", a.ReleaseLock(ctx, lock))
		s.settle(t, a, "held thread", 0, waiting[0].Receipt)
	}
}

// spoil changes every byte of a slice that the caller owns.
func spoil(b []byte) {
	for i := range b {
		b[i] = 'X'
	}
}
