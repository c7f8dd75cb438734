package fakewhatsapp

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/fakemeta"
	"github.com/chat-adapter/chat-go/internal/shown"
)

// The app and its phone number.
const (
	Token         = "EAAfake_token"
	PhoneNumberID = "106540352242922"
	PhoneNumber   = "15550783881"
)

// Server is the Cloud API.
type Server struct {
	*fakemeta.Server

	mu        sync.Mutex
	numbers   map[string]bool
	people    []Person
	closed    map[string]bool          // users whose window is closed
	templates map[string]int           // how many places the body has
	media     map[string]fakemeta.File // by id
	names     map[string]string        // of uploaded files
	choices   map[chat.MessageID][]Choice
	links     map[chat.MessageID]string // that a button opens
	read      map[chat.ThreadID]chat.MessageID
	received  map[chat.MessageID]chat.ThreadID
	next      int
}

// Person is a user of WhatsApp. One without a Phone is known by the Scoped id alone.
type Person struct{ Phone, Scoped string }

// Choice is a button or a row of a list.
type Choice struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		numbers: map[string]bool{PhoneNumberID: true}, closed: map[string]bool{}, templates: map[string]int{}, media: map[string]fakemeta.File{},
		names: map[string]string{}, choices: map[chat.MessageID][]Choice{}, links: map[chat.MessageID]string{},
		read: map[chat.ThreadID]chat.MessageID{}, received: map[chat.MessageID]chat.ThreadID{},
	}
	s.Server = fakemeta.New(tb, fakemeta.Config{Adapter: "whatsapp", Token: Token, Answer: s.answer})
	return s
}

// AddNumber adds a phone number of the business, by its id.
func (s *Server) AddNumber(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers[id] = true
}

// AddPerson adds a user. Nobody else can be reached.
func (s *Server) AddPerson(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people = append(s.people, p)
}

// CloseWindow has 24 hours pass since a user has written.
func (s *Server) CloseWindow(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed[user] = true
}

// AddTemplate adds an approved template in English, whose body has so many places.
func (s *Server) AddTemplate(name string, places int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.templates[name] = places
}

// AddFile adds a file that somebody has sent.
func (s *Server) AddFile(id, mimeType string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.media[id] = fakemeta.File{Content: content, MIMEType: mimeType}
}

// Receive notes that somebody has written a message, so that it can be marked as read.
func (s *Server) Receive(thread chat.ThreadID, id chat.MessageID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received[id] = thread
}

// Read returns the message up to which the bot has marked a thread as read.
func (s *Server) Read(thread chat.ThreadID) chat.MessageID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read[thread]
}

// Choices returns the buttons or rows of a message.
func (s *Server) Choices(id chat.MessageID) []Choice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.choices[id])
}

// Link returns what the button of a message opens.
func (s *Server) Link(id chat.MessageID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links[id]
}

// Shown returns what people see of the bot in a thread.
func (s *Server) Shown(thread chat.ThreadID) []chattest.Posted {
	posts, _ := s.Posts(nil, thread) //nolint:staticcheck // it takes any
	for i := range posts {
		p := &posts[i]
		p.Content = shown.Mrkdwn(p.Text)
		if link := s.Link(p.ID); link != "" {
			p.Content.Children = append(p.Content.Children, markdown.NewParagraph(markdown.NewLink(link, markdown.NewText(link))))
		}
		p.Text = strings.TrimSuffix(markdown.Print(p.Content), "\n")
	}
	return posts
}

func (s *Server) answer(c *fakemeta.Call) (any, *fakemeta.Failure) {
	number, method, _ := strings.Cut(c.Path, "/")
	s.mu.Lock()
	own, file := s.numbers[number], s.media[strings.TrimPrefix(c.Path, "/files/")]
	s.mu.Unlock()
	switch {
	case c.Method == http.MethodGet && strings.HasPrefix(c.Path, "/files/") && file.Content != nil:
		return file, nil
	case c.Method == http.MethodGet && method == "":
		return s.fileOf(c)
	case !own || c.Method != http.MethodPost:
		return nil, fakemeta.Unknown(c)
	case method == "media":
		return s.upload(c)
	case method == "messages" && c.Args["status"] != nil:
		return s.mark(c, number)
	case method == "messages":
		return s.send(c, number)
	}
	return nil, fakemeta.Unknown(c)
}

// fileOf says where a file is. https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#get-media-url
func (s *Server) fileOf(c *fakemeta.Call) (any, *fakemeta.Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, ok := s.media[c.Path]
	if !ok {
		return nil, fakemeta.Unknown(c)
	}
	return map[string]any{
		"messaging_product": "whatsapp", "url": s.URL + "/files/" + c.Path, "mime_type": file.MIMEType, "file_size": len(file.Content), "id": c.Path,
	}, nil
}

