package statetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleAppend  = "AppendToList pushes the value at the tail, keeps the newest opts.MaxLength values, and refreshes the expiry of the whole list when opts.TTL is positive, leaving it alone when it is 0: one atomic step."
	ruleGetList = "GetList returns the values in insertion order, and none, without an error, if the list is absent or expired."
	ruleMax     = "MaxLength is how many of the newest values are kept. Default 0: all."
	ruleListTTL = "TTL is how long the whole list lives from this append on. Default 0: leave the expiry as it is."
)

var listCases = []Case{
	{ID: "Lists/Order", Rule: ruleGetList, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		var want []string
		for i := range 30 {
			want = append(want, strconv.Itoa(i))
			s.append(t, a, "list", want[i], state.ListOptions{})
		}
		s.append(t, a, "another list", "x", state.ListOptions{})
		s.list(t, a, "list", want...)
		s.list(t, a, "list", want...)
		s.list(t, a, "another list", "x")
	}},
	{ID: "Lists/Absent", Rule: ruleGetList, Run: func(t TB, s *Subject) { s.list(t, s.Connected(t), "list") }},
	{ID: "Lists/EqualValues", Rule: ruleGetList, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for range 3 {
			s.append(t, a, "list", "same", state.ListOptions{})
		}
		s.list(t, a, "list", "same", "same", "same")
	}},
	{ID: "Lists/ExactBytes", Rule: ruleGetList, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		want := []string{"", "null", " {} ", "\x00\xff\n", string(largeValue()), "é"}
		for _, v := range want {
			s.append(t, a, "list", v, state.ListOptions{})
		}
		s.list(t, a, "list", want...)
	}},
	{ID: "Lists/MaxLength", Rule: ruleMax, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 7 {
			s.append(t, a, "list", strconv.Itoa(i), state.ListOptions{MaxLength: 3})
		}
		s.list(t, a, "list", "4", "5", "6")
	}},
	{ID: "Lists/MaxLengthOne", Rule: ruleMax, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 3 {
			s.append(t, a, "list", strconv.Itoa(i), state.ListOptions{MaxLength: 1})
			s.list(t, a, "list", strconv.Itoa(i))
		}
	}},
	{ID: "Lists/MaxLengthOfThisAppend", Rule: ruleMax, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 6 {
			s.append(t, a, "list", strconv.Itoa(i), state.ListOptions{})
		}
		s.append(t, a, "list", "6", state.ListOptions{MaxLength: 100})
		s.list(t, a, "list", "0", "1", "2", "3", "4", "5", "6")
		s.append(t, a, "list", "7", state.ListOptions{MaxLength: 2})
		s.list(t, a, "list", "6", "7")
		s.append(t, a, "list", "8", state.ListOptions{})
		s.list(t, a, "list", "6", "7", "8")
	}},
	{ID: "Lists/NoMaxLength", Rule: ruleMax, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		const n = 300
		for i := range n {
			s.append(t, a, "list", strconv.Itoa(i), state.ListOptions{MaxLength: 0})
		}
		values, err := a.GetList(s.Context(), "list")
		must(t, "GetList", err)
		equal(t, "values kept of 300 without a MaxLength", len(values), n)
	}},
	{ID: "Lists/ConcurrentAppends", Rule: ruleAppend, Run: func(t TB, s *Subject) { s.appendTogether(t, s.Connected(t)) }},
	{ID: "Lists/ConcurrentBound", Rule: ruleAppend, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		together(22, func(i int) {
			for n := range 10 {
				if i < 20 {
					must(t, "AppendToList", a.AppendToList(ctx, "list", fmt.Append(nil, i, " ", n), state.ListOptions{MaxLength: 5}))
					continue
				}
				time.Sleep(time.Microsecond)
				values, err := a.GetList(ctx, "list")
				must(t, "GetList", err)
				if len(values) > 5 {
					t.Errorf("GetList during appends with MaxLength 5\n    seen: %d values\n    want: at most 5", len(values))
				}
			}
		})
		values, err := a.GetList(ctx, "list")
		must(t, "GetList", err)
		equal(t, "values after 200 appends with MaxLength 5", len(values), 5)
		seen := map[string]bool{}
		for _, v := range values {
			seen[string(v)] = true
		}
		equal(t, "different values among them", len(seen), len(values))
	}},
	{ID: "Lists/Expires", Rule: ruleListTTL, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.append(t, a, "list", "v", state.ListOptions{TTL: ttl}) })
		s.expires(t, "the list", took, ttl, s.hasList(t, a, "list", 1))
	})},
	{ID: "Lists/NoExpiry", Rule: ruleListTTL, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.append(t, a, "list", "v", state.ListOptions{})
		time.Sleep(s.pace().long)
		s.list(t, a, "list", "v")
	}},
	{ID: "Lists/TTLRefreshed", Rule: ruleAppend, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.append(t, a, "list", "1", state.ListOptions{TTL: ttl / 2})
		took := timed(func() { s.append(t, a, "list", "2", state.ListOptions{TTL: ttl}) })
		values, err := a.GetList(s.Context(), "list")
		must(t, "GetList", err)
		s.expires(t, "the whole list", took, ttl, s.hasList(t, a, "list", len(values)))
	})},
	{ID: "Lists/TTLShortened", Rule: ruleAppend, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.append(t, a, "list", "1", state.ListOptions{TTL: 24 * time.Hour})
		took := timed(func() { s.append(t, a, "list", "2", state.ListOptions{TTL: ttl}) })
		s.expires(t, "the whole list", took, ttl, s.hasList(t, a, "list", 2))
	})},
	{ID: "Lists/TTLGivenLater", Rule: ruleAppend, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.append(t, a, "list", "1", state.ListOptions{})
		took := timed(func() { s.append(t, a, "list", "2", state.ListOptions{TTL: ttl}) })
		s.expires(t, "the whole list", took, ttl, s.hasList(t, a, "list", 2))
	})},
	{ID: "Lists/TTLLeftAlone", Rule: ruleAppend, Run: lasting(func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		took := timed(func() { s.append(t, a, "list", "1", state.ListOptions{TTL: ttl}) })
		s.append(t, a, "list", "2", state.ListOptions{})
		if d := time.Since(took.sent); d >= ttl {
			s.undecided("AppendToList in time", d, ttl)
			return
		}
		s.expires(t, "the whole list", took, ttl, s.hasList(t, a, "list", 2))
	})},
	{ID: "Lists/AfterExpiry", Rule: ruleGetList, Run: func(t TB, s *Subject) {
		a, ttl := s.Connected(t), s.pace().ttl
		s.append(t, a, "list", "old", state.ListOptions{TTL: ttl / 4})
		s.ended(t, "the list", ttl/4, s.hasList(t, a, "list", 1))
		s.append(t, a, "list", "new", state.ListOptions{})
		time.Sleep(ttl / 2)
		s.list(t, a, "list", "new")
	}},
	{ID: "Lists/TTLUnderAMillisecond", Rule: ruleMillisecond, Run: lasting(func(t TB, s *Subject) {
		a := s.Connected(t)
		took := timed(func() { s.append(t, a, "list", "v", state.ListOptions{TTL: 1}) })
		s.shortly(t, "a list with a TTL of a nanosecond", took, time.Nanosecond, s.hasList(t, a, "list", 1))
	})},
}

