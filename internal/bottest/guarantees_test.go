package bottest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/sim"
)

// G1: one handler at a time on a thread, across instances.
func TestOneHandlerAtATimeAcrossInstances(t *testing.T) {
	play(t, 3, nil, func(r *rig) {
		var live, ran atomic.Int32
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
			require.EqualValues(t, 1, live.Add(1))
			defer live.Add(-1)
			ran.Add(1)
			return work(ctx, 20*time.Millisecond)
		})
		for n := range 60 {
			r.send(n%3, "t", fmt.Sprint("m", n))
			time.Sleep(7 * time.Millisecond)
		}
		time.Sleep(time.Second)
		require.Equal(t, 60, r.count(chat.StepHandled)+r.count(chat.StepSkipped))
		require.Positive(t, ran.Load())
	})
}

// G1: a handler that runs longer than the TTL keeps its lock.
func TestLockIsRenewedWhileTheHandlerRuns(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		var live atomic.Int32
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
			require.EqualValues(t, 1, live.Add(1))
			defer live.Add(-1)
			return work(ctx, 20*time.Second)
		})
		r.send(0, "t", "m1")
		time.Sleep(10 * time.Second)
		r.send(1, "t", "m2")
		time.Sleep(time.Minute)
		require.Equal(t, 2, r.count(chat.StepHandled))
		require.Zero(t, r.count(chat.StepLockLost))
	})
}

// G1: when the backend is silent, the handler is told before anyone else can
// have its lock.
func TestHandlerIsCancelledBeforeAnotherCanHoldTheLock(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		var cancelled atomic.Bool
		causes := &log{}
		r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
			if in == r.instances[0] {
				<-ctx.Done()
				cancelled.Store(true)
				causes.add("%v", context.Cause(ctx))
				_, err := ev.Thread.Post(context.Background(), chat.Text("too late"))
				causes.add("%v", err)
				return ctx.Err()
			}
			require.True(t, cancelled.Load(), "the first handler still runs")
			return nil
		})
		r.send(0, "t", "m1")
		time.Sleep(1500 * time.Millisecond)
		r.instances[0].store.SetAway(true)
		for range 100 { // the other instance tries all the time
			time.Sleep(50 * time.Millisecond)
			_, _ = r.deliver(1, "t", "m2")
		}
		time.Sleep(10 * time.Second)
		require.True(t, cancelled.Load())
		require.Equal(t, []string{chat.ErrLockLost.Error(), chat.ErrLockLost.Error()}, causes.all())
		require.Empty(t, r.instances[0].fake.Posts(r.instances[0].fake.Thread("c", "t")))
		require.Positive(t, r.count(chat.StepHandled))
		r.instances[0].store.SetAway(false)
	})
}

// G1: a lock that is deleted or forced is noticed at the next renewal.
func TestForcedLockCancelsTheHandler(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		causes := &log{}
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			if ev.Attempt > 1 || len(causes.all()) > 0 {
				return nil
			}
			<-ctx.Done()
			causes.add("%v", context.Cause(ctx))
			return ctx.Err()
		})
		r.send(0, "t", "m1")
		time.Sleep(100 * time.Millisecond)
		require.NoError(t, r.shared.ForceReleaseLock(context.Background(), "fake:c:t"))
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{chat.ErrLockLost.Error()}, causes.all())
		require.Equal(t, 1, r.count(chat.StepHandled), "the message is handled again")
	})
}

// G1: a maximum lifetime frees the thread from a hung handler.
func TestHungHandlerIsLeftBehind(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Limits.MaxTurn = 5 * time.Second }, func(r *rig) {
		release := make(chan struct{})
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			if ev.Message.ID == "m1" && ev.Attempt == 1 {
				<-release // ignores its context
				require.ErrorIs(t, context.Cause(ctx), chat.ErrTurnTooLong)
				return errors.New("woke up too late")
			}
			return nil
		})
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		r.send(0, "t", "m2")
		time.Sleep(time.Minute)
		require.Equal(t, 1, r.count(chat.StepAbandoned))
		require.Equal(t, 2, r.count(chat.StepHandled)+r.count(chat.StepSkipped))
		close(release)
		time.Sleep(time.Minute)
	})
}

