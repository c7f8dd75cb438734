package fakediscord

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// gateway is where bots connect.
// https://docs.discord.com/developers/events/gateway
type gateway struct {
	server *Server
	url    string

	mu         sync.Mutex
	interval   time.Duration
	sessions   map[string]*gatewaySession
	live       map[int]*gatewayConn // by shard
	count      int
	identified []map[string]any
	resumed    []map[string]any
	beats      []any
	remaining  int
	muted      bool
	changed    chan struct{} // closed and replaced when something has happened
}

type gatewaySession struct {
	id     string
	shard  int
	events []json.RawMessage // whole frames, the first has the number 1
	gone   bool
}

type gatewayConn struct {
	conn    *websocket.Conn
	writing sync.Mutex
	session *gatewaySession
}

func (g *gateway) init(s *Server) {
	g.server, g.interval, g.remaining = s, 45*time.Second, 1000
	g.sessions, g.live, g.changed = map[string]*gatewaySession{}, map[int]*gatewayConn{}, make(chan struct{})
}

func (g *gateway) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.live {
		_ = c.conn.Close()
	}
}

func (g *gateway) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

func (c *request) getGateway() (any, error) {
	g := &c.server.gateway
	g.mu.Lock()
	defer g.mu.Unlock()
	return map[string]any{"url": g.url, "shards": 1, "session_start_limit": map[string]any{
		"total": 1000, "remaining": g.remaining, "reset_after": 1000, "max_concurrency": 16,
	}}, nil
}

// Heartbeats sets how often the gateway wants to hear from the bot.
func (s *Server) Heartbeats(interval time.Duration) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	s.gateway.interval = interval
}

// Mute has heartbeats stay without an answer.
func (s *Server) Mute(muted bool) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	s.gateway.muted = muted
}

// SessionsLeft sets how many sessions may begin.
func (s *Server) SessionsLeft(n int) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	s.gateway.remaining = n
}

// Identified returns what the sessions have begun with, and Resumed those that went on.
func (s *Server) Identified() []map[string]any {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	return s.gateway.identified
}

// Resumed returns what sessions have gone on with.
func (s *Server) Resumed() []map[string]any {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	return s.gateway.resumed
}

// Beats returns the numbers that came with heartbeats.
func (s *Server) Beats() []any {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	return s.gateway.beats
}

// Await waits until the bot's calls and connections have made something so, for at
// most a minute.
func (s *Server) Await(is func() bool) bool {
	deadline := time.After(time.Minute)
	for {
		s.gateway.mu.Lock()
		changed := s.gateway.changed
		s.gateway.mu.Unlock()
		if is() {
			return true
		}
		select {
		case <-changed:
		case <-deadline:
			return false
		}
	}
}

// Connected returns how many connections there are.
func (s *Server) Connected() int {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	return len(s.gateway.live)
}

// Dispatch sends an event to the sessions of a shard, connected or not.
func (s *Server) Dispatch(shard int, kind, data string) {
	g := &s.gateway
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, session := range g.sessions {
		if session.shard == shard && !session.gone {
			frame := session.add(kind, data)
			if c := g.live[shard]; c != nil && c.session == session {
				c.write(frame)
			}
		}
	}
}

func (s *gatewaySession) add(kind, data string) json.RawMessage {
	frame := json.RawMessage(fmt.Sprintf(`{"op":0,"s":%d,"t":%q,"d":%s}`, len(s.events)+1, kind, data))
	s.events = append(s.events, frame)
	return frame
}

// Send sends a frame as it is.
func (s *Server) Send(shard int, frame string) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	if c := s.gateway.live[shard]; c != nil {
		c.write(json.RawMessage(frame))
	}
}

// Kick ends the connection of a shard with a code, or without a word if it is 0.
func (s *Server) Kick(shard, code int) {
	s.gateway.mu.Lock()
	c := s.gateway.live[shard]
	delete(s.gateway.live, shard)
	s.gateway.mu.Unlock()
	if c == nil {
		return
	}
	if code != 0 {
		_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "kicked"), time.Now().Add(time.Second))
	}
	_ = c.conn.Close()
}

// Forget has the sessions of a shard end, so that none can go on.
func (s *Server) Forget(shard int) {
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	for _, session := range s.gateway.sessions {
		if session.shard == shard {
			session.gone = true
		}
	}
}

