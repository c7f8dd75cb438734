package faketwilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/fakeapi"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// The account and what belongs to it.
const (
	AccountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	AuthToken  = "fake-auth-token"
	Number     = "+15005550006"
	ServiceSID = "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	WhatsApp   = "whatsapp:+14155238886"
	RCS        = "rcs:brand_agent"
)

// Failure is how a call is refused.
// https://www.twilio.com/docs/usage/twilios-response#errors-and-exceptions
type Failure struct {
	// Status is the HTTP status. Default: 400.
	Status int
	// Code is the error's, and Message what Twilio says.
	Code    int
	Message string
	// RetryAfter is told in the header Retry-After.
	RetryAfter time.Duration
	// Body is sent as it is instead of an error.
	Body string
}

func (f Failure) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	if f.Status == 0 {
		f.Status = http.StatusBadRequest
	}
	w.WriteHeader(f.Status)
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"code": f.Code, "message": f.Message, "status": f.Status, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", f.Code),
	})
}

// Call is a call that was made.
type Call struct {
	// Op is such as "POST Messages.json".
	Op string
	// Form has the arguments.
	Form url.Values
	// Authorized says that the credentials came with it.
	Authorized bool
}

// file is a file that somebody has sent.
type file struct {
	content   []byte
	mimeType  string
	elsewhere string // the address of the other host that has it
}

// Server is the Messages API. It is safe for concurrent use.
type Server struct {
	*chattest.MessageStore
	// Script has calls fail by their operation, such as "POST Messages.json".
	fakeapi.Script[Failure]
	*fakeapi.Problems

	// URL is the server's address.
	URL string

	mu        sync.Mutex
	calls     []Call
	next      int
	optedOut  map[string]bool
	pending   map[chat.MessageID]bool // messages on their way
	templates map[string]string       // what they say
	received  map[chat.MessageID]chat.ThreadID
	files     map[string]file // by path
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		MessageStore: chattest.NewMessageStore("twilio"), Problems: fakeapi.NewProblems(tb, "faketwilio"),
		optedOut: map[string]bool{}, pending: map[chat.MessageID]bool{}, templates: map[string]string{}, files: map[string]file{},
		received: map[chat.MessageID]chat.ThreadID{},
	}
	server := httptest.NewServer(s)
	s.URL = server.URL
	tb.Cleanup(server.Close)
	return s
}

// OptOut has somebody write STOP.
func (s *Server) OptOut(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.optedOut[address] = true
}

// Pend has a message be on its way, so that it cannot be deleted.
func (s *Server) Pend(id chat.MessageID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[id] = true
}

// Receive notes that somebody has written a message, so that it can be referred to.
func (s *Server) Receive(thread chat.ThreadID, id chat.MessageID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received[id] = thread
}

// AddTemplate adds a template by its ContentSid, with places such as "{{1}}".
func (s *Server) AddTemplate(sid, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.templates[sid] = text
}

// AddFile adds a file that somebody has sent, and returns its address. Where it is
// elsewhere, that address is where the API leads on to.
func (s *Server) AddFile(name, mimeType string, content []byte, elsewhere string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := "/2010-04-01/Accounts/" + AccountSID + "/Messages/MM1/Media/" + name
	s.files[path] = file{content: content, mimeType: mimeType, elsewhere: elsewhere}
	return s.URL + path
}

// Calls returns the calls of an operation; of all with "".
func (s *Server) Calls(op string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Call
	for _, c := range s.calls {
		if op == "" || c.Op == op {
			all = append(all, c)
		}
	}
	return all
}

// Shown returns what people see of the bot in a thread. WhatsApp alone has formatting.
func (s *Server) Shown(thread chat.ThreadID) []chattest.Posted {
	posts, _ := s.Posts(nil, thread) //nolint:staticcheck // it takes any
	if !strings.Contains(string(thread), "whatsapp%3A") {
		return posts
	}
	for i := range posts {
		posts[i].Content = shown.Mrkdwn(posts[i].Text)
		posts[i].Text = strings.TrimSuffix(markdown.Print(posts[i].Content), "\n")
	}
	return posts
}

