package statetest

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleGet            = "Get returns the exact bytes that were set. It returns [ErrNotFound] if the key is absent or expired."
	ruleSet            = "Set replaces the value and its expiry. A ttl of 0 means no expiry."
	ruleSetIfNotExists = "SetIfNotExists sets the value if the key is absent, in one atomic step, and reports whether it did."
	ruleExpiredAbsent  = "An expired key counts as absent."
	ruleDelete         = "Delete removes the cache value of the key, never a list, lock or queue of the same name. Deleting an absent key changes nothing."
)

var cacheCases = []Case{
	{ID: "Cache/Get", Rule: ruleGet, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", `{"n":1}`, 0)
		s.set(t, a, "another key", "2", 0)
		s.value(t, a, "key", `{"n":1}`)
		s.value(t, a, "key", `{"n":1}`)
		s.value(t, a, "another key", "2")
	}},
	{ID: "Cache/GetAbsent", Rule: ruleGet, Run: func(t TB, s *Subject) { s.absent(t, s.Connected(t), "key") }},
	{ID: "Cache/ExactBytes", Rule: ruleGet, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		for i, v := range []string{string(all), "null", "true", `"text"`, ` {"a" : 1.50} `, "plain text", "\x00", "12345678901234567890", `{"n":NaN}`, "é\n"} {
			key := fmt.Sprint("key ", i)
			s.set(t, a, key, v, 0)
			s.value(t, a, key, v)
		}
	}},
	{ID: "Cache/EmptyValue", Rule: ruleGet, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "", 0)
		s.value(t, a, "key", "")
		s.setIfNotExists(t, a, "key", "v", 0, false)
	}},
	{ID: "Cache/LargeValue", Rule: ruleGet, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		large := string(largeValue())
		s.set(t, a, "key", large, 0)
		s.value(t, a, "key", large)
		s.setIfNotExists(t, a, "another key", large, 0, true)
		s.value(t, a, "another key", large)
	}},
	{ID: "Cache/Set", Rule: ruleSet, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, v := range []string{"1", "a longer value", "", "2"} {
			s.set(t, a, "key", v, 0)
			s.value(t, a, "key", v)
		}
	}},
	{ID: "Cache/SetIfNotExists", Rule: ruleSetIfNotExists, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.setIfNotExists(t, a, "key", "1", 0, true)
		s.setIfNotExists(t, a, "key", "2", 0, false)
		s.value(t, a, "key", "1")
		s.set(t, a, "another key", "3", 0)
		s.setIfNotExists(t, a, "another key", "4", 0, false)
		s.value(t, a, "another key", "3")
	}},
	{ID: "Cache/SetIfNotExistsEqualValue", Rule: ruleSetIfNotExists, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, v := range []string{"true", "", "null", `{"claim":5}`} {
			s.setIfNotExists(t, a, "key "+v, v, 0, true)
			s.setIfNotExists(t, a, "key "+v, v, 0, false)
		}
	}},
	{ID: "Cache/SetIfNotExistsOneWinner", Rule: ruleSetIfNotExists, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for round := range 5 {
			s.oneSetter(t, fmt.Sprint("key ", round), a)
		}
	}},
	{ID: "Cache/Delete", Rule: ruleDelete, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		s.set(t, a, "key", "1", 0)
		s.set(t, a, "another key", "2", 0)
		must(t, "Delete", a.Delete(ctx, "key"))
		s.absent(t, a, "key")
		s.value(t, a, "another key", "2")
		s.setIfNotExists(t, a, "key", "3", 0, true)
	}},
	{ID: "Cache/DeleteAbsent", Rule: ruleDelete, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for range 2 {
			must(t, "Delete of an absent key", a.Delete(s.Context(), "key"))
		}
		s.absent(t, a, "key")
	}},
	{ID: "Cache/DeleteLeavesTheRest", Rule: ruleDelete, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		s.oneOfEachKind(t, a, "name")
		must(t, "Delete", a.Delete(ctx, "name"))
		s.absent(t, a, "name")
		s.locked(t, a, "name")
		s.list(t, a, "name", "in the list")
		s.depth(t, a, "name", 1)
		s.subscribed(t, a, "name", true)
	}},
}

func (s *Subject) set(t TB, a state.Cache, key, value string, ttl time.Duration) {
	t.Helper()
	must(t, fmt.Sprintf("Set(%q)", key), a.Set(s.Context(), key, []byte(value), ttl))
}

func (s *Subject) value(t TB, a state.Cache, key, want string) {
	t.Helper()
	value, err := a.Get(s.Context(), key)
	must(t, fmt.Sprintf("Get(%q)", key), err)
	equalBytes(t, fmt.Sprintf("Get(%q)", key), value, want)
}

func (s *Subject) absent(t TB, a state.Cache, key string) {
	t.Helper()
	value, err := a.Get(s.Context(), key)
	isError(t, fmt.Sprintf("Get(%q) of an absent key", key), err, state.ErrNotFound)
	equal(t, fmt.Sprintf("length of the value of the absent key %q", key), len(value), 0)
}

func (s *Subject) setIfNotExists(t TB, a state.Cache, key, value string, ttl time.Duration, want bool) {
	t.Helper()
	set, err := a.SetIfNotExists(s.Context(), key, []byte(value), ttl)
	must(t, fmt.Sprintf("SetIfNotExists(%q)", key), err)
	equal(t, fmt.Sprintf("SetIfNotExists(%q)", key), set, want)
}

// oneSetter lets 50 callers, spread over the adapters, set one absent key.
func (s *Subject) oneSetter(t TB, key string, adapters ...state.Adapter) {
	t.Helper()
	var winners tally[string]
	together(50, func(i int) {
		value := fmt.Sprint("value of caller ", i)
		set, err := adapters[i%len(adapters)].SetIfNotExists(s.Context(), key, []byte(value), 0)
		must(t, "one of 50 concurrent calls of SetIfNotExists", err)
		if set {
			winners.add("any")
			winners.add(value)
		}
	})
	equal(t, "callers of 50 that were told they set the key", winners.count("any"), 1)
	value, err := adapters[0].Get(s.Context(), key)
	must(t, "Get", err)
	if winners.count(string(value)) == 0 {
		t.Errorf("the value after 50 concurrent calls of SetIfNotExists\n    seen: %q\n    want: the winner's", value)
	}
}

func largeValue() []byte {
	return bytes.Repeat([]byte("0123456789abcde\n"), 1<<16) // 1 MiB
}

// present returns a function that tells whether the key has a value.
func (s *Subject) present(t TB, a state.Cache, key string) func() bool {
	return func() bool {
		_, err := a.Get(s.Context(), key)
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			t.Errorf("Get(%q)\n    seen: %v\n    want: a value or %v", key, err, state.ErrNotFound)
		}
		return err == nil
	}
}
