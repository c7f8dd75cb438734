package bottest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// foreigner is an instance of the TypeScript SDK on the same state: the steps of its
// queue strategy, one by one. It takes messages out before it handles them, marks
// none of them, and trims the queue to its own bound.
type foreigner struct {
	*rig
	thread string
	lock   *state.Lock
}

func (r *rig) foreigner(thread string) *foreigner {
	r.t.Helper()
	require.NoError(r.t, r.shared.Connect(context.Background()))
	return &foreigner{rig: r, thread: string(r.instances[0].fake.Thread("c", thread))}
}

func (f *foreigner) acquire() {
	f.t.Helper()
	for f.lock == nil {
		lock, err := f.shared.AcquireLock(context.Background(), f.thread, 10*time.Minute)
		if err == nil {
			f.lock = lock
			return
		}
		require.ErrorIs(f.t, err, state.ErrLocked)
		time.Sleep(time.Millisecond)
	}
}

func (f *foreigner) release() {
	f.t.Helper()
	require.NoError(f.t, f.shared.ReleaseLock(context.Background(), f.lock))
	f.lock = nil
}

// takeAll takes what waits, and returns how much it was.
func (f *foreigner) takeAll() int {
	f.t.Helper()
	for n := 0; ; n++ {
		if _, err := f.shared.Dequeue(context.Background(), f.thread); err != nil {
			require.ErrorIs(f.t, err, state.ErrQueueEmpty)
			return n
		}
	}
}

func (f *foreigner) enqueue(id string, maxSize int) {
	f.t.Helper()
	m := mention(f.instances[0].fake, "t", id)
	data, err := m.MarshalJSON()
	require.NoError(f.t, err)
	now := time.Now()
	_, err = f.shared.Enqueue(context.Background(), f.thread, state.QueueEntry{Message: data, EnqueuedAt: now, ExpiresAt: now.Add(90 * time.Second)}, maxSize)
	require.NoError(f.t, err)
}

// expiringQueues are the queues of a shared state that expire as those in Redis do: the
// enqueue of the TypeScript SDK sets the expiry of the whole queue, whatever it was.
type expiringQueues struct {
	shared *memorystate.Adapter
	mu     sync.Mutex
	ends   map[string]time.Time
}

// set has the queue expire after the TTL; with longer only if that is later.
func (q *expiringQueues) set(thread string, ttl time.Duration, longer bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	end := time.Now().Add(ttl)
	if longer && end.Before(q.ends[thread]) {
		return
	}
	q.ends[thread] = end
	time.AfterFunc(ttl, func() { q.expire(thread, end) })
}

func (q *expiringQueues) expire(thread string, end time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for err := error(nil); err == nil && q.ends[thread].Equal(end); {
		_, err = q.shared.Dequeue(context.Background(), thread)
	}
}

// expiringStore is an instance's way to them.
type expiringStore struct {
	listed
	queues *expiringQueues
}

func (s *expiringStore) Accept(ctx context.Context, thread string, e state.QueueEntry, maxSize int) (int, error) {
	n, err := s.Store.Accept(ctx, thread, e, maxSize)
	if err == nil {
		s.queues.set(thread, time.Until(e.ExpiresAt), true)
	}
	return n, err
}

func (s *expiringStore) ExtendQueue(ctx context.Context, thread string, ttl time.Duration) error {
	err := s.Store.ExtendQueue(ctx, thread, ttl)
	if err == nil {
		s.queues.set(thread, ttl, true)
	}
	return err
}

func (r *rig) reasons(step chat.Step) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var reasons []string
	for _, o := range r.steps {
		if o.Step == step {
			reasons = append(reasons, o.Reason)
		}
	}
	return reasons
}

func within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}

