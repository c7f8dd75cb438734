package statetest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleBothViews  = "It uses the same queues as [Queues]: both views see the same entries."
	ruleAccept     = "Accept does what Enqueue does and marks the thread as waiting since now."
	ruleAccepted   = "When it returns without an error the entry is stored and the mark is set."
	ruleWaiting    = "Waiting returns all entries of the thread, oldest first, without removing them."
	ruleSettle     = "Settle removes exactly the entries with these receipts, wherever in the queue they now stand, and returns how many entries are left."
	ruleSettleSame = "Of several equal entries one receipt removes one"
	ruleExtended   = "ExtendQueue keeps what waits on the thread for at least the TTL from now, also if another program has made the queue expire sooner."
	ruleExtendSafe = "It shortens nothing, and where nothing waits it changes nothing."
	ruleSettleGone = "A receipt whose entry is gone changes nothing, and neither does one of another thread or a text that is none."
)

var inboxCases = []Case{
	{ID: "Inbox/Accept", Rule: ruleAccept, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 5 {
			s.accept(t, a, "thread", strconv.Itoa(i), 0, i+1)
		}
		s.waiting(t, a, "thread", "0", "1", "2", "3", "4")
	}},
	{ID: "Inbox/AcceptBound", Rule: ruleAccept, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 7 {
			s.accept(t, a, "thread", strconv.Itoa(i), 3, min(i+1, 3))
		}
		s.waiting(t, a, "thread", "4", "5", "6")
	}},
	{ID: "Inbox/BothViews", Rule: ruleBothViews, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.enqueue(t, a, "thread", "1", 0, 1)
		s.accept(t, a, "thread", "2", 0, 2)
		s.enqueue(t, a, "thread", "3", 0, 3)
		s.waiting(t, a, "thread", "1", "2", "3")
		s.depth(t, a, "thread", 3)
		s.dequeue(t, a, "thread", "1")
		left := s.waiting(t, a, "thread", "2", "3")
		s.settle(t, a, "thread", 1, left[0])
		s.drain(t, a, "thread", "3")
		s.waiting(t, a, "thread")
	}},
	{ID: "Inbox/WaitingRemovesNothing", Rule: ruleWaiting, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.waiting(t, a, "thread")
		s.accept(t, a, "thread", "1", 0, 1)
		s.accept(t, a, "thread", "2", 0, 2)
		for range 3 {
			s.waiting(t, a, "thread", "1", "2")
		}
		s.depth(t, a, "thread", 2)
		s.waiting(t, a, "another thread")
	}},
	{ID: "Inbox/ExtendQueue", Rule: ruleExtended, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		now := time.Now()
		must(t, "Accept", second(inbox(a).Accept(s.Context(), "thread", state.QueueEntry{
			Message: []byte("1"), EnqueuedAt: now, ExpiresAt: now.Add(time.Millisecond),
		}, 0)))
		must(t, "ExtendQueue", inbox(a).ExtendQueue(s.Context(), "thread", 2*time.Hour))
		if s.Features.VirtualTime { // else nobody waits for it
			time.Sleep(time.Hour)
		}
		s.waiting(t, a, "thread", "1")
	}},
	{ID: "Inbox/ExtendQueueShortensNothing", Rule: ruleExtendSafe, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.accept(t, a, "thread", "1", 0, 1)
		s.accept(t, a, "thread", "2", 0, 2)
		p := s.pace()
		for _, ttl := range []time.Duration{time.Hour, p.ttl, time.Nanosecond} {
			must(t, "ExtendQueue", inbox(a).ExtendQueue(s.Context(), "thread", ttl))
			must(t, "ExtendQueue", inbox(a).ExtendQueue(s.Context(), "another thread", ttl))
		}
		time.Sleep(p.ttl + p.step)
		s.waiting(t, a, "thread", "1", "2")
		s.waiting(t, a, "another thread")
		s.marked(t, a, later(), 0, "thread")
	}},
	{ID: "Inbox/WaitingEntries", Rule: ruleMessage, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		e := newEntry(`{"text":"<b>\u00e9é &amp;</b>",  "n":12345678901234567890.10}`)
		_, err := inbox(a).Accept(s.Context(), "thread", e, 0)
		must(t, "Accept", err)
		all, err := inbox(a).Waiting(s.Context(), "thread")
		must(t, "Waiting", err)
		if len(all) != 1 {
			t.Errorf("Waiting\n    seen: %d entries\n    want: 1", len(all))
			t.FailNow()
		}
		equalBytes(t, "Message", all[0].Message, string(e.Message))
		equal(t, "EnqueuedAt in milliseconds", all[0].EnqueuedAt.UnixMilli(), e.EnqueuedAt.UnixMilli())
		equal(t, "ExpiresAt in milliseconds", all[0].ExpiresAt.UnixMilli(), e.ExpiresAt.UnixMilli())
		isError(t, "Err of an entry that is well", all[0].Err, nil)
	}},
	{ID: "Inbox/SettleExactly", Rule: ruleSettle, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		r := s.acceptAll(t, a, "thread", "0", "1", "2", "3", "4")
		other := s.acceptAll(t, a, "another thread", "0")
		s.settle(t, a, "thread", 4, r[2])
		s.waiting(t, a, "thread", "0", "1", "3", "4")
		s.settle(t, a, "thread", 2, r[4], r[0])
		s.waiting(t, a, "thread", "1", "3")
		s.settle(t, a, "thread", 0, r[1], r[3])
		s.waiting(t, a, "thread")
		s.depth(t, a, "thread", 0)
		s.queueEmpty(t, a, "thread")
		s.settle(t, a, "another thread", 0, other[0])
	}},
	{ID: "Inbox/SettleWhereItStands", Rule: ruleSettle, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		r := s.acceptAll(t, a, "thread", "0", "1", "2", "3")
		s.dequeue(t, a, "thread", "0")
		s.accept(t, a, "thread", "4", 0, 4)
		s.settle(t, a, "thread", 3, r[2])
		s.accept(t, a, "thread", "5", 0, 4)
		s.settle(t, a, "thread", 3, r[1])
		s.waiting(t, a, "thread", "3", "4", "5")
	}},
	{ID: "Inbox/SettleEqualEntries", Rule: ruleSettleSame, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		same := newEntry(`"same"`)
		for range 4 {
			_, err := inbox(a).Accept(s.Context(), "thread", same, 0)
			must(t, "Accept", err)
		}
		r := s.waiting(t, a, "thread", `"same"`, `"same"`, `"same"`, `"same"`)
		s.settle(t, a, "thread", 3, r[0])
		s.waiting(t, a, "thread", `"same"`, `"same"`, `"same"`)
		s.settle(t, a, "thread", 1, r[1], r[2])
		s.waiting(t, a, "thread", `"same"`)
	}},
	{ID: "Inbox/SettleGone", Rule: ruleSettleGone, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		r := s.acceptAll(t, a, "thread", "0", "1", "2", "3")
		s.settle(t, a, "thread", 3, r[1])
		s.settle(t, a, "thread", 3, r[1])
		s.dequeue(t, a, "thread", "0")
		s.settle(t, a, "thread", 2, r[0])
		s.accept(t, a, "thread", "4", 2, 2) // drops 2
		s.settle(t, a, "thread", 2, r[2], r[0], r[1])
		s.waiting(t, a, "thread", "3", "4")
		s.settle(t, a, "thread", 1, r[0], r[3])
		s.waiting(t, a, "thread", "4")
	}},
	{ID: "Inbox/SettleForeign", Rule: ruleSettleGone, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acceptAll(t, a, "thread", "1", "2")
		for i := range 20 {
			other := s.acceptAll(t, a, fmt.Sprint("another thread ", i), "3", "4")
			s.settle(t, a, "thread", 2, other...)
		}
		s.settle(t, a, "thread", 2, "", " ", "no receipt", "-1", "\x00\xff", state.Receipt(largeValue()))
		s.settle(t, a, "an absent thread", 0, "no receipt")
		s.waiting(t, a, "thread", "1", "2")
		s.waiting(t, a, "another thread 7", "3", "4")
	}},
	{ID: "Inbox/SettleInTheEmptyQueue", Rule: ruleSettleGone, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.settle(t, a, "thread", 0)
		r := s.acceptAll(t, a, "thread", "0")
		s.settle(t, a, "thread", 0, r[0])
		s.settle(t, a, "thread", 0, r[0])
		s.settle(t, a, "thread", 0)
	}},
	{ID: "Inbox/SettleNothing", Rule: ruleSettle, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.acceptAll(t, a, "thread", "0", "1")
		s.settle(t, a, "thread", 2)
		s.waiting(t, a, "thread", "0", "1")
	}},
	{ID: "Inbox/ConcurrentAccepts", Rule: ruleAccepted, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		const n = 50
		together(n, func(i int) {
			_, err := inbox(a).Accept(s.Context(), "thread", newEntry(strconv.Itoa(i)), 0)
			must(t, "Accept", err)
		})
		all, err := inbox(a).Waiting(s.Context(), "thread")
		must(t, "Waiting", err)
		var seen tally[string]
		for _, w := range all {
			seen.add(string(w.Message))
		}
		for i := range n {
			equal(t, fmt.Sprintf("times that accepted entry %d waits", i), seen.count(strconv.Itoa(i)), 1)
		}
	}},
	{ID: "Inbox/ConcurrentSettles", Rule: ruleSettle, Needs: NeedsInbox, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		const n = 40
		for i := range n {
			s.accept(t, a, "thread", strconv.Itoa(i), 0, i+1)
		}
		all, err := inbox(a).Waiting(s.Context(), "thread")
		must(t, "Waiting", err)
		equal(t, "entries waiting", len(all), n)
		var left tally[int]
		together(len(all), func(i int) {
			if i%2 == 0 {
				return
			}
			n, err := inbox(a).Settle(s.Context(), "thread", all[i].Receipt)
			must(t, "Settle", err)
			left.add(n)
		})
		var want []string
		for i := 0; i < n; i += 2 {
			want = append(want, strconv.Itoa(i))
		}
		s.waiting(t, a, "thread", want...)
		equal(t, "concurrent calls of Settle that were told the last count", left.count(n/2) > 0, true)
	}},
}

