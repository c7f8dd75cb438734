package bottest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func TestAStreamStopsWhenItsTurnIsCancelled(t *testing.T) {
	for name, disabled := range map[string][]chattest.Ability{"native": nil, "edited": {chattest.Streamer}} {
		t.Run(name, func(t *testing.T) {
			playOn(t, 2, chattest.Config{Without: disabled}, nil, func(r *rig) {
				posted := make(chan error, 1)
				r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					_, err := ev.Thread.Post(ctx, chat.Stream(func(yield func(string, error) bool) {
						for {
							if err := work(ctx, 200*time.Millisecond); err != nil {
								yield("", err)
								return
							}
							if !yield("word ", nil) {
								return
							}
						}
					}))
					posted <- err
					return err
				})
				receipt := r.send(0, "t", "m1")
				time.Sleep(1900 * time.Millisecond)
				require.NoError(t, r.instances[1].CancelTurn(context.Background(), r.instances[0].fake.Thread("c", "t")))
				require.ErrorIs(t, <-posted, chat.ErrTurnCancelled)
				require.NoError(t, receipt.Wait(context.Background()))
				posts := r.instances[0].fake.Posts(r.instances[0].fake.Thread("c", "t"))
				require.Len(t, posts, 1)
				require.Regexp(t, `^(word ){9,11}$`, posts[0].Text, "what came is shown, and no mark")
			})
		})
	}
}

func TestAThreadOfATurnThatIsOverPostsNothing(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		var thread *chat.Thread
		plan := chat.NewPlan("x")
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			thread = ev.Thread
			_, err := ev.Thread.Post(ctx, plan)
			return err
		})
		require.NoError(t, r.send(0, "t", "m1").Wait(context.Background()))
		time.Sleep(time.Minute)
		_, err := thread.Post(context.Background(), chat.Text("late"))
		require.Error(t, err)
		_, err = thread.Channel().Post(context.Background(), chat.Text("late"))
		require.Error(t, err)
		require.Error(t, plan.SetTitle(context.Background(), "late"))
		require.Len(t, r.instances[0].fake.Posts(thread.ID()), 1)
	})
}

func TestChannelStateIsSharedByItsThreads(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			_, err := chat.ChannelData[int](ev.Thread.Channel()).Update(ctx, func(n int) (int, error) { return n + 1, nil })
			return err
		})
		for i, thread := range []string{"a", "b", "c"} {
			require.NoError(t, r.send(i%2, thread, thread).Wait(context.Background()))
		}
		channel, err := r.instances[0].Channel("fake:c")
		require.NoError(t, err)
		n, err := chat.ChannelData[int](channel).Get(context.Background())
		require.NoError(t, err)
		require.Equal(t, 3, n)
		raw, err := r.shared.Get(context.Background(), "channel-state:fake:c")
		require.NoError(t, err)
		require.Equal(t, "3", string(raw))
	})
}

// What is posted to a channel stands in the history of the channel and of the
// thread that it begins.
func TestAPostToAChannelIsKept(t *testing.T) {
	fake := chattest.NewFake(chattest.Config{})
	bot, _ := newBot(t, func(c *chat.Config) { c.Adapters = []chat.Adapter{keeper{fake.Adapter()}} })
	_, err := fake.Send(t.Context(), fake.Message(fake.Thread("c", "t"), "first")) // connects the state
	require.NoError(t, err)
	channel, err := bot.Channel("fake:c")
	require.NoError(t, err)
	sent, err := channel.Post(t.Context(), chat.Text("news"))
	require.NoError(t, err)
	history, err := chat.Take(sent.Thread().Messages(t.Context(), chat.OldestFirst), 10)
	require.NoError(t, err)
	require.Len(t, history, 1)
	require.Equal(t, sent.ID(), history[0].ID)
	var texts []string
	for m, err := range channel.Messages(t.Context(), chat.OldestFirst) {
		require.NoError(t, err)
		texts = append(texts, m.Text)
	}
	require.Equal(t, []string{"first", "news"}, texts)
}

// asked is a platform that must be asked to send a thread's messages.
type asked struct {
	fakePlatform
	threads []chat.ThreadID
	err     error
}

func (a *asked) ThreadSubscribed(_ context.Context, thread chat.ThreadID) error {
	a.threads = append(a.threads, thread)
	return a.err
}

func TestAPlatformIsToldOfSubscriptions(t *testing.T) {
	fake := &asked{fakePlatform: newFakePlatform("fake")}
	bot, _ := newBot(t, func(c *chat.Config) { c.Adapters = []chat.Adapter{fake} })
	_, err := fake.Send(t.Context(), fake.Message(fake.Thread("c", "other"), "first")) // connects the state
	require.NoError(t, err)
	thread, err := bot.Thread(fake.Thread("c", "t"))
	require.NoError(t, err)
	require.NoError(t, thread.Subscribe(t.Context()))
	require.Equal(t, []chat.ThreadID{thread.ID()}, fake.threads)
	fake.err = chat.ErrPermission
	require.ErrorIs(t, thread.Subscribe(t.Context()), chat.ErrPermission)
}
