package slacktest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/slacktest/fakeslack"
)

// shared adds what an envelope says about a channel that is shared with another
// organisation.
func shared(envelope string) string {
	return strings.Replace(envelope, `{`, `{"is_ext_shared_channel":true,"context_team_id":"T0ONE","context_enterprise_id":"E0ONE",`, 1)
}

// TestDelivery checks what a program learns from the envelope and the message, for
// each kind of event.
func TestDelivery(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	want := slack.Delivery{ContextTeamID: "T0ONE", ContextEnterpriseID: "E0ONE", ExtSharedChannel: true}
	check := func(raw json.RawMessage, want slack.Delivery) {
		t.Helper()
		require.True(t, json.Valid(raw), string(raw))
		got, err := slack.DeliveryOf(raw)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	m := one[*chat.Message](t, r.event(t, shared(callback(`{"type":"app_mention","channel":"C0ONE","user":"U0ADA","text":"<@U0BOT> hi","ts":"1700000001.000200","user_team":"T0TWO","source_team":"T0THREE"} `))))
	from := want
	from.UserTeam, from.SourceTeam = "T0TWO", "T0THREE"
	check(m.Raw, from)

	check(one[*chat.ReactionEvent](t, r.event(t, shared(callback(`{"type":"reaction_added","user":"U0ADA","reaction":"+1","item":{"type":"message","channel":"C0ONE","ts":"1700000001.000200"}}`)))).Raw, want)
	check(one[*chat.PlatformEvent](t, r.event(t, shared(callback(`{"type":"pin_added","user":"U0ADA","channel_id":"C0ONE"}`)))).Raw, want)

	m = one[*chat.Message](t, r.event(t, callback(`{"type":"message","channel":"D0ONE","channel_type":"im","user":"U0ADA","text":"hi","ts":"1700000001.000200",
		"app_context":{"entities":[{"type":"slack#/types/channel_id","value":"C0ONE","team_id":"T0ONE"}]}}`)))
	got, err := slack.DeliveryOf(m.Raw)
	require.NoError(t, err)
	require.Equal(t, []slack.AppContextEntity{{Type: "slack#/types/channel_id", Value: json.RawMessage(`"C0ONE"`), TeamID: "T0ONE"}}, got.AppContext.Entities)

	_, err = slack.DeliveryOf(nil)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
}

// TestStreamRecipientTeam checks which workspace a stream names for whom it
// answers, also on an instance that has not seen the message.
func TestStreamRecipientTeam(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, says, want string }{
		{"the user's own", `"user_team":"T0TWO","source_team":"T0THREE","team":"T0FOUR"`, "T0TWO"},
		{"where it was written", `"user_team":"E0TWO","source_team":"T0THREE"`, "T0THREE"},
		{"of the message", `"team":"T0FOUR"`, "T0FOUR"},
		{"nothing is said", `"client_msg_id":"x"`, fakeslack.TeamID},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOutbound(t)
			h := &host{state: newMemory(t)}
			require.NoError(t, h.state.Connect(t.Context()))
			require.NoError(t, o.Attach(h))
			other, err := slack.New(slack.Config{SigningSecret: signingSecret, BotToken: fakeslack.Token, APIURL: o.slack.APIURL, LookupTimeout: patience})
			require.NoError(t, err)
			require.NoError(t, other.Attach(h))
			w := serve(o, request(jsonType, callback(`{"type":"app_mention","channel":"C0GENERAL","user":"U0ADA","text":"<@U0BOT> hi","ts":"`+o.root+`",`+c.says+`}`)))
			require.Equal(t, http.StatusOK, w.Code)
			for _, instance := range []*slack.Adapter{o.Adapter, other} {
				_, _, err := instance.StreamMessage(t.Context(), o.room, pieces(nil, "an answer"), chat.StreamOptions{Recipient: "U0ADA"})
				require.NoError(t, err)
			}
			for _, call := range o.slack.Calls("chat.startStream") {
				require.Equal(t, c.want, call.Args["recipient_team_id"])
			}
			require.Len(t, o.slack.Calls("chat.startStream"), 2)
		})
	}
}

// TestInteractionTellsUserTeam checks that a click says to which workspace the user
// belongs, as Slack Connect has it.
func TestInteractionTellsUserTeam(t *testing.T) {
	t.Parallel()
	o := newOutbound(t)
	payload := `{"type":"block_actions","user":{"id":"U0ADA","team_id":"T0TWO"},"team":{"id":"` + fakeslack.TeamID + `"},"channel":{"id":"C0GENERAL"},
		"container":{"type":"message","channel_id":"C0GENERAL","message_ts":"` + o.root + `"},"actions":[{"action_id":"a","type":"button","action_ts":"1700000001.000200"}]}`
	body := url.Values{"payload": {payload}}.Encode()
	r := request(formType, body)
	sign(r, []byte(body), time.Now())
	require.Equal(t, http.StatusOK, serve(o, r).Code)
	_, _, err := o.StreamMessage(t.Context(), o.room, pieces(nil, "an answer"), recipient)
	require.NoError(t, err)
	require.Equal(t, "T0TWO", o.slack.Calls("chat.startStream")[0].Args["recipient_team_id"])
}
