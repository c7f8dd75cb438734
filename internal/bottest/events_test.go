package bottest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// r: events other than messages are protected against redelivery, crashes and
// failures like messages.
func TestEventsAreHandledOnceAndSurviveCrashes(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &log{}
		for i, in := range r.instances {
			in.OnReaction(func(ctx context.Context, ev *chat.ReactionEvent) error {
				if i == 0 {
					return work(ctx, time.Hour)
				}
				got.add("%s %s %v %s", ev.Emoji.Name(), ev.MessageID, ev.Added, ev.Thread.ID())
				return nil
			}, "wave")
		}
		reaction := func() *chat.ReactionEvent {
			return &chat.ReactionEvent{
				EventBase: chat.EventBase{ID: "e1", ThreadID: "fake:c:t", User: chat.Author{UserID: "u1"}},
				MessageID: "m1", Emoji: "wave", RawEmoji: "👋", Added: true,
			}
		}
		_, err := r.instances[0].fake.Host().Deliver(context.Background(), reaction())
		require.NoError(t, err)
		time.Sleep(50 * time.Millisecond)
		r.instances[0].store.Crash()
		_, err = r.instances[1].fake.Host().Deliver(context.Background(), reaction())
		require.NoError(t, err, "a redelivery while it is in good hands")
		time.Sleep(20 * time.Second)
		require.Equal(t, []string{"wave m1 true fake:c:t"}, got.all())
		_, err = r.instances[1].fake.Host().Deliver(context.Background(), reaction())
		require.NoError(t, err)
		time.Sleep(20 * time.Second)
		require.Len(t, got.all(), 1)
	})
}

func TestEveryEventReachesItsHandlers(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		bot, host := r.instances[0], r.instances[0].fake.Host()
		got := &log{}
		bot.Use(func(next chat.Handler) chat.Handler {
			return func(ctx context.Context, ev chat.Event) error {
				got.add("use %s", ev.EventName())
				return next(ctx, ev)
			}
		})
		bot.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
			got.add("%s=%s", ev.ActionID, ev.Value)
			return nil
		}, "approve", "deny")
		bot.OnSlashCommand(func(_ context.Context, ev *chat.SlashCommandEvent) error {
			got.add("%s %s", ev.Command, ev.Text)
			return nil
		}, "status")
		bot.OnMessageUpdated(func(_ context.Context, ev *chat.MessageUpdatedEvent) error {
			got.add("%s -> %s", ev.Previous.Text, ev.Message.Text)
			return nil
		})
		bot.OnMessageDeleted(func(_ context.Context, ev *chat.MessageDeletedEvent) error {
			got.add("deleted %s", ev.MessageID)
			return nil
		})
		bot.OnModalClosed(func(_ context.Context, ev *chat.ModalClosedEvent) error {
			got.add("closed %s", ev.CallbackID)
			return nil
		})
		bot.OnMembership(func(_ context.Context, ev *chat.MembershipEvent) error {
			if ev.User.Me {
				got.add("the bot joined %v by %s", ev.Joined, ev.Inviter.UserID)
				return nil
			}
			got.add("%s joined %v", ev.User.UserID, ev.Joined)
			return nil
		})
		bot.OnInstallation(func(_ context.Context, ev *chat.InstallationEvent) error {
			got.add("%s %v %v", ev.Workspace, ev.Installed, ev.Thread)
			return nil
		})
		reg := bot.OnPlatformEvent(func(_ context.Context, ev *chat.PlatformEvent) error { got.add("%s", ev.Data); return nil }, "fake:home")

		base := func(id string) chat.EventBase {
			return chat.EventBase{ID: id, ThreadID: "fake:c:t", User: chat.Author{UserID: "u1"}}
		}
		var mu sync.Mutex
		deliver := func(ev chat.Inbound) {
			mu.Lock()
			defer mu.Unlock()
			receipt, err := host.Deliver(context.Background(), ev)
			require.NoError(t, err)
			require.NoError(t, receipt.Wait(context.Background()))
		}
		deliver(&chat.ActionEvent{EventBase: base("1"), ActionID: "approve", Value: "7"})
		deliver(&chat.ActionEvent{EventBase: base("2"), ActionID: "other"})
		deliver(&chat.SlashCommandEvent{EventBase: base("3"), Command: "/status", Text: "now"})
		deliver(&chat.MessageUpdatedEvent{EventBase: base("4"), Message: &chat.Message{ID: "m", Text: "b"}, Previous: &chat.Message{ID: "m", Text: "a"}})
		deliver(&chat.MessageDeletedEvent{EventBase: base("5"), MessageID: "m"})
		deliver(&chat.ModalClosedEvent{EventBase: base("6"), CallbackID: "form"})
		deliver(&chat.MembershipEvent{EventBase: base("7"), Joined: true})
		deliver(&chat.InstallationEvent{EventBase: chat.EventBase{User: chat.Author{UserID: "u1"}}, Workspace: "T1", Installed: true})
		deliver(&chat.PlatformEvent{EventBase: base("8"), Name: "fake:home", Data: json.RawMessage(`{"tab":"home"}`)})
		reg.Remove()
		deliver(&chat.PlatformEvent{EventBase: base("9"), Name: "fake:home", Data: json.RawMessage(`{}`)})
		own := base("10")
		own.User.Me = true
		deliver(&chat.MembershipEvent{EventBase: own, Joined: true, Inviter: &chat.Author{UserID: "u1"}})
		own.ID = "11"
		deliver(&chat.ActionEvent{EventBase: own, ActionID: "approve"})

		require.Equal(t, []string{
			"use action", "approve=7", "use slash-command", "/status now", "use message-updated", "a -> b",
			"use message-deleted", "deleted m", "use modal-closed", "closed form", "use membership", "u1 joined true",
			"use installation", "T1 true <nil>", "use platform", `{"tab":"home"}`,
			"use membership", "the bot joined true by u1",
		}, got.all())

		_, err := host.Deliver(context.Background(), &chat.ActionEvent{EventBase: chat.EventBase{ThreadID: "other:c:t"}, ActionID: "approve"})
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
	})
}

