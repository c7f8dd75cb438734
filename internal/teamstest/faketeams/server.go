package faketeams

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/fakeapi"
)

// The bot and its organization.
const (
	AppID       = "11111111-2222-3333-4444-555555555555"
	AppPassword = "fake~app.password"
	Tenant      = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
	ServiceURL  = "https://smba.trafficmanager.net/amer/" + Tenant + "/"
)

// Hosts that are this server.
const (
	loginHost    = "login.microsoftonline.com"
	keysHost     = "login.botframework.com"
	serviceHost  = "smba.trafficmanager.net"
	graphHost    = "graph.microsoft.com"
	fileHost     = "contoso.sharepoint.com"
	identityHost = "169.254.169.254"
	hostHeader   = "X-Fake-Host"
)

// Failure is an answer that a call gets instead of its own.
type Failure struct {
	Status        int
	Code, Message string
	Header        map[string]string
	// Body is sent as it is instead.
	Body string
}

// Call is a call that was made.
type Call struct {
	Op            string
	Path, Query   string
	Authorization string
	Body          map[string]any
	Form          url.Values
}

// Server is Microsoft's side.
type Server struct {
	*chattest.MessageStore
	fakeapi.Script[Failure]

	tb  testing.TB
	url string

	mu            sync.Mutex
	conversations map[string]string // kinds, by id without a thread
	members       map[string]Member
	calls         []Call
	tokens        map[string]string // those that work, with what they are for
	activities    map[chat.MessageID]map[string]any
	next          int64
	signing       *Key
	published     []*Key
	trusted       *rsa.PublicKey // of the app's certificate
	streams       map[string]*stream
	targeted      []Targeted
	dialogs       []map[string]any
	history       []Message
	files         map[string][]byte // by the path of their address
	refused       map[string]bool   // permissions of Graph that the app has not
}

// Member is somebody in a conversation.
type Member struct{ ID, Name, Email, AADObjectID string }

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		MessageStore: chattest.NewMessageStore("teams"), tb: tb, conversations: map[string]string{}, members: map[string]Member{}, tokens: map[string]string{},
		activities: map[chat.MessageID]map[string]any{}, next: 1767225000000, signing: FirstKey(), streams: map[string]*stream{}, files: map[string][]byte{}, refused: map[string]bool{},
	}
	s.published = []*Key{s.signing}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	s.url = server.URL
	tb.Cleanup(server.Close)
	return s
}

// Client is a client for which Microsoft's hosts are this server.
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

func (s *Server) client(call transport) *http.Client {
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		switch r.URL.Host {
		case loginHost, keysHost, serviceHost, graphHost, fileHost:
			if r.URL.Scheme != "https" {
				s.tb.Errorf("faketeams: a call of %s without TLS", r.URL.Host)
			}
		case identityHost:
		default:
			s.tb.Errorf("faketeams: a call of %q, which is not Microsoft's", r.URL.Host)
			return nil, errors.New("no such host")
		}
		to, err := url.Parse(s.url)
		if err != nil {
			return nil, err
		}
		host := r.URL.Host
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
		r.Header.Set(hostHeader, host)
		return call(r)
	})}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// AddConversation adds a conversation of the kind "personal", "groupChat" or "channel".
func (s *Server) AddConversation(id, kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conversations[id] = kind
}

// AddMember adds somebody whom all conversations have.
func (s *Server) AddMember(m Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[m.ID] = m
}

// Calls returns the calls of an operation.
func (s *Server) Calls(op string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.calls), func(c Call) bool { return c.Op != op })
}

// Revoke makes all tokens stop working.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]string{}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch r.Header.Get(hostHeader) {
	case loginHost:
		s.token(w, r)
	case keysHost:
		s.keys(w, r)
	case serviceHost:
		s.connector(w, r)
	case graphHost:
		s.graph(w, r)
	case fileHost:
		s.file(w, r)
	case identityHost:
		s.identity(w, r)
	default:
		http.NotFound(w, r)
	}
}

// begin notes a call, and reports whether it goes on.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, op string, body map[string]any) bool {
	s.mu.Lock()
	s.calls = append(s.calls, Call{Op: op, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Authorization: r.Header.Get("Authorization"), Body: body, Form: r.PostForm})
	s.mu.Unlock()
	if f, failing := s.Take(op, Failure{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", Message: "away"}); failing {
		write(w, f)
		return false
	}
	return true
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
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": f.Code, "message": f.Message}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// authorize checks the token of a call, which must be for the scope.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request, scope string) bool {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	granted := s.tokens[token]
	s.mu.Unlock()
	if !bearer || granted != scope {
		write(w, Failure{Status: http.StatusUnauthorized, Code: "Unauthorized", Message: "Authorization has been denied for this request."})
		return false
	}
	return true
}

const connectorScope = "https://api.botframework.com/.default"

