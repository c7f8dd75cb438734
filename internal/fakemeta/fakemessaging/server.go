package fakemessaging

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/fakeapi"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
)

// Token is the token that works.
const Token = "EAAfake-access-token"

// FileHost is where the files are that people have sent.
const FileHost = "lookaside.fbsbx.com"

// Config says which of the two platforms it is.
type Config struct {
	// Adapter is the adapter's name. Required.
	Adapter string
	// Account is what stands in the path of calls: "me", or the account's id. Required.
	Account string
	// Thread returns the thread of a user. Required.
	Thread func(user string) chat.ThreadID
	// Text says how long a text may be. Required.
	Text fakemeta.Rule
	// Media are the media types that each kind of attachment takes. Default: all that its
	// name says.
	Media map[string][]string
	// Fields are those that a user has. Required.
	Fields []string
	// WindowClosed is the subcode of a message outside of the window. Required.
	WindowClosed int
}

// Server is the Messenger Platform.
type Server struct {
	*fakemeta.Server
	config Config
	files  *httptest.Server

	mu       sync.Mutex
	users    map[string]User
	content  map[string][]byte // of files, by path
	away     map[string]bool   // addresses that cannot be fetched
	details  map[chat.MessageID]detail
	received map[string]bool // mids of what people have written
	seen     map[chat.ThreadID]int
	stopped  map[chat.ThreadID]int
	next     int
}

// User is somebody who has written to the account.
type User struct {
	ID string
	// Fields are what the platform says about the user.
	Fields map[string]any
	// Late says that the user has not written for 24 hours, and Blocked that the user
	// has blocked the account.
	Late, Blocked bool
}

// detail is what the platform keeps of a message beyond its text.
type detail struct {
	buttons []Button
	quick   bool // the buttons are quick replies
}

// Button is a button or a quick reply.
type Button struct{ Label, Payload, URL string }

// New starts a server that ends with the test.
func New(tb testing.TB, config Config) *Server {
	tb.Helper()
	s := &Server{
		config: config, users: map[string]User{}, content: map[string][]byte{}, away: map[string]bool{}, details: map[chat.MessageID]detail{},
		received: map[string]bool{}, seen: map[chat.ThreadID]int{}, stopped: map[chat.ThreadID]int{},
	}
	s.Server = fakemeta.New(tb, fakemeta.Config{Adapter: config.Adapter, Token: Token, Answer: s.answer})
	s.files = httptest.NewServer(http.HandlerFunc(s.serveFile))
	tb.Cleanup(s.files.Close)
	return s
}

// Client is a client for which the host of Meta's files is this server.
func (s *Server) Client() *http.Client { return fakeapi.Client(FileHost, s.files.URL) }

// AddUser adds a user, or changes one.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = u
}

// Receive notes the mid of what somebody has written.
func (s *Server) Receive(mid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received[mid] = true
}

// AddFile adds a file that somebody has sent and returns its address.
func (s *Server) AddFile(name string, content []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content["/"+name] = content
	return "https://" + FileHost + "/" + name
}

// Unfetchable has the platform fail to fetch what is at the address.
func (s *Server) Unfetchable(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away[address] = true
}

// Seen returns how often the bot has marked the thread as read, and StoppedTyping how
// often it has stopped writing.
func (s *Server) Seen(thread chat.ThreadID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[thread]
}

// StoppedTyping returns how often the bot has stopped writing.
func (s *Server) StoppedTyping(thread chat.ThreadID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped[thread]
}

// Buttons returns the buttons of a message, and whether they are quick replies.
func (s *Server) Buttons(id chat.MessageID) ([]Button, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.details[id].buttons, s.details[id].quick
}

// Event returns the event of a click on the button with the label, without its sender.
// Quick replies are gone when another message follows.
func (s *Server) Event(p chattest.Posted, label string) (string, error) {
	buttons, quick := s.Buttons(p.ID)
	for _, b := range buttons {
		if b.Label != label || b.URL != "" {
			continue
		}
		payload, err := json.Marshal(b.Payload)
		if err != nil {
			return "", err
		}
		s.mu.Lock()
		s.next++
		mid := fmt.Sprintf("m_click_%d", s.next)
		s.mu.Unlock()
		if !quick {
			return fmt.Sprintf(`"postback":{"mid":%q,"title":%q,"payload":%s}`, mid, label, payload), nil
		}
		for _, other := range s.All() {
			if other.Thread == p.Thread && other.ID != p.ID && number(other.ID) > number(p.ID) {
				return "", fmt.Errorf("the quick replies of %q are gone: %q follows", p.ID, other.ID)
			}
		}
		return fmt.Sprintf(`"message":{"mid":%q,"text":%q,"quick_reply":{"payload":%s}}`, mid, label, payload), nil
	}
	return "", fmt.Errorf("the message %q has no button %q", p.ID, label)
}

func number(id chat.MessageID) (n int) {
	_, _ = fmt.Sscanf(string(id), "m_%d", &n)
	return n
}

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	content, ok := s.content[r.URL.Path]
	s.mu.Unlock()
	if !ok || r.Header.Get("Authorization") != "" {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(content)
}

func (s *Server) answer(c *fakemeta.Call) (any, *fakemeta.Failure) {
	switch {
	case c.Method == http.MethodGet && !strings.Contains(c.Path, "/"):
		return s.profile(c)
	case c.Method == http.MethodPost && c.Path == s.config.Account+"/messages":
	default:
		return nil, fakemeta.Unknown(c)
	}
	for name, value := range c.Args { // a form has JSON in its fields
		if text, ok := value.(string); ok && c.Files != nil {
			var object map[string]any
			if json.Unmarshal([]byte(text), &object) == nil {
				c.Args[name] = object
			}
		}
	}
	if problems := s.check(c); len(problems) > 0 {
		return s.Refuse(c, problems...)
	}
	recipient, _ := c.Args["recipient"].(map[string]any)
	id := fmt.Sprint(recipient["id"])
	s.mu.Lock()
	u, ok := s.users[id]
	s.mu.Unlock()
	// https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
	switch {
	case !ok:
		return nil, &fakemeta.Failure{Code: 100, Subcode: 2018001, Message: "(#100) No matching user found"}
	case u.Blocked:
		return nil, &fakemeta.Failure{Code: 551, Subcode: 1545041, Message: "(#551) This person isn't available right now."}
	case u.Late && c.Args["tag"] == nil:
		return nil, &fakemeta.Failure{Code: 10, Subcode: s.config.WindowClosed, Message: "(#10) This message is sent outside of allowed window."}
	}
	if action, ok := c.Args["sender_action"].(string); ok {
		return s.act(c, id, action)
	}
	return s.post(c, id)
}

// profile answers what is asked about a user.
//
//   - https://developers.facebook.com/documentation/business-messaging/messenger-platform/identity/user-profile
//   - https://developers.facebook.com/documentation/business-messaging/instagram-messaging/features/user-profile
func (s *Server) profile(c *fakemeta.Call) (any, *fakemeta.Failure) {
	s.mu.Lock()
	u, ok := s.users[c.Path]
	s.mu.Unlock()
	if !ok {
		return nil, fakemeta.Unknown(c)
	}
	answer := map[string]any{"id": u.ID}
	for field := range strings.SplitSeq(c.Query.Get("fields"), ",") {
		known := false
		for _, f := range s.config.Fields {
			known = known || f == field
		}
		if !known {
			return s.Refuse(c, "there is no field "+field)
		}
		if value, ok := u.Fields[field]; ok {
			answer[field] = value
		}
	}
	return answer, nil
}