func (c *gatewayConn) write(frame any) {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.WriteJSON(frame) // a client that has left needs none
}

func (g *gateway) serve(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); q.Get("v") != "10" || q.Get("encoding") != "json" {
		g.server.tb.Errorf("fakediscord: the gateway is asked for %q", r.URL.RawQuery)
	}
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	c := &gatewayConn{conn: conn}
	g.mu.Lock()
	interval := g.interval
	g.mu.Unlock()
	c.write(map[string]any{"op": 10, "d": map[string]any{"heartbeat_interval": interval.Milliseconds()}})
	for {
		var f struct {
			Op   int `json:"op"`
			Data any `json:"d"`
		}
		if conn.ReadJSON(&f) != nil {
			break
		}
		switch f.Op {
		case 1:
			g.mu.Lock()
			g.beats = append(g.beats, f.Data)
			g.wake()
			muted := g.muted
			g.mu.Unlock()
			if !muted {
				c.write(map[string]any{"op": 11})
			}
		case 2:
			g.identify(c, f.Data)
		case 6:
			g.resume(c, f.Data)
		default:
			g.server.tb.Errorf("fakediscord: the bot sends op %d", f.Op)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.session != nil && g.live[c.session.shard] == c {
		delete(g.live, c.session.shard)
	}
	g.wake()
}

// enter makes a connection that of its shard. There is one at a time.
func (g *gateway) enter(c *gatewayConn, session *gatewaySession) {
	if other := g.live[session.shard]; other != nil {
		g.server.tb.Errorf("fakediscord: the shard %d is connected twice", session.shard)
	}
	c.session = session
	g.live[session.shard] = c
}

func (g *gateway) refuse(c *gatewayConn, code int) {
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "refused"), time.Now().Add(time.Second))
	_ = c.conn.Close()
}

// https://docs.discord.com/developers/events/gateway-events#identify
func (g *gateway) identify(c *gatewayConn, data any) {
	problems := object(map[string]kind{
		"token!": text(1, 200), "intents!": integer(1, 1<<26), "shard": list(2, 2, integer(0, 100)), "properties!": object(map[string]kind{
			"os!": text(1, 50), "browser!": text(1, 50), "device!": text(1, 50),
		}),
	})(data)
	for _, problem := range problems {
		g.server.tb.Errorf("fakediscord: identify %s", problem)
	}
	args, _ := data.(map[string]any)
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.wake()
	g.identified = append(g.identified, args)
	if args["token"] != Token {
		g.refuse(c, 4004)
		return
	}
	shard := 0
	if of, ok := args["shard"].([]any); ok {
		n, _ := of[0].(float64)
		shard = int(n)
	}
	g.count++
	session := &gatewaySession{id: fmt.Sprintf("session%d", g.count), shard: shard}
	g.sessions[session.id] = session
	g.enter(c, session)
	c.write(session.add("READY", fmt.Sprintf(`{"v":10,"user":{"id":%q,"bot":true},"guilds":[],"session_id":%q,"resume_gateway_url":%q,"application":{"id":%q}}`,
		ApplicationID, session.id, g.url, ApplicationID)))
}

// https://docs.discord.com/developers/events/gateway-events#resume
func (g *gateway) resume(c *gatewayConn, data any) {
	for _, problem := range object(map[string]kind{"token!": text(1, 200), "session_id!": text(1, 100), "seq!": integer(0, 1<<40)})(data) {
		g.server.tb.Errorf("fakediscord: resume %s", problem)
	}
	args, _ := data.(map[string]any)
	id, _ := args["session_id"].(string)
	seq, _ := args["seq"].(float64)
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.wake()
	g.resumed = append(g.resumed, args)
	session := g.sessions[id]
	switch {
	case args["token"] != Token:
		g.refuse(c, 4004)
		return
	case session == nil || session.gone:
		c.write(map[string]any{"op": 9, "d": false})
		return
	case int(seq) > len(session.events):
		g.refuse(c, 4007)
		return
	}
	g.enter(c, session)
	for _, frame := range session.events[int(seq):] {
		c.write(frame)
	}
	c.write(session.add("RESUMED", "{}"))
}
