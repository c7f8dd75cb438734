package bottest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// G2: what a dead instance left is handled within lock TTL + sweep interval, also
// if messages keep coming to the thread: each of them makes it look as if it had
// not waited for long.
func TestDeadInstanceIsRecoveredInTimeWhileMessagesKeepComing(t *testing.T) {
	const bound = 3*time.Second + time.Second
	for _, gap := range []time.Duration{0, 500 * time.Millisecond, 1400 * time.Millisecond, 2500 * time.Millisecond, 2900 * time.Millisecond} {
		t.Run(fmt.Sprint(gap), func(t *testing.T) {
			play(t, 2, nil, func(r *rig) {
				var died, recovered atomic.Int64
				r.onMention(func(ctx context.Context, in *instance, _ *chat.MessageEvent) error {
					if in == r.instances[0] {
						<-ctx.Done()
						return context.Cause(ctx)
					}
					recovered.CompareAndSwap(0, time.Now().UnixNano())
					return nil
				})
				r.send(0, "t", "m0")
				time.Sleep(time.Second)
				r.instances[0].store.Crash()
				died.Store(time.Now().UnixNano())
				for n := 1; n <= 4 && gap > 0; n++ {
					time.Sleep(gap)
					r.send(1, "t", fmt.Sprint("m", n))
				}
				time.Sleep(time.Minute)
				require.NotZero(t, recovered.Load())
				took := time.Duration(recovered.Load() - died.Load())
				// The lock was last renewed up to a third of its TTL before.
				require.LessOrEqual(t, took, bound+10*time.Millisecond)
			})
		})
	}
}

// A message that was stored twice, because nobody heard that the first time had
// succeeded, is handled once, and is not its own predecessor.
func TestMessageStoredTwiceIsHandledOnce(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		var seen log
		busy := make(chan struct{})
		r.onMention(func(_ context.Context, _ *instance, ev *chat.MessageEvent) error {
			<-busy
			seen.add("%s after %d", ev.Message.ID, len(ev.Skipped))
			return nil
		})
		r.send(0, "t", "m0")
		time.Sleep(10 * time.Millisecond)
		r.send(0, "t", "m1")
		thread := string(r.instances[0].fake.Thread("c", "t"))
		waiting, err := r.shared.Waiting(context.Background(), thread)
		require.NoError(t, err)
		require.Len(t, waiting, 2)
		for range 2 {
			again := waiting[1].QueueEntry
			again.EnqueuedAt = time.Now()
			_, err = r.shared.Accept(context.Background(), thread, again, 0)
			require.NoError(t, err)
		}
		close(busy)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"m0 after 0", "m1 after 0"}, seen.all())
		depth, err := r.shared.QueueDepth(context.Background(), thread)
		require.NoError(t, err)
		require.Zero(t, depth)
		require.Equal(t, 2, r.count(chat.StepDuplicate))
	})
}

// stalling is a way to the state on which one answer takes longer than a lock
// lives, and nothing gets through meanwhile.
type stalling struct {
	listed
	key  string // the beginning of the key whose Set is answered late
	once sync.Once
}

func (s *stalling) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	err := s.Store.Set(ctx, key, value, ttl)
	if strings.HasPrefix(key, s.key) {
		s.once.Do(func() {
			s.SetAway(true)
			time.Sleep(10 * time.Second)
			s.SetAway(false)
		})
	}
	return err
}

// A handler is not called any more when the lock is lost between looking at the
// queue and the call.
func TestNoHandlerIsCalledWithoutTheLock(t *testing.T) {
	made := 0
	late := func(cfg *chat.Config) {
		if made++; made == 2 {
			cfg.State = &stalling{listed: cfg.State.(listed), key: "chat:retries:"}
		}
	}
	play(t, 2, late, func(r *rig) {
		var handled atomic.Int32
		r.onMention(func(ctx context.Context, in *instance, _ *chat.MessageEvent) error {
			if in == r.instances[0] {
				<-ctx.Done()
				return context.Cause(ctx)
			}
			require.NoError(t, ctx.Err(), "the handler is called too late")
			handled.Add(1)
			return nil
		})
		r.send(0, "t", "m")
		time.Sleep(time.Second)
		r.instances[0].store.Crash()
		time.Sleep(time.Minute)
		require.EqualValues(t, 1, handled.Load())
		require.Positive(t, r.count(chat.StepLockLost))
	})
}

// slowDepth is a way to the state on which the first answer about a queue takes a
// second.
type slowDepth struct {
	listed
	once sync.Once
}

func (s *slowDepth) QueueDepth(ctx context.Context, key string) (int, error) {
	depth, err := s.Store.QueueDepth(ctx, key)
	s.once.Do(func() { time.Sleep(time.Second) })
	return depth, err
}

// What an instance stores while it hears that the queue was empty is its business
// all the same: the holder of the lock may leave it behind.
func TestLookingAgainMissesNothing(t *testing.T) {
	made := 0
	late := func(cfg *chat.Config) {
		cfg.Lock.TTL = time.Hour
		if made++; made == 2 {
			cfg.State = &slowDepth{listed: cfg.State.(listed)}
		}
	}
	play(t, 2, late, func(r *rig) {
		got := &log{}
		r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
			got.add("%v:%s", in == r.instances[0], ev.Message.ID)
			if ev.Message.ID == "m3" {
				return work(ctx, 2*time.Second)
			}
			return work(ctx, 100*time.Millisecond)
		})
		r.send(0, "t", "m1")
		r.send(1, "t", "m2")
		time.Sleep(300 * time.Millisecond)
		r.send(0, "t", "m3")
		time.Sleep(100 * time.Millisecond)
		r.send(1, "t", "m4")
		require.NoError(t, r.instances[0].Shutdown(context.Background()))
		time.Sleep(2 * time.Second)
		require.Equal(t, []string{"true:m1", "true:m2", "true:m3", "false:m4"}, got.all())
	})
}
