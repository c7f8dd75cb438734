package statetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleMarkGone       = "When nothing is left, the thread's mark goes too, here or when WaitingThreads next meets it, unless an entry is accepted meanwhile."
	ruleWaitingThreads = "WaitingThreads returns up to limit threads, longest first, that were last marked before the moment."
	ruleNeverMissing   = "A thread may be listed although its entries are settled already, never the other way round."
	ruleLimit          = "A limit of 0 means all."
	ruleMoment         = "A mark that is not before the moment in this unit is left out: one made in the moment itself."
)

var markCases = []Case{
	{ID: "Marks/SinceAccept", Rule: ruleAccepted, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.marked(t, a, later(), 0)
		s.accept(t, a, "thread", "1", 0, 1)
		s.marked(t, a, later(), 0, "thread")
		s.marked(t, a, later(), 0, "thread")
	}},
	{ID: "Marks/GoneWhenSettled", Rule: ruleMarkGone, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		r := s.acceptAll(t, a, "thread", "1", "2")
		s.settle(t, a, "thread", 0, r...)
		s.unmarked(t, a)
	}},
	{ID: "Marks/GoneWhenDequeued", Rule: "So it is with the last entry that Dequeue takes.", Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acceptAll(t, a, "thread", "1")
		s.dequeue(t, a, "thread", "1")
		s.unmarked(t, a)
		s.acceptAll(t, a, "thread", "2")
		s.dequeue(t, a, "thread", "2")
		s.settle(t, a, "thread", 0)
		s.unmarked(t, a)
	}},
	{ID: "Marks/InTheMoment", Rule: ruleMoment, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 5 {
			threadID := fmt.Sprint("thread ", i)
			before := time.Now()
			if !s.Features.VirtualTime {
				before = before.Add(-s.pace().early) // the backend's clock is another one
			}
			s.accept(t, a, threadID, "1", 0, 1)
			threads, err := inbox(a).WaitingThreads(s.Context(), before, 0)
			must(t, "WaitingThreads", err)
			if slices.Contains(threads, threadID) {
				t.Errorf("WaitingThreads before a moment that is not after the Accept\n    seen: the thread\n    want: it is left out")
			}
			s.tick()
		}
	}},
	{ID: "Marks/StayWhileEntriesWait", Rule: ruleNeverMissing, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		r := s.acceptAll(t, a, "thread", "1", "2", "3")
		s.settle(t, a, "thread", 2, r[1])
		s.marked(t, a, later(), 0, "thread")
		s.dequeue(t, a, "thread", "1")
		s.settle(t, a, "thread", 1)
		s.marked(t, a, later(), 0, "thread")
	}},
	{ID: "Marks/AgainAfterSettled", Rule: ruleAccepted, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for range 3 {
			r := s.acceptAll(t, a, "thread", "1")
			s.marked(t, a, later(), 0, "thread")
			s.settle(t, a, "thread", 0, r...)
		}
	}},
	{ID: "Marks/Before", Rule: ruleWaitingThreads, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		start := s.tick()
		s.accept(t, a, "first", "1", 0, 1)
		afterFirst := s.tick()
		s.accept(t, a, "second", "1", 0, 1)
		afterSecond := s.tick()
		s.marked(t, a, start, 0)
		s.marked(t, a, afterFirst, 0, "first")
		s.marked(t, a, afterSecond, 0, "first", "second")
	}},
	{ID: "Marks/LastMark", Rule: ruleWaitingThreads, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.accept(t, a, "first", "1", 0, 1)
		s.tick()
		s.accept(t, a, "second", "1", 0, 1)
		middle := s.tick()
		s.accept(t, a, "first", "2", 0, 2)
		s.tick()
		s.marked(t, a, middle, 0, "second")
		s.marked(t, a, later(), 0, "second", "first")
	}},
	{ID: "Marks/LongestFirst", Rule: ruleWaitingThreads, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		want := s.acceptInTurn(t, a, 20)
		s.marked(t, a, later(), 0, want...)
	}},
	{ID: "Marks/Limit", Rule: ruleWaitingThreads, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		want := s.acceptInTurn(t, a, 6)
		for limit := 1; limit <= 6; limit++ {
			s.marked(t, a, later(), limit, want[:limit]...)
		}
		s.marked(t, a, later(), 100, want...)
	}},
	{ID: "Marks/NoLimit", Rule: ruleLimit, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		const n = 150
		together(n, func(i int) {
			_, err := inbox(a).Accept(s.Context(), fmt.Sprint("thread ", i), newEntry("1"), 0)
			must(t, "Accept", err)
		})
		threads, err := inbox(a).WaitingThreads(s.Context(), later(), 0)
		must(t, "WaitingThreads", err)
		slices.Sort(threads)
		equal(t, "different threads listed of 150", len(slices.Compact(threads)), n)
	}},
	{ID: "Marks/AcceptDuringSettle", Rule: ruleNeverMissing, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for round := range 40 {
			threadID := fmt.Sprint("thread ", round)
			r := s.acceptAll(t, a, threadID, "1")
			together(3, func(i int) {
				var err error
				switch i {
				case 0:
					_, err = inbox(a).Settle(s.Context(), threadID, r...)
				case 1:
					// At another moment of the Settle in each round.
					time.Sleep(time.Duration(round%8) * 20 * time.Microsecond)
					_, err = inbox(a).Accept(s.Context(), threadID, newEntry("2"), 0)
				case 2:
					_, err = inbox(a).WaitingThreads(s.Context(), later(), 0)
				}
				must(t, "Settle, Accept or WaitingThreads", err)
			})
			s.waiting(t, a, threadID, "2")
			for range 2 {
				threads, err := inbox(a).WaitingThreads(s.Context(), later(), 0)
				must(t, "WaitingThreads", err)
				if !slices.Contains(threads, threadID) {
					t.Errorf("WaitingThreads after an Accept that ran at the same time as a Settle\n    seen: a waiting entry in a thread that is not listed\n    want: the thread is listed")
					t.FailNow()
				}
			}
		}
	}},
}

// later is a moment after every mark that was set so far, by any clock nearby.
func later() time.Time { return time.Now().Add(time.Minute) }

// tick returns a moment that differs from those before and after it, also for a
// clock that counts milliseconds.
func (s *Subject) tick() time.Time {
	time.Sleep(3 * time.Millisecond)
	now := time.Now()
	time.Sleep(3 * time.Millisecond)
	return now
}

// acceptInTurn accepts an entry in each of n threads, and returns their names in
// that order.
func (s *Subject) acceptInTurn(t TB, a state.Adapter, n int) []string {
	t.Helper()
	var threads []string
	for i := range n {
		threads = append(threads, fmt.Sprint("thread ", (i*7)%n))
		s.accept(t, a, threads[i], "1", 0, 1)
		s.tick()
	}
	return threads
}

// marked checks which threads are listed, in order.
func (s *Subject) marked(t TB, a state.Adapter, before time.Time, limit int, want ...string) {
	t.Helper()
	threads, err := inbox(a).WaitingThreads(s.Context(), before, limit)
	must(t, "WaitingThreads", err)
	equalAll(t, fmt.Sprintf("WaitingThreads with limit %d", limit), threads, want)
}

// unmarked checks that no thread stays listed: it may be met once more.
func (s *Subject) unmarked(t TB, a state.Adapter) {
	t.Helper()
	_, err := inbox(a).WaitingThreads(s.Context(), later(), 0)
	must(t, "WaitingThreads", err)
	s.marked(t, a, later(), 0)
}
