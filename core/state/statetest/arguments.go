package statetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleArguments = "A negative duration, a lock TTL that is not positive, a negative size, an empty name, one that is longer than [MaxName] and one that is not UTF-8 are [ErrInvalidArgument], and so are a lock that is nil or has no token and a queued message that is not one JSON value."
	ruleFirst     = "These two come before the error of a context that has ended before the call, and this comes before [ErrInvalidArgument]."
	ruleTurnsArg  = "An argument that is invalid for one step is [ErrInvalidArgument] of the method, and no step is done."
	ruleUnchanged = "A call with such an argument changes nothing."
	ruleNamesArg  = "The message names the argument and what was expected."
)

var argumentCases = []Case{
	{ID: "Arguments/EmptyName", Rule: ruleArguments, Run: func(t TB, s *Subject) { s.invalidName(t, "") }},
	{ID: "Arguments/NameNotUnicode", Rule: ruleArguments, Run: func(t TB, s *Subject) {
		for _, name := range []string{"\xff", "a\xc3", "\xed\xa0\x80"} {
			s.invalidName(t, name)
		}
	}},
	{ID: "Arguments/NameTooLong", Rule: ruleArguments, Run: func(t TB, s *Subject) {
		for _, name := range []string{strings.Repeat("x", state.MaxName+1), strings.Repeat("😀", state.MaxName/4) + "y", strings.Repeat("x", 1<<16)} {
			s.invalidName(t, name)
		}
	}},
	{ID: "Arguments/FirstError", Rule: ruleFirst, Run: func(t TB, s *Subject) {
		x := validArgs()
		x.name, x.lock, x.size, x.ttl, x.message = "", nil, -1, -1, nil
		ended, cancel := context.WithCancel(s.Context())
		cancel()
		a := s.Open()
		check := func(when string, ctx context.Context, want error) {
			for _, c := range s.calls(x) {
				isError(t, c.name+" with invalid arguments "+when, c.do(ctx, a), want)
			}
		}
		check("and an ended context, before Connect", ended, state.ErrNotConnected)
		must(t, "Connect", a.Connect(s.Context()))
		check("and an ended context", ended, context.Canceled)
		must(t, "Close", a.Close(s.Context()))
		check("and an ended context, after Close", ended, state.ErrClosed)
		isError(t, "Connect with an ended context, after Close", a.Connect(ended), state.ErrClosed)
	}},
	{ID: "Arguments/Turns", Rule: ruleTurnsArg, Needs: NeedsTurns, Run: invalidTurns},
	{ID: "Arguments/LockTTL", Rule: ruleArguments, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		lock := s.acquire(t, a, "held thread", longTTL)
		for _, ttl := range []time.Duration{0, -1, -time.Hour, math.MinInt64} {
			_, err := a.AcquireLock(ctx, "thread", ttl)
			invalid(t, fmt.Sprintf("AcquireLock with a TTL of %v", ttl), err, "ttl")
			invalid(t, fmt.Sprintf("ExtendLock with a TTL of %v", ttl), a.ExtendLock(ctx, lock, ttl), "ttl")
		}
	}},
	{ID: "Arguments/LockTTLChangesNothing", Rule: ruleUnchanged, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		lock := s.acquire(t, a, "thread", longTTL)
		before := *lock
		for _, ttl := range []time.Duration{0, -time.Second} {
			_, err := a.AcquireLock(ctx, "another thread", ttl)
			isError(t, "AcquireLock", err, state.ErrInvalidArgument)
			isError(t, "ExtendLock", a.ExtendLock(ctx, lock, ttl), state.ErrInvalidArgument)
		}
		equal(t, "the lock after a refused ExtendLock", *lock, before)
		s.locked(t, a, "thread")
		s.acquire(t, a, "another thread", longTTL)
		must(t, "ReleaseLock", a.ReleaseLock(ctx, lock))
	}},
	{ID: "Arguments/Lock", Rule: ruleArguments, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		for what, lock := range map[string]*state.Lock{
			"nil":                        nil,
			"a lock without token":       {ThreadID: "thread"},
			"a lock without thread":      {Token: "token"},
			"a lock of a thread not UTF": {ThreadID: "\xff", Token: "token"},
		} {
			isError(t, "ExtendLock of "+what, a.ExtendLock(ctx, lock, time.Minute), state.ErrInvalidArgument)
			isError(t, "ReleaseLock of "+what, a.ReleaseLock(ctx, lock), state.ErrInvalidArgument)
		}
	}},
	{ID: "Arguments/NegativeTTL", Rule: ruleArguments, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		for _, ttl := range []time.Duration{-1, -5 * time.Millisecond, math.MinInt64} {
			invalid(t, fmt.Sprintf("Set with a TTL of %v", ttl), a.Set(ctx, "key", []byte("v"), ttl), "ttl")
			invalid(t, fmt.Sprintf("SetIfNotExists with a TTL of %v", ttl), second(a.SetIfNotExists(ctx, "key", []byte("v"), ttl)), "ttl")
			invalid(t, fmt.Sprintf("AppendToList with a TTL of %v", ttl), a.AppendToList(ctx, "list", []byte("v"), state.ListOptions{TTL: ttl}), "ttl")
		}
	}},
	{ID: "Arguments/NegativeTTLChangesNothing", Rule: ruleUnchanged, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		s.set(t, a, "key", "1", 0)
		s.append(t, a, "list", "1", state.ListOptions{})
		isError(t, "Set", a.Set(ctx, "key", []byte("2"), -time.Second), state.ErrInvalidArgument)
		isError(t, "SetIfNotExists", second(a.SetIfNotExists(ctx, "another key", []byte("2"), -time.Second)), state.ErrInvalidArgument)
		isError(t, "AppendToList", a.AppendToList(ctx, "list", []byte("2"), state.ListOptions{TTL: -time.Second}), state.ErrInvalidArgument)
		s.value(t, a, "key", "1")
		s.absent(t, a, "another key")
		s.list(t, a, "list", "1")
	}},
	{ID: "Arguments/SwapTTL", Rule: ruleArguments, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "1", 0)
		_, err := swaps(a).CompareAndSwap(s.Context(), "key", []byte("1"), []byte("2"), -1)
		invalid(t, "CompareAndSwap", err, "ttl")
		s.value(t, a, "key", "1")
	}},
	{ID: "Arguments/NegativeSize", Rule: ruleArguments, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		for _, size := range []int{-1, -1000, math.MinInt} {
			invalid(t, fmt.Sprintf("AppendToList with a MaxLength of %d", size), a.AppendToList(ctx, "list", []byte("v"), state.ListOptions{MaxLength: size}), "maxlength")
			invalid(t, fmt.Sprintf("Enqueue with a maxSize of %d", size), second(a.Enqueue(ctx, "thread", newEntry("1"), size)), "maxsize")
		}
	}},
	{ID: "Arguments/NegativeSizeChangesNothing", Rule: ruleUnchanged, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		s.append(t, a, "list", "1", state.ListOptions{})
		s.enqueue(t, a, "thread", "1", 0, 1)
		isError(t, "AppendToList", a.AppendToList(ctx, "list", []byte("2"), state.ListOptions{MaxLength: -1}), state.ErrInvalidArgument)
		isError(t, "Enqueue", second(a.Enqueue(ctx, "thread", newEntry("2"), -1)), state.ErrInvalidArgument)
		s.list(t, a, "list", "1")
		s.drain(t, a, "thread", "1")
	}},
	{ID: "Arguments/InboxSize", Rule: ruleArguments, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		s.accept(t, a, "thread", "1", 0, 1)
		invalid(t, "Accept", second(inbox(a).Accept(ctx, "thread", newEntry("2"), -1)), "maxsize")
		invalid(t, "ExtendQueue", inbox(a).ExtendQueue(ctx, "thread", 0), "ttl")
		invalid(t, "ExtendQueue", inbox(a).ExtendQueue(ctx, "thread", -time.Second), "ttl")
		invalid(t, "WaitingThreads", second(inbox(a).WaitingThreads(ctx, later(), -1)), "limit")
		s.waiting(t, a, "thread", "1")
	}},
	{ID: "Arguments/Message", Rule: ruleArguments, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		for _, m := range []string{"", "hello", "{", `{"a":1}{"b":2}`, "{'a':1}", "\x00"} {
			invalid(t, fmt.Sprintf("Enqueue of the message %q", m), second(a.Enqueue(ctx, "thread", newEntry(m), 0)), "message")
		}
		s.depth(t, a, "thread", 0)
		s.queueEmpty(t, a, "thread")
	}},
	{ID: "Arguments/AcceptedMessage", Rule: ruleArguments, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		for _, m := range []string{"", "hello"} {
			invalid(t, fmt.Sprintf("Accept of the message %q", m), second(inbox(a).Accept(ctx, "thread", newEntry(m), 0)), "message")
		}
		s.waiting(t, a, "thread")
		s.marked(t, a, later(), 0)
	}},
	{ID: "Arguments/ErrorNamesTheArgument", Rule: ruleNamesArg, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		invalid(t, "Subscribe", a.Subscribe(ctx, ""), "threadid")
		invalid(t, "Enqueue", second(a.Enqueue(ctx, "", newEntry("1"), 0)), "threadid")
		invalid(t, "Get", second(a.Get(ctx, "")), "key")
		invalid(t, "GetList", second(a.GetList(ctx, "")), "key")
		invalid(t, "ReleaseLock", a.ReleaseLock(ctx, nil), "lock")
	}},
}

