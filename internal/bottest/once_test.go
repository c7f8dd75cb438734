package bottest

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// Of a button that counts once, the first click counts that a handler takes; each
// edit of the message makes the button a new one. Other buttons go on working.
func TestAButtonThatCountsOnce(t *testing.T) {
	server := newReceiver(t)
	play(t, 2, func(c *chat.Config) {
		server.trust(c)
		c.Retry.MaxAttempts = 2
	}, func(r *rig) {
		ctx := context.Background()
		got := &log{}
		var broken atomic.Bool
		for _, in := range r.instances {
			in.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
				got.add("%s %s=%s", ev.ID, ev.ActionID, ev.Value)
				if broken.Load() {
					panic("the ticket system is away")
				}
				return nil
			})
		}
		first, second := r.instances[0], r.instances[1]
		told := func() (n int) {
			for _, in := range r.instances {
				n += len(in.fake.Ephemeral("fake:c:t", chattest.Ada().UserID))
			}
			return n
		}

		made := card.NewButton("ticket", "Open a ticket").WithValue("42").WithOnce()
		posted := r.postCard(first, made)
		require.Equal(t, "42", made.Value, "the bot's card is left alone")
		broken.Store(true)
		receipt, err := first.fake.Host().Deliver(ctx, clickOn(posted, "e1"))
		require.NoError(t, err)
		require.Error(t, receipt.Wait(ctx))
		broken.Store(false)
		r.handled(second, clickOn(posted, "e2"))
		require.Equal(t, []string{"e1 ticket=42", "e1 ticket=42", "e2 ticket=42"}, got.all(), "a click whose handler fails is tried again, and does not count")
		require.Zero(t, told())
		r.handled(first, clickOn(posted, "e3"))
		r.handled(second, clickOn(posted, "e4"))
		require.Len(t, got.all(), 3)
		require.Equal(t, 2, told(), "whoever clicks later is told")

		again := r.postCard(first, made)
		r.handled(second, clickOn(again, "e5"))
		require.Len(t, got.all(), 4, "the same button in another message is another one")
		thread, err := first.Thread("fake:c:t")
		require.NoError(t, err)
		require.NoError(t, thread.Sent(again.ID).Edit(ctx, chat.Card(card.New("Once more", card.NewActions(made)))))
		posts := first.fake.Posts("fake:c:t")
		r.handled(second, clickOn(posts[len(posts)-1], "e6"))
		require.Equal(t, "e6 ticket=42", got.all()[4], "the bot shows it again, so that it is clicked again")

		both := r.postCard(first, card.NewButton("pay", "Pay").WithCallback(server.URL).WithOnce())
		r.handled(first, clickOn(both, "e7"))
		r.handled(first, clickOn(both, "e8"))
		require.Equal(t, "e7 pay=", got.all()[5])
		require.Len(t, got.all(), 6, "with a callback URL too")

		menu := r.postCard(first, card.NewButton("show", "Show").WithValue("a"))
		r.handled(first, clickOn(menu, "e9"))
		r.handled(first, clickOn(menu, "e10"))
		require.Equal(t, []string{"e9 show=a", "e10 show=a"}, got.all()[6:])
	})
}
