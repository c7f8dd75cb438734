package bottest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// A link in a message leads to the message that it links to, on whatever platform of
// the bot that is.
func TestALinkLeadsToItsMessage(t *testing.T) {
	fetching := []chattest.Ability{chattest.MessageFetcher}
	other := chattest.NewFake(chattest.Config{Name: "other", With: fetching})
	playOn(t, 1, chattest.Config{With: fetching}, func(c *chat.Config) { c.Adapters = append(c.Adapters, other.Adapter()) }, func(r *rig) {
		in := r.instances[0]
		type outcome struct {
			text string
			err  error
		}
		got := make(chan outcome, 10)
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			for _, link := range ev.Message.Links {
				m, err := link.Message(ctx)
				o := outcome{err: err}
				if err == nil {
					o.text = m.Text + " in " + string(m.ThreadID)
				}
				got <- o
			}
			return nil
		})
		post := func(thread chat.ThreadID, text string) chat.Link {
			th, err := in.Thread(thread)
			require.NoError(r.t, err)
			sent, err := th.Post(r.t.Context(), chat.Text(text))
			require.NoError(r.t, err)
			url, err := sent.Permalink(r.t.Context())
			require.NoError(r.t, err)
			return chat.Link{URL: url}
		}
		m := mention(in.fake, "t", "m1")
		m.Links = []chat.Link{
			post("fake:c:elsewhere", "hello"), post("other:c:t", "there"),
			{URL: "https://example.com/page"},
			{URL: "https://fake.example/fake:c:t/no-such"},
		}
		receipt, err := in.fake.Send(r.t.Context(), m)
		require.NoError(r.t, err)
		require.NoError(r.t, receipt.Wait(r.t.Context()))
		require.Equal(r.t, outcome{text: "hello in fake:c:elsewhere"}, <-got)
		require.Equal(r.t, outcome{text: "there in other:c:t"}, <-got)
		require.ErrorIs(r.t, (<-got).err, chat.ErrNotFound)
		require.ErrorIs(r.t, (<-got).err, chat.ErrNotFound)

		_, err = (&chat.Link{URL: "https://example.com"}).Message(r.t.Context())
		require.ErrorIs(r.t, err, errors.ErrUnsupported)
		require.ErrorContains(r.t, err, "link without a message")
	})
}

func TestALinkWhereNoPlatformKnowsItsMessages(t *testing.T) {
	playOn(t, 1, chattest.Config{Without: []chattest.Ability{chattest.LinkResolver}}, nil, func(r *rig) {
		got := make(chan error, 1)
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			_, err := ev.Message.Links[0].Message(ctx)
			got <- err
			return nil
		})
		m := mention(r.instances[0].fake, "t", "m1")
		m.Links = []chat.Link{{URL: "https://fake.example/fake:c:t/m1"}}
		_, err := r.instances[0].fake.Send(r.t.Context(), m)
		require.NoError(r.t, err)
		err = <-got
		require.ErrorIs(r.t, err, errors.ErrUnsupported)
		require.ErrorContains(r.t, err, "linked messages")
	})
}
