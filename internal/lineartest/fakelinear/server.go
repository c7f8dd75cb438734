package fakelinear

import (
	_ "embed"
	"encoding/json"
	"errors"
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
	"github.com/chat-adapter/chat-go/internal/fakegraphql"
)

// The bot and its workspace.
const (
	BotID        = "b0700000-0000-4000-8000-000000000001"
	BotName      = "helper"
	Organization = "0e900000-0000-4000-8000-000000000001"
	APIKey       = "lin_api_fake_key"
	ClientID     = "client-1"
	ClientSecret = "fake-client-secret"
	Code         = "fake-code"
)

//go:embed schema.graphql
var schemaText string

var schema = fakegraphql.Load(schemaText)

type (
	object = fakegraphql.Object
	field  = fakegraphql.Field
)

// Server is Linear.
type Server struct {
	*chattest.MessageStore
	fakeapi.Script[Failure]

	// URL is the address of the GraphQL API.
	URL string

	tb testing.TB

	mu         sync.Mutex
	base       string
	users      map[string]User
	issues     map[string]Issue
	sessions   map[string]Session
	comments   []*Comment
	activities []Activity
	plans      map[string]any
	files      map[string]File
	tokens     map[string]bool // those that work; the API key always does
	refresh    string          // the refresh token that works
	calls      []Call
	next       int
}

// User is somebody in the workspace.
type User struct{ ID, Name, DisplayName string }

// Issue is an issue, or a project without an Identifier.
type Issue struct{ ID, Identifier, Title, Description string }

// Session is a session of the agent.
type Session struct{ ID, Issue, Comment string }

// Comment is a comment.
type Comment struct {
	ID, Body, Issue, Project, Parent, Author string
	At                                       time.Time
	Edited, deleted                          bool
}

// Activity is what the agent has said in a session.
type Activity struct {
	ID, Session string
	Content     map[string]any
	Ephemeral   bool
}

// File is a file that was uploaded.
type File struct {
	Name, Kind string
	Size       int
	Content    []byte
}

// Call is a call that was made.
type Call struct {
	Operation     string
	Authorization string
	Variables     map[string]any
}

// Failure is an answer that a call gets instead of its own.
type Failure struct {
	Status  int
	Message string
	// Type and Code are the error's extensions.
	Type, Code string
	Header     map[string]string
	// Body is sent as it is instead.
	Body string
}

// Error is the message.
func (f *Failure) Error() string { return f.Message }

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		MessageStore: chattest.NewMessageStore("linear"), tb: tb, users: map[string]User{}, issues: map[string]Issue{}, sessions: map[string]Session{},
		plans: map[string]any{}, files: map[string]File{}, tokens: map[string]bool{},
	}
	s.AddUser(User{BotID, "Helper", BotName})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", s.graphql)
	mux.HandleFunc("POST /oauth/token", s.token)
	mux.HandleFunc("PUT /upload/{id}", s.upload)
	mux.HandleFunc("GET /{id}/{name}", s.download)
	server := httptest.NewServer(mux)
	s.base, s.URL = server.URL, server.URL+"/graphql"
	tb.Cleanup(server.Close)
	return s
}

// Client is a client for which the host of Linear's files is this server.
func (s *Server) Client() *http.Client {
	return fakeapi.Client("uploads.linear.app", s.base)
}

// AddUser adds a user.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = u
}

// AddIssue adds an issue, or a project.
func (s *Server) AddIssue(i Issue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issues[i.ID] = i
}

// AddSession adds a session.
func (s *Server) AddSession(session Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[session.ID] = session
}

// AddComment adds a comment of somebody's.
func (s *Server) AddComment(c Comment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.comments = append(s.comments, &c)
}

// AddFile adds a file and returns its address.
func (s *Server) AddFile(name string, content []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	id := "file-" + strconv.Itoa(s.next)
	s.files[id] = File{Name: name, Content: content}
	return "https://uploads.linear.app/" + id + "/" + name
}

// Revoke makes a token stop working.
func (s *Server) Revoke(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, token)
}

// Calls returns the calls of the operation.
func (s *Server) Calls(operation string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Call
	for _, c := range s.calls {
		if c.Operation == operation {
			all = append(all, c)
		}
	}
	return all
}

// Activities returns what the agent has said in a session.
func (s *Server) Activities(session string) []Activity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.activities), func(a Activity) bool { return a.Session != session })
}

// Plan returns the plan of a session.
func (s *Server) Plan(session string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plans[session]
}

