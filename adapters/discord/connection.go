package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	socketTimeout = 20 * time.Second // to open a connection, and to send
	helloTimeout  = 20 * time.Second
	drainTimeout  = 5 * time.Second  // for events that are being stored when a connection ends
	eventTimeout  = 30 * time.Second // to store one event
	maxFrame      = 64 << 20         // bytes: a large server is one message
	// closeResumable ends a connection and keeps its session, unlike 1000 and 1001.
	// https://docs.discord.com/developers/events/gateway#initiating-a-disconnect
	closeResumable = 4000
)

// Opcodes of the gateway.
// https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-opcodes
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opResume         = 6
	opReconnect      = 7
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatAck   = 11
)

// Codes with which Discord closes a connection.
// https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
var (
	fatalCloses = map[int]string{
		4004: "the token is refused", 4010: "Config.Shards is not valid", 4011: "the bot is in too many servers, so Config.Shards must be larger",
		4012: "version 10 of the API is not supported any more", 4013: "the intents are not valid",
		4014: "an intent is not enabled in the app's settings: the bot needs Message Content Intent, and Server Members Intent with Config.Members",
	}
	lostCloses = []int{4007, 4009} // the session cannot be resumed
)

var (
	errReconnect = errors.New("the gateway asks for a new connection")
	errInvalid   = errors.New("the session is no longer valid")
	errSilent    = errors.New("the gateway did not answer a heartbeat")
)

// fatalError says why another connection would fail, too.
type fatalError struct {
	code   int
	reason string
}

func (e *fatalError) Error() string {
	return fmt.Sprintf("discord: the gateway has closed the connection with code %d: %s", e.code, e.reason)
}

// Unwrap returns [chat.ErrAuthentication] for a refused token, and else
// [chat.ErrInvalidConfig].
func (e *fatalError) Unwrap() error {
	if e.code == 4004 {
		return chat.ErrAuthentication
	}
	return chat.ErrInvalidConfig
}

func isFatal(err error) bool {
	_, ok := errors.AsType[*fatalError](err)
	return ok || platformCode(err) == chat.CodeAuthentication
}

// frame is one message of the gateway.
// https://docs.discord.com/developers/events/gateway-events#payload-structure
type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  *int64          `json:"s"`
	Type string          `json:"t"`
}

// connection is one connection of a shard.
type connection struct {
	shard    *shard
	conn     *websocket.Conn
	writing  sync.Mutex
	lanes    adapterkit.Lanes
	progress progress
	session  session     // of the reading goroutine; progress has the current Seq
	answered atomic.Bool // whether the last heartbeat was answered
}

