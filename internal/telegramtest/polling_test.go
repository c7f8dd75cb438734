package telegramtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/telegram"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

func polls(c *telegram.Config) { c.Polling, c.WebhookSecret = true, "" }

// run runs the bot until the function is called, which returns Run's error.
func (r *rig) run(t *testing.T) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Chat.Run(ctx) }()
	stop = func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

func TestPolling(t *testing.T) {
	t.Parallel()
	s, st := newTelegram(t), botrig.Memory(t)
	r := newRigOn(t, s, st, polls)
	for i := range 5 {
		s.Update(messageIn(ada, "private", 100+i, fmt.Sprintf(`"text":"%d"`, i)))
	}
	stop := r.run(t)
	for i := range 5 {
		require.Equal(t, fmt.Sprint(i), next[*chat.Message](t, r).Text)
	}
	s.Update(`"callback_query":{"id":"q1","from":{"id":100,"is_bot":false,"first_name":"A"},"message":{"message_id":2,"date":0,"chat":{"id":100,"type":"private"}},"data":"ok"}`)
	require.Equal(t, "ok", next[*chat.ActionEvent](t, r).ActionID)
	s.Update(messageIn(ada, "private", 105, `"text":"last"`))
	require.Equal(t, "last", next[*chat.Message](t, r).Text)
	require.Len(t, s.Calls("answerCallbackQuery"), 1)
	require.NoError(t, stop())
	r.quiet(t)
}

// Without this list Telegram leaves some kinds out, and with it all that it lacks.
func TestEveryKindOfUpdateIsAskedFor(t *testing.T) {
	t.Parallel()
	kinds := []any{
		"message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message", "edited_business_message",
		"deleted_business_messages", "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query",
		"shipping_query", "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
		"chat_join_request", "chat_boost", "removed_chat_boost",
	} // https://core.telegram.org/bots/api#update
	r := newRig(t)
	require.NoError(t, r.SetWebhook(t.Context(), "https://bot.example/webhooks/telegram"))
	require.ElementsMatch(t, kinds, r.telegram.Calls("setWebhook")[0].Args["allowed_updates"])

	s := newTelegram(t)
	polling := newRigOn(t, s, botrig.Memory(t), polls)
	s.Update(`"pre_checkout_query":{"id":"1","from":{"id":100,"is_bot":false,"first_name":"A"},"currency":"EUR","total_amount":100,"invoice_payload":"tea"}`)
	polling.run(t)
	require.Equal(t, "telegram:pre_checkout_query", next[*chat.PlatformEvent](t, polling).Name)
	require.ElementsMatch(t, kinds, s.Calls("getUpdates")[0].Args["allowed_updates"])
}

func TestPollingTakesWhatCannotBeReadOnce(t *testing.T) {
	t.Parallel()
	s := newTelegram(t)
	r := newRigOn(t, s, botrig.Memory(t), polls)
	s.Update(`"message":{"message_id":"x"}`)
	s.Update(`"message":{}`)
	s.Update(messageIn(ada, "private", 100, `"text":"after"`))
	r.run(t)
	require.Equal(t, "after", next[*chat.Message](t, r).Text)
	r.quiet(t)
}

func TestAlbumsThatArePolled(t *testing.T) {
	t.Parallel()
	s := newTelegram(t)
	r := newRigOn(t, s, botrig.Memory(t), polls)
	for i := range 3 {
		s.Update(messageIn(ada, "private", 100+i, fmt.Sprintf(`"media_group_id":"g1","photo":[{"file_id":"P%d"}]`, i)))
	}
	for i := range 2 {
		s.Update(strings.Replace(messageIn(-100777, "channel", 200+i, fmt.Sprintf(`"media_group_id":"g2","photo":[{"file_id":"P%d"}]`, i)), `"message"`, `"channel_post"`, 1))
	}
	r.run(t)
	require.Len(t, next[*chat.Message](t, r).Attachments, 3)
	require.Len(t, next[*chat.Message](t, r).Attachments, 2, "in a channel, too")
	r.quiet(t)
}

func TestOneInstancePolls(t *testing.T) {
	t.Parallel()
	s, st := newTelegram(t), botrig.Memory(t)
	one, other := newRigOn(t, s, st, polls), newRigOn(t, s, st, polls)
	stopOne := one.run(t)
	s.Update(messageIn(ada, "private", 100, `"text":"first"`))
	require.Equal(t, "first", next[*chat.Message](t, one).Text)
	other.run(t)
	s.Update(messageIn(ada, "private", 101, `"text":"second"`))
	require.Equal(t, "second", next[*chat.Message](t, one).Text)
	require.NoError(t, stopOne())
	s.Update(messageIn(ada, "private", 102, `"text":"third"`))
	require.Equal(t, "third", next[*chat.Message](t, other).Text, "another instance goes on when one ends")
	one.quiet(t)
}

func TestWebhookIsRemovedForPolling(t *testing.T) {
	t.Parallel()
	s := newTelegram(t)
	r := newRigOn(t, s, botrig.Memory(t), polls)
	hooked := newRigOn(t, s, botrig.Memory(t))
	require.NoError(t, hooked.SetWebhook(t.Context(), "https://bot.example/webhooks/telegram"))
	s.Update(messageIn(ada, "private", 100, `"text":"hello"`))
	r.run(t)
	require.Equal(t, "hello", next[*chat.Message](t, r).Text)
	require.Empty(t, s.Webhook())
}

func TestWrongTokenEndsRun(t *testing.T) {
	t.Parallel()
	r := newRig(t, polls, func(c *telegram.Config) { c.BotToken = "4711:wrong" })
	ctx, cancel := context.WithTimeout(t.Context(), botrig.Patience)
	defer cancel()
	err := r.Chat.Run(ctx)
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.NotContains(t, err.Error(), "wrong")
}

// refusing is a state that is away for some calls.
type refusing struct {
	state.Adapter
	state.Inbox
	state.Swaps
	left atomic.Int64
}

var errAway = errors.New("away")

func (s *refusing) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if strings.HasPrefix(key, "dedupe:") && s.left.Add(-1) >= 0 {
		return false, errors.Join(state.ErrUnavailable, errAway)
	}
	return s.Adapter.SetIfNotExists(ctx, key, value, ttl)
}

// TestNothingIsConfirmedBeforeItIsStored has the state away when an update comes:
// Telegram keeps it.
func TestNothingIsConfirmedBeforeItIsStored(t *testing.T) {
	t.Parallel()
	s, st := newTelegram(t), botrig.Memory(t)
	inbox, ok := state.As[state.Inbox](st)
	require.True(t, ok)
	swaps, ok := state.As[state.Swaps](st)
	require.True(t, ok)
	away := &refusing{Adapter: st, Inbox: inbox, Swaps: swaps}
	away.left.Store(1)
	r := newRigOn(t, s, away, polls)
	s.Update(messageIn(ada, "private", 100, `"text":"kept"`))
	r.run(t)
	require.Equal(t, "kept", next[*chat.Message](t, r).Text)
	r.quiet(t)
	require.Contains(t, r.log.String(), "polling stopped")
}
