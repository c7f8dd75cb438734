package statetest

import (
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const ruleClaim = "A value made by [NewClaim] is written by one caller only: finding it in place means that this caller set it, so the answer is true, also when the same call is made again, and its expiry starts again from now."

var claimCases = []Case{
	{ID: "Claims/Again", Rule: ruleClaim, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		claim := newClaim()
		for range 3 {
			s.setIfNotExists(t, a, "key", claim, time.Hour, true)
		}
		s.value(t, a, "key", claim)
	}},
	{ID: "Claims/Taken", Rule: ruleClaim, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		first, other := newClaim(), newClaim()
		s.setIfNotExists(t, a, "key", first, time.Hour, true)
		s.setIfNotExists(t, a, "key", other, time.Hour, false)
		s.value(t, a, "key", first)
		s.setIfNotExists(t, a, "key", first, time.Hour, true)
	}},
	{ID: "Claims/TakenByAnotherValue", Rule: ruleClaim, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "true", time.Hour)
		s.setIfNotExists(t, a, "key", newClaim(), time.Hour, false)
		claim := newClaim()
		s.setIfNotExists(t, a, "another key", claim, time.Hour, true)
		s.setIfNotExists(t, a, "another key", "true", time.Hour, false)
		s.value(t, a, "another key", claim)
	}},
	{ID: "Claims/AgainRenews", Rule: ruleClaim, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		claim := newClaim()
		s.setIfNotExists(t, a, "key", claim, time.Hour, true)
		took := timed(func() { s.setIfNotExists(t, a, "key", claim, ttl, true) })
		s.expires(t, "the claim that was set again", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Claims/SwapRenews", Rule: "with a value made by [NewClaim] the caller who set it still gets true after a retry, and its expiry starts again;", Needs: NeedsSwaps, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		claim := []byte(newClaim())
		s.swap(t, a, "key", nil, string(claim), time.Hour, true)
		took := timed(func() { s.swap(t, a, "key", nil, string(claim), ttl, true) })
		s.expires(t, "the claim that was swapped in again", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Claims/OneWinner", Rule: ruleClaim, Run: func(t TB, s *Subject) { s.oneClaimer(t, "key", s.Connected(t)) }},
	{ID: "Claims/AfterExpiry", Rule: ruleExpiredAbsent, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		first, second := newClaim(), newClaim()
		s.setIfNotExists(t, a, "key", first, s.pace().ttl/4, true)
		s.ended(t, "the claim", s.pace().ttl/4, s.present(t, a, "key"))
		s.setIfNotExists(t, a, "key", second, time.Hour, true)
		s.setIfNotExists(t, a, "key", first, time.Hour, false)
	}},
}

func newClaim() string { return string(state.NewClaim(time.Now())) }

// oneClaimer lets 20 callers, spread over the adapters, claim one key, each
// asking three times.
func (s *Subject) oneClaimer(t TB, key string, adapters ...state.Adapter) {
	t.Helper()
	var winners tally[string]
	together(20, func(i int) {
		claim := newClaim()
		yes := 0
		for n := range 3 {
			set, err := adapters[(i+n)%len(adapters)].SetIfNotExists(s.Context(), key, []byte(claim), time.Hour)
			must(t, "one of 60 concurrent calls of SetIfNotExists", err)
			if set {
				yes++
			}
		}
		winners.add(fmt.Sprint(yes))
	})
	equal(t, "claimers of 20 that were told yes each time", winners.count("3"), 1)
	equal(t, "claimers of 20 that were told no each time", winners.count("0"), 19)
}
