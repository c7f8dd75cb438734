package slacktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
)

// forwarding returns an instance that takes webhooks, and the connection of one that
// receives for it and for other addresses before it.
func forwarding(t *testing.T, before ...string) (taker *rig, conn *websocket.Conn) {
	t.Helper()
	taker = newRig(t, nil)
	server := httptest.NewServer(taker)
	t.Cleanup(server.Close)
	receiver := newRig(t, func(c *slack.Config) { // its state is another: it handles nothing
		c.AppToken, c.ForwardURLs = "xapp-1", append(before, server.URL)
	})
	s := newSockets(t, receiver)
	run(t, receiver)
	t.Cleanup(func() { require.Empty(t, receiver.host.taken()) })
	return taker, receive(t, s.opened)
}

// TestForwardFromSocketMode checks that each kind of envelope reaches an instance as
// a webhook that it accepts, and that its answer goes back.
func TestForwardFromSocketMode(t *testing.T) {
	t.Parallel()
	taker, conn := forwarding(t)
	taker.host.submit = func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		return chat.ModalAnswer{Action: chat.ModalClear}, nil
	}
	send(t, conn, `{"type":"events_api","envelope_id":"e1","payload":%s}`, callback(aMessage))
	require.Equal(t, ack{EnvelopeID: "e1"}, acknowledged(t, conn))
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), one[*chat.Message](t, taker.host.taken()).ID)

	send(t, conn, `{"type":"slash_commands","envelope_id":"e2","payload":{"command":"/x","text":"a & b","user_id":"U0ADA","channel_id":"C0ONE","team_id":"T0ONE","is_enterprise_install":false}}`)
	require.Equal(t, ack{EnvelopeID: "e2"}, acknowledged(t, conn))
	require.Equal(t, "a & b", one[*chat.SlashCommandEvent](t, taker.host.taken()).Text)

	send(t, conn, `{"type":"interactive","envelope_id":"e3","payload":{"type":"view_submission","user":{"id":"U0ADA"},"team":{"id":"T0ONE"},"view":{"id":"V1","callback_id":"form","state":{"values":{}}}}}`)
	answered := acknowledged(t, conn)
	require.Equal(t, "e3", answered.EnvelopeID)
	require.JSONEq(t, `{"response_action":"clear"}`, string(answered.Payload))

	send(t, conn, `{"type":"events_api","envelope_id":"e4","payload":{"type":"event_callback"}}`)
	require.Equal(t, "e4", acknowledged(t, conn).EnvelopeID, "it would never be better")
	require.Empty(t, taker.host.taken())

	// One that was taken already is known again as such: the attempt is told too.
	body := callback(aMessage)
	send(t, conn, `{"type":"events_api","envelope_id":"e5","payload":%s}`, body)
	acknowledged(t, conn)
	require.Len(t, taker.host.taken(), 1)
	send(t, conn, `{"type":"events_api","envelope_id":"e6","retry_attempt":1,"payload":%s}`, body)
	acknowledged(t, conn)
	require.Empty(t, taker.host.taken())
}

// TestForwardGoesToAnInstanceThatTakesIt checks that instances which are away, or
// refuse for now, lose nothing.
func TestForwardGoesToAnInstanceThatTakesIt(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusNotFound, http.StatusFound} {
		refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		t.Cleanup(refusing.Close)
		taker, conn := forwarding(t, refusing.URL, "http://127.0.0.1:1")
		send(t, conn, `{"type":"slash_commands","envelope_id":"e1","payload":{"command":"/x","user_id":"U0ADA","team_id":"T0ONE"}}`)
		require.Equal(t, ack{EnvelopeID: "e1"}, acknowledged(t, conn))
		require.Equal(t, "/x", one[*chat.SlashCommandEvent](t, taker.host.taken()).Command)
	}
	require.Equal(t, int32(4), asked.Load(), "each was asked first")

	// What no instance takes is not acknowledged: Slack sends it again.
	taker, conn := forwarding(t)
	failures := []error{errors.New("down"), nil}
	taker.host.before(func(context.Context) { // one channel's are taken in their order
		taker.host.refuseWith(failures[0])
		failures = failures[1:]
	})
	send(t, conn, `{"type":"events_api","envelope_id":"e1","payload":%s}`, callback(aMessage))
	send(t, conn, `{"type":"events_api","envelope_id":"e2","payload":%s}`, callback(aMessage))
	require.Equal(t, "e2", acknowledged(t, conn).EnvelopeID)
}

// TestVerifyRequest checks webhooks that a function decides about.
func TestVerifyRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *slack.Config) {
		c.SigningSecret = ""
		c.VerifyRequest = func(req *http.Request, body []byte) error {
			require.True(t, json.Valid(body))
			switch req.Header.Get("Gateway") {
			case "ok":
				return nil
			case "away":
				return chat.ErrTemporary
			}
			return errors.New("not the gateway's")
		}
	})
	for gateway, status := range map[string]int{"ok": http.StatusOK, "away": http.StatusServiceUnavailable, "": http.StatusUnauthorized} {
		req := request(jsonType, callback(aMessage))
		req.Header.Set("Gateway", gateway)
		require.Equal(t, status, serve(r, req).Code, gateway)
		require.Equal(t, status == http.StatusOK, len(r.host.taken()) == 1)
	}

	req := request(jsonType, callback(aMessage))
	body := []byte(callback(aMessage))
	require.Error(t, slack.VerifySignature(signingSecret, req.Header, body), "another event's")
	body = []byte(aMessage)
	req = request(jsonType, aMessage)
	require.NoError(t, slack.VerifySignature(signingSecret, req.Header, body))
	require.Error(t, slack.VerifySignature("", req.Header, body))
}

// TestBotTokenSource checks that calls use the token of the moment, and try the next
// one where Slack refuses it.
func TestBotTokenSource(t *testing.T) {
	t.Parallel()
	tokens := make(chan string, 8)
	o := newOutbound(t, func(c *slack.Config) {
		c.BotToken = ""
		c.BotTokenSource = func(context.Context) (string, error) {
			select {
			case token := <-tokens:
				if token == "" {
					return "", errors.New("the vault is sealed")
				}
				return token, nil
			default:
				return "xoxb-second", nil
			}
		}
	})
	o.slack.AddToken("xoxb-second", "T0TEAM")
	react := func() error { return o.AddReaction(t.Context(), o.room, chat.MessageID("C0GENERAL:"+o.root), "eyes") }
	require.NoError(t, react())
	tokens <- "xoxb-old"
	require.NoError(t, react(), "refused, and made again with the next token")
	for range 2 {
		tokens <- "xoxb-old"
	}
	require.ErrorIs(t, react(), chat.ErrAuthentication)
	tokens <- "xoxp-a-secret"
	err := react()
	require.ErrorIs(t, err, chat.ErrAuthentication)
	require.ErrorContains(t, err, "BotTokenSource")
	require.NotContains(t, err.Error(), "secret")
	tokens <- ""
	require.ErrorContains(t, react(), "the vault is sealed")
}