// supported are the media types and how large files of them can be, by what they are
// sent as. https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#supported-media-types
var supported = map[string]map[string]int{
	"image": {"image/jpeg": 5 << 20, "image/png": 5 << 20},
	"video": {"video/mp4": 16 << 20, "video/3gpp": 16 << 20},
	"audio": {"audio/aac": 16 << 20, "audio/amr": 16 << 20, "audio/mpeg": 16 << 20, "audio/mp4": 16 << 20, "audio/ogg": 16 << 20},
	"document": {
		"text/plain": 100 << 20, "application/pdf": 100 << 20, "application/msword": 100 << 20, "application/vnd.ms-excel": 100 << 20, "application/vnd.ms-powerpoint": 100 << 20,
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   100 << 20,
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         100 << 20,
		"application/vnd.openxmlformats-officedocument.presentationml.presentation": 100 << 20,
	},
}

// upload takes a file. https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#upload-media
func (s *Server) upload(c *fakemeta.Call) (any, *fakemeta.Failure) {
	file, ok := c.Files["file"]
	if problems := (fakemeta.Fields{"messaging_product!": fakemeta.OneOf("whatsapp"), "type!": fakemeta.Text(128)}).Check(c.Args); len(problems) > 0 {
		return s.Refuse(c, problems...)
	}
	limit := 0
	for _, types := range supported {
		limit = max(limit, types[file.MIMEType])
	}
	switch {
	case !ok || len(c.Files) != 1:
		return s.Refuse(c, "want one file in the field file")
	case file.MIMEType != c.Args["type"]:
		return s.Refuse(c, fmt.Sprintf("the file is %q and the type %q", file.MIMEType, c.Args["type"]))
	case limit == 0:
		return s.Refuse(c, fmt.Sprintf("the file is %q, which WhatsApp does not take", file.MIMEType))
	case len(file.Content) == 0 || len(file.Content) > limit:
		return nil, &fakemeta.Failure{Code: 131053, Message: "(#131053) Media upload error"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	id := strconv.Itoa(9000 + s.next)
	s.media[id], s.names[id] = fakemeta.File{Content: file.Content, MIMEType: file.MIMEType}, file.Name
	return map[string]any{"id": id}, nil
}

// mark marks a message as read, and may show that the bot is writing.
func (s *Server) mark(c *fakemeta.Call, number string) (any, *fakemeta.Failure) {
	if problems := receipt.Check(c.Args); len(problems) > 0 {
		return s.Refuse(c, problems...)
	}
	id, _ := c.Args["message_id"].(string)
	s.mu.Lock()
	thread, ok := s.received[chat.MessageID(id)]
	s.mu.Unlock()
	if !ok || !strings.HasPrefix(string(thread), "whatsapp:"+number+":") {
		return nil, &fakemeta.Failure{Code: 131009, Message: "(#131009) Parameter value is not valid", Details: "Message ID not found"}
	}
	if c.Args["typing_indicator"] != nil {
		if failure := fakemeta.FailureOf(s.Type(thread), rateLimit); failure != nil {
			return nil, failure
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read[thread] = chat.MessageID(id)
	return map[string]any{"success": true}, nil
}

// rateLimit is the code of a number's limit. https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
const rateLimit = 130429

// send sends a message.
func (s *Server) send(c *fakemeta.Call, number string) (any, *fakemeta.Failure) {
	kind, _ := c.Args["type"].(string)
	problems := message(kind).Check(c.Args)
	to, _ := c.Args["to"].(string)
	recipient, _ := c.Args["recipient"].(string)
	switch {
	case contents[kind] == nil:
		problems = append(problems, fmt.Sprintf("type is %q, which there is not", kind))
	case to == "" && recipient == "":
		problems = append(problems, "to and recipient are missing")
	}
	if len(problems) > 0 {
		return s.Refuse(c, problems...)
	}
	person, failure := s.reach(to, recipient, kind)
	if failure != nil {
		return nil, failure
	}
	user := person.Phone
	if user == "" {
		user = person.Scoped
	}
	thread := chat.ThreadID("whatsapp:" + number + ":" + user)
	content, _ := c.Args[kind].(map[string]any)
	if kind == "reaction" {
		return s.react(thread, content)
	}
	post, failure := s.postOf(kind, content)
	if failure != nil {
		return nil, failure
	}
	s.mu.Lock()
	s.next++
	post.ID, post.Thread = chat.MessageID(fmt.Sprintf("wamid.HBg%08d", s.next)), thread
	s.mu.Unlock()
	if about, ok := c.Args["context"].(map[string]any); ok {
		post.ReplyTo = chat.MessageID(fmt.Sprint(about["message_id"]))
	}
	posted, err := s.Post(post)
	if err != nil {
		return nil, fakemeta.FailureOf(err, rateLimit)
	}
	if kind == "interactive" {
		s.keepChoices(posted.ID, content)
	}
	return map[string]any{
		"messaging_product": "whatsapp", "contacts": []any{map[string]any{"input": to + recipient, "wa_id": person.Phone}},
		"messages": []any{map[string]any{"id": posted.ID, "message_status": "accepted"}},
	}, nil
}

// reach returns whom a message is for. The phone number comes first.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
func (s *Server) reach(to, recipient, kind string) (Person, *fakemeta.Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.people {
		if to != "" && p.Phone != to || to == "" && p.Scoped != recipient {
			continue
		}
		if kind != "template" && (s.closed[p.Phone] || s.closed[p.Scoped]) {
			return p, &fakemeta.Failure{Code: 131047, Message: "(#131047) Re-engagement message", Details: "Message failed to send because more than 24 hours have passed"}
		}
		return p, nil
	}
	return Person{}, &fakemeta.Failure{Code: 131026, Message: "(#131026) Message undeliverable"}
}

// react sets or removes the bot's one reaction. A message that there is not is no
// failure of the call: a status tells. https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/reaction-messages
func (s *Server) react(thread chat.ThreadID, content map[string]any) (any, *fakemeta.Failure) {
	id, emoji := chat.MessageID(fmt.Sprint(content["message_id"])), fmt.Sprint(content["emoji"])
	posts, _ := s.Posts(nil, thread) //nolint:staticcheck // it takes any
	for _, p := range posts {
		if p.ID != id {
			continue
		}
		for _, old := range p.Reactions {
			if failure := fakemeta.FailureOf(s.Unreact(thread, id, old), rateLimit); failure != nil {
				return nil, failure
			}
		}
		if emoji != "" {
			if failure := fakemeta.FailureOf(s.Server.React(thread, id, emoji), rateLimit); failure != nil {
				return nil, failure
			}
		}
	}
	return map[string]any{"messaging_product": "whatsapp", "messages": []any{map[string]any{"id": "wamid.reaction"}}}, nil
}

// postOf is a message as the store keeps it.
func (s *Server) postOf(kind string, content map[string]any) (chattest.Posted, *fakemeta.Failure) {
	text := func(of any, field string) string {
		object, _ := of.(map[string]any)
		value, _ := object[field].(string)
		return value
	}
	switch kind {
	case "text":
		return chattest.Posted{Text: text(content, "body")}, nil
	case "interactive":
		return chattest.Posted{Text: text(content["body"], "text")}, nil
	case "template":
		return s.templateOf(content)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := text(content, "id")
	file, ok := s.media[id]
	if _, fits := supported[kind][file.MIMEType]; !ok || !fits {
		return chattest.Posted{}, &fakemeta.Failure{Code: 131009, Message: "(#131009) Parameter value is not valid"}
	}
	name := s.names[id]
	if given := text(content, "filename"); given != "" {
		name = given
	}
	return chattest.Posted{
		Text: text(content, "caption"), Files: []chattest.PostedFile{{Name: name, Content: file.Content, MIMEType: file.MIMEType}},
	}, nil
}

// templateOf fills a template. https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
func (s *Server) templateOf(content map[string]any) (chattest.Posted, *fakemeta.Failure) {
	data, _ := json.Marshal(content)
	var t struct {
		Name       string
		Language   struct{ Code string }
		Components []struct {
			Type       string
			Parameters []struct{ Text string }
		}
	}
	_ = json.Unmarshal(data, &t) // it was checked
	s.mu.Lock()
	places, ok := s.templates[t.Name]
	s.mu.Unlock()
	if !ok || t.Language.Code != "en_US" {
		return chattest.Posted{}, &fakemeta.Failure{Status: http.StatusNotFound, Code: 132001, Message: "(#132001) Template name does not exist in the translation"}
	}
	words := []string{t.Name}
	for _, c := range t.Components {
		if c.Type != "body" {
			continue
		}
		places -= len(c.Parameters)
		for _, p := range c.Parameters {
			words = append(words, p.Text)
		}
	}
	if places != 0 {
		return chattest.Posted{}, &fakemeta.Failure{Code: 132000, Message: "(#132000) Number of parameters does not match"}
	}
	return chattest.Posted{Text: strings.Join(words, " ")}, nil
}

func (s *Server) keepChoices(id chat.MessageID, content map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.choices[id] = choicesOf(content)
	if action, ok := content["action"].(map[string]any); ok {
		if parameters, ok := action["parameters"].(map[string]any); ok {
			s.links[id], _ = parameters["url"].(string)
		}
	}
}

// choicesOf are the buttons or rows of an interactive message.
func choicesOf(content map[string]any) []Choice {
	data, _ := json.Marshal(content["action"])
	var a struct {
		Buttons  []struct{ Reply Choice }
		Sections []struct{ Rows []Choice }
	}
	_ = json.Unmarshal(data, &a) // it is checked otherwise
	var all []Choice
	for _, b := range a.Buttons {
		all = append(all, b.Reply)
	}
	for _, section := range a.Sections {
		all = append(all, section.Rows...)
	}
	return all
}

// Threads returns the threads in which the bot has posted.
func (s *Server) Threads() []chat.ThreadID {
	threads := map[chat.ThreadID]bool{}
	for _, p := range s.All() {
		threads[p.Thread] = true
	}
	return slices.Sorted(maps.Keys(threads))
}