// invalidTurns makes requests of which one step has an invalid argument, the last one
// where there are several, so that the steps before it show if they are done.
func invalidTurns(t TB, s *Subject) {
	a, ctx := s.Connected(t), s.Context()
	start := func(arg string, change func(req *state.StartTurn)) {
		for _, value := range []string{"v", newClaim()} {
			req := newStart("key", "thread")
			req.Value = []byte(value)
			change(&req)
			out, err := turns(a).StartTurn(ctx, req)
			invalid(t, "StartTurn", err, arg)
			equal(t, "a Lock after a StartTurn that was refused", out.Lock != nil, false)
		}
	}
	start("key", func(req *state.StartTurn) { req.Key = "" })
	start("ttl", func(req *state.StartTurn) { req.TTL = -1 })
	start("threadid", func(req *state.StartTurn) { req.ThreadID = "\xff" })
	start("ttl", func(req *state.StartTurn) { req.LockTTL = 0 })
	start("message", func(req *state.StartTurn) { req.Accept.ThreadID = "thread" })
	start("maxsize", func(req *state.StartTurn) {
		req.Accept = state.AcceptTurn{ThreadID: "thread", Entry: newEntry("1"), MaxSize: -1}
	})
	start("key", func(req *state.StartTurn) {
		req.Accept = state.AcceptTurn{ThreadID: "thread", Entry: newEntry("1"), Keys: []string{""}}
	})
	s.absent(t, a, "key")
	s.waiting(t, a, "thread")
	lock := s.acquire(t, a, "thread", longTTL)

	accept := func(arg string, change func(req *state.AcceptTurn)) {
		req := state.AcceptTurn{ThreadID: "thread", Entry: newEntry("1"), Subscription: "thread", Keys: []string{"key"}}
		change(&req)
		invalid(t, "AcceptTurn", second(turns(a).AcceptTurn(ctx, req)), arg)
	}
	accept("threadid", func(req *state.AcceptTurn) { req.ThreadID = "" })
	accept("message", func(req *state.AcceptTurn) { req.Entry.Message = nil })
	accept("maxsize", func(req *state.AcceptTurn) { req.MaxSize = -1 })
	accept("subscription", func(req *state.AcceptTurn) { req.Subscription = "\xff" })
	accept("key", func(req *state.AcceptTurn) { req.Keys = []string{"key", ""} })
	s.waiting(t, a, "thread")

	r := s.acceptAll(t, a, "thread", "1")
	end := func(arg string, change func(req *state.EndTurn)) {
		req := state.EndTurn{Marks: []string{"key"}, Mark: []byte("v"), MarkTTL: time.Hour, ThreadID: "thread", Receipts: r, Lock: lock}
		change(&req)
		invalid(t, "EndTurn", second(turns(a).EndTurn(ctx, req)), arg)
	}
	end("mark", func(req *state.EndTurn) { req.Marks = []string{"key", ""} })
	end("ttl", func(req *state.EndTurn) { req.MarkTTL = -1 })
	end("threadid", func(req *state.EndTurn) { req.ThreadID = "" })
	end("lock", func(req *state.EndTurn) { req.Lock = nil })
	end("token", func(req *state.EndTurn) { req.Lock = &state.Lock{ThreadID: "thread"} })
	s.absent(t, a, "key")
	s.waiting(t, a, "thread", "1")
	s.locked(t, a, "thread")
}

// invalidName checks that every method that takes a name refuses this one.
func (s *Subject) invalidName(t TB, name string) {
	t.Helper()
	a, x := s.Connected(t), validArgs()
	x.name = name
	x.lock = &state.Lock{ThreadID: name, Token: "token"}
	for _, c := range s.calls(x) {
		if c.name == "WaitingThreads" || c.name == "Check" {
			continue // it takes no name
		}
		isError(t, fmt.Sprintf("%s with the name %s", c.name, show(name)), c.do(s.Context(), a), state.ErrInvalidArgument)
	}
}

// invalid checks that an argument was refused in words that name it.
func invalid(t TB, what string, err error, arg string) {
	t.Helper()
	isError(t, what, err, state.ErrInvalidArgument)
	if err != nil && !errors.Is(err, context.Canceled) && !strings.Contains(strings.ToLower(err.Error()), arg) {
		t.Errorf("%s: the error's text\n    seen: %v\n    want: one that names the argument (%s, in upper or lower case)", what, err, arg)
	}
}
