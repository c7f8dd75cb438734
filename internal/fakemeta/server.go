package fakemeta

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/fakeapi"
)

// Config configures a [Server].
type Config struct {
	// Adapter is the adapter's name. Required.
	Adapter string
	// Token is the access token that works. Required.
	Token string
	// Answer does what a call asks for and returns what is answered, as JSON or as a
	// [File]; or how it is refused. Required.
	Answer func(c *Call) (any, *Failure)
}

// Server is a Graph API. It is safe for concurrent use.
type Server struct {
	*chattest.MessageStore
	// Script has calls fail by their operation: the method and the path, such as
	// "POST me/messages".
	fakeapi.Script[Failure]
	*fakeapi.Problems

	// URL is the server's address; the paths of calls begin with a version.
	URL string

	config Config

	mu    sync.Mutex
	calls []Call
}

// Call is a call that was made.
type Call struct {
	// Method is the HTTP method, Path what follows the version.
	Method, Path string
	Query        url.Values
	// Args are the arguments, of JSON or of a form, whose values are texts. Numbers are
	// json.Number.
	Args map[string]any
	// Files are those of a form.
	Files map[string]chattest.PostedFile
}

// Op is the call's operation, such as "POST me/messages".
func (c *Call) Op() string { return c.Method + " " + c.Path }

// File is an answer that is no JSON.
type File struct {
	Content  []byte
	MIMEType string
}

// New starts a server that ends with the test.
func New(tb testing.TB, config Config) *Server {
	tb.Helper()
	s := &Server{MessageStore: chattest.NewMessageStore(config.Adapter), Problems: fakeapi.NewProblems(tb, "fakemeta"), config: config}
	server := httptest.NewServer(s)
	s.URL = server.URL
	tb.Cleanup(server.Close)
	return s
}

// Calls returns the calls of an operation; of all with "".
func (s *Server) Calls(op string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Call
	for _, c := range s.calls {
		if op == "" || c.Op() == op {
			all = append(all, c)
		}
	}
	return all
}

// Refuse fails the test, because the adapter has made a call that is wrong, and returns
// how the call is refused: invalid parameter, code 100.
func (s *Server) Refuse(c *Call, problems ...string) (any, *Failure) {
	for _, problem := range problems {
		s.Report(c.Op() + ": " + problem)
	}
	return nil, &Failure{Status: http.StatusBadRequest, Code: 100, Message: "(#100) Invalid parameter"}
}

// ServeHTTP answers calls.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := read(r)
	if errors.Is(err, errBrokenOff) { // the adapter did not want to go on
		(&Failure{Code: 100, Message: "(#100) Invalid parameter"}).write(w)
		return
	}
	if err != nil {
		_, failure := s.Refuse(c, err.Error())
		failure.write(w)
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, *c)
	s.mu.Unlock()
	if failure, failing := s.Take(c.Op(), Failure{Status: http.StatusServiceUnavailable, Code: 2, Message: "Service temporarily unavailable", Transient: true}); failing {
		failure.write(w)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+s.config.Token {
		(&Failure{Status: http.StatusUnauthorized, Code: 190, Message: "Invalid OAuth access token."}).write(w)
		return
	}
	answer, failure := s.config.Answer(c)
	if failure != nil {
		failure.write(w)
		return
	}
	if file, ok := answer.(File); ok {
		w.Header().Set("Content-Type", file.MIMEType)
		_, _ = w.Write(file.Content)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// errBrokenOff is a call that does not come to its end.
var errBrokenOff = errors.New("the call breaks off")

// read reads a call. The call is there, as far as it can be read, also with an error.
func read(r *http.Request) (*Call, error) {
	version, path, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	c := &Call{Method: r.Method, Path: path, Query: r.URL.Query(), Args: map[string]any{}}
	if !ok || !strings.HasPrefix(version, "v") {
		c.Path = r.URL.Path
		if r.Method == http.MethodGet {
			return c, nil // a file
		}
		return c, errors.New("the path has no version")
	}
	kind, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return c, errBrokenOff
	case kind == "application/json":
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		return c, d.Decode(&c.Args)
	case kind == "multipart/form-data":
		return c, c.readForm(multipart.NewReader(bytes.NewReader(body), parameters["boundary"]))
	case len(body) == 0:
		return c, nil
	}
	return c, fmt.Errorf("the Content-Type is %q", kind)
}

func (c *Call) readForm(r *multipart.Reader) error {
	c.Files = map[string]chattest.PostedFile{}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			c.Files[part.FormName()] = chattest.PostedFile{Name: part.FileName(), Content: content, MIMEType: part.Header.Get("Content-Type")}
		} else {
			c.Args[part.FormName()] = string(content)
		}
	}
}

// Unknown refuses a call of what there is not.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
func Unknown(c *Call) *Failure {
	return &Failure{
		Status: http.StatusBadRequest, Code: 100, Subcode: 33,
		Message: fmt.Sprintf("Unsupported %s request. Object with ID '%s' does not exist", strings.ToLower(c.Method), c.Path),
	}
}

// FailureOf returns how a call is refused for an error of the [chattest.MessageStore]:
// a rate limit with the code of the platform, which names no time; and else that the
// message is not there.
func FailureOf(err error, rateLimit int) *Failure {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*chat.PlatformError](err); ok && e.Code == chat.CodeRateLimited {
		return &Failure{Status: http.StatusBadRequest, Code: rateLimit, Message: "Rate limit hit", RetryAfter: e.RetryAfter}
	}
	return &Failure{Status: http.StatusBadRequest, Code: 100, Subcode: 33, Message: "Object does not exist"}
}