// G2 and c: what was accepted survives the death of its instance, whenever that
// comes.
func TestDeadInstancesMessagesAreHandledByAnother(t *testing.T) {
	testDeadInstancesMessages(t, nil)
}

func testDeadInstancesMessages(t *testing.T, configure func(*chat.Config)) {
	for _, after := range []time.Duration{0, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 50 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			play(t, 2, configure, func(r *rig) {
				handled := &log{}
				r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
					if in == r.instances[0] {
						return work(ctx, time.Hour)
					}
					for _, m := range ev.Skipped {
						handled.add("%s", m.ID)
					}
					handled.add("%s", ev.Message.ID)
					return nil
				})
				accepted := []string{}
				for n := range 3 {
					id := fmt.Sprint("m", n)
					if _, err := r.deliver(0, "t", id); err == nil {
						accepted = append(accepted, id)
					}
				}
				time.Sleep(after)
				r.instances[0].store.Crash()
				start := time.Now()
				for len(handled.all()) < len(accepted) && time.Since(start) < time.Minute {
					time.Sleep(10 * time.Millisecond)
				}
				require.ElementsMatch(t, accepted, handled.all())
				require.Less(t, time.Since(start), 3*time.Second+time.Second+500*time.Millisecond, "lock TTL + sweep interval")
			})
		})
	}
}

// G3 and a: a message that arrives while the holder is finishing is handled
// without a further one.
func TestNoMessageIsStrandedAtHandOver(t *testing.T) {
	for offset := -4 * time.Millisecond; offset <= 7*time.Millisecond; offset += 250 * time.Microsecond {
		for round := range 5 {
			play(t, 2, func(c *chat.Config) { c.Lock.SweepInterval = time.Hour }, func(r *rig) {
				var ran atomic.Int32
				r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
					ran.Add(1)
					return work(ctx, 25*time.Millisecond)
				})
				thread := fmt.Sprint("t", round)
				r.send(0, thread, "m1")
				time.Sleep(25*time.Millisecond + offset)
				r.send(1, thread, "m2")
				time.Sleep(500 * time.Millisecond)
				require.EqualValues(t, 2, ran.Load(), "offset %v", offset)
			})
		}
	}
}

// G4 and b: a handler that fails or panics takes nothing with it.
func TestFailureLeavesTheQueueAlone(t *testing.T) {
	for name, failing := range map[string]func() error{
		"error": func() error { return errHandler },
		"panic": func() error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 1, func(c *chat.Config) { c.Retry.MaxAttempts = 3 }, func(r *rig) {
				got := &log{}
				r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					got.add("%s/%d", ev.Message.ID, ev.Attempt)
					if ev.Message.ID == "bad" {
						if err := work(ctx, 10*time.Millisecond); err != nil {
							return err
						}
						return failing()
					}
					return nil
				})
				bad := r.send(0, "t", "bad")
				time.Sleep(3 * time.Millisecond)
				r.send(0, "t", "good")
				r.send(0, "other", "elsewhere")
				time.Sleep(time.Minute)
				require.Equal(t, []string{"bad/1", "elsewhere/1", "bad/2", "bad/3", "good/1"}, got.all(), "order is kept, other threads go on")
				require.Equal(t, 1, r.count(chat.StepDead))

				letters, err := r.instances[0].DeadLetters(context.Background())
				require.NoError(t, err)
				require.Len(t, letters, 1)
				require.Equal(t, chat.MessageID("bad"), letters[0].Message.ID)
				require.Equal(t, 3, letters[0].Attempts)
				require.Error(t, bad.Wait(context.Background()))
				require.NoError(t, r.instances[0].ReplayDeadLetter(context.Background(), letters[0].ID))
				time.Sleep(5 * time.Millisecond)
				require.Equal(t, "bad/1", got.all()[5])
			})
		})
	}
}