// ServeHTTP answers calls.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a client that breaks off gets no answer
	form, err := url.ParseQuery(string(body))
	op := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/2010-04-01/Accounts/"+AccountSID+"/")
	user, token, _ := r.BasicAuth()
	s.mu.Lock()
	s.calls = append(s.calls, Call{op, form, r.Header.Get("Authorization") != ""})
	f, isFile := s.files[r.URL.Path]
	s.mu.Unlock()
	if failure, failing := s.Take(op, Failure{Status: http.StatusServiceUnavailable, Code: 20503, Message: "Service unavailable"}); failing {
		failure.write(w)
		return
	}
	switch {
	case user != AccountSID || token != AuthToken:
		Failure{Status: http.StatusUnauthorized, Code: 20003, Message: "Authenticate"}.write(w)
	case r.Method == http.MethodGet && isFile && f.elsewhere != "":
		// https://www.twilio.com/docs/messaging/api/media-resource#fetch-a-media-resource
		http.Redirect(w, r, f.elsewhere, http.StatusTemporaryRedirect)
	case r.Method == http.MethodGet && isFile:
		w.Header().Set("Content-Type", f.mimeType)
		_, _ = w.Write(f.content)
	case op == "POST Messages.json" && (err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded"):
		s.Report("want a form")
		Failure{Status: http.StatusUnsupportedMediaType, Code: 20415}.write(w)
	case op == "POST Messages.json":
		s.create(w, form)
	case op == "POST /v2/Indicators/Typing.json":
		s.indicate(w, form)
	case r.Method == http.MethodDelete && strings.HasSuffix(op, ".json"):
		s.delete(w, chat.MessageID(strings.TrimSuffix(strings.TrimPrefix(op, "DELETE Messages/"), ".json")))
	default:
		notFound.write(w)
	}
}

var notFound = Failure{Status: http.StatusNotFound, Code: 20404, Message: "The requested resource was not found"}

// create takes a new message.
func (s *Server) create(w http.ResponseWriter, f url.Values) {
	if problems := check(f); len(problems) > 0 {
		s.Report(problems...)
		Failure{Code: 21601, Message: strings.Join(problems, ", ")}.write(w)
		return
	}
	if failure := s.refuse(f); failure != nil {
		failure.write(w)
		return
	}
	sender := f.Get("From") + f.Get("MessagingServiceSid")
	text := f.Get("Body")
	if f.Has("ContentSid") {
		text = s.filled(f)
	}
	s.mu.Lock()
	s.next++
	post := chattest.Posted{
		ID: chat.MessageID(fmt.Sprintf("SMf%031x", s.next)), Text: text,
		Thread: chat.ThreadID("twilio:" + component(sender) + ":" + component(f.Get("To"))),
	}
	for _, address := range f["MediaUrl"] {
		post.Attachments = append(post.Attachments, chat.Attachment{URL: address})
	}
	s.mu.Unlock()
	posted, err := s.Post(post)
	if limited, ok := errors.AsType[*chat.PlatformError](err); ok {
		Failure{Status: http.StatusTooManyRequests, Code: 20429, Message: "Too Many Requests", RetryAfter: limited.RetryAfter}.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"sid": posted.ID, "status": "queued", "to": f.Get("To"), "from": f.Get("From"), "body": text, "error_code": nil, "error_message": nil, "num_segments": "1",
	})
}

// component is JavaScript's encodeURIComponent of an address.
func component(address string) string {
	return strings.NewReplacer("+", "%2B", ":", "%3A", " ", "%20", "@", "%40", "&", "%26").Replace(address)
}

