package slacktest_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// newBot returns a bot with the adapter.
func newBot(t *testing.T, st state.Adapter, change func(*slack.Config)) (*chat.Chat, *api) {
	t.Helper()
	return newBotWith(t, st, change, nil)
}

// newBotWith returns one whose own configuration is another, too.
func newBotWith(t *testing.T, st state.Adapter, change func(*slack.Config), changeBot func(*chat.Config)) (*chat.Chat, *api) {
	t.Helper()
	a := newAPI(t)
	config := slack.Config{SigningSecret: signingSecret, BotToken: botToken, APIURL: a.URL, LookupTimeout: patience}
	if change != nil {
		change(&config)
	}
	adapter, err := slack.New(config)
	require.NoError(t, err)
	botConfig := chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{adapter}, State: st, Logger: slog.New(slog.DiscardHandler),
	}
	if changeBot != nil {
		changeBot(&botConfig)
	}
	bot, err := chat.New(botConfig)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(t, bot.Shutdown(ctx))
	})
	return bot, a
}

func webhook(contentType, body string) *http.Request {
	r := request(contentType, body)
	r.URL.Path = "/webhooks/slack"
	return r
}

// TestMentionIsHandledOnce checks the two deliveries of a message that mentions
// the bot, in either order.
func TestMentionIsHandledOnce(t *testing.T) {
	t.Parallel()
	for _, order := range [][2]string{{"message", "app_mention"}, {"app_mention", "message"}} {
		bot, _ := newBot(t, newMemory(t), nil)
		handled := make(chan *chat.MessageEvent, 4)
		take := func(_ context.Context, ev *chat.MessageEvent) error {
			handled <- ev
			return nil
		}
		bot.OnMention(take)
		for _, kind := range order {
			w := serve(bot, webhook(jsonType, callback(`{"type":"`+kind+`","channel":"C0ONE","user":"U0ADA","text":"<@U0BOT> hi","ts":"1700000001.000200"}`)))
			require.Equal(t, http.StatusOK, w.Code)
		}
		// A further message is handled after both.
		w := serve(bot, webhook(jsonType, callback(`{"type":"app_mention","channel":"C0ONE","user":"U0ADA","text":"<@U0BOT> again","ts":"1700000002.000200","thread_ts":"1700000001.000200"}`)))
		require.Equal(t, http.StatusOK, w.Code)
		first, second := receive(t, handled), receive(t, handled)
		require.Equal(t, "@u0bot hi", first.Message.Text)
		require.Equal(t, chat.KindMention, first.Kind)
		require.Equal(t, "@u0bot again", second.Message.Text)
		require.Empty(t, handled)
	}
}

// TestSameTSInTwoChannels checks that Slack's ts, unique in a channel only, makes
// no two messages one.
func TestSameTSInTwoChannels(t *testing.T) {
	t.Parallel()
	bot, _ := newBot(t, newMemory(t), nil)
	handled := make(chan chat.ThreadID, 4)
	bot.OnDirectMessage(func(_ context.Context, ev *chat.MessageEvent) error {
		handled <- ev.Thread.ID()
		return nil
	})
	for _, channel := range []string{"D0ONE", "D0TWO"} {
		w := serve(bot, webhook(jsonType, callback(`{"type":"message","channel":"`+channel+`","channel_type":"im","user":"U0ADA","text":"x","ts":"1700000001.000200"}`)))
		require.Equal(t, http.StatusOK, w.Code)
	}
	require.ElementsMatch(t, []chat.ThreadID{"slack:D0ONE:", "slack:D0TWO:"}, []chat.ThreadID{receive(t, handled), receive(t, handled)})
}

// TestAnswerDoesNotWaitForHandlers checks that Slack is answered while a handler
// runs.
func TestAnswerDoesNotWaitForHandlers(t *testing.T) {
	t.Parallel()
	bot, _ := newBot(t, newMemory(t), nil)
	release, running := make(chan struct{}), make(chan struct{}, 1)
	bot.OnMention(func(ctx context.Context, _ *chat.MessageEvent) error {
		running <- struct{}{}
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})
	defer close(release)
	w := serve(bot, webhook(jsonType, callback(`{"type":"app_mention","channel":"C0ONE","user":"U0ADA","text":"<@U0BOT> hi","ts":"1700000001.000200"}`)))
	require.Equal(t, http.StatusOK, w.Code)
	receive(t, running)
}

// TestFailedDeliveryIsTakenAgain checks that what was answered 503 is handled
// when Slack delivers it again.
func TestFailedDeliveryIsTakenAgain(t *testing.T) {
	t.Parallel()
	st := &failing{Adapter: newMemory(t)}
	bot, _ := newBot(t, st, nil)
	handled := make(chan string, 4)
	bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
		handled <- ev.Message.Text
		return nil
	})
	body := callbackWithID("Ev0AGAIN", `{"type":"app_mention","channel":"C0ONE","user":"U0ADA","text":"<@U0BOT> hi","ts":"1700000001.000200"}`)
	st.fail = errors.New("down")
	require.Equal(t, http.StatusServiceUnavailable, serve(bot, webhook(jsonType, body)).Code)
	st.fail = nil
	for range 2 {
		again := webhook(jsonType, body)
		again.Header.Set("X-Slack-Retry-Num", "1")
		require.Equal(t, http.StatusOK, serve(bot, again).Code)
	}
	require.Equal(t, "@u0bot hi", receive(t, handled))
	require.Empty(t, handled)
}

// failing is a state that claims nothing while it fails.
type failing struct {
	state.Adapter
	fail error
}

func (f *failing) Unwrap() state.Adapter { return f.Adapter }

func (f *failing) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if f.fail != nil {
		return false, f.fail
	}
	return f.Adapter.SetIfNotExists(ctx, key, value, ttl)
}