func (s *Subject) accept(t TB, a state.Adapter, threadID, message string, maxSize, wantDepth int) {
	t.Helper()
	depth, err := inbox(a).Accept(s.Context(), threadID, newEntry(message), maxSize)
	must(t, fmt.Sprintf("Accept(%q)", threadID), err)
	equal(t, fmt.Sprintf("depth that Accept(%q) returned", threadID), depth, wantDepth)
}

// acceptAll accepts the messages into an empty queue and returns their receipts.
func (s *Subject) acceptAll(t TB, a state.Adapter, threadID string, messages ...string) []state.Receipt {
	t.Helper()
	for i, m := range messages {
		s.accept(t, a, threadID, m, 0, i+1)
	}
	return s.waiting(t, a, threadID, messages...)
}

// waiting checks what waits and returns the receipts.
func (s *Subject) waiting(t TB, a state.Adapter, threadID string, want ...string) []state.Receipt {
	t.Helper()
	all, err := inbox(a).Waiting(s.Context(), threadID)
	must(t, fmt.Sprintf("Waiting(%q)", threadID), err)
	var got []string
	var receipts []state.Receipt
	for _, w := range all {
		isError(t, "Err of a waiting entry", w.Err, nil)
		got = append(got, string(w.Message))
		receipts = append(receipts, w.Receipt)
	}
	equalAll(t, fmt.Sprintf("Waiting(%q)", threadID), got, want)
	if len(got) != len(want) {
		t.FailNow() // the caller counts on the receipts
	}
	return receipts
}

func (s *Subject) settle(t TB, a state.Adapter, threadID string, wantLeft int, receipts ...state.Receipt) {
	t.Helper()
	left, err := inbox(a).Settle(s.Context(), threadID, receipts...)
	must(t, fmt.Sprintf("Settle(%q) of %d receipts", threadID, len(receipts)), err)
	equal(t, fmt.Sprintf("entries left, as Settle(%q) of %d receipts returned", threadID, len(receipts)), left, wantLeft)
}