// connector is the Bot Connector.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
func (s *Server) connector(w http.ResponseWriter, r *http.Request) {
	_, rest, ok := strings.Cut(r.URL.EscapedPath(), "/v3/")
	if !ok {
		s.wrong(w, "a call of "+r.URL.Path)
		return
	}
	var parts []string
	for part := range strings.SplitSeq(rest, "/") {
		name, err := url.PathUnescape(part)
		if err != nil || name == "" {
			s.wrong(w, "the path "+rest)
			return
		}
		parts = append(parts, name)
	}
	if parts[0] == "attachments" {
		if s.authorize(w, r, connectorScope) {
			s.file(w, r)
		}
		return
	}
	if parts[0] == "teams" && len(parts) == 2 && r.Method == http.MethodGet {
		if s.begin(w, r, "getTeamDetails", nil) && s.authorize(w, r, connectorScope) {
			answer(w, http.StatusOK, map[string]any{"id": parts[1], "name": "Contoso", "aadGroupId": TeamGUID, "tenantId": Tenant})
		}
		return
	}
	if parts[0] != "conversations" {
		s.wrong(w, "the path "+rest)
		return
	}
	var body map[string]any
	if r.Method == http.MethodPost || r.Method == http.MethodPut && len(parts) == 4 {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			s.wrong(w, "a body that is no JSON")
			return
		}
	}
	op := operation(r.Method, parts)
	if op == "" {
		s.wrong(w, r.Method+" "+rest)
		return
	}
	if !s.begin(w, r, op, body) || !s.authorize(w, r, connectorScope) {
		return
	}
	if op == "createConversation" {
		s.createConversation(w, body)
		return
	}
	base, _, _ := strings.Cut(parts[1], ";messageid=")
	s.mu.Lock()
	kind, known := s.conversations[base]
	s.mu.Unlock()
	if !known {
		write(w, Failure{Status: http.StatusNotFound, Code: "ConversationNotFound", Message: "Conversation not found."})
		return
	}
	at := location{conversation: parts[1], base: base, kind: kind}
	switch op {
	case "sendToConversation":
		s.sendActivity(w, r, at, body)
	case "updateActivity":
		s.updateActivity(w, r, at, parts[3], body)
	case "deleteActivity":
		s.deleteActivity(w, r, at, parts[3])
	case "getConversationMember":
		s.member(w, parts[3])
	case "reactions":
		s.react(w, r, at, parts[3], parts[5])
	}
}

// operation names a call by its method and path.
func operation(method string, parts []string) string {
	switch {
	case method == http.MethodPost && len(parts) == 1:
		return "createConversation"
	case len(parts) == 3 && parts[2] == "activities" && method == http.MethodPost:
		return "sendToConversation"
	case len(parts) == 4 && parts[2] == "activities" && method == http.MethodPut:
		return "updateActivity"
	case len(parts) == 4 && parts[2] == "activities" && method == http.MethodDelete:
		return "deleteActivity"
	case len(parts) == 4 && parts[2] == "members" && method == http.MethodGet:
		return "getConversationMember"
	case len(parts) == 6 && parts[2] == "activities" && parts[4] == "reactions" && (method == http.MethodPut || method == http.MethodDelete):
		return "reactions"
	}
	return ""
}

// wrong fails the test because of a call that the documentation does not allow.
func (s *Server) wrong(w http.ResponseWriter, what string) {
	s.tb.Errorf("faketeams: %s", what)
	write(w, Failure{Status: http.StatusBadRequest, Code: "Bad Argument", Message: what})
}

// storeFailure is an error of the store as Teams says it.
func storeFailure(err error) Failure {
	if e, ok := errors.AsType[*chat.PlatformError](err); ok && e.Code == chat.CodeRateLimited {
		return Failure{Status: http.StatusTooManyRequests, Code: "Throttled", Message: "Too many requests.", Header: map[string]string{"Retry-After": strconv.Itoa(int(e.RetryAfter.Seconds()))}}
	}
	return Failure{Status: http.StatusNotFound, Code: "ActivityNotFoundInConversation", Message: "Activity not found."}
}

func (s *Server) createConversation(w http.ResponseWriter, body map[string]any) {
	members, _ := body["members"].([]any)
	bot, _ := body["bot"].(map[string]any)
	tenant, _ := body["tenantId"].(string)
	if body["isGroup"] != false || len(members) != 1 || bot["id"] != "28:"+AppID || tenant == "" {
		s.wrong(w, fmt.Sprintf("a conversation with the fields %v", body))
		return
	}
	who, _ := members[0].(map[string]any)
	id, _ := who["id"].(string)
	s.mu.Lock()
	m, known := s.members[id]
	for _, other := range s.members {
		if other.AADObjectID == id {
			m, known = other, true
		}
	}
	if known {
		s.conversations["a:"+m.AADObjectID] = "personal"
	}
	s.mu.Unlock()
	if !known {
		write(w, Failure{Status: http.StatusForbidden, Code: "ForbiddenOperationException", Message: "Bot is not installed in user's personal scope"})
		return
	}
	answer(w, http.StatusCreated, map[string]any{"id": "a:" + m.AADObjectID})
}

func (s *Server) member(w http.ResponseWriter, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members {
		if m.ID == id || m.AADObjectID == id {
			answer(w, http.StatusOK, map[string]any{"id": m.ID, "name": m.Name, "email": m.Email, "userPrincipalName": m.Email, "aadObjectId": m.AADObjectID})
			return
		}
	}
	write(w, Failure{Status: http.StatusNotFound, Code: "MemberNotFoundInConversation", Message: "The member was not found."})
}