func (s *Server) authorized(r *http.Request) bool {
	given := r.Header.Get("Authorization")
	token, bearer := strings.CutPrefix(given, "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	return given == APIKey || bearer && s.tokens[token]
}

func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	err := d.Decode(&body)
	operation := operationOf(body)
	variables, _ := body["variables"].(map[string]any)
	s.mu.Lock()
	s.calls = append(s.calls, Call{operation, r.Header.Get("Authorization"), variables})
	s.mu.Unlock()
	if f, failing := s.Take(operation, away); failing {
		write(w, f)
		return
	}
	if !s.authorized(r) {
		write(w, Failure{Status: http.StatusUnauthorized, Message: "Authentication required, not authenticated", Type: "authentication error", Code: "AUTHENTICATION_ERROR"})
		return
	}
	query, parseErr := schema.Parse(body)
	if err = errors.Join(err, parseErr); err != nil {
		s.tb.Errorf("fakelinear: %s: %v", operation, err)
		write(w, Failure{Status: http.StatusBadRequest, Message: "it is no query", Type: "graphql error", Code: "GRAPHQL_VALIDATION_FAILED"})
		return
	}
	root := s.queries()
	if query.IsMutation() {
		root = s.mutations()
	}
	data, missing, err := query.Execute(root)
	if failed, ok := errors.AsType[*Failure](err); ok {
		write(w, *failed)
		return
	}
	if missing {
		write(w, *notFound("Comment"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

// operationOf is the name of the operation in a body.
func operationOf(body map[string]any) string {
	query, _ := body["query"].(string)
	words := strings.FieldsFunc(query, func(r rune) bool { return r == ' ' || r == '(' || r == '{' })
	if len(words) < 2 {
		return ""
	}
	return words[1]
}

// CheckQuery returns what is wrong with the body of a call by itself.
func CheckQuery(body map[string]any) error {
	_, err := schema.Parse(body)
	return err
}

// away is the answer of a server that is broken.
var away = Failure{Status: http.StatusServiceUnavailable, Message: "unavailable"}

// notFound is how Linear says that there is no such entity.
func notFound(kind string) *Failure {
	return &Failure{Status: http.StatusOK, Message: "Entity not found: " + kind + " - Could not find referenced " + kind + ".", Type: "invalid input", Code: "INPUT_ERROR"}
}

func write(w http.ResponseWriter, f Failure) {
	w.Header().Set("Content-Type", "application/json")
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(f.Status)
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{
		"message": f.Message, "extensions": map[string]any{"type": f.Type, "code": f.Code, "userPresentableMessage": f.Message},
	}}})
}

// failureOf is an error of the store as Linear says it.
func failureOf(err error) *Failure {
	e, ok := errors.AsType[*chat.PlatformError](err)
	switch {
	case err == nil:
		return nil
	case ok && e.Code == chat.CodeRateLimited:
		reset := strconv.FormatInt(time.Now().Add(e.RetryAfter).UnixMilli(), 10)
		return &Failure{
			Status: http.StatusBadRequest, Message: "Rate limit exceeded", Type: "ratelimited", Code: "RATELIMITED",
			Header: map[string]string{"X-RateLimit-Requests-Remaining": "0", "X-RateLimit-Requests-Reset": reset},
		}
	}
	return notFound("Comment")
}

// token gives tokens. https://linear.app/developers/oauth-2-0-authentication
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if f, failing := s.Take("token", away); failing {
		write(w, f)
		return
	}
	_ = r.ParseForm()
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	grant := r.PostForm.Get("grant_type")
	s.mu.Lock()
	defer s.mu.Unlock()
	known := grant == "client_credentials" && r.PostForm.Get("scope") != "" || grant == "authorization_code" && r.PostForm.Get("code") == Code && r.PostForm.Get("redirect_uri") != "" ||
		grant == "refresh_token" && s.refresh != "" && r.PostForm.Get("refresh_token") == s.refresh
	s.calls = append(s.calls, Call{Operation: "token", Variables: map[string]any{"grant_type": grant}})
	if id != ClientID || secret != ClientSecret || !known {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	s.next++
	token := fmt.Sprintf("lin_oauth_%d", s.next)
	s.tokens[token] = true
	answer := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 86399, "scope": "read write"}
	if grant != "client_credentials" {
		s.refresh = fmt.Sprintf("refresh_%d", s.next)
		answer["refresh_token"] = s.refresh
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	content, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[r.PathValue("id")]
	if !ok || len(content) != f.Size || r.Header.Get("Content-Type") != f.Kind || r.Header.Get("X-Signed") != "yes" || r.Header.Get("Authorization") != "" {
		s.tb.Errorf("fakelinear: an upload of %d bytes of %q that was not announced so", len(content), r.Header.Get("Content-Type"))
		w.WriteHeader(http.StatusForbidden)
		return
	}
	f.Content = content
	s.files[r.PathValue("id")] = f
}

func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	if !s.authorized(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.mu.Lock()
	f, ok := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(f.Content)
}
