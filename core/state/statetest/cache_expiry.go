package statetest

import (
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleExpired = "What has expired is absent for every method, by whichever clock the adapter documents: its backend's, or that of the process."

var cacheExpiryCases = []Case{
	{ID: "Cache/Expires", Rule: ruleGet, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.set(t, a, "key", "v", ttl) })
		s.expires(t, "the value", took, ttl, s.present(t, a, "key"))
		s.absent(t, a, "key")
	})},
	{ID: "Cache/NoExpiry", Rule: ruleSet, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "v", 0)
		s.setIfNotExists(t, a, "another key", "v", 0, true)
		time.Sleep(s.pace().long)
		s.value(t, a, "key", "v")
		s.value(t, a, "another key", "v")
	}},
	{ID: "Cache/SetRemovesTheExpiry", Rule: ruleSet, Run: func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.set(t, a, "key", "1", ttl)
		s.set(t, a, "key", "2", 0)
		time.Sleep(ttl + ttl/2)
		s.value(t, a, "key", "2")
	}},
	{ID: "Cache/SetShortensTheExpiry", Rule: ruleSet, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.set(t, a, "key", "1", 0)
		s.set(t, a, "key", "2", 24*time.Hour)
		took := timed(func() { s.set(t, a, "key", "3", ttl) })
		s.expires(t, "the value", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Cache/SetLengthensTheExpiry", Rule: ruleSet, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.set(t, a, "key", "1", ttl/4)
		took := timed(func() { s.set(t, a, "key", "2", ttl) })
		s.expires(t, "the value", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Cache/DeleteEndsTheExpiry", Rule: ruleDelete, Run: func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.set(t, a, "key", "1", ttl)
		must(t, "Delete", a.Delete(s.Context(), "key"))
		s.set(t, a, "key", "2", 0)
		time.Sleep(ttl + ttl/2)
		s.value(t, a, "key", "2")
	}},
	{ID: "Cache/SetIfNotExistsExpires", Rule: ruleExpiredAbsent, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.setIfNotExists(t, a, "key", "v", ttl, true) })
		s.expires(t, "the value", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Cache/SetIfNotExistsAfterExpiry", Rule: ruleExpiredAbsent, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "1", s.pace().ttl/4)
		s.ended(t, "the value", s.pace().ttl/4, s.present(t, a, "key"))
		s.setIfNotExists(t, a, "key", "2", 0, true)
		s.value(t, a, "key", "2")
	}},
	{ID: "Cache/SetIfNotExistsAfterExpiryOneWinner", Rule: ruleExpiredAbsent, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "1", s.pace().ttl/4)
		s.ended(t, "the value", s.pace().ttl/4, s.present(t, a, "key"))
		s.oneSetter(t, "key", a)
	}},
	{ID: "Cache/ExpiredForEveryMethod", Rule: ruleExpired, Run: func(t TB, s *Subject) {
		a, ctx, ttl := s.Connected(t), s.Context(), s.pace().ttl/4
		names := []string{"got", "deleted", "set if absent", "swapped", "started", "looked for"}
		for _, name := range names {
			s.set(t, a, name, "old", ttl)
		}
		s.append(t, a, "list", "old", state.ListOptions{TTL: ttl})
		for _, name := range names {
			s.ended(t, "the value", ttl, s.present(t, a, name))
		}
		s.ended(t, "the list", ttl, s.hasList(t, a, "list", 1))
		s.absent(t, a, "got")
		must(t, "Delete of an expired key", a.Delete(ctx, "deleted"))
		s.setIfNotExists(t, a, "set if absent", "new", 0, true)
		s.append(t, a, "list", "new", state.ListOptions{})
		s.list(t, a, "list", "new")
		if s.Features.Swaps {
			s.swap(t, a, "swapped", []byte("old"), "new", 0, false)
			s.swap(t, a, "swapped", nil, "new", 0, true)
		}
		if s.Features.Turns {
			s.startTurn(t, a, "started", "thread")
			out := s.acceptTurn(t, a, state.AcceptTurn{ThreadID: "thread", Entry: newEntry("1"), Keys: []string{"looked for", "started"}})
			equalAll(t, "Found of an expired key and one that is there", out.Found, []string{"started"})
		}
	}},
	{ID: "Cache/RefusalLeavesTheExpiry", Rule: ruleSetIfNotExists, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.set(t, a, "key", "1", ttl) })
		set, err := a.SetIfNotExists(s.Context(), "key", []byte("2"), 24*time.Hour)
		must(t, "SetIfNotExists", err)
		if d := time.Since(took.sent); d >= ttl {
			s.undecided("SetIfNotExists of a key that is there", d, ttl)
			return
		}
		equal(t, "SetIfNotExists of a key that is there", set, false)
		s.expires(t, "the value", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Cache/TTLUnderAMillisecond", Rule: ruleMillisecond, Run: lasting(func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, ttl := range []time.Duration{1, time.Millisecond / 2, 1500 * time.Microsecond} {
			key := ttl.String()
			took := timed(func() { s.set(t, a, key, "v", ttl) })
			s.shortly(t, "a value with a TTL of "+key, took, ttl, s.present(t, a, key))
			key += " if absent"
			took = timed(func() { s.setIfNotExists(t, a, key, "v", ttl, true) })
			s.shortly(t, "a value set with a TTL of "+key, took, ttl, s.present(t, a, key))
		}
	})},
	{ID: "Cache/LongTTL", Rule: ruleGet, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, years := range []time.Duration{1, 100, 290} {
			key := fmt.Sprint(int(years), " years")
			s.set(t, a, key, "v", years*365*24*time.Hour)
			s.setIfNotExists(t, a, key+" if absent", "v", years*365*24*time.Hour, true)
		}
		time.Sleep(s.pace().long)
		for _, key := range []string{"1 years", "100 years", "290 years"} {
			s.value(t, a, key, "v")
			s.value(t, a, key+" if absent", "v")
		}
	}},
}
