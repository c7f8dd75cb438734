package fakegithub

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math"
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

// The bot: an account with a token, or an App.
const (
	Token   = "ghp_fakeTokenOfTheBot"
	AppID   = 4711
	BotID   = 600
	BotName = "reviewer"
)

// App is the login of the App's bot.
const App = BotName + "[bot]"

// key is the App's. Making one takes a while.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// PrivateKey is the App's key in PEM.
func PrivateKey() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key())}))
}

// Server is GitHub.
type Server struct {
	*chattest.MessageStore
	fakeapi.Script[Failure]

	// URL is the address of the API.
	URL string

	tb testing.TB

	mu            sync.Mutex
	users         map[int64]User
	installations map[string]int64 // by repository
	tokens        map[string]int64 // of installations
	threads       map[string]*Thread
	remarks       []*Remark
	deliveries    []Delivery
	calls         []Call
	nextID        int64
	redelivered   []int64
	asked         int // for installation tokens
}

// User is an account.
type User struct {
	ID    int64
	Login string
	Name  string
	Type  string
}

// Thread is an issue, a pull request or a discussion.
type Thread struct {
	// Repository is "{owner}/{repo}".
	Repository string
	// Kind is "issue", "pull" or "discussion".
	Kind   string
	Number int
	Title  string
	Body   string
	Author int64
	State  string
	Draft  bool
	Merged bool
	Labels []string
	Files  []map[string]any
}

// Remark is a comment or a review.
type Remark struct {
	// Kind is "issuecomment", "reviewcomment", "review" or "discussioncomment".
	Kind   string
	ID     int64
	Parent int64
	Author int64
	Body   string

	thread    *Thread
	createdAt time.Time
	edited    bool
	deleted   bool
}

// Delivery is a webhook that was sent.
type Delivery struct {
	ID          int64
	GUID        string
	Status      int
	DeliveredAt time.Time
	Redelivery  bool
}

// Call is a call that was made.
type Call struct {
	Method, Path string
	Auth         string
	Args         map[string]any
}

// Failure is an answer that a call gets instead of its own.
type Failure struct {
	Status  int
	Message string
	// DocumentationURL is that of GitHub's answer.
	DocumentationURL string
	Header           map[string]string
	// Body is sent as it is instead.
	Body string
}

// Error is the message.
func (f *Failure) Error() string { return f.Message }

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		MessageStore: chattest.NewMessageStore("github"), tb: tb,
		users: map[int64]User{}, installations: map[string]int64{}, tokens: map[string]int64{}, threads: map[string]*Thread{},
		nextID: 3_000_000_000, // more than GraphQL's Int
	}
	s.AddUser(User{ID: BotID, Login: BotName, Name: "The Reviewer", Type: "User"})
	s.AddUser(User{ID: BotID + 1, Login: App, Type: "Bot"})
	server := httptest.NewServer(s.routes())
	s.URL = server.URL
	tb.Cleanup(server.Close)
	return s
}

// Handler serves the API, for a server of Enterprise, which has it elsewhere.
func (s *Server) Handler() http.Handler { return s.routes() }

// AddUser adds an account.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = u
}

// Install installs the App in a repository; 0 removes it.
func (s *Server) Install(repository string, installation int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if installation == 0 {
		delete(s.installations, repository)
		return
	}
	s.installations[repository] = installation
}

// AddThread adds an issue, a pull request or a discussion.
func (s *Server) AddThread(t Thread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.State == "" {
		t.State = "open"
	}
	s.threads[threadKey(t.Repository, t.Number)] = &t
}

// AddRemark adds what somebody has written.
func (s *Server) AddRemark(repository string, number int, r Remark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.thread, r.createdAt = s.threads[threadKey(repository, number)], s.now()
	s.remarks = append(s.remarks, &r)
}

// AddDelivery adds a webhook that was sent.
func (s *Server) AddDelivery(d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliveries = append(s.deliveries, d)
}

// Redelivered returns the deliveries that GitHub was asked to send again.
func (s *Server) Redelivered() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.redelivered)
}

// Calls returns the calls of a method whose path contains the text.
func (s *Server) Calls(method, path string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Call
	for _, c := range s.calls {
		if c.Method == method && strings.Contains(c.Path, path) {
			all = append(all, c)
		}
	}
	return all
}

// now gives each remark a time of its own. The caller holds the lock.
func (s *Server) now() time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(len(s.remarks)+1) * time.Second)
}

func threadKey(repository string, number int) string {
	return strings.ToLower(repository) + "#" + strconv.Itoa(number)
}

// authorized reports whether a call may be made: an App makes those about itself with a
// token of its own that it has signed, and all others with one of an installation.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
func (s *Server) authorized(r *http.Request, app bool) bool {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if app {
		return strings.EqualFold(kind, "bearer") && signedByApp(token)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	installation, known := s.tokens[token]
	if !known {
		return token == Token
	}
	if owner, repo := r.PathValue("owner"), r.PathValue("repo"); owner != "" {
		return s.installations[owner+"/"+repo] == installation
	}
	return true
}

func signedByApp(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&key().PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return false
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Issuer string `json:"iss"`
		Issued int64  `json:"iat"`
		Ends   int64  `json:"exp"`
	}
	now := time.Now().Unix()
	return err == nil && json.Unmarshal(data, &claims) == nil && claims.Issuer == strconv.Itoa(AppID) &&
		claims.Issued <= now && claims.Ends > now && claims.Ends <= now+600
}

// away is the answer of a server that is broken.
var away = Failure{Status: http.StatusServiceUnavailable, Message: "Service Unavailable"}

func write(w http.ResponseWriter, f Failure) {
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(f.Status)
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"message": f.Message, "documentation_url": f.DocumentationURL, "status": strconv.Itoa(f.Status)})
}

// SecondaryLimit is what GitHub answers where too much is made in a short time.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
func SecondaryLimit(wait time.Duration) Failure {
	f := Failure{
		Status: http.StatusForbidden, Message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		DocumentationURL: "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits",
	}
	if wait > 0 {
		f.Header = map[string]string{"Retry-After": strconv.Itoa(int(math.Ceil(wait.Seconds())))}
	}
	return f
}

// body reads the arguments of a call, whose numbers stay as they are written.
func body(r *http.Request) (map[string]any, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil || len(data) == 0 {
		return nil, err
	}
	args := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&args); err != nil {
		return nil, fmt.Errorf("the body is no JSON object: %w", err)
	}
	return args, nil
}

// refusal is the answer to what the store refuses.
func refusal(err error) *Failure {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*chat.PlatformError](err); ok && e.Code == chat.CodeRateLimited {
		f := SecondaryLimit(e.RetryAfter)
		return &f
	}
	return notFound()
}

func notFound() *Failure { return &Failure{Status: http.StatusNotFound, Message: "Not Found"} }
