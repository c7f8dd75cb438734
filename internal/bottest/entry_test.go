package bottest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// skewed is the state of an instance whose clock is wrong.
type skewed struct {
	listed
	by time.Duration
}

func (s skewed) Accept(ctx context.Context, id string, e state.QueueEntry, maxSize int) (int, error) {
	e.EnqueuedAt, e.ExpiresAt = e.EnqueuedAt.Add(s.by), e.ExpiresAt.Add(s.by)
	return s.Store.Accept(ctx, id, e, maxSize)
}

// j: a message does not expire, and does not wait for longer, because the clock of
// the instance that stored it is wrong.
func TestClockOfTheInstanceThatStoredAMessage(t *testing.T) {
	for _, by := range []time.Duration{-time.Hour, time.Hour} {
		for _, strategy := range []chat.Strategy{chat.StrategyQueue, chat.StrategyDebounce, chat.StrategyBurst} {
			t.Run(fmt.Sprintf("%v/%v", by, strategy), func(t *testing.T) {
				first := true
				configure := func(c *chat.Config) {
					c.Concurrency = chat.Concurrency{Strategy: strategy, Window: time.Second}
					if first {
						c.State = skewed{c.State.(listed), by}
						first = false
					}
				}
				play(t, 2, configure, func(r *rig) {
					var handled log
					r.onMention(func(ctx context.Context, in *instance, ev *chat.MessageEvent) error {
						if in == r.instances[0] {
							return work(ctx, time.Hour)
						}
						handled.add("%s", ev.Message.ID)
						return nil
					})
					r.send(0, "t", "m1")
					time.Sleep(100 * time.Millisecond)
					r.instances[0].store.Crash()
					// The lock's TTL, a sweep, and the window.
					time.Sleep(3*time.Second + time.Second + time.Second + 100*time.Millisecond)
					require.Equal(t, []string{"m1"}, handled.all())
					require.Zero(t, r.count(chat.StepExpired))
				})
			})
		}
	}
}

// k: a platform's payload waits with its message only where it is wanted, for any
// instance, and is gone from the state when the message has been handled.
func TestRawPayload(t *testing.T) {
	for discard, want := range map[bool][]string{
		false: {`message {"secret":1} {"secret":2}`, `edit {"secret":3} {"secret":4} {"secret":5}`},
		true:  {"message  ", "edit   "},
	} {
		for _, crashes := range []bool{false, true} {
			t.Run(fmt.Sprintf("discard %v, crash %v", discard, crashes), func(t *testing.T) {
				play(t, 2, func(c *chat.Config) { c.Storage.DiscardRaw = discard }, func(r *rig) {
					var got log
					stops := func(ctx context.Context, in *instance) error {
						if crashes && in == r.instances[0] {
							return work(ctx, time.Hour)
						}
						return nil
					}
					for _, in := range r.instances {
						in.OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
							if err := stops(ctx, in); err != nil {
								return err
							}
							got.add("message %s %s", ev.Message.Raw, ev.Message.ReplyTo.Raw)
							return work(ctx, time.Second)
						})
						in.OnMessageUpdated(func(ctx context.Context, ev *chat.MessageUpdatedEvent) error {
							if err := stops(ctx, in); err != nil {
								return err
							}
							got.add("edit %s %s %s", ev.Raw, ev.Message.Raw, ev.Previous.Raw)
							return work(ctx, time.Second)
						})
					}
					ctx := context.Background()
					host := r.instances[0].fake.Host()
					with := func(id string, secret int) *chat.Message {
						m := mention(r.instances[0].fake, "t", id)
						m.Raw = json.RawMessage(fmt.Sprintf(`{"secret":%d}`, secret))
						return m
					}
					m := with("m1", 1)
					m.ReplyTo = with("m0", 2)
					_, err := host.Deliver(ctx, m)
					require.NoError(t, err)
					edit := &chat.MessageUpdatedEvent{
						EventBase: chat.EventBase{ID: "e1", ThreadID: m.ThreadID, Raw: json.RawMessage(`{"secret":3}`)},
						Message:   with("m2", 4), Previous: with("m2", 5),
					}
					_, err = host.Deliver(ctx, edit)
					require.NoError(t, err)
					keys, err := r.shared.WaitingThreads(ctx, time.Now().Add(time.Hour), 0)
					require.NoError(t, err)
					require.Len(t, keys, 2)
					for _, key := range keys {
						waiting, err := r.shared.Waiting(ctx, key)
						require.NoError(t, err)
						require.Len(t, waiting, 1)
						if discard {
							require.NotContains(t, string(waiting[0].Message), "secret")
						}
					}
					if crashes {
						r.instances[0].store.Crash()
					}
					time.Sleep(time.Minute)
					require.ElementsMatch(t, want, got.all())
					for _, key := range keys {
						depth, err := r.shared.QueueDepth(ctx, key)
						require.NoError(t, err)
						require.Zero(t, depth)
					}
				})
			})
		}
	}
}