// refuse returns why Twilio does not take a message.
func (s *Server) refuse(f url.Values) *Failure {
	from, to := f.Get("From"), f.Get("To")
	s.mu.Lock()
	defer s.mu.Unlock()
	kind := func(address string) string {
		channel, _, ok := strings.Cut(address, ":")
		if !ok {
			return ""
		}
		return channel
	}
	switch _, known := s.templates[f.Get("ContentSid")]; {
	case !f.Has("Body") && !f.Has("MediaUrl") && !f.Has("ContentSid"):
		return &Failure{Code: 21619, Message: "A text message body or media urls must be specified."}
	case len(utf16.Encode([]rune(f.Get("Body")))) > 1600: // https://www.twilio.com/docs/api/errors/21617
		return &Failure{Code: 21617, Message: "The concatenated message body exceeds the 1600 character limit"}
	case f.Has("ContentSid") && !known:
		return &Failure{Status: http.StatusNotFound, Code: 20404, Message: "The content was not found"}
	case from != "" && !slices.Contains([]string{Number, WhatsApp, RCS}, from):
		return &Failure{Code: 21606, Message: "The 'From' phone number is not a valid message-capable Twilio phone number"}
	case from != "" && kind(from) != kind(to): // https://www.twilio.com/docs/api/errors/21910
		return &Failure{Code: 21910, Message: "Invalid From and To pair"}
	case !strings.HasPrefix(strings.TrimPrefix(to, kind(to)+":"), "+"):
		return &Failure{Code: 21211, Message: "The 'To' number " + to + " is not a valid phone number."}
	case kind(to) == "whatsapp" && len(f["MediaUrl"]) > 1: // https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
		return &Failure{Code: 21623, Message: "Number of media files exceeds allowed limit"}
	case s.optedOut[to]:
		return &Failure{Code: 21610, Message: "Attempt to send to unsubscribed recipient"}
	}
	return nil
}

// filled is what a template says with its variables.
func (s *Server) filled(f url.Values) string {
	var values map[string]string
	_ = json.Unmarshal([]byte(f.Get("ContentVariables")), &values) // it was checked
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.templates[f.Get("ContentSid")]
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text = strings.ReplaceAll(text, "{{"+name+"}}", values[name])
	}
	return text
}

// indicate shows that the bot is writing.
// https://www.twilio.com/docs/whatsapp/api/typing-indicators-resource
func (s *Server) indicate(w http.ResponseWriter, f url.Values) {
	id := chat.MessageID(f.Get("messageId"))
	s.mu.Lock()
	thread, ok := s.received[id]
	s.mu.Unlock()
	if len(f) != 2 || f.Get("channel") != "whatsapp" || !ok || !strings.Contains(string(thread), "whatsapp%3A") {
		s.Report("want the message of somebody on WhatsApp")
		Failure{Code: 20001}.write(w)
		return
	}
	if limited, ok := errors.AsType[*chat.PlatformError](s.Type(thread)); ok {
		Failure{Status: http.StatusTooManyRequests, Code: 20429, RetryAfter: limited.RetryAfter}.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"success":true}`)
}

// delete removes a message, once it is no longer on its way.
// https://www.twilio.com/docs/messaging/api/message-resource#delete-a-message-resource
func (s *Server) delete(w http.ResponseWriter, id chat.MessageID) {
	s.mu.Lock()
	pending := s.pending[id]
	s.mu.Unlock()
	if pending { // https://www.twilio.com/docs/api/errors/20009
		Failure{Status: http.StatusConflict, Code: 20009, Message: "Cannot delete message because delivery has not been completed."}.write(w)
		return
	}
	for _, p := range s.All() {
		if p.ID != id {
			continue
		}
		err := s.Delete(p.Thread, id)
		limited, ok := errors.AsType[*chat.PlatformError](err)
		switch {
		case ok && limited.Code == chat.CodeRateLimited:
			Failure{Status: http.StatusTooManyRequests, Code: 20429, RetryAfter: limited.RetryAfter}.write(w)
		case err != nil:
			notFound.write(w)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
		return
	}
	notFound.write(w)
}
