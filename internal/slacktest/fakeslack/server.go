package fakeslack

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The app in its workspace.
const (
	Token   = "xoxb-fake-token"
	TeamID  = "T0TEAM"
	BotUser = "U0BOT"
	BotID   = "B0BOT"
	AppID   = "A0APP"
)

// TB is the part of testing.TB that a server needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Cleanup(f func())
}

// Server is a fake Slack. It is safe for concurrent use.
type Server struct {
	// APIURL is the address of the Web API, with a slash at its end.
	APIURL string

	t    TB
	http *httptest.Server

	broadcasts atomic.Bool // may be sent

	mu        sync.Mutex
	closed    bool
	lastTS    int64
	next      int
	tokens    map[string]string // workspaces by token
	rotation  rotation
	channels  map[string]*channel
	users     map[string]User
	files     map[string]*file
	views     map[string]*View
	homes     map[string]json.RawMessage
	triggers  map[string]bool // used up
	scheduled map[string]*Scheduled
	calls     []Call
	failures  map[string][]Failure
	methods   map[string]Method
	refuse    map[string]func(Args) string
	pageLimit int // 0: Slack's own
	passes    int // calls until one is refused for wait
	wait      time.Duration
	broken    bool
	changed   chan struct{} // closed and replaced at every call
}

// Call is one call of the API.
type Call struct {
	Method string
	// Args are the arguments without the token. What is not a string is JSON.
	Args Args
	// Error is what was answered; empty if the call succeeded.
	Error string
}

// Failure is an answer that a call gets instead of its own. The zero value lets
// the call through.
type Failure struct {
	// Error is Slack's error code. Default "ratelimited" with RetryAfter.
	Error string
	// Status is the HTTP status. Default 200, or 429 with RetryAfter.
	Status int
	// RetryAfter is sent in the header of the same name. Default none.
	RetryAfter time.Duration
	// Header is sent, for example a Retry-After that is a date. Default none.
	Header http.Header
	// Reasons are what Slack says besides the code in response_metadata.messages,
	// Needed and Provided the scopes that missing_scope names. Default none.
	Reasons          []string
	Needed, Provided string
	// Done has the call take effect nevertheless, as when the answer is lost.
	Done bool
}

func (f Failure) isZero() bool {
	return f.Error == "" && f.Status == 0 && f.RetryAfter == 0 && f.Header == nil && !f.Done
}

// Method answers a method that the server does not know, or answers it
// differently.
type Method func(args Args) (answer map[string]any, errorCode string)

// New starts a server that ends with the test.
func New(t TB) *Server {
	s := &Server{
		t: t, tokens: map[string]string{Token: TeamID}, channels: map[string]*channel{}, users: map[string]User{},
		files: map[string]*file{}, views: map[string]*View{}, homes: map[string]json.RawMessage{}, triggers: map[string]bool{},
		scheduled: map[string]*Scheduled{}, failures: map[string][]Failure{}, methods: map[string]Method{}, refuse: map[string]func(Args) string{}, changed: make(chan struct{}),
	}
	s.AddUser(User{ID: BotUser, Name: "bot", RealName: "Bot", Bot: true})
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("POST /upload/{file}", s.serveUpload)
	mux.HandleFunc("GET /files-pri/{file}/{name}", s.serveFile)
	s.http = httptest.NewServer(mux)
	s.APIURL = s.http.URL + "/api/"
	t.Cleanup(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		s.http.CloseClientConnections()
		s.http.Close()
	})
	return s
}

// RoundTrip answers a request to the server without a connection, as tests in
// virtual time need it.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	s.http.Config.Handler.ServeHTTP(w, served)
	response := w.Result()
	response.Request = r
	return response, nil
}

// Fail has the next calls of the method answered by the failures, one each.
func (s *Server) Fail(method string, failures ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[method] = append(s.failures[method], failures...)
}

// Limit has one call that changes something refused because of its rate, after as
// many others.
func (s *Server) Limit(pass int, retryAfter time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes, s.wait = pass, retryAfter
}

// Break has every call fail from now on.
func (s *Server) Break() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = true
}

// refusal is the failure that Limit or Break asks for. The caller holds mu.
func (s *Server) refusal(method string) (Failure, bool) {
	switch {
	case s.broken:
		return Failure{Status: http.StatusServiceUnavailable, Error: "service_unavailable"}, true
	case s.wait == 0 || !changes.MatchString(method):
		return Failure{}, false
	case s.passes > 0:
		s.passes--
		return Failure{}, false
	}
	f := Failure{RetryAfter: s.wait}
	s.wait = 0
	return f, true
}

// changes are the methods that change something that people see.
var changes = regexp.MustCompile(`^(chat\.(post|update|delete|schedule|start|append|stop)|reactions\.|files\.|assistant\.)`)

// Handle has calls of the method answered by f. Their arguments are not checked
// unless the server knows the method.
func (s *Server) Handle(method string, f Method) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.methods[method] = f
}

// LimitPages bounds the pages of the history, as Slack does for an app that is
// distributed outside of its Marketplace.
// https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
func (s *Server) LimitPages(messages int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageLimit = messages
}