// connect opens a connection, resumes the session or begins one, and reads until the
// connection ends.
func (s *shard) connect(ctx context.Context) error {
	where := s.session.URL
	if s.session.ID == "" {
		var err error
		if where, err = s.address(ctx); err != nil {
			return err
		}
	}
	conn, err := s.dial(ctx, where)
	if err != nil {
		return err
	}
	c := &connection{shard: s, conn: conn, session: s.session}
	c.progress.start(s.session)
	c.answered.Store(true)
	err = c.serve(ctx)
	s.session = c.session
	s.session.Seq = c.progress.stored()
	if errors.Is(err, errInvalid) {
		s.adapter.log.WarnContext(ctx, "events that happened without a session are lost", "shard", s.number, "error", err)
		s.session = session{}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if failed := s.save(last, s.session); failed != nil {
		s.adapter.log.WarnContext(ctx, "the number of the last stored event was not saved", "shard", s.number, "error", failed)
	}
	return err
}

// dial opens a connection. The address contains no secret.
func (s *shard) dial(ctx context.Context, where string) (*websocket.Conn, error) {
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "wss" && u.Scheme != "ws" || u.Host == "" {
		return nil, errors.New("the gateway's address is not a WebSocket address")
	}
	u.RawQuery = "v=10&encoding=json"
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: socketTimeout}
	if client := s.adapter.config.HTTPClient; client != nil {
		if t, ok := client.Transport.(*http.Transport); ok {
			dialer.Proxy, dialer.NetDialContext = t.Proxy, t.DialContext
			if t.TLSClientConfig != nil {
				dialer.TLSClientConfig = t.TLSClientConfig.Clone()
				dialer.TLSClientConfig.NextProtos = nil // a WebSocket begins as HTTP/1.1
			}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, socketTimeout)
	defer cancel()
	conn, response, err := dialer.DialContext(ctx, u.String(), nil)
	if response != nil && response.Body != nil {
		_ = response.Body.Close() // the handshake has no body
	}
	return conn, err
}

// serve reads the connection until it ends.
func (c *connection) serve(ctx context.Context) (err error) {
	ctx, end := context.WithCancelCause(ctx)
	// Events that are being stored when ctx ends have drainTimeout to finish.
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	interrupt := context.AfterFunc(ctx, func() { _ = c.conn.SetReadDeadline(time.Now()) })
	var loops sync.WaitGroup
	defer func() {
		if cause := context.Cause(ctx); cause != nil { // not the error of the interrupted read
			err = cause
		}
		interrupt()
		end(nil)
		loops.Wait()
		timer := time.AfterFunc(drainTimeout, stop)
		c.lanes.Close()
		timer.Stop()
		stop()
		_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(closeResumable, ""), time.Now().Add(time.Second))
		_ = c.conn.Close()
	}()
	c.conn.SetReadLimit(maxFrame)
	_ = c.conn.SetReadDeadline(time.Now().Add(helloTimeout)) // fails only on a closed connection
	interval, err := c.hello()
	if err != nil {
		return err
	}
	_ = c.conn.SetReadDeadline(time.Time{})
	loops.Go(func() { c.beat(ctx, end, interval) })
	loops.Go(func() { c.keepPlace(ctx) })
	if err := c.greet(); err != nil {
		return err
	}
	for {
		f, err := c.read()
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := c.take(working, end, f); err != nil {
			return err
		}
	}
}

// read reads a frame.
func (c *connection) read() (*frame, error) {
	_, data, err := c.conn.ReadMessage()
	if e, ok := errors.AsType[*websocket.CloseError](err); ok {
		if reason, fatal := fatalCloses[e.Code]; fatal {
			return nil, &fatalError{e.Code, reason}
		}
		if slices.Contains(lostCloses, e.Code) {
			return nil, fmt.Errorf("%w: code %d", errInvalid, e.Code)
		}
	}
	if err != nil {
		return nil, err
	}
	f := &frame{}
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("a frame cannot be read: %s", webhook.JSONFault(err))
	}
	return f, nil
}

// hello reads the interval of the heartbeats.
func (c *connection) hello() (time.Duration, error) {
	f, err := c.read()
	if err != nil {
		return 0, err
	}
	var hello struct {
		Interval int64 `json:"heartbeat_interval"` // in milliseconds
	}
	if f.Op == opReconnect {
		return 0, errReconnect
	}
	if f.Op != opHello || json.Unmarshal(f.Data, &hello) != nil || hello.Interval <= 0 || hello.Interval > 600_000 {
		return 0, errors.New("the gateway's first message is not a valid hello")
	}
	return time.Duration(hello.Interval) * time.Millisecond, nil
}

// greet resumes the session after the last stored event, or begins a session.
func (c *connection) greet() error {
	a := c.shard.adapter
	if c.session.ID != "" {
		return c.send(opResume, params{"token": a.config.BotToken, "session_id": c.session.ID, "seq": c.progress.stored()})
	}
	return c.send(opIdentify, params{
		"token": a.config.BotToken, "intents": a.intents(), "shard": [2]int{c.shard.number, a.config.Shards},
		"properties": params{"os": "linux", "browser": "chat-go", "device": "chat-go"},
	})
}

func (c *connection) send(op int, data any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(socketTimeout))
	return c.conn.WriteJSON(params{"op": op, "d": data})
}