func TestFailingEventBecomesADeadLetterThatCanBeReplayed(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Retry.MaxAttempts = 2 }, func(r *rig) {
		bot := r.instances[0]
		got := &log{}
		bot.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
			got.add("%s/%d", ev.ActionID, ev.Attempt)
			if len(got.all()) <= 2 {
				return errHandler
			}
			return nil
		})
		_, err := bot.fake.Host().Deliver(context.Background(), &chat.ActionEvent{EventBase: chat.EventBase{ID: "1", ThreadID: "fake:c:t"}, ActionID: "a"})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		letters, err := bot.DeadLetters(context.Background())
		require.NoError(t, err)
		require.Len(t, letters, 1)
		require.NoError(t, bot.ReplayDeadLetter(context.Background(), letters[0].ID))
		time.Sleep(time.Minute)
		require.Equal(t, []string{"a/1", "a/2", "a/1"}, got.all())
		letters, err = bot.DeadLetters(context.Background())
		require.NoError(t, err)
		require.Empty(t, letters)
	})
}

func TestSuppliedMiddleware(t *testing.T) {
	var out bytes.Buffer
	play(t, 1, func(c *chat.Config) { c.Retry.MaxAttempts = 1 }, func(r *rig) {
		r.instances[0].Use(chat.Logging(slog.New(slog.NewTextHandler(&out, nil))), chat.Timeout(time.Second))
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			if ev.Message.ID == "slow" {
				return work(ctx, time.Hour)
			}
			return nil
		})
		r.send(0, "t", "quick")
		r.send(0, "t2", "slow")
		time.Sleep(10 * time.Second)
	})
	require.Contains(t, out.String(), `level=INFO msg=handler-returned event=mention`)
	require.Contains(t, out.String(), `level=WARN msg=handler-returned event=mention`)
	require.Contains(t, out.String(), `message=slow attempt=1 error="context deadline exceeded"`)
	require.NotContains(t, out.String(), "@bot", "no message text")
}

func TestAThreadIsForgotten(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		ctx, in := context.Background(), r.instances[0]
		host := in.fake.Host()
		thread, err := in.Thread("fake:c:t")
		require.NoError(t, err)
		other, err := in.Thread("fake:c:other")
		require.NoError(t, err)
		for _, th := range []*chat.Thread{thread, other} {
			require.NoError(t, th.Subscribe(ctx))
			require.NoError(t, chat.ThreadData[int](th).Set(ctx, 7))
			data, err := (&chat.Message{ID: "m1", ThreadID: th.ID(), Text: "kept"}).MarshalJSON()
			require.NoError(t, err)
			require.NoError(t, r.shared.AppendToList(ctx, "msg-history:"+string(th.ID()), data, state.ListOptions{}))
		}
		require.NoError(t, host.ForgetThread(ctx, thread.ID()))
		kept, err := host.History(ctx, thread.ID())
		require.NoError(t, err)
		require.Empty(t, kept, "at once")
		time.Sleep(2 * time.Millisecond)
		list, err := r.shared.GetList(ctx, "msg-history:"+string(thread.ID()))
		require.NoError(t, err)
		require.Empty(t, list, "nothing of it is left")
		subscribed, err := thread.IsSubscribed(ctx)
		require.NoError(t, err)
		require.False(t, subscribed)
		value, err := chat.ThreadData[int](thread).Get(ctx)
		require.NoError(t, err)
		require.Zero(t, value)

		kept, err = host.History(ctx, other.ID())
		require.NoError(t, err)
		require.Len(t, kept, 1, "other threads stay")
		require.ErrorIs(t, host.ForgetThread(ctx, "elsewhere:c:t"), chat.ErrInvalidArgument)
	})
}

// An event that is stored while the bot is told to stop at once is left in the
// queue, also where looking at a queue empties it.
func TestEventStaysInTheQueueWhenTheBotStops(t *testing.T) {
	for _, durability := range []chat.Durability{chat.DurabilityInbox, chat.DurabilityNone} {
		play(t, 1, func(c *chat.Config) { c.Durability = durability }, func(r *rig) {
			bot := r.instances[0]
			bot.OnReaction(func(context.Context, *chat.ReactionEvent) error { return nil })
			require.NoError(t, bot.store.Connect(context.Background()))
			delivered := make(chan error, 1)
			go func() {
				_, err := bot.fake.Host().Deliver(context.Background(), &chat.ReactionEvent{EventBase: chat.EventBase{ID: "r1"}})
				delivered <- err
			}()
			synctest.Wait() // it waits for the state now
			over, cancel := context.WithCancel(context.Background())
			cancel()
			require.NoError(t, bot.Shutdown(over))
			require.NoError(t, <-delivered)
			depth, err := r.shared.QueueDepth(context.Background(), "chat:event:fake:event:r1")
			require.NoError(t, err)
			require.Equal(t, 1, depth)
		})
	}
}
