package statetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

const (
	ruleEnqueue  = "Enqueue pushes the entry at the tail, drops the oldest entries beyond maxSize (0 means no bound), and returns the depth after the trim: one atomic step."
	ruleDequeue  = "Dequeue removes and returns the oldest entry, or returns [ErrQueueEmpty]."
	ruleDistinct = "N concurrent callers on N entries get N distinct entries."
	ruleStale    = "Expiry is not the adapter's business: an expired entry is returned as any other."
	ruleDepth    = "QueueDepth returns the number of entries stored."
	ruleMessage  = "The message's bytes stand in it as they are."
	ruleMillis   = "with times in milliseconds since 1970"
)

var queueCases = []Case{
	{ID: "Queues/Order", Rule: ruleDequeue, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 20 {
			s.enqueue(t, a, "thread", strconv.Itoa(i), 0, i+1)
		}
		for i := range 20 {
			s.dequeue(t, a, "thread", strconv.Itoa(i))
		}
		s.queueEmpty(t, a, "thread")
	}},
	{ID: "Queues/Empty", Rule: ruleDequeue, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.queueEmpty(t, a, "thread")
		s.enqueue(t, a, "thread", "1", 0, 1)
		s.dequeue(t, a, "thread", "1")
		s.queueEmpty(t, a, "thread")
		s.enqueue(t, a, "thread", "2", 0, 1)
		s.dequeue(t, a, "thread", "2")
	}},
	{ID: "Queues/ThreadsApart", Rule: ruleDequeue, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.enqueue(t, a, "thread", "1", 0, 1)
		s.enqueue(t, a, "another thread", "2", 0, 1)
		s.queueEmpty(t, a, "a third thread")
		s.dequeue(t, a, "another thread", "2")
		s.dequeue(t, a, "thread", "1")
	}},
	{ID: "Queues/Depth", Rule: ruleDepth, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.depth(t, a, "thread", 0)
		for i := range 4 {
			s.enqueue(t, a, "thread", strconv.Itoa(i), 10, i+1)
			s.depth(t, a, "thread", i+1)
		}
		for i := range 4 {
			s.dequeue(t, a, "thread", strconv.Itoa(i))
			s.depth(t, a, "thread", 3-i)
		}
	}},
	{ID: "Queues/Bound", Rule: ruleEnqueue, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 7 {
			s.enqueue(t, a, "thread", strconv.Itoa(i), 3, min(i+1, 3))
		}
		s.drain(t, a, "thread", "4", "5", "6")
	}},
	{ID: "Queues/BoundOne", Rule: ruleEnqueue, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		s.enqueue(t, a, "thread", "1", 1, 1)
		s.enqueue(t, a, "thread", "2", 1, 1)
		s.drain(t, a, "thread", "2")
	}},
	{ID: "Queues/BoundOfThisCall", Rule: ruleEnqueue, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 5 {
			s.enqueue(t, a, "thread", strconv.Itoa(i), 0, i+1)
		}
		s.enqueue(t, a, "thread", "5", 2, 2)
		s.enqueue(t, a, "thread", "6", 0, 3)
		s.drain(t, a, "thread", "4", "5", "6")
	}},
	{ID: "Queues/NoBound", Rule: ruleEnqueue, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for i := range 200 {
			s.enqueue(t, a, "thread", strconv.Itoa(i), 0, i+1)
		}
		s.enqueue(t, a, "thread", "200", math.MaxInt, 201)
		s.dequeue(t, a, "thread", "0")
	}},
	{ID: "Queues/ExpiredEntry", Rule: ruleStale, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		now := time.Now()
		for i, expires := range []time.Duration{-24 * time.Hour, time.Millisecond, time.Hour} {
			e := state.QueueEntry{Message: []byte(strconv.Itoa(i)), EnqueuedAt: now.Add(-48 * time.Hour), ExpiresAt: now.Add(expires)}
			depth, err := a.Enqueue(ctx, "thread", e, 0)
			must(t, "Enqueue", err)
			equal(t, "depth after Enqueue", depth, i+1)
		}
		time.Sleep(10 * time.Millisecond)
		s.depth(t, a, "thread", 3)
		s.drain(t, a, "thread", "0", "1", "2")
	}},
	{ID: "Queues/EntryTimes", Rule: ruleMillis, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		want := state.QueueEntry{Message: []byte("1"), EnqueuedAt: time.UnixMilli(1700000000123), ExpiresAt: time.UnixMilli(4102444800456)}
		e := want
		e.EnqueuedAt = e.EnqueuedAt.Add(456789 * time.Nanosecond).UTC()
		_, err := a.Enqueue(ctx, "thread", e, 0)
		must(t, "Enqueue", err)
		got, err := pop(ctx, a, "thread")
		must(t, "Dequeue", err)
		equal(t, "EnqueuedAt, which had a fraction of a millisecond more", got.EnqueuedAt.UnixNano(), want.EnqueuedAt.UnixNano())
		equal(t, "ExpiresAt", got.ExpiresAt.UnixNano(), want.ExpiresAt.UnixNano())
	}},
	{ID: "Queues/ExactMessage", Rule: ruleMessage, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		messages := []string{
			`{"text":"<b>\u00e9é &amp; </b>",  "n":12345678901234567890.10}`, "null", "true", `""`, "[1, 2]", "-0.0",
			`{"message":{"message":1},"enqueuedAt":2}`, `"` + string(make128K()) + `"`,
		}
		for i, m := range messages {
			s.enqueue(t, a, "thread", m, 0, i+1)
		}
		s.drain(t, a, "thread", messages...)
	}},
	{ID: "Queues/LargeMessage", Rule: ruleMessage, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		large := `["` + string(slices.Repeat([]byte("0123456789abcdef"), 1<<16)) + `"]`
		s.enqueue(t, a, "thread", large, 0, 1)
		s.dequeue(t, a, "thread", large)
	}},
	{ID: "Queues/ConcurrentDequeues", Rule: ruleDistinct, Run: func(t TB, s *Subject) {
		a := s.Connected(t)
		for round, n := range []int{8, 8, 8, 8, 8, 8, 50, 50} {
			s.dequeueTogether(t, fmt.Sprint("thread ", round), n, a)
		}
	}},
	{ID: "Queues/ConcurrentEnqueues", Rule: ruleEnqueue, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		const n = 50
		var depths tally[int]
		together(n, func(i int) {
			depth, err := a.Enqueue(ctx, "thread", newEntry(strconv.Itoa(i)), 0)
			must(t, "Enqueue", err)
			depths.add(depth)
		})
		for d := 1; d <= n; d++ {
			equal(t, fmt.Sprintf("callers of %d that were told the depth %d", n, d), depths.count(d), 1)
		}
		s.depth(t, a, "thread", n)
	}},
	{ID: "Queues/ConcurrentBound", Rule: ruleEnqueue, Run: func(t TB, s *Subject) {
		a, ctx := s.Connected(t), s.Context()
		together(22, func(i int) {
			for range 10 {
				var depth int
				var err error
				if i < 20 {
					depth, err = a.Enqueue(ctx, "thread", newEntry(strconv.Itoa(i)), 5)
				} else {
					depth, err = a.QueueDepth(ctx, "thread")
				}
				must(t, "Enqueue or QueueDepth", err)
				if depth > 5 {
					t.Errorf("depth of a queue with maxSize 5\n    seen: %d\n    want: at most 5", depth)
				}
			}
		})
		s.depth(t, a, "thread", 5)
	}},
	{ID: "Queues/OrderUnderConcurrency", Rule: ruleDequeue, Run: orderUnderConcurrency},
}

