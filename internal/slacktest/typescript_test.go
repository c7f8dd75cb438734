package slacktest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// TestMentionIsHandledOnceBesideTypeScript checks the two events of a mention of which
// one is sent to an instance of the TypeScript SDK on the same state: it takes the
// message by setting dedupe:slack:{ts}.
func TestMentionIsHandledOnceBesideTypeScript(t *testing.T) {
	t.Parallel()
	st := newMemory(t)
	bot, _ := newBotWith(t, st, nil, func(c *chat.Config) { c.Storage.SharedWithTypeScript = true })
	handled := make(chan chat.MessageID, 8)
	bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		handled <- ev.Message.ID
		return nil
	})
	there := func(ts string) bool {
		fresh, err := st.SetIfNotExists(t.Context(), "dedupe:slack:"+ts, []byte("true"), 10*time.Minute)
		require.NoError(t, err)
		return fresh
	}
	here := func(kind, channel, ts, more string) {
		w := serve(bot, webhook(jsonType, callback(`{"type":"`+kind+`","channel":"`+channel+`","user":"U0ADA","text":"<@U0BOT> hi","ts":"`+ts+`"`+more+`}`)))
		require.Equal(t, http.StatusOK, w.Code)
	}
	last := 0
	next := func() string {
		last++
		return fmt.Sprintf("1700000001.%06d", last)
	}
	for _, kind := range []string{"message", "app_mention"} {
		first := next()
		here(kind, "C0ONE", first, "")
		require.Equal(t, chat.MessageID("C0ONE:"+first), receive(t, handled))
		require.False(t, there(first), "here first")

		first = next()
		require.True(t, there(first))
		here(kind, "C0ONE", first, "")
	}
	same := next()
	here("app_mention", "C0ONE", same, "")
	require.Equal(t, chat.MessageID("C0ONE:"+same), receive(t, handled))
	here("app_mention", "C0TWO", same, "")
	require.Equal(t, chat.MessageID("C0TWO:"+same), receive(t, handled))

	// To the TypeScript SDK an edit that adds the mention is the message, which it took.
	edited := next()
	require.True(t, there(edited))
	here("app_mention", "C0ONE", edited, `,"edited":{"user":"U0ADA","ts":"1700000100.000000"}`)
	require.Equal(t, chat.MessageID("C0ONE:"+edited+":1700000100.000000"), receive(t, handled))
	require.Empty(t, handled)
}