func (s *Subject) append(t TB, a state.Lists, key, value string, opts state.ListOptions) {
	t.Helper()
	must(t, fmt.Sprintf("AppendToList(%q)", key), a.AppendToList(s.Context(), key, []byte(value), opts))
}

func (s *Subject) list(t TB, a state.Lists, key string, want ...string) {
	t.Helper()
	values, err := a.GetList(s.Context(), key)
	must(t, fmt.Sprintf("GetList(%q)", key), err)
	equalAll(t, fmt.Sprintf("GetList(%q)", key), toStrings(values), want)
}

func toStrings(values [][]byte) []string {
	var all []string
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}

// hasList returns a function that tells whether the list is there, and checks
// that it is then there as a whole.
func (s *Subject) hasList(t TB, a state.Lists, key string, length int) func() bool {
	return func() bool {
		values, err := a.GetList(s.Context(), key)
		must(t, "GetList", err)
		if len(values) != 0 && len(values) != length {
			t.Errorf("length of a list on its way to expire\n    seen: %d\n    want: %d or 0", len(values), length)
		}
		return len(values) != 0
	}
}

// appendTogether lets 10 callers, spread over the adapters, append 20 values each.
func (s *Subject) appendTogether(t TB, adapters ...state.Adapter) {
	t.Helper()
	const writers, each = 10, 20
	together(writers, func(i int) {
		for n := range each {
			value := fmt.Sprintf("%d:%d", i, n)
			s.append(t, adapters[i%len(adapters)], "list", value, state.ListOptions{TTL: time.Hour})
		}
	})
	values, err := adapters[0].GetList(s.Context(), "list")
	must(t, "GetList", err)
	equal(t, "values after concurrent appends", len(values), writers*each)
	for i := range writers {
		var got, want []string
		prefix := fmt.Sprint(i, ":")
		for n := range each {
			want = append(want, fmt.Sprint(prefix, n))
		}
		for _, v := range toStrings(values) {
			if strings.HasPrefix(v, prefix) {
				got = append(got, v)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("values of one writer, among others\n    seen: %v\n    want: %v", got, want)
		}
	}
}
