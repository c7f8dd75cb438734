package slacktest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/slack"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// sockets is Slack's end of Socket Mode.
type sockets struct {
	*httptest.Server
	opened chan *websocket.Conn
}

func newSockets(t *testing.T, r *rig) *sockets {
	t.Helper()
	s := &sockets{opened: make(chan *websocket.Conn, 16)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, req, nil)
		if err != nil {
			return
		}
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1}`))
		s.opened <- conn
	}))
	t.Cleanup(s.Close)
	r.api.answer("apps.connections.open", func(_ url.Values, token string) any {
		if token != "xapp-1" {
			return object{"ok": false, "error": "invalid_auth"}
		}
		return object{"ok": true, "url": "ws" + strings.TrimPrefix(s.URL, "http") + "/link?ticket=secret"}
	})
	return s
}

func socketMode(c *slack.Config) { c.SigningSecret, c.AppToken = "", "xapp-1" }

// run keeps the adapter connected until the test ends, and returns what stops it.
func run(t *testing.T, r *rig) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	var stopped atomic.Bool
	stop = func() error {
		if stopped.Swap(true) {
			return nil
		}
		cancel()
		return receive(t, done)
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

func send(t *testing.T, conn *websocket.Conn, format string, args ...any) {
	t.Helper()
	require.NoError(t, conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)))
}

// ack is what the adapter acknowledges.
type ack struct {
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
}

func acknowledged(t *testing.T, conn *websocket.Conn) ack {
	t.Helper()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, text, err := conn.ReadMessage()
	require.NoError(t, err)
	var a ack
	require.NoError(t, json.Unmarshal(text, &a))
	return a
}

func TestSocketMode(t *testing.T) {
	t.Parallel()
	r := newRig(t, socketMode)
	r.host.submit = func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
		return chat.ModalAnswer{Action: chat.ModalClear}, nil
	}
	s := newSockets(t, r)
	stop := run(t, r)
	conn := receive(t, s.opened)

	send(t, conn, `{"type":"events_api","envelope_id":"e1","accepts_response_payload":false,"payload":%s}`, callback(aMessage))
	require.Equal(t, ack{EnvelopeID: "e1"}, acknowledged(t, conn))
	require.Equal(t, chat.MessageID("C0ONE:1700000001.000200"), one[*chat.Message](t, r.host.taken()).ID)

	send(t, conn, `{"type":"slash_commands","envelope_id":"e2","payload":{"command":"/x","user_id":"U0ADA","channel_id":"C0ONE","team_id":"T0ONE","is_enterprise_install":false}}`)
	require.Equal(t, ack{EnvelopeID: "e2"}, acknowledged(t, conn))
	require.Equal(t, "/x", one[*chat.SlashCommandEvent](t, r.host.taken()).Command)

	send(t, conn, `{"type":"interactive","envelope_id":"e3","accepts_response_payload":true,"payload":{"type":"view_submission",%s,%s}}`, who, view(`""`, `{}`))
	got := acknowledged(t, conn)
	require.Equal(t, "e3", got.EnvelopeID)
	require.JSONEq(t, `{"response_action":"clear"}`, string(got.Payload), "the answer is in the acknowledgement")

	send(t, conn, `nonsense`)
	send(t, conn, `{"type":"events_api","envelope_id":"e4","payload":{"type":"event_callback","event":{"type":"message"}}}`)
	require.Equal(t, "e4", acknowledged(t, conn).EnvelopeID, "what will never be right is not sent again")
	require.Empty(t, r.host.taken())
	require.NoError(t, stop())
}

// TestSocketAcknowledgesWhatIsStored checks that an envelope is acknowledged only
// after the bot has it, and taken when it comes again.
func TestSocketAcknowledgesWhatIsStored(t *testing.T) {
	t.Parallel()
	r := newRig(t, socketMode)
	s := newSockets(t, r)
	run(t, r)
	conn := receive(t, s.opened)
	body := callback(aMessage)
	r.host.refuseWith(state.ErrUnavailable)
	send(t, conn, `{"type":"events_api","envelope_id":"e1","payload":%s}`, body)
	require.Eventually(t, func() bool { return r.host.refused() == 1 }, 10*time.Second, time.Millisecond)
	r.host.refuseWith(nil)
	send(t, conn, `{"type":"events_api","envelope_id":"e2","retry_attempt":1,"retry_reason":"timeout","payload":%s}`, body)
	require.Equal(t, "e2", acknowledged(t, conn).EnvelopeID)
	require.Len(t, r.host.taken(), 1)
}

// TestSocketKeepsOrder checks that the messages of a channel come in their order.
func TestSocketKeepsOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, socketMode)
	s := newSockets(t, r)
	run(t, r)
	conn := receive(t, s.opened)
	const count = 200
	for i := range count {
		send(t, conn, `{"type":"events_api","envelope_id":"e%d","payload":%s}`, i, callback(fmt.Sprintf(`{"type":"message","channel":"C0%d","user":"U0ADA","text":"x","ts":"1700000001.%06d"}`, i%3, i)))
	}
	for range count {
		acknowledged(t, conn)
	}
	last := map[chat.ThreadID]chat.MessageID{}
	got := r.host.taken()
	require.Len(t, got, count)
	for _, in := range got {
		m := in.(*chat.Message)
		channel := m.ThreadID[:len("slack:C00")]
		require.Less(t, last[channel], m.ID)
		last[channel] = m.ID
	}
}

// TestSocketHandover checks that there is a new connection before the old one is
// closed, and that what the old one still brings is taken.
func TestSocketHandover(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"refresh_requested", "warning"} {
		r := newRig(t, socketMode)
		s := newSockets(t, r)
		run(t, r)
		old := receive(t, s.opened)
		send(t, old, `{"type":"disconnect","reason":%q}`, reason)
		began := time.Now()
		fresh := receive(t, s.opened)
		require.Less(t, time.Since(began), 5*time.Second)
		send(t, old, `{"type":"events_api","envelope_id":"late","payload":%s}`, callback(aMessage))
		require.Equal(t, "late", acknowledged(t, old).EnvelopeID)
		send(t, fresh, `{"type":"events_api","envelope_id":"new","payload":%s}`, callback(aMessage))
		require.Equal(t, "new", acknowledged(t, fresh).EnvelopeID)
		require.NoError(t, old.Close())
		send(t, fresh, `{"type":"events_api","envelope_id":"next","payload":%s}`, callback(aMessage))
		require.Equal(t, "next", acknowledged(t, fresh).EnvelopeID)
		require.Equal(t, 2, r.api.called("apps.connections.open"))
	}
}

func TestSocketReconnects(t *testing.T) {
	t.Parallel()
	r := newRig(t, socketMode)
	s := newSockets(t, r)
	run(t, r)
	require.NoError(t, receive(t, s.opened).Close())
	conn := receive(t, s.opened)
	send(t, conn, `{"type":"disconnect","reason":"too_many_websockets"}`)
	conn = receive(t, s.opened)
	send(t, conn, `{"type":"events_api","envelope_id":"e1","payload":%s}`, callback(aMessage))
	require.Equal(t, "e1", acknowledged(t, conn).EnvelopeID)
}

func TestSeveralSockets(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *slack.Config) {
		socketMode(c)
		c.SocketConnections = 3
	})
	s := newSockets(t, r)
	stop := run(t, r)
	for i := range 3 {
		conn := receive(t, s.opened)
		send(t, conn, `{"type":"events_api","envelope_id":"e%d","payload":%s}`, i, callback(aMessage))
		require.Equal(t, fmt.Sprintf("e%d", i), acknowledged(t, conn).EnvelopeID)
	}
	require.NoError(t, stop())
	require.Equal(t, 3, r.api.called("apps.connections.open"))
}

// TestSocketAnswersPings checks that Slack sees a living connection.
func TestSocketAnswersPings(t *testing.T) {
	t.Parallel()
	r := newRig(t, socketMode)
	s := newSockets(t, r)
	run(t, r)
	conn := receive(t, s.opened)
	pong := make(chan string, 1)
	conn.SetPongHandler(func(data string) error {
		pong <- data
		return nil
	})
	require.NoError(t, conn.WriteControl(websocket.PingMessage, []byte("Ping from applink"), time.Now().Add(time.Second)))
	go func() { _, _, _ = conn.ReadMessage() }()
	require.Equal(t, "Ping from applink", receive(t, pong))
}

// TestSocketGivesUp checks what trying again would not change.
func TestSocketGivesUp(t *testing.T) {
	t.Parallel()
	refused := newRig(t, socketMode)
	refused.api.answer("apps.connections.open", func(url.Values, string) any { return object{"ok": false, "error": "invalid_auth"} })
	require.ErrorIs(t, refused.Run(t.Context()), chat.ErrAuthentication)

	off := newRig(t, func(c *slack.Config) {
		socketMode(c)
		c.SocketConnections = 2
	})
	s := newSockets(t, off)
	done := make(chan error, 1)
	go func() { done <- off.Run(t.Context()) }()
	send(t, receive(t, s.opened), `{"type":"disconnect","reason":"link_disabled"}`)
	require.ErrorContains(t, receive(t, done), "Socket Mode is off")
}

// TestSocketFinishesWhatItBegan checks that an event that is being stored when
// the bot stops is still acknowledged.
func TestSocketFinishesWhatItBegan(t *testing.T) {
	t.Parallel()
	r := newRig(t, socketMode)
	s := newSockets(t, r)
	release, began := make(chan struct{}), make(chan struct{})
	r.host.before(func(ctx context.Context) {
		close(began)
		<-release
		select {
		case <-ctx.Done(): // then Deliver fails
		case <-time.After(100 * time.Millisecond):
		}
	})
	stop := run(t, r)
	conn := receive(t, s.opened)
	send(t, conn, `{"type":"events_api","envelope_id":"e1","payload":%s}`, callback(aMessage))
	receive(t, began)
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(release)
	require.Equal(t, "e1", acknowledged(t, conn).EnvelopeID)
	require.NoError(t, receive(t, stopped))
}

func TestRunWithoutSocketWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	cancel()
	require.NoError(t, receive(t, done))
	require.Zero(t, r.api.called("apps.connections.open"))
}

// TestSocketConnectsAsTheClientDoes checks that Socket Mode goes through the proxy
// of the configured client and trusts the authorities that it trusts.
func TestSocketConnectsAsTheClientDoes(t *testing.T) {
	t.Parallel()
	r := newRig(t, socketMode)
	opened := make(chan *websocket.Conn, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		upgrader := websocket.Upgrader{}
		if conn, err := upgrader.Upgrade(w, req, nil); err == nil {
			_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1}`))
			opened <- conn
		}
	}))
	t.Cleanup(server.Close)
	proxied := make(chan string, 16)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		proxied <- req.Host
		forward(t, w, server.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	r.api.answer("apps.connections.open", func(url.Values, string) any {
		return object{"ok": true, "url": "wss://slack.invalid/link?ticket=secret"}
	})
	proxyURL, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	transport := &http.Transport{
		Proxy: func(req *http.Request) (*url.URL, error) {
			if req.URL.Host == "slack.invalid" {
				return proxyURL, nil
			}
			return nil, nil
		},
		TLSClientConfig: &tls.Config{RootCAs: trusted, ServerName: "example.com", MinVersion: tls.VersionTLS12},
	}
	t.Cleanup(transport.CloseIdleConnections)
	r = newRigOn(t, r, func(c *slack.Config) {
		socketMode(c)
		c.HTTPClient = &http.Client{Transport: transport}
	})
	stop := run(t, r)
	conn := receive(t, opened)
	require.Equal(t, "slack.invalid:443", receive(t, proxied))
	send(t, conn, `{"type":"events_api","envelope_id":"e1","payload":%s}`, callback(aMessage))
	require.Equal(t, ack{EnvelopeID: "e1"}, acknowledged(t, conn))
	require.NoError(t, stop())
}

// forward joins a CONNECT request with an address, as a proxy does.
func forward(t *testing.T, w http.ResponseWriter, address string) {
	upstream, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = upstream.Close()
		return
	}
	_, _ = client.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	go func() {
		_, _ = io.Copy(upstream, client)
		_ = upstream.Close()
	}()
	_, _ = io.Copy(client, upstream)
	_ = client.Close()
}