// Refuse has calls of the method answered with the error code that f returns, if
// any.
func (s *Server) Refuse(method string, f func(Args) (errorCode string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[method] = f
}

// AddToken makes a token valid for a workspace.
func (s *Server) AddToken(token, team string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = team
}

// Calls returns the calls so far of these methods, or of all.
func (s *Server) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			calls = append(calls, c)
		}
	}
	return calls
}

// Changed returns a channel that is closed at the next call.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// errorf fails the test, unless it is over.
func (s *Server) errorf(format string, args ...any) {
	if s.closed {
		return
	}
	s.t.Helper()
	s.t.Errorf("fakeslack: "+format, args...)
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	args, token, problem := readArgs(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		close(s.changed)
		s.changed = make(chan struct{})
	}()
	if problem != "" {
		s.errorf("%s: %s", method, problem)
		writeAnswer(w, http.StatusOK, nil, "invalid_form_data", Failure{})
		return
	}
	call := Call{Method: method, Args: args}
	var failure Failure
	fails := len(s.failures[method]) > 0
	if fails {
		failure = s.failures[method][0]
		s.failures[method] = s.failures[method][1:]
		fails = !failure.isZero()
	}
	if !fails {
		failure, fails = s.refusal(method)
	}
	var answer map[string]any
	if !fails || failure.Done {
		answer, call.Error = s.answer(method, token, args)
	}
	status := http.StatusOK
	if fails {
		status, call.Error = failure.write(w.Header(), call.Error)
	}
	s.calls = append(s.calls, call)
	writeAnswer(w, status, answer, call.Error, failure)
}

// write sets the headers of a failure, and returns its status and its code.
func (f Failure) write(h http.Header, before string) (int, string) {
	status, code := f.Status, f.Error
	maps.Copy(h, f.Header)
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		if status == 0 {
			status = http.StatusTooManyRequests
		}
		if code == "" {
			code = "ratelimited"
		}
	}
	if status == 0 {
		status = http.StatusOK
	}
	if code == "" && status == http.StatusOK {
		code = before
	}
	if code == "" {
		code = "internal_error"
	}
	return status, code
}

// AllowBroadcasts lets the bot notify channels and groups, which is a failure of
// the test otherwise.
func (s *Server) AllowBroadcasts() { s.broadcasts.Store(true) }

func (s *Server) answer(method, token string, args Args) (map[string]any, string) {
	spec, known := specs[method]
	if known {
		problems := spec.check(args)
		if !s.broadcasts.Load() {
			problems = append(problems, checkBroadcast("text", args["text"])...)
		}
		for _, problem := range problems {
			s.errorf("%s: %s", method, problem)
			return nil, "invalid_arguments"
		}
		if !spec.open {
			team, code := s.team(token)
			if code != "" {
				return nil, code
			}
			args[teamArg] = team
			defer delete(args, teamArg)
		}
	}
	if f, ok := s.refuse[method]; ok {
		if code := f(args); code != "" {
			return nil, code
		}
	}
	if f, ok := s.methods[method]; ok {
		return f(args)
	}
	if !known {
		s.errorf("%s is no method that the server knows", method)
		return nil, "unknown_method"
	}
	return spec.serve(s, args)
}

// teamArg is the name under which a method finds the caller's workspace.
const teamArg = "(team)"

func writeAnswer(w http.ResponseWriter, status int, answer map[string]any, code string, f Failure) {
	out := map[string]any{"ok": code == ""}
	maps.Copy(out, answer)
	if code != "" {
		out = map[string]any{"ok": false, "error": code}
		if len(f.Reasons) > 0 {
			out["response_metadata"] = map[string]any{"messages": f.Reasons}
		}
		if f.Needed != "" {
			out["needed"], out["provided"] = f.Needed, f.Provided
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// readArgs returns the arguments of a call: a form or a JSON object.
func readArgs(r *http.Request) (args Args, token, problem string) {
	args = Args{}
	token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method == http.MethodGet || r.ContentLength == 0:
	case err != nil:
		return nil, "", "the Content-Type is missing"
	case params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8"):
		return nil, "", "the charset is " + params["charset"]
	case kind == "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, "", err.Error()
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil, "", fmt.Sprintf("the body is not a JSON object: %v", err)
		}
		for name, value := range fields {
			var text string
			if json.Unmarshal(value, &text) != nil {
				text = string(value)
			}
			args[name] = text
		}
	case kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data":
		return nil, "", "the Content-Type is " + kind
	}
	if kind != "application/json" {
		if err := r.ParseMultipartForm(1 << 20); err != nil && err != http.ErrNotMultipart { //nolint:errorlint // Reason: the sentinel is returned as it is.
			return nil, "", err.Error()
		}
		for name, values := range r.Form {
			if len(values) != 1 {
				return nil, "", fmt.Sprintf("the argument %s is given %d times", name, len(values))
			}
			args[name] = values[0]
		}
	}
	if _, ok := args["token"]; ok {
		return nil, "", "the token stands among the arguments and not in the header"
	}
	return args, token, ""
}
