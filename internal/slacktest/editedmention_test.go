package slacktest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// edit is an event of a message with a ts that was edited.
type edit struct {
	kind, text, edited, before string
	in                         string // fields that say where
}

func (e edit) envelope(ts string) string {
	edited := ""
	if e.edited != "" {
		edited = `,"edited":{"user":"U0ADA","ts":"` + e.edited + `"}`
	}
	where := e.in
	if where == "" {
		where = `"channel":"C0ONE","channel_type":"channel"`
	}
	message := `"user":"U0ADA","text":"` + e.text + `","ts":"` + ts + `"` + edited
	if e.kind != "message_changed" {
		return callback(`{"type":"` + e.kind + `",` + where + `,` + message + `}`)
	}
	return callback(`{"type":"message","subtype":"message_changed","hidden":true,` + where + `,"ts":"1700000300.000100","message":{"type":"message",` + message +
		`},"previous_message":{"type":"message","user":"U0ADA","text":"` + e.before + `","ts":"` + ts + `"}}`)
}

// TestEditedMention checks which of the events of one message and its edits are a
// mention: one, however long after the message they come.
func TestEditedMention(t *testing.T) {
	t.Parallel()
	const (
		ts     = "1700000050.000100"
		first  = "1700000100.000000"
		second = "1700000200.000000"
		late   = "1702700000.000000" // a month and more
		hi, no = "<@U0BOT> hi", "hi"
		dm     = `"channel":"D0ONE","channel_type":"im"`
		thread = `"channel":"C0ONE","channel_type":"channel","thread_ts":"1700000000.000100"`
	)
	sent, edited := chat.MessageID("C0ONE:"+ts), func(ts2 string) chat.MessageID { return chat.MessageID("C0ONE:" + ts + ":" + ts2) }
	for _, c := range []struct {
		name   string
		events []edit
		want   []chat.MessageID // without repetitions
	}{
		{"an edit of a mention", []edit{{kind: "app_mention", text: hi}, {kind: "app_mention", text: hi + "!", edited: first}}, []chat.MessageID{sent}},
		{"both deliveries of both", []edit{
			{kind: "app_mention", text: hi},
			{kind: "message", text: hi},
			{kind: "message_changed", text: hi + "!", edited: first, before: hi},
			{kind: "app_mention", text: hi + "!", edited: first},
		}, []chat.MessageID{sent}},
		{"a mention that only the message told", []edit{{kind: "message", text: hi}, {kind: "app_mention", text: hi + "!", edited: first}}, []chat.MessageID{sent}},
		{"an edit that adds it", []edit{
			{kind: "message", text: no}, {kind: "message_changed", text: hi, edited: first, before: no}, {kind: "app_mention", text: hi, edited: first},
		}, []chat.MessageID{edited(first)}},
		{"an edit that adds it, in the other order", []edit{
			{kind: "message", text: no}, {kind: "app_mention", text: hi, edited: first}, {kind: "message_changed", text: hi, edited: first, before: no},
		}, []chat.MessageID{edited(first)}},
		{"without app_mention", []edit{{kind: "message", text: no}, {kind: "message_changed", text: hi, edited: first, before: no}}, []chat.MessageID{edited(first)}},
		{"with app_mention alone", []edit{{kind: "app_mention", text: hi, edited: first}}, []chat.MessageID{edited(first)}},
		{"a further edit", []edit{{kind: "app_mention", text: hi, edited: first}, {kind: "app_mention", text: hi + "!", edited: second}}, []chat.MessageID{edited(first)}},
		{"taken away and added again", []edit{
			{kind: "message", text: hi}, {kind: "message_changed", text: no, edited: first, before: hi}, {kind: "message_changed", text: hi, edited: second, before: no},
		}, []chat.MessageID{sent}},
		{"the message after its edit", []edit{{kind: "app_mention", text: hi, edited: first}, {kind: "app_mention", text: hi}}, []chat.MessageID{edited(first)}},
		{"in code only", []edit{{kind: "app_mention", text: "`<@U0BOT>`", edited: first}}, nil},
		{"too late to know", []edit{{kind: "app_mention", text: hi, edited: late}}, nil},
		{"in a direct conversation", []edit{{kind: "message", text: no, in: dm}, {kind: "message_changed", text: hi, edited: first, before: no, in: dm}}, nil},
		{"in a thread that is subscribed", []edit{{kind: "message", text: no, in: thread}, {kind: "app_mention", text: hi, edited: first, in: thread}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			require.NoError(t, r.host.state.Subscribe(t.Context(), "slack:C0ONE:1700000000.000100"))
			var got []chat.MessageID
			seen := map[string]bool{}
			for _, e := range c.events {
				for _, id := range mentioned(r.event(t, e.envelope(ts))) {
					if version := string(id) + e.text; !seen[version] {
						seen[version], got = true, append(got, id)
					}
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

// TestEditedMentionIsHandledOnce checks the same with a bot, for the recorded
// events.
func TestEditedMentionIsHandledOnce(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"04": "@u0bot delete ", "05": "@u0bot status please"} {
		bot, _ := newBot(t, newMemory(t), nil)
		handled := make(chan *chat.MessageEvent, 4)
		bot.OnMention(func(_ context.Context, ev *chat.MessageEvent) error {
			handled <- ev
			return nil
		})
		envelopes := eventCase(t, number)
		for _, envelope := range append(envelopes, envelopes[len(envelopes)-1]) {
			require.Equal(t, http.StatusOK, serve(bot, webhook(jsonType, envelope)).Code)
		}
		ev := receive(t, handled)
		require.Truef(t, strings.HasPrefix(ev.Message.Text, want), ev.Message.Text)
		require.Equal(t, chat.ThreadID("slack:C0ONE:1700000050.000100"), ev.Thread.ID())
		// A further message of the thread is handled after all of them.
		w := serve(bot, webhook(jsonType, callback(`{"type":"app_mention","channel":"C0ONE","user":"U0ADA","text":"<@U0BOT> next","ts":"1700000900.000200","thread_ts":"1700000050.000100"}`)))
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "@u0bot next", receive(t, handled).Message.Text)
		require.Empty(t, handled)
	}
}

// TestEditedMentionThatFailedComesAgain checks that the version which was refused
// is delivered when Slack sends it again.
func TestEditedMentionThatFailedComesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	body := edit{kind: "app_mention", text: "<@U0BOT> hi", edited: "1700000100.000000"}.envelope("1700000050.000100")
	r.host.refuseWith(errors.New("down"))
	require.Equal(t, http.StatusServiceUnavailable, serve(r, request(jsonType, body)).Code)
	r.host.refuseWith(nil)
	require.Equal(t, []chat.MessageID{"C0ONE:1700000050.000100:1700000100.000000"}, mentioned(r.event(t, body)))
}

// TestEditedMentionIsTheMessage checks that calls take the id of an edit as the
// message's.
func TestEditedMentionIsTheMessage(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	id := chat.MessageID("C0GENERAL:" + o.root + ":1700000100.000000")
	require.NoError(t, o.AddReaction(t.Context(), o.room, id, "eyes"))
	m, err := o.FetchMessage(t.Context(), o.room, id)
	require.NoError(t, err)
	require.Equal(t, chat.MessageID("C0GENERAL:"+o.root), m.ID)
	_, err = o.Permalink(t.Context(), o.room, id)
	require.NoError(t, err)
	require.ErrorIs(t, o.AddReaction(t.Context(), o.room, id+":x", "eyes"), chat.ErrNotFound)
	require.ErrorIs(t, o.AddReaction(t.Context(), o.room, "C0GENERAL:"+chat.MessageID(o.root)+":", "eyes"), chat.ErrNotFound)
}