// make128K returns characters that stand for themselves in a JSON string.
func make128K() []byte { return slices.Repeat([]byte("{\u2028}<é>"), 1<<14) }

func newEntry(message string) state.QueueEntry {
	now := time.Now()
	return state.QueueEntry{Message: []byte(message), EnqueuedAt: now, ExpiresAt: now.Add(24 * time.Hour)}
}

func (s *Subject) enqueue(t TB, a state.Queues, threadID, message string, maxSize, wantDepth int) {
	t.Helper()
	depth, err := a.Enqueue(s.Context(), threadID, newEntry(message), maxSize)
	must(t, fmt.Sprintf("Enqueue(%q)", threadID), err)
	equal(t, fmt.Sprintf("depth that Enqueue(%q) returned", threadID), depth, wantDepth)
}

// pop makes an error of an entry that is nil.
func pop(ctx context.Context, a state.Queues, threadID string) (*state.QueueEntry, error) {
	e, err := a.Dequeue(ctx, threadID)
	if e == nil && err == nil {
		return nil, errors.New("no entry, and no error either")
	}
	return e, err
}

func (s *Subject) dequeue(t TB, a state.Queues, threadID, want string) {
	t.Helper()
	e, err := pop(s.Context(), a, threadID)
	must(t, fmt.Sprintf("Dequeue(%q)", threadID), err)
	equalBytes(t, fmt.Sprintf("message that Dequeue(%q) returned", threadID), e.Message, want)
}

