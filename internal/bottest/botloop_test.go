package bottest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// fromBot is a mention that another bot has written.
func (p *platform) fromBot(i int, thread, id string) {
	p.t.Helper()
	m := mention(p.fake, thread, id)
	m.Author = chat.Author{UserID: "b2", UserName: "other", Bot: new(true)}
	r, err := p.hosts(i).Deliver(context.Background(), m)
	require.NoError(p.t, err)
	require.NoError(p.t, r.Wait(context.Background()))
}

// Two bots that answer each other come to an end, on whatever instances. A person's
// message begins anew, and so does an hour of silence.
func TestBotsThatAnswerEachOtherComeToAnEnd(t *testing.T) {
	playSharedOn(t, 3, chattest.Config{With: []chattest.Ability{chattest.MessageFetcher}}, nil, func(p *platform) {
		p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Post(ctx, chat.Text("re: "+string(ev.Message.ID)))
			return err
		})
		exchange := func(name string) int {
			before := len(p.seen("t"))
			for n := range 30 {
				p.fromBot(n%3, "t", fmt.Sprint(name, n))
			}
			return len(p.seen("t")) - before
		}
		require.Equal(t, 10, exchange("a"))
		require.Equal(t, 20, p.count(chat.StepDropped))
		require.Equal(t, 0, exchange("b"))
		require.NoError(t, p.mention(2, "t", "person").Wait(context.Background()))
		require.Equal(t, 10, exchange("c"), "a person has written, whichever instance saw it")
		time.Sleep(61 * time.Minute)
		require.Equal(t, 10, exchange("d"), "the thread was silent")
		p.fromBot(0, "u", "elsewhere")
		require.Len(t, p.seen("u"), 1, "each thread has its own count")
	})
}

// Without a history the instance that handles a person's message knows of it.
func TestAPersonIsSeenWithoutAHistory(t *testing.T) {
	playShared(t, 1, func(c *chat.Config) { c.Limits.MaxBotAnswers = 2 }, func(p *platform) {
		p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			_, err := ev.Thread.Post(ctx, chat.Text("re: "+string(ev.Message.ID)))
			return err
		})
		for n := range 5 {
			p.fromBot(0, "t", fmt.Sprint("a", n))
		}
		require.Len(t, p.seen("t"), 2)
		require.NoError(t, p.mention(0, "t", "person").Wait(context.Background()))
		for n := range 5 {
			p.fromBot(0, "t", fmt.Sprint("b", n))
		}
		require.Equal(t, []string{"re: a0", "re: a1", "re: person", "re: b0", "re: b1"}, p.seen("t"))
	})
}

// A bot that is only listened to is no loop, and a conversation with people costs no
// call of the state for this.
func TestOnlyAnswersToBotsCount(t *testing.T) {
	playShared(t, 1, nil, func(p *platform) {
		calls := 0
		p.onMention(func(context.Context, *instance, *chat.MessageEvent) error {
			calls++
			return nil
		})
		for n := range 40 {
			p.fromBot(0, "t", fmt.Sprint("alert", n))
		}
		require.Equal(t, 40, calls)
	})
	cost := func(limit int) (n int64) {
		playShared(t, 1, func(c *chat.Config) { c.Limits.MaxBotAnswers = limit }, func(p *platform) {
			p.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
				_, err := ev.Thread.Post(ctx, chat.Text("re"))
				return err
			})
			for i := range 20 {
				require.NoError(t, p.mention(0, "t", fmt.Sprint("m", i)).Wait(context.Background()))
			}
			require.Len(t, p.seen("t"), 20)
			_, err := p.shared.Get(context.Background(), "chat:bot-answers:fake:c:t")
			require.Error(t, err)
			n = p.instances[0].store.Calls()
		})
		return n
	}
	// A sweep may fall into one of the two runs; a call for each message would be 20 more.
	require.InDelta(t, cost(1000), cost(1), 10)
}
