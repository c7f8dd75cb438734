package statetest

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleSwap       = "CompareAndSwap replaces the value of the key, and its expiry, if the stored bytes equal old, in one atomic step, and reports whether it did."
	ruleSwapAbsent = "A nil old means that the key must be absent or expired; an empty, non-nil old means the empty value."
	ruleSwapTTL    = "A ttl of 0 means no expiry."
	ruleSwapClaim  = "with a value made by [NewClaim] the caller who set it still gets true after a retry"
)

var swapCases = []Case{
	{ID: "Swaps/Swap", Rule: ruleSwap, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "1", 0)
		s.set(t, a, "another key", "1", 0)
		s.swap(t, a, "key", []byte("1"), "2", 0, true)
		s.value(t, a, "key", "2")
		s.value(t, a, "another key", "1")
		s.swap(t, a, "key", []byte("2"), "", 0, true)
		s.value(t, a, "key", "")
	}},
	{ID: "Swaps/Refused", Rule: ruleSwap, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for _, old := range []string{"2", "", "1 ", "11", "\x001"} {
			s.set(t, a, "key", "1", 0)
			s.swap(t, a, "key", []byte(old), "3", 0, false)
			s.value(t, a, "key", "1")
		}
	}},
	{ID: "Swaps/RefusedAbsent", Rule: ruleSwapAbsent, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.swap(t, a, "key", []byte("1"), "2", 0, false)
		s.absent(t, a, "key")
		s.swap(t, a, "key", []byte{}, "2", 0, false)
		s.absent(t, a, "key")
	}},
	{ID: "Swaps/Absent", Rule: ruleSwapAbsent, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.swap(t, a, "key", nil, "1", 0, true)
		s.value(t, a, "key", "1")
		s.swap(t, a, "key", nil, "2", 0, false)
		s.value(t, a, "key", "1")
		must(t, "Delete", a.Delete(s.Context(), "key"))
		s.swap(t, a, "key", nil, "3", 0, true)
		s.value(t, a, "key", "3")
	}},
	{ID: "Swaps/EmptyValue", Rule: ruleSwapAbsent, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.set(t, a, "key", "", 0)
		s.swap(t, a, "key", nil, "1", 0, false)
		s.value(t, a, "key", "")
		s.swap(t, a, "key", []byte{}, "1", 0, true)
		s.value(t, a, "key", "1")
	}},
	{ID: "Swaps/AnyBytes", Rule: ruleSwap, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		values := []string{"\x00\xff\n", "null", "12345678901234567890", string(largeValue()), "é"}
		s.swap(t, a, "key", nil, values[0], 0, true)
		for i, v := range values[1:] {
			s.swap(t, a, "key", []byte(values[i]), v, 0, true)
			s.value(t, a, "key", v)
		}
	}},
	{ID: "Swaps/OneWinner", Rule: ruleSwap, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for round := range 5 {
			key := fmt.Sprint("key ", round)
			var old []byte
			if round%2 == 1 {
				old = []byte("old")
				s.set(t, a, key, "old", 0)
			}
			var winners atomic.Int64
			together(50, func(i int) {
				swapped, err := swaps(a).CompareAndSwap(s.Context(), key, old, fmt.Append(nil, i), 0)
				must(t, "one of 50 concurrent calls of CompareAndSwap", err)
				if swapped {
					winners.Add(1)
				}
			})
			equal(t, "callers of 50 that were told they swapped the same value", winners.Load(), 1)
		}
	}},
	{ID: "Swaps/Contention", Rule: ruleSwap, Needs: NeedsSwaps, Run: func(t TB, s *Subject) { s.count(t, s.Connected(t)) }},
	{ID: "Swaps/Claim", Rule: ruleSwapClaim, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		claim, other := newClaim(), newClaim()
		s.set(t, a, "key", "old", 0)
		for range 3 {
			s.swap(t, a, "key", []byte("old"), claim, time.Hour, true)
		}
		s.swap(t, a, "key", []byte("old"), other, time.Hour, false)
		s.value(t, a, "key", claim)
		for range 2 {
			s.swap(t, a, "another key", nil, claim, time.Hour, true)
		}
		s.swap(t, a, "another key", nil, other, time.Hour, false)
		s.swap(t, a, "another key", []byte(claim), other, time.Hour, true)
		s.swap(t, a, "another key", nil, claim, time.Hour, false)
	}},
	{ID: "Swaps/PlainValueAgain", Rule: ruleSwap, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.swap(t, a, "key", nil, "1", 0, true)
		s.swap(t, a, "key", nil, "1", 0, false)
		s.swap(t, a, "key", []byte("1"), "2", 0, true)
		s.swap(t, a, "key", []byte("1"), "2", 0, false)
	}},
	{ID: "Swaps/Expires", Rule: ruleSwap, Needs: NeedsSwaps, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.set(t, a, "key", "1", 0)
		took := timed(func() { s.swap(t, a, "key", []byte("1"), "2", ttl, true) })
		s.expires(t, "the value", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Swaps/NoExpiry", Rule: ruleSwapTTL, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		var swapped bool
		took := timed(func() {
			s.set(t, a, "key", "1", ttl)
			var err error
			swapped, err = swaps(a).CompareAndSwap(s.Context(), "key", []byte("1"), []byte("2"), 0)
			must(t, "CompareAndSwap", err)
		})
		if !swapped && took.returned.Sub(took.sent) > ttl {
			return // too slow to have swapped it in time
		}
		equal(t, "CompareAndSwap of the stored value", swapped, true)
		time.Sleep(ttl + ttl/2)
		s.value(t, a, "key", "2")
	}},
	{ID: "Swaps/RefusalLeavesTheExpiry", Rule: ruleSwap, Needs: NeedsSwaps, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.set(t, a, "key", "1", ttl) })
		s.swap(t, a, "key", []byte("2"), "3", 24*time.Hour, false)
		s.expires(t, "the value", took, ttl, s.present(t, a, "key"))
	})},
	{ID: "Swaps/AfterExpiry", Rule: ruleSwapAbsent, Needs: NeedsSwaps, Run: func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl/4
		s.set(t, a, "key", "1", ttl)
		s.ended(t, "the value", ttl, s.present(t, a, "key"))
		s.swap(t, a, "key", []byte("1"), "2", 0, false)
		s.swap(t, a, "key", nil, "3", 0, true)
		s.value(t, a, "key", "3")
	}},
	{ID: "Swaps/TTLUnderAMillisecond", Rule: ruleMillisecond, Needs: NeedsSwaps, Run: lasting(func(t TB, s *Subject) {
		a := s.Connected(t)
		took := timed(func() { s.swap(t, a, "key", nil, "1", 1, true) })
		s.shortly(t, "a value swapped in with a TTL of a nanosecond", took, time.Nanosecond, s.present(t, a, "key"))
	})},
}

