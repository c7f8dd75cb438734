package statetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleNames = "Names of threads and keys are any UTF-8 of 1 to [MaxName] bytes: colons, spaces, emoji, line breaks."
	ruleKinds = "The five kinds of name (subscriptions, locks, cache, lists, queues) never collide: a list and a cache value may share a name."
)

// unusualNames are valid, and differ from each other by little.
var unusualNames = []string{
	"a", "A", "a ", " a", " ", "a:b", "a:b:", ":", "::", "a\tb", "a\nb", "a\x00b", "\x00", "*", "a*", "?", "[a]", "{a}", "{a}b", "{", "}", "%", "%s", "%2F",
	"/", "a/../b", "..", ".", `\`, `"`, "'", "`", "--", ";", "$1", "é", "e\u0301", "😀", "👩‍👩‍👧", "日本語", "\u200b", "\ufeff",
	"0", "-1", "null", "lock:a", "cache:a", "list:a", "queue:a", "subscriptions", "slack:C123:1700000000.000100",
	strings.Repeat("x", 1024), strings.Repeat("x", 1023) + "y", strings.Repeat("😀", 256),
	strings.Repeat("x", state.MaxName), strings.Repeat("x", state.MaxName-1) + "y", strings.Repeat("😀", state.MaxName/4),
}

// prefixedNames returns names that are what a backend may make of a name and its
// kind.
func prefixedNames(name string) []string {
	all := []string{"subscriptions", name + ":" + name, ":" + name, name + ":"}
	for _, kind := range []string{
		"lock", "locks", "cache", "kv", "list", "lists", "queue", "queues", "subscription", "subscriptions", "sub", "subs", "mark", "marks", "pending", "waiting",
	} {
		for _, between := range []string{":", "/", ".", "-", "_"} {
			all = append(all, kind+between+name)
		}
		all = append(all, name+":"+kind)
	}
	return all
}

var nameCases = []Case{
	{ID: "Names/KindsApart", Rule: ruleKinds, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		lock := s.oneOfEachKind(t, a, "name")
		s.allKinds(t, a, "name")
		must(t, "Unsubscribe", a.Unsubscribe(ctx, "name"))
		s.locked(t, a, "name")
		must(t, "ReleaseLock", a.ReleaseLock(ctx, lock))
		s.list(t, a, "name", "in the list")
		s.dequeue(t, a, "name", `"in the queue"`)
		s.value(t, a, "name", "in the cache")
		s.list(t, a, "name", "in the list")
	}},
	{ID: "Names/EachKindAlone", Rule: ruleKinds, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		for _, kind := range []struct {
			name string
			put  func(name string) error
		}{
			{"subscriptions", func(n string) error { return a.Subscribe(ctx, n) }},
			{"locks", func(n string) error { return second(a.AcquireLock(ctx, n, longTTL)) }},
			{"cache", func(n string) error { return a.Set(ctx, n, []byte("v"), 0) }},
			{"lists", func(n string) error { return a.AppendToList(ctx, n, []byte("v"), state.ListOptions{}) }},
			{"queues", func(n string) error { return second(a.Enqueue(ctx, n, newEntry("1"), 0)) }},
		} {
			must(t, "a write", kind.put(kind.name))
			s.onlyKind(t, a, kind.name)
		}
	}},
	{ID: "Names/PrefixesApart", Rule: ruleKinds, Run: func(t TB, s *Subject) {
		// A backend that puts kind and name together must not mix these up.
		a := s.Connected(t)
		s.oneOfEachKind(t, a, "a")
		names := prefixedNames("a")
		together(len(names), func(i int) {
			name := names[i]
			s.subscribed(t, a, name, false)
			s.absent(t, a, name)
			s.list(t, a, name)
			s.depth(t, a, name, 0)
			must(t, fmt.Sprintf("ReleaseLock(%q)", name), a.ReleaseLock(s.Context(), s.acquire(t, a, name, time.Hour)))
		})
	}},
	{ID: "Names/UnusualSubscriptions", Rule: ruleNames, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, name := range unusualNames {
			s.subscribed(t, a, name, false)
			must(t, fmt.Sprintf("Subscribe(%.40q)", name), a.Subscribe(s.Context(), name))
			s.subscribed(t, a, name, true)
		}
	}},
	{ID: "Names/UnusualLocks", Rule: ruleNames, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		var locks []*state.Lock
		for _, name := range unusualNames {
			lock := s.acquire(t, a, name, longTTL)
			equal(t, "Lock.ThreadID", lock.ThreadID, name)
			locks = append(locks, lock)
		}
		for _, lock := range locks {
			must(t, "ExtendLock", a.ExtendLock(s.Context(), lock, longTTL))
			must(t, "ReleaseLock", a.ReleaseLock(s.Context(), lock))
		}
	}},
	{ID: "Names/UnusualKeys", Rule: ruleNames, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i, name := range unusualNames {
			s.setIfNotExists(t, a, name, fmt.Sprint(i), 0, true)
		}
		for i, name := range unusualNames {
			s.value(t, a, name, fmt.Sprint(i))
		}
	}},
	{ID: "Names/UnusualLists", Rule: ruleNames, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i, name := range unusualNames {
			s.append(t, a, name, fmt.Sprint(i), state.ListOptions{MaxLength: 3, TTL: time.Hour})
		}
		for i, name := range unusualNames {
			s.list(t, a, name, fmt.Sprint(i))
		}
	}},
	{ID: "Names/UnusualQueues", Rule: ruleNames, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i, name := range unusualNames {
			s.enqueue(t, a, name, fmt.Sprint(i), 3, 1)
		}
		for i, name := range unusualNames {
			s.dequeue(t, a, name, fmt.Sprint(i))
		}
	}},
	{ID: "Names/UnusualInboxes", Rule: ruleNames, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		receipts := map[string]state.Receipt{}
		for i, name := range unusualNames {
			receipts[name] = s.acceptAll(t, a, name, fmt.Sprint(i))[0]
		}
		threads, err := inbox(a).WaitingThreads(s.Context(), later(), 0)
		must(t, "WaitingThreads", err)
		listed := map[string]bool{}
		for _, name := range threads {
			listed[name] = true
		}
		for _, name := range unusualNames {
			equal(t, fmt.Sprintf("thread %.40q is listed", name), listed[name], true)
			s.settle(t, a, name, 0, receipts[name])
		}
	}},
}

