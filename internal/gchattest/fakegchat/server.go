package fakegchat

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/fakeapi"
)

// Server is Google, as far as a Chat app sees it.
type Server struct {
	*chattest.MessageStore
	fakeapi.Script[Failure]

	// URL is its address.
	URL string

	tb testing.TB

	mu            sync.Mutex
	spaces        map[string]Space
	users         map[string]User
	messages      map[string]*Message
	order         []string
	files         map[string][]byte // by resource name
	uploads       map[string]chattest.PostedFile
	subscriptions map[string]*Subscription
	operations    map[string]string // to subscriptions
	slow          bool
	keys          map[string]map[string]*rsa.PrivateKey // by the path of the set
	access        map[string]access
	calls         []Call
	dialogs       []Dialog
	tokenCalls    int
	keyCalls      int
	lastToken     int
	next          int
	holdTokens    chan struct{}
}

// Space is a space that the app is in.
type Space struct {
	Name, Type, DisplayName, Description string
	// Threads are the names of its threads.
	Threads []string
	// Members are the names of its users.
	Members []string
}

// User is somebody.
type User struct{ Name, DisplayName, Email, Type string }

// Message is one in a space.
type Message struct {
	Name, Thread, Sender, Text, Markup, Viewer string
	At, Edited                                 time.Time
	Cards                                      []any
	Attachments                                []chattest.PostedFile
	Reactions                                  []Reaction

	deleted bool
	answer  bool
}

// Reaction is one to a message.
type Reaction struct{ Name, Emoji, User string }

// Subscription is one of the Workspace Events API.
type Subscription struct {
	Name, Target, State string
	Expires             time.Time
	Renewals            int
}

// Call is a call that was made.
type Call struct {
	Method, Host, Path string
	Query              url.Values
	Body               map[string]any
	// User is in whose name; empty: the app's.
	User string
}

// Failure is an answer that a call gets instead of its own.
type Failure struct {
	Status     int
	Code       string // such as "PERMISSION_DENIED"
	Message    string
	RetryAfter string // the header
	Delay      string // the detail RetryInfo
	Body       string // sent as it is instead
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		MessageStore: chattest.NewMessageStore("gchat"), tb: tb, spaces: map[string]Space{}, users: map[string]User{}, messages: map[string]*Message{},
		files: map[string][]byte{}, uploads: map[string]chattest.PostedFile{}, next: 1000, subscriptions: map[string]*Subscription{}, operations: map[string]string{}, access: map[string]access{},
		keys: map[string]map[string]*rsa.PrivateKey{
			"/service_accounts/v1/jwk/" + ChatIssuer: {"chat-1": ChatKey()}, "/oauth2/v3/certs": {"google-1": GoogleKey()},
		},
	}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = server.URL
	tb.Cleanup(server.Close)
	return s
}

// hostHeader tells which of Google's hosts a request is for.
const hostHeader = "X-Fake-Host"

// Client returns a client for which the server is all of Google's hosts.
func (s *Server) Client() *http.Client { return s.client(http.DefaultTransport.RoundTrip) }

// Direct is as Client, and calls the server without a network, so that a test can have a
// clock of its own.
func (s *Server) Direct() *http.Client {
	return s.client(func(r *http.Request) (*http.Response, error) {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		if r.Body == nil {
			r.Body = http.NoBody
		}
		w := httptest.NewRecorder()
		s.serve(w, r)
		return w.Result(), nil
	})
}

func (s *Server) client(call roundTripper) *http.Client {
	to, err := url.Parse(s.URL)
	if err != nil {
		s.tb.Fatal(err)
	}
	return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		if r.URL.Host != to.Host {
			r.Header.Set(hostHeader, r.URL.Host)
			r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
		}
		return call(r)
	})}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// AddSpace adds a space.
func (s *Server) AddSpace(sp Space) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spaces[sp.Name] = sp
}

// AddUser adds somebody.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.Name] = u
}

// AddMessage adds what somebody has said.
func (s *Server) AddMessage(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(&m)
}

func (s *Server) add(m *Message) {
	s.messages[m.Name] = m
	s.order = append(s.order, m.Name)
}

// AddFile adds a file that somebody has sent.
func (s *Server) AddFile(resource string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[resource] = content
}

