package faketelegram

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	Token   = "4711:AAF-fake_token"
	BotID   = 4711
	BotName = "thebot"
)

// Server is a Bot API server.
type Server struct {
	*chattest.MessageStore
	fakeapi.Script[Failure]

	// URL is its address.
	URL string

	tb testing.TB

	mu       sync.Mutex
	chats    map[int64]Chat
	files    map[string][]byte
	accounts map[string]Account
	drafts   []Draft
	details  map[chat.MessageID]detail
	calls    []Call
	webhook  string
	updates  []json.RawMessage // that wait to be polled
	lastID   int64             // of an update
	messages int64
	changed  chan struct{} // closed and replaced when updates come
}

// Chat is a chat that the bot is in.
type Chat struct {
	ID       int64
	Type     string
	Title    string
	UserName string
	Members  int

	became int64 // the supergroup that it is now
}

// Account is a business account that somebody has connected with the bot.
type Account struct {
	Connection string
	Owner      int64
	Enabled    bool
	CanReply   bool
}

// Draft is what a draft has shown.
type Draft struct {
	Chat, ID int64
	Text     string
}

// Call is a call that was made.
type Call struct {
	Method string
	Args   map[string]any
}

// Failure is an answer that a call gets instead of its own.
type Failure struct {
	// Code is the error_code and the status.
	Code int
	// Description is Telegram's text.
	Description string
	// RetryAfter and MigrateTo are the parameters.
	RetryAfter int
	MigrateTo  int64
	// Body is sent as it is instead.
	Body string
}

// detail is what Telegram keeps of a message beyond its text.
type detail struct {
	topic    int64
	entities []Entity
	media    string // "photo", "document" or empty
	keyboard [][]Button
}

// Entity is a MessageEntity.
type Entity struct {
	Type           string
	Offset, Length int
	URL, Language  string
	User           *struct{ ID int64 }
}

// Button is an InlineKeyboardButton.
type Button struct {
	Text string
	URL  string
	Data string `json:"callback_data"`
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		MessageStore: chattest.NewMessageStore("telegram"), tb: tb,
		chats: map[int64]Chat{}, accounts: map[string]Account{}, files: map[string][]byte{}, details: map[chat.MessageID]detail{}, changed: make(chan struct{}),
		messages: 1000,
	}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = server.URL
	tb.Cleanup(server.Close)
	return s
}

// AddChat adds a chat.
func (s *Server) AddChat(c Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[c.ID] = c
}

// Upgrade makes a supergroup of the group that a thread is in, which gets another
// number. https://core.telegram.org/bots/api#responseparameters
func (s *Server) Upgrade(_ context.Context, thread chat.ThreadID) (chat.ThreadID, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(string(thread), "telegram:"), 10, 64)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.chats[id]
	old.became = -1_000_000_000_000 + id
	s.chats[id] = old
	s.chats[old.became] = Chat{ID: old.became, Type: "supergroup", Title: old.Title, Members: old.Members}
	return chat.ThreadID(fmt.Sprintf("telegram:%d", old.became)), nil
}

// Connect adds a business account, or changes it.
func (s *Server) Connect(a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts[a.Connection] = a
}

// Drafts returns what drafts have shown, in its order.
func (s *Server) Drafts() []Draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.drafts)
}

// AddFile adds a file that somebody has sent.
func (s *Server) AddFile(id string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = content
}

// Calls returns the calls of the method.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Call
	for _, c := range s.calls {
		if c.Method == method {
			all = append(all, c)
		}
	}
	return all
}

// Update adds an update for pollers. The fields are those of Update without its id.
func (s *Server) Update(fields string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	s.updates = append(s.updates, json.RawMessage(fmt.Sprintf(`{"update_id":%d,%s}`, s.lastID, fields)))
	close(s.changed)
	s.changed = make(chan struct{})
}

// Waiting returns how many updates have not been confirmed.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.updates)
}

// Webhook returns the webhook that is set.
func (s *Server) Webhook() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.webhook
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"+Token+"/files/"); ok {
		s.mu.Lock()
		content, found := s.files[path]
		s.mu.Unlock()
		if !found {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
		return
	}
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+Token+"/")
	if !ok {
		write(w, Failure{Code: http.StatusUnauthorized, Description: "Unauthorized"})
		return
	}
	args, files, err := arguments(r)
	if err != nil {
		s.tb.Errorf("faketelegram: %s: %v", method, err)
		write(w, Failure{Code: http.StatusBadRequest, Description: "Bad Request: can't parse"})
		return
	}
	for _, problem := range check(method, args, files) {
		s.tb.Errorf("faketelegram: %s: %s", method, problem)
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{method, args})
	s.mu.Unlock()
	if failure, failing := s.Take(method, Failure{Code: http.StatusServiceUnavailable, Description: "Service Unavailable"}); failing {
		write(w, failure)
		return
	}
	if method == "getUpdates" {
		s.getUpdates(w, r, args)
		return
	}
	result, failed := s.answer(method, args, files)
	if failed != nil {
		write(w, *failed)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result})
}

func write(w http.ResponseWriter, f Failure) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Code)
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	parameters := map[string]any{}
	if f.RetryAfter > 0 {
		parameters["retry_after"] = f.RetryAfter
	}
	if f.MigrateTo != 0 {
		parameters["migrate_to_chat_id"] = f.MigrateTo
	}
	answer := map[string]any{"ok": false, "error_code": f.Code, "description": f.Description}
	if len(parameters) > 0 {
		answer["parameters"] = parameters
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// getUpdates waits for updates. https://core.telegram.org/bots/api#getupdates
func (s *Server) getUpdates(w http.ResponseWriter, r *http.Request, args map[string]any) {
	offset, limit, timeout := numberOf(args["offset"]), numberOf(args["limit"]), numberOf(args["timeout"])
	deadline := time.After(time.Duration(timeout) * time.Second)
	for {
		s.mu.Lock()
		if s.webhook != "" {
			s.mu.Unlock()
			write(w, Failure{Code: http.StatusConflict, Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"})
			return
		}
		s.updates = slices.DeleteFunc(s.updates, func(u json.RawMessage) bool { return idOf(u) < offset })
		got := slices.Clone(s.updates[:min(len(s.updates), int(limit))])
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-deadline:
		case <-r.Context().Done():
			return
		default:
			if len(got) == 0 {
				select {
				case <-changed:
				case <-deadline:
				case <-r.Context().Done():
					return
				}
				continue
			}
		}
		if got == nil {
			got = []json.RawMessage{}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": got})
		return
	}
}

func idOf(update json.RawMessage) int64 {
	var head struct {
		ID int64 `json:"update_id"`
	}
	_ = json.Unmarshal(update, &head)
	return head.ID
}

func numberOf(v any) int64 {
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