// What a panic says and where it came from stand in the log, in one line and
// bounded; the dead letter has its value.
func TestAPanicIsToldInTheLog(t *testing.T) {
	var index []int
	for name, test := range map[string]struct {
		value func()
		want  string
	}{
		"text":    {func() { panic("no such customer") }, "no such customer"},
		"error":   {func() { panic(errHandler) }, errHandler.Error()},
		"runtime": {func() { index[0]++ }, "index out of range [0] with length 0"},
		"long":    {func() { panic(strings.Repeat("é", 10_000)) }, strings.Repeat("é", 250) + "…"},
		"broken":  {func() { panic("a\xffb") }, "a�b"},
		"nested":  {func() { defer func() { panic(fmt.Sprint("then ", recover())) }(); panic("first") }, "then first"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			play(t, 1, func(c *chat.Config) {
				c.Logger = slog.New(slog.NewJSONHandler(&out, nil))
				c.Retry.MaxAttempts = 1
			}, func(r *rig) {
				r.onMention(func(context.Context, *instance, *chat.MessageEvent) error {
					test.value()
					return nil
				})
				require.ErrorContains(t, r.send(0, "t", "m1").Wait(context.Background()), test.want)
				letters, err := r.instances[0].DeadLetters(context.Background())
				require.NoError(t, err)
				require.Contains(t, letters[0].Error, test.want)
				require.Less(t, len(letters[0].Error), 1000)
			})
			for line := range strings.Lines(out.String()) {
				var entry struct{ Msg, Level, Panic, Stack string }
				require.NoError(t, json.Unmarshal([]byte(line), &entry))
				if entry.Msg != "handler-panicked" {
					continue
				}
				require.Equal(t, "ERROR", entry.Level)
				require.Contains(t, entry.Panic, test.want)
				require.LessOrEqual(t, len(entry.Panic), 510)
				require.Regexp(t, `^bottest\.TestAPanicIsToldInTheLog\.[\w.]+ \(bottest/guarantees_test\.go:\d+\) < `, entry.Stack)
				require.NotContains(t, entry.Stack, "\n")
				require.NotContains(t, entry.Stack, "runtime.")
				require.NotContains(t, entry.Stack, "chat/drain.go", "the bot's own calls are left out")
				return
			}
			t.Fatal("the log has no line about the panic")
		})
	}
}

// G4: with Overtake, later messages do not wait for a retry.
func TestOvertakeLetsLaterMessagesPass(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Retry = chat.Retry{Overtake: true, Backoff: 10 * time.Second} }, func(r *rig) {
		got := &log{}
		r.onMention(func(_ context.Context, _ *instance, ev *chat.MessageEvent) error {
			got.add("%s/%d", ev.Message.ID, ev.Attempt)
			if ev.Message.ID == "bad" && ev.Attempt == 1 {
				return errHandler
			}
			return nil
		})
		r.send(0, "t", "bad")
		time.Sleep(100 * time.Millisecond)
		r.send(0, "t", "good")
		time.Sleep(time.Minute)
		require.Equal(t, []string{"bad/1", "good/1", "bad/2"}, got.all())
	})
}

// G5 and e: under channel scope no thread's message is lost to another's.
func TestChannelScopeLosesNoThread(t *testing.T) {
	play(t, 2, func(c *chat.Config) {
		c.Lock.Scope = func(*chat.Message) chat.LockScope { return chat.ScopeChannel }
	}, func(r *rig) {
		got := &log{}
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			for _, m := range ev.Skipped {
				require.Equal(t, ev.Thread.ID(), m.ThreadID)
				got.add("%s", m.ID)
			}
			got.add("%s", ev.Message.ID)
			return work(ctx, 30*time.Millisecond)
		})
		r.send(0, "t1", "m0")
		time.Sleep(5 * time.Millisecond)
		for n, thread := range []string{"t1", "t2", "t3", "t2", "t1"} {
			r.send(n%2, thread, fmt.Sprint("m", n+1))
		}
		time.Sleep(5 * time.Second)
		require.ElementsMatch(t, []string{"m0", "m1", "m2", "m3", "m4", "m5"}, got.all())
	})
}