// A message that was stored here and was taken by another program counts as handled:
// it is reported, who waits for it is told, and it is not handled again, whenever and
// wherever it is delivered again.
func TestTakenMessageIsNotHandledAgain(t *testing.T) {
	for _, busy := range []time.Duration{0, time.Second, 40 * time.Second} { // before it takes the message
		for _, later := range []time.Duration{0, 10 * time.Second, time.Minute} { // until the redelivery
			for _, holds := range []bool{true, false} {
				t.Run(fmt.Sprint("taken after ", busy, ", delivered again after ", later, ", its lock is held still: ", holds), func(t *testing.T) {
					play(t, 2, nil, func(r *rig) {
						handled := &log{}
						r.onMention(func(_ context.Context, _ *instance, ev *chat.MessageEvent) error {
							handled.add("%s", ev.Message.ID)
							return nil
						})
						ts := r.foreigner("t")
						ts.acquire()
						receipt := r.send(0, "t", "m1")
						time.Sleep(busy)
						require.Equal(t, 1, ts.takeAll())
						if !holds {
							ts.release()
						}
						time.Sleep(later)
						again, err := r.deliver(0, "t", "m1")
						if later == 0 && errors.Is(err, chat.ErrBusy) { // it is being found out
							time.Sleep(time.Second)
							again, err = r.deliver(0, "t", "m1")
						}
						require.NoError(t, err)
						elsewhere := r.send(1, "t", "m1")
						ctx, cancel := within(15 * time.Second)
						defer cancel()
						for _, waiting := range []*chat.Receipt{receipt, again, elsewhere} {
							require.ErrorIs(t, waiting.Wait(ctx), chat.ErrMissing)
						}
						if holds {
							ts.release()
						}
						time.Sleep(time.Minute)
						require.Empty(t, handled.all())
						require.Len(t, r.reasons(chat.StepMissing), 1)
						require.Equal(t, 2, r.count(chat.StepDuplicate))

						r.send(0, "t", "m2")
						time.Sleep(5 * time.Second)
						require.Equal(t, []string{"m2"}, handled.all(), "the thread goes on")
					})
				})
			}
		}
	}
}

// The same goes for a message that was stored by another instance, and here only moved
// to its thread's queue: nobody waits for it here.
func TestTakenMessageThatWasMovedIsReported(t *testing.T) {
	for _, marked := range []bool{true, false} {
		t.Run(fmt.Sprint("its mark is there: ", marked), func(t *testing.T) {
			play(t, 2, nil, func(r *rig) {
				handled := &log{}
				r.onMention(func(_ context.Context, _ *instance, ev *chat.MessageEvent) error {
					handled.add("%s", ev.Message.ID)
					return nil
				})
				ts := r.foreigner("t")
				ts.acquire()
				r.send(0, "t", "m1")
				r.instances[0].store.Crash()
				ctx := context.Background()
				waiting, err := r.shared.Waiting(ctx, ts.thread)
				require.NoError(t, err)
				require.Equal(t, 1, ts.takeAll())
				_, err = r.shared.Accept(ctx, ts.thread+"#message:m1", waiting[0].QueueEntry, 0)
				require.NoError(t, err)
				time.Sleep(10 * time.Second)
				require.Equal(t, 1, ts.takeAll(), "moved")
				if !marked {
					require.NoError(t, r.shared.Delete(ctx, "dedupe:fake:m1"))
				}
				ts.release()
				time.Sleep(time.Minute)
				require.Empty(t, handled.all())
				require.Len(t, r.reasons(chat.StepMissing), 1)
			})
		})
	}
}

// What failed here and was then taken by another program leaves no retry record.
func TestTakenMessageLeavesNoRetryRecord(t *testing.T) {
	for _, holds := range []bool{true, false} {
		t.Run(fmt.Sprint("the lock is held still: ", holds), func(t *testing.T) {
			play(t, 1, func(c *chat.Config) { c.Retry.Backoff = 5 * time.Second }, func(r *rig) {
				failed := &log{}
				r.onMention(func(_ context.Context, _ *instance, ev *chat.MessageEvent) error {
					failed.add("%s", ev.Message.ID)
					return errHandler
				})
				ts := r.foreigner("t")
				receipt := r.send(0, "t", "m1")
				time.Sleep(time.Second)
				_, err := r.shared.Get(context.Background(), "chat:retries:"+ts.thread)
				require.NoError(t, err)
				ts.acquire()
				require.Equal(t, 1, ts.takeAll())
				if holds {
					time.Sleep(30 * time.Second)
				}
				ts.release()
				ctx, cancel := within(time.Minute)
				defer cancel()
				require.ErrorIs(t, receipt.Wait(ctx), chat.ErrMissing)
				time.Sleep(time.Minute)
				_, err = r.shared.Get(context.Background(), "chat:retries:"+ts.thread)
				require.ErrorIs(t, err, state.ErrNotFound)
				require.Equal(t, []string{"m1"}, failed.all())
				require.Len(t, r.reasons(chat.StepMissing), 1)
			})
		})
	}
}

