package fakediscord

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/fakeapi"
)

// The bot.
const (
	Token         = "MTQ1NzQ2OTQ4MzcyNjY2ODA0OA.fake.token-of_the-bot"
	ApplicationID = "1457469483726668048"
	BotRole       = "1457473602180878604"
)

// Server is Discord.
type Server struct {
	*chattest.MessageStore
	fakeapi.Script[Failure]

	// URL is the API's address.
	URL string

	tb      testing.TB
	key     ed25519.PrivateKey
	gateway gateway

	mu           sync.Mutex
	channels     map[string]Channel
	users        map[string]string // names by id
	files        map[string][]byte
	details      map[chat.MessageID]detail
	interactions map[string]*Interaction
	modals       []chattest.OpenedModal
	forms        map[string]map[string]any // by trigger
	commands     []any
	calls        []Call
	last         int64 // id that was given
	headers      http.Header
}

// Channel is a channel, a thread or a direct conversation.
type Channel struct {
	ID, GuildID, ParentID, Name string
	Type                        int
	// NoThreads says that the bot may make no threads in it.
	NoThreads bool
	archived  time.Time
}

// Call is a call that was made.
type Call struct {
	// Route is the method and the path with its ids as "{id}".
	Route string
	Path  string
	Args  map[string]any
	Files int
}

// Failure is an answer that a call gets instead of its own.
type Failure struct {
	Status, Code int
	Message      string
	RetryAfter   float64
	Global       bool
	// Body is sent as it is instead.
	Body string
}

func (f *Failure) Error() string { return f.Message }

// detail is what Discord keeps of a message beyond its text.
type detail struct {
	channel    string
	embeds     []any
	components []any
	told       []string // users who may be told
	ephemeral  string   // the user who sees it
	system     int      // its type, if it is a note of Discord's
	body       map[string]any
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		MessageStore: chattest.NewMessageStore("discord"), tb: tb, key: ed25519.NewKeyFromSeed([]byte("the seed of Discord's secret key")),
		channels: map[string]Channel{}, users: map[string]string{}, files: map[string][]byte{}, details: map[chat.MessageID]detail{},
		interactions: map[string]*Interaction{}, forms: map[string]map[string]any{}, last: 1_457_600_000_000_000_000, headers: http.Header{},
	}
	s.gateway.init(s)
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = server.URL + "/api"
	s.gateway.url = "ws" + strings.TrimPrefix(server.URL, "http") + "/gateway"
	tb.Cleanup(func() {
		s.gateway.close()
		server.Close()
	})
	return s
}

// PublicKey is the key with which webhooks are checked.
func (s *Server) PublicKey() string {
	public, _ := s.key.Public().(ed25519.PublicKey)
	return hex.EncodeToString(public)
}

// Sign adds to a webhook what proves that it is Discord's.
func (s *Server) Sign(r *http.Request, body []byte, at time.Time) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("X-Signature-Timestamp", timestamp)
	r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(s.key, append([]byte(timestamp), body...))))
}

// AddChannel adds a channel.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[c.ID] = c
}

// Archive has a thread end for now.
func (s *Server) Archive(id string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[id]
	c.archived = at
	s.channels[id] = c
}

// AddUser adds somebody.
func (s *Server) AddUser(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[id] = name
}

// AddFile adds a file that somebody has sent, below "https://cdn.discordapp.com/attachments/".
func (s *Server) AddFile(name string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files["/attachments/"+name] = content
}

// Client returns a client for which the server is Discord's for files, too.
func (s *Server) Client() *http.Client {
	return fakeapi.Client("cdn.discordapp.com", strings.TrimSuffix(s.URL, "/api"))
}

// Headers are added to each answer from now on.
func (s *Server) Headers(h http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.headers = h.Clone()
}

// Calls returns the calls of a route.
func (s *Server) Calls(route string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.calls), func(c Call) bool { return c.Route != route })
}

// Body returns what a message was last sent with.
func (s *Server) Body(id chat.MessageID) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.details[id].body
}

// Commands returns the commands that were set.
func (s *Server) Commands() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands
}

// NextID gives an id.
func (s *Server) NextID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nextID()
}