// G6 and d: a redelivery is refused while the first attempt lives and after it
// succeeded, and handled again when it was given up.
func TestRedelivery(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Retry.MaxAttempts = 1 }, func(r *rig) {
		got := &log{}
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			got.add("%s", ev.Message.ID)
			if ev.Message.ID == "bad" {
				return errHandler
			}
			return work(ctx, time.Second)
		})
		r.send(0, "t", "m1")
		time.Sleep(500 * time.Millisecond)
		r.send(1, "t", "m1") // while it runs
		time.Sleep(5 * time.Second)
		r.send(1, "t", "m1") // after it succeeded
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"m1"}, got.all())
		require.Equal(t, 2, r.count(chat.StepDuplicate))

		r.send(0, "t", "bad")
		time.Sleep(5 * time.Second)
		r.send(1, "t", "bad") // after it was given up
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"m1", "bad", "bad"}, got.all())

		// A TypeScript instance's record.
		require.NoError(t, r.shared.Set(context.Background(), "dedupe:fake:m9", []byte("true"), time.Minute))
		r.send(0, "t", "m9")
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"m1", "bad", "bad"}, got.all())
	})
}

// A message that finds its thread free takes two calls of the state: one that claims,
// locks and stores it and looks at its queue, and one that settles it and releases the
// lock.
func TestMessageTakesTwoTrips(t *testing.T) {
	configure := func(c *chat.Config) {
		c.State = sim.Trips{Store: c.State.(listed).Store}
		c.Lock.SweepInterval = time.Hour
	}
	play(t, 1, configure, func(r *rig) {
		in := r.instances[0]
		var ran atomic.Int32
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error { ran.Add(1); return nil })
		in.OnReaction(func(context.Context, *chat.ReactionEvent) error { ran.Add(1); return nil })
		r.send(0, "t", "m1")
		time.Sleep(5 * time.Second)
		for what, deliver := range map[string]func(){
			"on another thread": func() { r.send(0, "u", "m2") },
			"on the same":       func() { r.send(0, "t", "m3") },
			"of a reaction": func() {
				_, err := in.fake.Host().Deliver(context.Background(), &chat.ReactionEvent{
					EventBase: chat.EventBase{ID: "e1", ThreadID: "fake:c:t", User: chat.Author{UserID: "u1"}}, MessageID: "m1", RawEmoji: "+1", Added: true,
				})
				require.NoError(t, err)
			},
		} {
			before, handled := in.store.Calls(), ran.Load()
			deliver()
			time.Sleep(10 * time.Millisecond) // nothing is polled meanwhile
			require.EqualValues(t, 2, in.store.Calls()-before, what)
			require.EqualValues(t, 1, ran.Load()-handled, what)
		}
	})
}

// A redelivery of a handled message asks the state one thing, and does not take the
// thread's lock from anybody.
func TestRedeliveryIsOneTrip(t *testing.T) {
	configure := func(c *chat.Config) {
		c.State = sim.Trips{Store: c.State.(listed).Store}
		c.Lock.SweepInterval = time.Hour
	}
	play(t, 1, configure, func(r *rig) {
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error { return nil })
		r.send(0, "t", "m1")
		time.Sleep(5 * time.Second)
		in := r.instances[0]
		before := in.store.Calls()
		r.send(0, "t", "m1")
		lock, err := r.shared.AcquireLock(context.Background(), string(in.fake.Thread("c", "t")), time.Minute)
		require.NoError(t, err)
		require.NoError(t, r.shared.ReleaseLock(context.Background(), lock))
		time.Sleep(5 * time.Second)
		require.EqualValues(t, 1, in.store.Calls()-before)
		require.Equal(t, 1, r.count(chat.StepDuplicate))
	})
}