func (s *Subject) swap(t TB, a state.Adapter, key string, old []byte, value string, ttl time.Duration, want bool) {
	t.Helper()
	swapped, err := swaps(a).CompareAndSwap(s.Context(), key, old, []byte(value), ttl)
	must(t, fmt.Sprintf("CompareAndSwap(%q)", key), err)
	equal(t, fmt.Sprintf("CompareAndSwap(%q) of %s by %s", key, show(string(old)), show(value)), swapped, want)
}

// count lets 8 callers, spread over the adapters, count up one number.
func (s *Subject) count(t TB, adapters ...state.Adapter) {
	t.Helper()
	const workers, each = 8, 15
	together(workers, func(i int) {
		a := adapters[i%len(adapters)]
		for done, lost := 0, 0; done < each; lost++ {
			// A swap is refused only because another one came first.
			if lost > workers*each {
				t.Errorf("swaps that were refused without another one coming first\n    seen: at least one\n    want: none")
				return
			}
			old, err := a.Get(s.Context(), "number")
			n := 0
			if err == nil {
				n, _ = strconv.Atoi(string(old))
			} else {
				isError(t, "Get", err, state.ErrNotFound)
				old = nil
			}
			swapped, err := swaps(a).CompareAndSwap(s.Context(), "number", old, []byte(strconv.Itoa(n+1)), 0)
			must(t, "CompareAndSwap", err)
			if swapped {
				done++
			}
		}
	})
	s.value(t, adapters[0], "number", strconv.Itoa(workers*each))
}