// SetKeys replaces the keys of an issuer's set.
func (s *Server) SetKeys(issuer string, keys map[string]*rsa.PrivateKey) {
	path := "/oauth2/v3/certs"
	if issuer == ChatIssuer {
		path = "/service_accounts/v1/jwk/" + ChatIssuer
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[path] = keys
}

// KeyCalls returns how often keys were fetched.
func (s *Server) KeyCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keyCalls
}

// Calls returns the calls of an operation, such as "spaces.messages.create".
func (s *Server) Calls(operation string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.calls), func(c Call) bool { return c.Method != operation })
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	host := r.Header.Get(hostHeader)
	switch {
	case host == "www.googleapis.com":
		s.serveKeys(w, r)
	case host == "oauth2.googleapis.com" && r.URL.Path == "/token" && r.Method == http.MethodPost:
		s.token(w, r)
	case host == "" && strings.HasPrefix(r.URL.Path, "/computeMetadata/"):
		s.metadata(w, r)
	case host == "iamcredentials.googleapis.com":
		s.signJWT(w, r)
	case host == "" || host == "chat.googleapis.com" || host == "workspaceevents.googleapis.com":
		s.serveAPI(w, r, host)
	default:
		s.tb.Errorf("fakegchat: a request to %s%s", host, r.URL.Path)
		http.NotFound(w, r)
	}
}

func (s *Server) serveKeys(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.keyCalls++
	keys, ok := s.keys[r.URL.Path]
	s.mu.Unlock()
	if failure, failing := s.Take("keys", Failure{Status: http.StatusServiceUnavailable}); failing {
		w.WriteHeader(failure.Status)
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(keySet(keys))
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, host string) {
	op := operationOf(host, r)
	if op == nil {
		s.tb.Errorf("fakegchat: there is no method %s %s", r.Method, r.URL.Path)
		write(w, Failure{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "Method not found."})
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c := Call{Method: op.name, Host: host, Path: r.URL.Path, Query: r.URL.Query()}
	if len(raw) > 0 && op.name != "media.upload" {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&c.Body); err != nil {
			s.tb.Errorf("fakegchat: %s: the body is no JSON: %v", op.name, err)
		}
	}
	for _, problem := range op.check(&c) {
		s.tb.Errorf("fakegchat: %s: %s", op.name, problem)
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	given, known := s.access[token]
	c.User = given.user
	s.calls = append(s.calls, c)
	s.mu.Unlock()
	if failure, failing := s.Take(op.name, Failure{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE", Message: "The service is currently unavailable."}); failing {
		write(w, failure)
		return
	}
	switch {
	case !known:
		write(w, Failure{Status: http.StatusUnauthorized, Code: "UNAUTHENTICATED", Message: "Request had invalid authentication credentials."})
		return
	case given.user == "" && !given.may(op.app...), given.user != "" && !given.may(op.user...):
		write(w, Failure{Status: http.StatusForbidden, Code: "PERMISSION_DENIED", Message: "Request had insufficient authentication scopes."})
		return
	}
	result, failure := op.run(s, &c, raw, r)
	if failure != nil {
		write(w, *failure)
		return
	}
	if content, ok := result.([]byte); ok {
		_, _ = w.Write(content)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(result)
}

func write(w http.ResponseWriter, f Failure) {
	w.Header().Set("Content-Type", "application/json")
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.WriteHeader(f.Status)
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	e := map[string]any{"code": f.Status, "message": f.Message, "status": f.Code}
	if f.Delay != "" {
		e["details"] = []any{map[string]any{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f.Delay}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error": e})
}

// failureOf is an error of the store's as Chat writes it.
func failureOf(err error) *Failure {
	refused, ok := err.(*chat.PlatformError) //nolint:errorlint // Reason: the store wraps none.
	switch {
	case !ok:
		return &Failure{Status: http.StatusInternalServerError, Code: "INTERNAL"}
	case refused.Code == chat.CodeRateLimited:
		return &Failure{
			Status: http.StatusTooManyRequests, Code: "RESOURCE_EXHAUSTED", Message: "Quota exceeded for quota metric.", RetryAfter: fmt.Sprint(int(refused.RetryAfter.Seconds())),
		}
	}
	return notFound()
}

func notFound() *Failure {
	return &Failure{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "Requested entity was not found."}
}

func invalid(format string, args ...any) *Failure {
	return &Failure{Status: http.StatusBadRequest, Code: "INVALID_ARGUMENT", Message: fmt.Sprintf(format, args...)}
}

func forbidden(message string) *Failure {
	return &Failure{Status: http.StatusForbidden, Code: "PERMISSION_DENIED", Message: message}
}