// G6: a claim left by an instance that died before it stored the message does
// not keep the redelivery out.
func TestRedeliveryAfterACrashBeforeStoring(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		var ran atomic.Int32
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error { ran.Add(1); return nil })
		require.NoError(t, r.shared.Connect(context.Background()))
		_, err := r.shared.SetIfNotExists(context.Background(), "dedupe:fake:m1", state.NewClaim(time.Now()), time.Hour)
		require.NoError(t, err)
		_, err = r.deliver(0, "t", "m1")
		require.ErrorIs(t, err, chat.ErrBusy, "the platform is asked to deliver again")
		time.Sleep(20 * time.Second)
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		require.EqualValues(t, 1, ran.Load())
	})
}

// G7: while the state is away nothing is accepted; when it is back, the bot goes
// on by itself.
func TestStateOutage(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		var ran atomic.Int32
		r.onMention(func(context.Context, *instance, *chat.MessageEvent) error { ran.Add(1); return nil })
		time.Sleep(time.Second)
		r.instances[0].store.SetAway(true)
		_, err := r.deliver(0, "t", "m1")
		require.ErrorIs(t, err, state.ErrUnavailable)
		require.Equal(t, 503, chat.HTTPStatus(err))
		time.Sleep(20 * time.Second)
		r.instances[0].store.SetAway(false)
		r.send(0, "t", "m1")
		time.Sleep(10 * time.Second)
		require.EqualValues(t, 1, ran.Load())
	})
}

// G8: shutdown handles what the instance has accepted, also what waits: another
// would find it only when it has waited for as long as a lock lives.
func TestShutdownHandlesWhatWasAccepted(t *testing.T) {
	for name, handlers := range map[string]int{"waiting for the thread": 512, "waiting for a slot": 1} {
		t.Run(name, func(t *testing.T) {
			play(t, 2, func(c *chat.Config) { c.Limits.MaxHandlers = handlers }, func(r *rig) {
				got := &log{}
				r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
					err := work(ctx, 2*time.Second)
					got.add("%v:%s:%v", in == r.instances[0], ev.Message.ID, err)
					return err
				})
				r.send(0, "t", "m1")
				time.Sleep(time.Second)
				thread := "t"
				if handlers == 1 {
					thread = "other"
				}
				r.send(0, thread, "m2")
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				require.NoError(t, r.instances[0].Shutdown(ctx))
				require.Equal(t, []string{"true:m1:<nil>", "true:m2:<nil>"}, got.all())
				_, err := r.deliver(0, "t", "m3")
				require.ErrorIs(t, err, chat.ErrShutdown)
				time.Sleep(20 * time.Second)
				require.Len(t, got.all(), 2)
			})
		})
	}
}

// G8: shutdown leaves to others what they have accepted, and they go on within a
// second.
func TestShutdownHandsOver(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Lock.TTL = time.Minute }, func(r *rig) {
		got := &log{}
		r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
			got.add("%v:%s", in == r.instances[0], ev.Message.ID)
			return work(ctx, 2*time.Second)
		})
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		r.send(1, "t", "m2")
		require.NoError(t, r.instances[0].Shutdown(context.Background()))
		require.Equal(t, []string{"true:m1"}, got.all())
		time.Sleep(time.Second)
		require.Equal(t, []string{"true:m1", "false:m2"}, got.all())
		time.Sleep(20 * time.Second)
		require.Equal(t, 2, r.count(chat.StepHandled))
	})
}

