package memorystate

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// TestSettleAgainstModel settles entries in any order, with entries that come
// and go meanwhile, and compares with a plain slice.
func TestSettleAgainstModel(t *testing.T) {
	a := connected(t)
	ctx := t.Context()
	r := rand.New(rand.NewPCG(3, 4))
	var model []string
	receipts := map[string]state.Receipt{}
	next := 0
	for range 20_000 {
		switch k := r.IntN(10); {
		case k < 4:
			m := strconv.Itoa(next)
			next++
			maxSize := 0
			if r.IntN(4) == 0 {
				maxSize = 1 + r.IntN(40)
			}
			depth, err := a.Accept(ctx, "t", state.QueueEntry{Message: []byte(m)}, maxSize)
			check(t, err)
			model = append(model, m)
			if maxSize > 0 && len(model) > maxSize {
				model = model[len(model)-maxSize:]
			}
			if depth != len(model) {
				t.Fatalf("Accept returned depth %d, want %d", depth, len(model))
			}
		case k < 5 && len(model) > 0:
			e, err := a.Dequeue(ctx, "t")
			check(t, err)
			if string(e.Message) != model[0] {
				t.Fatalf("Dequeue returned %s, want %s", e.Message, model[0])
			}
			model = model[1:]
		case k < 8 && len(model) > 0:
			var settle []state.Receipt
			for range 1 + r.IntN(3) {
				if m := strconv.Itoa(r.IntN(next)); receipts[m] != "" {
					settle = append(settle, receipts[m])
					model = slices.DeleteFunc(model, func(s string) bool { return s == m })
				}
			}
			left, err := a.Settle(ctx, "t", settle...)
			check(t, err)
			if left != len(model) {
				t.Fatalf("Settle returned %d, want %d", left, len(model))
			}
		default:
			waiting, err := a.Waiting(ctx, "t")
			check(t, err)
			var got []string
			for _, w := range waiting {
				got = append(got, string(w.Message))
				receipts[string(w.Message)] = w.Receipt
			}
			if !slices.Equal(got, model) {
				t.Fatalf("Waiting returned %v, want %v", got, model)
			}
		}
	}
	if len(model) < 2 {
		t.Fatalf("the run ended with %d entries: it tried too little", len(model))
	}
}

func TestReceiptsOfOtherThreadsChangeNothing(t *testing.T) {
	a := connected(t)
	ctx := t.Context()
	for i := range 200 {
		_, err := a.Accept(ctx, strconv.Itoa(i), state.QueueEntry{Message: []byte("1")}, 0)
		check(t, err)
	}
	waiting, err := a.Waiting(ctx, "0")
	check(t, err)
	for i := 1; i < 200; i++ {
		left, err := a.Settle(ctx, strconv.Itoa(i), waiting[0].Receipt, "", "no receipt", "-1")
		check(t, err)
		if left != 1 {
			t.Fatalf("thread %d lost its entry to another thread's receipt", i)
		}
	}
}

func TestWaitingThreadsAreInOrderAcrossShards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := connected(t)
		ctx := t.Context()
		accept := func(thread string) {
			t.Helper()
			_, err := a.Accept(ctx, thread, state.QueueEntry{Message: []byte("1"), ExpiresAt: time.Now().Add(time.Hour)}, 0)
			check(t, err)
			time.Sleep(time.Millisecond)
		}
		var want []string
		for i := range 300 {
			accept(strconv.Itoa(i))
			if i%3 != 0 {
				want = append(want, strconv.Itoa(i))
			}
		}
		for i := range 300 {
			if i%3 == 0 { // marked again: now the last ones
				accept(strconv.Itoa(i))
				want = append(want, strconv.Itoa(i))
			}
		}
		for _, limit := range []int{0, 1, 10, 300, 1000} {
			got, err := a.WaitingThreads(ctx, time.Now(), limit)
			check(t, err)
			if w := want[:min(len(want), limit+(1-min(limit, 1))*len(want))]; !slices.Equal(got, w) {
				t.Errorf("limit %d: got %v, want %v", limit, got, w)
			}
		}
		got, err := a.WaitingThreads(ctx, time.Now().Add(-100*time.Millisecond), 0)
		check(t, err)
		if !slices.Equal(got, want[:200]) {
			t.Errorf("before the last hundred: got %d threads, want 200", len(got))
		}
	})
}