// What another program's bound drops from the queue is reported; and while this
// instance has the lock it is handled all the same, as nobody else can have taken it.
func TestDroppedMessagesAreHandledUnderTheLock(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Concurrency.MaxQueueSize = 100 }, func(r *rig) {
		handled := &log{}
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			for _, m := range append(ev.Skipped, ev.Message) {
				handled.add("%s", m.ID)
			}
			return work(ctx, 6*time.Second)
		})
		var want []string
		var receipts []*chat.Receipt
		send := func(i int) {
			id := fmt.Sprintf("m%02d", i)
			receipts = append(receipts, r.send(0, "t", id))
			want = append(want, id)
			time.Sleep(10 * time.Millisecond)
		}
		for i := range 26 {
			send(i)
		}
		r.foreigner("t").enqueue("m26", 10)
		want = append(want, "m26")
		time.Sleep(time.Minute)
		require.Equal(t, want, handled.all(), "all, in order")
		require.Len(t, r.reasons(chat.StepMissing), 16)
		for _, receipt := range receipts {
			require.NoError(t, receipt.Wait(context.Background()))
		}
		require.Zero(t, r.count(chat.StepRecovered))
	})
}

// The same where another instance of ours has the lock: each instance reports what it
// has stored.
func TestDroppedMessagesAreReportedWhereTheyWereStored(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Concurrency.MaxQueueSize = 100 }, func(r *rig) {
		handled := &log{}
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			for _, m := range append(ev.Skipped, ev.Message) {
				handled.add("%s", m.ID)
			}
			return work(ctx, 6*time.Second)
		})
		r.send(0, "t", "m00")
		time.Sleep(100 * time.Millisecond)
		var receipts []*chat.Receipt
		for i := 1; i <= 25; i++ {
			receipts = append(receipts, r.send(1, "t", fmt.Sprintf("m%02d", i)))
		}
		r.foreigner("t").enqueue("m26", 10)
		ctx, cancel := within(time.Minute)
		defer cancel()
		for i, receipt := range receipts {
			if i < 16 {
				require.ErrorIs(t, receipt.Wait(ctx), chat.ErrMissing)
			} else {
				require.NoError(t, receipt.Wait(ctx))
			}
		}
		require.Len(t, handled.all(), 11)
		require.Len(t, r.reasons(chat.StepMissing), 16)
	})
}

// What waits here outlives the 90 s after which the enqueue of a TypeScript instance
// makes the whole queue expire, whoever has the lock meanwhile, or when nobody has.
func TestQueueOutlivesForeignExpiry(t *testing.T) {
	const long = 5 * time.Minute
	for name, c := range map[string]struct {
		handler func(ctx context.Context, call int) error
		foreign bool // has the lock
		alone   bool // the other instance of ours has died, and cannot look at what it stored
	}{
		"a handler runs": {alone: true, handler: func(ctx context.Context, call int) error {
			if call == 1 {
				return work(ctx, long)
			}
			return nil
		}},
		"a message waits for its next attempt": {handler: func(_ context.Context, call int) error {
			if call <= 3 {
				return errHandler
			}
			return nil
		}},
		"a TypeScript handler runs": {handler: func(context.Context, int) error { return nil }, foreign: true},
	} {
		t.Run(name, func(t *testing.T) {
			queues := &expiringQueues{ends: map[string]time.Time{}}
			configure := func(c *chat.Config) {
				c.Retry.Backoff, c.Retry.MaxBackoff = time.Minute, time.Minute
				c.State = &expiringStore{c.State.(listed), queues}
			}
			play(t, 2, configure, func(r *rig) {
				queues.shared = r.shared
				handled, calls := &log{}, atomic.Int64{}
				r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					if err := c.handler(ctx, int(calls.Add(1))); err != nil {
						return err
					}
					for _, m := range append(ev.Skipped, ev.Message) {
						handled.add("%s", m.ID)
					}
					return nil
				})
				ts := r.foreigner("t")
				if c.foreign {
					ts.acquire()
				}
				r.send(0, "t", "m1")
				time.Sleep(time.Second)
				r.send(1, "t", "m2")
				if c.alone {
					r.instances[1].store.Crash()
				}
				ts.enqueue("m3", 100)
				queues.set(ts.thread, 90*time.Second, false)
				if c.foreign {
					time.Sleep(long)
					ts.release()
				}
				time.Sleep(2 * long)
				require.Subset(t, handled.all(), []string{"m1", "m2"}, "m3 is worth 90 s")
				require.Zero(t, r.count(chat.StepMissing))
			})
		})
	}
}

// What is gone because the state was emptied is reported, too.
func TestMessagesOfAnEmptiedStateAreReported(t *testing.T) {
	playTaking(t, longLocks, untilTold, func(k *taking) {
		k.send(0, "t", "m0")
		time.Sleep(time.Second)
		receipt := k.send(0, "t", "m1")
		k.empty()
		k.send(1, "t", "m2")
		ctx, cancel := within(time.Minute)
		defer cancel()
		require.Error(t, receipt.Wait(ctx))
		time.Sleep(time.Minute)
		require.Len(t, k.reasons(chat.StepMissing), 2, "m0, whose handler was ended, and m1")
	})
}