// G8: of two instances that end at the same time one handles what the other would
// leave to it.
func TestInstancesThatEndTogetherLeaveNothing(t *testing.T) {
	for name, before := range map[string]time.Duration{"refused before": 2 * time.Second, "refused just now": 0} {
		t.Run(name, func(t *testing.T) {
			play(t, 2, func(c *chat.Config) { c.Lock.TTL = time.Hour }, func(r *rig) {
				got := &log{}
				r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
					got.add("%v:%s", in == r.instances[0], ev.Message.ID)
					return work(ctx, 3*time.Second)
				})
				r.send(0, "t", "m1")
				r.send(1, "t", "m2")
				time.Sleep(before)
				var ending sync.WaitGroup
				for _, in := range r.instances {
					ending.Go(func() { require.NoError(t, in.Shutdown(context.Background())) })
				}
				ending.Wait()
				require.Equal(t, []string{"true:m1", "false:m2"}, got.all())
			})
		})
	}
}

// G8: a shutdown waits for another instance's handler no longer than until its
// deadline.
func TestShutdownWaitsForOthersUntilItsDeadline(t *testing.T) {
	play(t, 2, func(c *chat.Config) { c.Lock.TTL = time.Hour }, func(r *rig) {
		r.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error { return work(ctx, time.Minute) })
		r.send(0, "t", "m1")
		r.send(1, "t", "m2")
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(t, r.instances[1].Shutdown(ctx))
		require.Less(t, time.Since(start), 6*time.Second)
		time.Sleep(3 * time.Minute)
		require.Equal(t, 2, r.count(chat.StepHandled))
	})
}

// G8: a handler that outlasts the deadline is cancelled with the cause, and its
// message is handled elsewhere.
func TestShutdownCancelsAtItsDeadline(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &log{}
		r.onMention(func(ctx context.Context, in *instance, _ *chat.MessageEvent) error {
			if in == r.instances[0] {
				err := work(ctx, time.Hour)
				got.add("%v", err)
				return err
			}
			got.add("taken over")
			return nil
		})
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		require.NoError(t, r.instances[0].Shutdown(ctx))
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{chat.ErrShutdown.Error(), "taken over"}, got.all())
	})
}

// CancelTurn stops the running turn wherever it runs.
func TestCancelTurnAcrossInstances(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &log{}
		var at time.Time
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			err := work(ctx, time.Minute)
			got.add("%s %v %v", ev.Message.ID, err, time.Since(at) < time.Second)
			return err
		})
		r.send(0, "t", "m1")
		time.Sleep(3 * time.Second)
		at = time.Now()
		require.NoError(t, r.instances[1].CancelTurn(context.Background(), "fake:c:t"))
		time.Sleep(2 * time.Second)
		require.Equal(t, []string{"m1 " + chat.ErrTurnCancelled.Error() + " true"}, got.all())
		require.Equal(t, 1, r.count(chat.StepCancelled))
		require.ErrorIs(t, r.instances[0].CancelTurn(context.Background(), "nobody:c:t"), chat.ErrUnknownAdapter)
	})
}

// G6: a message that quotes another is not taken for it.
func TestQuotedMessageIsNotADuplicate(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &log{}
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			for _, m := range ev.Skipped {
				got.add("%s", m.ID)
			}
			got.add("%s", ev.Message.ID)
			return work(ctx, 30*time.Second)
		})
		require.NoError(t, r.shared.Connect(context.Background()))
		// m1 was claimed by an instance that died; m2 quotes it and waits.
		_, err := r.shared.SetIfNotExists(context.Background(), "dedupe:fake:m1", state.NewClaim(time.Now().Add(-time.Minute)), time.Hour)
		require.NoError(t, err)
		in := r.instances[0]
		quoting := mention(in.fake, "t", "m2")
		quoting.ReplyTo = mention(in.fake, "t", "m1")
		_, err = in.fake.Send(context.Background(), quoting)
		require.NoError(t, err)
		r.send(0, "t", "m1")
		time.Sleep(2 * time.Minute)
		require.ElementsMatch(t, []string{"m2", "m1"}, got.all())
	})
}
