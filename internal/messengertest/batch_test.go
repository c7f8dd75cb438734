package messengertest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/messenger"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

// entryOf is an entry of a page with events.
func entryOf(id string, events ...string) string {
	return fmt.Sprintf(`{"id":%q,"time":1772998024000,"messaging":[%s]}`, id, strings.Join(events, ","))
}

func batch(entries ...string) string {
	return `{"object":"page","entry":[` + strings.Join(entries, ",") + `]}`
}

func text(n int) string {
	return from(1772998024000+int64(n), fmt.Sprintf(`"message":{"mid":"m_%d","text":"%d"}`, n, n))
}

// echo is what the page has sent; otherEcho names another sender, as an account that is
// linked to the page does.
const echo = `{"sender":{"id":"` + page + `"},"recipient":{"id":"` + ada + `"},"timestamp":1,"message":{"mid":"m_echo","text":"mine","is_echo":true}}`

var otherEcho = strings.Replace(echo, `"sender":{"id":"`+page, `"sender":{"id":"99`, 1)

// One delivery has entries of the page and of another one, what the page itself has sent,
// what comes twice, what is unknown, and what cannot be read.
func TestDeliveryIsTakenEntryByEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.deliver(t, batch(
		entryOf(page, text(1), echo, otherEcho, text(1)),
		entryOf("100000000000002", strings.ReplaceAll(text(2), page, "100000000000002")),
		entryOf(page, from(9, `"hologram":{"of":"tea"}`)),
		entryOf(page, text(3)),
	))
	require.Equal(t, http.StatusOK, w.Code, r.log)
	var got []string
	for range 3 {
		switch in := next[chat.Inbound](t, r).(type) {
		case *chat.Message:
			got = append(got, in.Text)
		case *chat.PlatformEvent:
			got = append(got, in.Name)
		}
	}
	require.ElementsMatch(t, []string{"1", "3", "messenger:hologram"}, got)
	require.Equal(t, int64(3), r.accepted.Load())
}

// What cannot be read holds up nothing else, and does not bring it again; delivered again,
// nothing is handled twice.
func TestUnreadableEventHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"an event that is no object": entryOf(page, `7`),
		"a message of another type":  entryOf(page, from(5, `"message":{"mid":7}`)),
		"a message without a mid":    entryOf(page, from(5, `"message":{"text":"x"}`)),
		"a sender of another type":   entryOf(page, `{"sender":7,"message":{"mid":"m_9","text":"x"}}`),
		"an event of nothing":        entryOf(page, `{"sender":{"id":"`+ada+`"},"recipient":{"id":"`+page+`"}}`),
		"a reaction to nothing":      entryOf(page, from(5, `"reaction":{"action":"react"}`)),
		"an entry without an id":     `{"messaging":[` + text(9) + `]}`,
		"an entry of nothing":        `{"id":"` + page + `","time":1}`,
		"an entry that is null":      `null`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for range 2 {
				w := r.deliver(t, batch(entryOf(page, text(1)), bad, entryOf(page, text(2))))
				require.Equal(t, http.StatusOK, w.Code)
				require.Contains(t, r.log.String(), "webhook-parts-refused")
				require.Equal(t, http.StatusBadRequest, r.deliver(t, batch(bad)).Code)
			}
			require.ElementsMatch(t, []string{"1", "2"}, []string{next[*chat.Message](t, r).Text, next[*chat.Message](t, r).Text})
			require.Equal(t, int64(2), r.accepted.Load())
		})
	}
}

// A delivery comes again, whole or in other batches, to whichever instance.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	s, st := newMessenger(t), botrig.Memory(t)
	one, other := newRigOn(t, s, st), newRigOn(t, s, st)
	referral := from(7, `"referral":{"ref":"poster"}`)
	spaced := strings.ReplaceAll(referral, ":", ": ") // as another serializer writes it
	for _, body := range []string{
		batch(entryOf(page, text(1), referral), entryOf(page, text(2))), batch(entryOf(page, text(2), spaced, text(1))), batch(entryOf(page, text(1))),
	} {
		require.Equal(t, http.StatusOK, one.deliver(t, body).Code)
		require.Equal(t, http.StatusOK, other.deliver(t, body).Code)
	}
	require.Equal(t, int64(3), one.accepted.Load()+other.accepted.Load())
}

// A delivery has more than may wait for a user's turn. What fits is stored and the rest is
// not answered 200; delivered again, as Meta does, all of it is handled, each once.
func TestDeliveryThatFitsInPart(t *testing.T) {
	t.Parallel()
	handled := make(chan string) // the handler waits until its message is read
	st, counted := botrig.Memory(t), &accepted{}
	bot, err := chat.New(chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{newAdapter(t, newMessenger(t))}, State: st, Observer: counted,
		Concurrency: chat.Concurrency{MaxQueueSize: 5}, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = bot.Shutdown(context.Background()) })
	bot.OnDirectMessage(func(_ context.Context, ev *chat.MessageEvent) error {
		for _, m := range append(ev.Skipped, ev.Message) {
			handled <- m.Text
		}
		return nil
	})
	r := &rig{Chat: bot}
	const n = 20
	var events, seen []string
	for i := range n {
		events = append(events, text(i))
	}
	body := delivery(events...)
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, body).Code)
	require.Positive(t, counted.Load())
	for r.deliver(t, body).Code != http.StatusOK {
		seen = append(seen, <-handled)
	}
	for len(seen) < n {
		seen = append(seen, <-handled)
	}
	var want []string
	for i := range n {
		want = append(want, strconv.Itoa(i))
	}
	require.Equal(t, want, seen, "in their order")
	require.Equal(t, int64(n), counted.Load())
}

func TestPageOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *messenger.Config) { c.PageID = "" })
	require.Equal(t, http.StatusOK, r.deliver(t, batch(entryOf("100000000000002", strings.ReplaceAll(text(2), page, "100000000000002")))).Code)
	require.Equal(t, "2", next[*chat.Message](t, r).Text, "without a PageID every page is heard")
}