// oneOfEachKind puts something of every kind under one name.
func (s *Subject) oneOfEachKind(t TB, a state.Adapter, name string) *state.Lock {
	t.Helper()
	lock := s.acquire(t, a, name, longTTL)
	s.oneOfEachKindButLocks(t, a, name)
	return lock
}

func (s *Subject) oneOfEachKindButLocks(t TB, a state.Adapter, name string) {
	t.Helper()
	must(t, "Subscribe", a.Subscribe(s.Context(), name))
	s.set(t, a, name, "in the cache", 0)
	s.append(t, a, name, "in the list", state.ListOptions{})
	s.enqueue(t, a, name, `"in the queue"`, 0, 1)
}

// allKinds checks what oneOfEachKind has put.
func (s *Subject) allKinds(t TB, a state.Adapter, name string) {
	t.Helper()
	s.subscribed(t, a, name, true)
	s.locked(t, a, name)
	s.value(t, a, name, "in the cache")
	s.list(t, a, name, "in the list")
	s.depth(t, a, name, 1)
}

// onlyKind checks that under the name of a kind there is something of this kind
// and of no other.
func (s *Subject) onlyKind(t TB, a state.Adapter, kind string) {
	t.Helper()
	ctx := s.Context()
	subscribed, err := a.IsSubscribed(ctx, kind)
	must(t, "IsSubscribed", err)
	equal(t, "a name of "+kind+" is subscribed", subscribed, kind == "subscriptions")
	_, err = a.AcquireLock(ctx, kind, longTTL)
	equal(t, "a name of "+kind+" is locked", err != nil, kind == "locks")
	_, err = a.Get(ctx, kind)
	equal(t, "a name of "+kind+" has a cache value", err == nil, kind == "cache")
	values, err := a.GetList(ctx, kind)
	must(t, "GetList", err)
	equal(t, "a name of "+kind+" has a list", len(values) > 0, kind == "lists")
	n, err := a.QueueDepth(ctx, kind)
	must(t, "QueueDepth", err)
	equal(t, "a name of "+kind+" has a queue", n > 0, kind == "queues")
}
