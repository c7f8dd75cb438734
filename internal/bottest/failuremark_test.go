package bottest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// A message that was given up is marked for its people, before who waits for it is
// told, until it is handled again. Its button hands it to the handlers on any instance.
func TestAMessageThatWasGivenUpIsMarked(t *testing.T) {
	for name, durability := range map[string]chat.Durability{"inbox": chat.DurabilityInbox, "none": chat.DurabilityNone} {
		t.Run(name, func(t *testing.T) {
			playShared(t, 2, func(c *chat.Config) {
				c.Durability, c.Retry.MaxAttempts = durability, 2
			}, func(p *platform) {
				fails := true
				p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
					if fails {
						return errHandler
					}
					require.Empty(t, p.fake.Failed("fake:c:t"), "it is in work again")
					_, err := ev.Thread.Post(ctx, chat.Text("done"))
					return err
				})
				require.Error(t, p.mention(0, "t", "m1").Wait(context.Background()))
				require.Equal(t, []chat.MessageID{"m1"}, p.fake.Failed("fake:c:t"))
				fails = false
				receipt, err := p.hosts(1).Retry(context.Background(), "fake:c:t", "m1")
				if durability == chat.DurabilityNone {
					require.ErrorIs(t, err, chat.ErrNotFound)
					return
				}
				require.NoError(t, err)
				require.NoError(t, receipt.Wait(context.Background()))
				require.Equal(t, []string{"done"}, p.seen("t"))
				letters, err := p.instances[0].DeadLetters(context.Background())
				require.NoError(t, err)
				require.Empty(t, letters)
				_, err = p.hosts(0).Retry(context.Background(), "fake:c:t", "m1")
				require.ErrorIs(t, err, chat.ErrNotFound)
			})
		})
	}
}

// A message whose handler ignores its end is marked while it is tried again, and no
// longer when that has succeeded.
func TestAMessageWhoseHandlerWasAbandonedIsMarked(t *testing.T) {
	playShared(t, 1, func(c *chat.Config) { c.Limits.MaxTurn = time.Second }, func(p *platform) {
		hung := make(chan struct{})
		var calls atomic.Int32
		p.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error {
			if calls.Add(1) == 1 {
				<-hung
				return nil
			}
			return work(ctx, 500*time.Millisecond)
		})
		receipt := p.mention(0, "t", "m1")
		time.Sleep(900 * time.Millisecond)
		require.Empty(t, p.fake.Failed("fake:c:t"))
		for p.count(chat.StepAbandoned) == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		require.Equal(t, []chat.MessageID{"m1"}, p.fake.Failed("fake:c:t"))
		require.NoError(t, receipt.Wait(context.Background()))
		require.Empty(t, p.fake.Failed("fake:c:t"))
		close(hung)
		time.Sleep(time.Minute)
	})
}

// A message that waited too long is marked, too. Nobody is told of one that was
// cancelled or dropped on purpose.
func TestWhatIsMarkedAndWhatIsNot(t *testing.T) {
	playShared(t, 1, func(c *chat.Config) { c.Storage.MessageTTL = 2 * time.Second }, func(p *platform) {
		p.onMention(func(ctx context.Context, _ *instance, _ *chat.MessageEvent) error { return work(ctx, 5*time.Second) })
		p.mention(0, "t", "m1")
		time.Sleep(10 * time.Millisecond)
		p.mention(0, "t", "late")
		time.Sleep(5500 * time.Millisecond)
		require.Equal(t, []chat.MessageID{"late"}, p.fake.Failed("fake:c:t"))
		p.mention(0, "u", "m2")
		time.Sleep(100 * time.Millisecond)
		require.NoError(t, p.instances[0].CancelTurn(context.Background(), "fake:c:u"))
		time.Sleep(time.Second)
		require.Empty(t, p.fake.Failed("fake:c:u"))
	})
}

// A platform that cannot show it, or fails to, takes nothing with it.
func TestAMarkThatFailsTakesNothingWithIt(t *testing.T) {
	playShared(t, 1, func(c *chat.Config) { c.Retry.MaxAttempts = 1 }, func(p *platform) {
		p.onMention(func(context.Context, *instance, *chat.MessageEvent) error {
			p.fake.Fail(errors.New("away"))
			return errHandler
		})
		require.Error(t, p.mention(0, "t", "m1").Wait(context.Background()))
		letters, err := p.instances[0].DeadLetters(context.Background())
		require.NoError(t, err)
		require.Len(t, letters, 1)
		require.NoError(t, p.instances[0].ReplayDeadLetter(context.Background(), letters[0].ID))
	})
}