func (s *Subject) queueEmpty(t TB, a state.Queues, threadID string) {
	t.Helper()
	_, err := pop(s.Context(), a, threadID)
	isError(t, fmt.Sprintf("Dequeue(%q) of an empty queue", threadID), err, state.ErrQueueEmpty)
}

func (s *Subject) depth(t TB, a state.Queues, threadID string, want int) {
	t.Helper()
	n, err := a.QueueDepth(s.Context(), threadID)
	must(t, fmt.Sprintf("QueueDepth(%q)", threadID), err)
	equal(t, fmt.Sprintf("QueueDepth(%q)", threadID), n, want)
}

// drain checks that the queue holds these messages and nothing else.
func (s *Subject) drain(t TB, a state.Queues, threadID string, want ...string) {
	t.Helper()
	var got []string
	for range len(want) + 3 {
		e, err := pop(s.Context(), a, threadID)
		if errors.Is(err, state.ErrQueueEmpty) {
			break
		}
		must(t, fmt.Sprintf("Dequeue(%q)", threadID), err)
		got = append(got, string(e.Message))
	}
	equalAll(t, fmt.Sprintf("messages in the queue %q", threadID), got, want)
}

// dequeueTogether lets n callers, spread over the adapters, take n entries.
func (s *Subject) dequeueTogether(t TB, threadID string, n int, adapters ...state.Adapter) {
	t.Helper()
	for i := range n {
		s.enqueue(t, adapters[0], threadID, strconv.Itoa(i), 0, i+1)
	}
	var taken tally[string]
	together(n, func(i int) {
		e, err := pop(s.Context(), adapters[i%len(adapters)], threadID)
		if err != nil {
			t.Errorf("one of %d concurrent calls of Dequeue on %d entries\n    seen: %v\n    want: an entry", n, n, err)
			return
		}
		taken.add(string(e.Message))
	})
	for i := range n {
		equal(t, fmt.Sprintf("callers of %d that got entry %d", n, i), taken.count(strconv.Itoa(i)), 1)
	}
	s.queueEmpty(t, adapters[0], threadID)
}

// orderUnderConcurrency has producers and one consumer at work at once.
func orderUnderConcurrency(t TB, s *Subject) {
	a := s.Connected(t)
	const producers, each = 8, 25
	last := time.Now()
	var got [producers][]int
	together(producers+1, func(i int) {
		if i < producers {
			for n := range each {
				_, err := a.Enqueue(s.Context(), "thread", newEntry(fmt.Sprintf("[%d,%d]", i, n)), 0)
				must(t, "Enqueue", err)
			}
			return
		}
		for taken := 0; taken < producers*each; {
			e, err := pop(s.Context(), a, "thread")
			if errors.Is(err, state.ErrQueueEmpty) {
				if time.Since(last) > 3*s.pace().prompt {
					t.Errorf("entries of %d producers that came out\n    seen: %d\n    want: %d", producers, taken, producers*each)
					return
				}
				time.Sleep(time.Millisecond)
				continue
			}
			must(t, "Dequeue", err)
			taken++
			last = time.Now()
			var producer, n int
			if _, err := fmt.Sscanf(string(e.Message), "[%d,%d]", &producer, &n); err != nil || producer < 0 || producer >= producers {
				t.Errorf("Dequeue returned a message that nobody sent: %q", e.Message)
				return
			}
			got[producer] = append(got[producer], n)
		}
	})
	for i := range producers {
		want := make([]int, each)
		for n := range want {
			want[n] = n
		}
		if !slices.Equal(got[i], want) {
			t.Errorf("order of one producer's entries\n    seen: %v\n    want: %v", got[i], want)
		}
	}
}
