package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/chat"
)

// Socket Mode. https://docs.slack.dev/apis/events-api/using-socket-mode
const (
	firstBackoff = time.Second
	maxBackoff   = 30 * time.Second
	hastyUntil   = 10 * time.Second // a connection that Slack ends that early is no good one
	steadyAfter  = time.Minute      // a connection that lasts this long ends a row of failures

	socketTimeout = 20 * time.Second // to open one, and to send
	pingInterval  = 15 * time.Second
	silenceLimit  = 45 * time.Second // without any frame a connection is dead
	drainTimeout  = 5 * time.Second  // for envelopes that are being stored when a connection ends
	handoverTime  = 30 * time.Second // how long an old connection is read while its successor is open

	maxFrame = 16 << 20 // bytes
)

// fatalErrors are answers of apps.connections.open that trying again does not
// change. https://docs.slack.dev/reference/methods/apps.connections.open
var fatalErrors = strings.Fields("invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type " +
	"missing_scope no_permission access_denied forbidden_team org_login_required team_access_not_granted")

var (
	errSocketOff = errors.New("Socket Mode is off in the app's settings")
	errHasty     = errors.New("Slack ends the connection that has just begun")
)

// Run keeps Config.SocketConnections connections if there is an AppToken, and
// waits otherwise. What comes over them is handled here, or by the instances of
// Config.ForwardURLs. It returns nil when ctx ends, or why connecting again is
// useless: the token is refused, or Socket Mode is off.
func (a *Adapter) Run(ctx context.Context) error {
	if a.config.AppToken == "" {
		<-ctx.Done()
		return nil
	}
	if t := a.config.HTTPClient.Transport; t != nil {
		if _, ok := t.(*http.Transport); !ok {
			a.log.WarnContext(ctx, "socket-transport-unknown", "transport", fmt.Sprintf("%T", t), "instead", "http.DefaultTransport")
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fatal := make(chan error, a.config.SocketConnections)
	var wait sync.WaitGroup
	for range a.config.SocketConnections {
		wait.Go(func() {
			if err := a.keepConnected(ctx); err != nil {
				fatal <- err
				cancel()
			}
		})
	}
	wait.Wait()
	close(fatal)
	return <-fatal
}

// keepConnected keeps one connection. When Slack announces that it will close it,
// the next one is opened first, so that events always have somewhere to go.
func (a *Adapter) keepConnected(ctx context.Context) error {
	var old sync.WaitGroup // connections that have a successor
	defer old.Wait()
	backoff := firstBackoff
	for ctx.Err() == nil {
		began := time.Now()
		s, err := a.dial(ctx)
		if err == nil {
			leaving := make(chan struct{})
			done := make(chan error, 1)
			old.Go(func() { done <- s.serve(ctx, sync.OnceFunc(func() { close(leaving) })) })
			select {
			case <-leaving:
				if time.Since(began) > hastyUntil {
					backoff = firstBackoff
					continue
				}
				err = errHasty
			case err = <-done:
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if isFatal(err) {
			return platformError("apps.connections.open", chat.CodeAuthentication, err)
		}
		if time.Since(began) > steadyAfter {
			backoff = firstBackoff
		}
		pause := backoff/2 + rand.N(backoff) // half to one and a half: many instances do not come at once
		if limited, ok := errors.AsType[*slackapi.RateLimitedError](err); ok {
			pause += limited.RetryAfter
		}
		a.log.WarnContext(ctx, "socket-lost", "error", err, "retry", pause)
		if adapterkit.Sleep(ctx, pause) != nil {
			return nil
		}
		backoff = min(2*backoff, maxBackoff)
	}
	return nil
}

func isFatal(err error) bool { return refusedWith(err, fatalErrors...) || errors.Is(err, errSocketOff) }

// socket is one connection.
type socket struct {
	adapter *Adapter
	conn    *websocket.Conn
	writing sync.Mutex
	lanes   adapterkit.Lanes
}

// dial asks Slack for an address and connects to it.
func (a *Adapter) dial(ctx context.Context) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, socketTimeout)
	defer cancel()
	client := slackapi.New("", slackapi.OptionAppLevelToken(a.config.AppToken), slackapi.OptionAPIURL(a.config.APIURL),
		slackapi.OptionHTTPClient(a.config.HTTPClient))
	_, address, err := client.StartSocketModeContext(ctx)
	if err != nil {
		return nil, err
	}
	dialer := a.socketDialer()
	conn, response, err := dialer.DialContext(ctx, address, nil)
	if response != nil && response.Body != nil {
		_ = response.Body.Close() // the handshake has no body
	}
	if err != nil {
		// The address holds a ticket, which must not be logged.
		if _, ok := errors.AsType[*url.Error](err); ok {
			err = errors.New("the socket's address cannot be reached")
		}
		return nil, err
	}
	return &socket{adapter: a, conn: conn}, nil
}

// socketDialer returns what connects as the configured client does: through its
// proxy, with its certificates.
func (a *Adapter) socketDialer() websocket.Dialer {
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: socketTimeout}
	t, ok := a.config.HTTPClient.Transport.(*http.Transport)
	if !ok {
		if t, ok = http.DefaultTransport.(*http.Transport); !ok {
			return dialer
		}
	}
	dialer.Proxy, dialer.NetDialContext, dialer.NetDialTLSContext = t.Proxy, t.DialContext, t.DialTLSContext
	if t.TLSClientConfig != nil {
		dialer.TLSClientConfig = t.TLSClientConfig.Clone()
		dialer.TLSClientConfig.NextProtos = nil // a WebSocket begins as HTTP/1.1
	}
	return dialer
}

// serve reads the connection until it ends. leaving is called when Slack will
// close it soon; it is read on, for what is still under way.
func (s *socket) serve(ctx context.Context, leaving func()) error {
	// What is being stored when ctx ends may be finished, and acknowledged.
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	patience := &deadline{conn: s.conn}
	stop := context.AfterFunc(ctx, func() { patience.last(0) })
	defer func() {
		stop()
		timer := time.AfterFunc(drainTimeout, cancel)
		s.lanes.Close()
		timer.Stop()
		cancel()
		_ = s.control(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
		_ = s.conn.Close()
	}()
	s.conn.SetReadLimit(maxFrame)
	patience.renew()
	s.conn.SetPongHandler(func(string) error {
		patience.renew()
		return nil
	})
	s.conn.SetPingHandler(func(data string) error {
		patience.renew()
		return s.control(websocket.PongMessage, []byte(data))
	})
	pings := time.NewTicker(pingInterval)
	defer pings.Stop()
	go func() {
		for {
			select {
			case <-working.Done():
				return
			case <-pings.C:
				_ = s.control(websocket.PingMessage, nil) // a dead connection is noticed by its silence
			}
		}
	}()
	for {
		_, data, err := s.conn.ReadMessage()
		if err != nil || ctx.Err() != nil {
			return err
		}
		patience.renew()
		var f frame
		if err := json.Unmarshal(data, &f); err != nil {
			s.adapter.log.WarnContext(ctx, "socket-frame-unreadable", "error", err)
			continue
		}
		switch f.Type {
		case "hello":
			s.adapter.log.InfoContext(ctx, "socket-connected")
		case "disconnect":
			s.adapter.log.InfoContext(ctx, "socket-disconnect", "reason", f.Reason)
			switch f.Reason {
			case "link_disabled":
				return errSocketOff
			case "warning", "refresh_requested":
				patience.last(handoverTime)
				leaving()
			default: // too_many_websockets
				return fmt.Errorf("slack closes the connection: %s", f.Reason)
			}
		default:
			if f.EnvelopeID != "" {
				s.lanes.Do(f.lane(), func() { s.handle(working, &f) })
			}
		}
	}
}

// deadline is how long a connection may be silent.
type deadline struct {
	conn  *websocket.Conn
	mu    sync.Mutex
	final bool
}

// renew starts it again.
func (d *deadline) renew() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.final {
		_ = d.conn.SetReadDeadline(time.Now().Add(silenceLimit)) // fails only on a closed connection
	}
}

// last ends reading after the time, whatever comes.
func (d *deadline) last(after time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.final = true
	_ = d.conn.SetReadDeadline(time.Now().Add(after)) // likewise
}

// handle takes an envelope and acknowledges it. What is not acknowledged Slack
// sends again, to any connection of the app.
func (s *socket) handle(ctx context.Context, f *frame) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	take := s.adapter.takeEnvelope
	if len(s.adapter.config.ForwardURLs) > 0 {
		take = s.adapter.forward
	}
	out, err := take(ctx, f)
	if err != nil {
		s.adapter.log.WarnContext(ctx, "envelope-failed", "type", f.Type, "error", err)
		if !errors.Is(err, chat.ErrInvalidArgument) {
			return
		}
		// It will never be better: sending it again would change nothing.
	}
	ack, err := json.Marshal(struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    answer `json:"payload,omitempty"`
	}{f.EnvelopeID, out})
	if err != nil {
		return
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(socketTimeout))
	if err := s.conn.WriteMessage(websocket.TextMessage, ack); err != nil {
		s.adapter.log.DebugContext(ctx, "acknowledge-failed", "error", err)
	}
}

func (s *socket) control(kind int, data []byte) error {
	return s.conn.WriteControl(kind, data, time.Now().Add(socketTimeout))
}