// beat sends heartbeats, and ends the connection if the last one was not answered.
// https://docs.discord.com/developers/events/gateway#sending-heartbeats
func (c *connection) beat(ctx context.Context, end context.CancelCauseFunc, interval time.Duration) {
	wait := rand.N(interval)
	for adapterkit.Sleep(ctx, wait) == nil {
		if !c.answered.Swap(false) {
			end(errSilent)
			return
		}
		if err := c.heartbeat(); err != nil {
			end(err)
			return
		}
		wait = interval
	}
}

// heartbeat sends the number of the last stored event, not of the last one received: the
// gateway must be able to send again what is not stored.
func (c *connection) heartbeat() error {
	if seq := c.progress.stored(); seq > 0 {
		return c.send(opHeartbeat, seq)
	}
	return c.send(opHeartbeat, nil)
}

// keepPlace saves the number of the last stored event, for the next instance.
func (c *connection) keepPlace(ctx context.Context) {
	var last int64
	for adapterkit.Sleep(ctx, saveInterval) == nil {
		now, seq := c.progress.session(), c.progress.stored()
		if now.ID == "" || seq == last {
			continue
		}
		now.Seq = seq
		if err := c.shard.save(ctx, now); err == nil {
			last = seq
		}
	}
}

// take handles a frame.
func (c *connection) take(working context.Context, end context.CancelCauseFunc, f *frame) error {
	switch f.Op {
	case opDispatch:
		return c.dispatch(working, end, f)
	case opHeartbeat:
		return c.heartbeat()
	case opHeartbeatAck:
		c.answered.Store(true)
	case opReconnect:
		return errReconnect
	case opInvalidSession:
		if resumable := string(f.Data) == "true"; resumable {
			return errReconnect
		}
		return errInvalid
	}
	return nil
}

// dispatch starts the handling of an event. Events of one channel keep their order.
func (c *connection) dispatch(working context.Context, end context.CancelCauseFunc, f *frame) error {
	if f.Seq == nil {
		return errors.New("an event has no number")
	}
	seq := *f.Seq
	if f.Type == "READY" {
		var ready struct {
			SessionID string `json:"session_id"`
			URL       string `json:"resume_gateway_url"`
		}
		if json.Unmarshal(f.Data, &ready) != nil || ready.SessionID == "" || ready.URL == "" {
			return errors.New("the session has no id or no address")
		}
		c.session.ID, c.session.URL = ready.SessionID, ready.URL
		c.progress.begin(c.session)
	}
	if !c.progress.receive(seq) {
		return nil // it has come before
	}
	if f.Type == "READY" || f.Type == "RESUMED" {
		c.progress.finish(seq)
		c.shard.adapter.log.InfoContext(working, "the gateway is connected", "shard", c.shard.number, "event", f.Type)
		return nil
	}
	ev := &dispatched{kind: f.Type, id: fmt.Sprintf("%s:%d", c.session.ID, seq), data: f.Data}
	c.lanes.Do(laneOf(f), func() {
		if c.progress.failed() {
			return // it must not overtake an event that was not stored
		}
		ctx, cancel := context.WithTimeout(working, eventTimeout)
		defer cancel()
		err := c.shard.adapter.handle(ctx, ev)
		if errors.Is(err, chat.ErrInvalidArgument) || isBadRequest(err) {
			c.shard.adapter.log.ErrorContext(working, "an event that cannot be read is skipped", "event", strings.ToLower(ev.kind), "error", err)
			err = nil
		}
		if err != nil {
			c.progress.fail()
			end(fmt.Errorf("an event was not stored: %w", err))
			return
		}
		c.progress.finish(seq)
	})
	return nil
}

func isBadRequest(err error) bool {
	_, ok := errors.AsType[*webhook.Error](err)
	return ok
}

// laneOf returns the key of the events among which an event keeps its order, usually its
// channel. It is empty for an interaction, because a user waits for that.
func laneOf(f *frame) string {
	if f.Type == "INTERACTION_CREATE" {
		return ""
	}
	var about struct {
		ChannelID string `json:"channel_id"`
		GuildID   string `json:"guild_id"`
		ID        string `json:"id"`
	}
	if json.Unmarshal(f.Data, &about) != nil {
		return f.Type
	}
	return firstOf(about.ChannelID, about.ID, about.GuildID, f.Type)
}
