package web

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func newFeeds() *feeds {
	return &feeds{watch: func(ctx context.Context, _ *feed) { <-ctx.Done() }}
}

func TestFeedsVanishWithTheirLastUser(t *testing.T) {
	fs := newFeeds()
	one, two := fs.subscribe("t"), fs.subscribe("t")
	require.Same(t, one.feed, two.feed)
	live := fs.stream("t", newUIMessage("m", roleAssistant, &body{}, time.Now()))
	one.close()
	two.close()
	require.Len(t, fs.open, 1, "a stream keeps its feed")
	live.finish(&body{}, false)
	require.Empty(t, fs.open)
}

func TestAReaderInTheMiddleOfAStreamSeesItAll(t *testing.T) {
	fs := newFeeds()
	live := fs.stream("t", newUIMessage("m", roleAssistant, &body{}, time.Now()))
	live.grow("Hello 😀")
	sub := fs.subscribe("t")
	defer sub.close()
	text := sub.live()[0].Body.Text
	require.Equal(t, "Hello 😀", text)
	live.grow(" there")
	live.finish(&body{Text: "Hello 😀 there"}, false)

	events, err := sub.take()
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.Equal(t, &deltaEvent{ID: "m", At: utf16Len(text), Delta: " there"}, events[0].delta)
	require.Equal(t, "Hello 😀 there", events[1].message.Body.Text)
	require.False(t, events[1].message.Metadata.Streaming)
	require.Empty(t, sub.live())
}

func TestASlowReaderIsTold(t *testing.T) {
	fs := newFeeds()
	sub := fs.subscribe("t")
	defer sub.close()
	for range maxWaiting + 1 {
		fs.publish("t", event{typing: &typingEvent{}})
	}
	_, err := sub.take()
	require.ErrorIs(t, err, errLagging)
}

func TestTheWatcherTellsOnlyNews(t *testing.T) {
	fs := newFeeds()
	sub := fs.subscribe("t")
	defer sub.close()
	kept := func(versions map[string]int64, removed ...string) *transcript {
		tr := &transcript{removed: map[string]bool{}}
		for id, version := range versions {
			m := newUIMessage(id, roleAssistant, &body{Text: "x"}, time.Now())
			m.Metadata.Version = version
			tr.messages = append(tr.messages, m)
		}
		for _, id := range removed {
			tr.removed[id] = true
		}
		return tr
	}
	told := func() (ids []string) {
		events, err := sub.take()
		require.NoError(t, err)
		for _, e := range events {
			if e.removed != nil {
				ids = append(ids, "-"+e.removed.ID)
			} else {
				ids = append(ids, e.message.ID)
			}
		}
		return ids
	}
	require.False(t, sub.feed.catchUp(kept(map[string]int64{"a": 0})), "the first look is what the reader has")
	require.Empty(t, told())
	require.True(t, sub.feed.catchUp(kept(map[string]int64{"a": 0, "b": 0})))
	require.Equal(t, []string{"b"}, told())
	require.True(t, sub.feed.catchUp(kept(map[string]int64{"a": 5, "b": 0})))
	require.Equal(t, []string{"a"}, told())
	require.True(t, sub.feed.catchUp(kept(map[string]int64{"b": 0}, "a")))
	require.Equal(t, []string{"-a"}, told())
	require.False(t, sub.feed.catchUp(kept(map[string]int64{"b": 0}, "a")))
	require.Empty(t, told())
}
