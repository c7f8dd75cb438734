package bottest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

var redeliveryRuns = flag.Int("redelivery.runs", 3, "how often each cell of TestRedeliveryMatrix is run, at other moments each time")

// ending is how the first attempt at a message ends.
type ending string

const (
	succeeds     ending = "the handler succeeds"
	fails        ending = "the handler fails"
	panics       ending = "the handler panics"
	isKilled     ending = "the process is killed"
	takesTooLong ending = "the handler takes too long"
	isGivenUp    ending = "the handler fails for the last time"
)

// moment is when the message is delivered again.
type moment string

const (
	during         moment = "during the attempt"
	after          moment = "after the attempt"
	afterLockTTL   moment = "after the lock's TTL"
	afterDedupeTTL moment = "after the dedupe TTL"
)

const (
	matrixLockTTL   = 3 * time.Second
	matrixDedupeTTL = 20 * time.Second
	matrixMaxTurn   = 2 * time.Second
)

// successes is how often handlers shall succeed: once, and once more when the
// message is no longer remembered. A message that was given up is forgotten.
func successes(e ending, m moment) int32 {
	n := int32(1)
	if e == isGivenUp {
		n = 0
	}
	if m == afterDedupeTTL || e == isGivenUp && m != during {
		n++
	}
	return n
}

// G6: whatever becomes of the first attempt, and whenever the platform delivers
// again, the message is handled once, and again only when it was forgotten.
func TestRedeliveryMatrix(t *testing.T) {
	total, wrong := 0, 0
	for _, e := range []ending{succeeds, fails, panics, isKilled, takesTooLong, isGivenUp} {
		for _, m := range []moment{during, after, afterLockTTL, afterDedupeTTL} {
			t.Run(fmt.Sprintf("%s, redelivered %s", e, m), func(t *testing.T) {
				for seed := range *redeliveryRuns {
					total++
					if err := redeliver(t, uint64(seed), e, m); err != nil {
						wrong++
						t.Errorf("seed %d: %v", seed, err)
					}
				}
			})
		}
	}
	t.Logf("%d runs, %d wrong", total, wrong)
}

// attempts is what the handlers of one run note.
type attempts struct {
	ended     atomic.Bool  // the first one
	calls     atomic.Int32 // but those of a process that is killed
	succeeded atomic.Int32
	live      atomic.Int32
	overlap   atomic.Bool
}

func redeliver(t *testing.T, seed uint64, e ending, m moment) (err error) {
	random := rand.New(rand.NewPCG(seed, uint64(len(e)*100+len(m))))
	upTo := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(d))) }
	first := random.IntN(2)
	length := time.Millisecond + upTo(600*time.Millisecond)
	killed := upTo(length) // from the beginning of the first delivery
	if random.IntN(2) == 0 {
		killed = upTo(3 * time.Millisecond) // while the message is stored
	}
	configure := func(c *chat.Config) {
		c.Lock.TTL, c.Storage.DedupeTTL, c.Limits.MaxTurn = matrixLockTTL, matrixDedupeTTL, matrixMaxTurn
		if e == isGivenUp {
			c.Retry.MaxAttempts = 1
		}
	}
	play(t, 2, configure, func(r *rig) {
		var a attempts
		r.onMention(func(ctx context.Context, in *instance, _ *chat.MessageEvent) error {
			return a.handle(ctx, e, e == isKilled && in == r.instances[first], length)
		})
		start := time.Now()
		if e == isKilled {
			time.AfterFunc(killed, func() {
				r.instances[first].store.Crash()
				a.ended.Store(true)
			})
		}
		if _, sent := r.deliver(first, "t", "m"); sent != nil && e != isKilled {
			err = fmt.Errorf("the first delivery: %w", sent)
			return
		}
		again := upTo(10 * time.Second)
		switch m {
		case during:
			lasts := length
			switch e {
			case takesTooLong:
				lasts = matrixMaxTurn
			case isKilled:
				lasts = killed
			}
			again = upTo(max(lasts-time.Since(start), 1))
		case after:
			a.await(a.ended.Load)
		case afterLockTTL:
			a.await(a.ended.Load)
			again += matrixLockTTL
		case afterDedupeTTL:
			if e == isKilled { // if it was not stored, it comes again for the first time
				r.deliverUntilTaken(1-first, 0)
			}
			a.await(func() bool { return a.succeeded.Load() > 0 || r.count(chat.StepDead) > 0 })
			again += matrixDedupeTTL + time.Second
		}
		to := random.IntN(2)
		if e == isKilled {
			to = 1 - first
		}
		r.deliverUntilTaken(to, again)
		time.Sleep(time.Minute)
		err = a.judge(e, m)
	})
	return err
}

// deliverUntilTaken delivers the message after some time, as a platform does: again
// until it is taken.
func (r *rig) deliverUntilTaken(i int, after time.Duration) {
	time.Sleep(after)
	for {
		if _, err := r.deliver(i, "t", "m"); err == nil {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// await polls a condition for at most a minute.
func (*attempts) await(done func() bool) {
	for deadline := time.Now().Add(time.Minute); !done() && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}

func (a *attempts) handle(ctx context.Context, e ending, dying bool, length time.Duration) error {
	if a.live.Add(1) > 1 {
		a.overlap.Store(true)
	}
	defer a.live.Add(-1)
	if dying { // what a killed process does does not count
		<-ctx.Done()
		return context.Cause(ctx)
	}
	if a.calls.Add(1) == 1 && e != succeeds && e != isKilled {
		defer a.ended.Store(true)
		if e == takesTooLong {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		if err := work(ctx, length); err != nil {
			return err
		}
		if e == panics {
			panic("as planned")
		}
		return errHandler
	}
	defer a.ended.Store(true)
	if err := work(ctx, length); err != nil {
		return err
	}
	a.succeeded.Add(1)
	return nil
}

func (a *attempts) judge(e ending, m moment) error {
	want := successes(e, m)
	calls := want
	if e != succeeds && e != isKilled {
		calls++
	}
	switch {
	case a.overlap.Load():
		return fmt.Errorf("two handlers at once")
	case a.succeeded.Load() != want:
		return fmt.Errorf("handlers succeeded %d times, want %d", a.succeeded.Load(), want)
	case a.calls.Load() != calls:
		return fmt.Errorf("handlers were called %d times, want %d", a.calls.Load(), calls)
	}
	return nil
}

// lateList lists what waits late, once.
type lateList struct {
	listed
	late *atomic.Int64 // a time.Duration
}

func (s *lateList) Waiting(ctx context.Context, thread string) ([]state.WaitingEntry, error) {
	time.Sleep(time.Duration(s.late.Swap(0)))
	return s.listed.Waiting(ctx, thread)
}

// TestRedeliveryWhileTheMessageIsSettled delivers a message again whose handler ends
// after its claim was read and before it is looked for in the queue.
func TestRedeliveryWhileTheMessageIsSettled(t *testing.T) {
	var late atomic.Int64
	var handled atomic.Int32
	play(t, 1, func(c *chat.Config) { c.State = &lateList{c.State.(listed), &late} }, func(r *rig) {
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
			handled.Add(1)
			return work(ctx, 2*time.Second)
		})
		r.send(0, "t", "1")
		time.Sleep(time.Second)
		late.Store(int64(5 * time.Second))
		r.send(0, "t", "1")
		require.Zero(t, late.Load(), "the queue was looked at")
		time.Sleep(time.Minute)
		require.EqualValues(t, 1, handled.Load())
	})
}
