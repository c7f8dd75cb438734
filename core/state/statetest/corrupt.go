package statetest

import (
	"errors"
	"fmt"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleCorrupt        = "An entry that cannot be decoded is removed and returned as a *[CorruptError], so that it blocks nothing."
	ruleCorruptWaiting = "Err is a *[CorruptError] if the entry could not be decoded; its QueueEntry is then empty. It can be settled like any other."
)

// corruptEntries are no queue entries.
var corruptEntries = []string{"garbage", "", "{", "null", `{"message":1}`, `{"message":1,"enqueuedAt":"x","expiresAt":2}`, "\xff\x00"}

var corruptCases = []Case{
	{ID: "Corrupt/Dequeue", Rule: ruleCorrupt, Needs: NeedsCorrupt, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.enqueue(t, a, "thread", "1", 0, 1)
		for _, raw := range corruptEntries {
			s.Features.Corrupt(s.t, a, "thread", []byte(raw))
		}
		s.enqueue(t, a, "thread", "2", 0, len(corruptEntries)+2)
		s.dequeue(t, a, "thread", "1")
		for _, raw := range corruptEntries {
			_, err := a.Dequeue(s.Context(), "thread")
			corrupted(t, fmt.Sprintf("Dequeue of %q", raw), err, raw)
		}
		s.drain(t, a, "thread", "2")
	}},
	{ID: "Corrupt/Waiting", Rule: ruleCorruptWaiting, Needs: NeedsCorrupt | NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.accept(t, a, "thread", "1", 0, 1)
		for _, raw := range corruptEntries {
			s.Features.Corrupt(s.t, a, "thread", []byte(raw))
		}
		s.accept(t, a, "thread", "2", 0, len(corruptEntries)+2)
		all, err := inbox(a).Waiting(s.Context(), "thread")
		must(t, "Waiting", err)
		if len(all) != len(corruptEntries)+2 {
			t.Errorf("entries waiting, damaged ones included\n    seen: %d\n    want: %d", len(all), len(corruptEntries)+2)
			t.FailNow()
		}
		left := len(all)
		for i, raw := range corruptEntries {
			w := all[i+1]
			corrupted(t, fmt.Sprintf("Err of the waiting entry %q", raw), w.Err, raw)
			equal(t, "length of the message of a damaged entry", len(w.Message), 0)
			left--
			s.settle(t, a, "thread", left, w.Receipt)
		}
		s.waiting(t, a, "thread", "1", "2")
	}},
}

func corrupted(t TB, what string, err error, raw string) {
	t.Helper()
	isError(t, what, err, state.ErrCorrupt)
	var detail *state.CorruptError
	if !errors.As(err, &detail) {
		t.Errorf("%s\n    seen: %s\n    want: a *state.CorruptError", what, describe(err))
		return
	}
	equal(t, what+": Kind", detail.Kind, "queue")
	equal(t, what+": Name", detail.Name, "thread")
	equalBytes(t, what+": Raw", detail.Raw, raw)
}