func (s *Server) nextID() string {
	s.last += 1 << 22
	return strconv.FormatInt(s.last, 10)
}

func (s *Server) channel(id string) (Channel, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[id]
	if !ok {
		return c, &Failure{Status: 404, Code: 10003, Message: "Unknown Channel"}
	}
	return c, nil
}

// threadOf is the thread under which the messages of a channel are kept.
func (s *Server) threadOf(c Channel) chat.ThreadID {
	switch {
	case c.GuildID == "":
		return chat.ThreadID("discord:@me:" + c.ID)
	case isThread(c.Type):
		return chat.ThreadID("discord:" + c.GuildID + ":" + c.ParentID + ":" + c.ID)
	}
	return chat.ThreadID("discord:" + c.GuildID + ":" + c.ID)
}

func isThread(kind int) bool { return kind >= 10 && kind <= 12 }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/gateway" {
		s.gateway.serve(w, r)
		return
	}
	s.mu.Lock()
	content, isFile := s.files[r.URL.Path]
	s.mu.Unlock()
	if isFile {
		_, _ = w.Write(content)
		return
	}
	e, path, ok := find(r.Method, strings.TrimPrefix(r.URL.Path, "/api"))
	if !ok {
		s.tb.Errorf("fakediscord: there is no %s %s", r.Method, r.URL.Path)
		write(w, nil, &Failure{Status: 404, Message: "404: Not Found"})
		return
	}
	if !e.open && r.Header.Get("Authorization") != "Bot "+Token {
		write(w, nil, &Failure{Status: 401, Message: "401: Unauthorized"})
		return
	}
	if e.open && r.Header.Get("Authorization") != "" {
		s.tb.Errorf("fakediscord: %s: the bot's token is sent where it is not needed", e.route)
	}
	c, err := arguments(r)
	if err != nil {
		s.tb.Errorf("fakediscord: %s: %v", e.route, err)
		write(w, nil, &Failure{Status: 400, Code: 50109, Message: "The request body contains invalid JSON."})
		return
	}
	c.server, c.ids, c.query = s, path, r.URL.Query()
	problems := e.check(c)
	for _, problem := range problems {
		s.tb.Errorf("fakediscord: %s: %s", e.route, problem)
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{e.route, r.URL.Path, c.args, len(c.files)})
	maps.Copy(w.Header(), s.headers)
	s.mu.Unlock()
	failure, failing := s.Take(e.route, Failure{Status: http.StatusServiceUnavailable, Message: "Service Unavailable"})
	switch {
	case failing:
		write(w, nil, &failure)
	case len(problems) > 0:
		write(w, nil, &Failure{Status: 400, Code: 50035, Message: "Invalid Form Body"})
	default:
		result, err := e.do(c)
		s.gateway.mu.Lock()
		s.gateway.wake()
		s.gateway.mu.Unlock()
		write(w, result, failureOf(err))
	}
}

// failureOf is a store's refusal as Discord has it.
func failureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	e, ok := errors.AsType[*chat.PlatformError](err)
	switch {
	case !ok:
		return &Failure{Status: 400, Code: 50035, Message: err.Error()}
	case e.Code == chat.CodeRateLimited:
		return &Failure{Status: 429, Message: "You are being rate limited.", RetryAfter: e.RetryAfter.Seconds()}
	}
	return &Failure{Status: 404, Code: 10008, Message: "Unknown Message"}
}

// https://docs.discord.com/developers/reference#error-messages
func write(w http.ResponseWriter, result any, f *Failure) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case f == nil && result == nil:
		w.WriteHeader(http.StatusNoContent)
	case f == nil:
		_ = json.NewEncoder(w).Encode(result)
	case f.Body != "":
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
	default:
		body := map[string]any{"code": f.Code, "message": f.Message}
		if f.Status == http.StatusTooManyRequests {
			body["retry_after"], body["global"] = f.RetryAfter, f.Global
			w.Header().Set("Retry-After", fmt.Sprintf("%.0f", f.RetryAfter+0.499))
			if f.Global {
				w.Header().Set("X-RateLimit-Global", "true")
			}
		}
		w.WriteHeader(f.Status)
		_ = json.NewEncoder(w).Encode(body)
	}
}
