package fakegchat

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// maxMessage is how many bytes a message has.
// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
const maxMessage = 32_000

// object is a JSON object.
type object = map[string]any

// nameIn returns the resource's name in a path, up to a collection below it.
func nameIn(path string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(path, "/upload"), "/v1/")
	name, _, _ = strings.Cut(name, ":")
	return name
}

func spaceIn(path string) string {
	parts := strings.Split(nameIn(path), "/")
	return strings.Join(parts[:2], "/")
}

// thread is the thread in which an adapter has a message.
func (s *Server) thread(sp Space, thread string) chat.ThreadID {
	if sp.Type == "DIRECT_MESSAGE" {
		return chat.ThreadID("gchat:" + sp.Name + ":dm")
	}
	return chat.ThreadID("gchat:" + sp.Name + ":" + base64.RawURLEncoding.EncodeToString([]byte(thread)))
}

func (s *Server) space(name string) (Space, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp, ok := s.spaces[name]
	if !ok {
		return sp, notFound()
	}
	return sp, nil
}

// find returns a message that is there.
func (s *Server) find(name string) (*Message, Space, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[name]
	if m == nil || m.deleted {
		return nil, Space{}, notFound()
	}
	return m, s.spaces[spaceIn("/v1/"+name)], nil
}

func str(o object, name string) string {
	value, _ := o[name].(string)
	return value
}

func sub(o object, name string) object {
	value, _ := o[name].(object)
	return value
}

// bytesOf is how many bytes a message has, as names and texts.
func bytesOf(v any) (n int) {
	switch v := v.(type) {
	case string:
		n = len(v)
	case []any:
		for _, item := range v {
			n += bytesOf(item)
		}
	case object:
		for name, value := range v {
			n += len(name) + bytesOf(value)
		}
	}
	return n
}

// content refuses what no message can have.
func content(c *Call, hasFiles bool) *Failure {
	cards, _ := c.Body["cardsV2"].([]any)
	words := str(c.Body, "text")
	switch {
	case strings.TrimSpace(words) == "" && len(cards) == 0 && !hasFiles:
		return invalid("Message cannot be empty. Set at least one of text or card fields, or upload an attachment.")
	case bytesOf(c.Body) > maxMessage:
		return invalid("Message is too long.")
	case len(cards) > 0 && c.User != "":
		return forbidden("Only Chat apps can create card messages.")
	}
	for _, one := range cards {
		card, _ := one.(object)
		if problem := checkCard(card["card"]); problem != "" {
			return invalid("Card is invalid: %s", problem)
		}
	}
	return nil
}

func (s *Server) sender(c *Call) string {
	if c.User == "" {
		return BotID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.Email == c.User {
			return u.Name
		}
	}
	return "users/" + c.User
}

func (s *Server) create(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	sp, failure := s.space(spaceIn(c.Path))
	if failure != nil {
		return nil, failure
	}
	attached, _ := c.Body["attachment"].([]any)
	viewer := str(sub(c.Body, "privateMessageViewer"), "name")
	if failure := content(c, len(attached) > 0); failure != nil {
		return nil, failure
	}
	if viewer != "" && (c.User != "" || len(attached) > 0) {
		return nil, invalid("Private messages are text and cards of the app.")
	}
	m := &Message{Sender: s.sender(c), Text: str(c.Body, "text"), Markup: str(c.Body, "markupSyntax"), Viewer: viewer, At: time.Now().UTC(), Thread: str(sub(c.Body, "thread"), "name")}
	m.Cards, _ = c.Body["cardsV2"].([]any)
	for _, a := range attached {
		file, ok := s.takeUpload(str(sub(a.(object), "attachmentDataRef"), "attachmentUploadToken"))
		if !ok {
			return nil, invalid("The attachment token is invalid.")
		}
		m.Attachments = append(m.Attachments, file)
	}
	s.mu.Lock()
	s.next++
	known := slices.Contains(sp.Threads, m.Thread)
	if m.answer = known; !known {
		if m.Thread != "" && c.Query.Get("messageReplyOption") != "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD" {
			s.mu.Unlock()
			return nil, notFound()
		}
		m.Thread = fmt.Sprintf("%s/threads/T%d", sp.Name, s.next)
		sp.Threads = append(sp.Threads, m.Thread)
		s.spaces[sp.Name] = sp
	}
	m.Name = fmt.Sprintf("%s/messages/%s.M%d", sp.Name, m.Thread[strings.LastIndexByte(m.Thread, '/')+1:], s.next)
	s.mu.Unlock()
	if _, err := s.Post(chattest.Posted{ID: chat.MessageID(m.Name), Thread: s.thread(sp, m.Thread), Text: m.Text, Files: m.Attachments}); err != nil {
		return nil, failureOf(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(m)
	return s.json(m), nil
}

func (s *Server) patch(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	m, sp, failure := s.find(nameIn(c.Path))
	if failure != nil {
		return nil, failure
	}
	if m.Sender != s.sender(c) {
		return nil, forbidden("The caller does not have permission")
	}
	if failure := content(c, len(m.Attachments) > 0); failure != nil {
		return nil, failure
	}
	if err := s.Edit(s.thread(sp, m.Thread), chat.MessageID(m.Name), func(p *chattest.Posted) { p.Text = str(c.Body, "text") }); err != nil {
		return nil, failureOf(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	mask := strings.Split(c.Query.Get("updateMask"), ",")
	if slices.Contains(mask, "text") {
		m.Text, m.Markup = str(c.Body, "text"), str(c.Body, "markupSyntax")
	}
	if slices.Contains(mask, "cardsV2") {
		m.Cards, _ = c.Body["cardsV2"].([]any)
	}
	m.Edited = time.Now().UTC()
	return s.json(m), nil
}

func (s *Server) remove(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	m, sp, failure := s.find(nameIn(c.Path))
	if failure != nil {
		return nil, failure
	}
	if m.Sender != s.sender(c) {
		return nil, forbidden("The caller does not have permission")
	}
	if err := s.Delete(s.thread(sp, m.Thread), chat.MessageID(m.Name)); err != nil {
		return nil, failureOf(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.deleted = true
	return object{}, nil
}

// json is a message as Chat shows it. The lock is held.
func (s *Server) json(m *Message) object {
	kind := "HUMAN"
	if m.Sender == BotID {
		kind = "BOT"
	}
	o := object{
		"name": m.Name, "sender": object{"name": m.Sender, "type": kind}, "createTime": m.At.Format(time.RFC3339Nano), "text": m.Text, "formattedText": m.Text,
		"thread": object{"name": m.Thread}, "space": object{"name": spaceIn("/v1/" + m.Name)}, "threadReply": m.answer,
	}
	if u, ok := s.users[m.Sender]; ok {
		o["sender"].(object)["displayName"] = u.DisplayName
	}
	if m.Markup == "MARKUP_SYNTAX_MARKDOWN" { // Chat answers in its own markup
		o["formattedText"] = strings.ReplaceAll(m.Text, "**", "*")
	}
	if !m.Edited.IsZero() {
		o["lastUpdateTime"] = m.Edited.Format(time.RFC3339Nano)
	}
	if len(m.Cards) > 0 {
		o["cardsV2"] = m.Cards
	}
	return o
}

func (s *Server) get(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	m, _, failure := s.find(nameIn(c.Path))
	if failure != nil {
		return nil, failure
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.json(m), nil
}

func (s *Server) list(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	if _, failure := s.space(spaceIn(c.Path)); failure != nil {
		return nil, failure
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Message
	for _, name := range s.order {
		m := s.messages[name]
		if m.deleted || m.Viewer != "" || !strings.HasPrefix(name, spaceIn(c.Path)+"/") {
			continue
		}
		if want, ok := strings.CutPrefix(c.Query.Get("filter"), "thread.name = "); !ok || want == m.Thread {
			all = append(all, m)
		}
	}
	if c.Query.Get("orderBy") == "DESC" {
		slices.Reverse(all)
	}
	page, next := pageOf(c, all)
	shown := []object{}
	for _, m := range page {
		shown = append(shown, s.json(m))
	}
	return object{"messages": shown, "nextPageToken": next}, nil
}

func (s *Server) react(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	m, sp, failure := s.find(strings.TrimSuffix(nameIn(c.Path), "/reactions"))
	if failure != nil {
		return nil, failure
	}
	emoji, user := str(sub(c.Body, "emoji"), "unicode"), s.sender(c)
	if emoji == "" || emoji[0] < 0x80 && !strings.ContainsAny(emoji, "#*0123456789") {
		return nil, invalid("The emoji is no emoji.")
	}
	s.mu.Lock()
	has := slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == emoji && r.User == user })
	s.mu.Unlock()
	if has {
		return nil, &Failure{Status: http.StatusConflict, Code: "ALREADY_EXISTS", Message: "Reaction already exists."}
	}
	if err := s.React(s.thread(sp, m.Thread), chat.MessageID(m.Name), emoji); err != nil {
		return nil, failureOf(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	r := Reaction{Name: fmt.Sprintf("%s/reactions/R%d", m.Name, s.next), Emoji: emoji, User: user}
	m.Reactions = append(m.Reactions, r)
	return r.json(), nil
}

func (r Reaction) json() object {
	return object{"name": r.Name, "emoji": object{"unicode": r.Emoji}, "user": object{"name": r.User, "type": "HUMAN"}}
}

var reactionFilter = regexp.MustCompile(`^emoji\.unicode = "([^"]+)"(?: AND user\.name = "([^"]+)")?$`)

func (s *Server) reactions(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	m, _, failure := s.find(strings.TrimSuffix(nameIn(c.Path), "/reactions"))
	if failure != nil {
		return nil, failure
	}
	want := reactionFilter.FindStringSubmatch(c.Query.Get("filter"))
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []object{}
	for _, r := range m.Reactions {
		if want == nil || r.Emoji == want[1] && (want[2] == "" || want[2] == r.User) {
			all = append(all, r.json())
		}
	}
	return object{"reactions": all}, nil
}

func (s *Server) unreact(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	name := nameIn(c.Path)
	of, _, _ := strings.Cut(name, "/reactions/")
	m, sp, failure := s.find(of)
	if failure != nil {
		return nil, failure
	}
	s.mu.Lock()
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	s.mu.Unlock()
	if i < 0 {
		return nil, notFound()
	}
	if m.Reactions[i].User != s.sender(c) {
		return nil, forbidden("The caller does not have permission")
	}
	if err := s.Unreact(s.thread(sp, m.Thread), chat.MessageID(m.Name), m.Reactions[i].Emoji); err != nil {
		return nil, failureOf(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Reactions = slices.Delete(m.Reactions, i, i+1)
	return object{}, nil
}

// upload takes a file. https://developers.google.com/workspace/chat/upload-media-attachments
func (s *Server) upload(c *Call, raw []byte, r *http.Request) (any, *Failure) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" {
		return nil, invalid("The upload is no multipart/related.")
	}
	if _, failure := s.space(spaceIn(c.Path)); failure != nil {
		return nil, failure
	}
	form := multipart.NewReader(strings.NewReader(string(raw)), parameters["boundary"])
	var about struct {
		Filename string `json:"filename"`
	}
	first, err := form.NextPart()
	if err != nil || json.NewDecoder(first).Decode(&about) != nil || about.Filename == "" {
		return nil, invalid("The upload has no filename.")
	}
	second, err := form.NextPart()
	if err != nil {
		return nil, invalid("The upload has no content.")
	}
	data, err := io.ReadAll(second)
	if err != nil {
		return nil, invalid("The upload breaks off.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	token := fmt.Sprintf("upload-%d", s.next)
	s.uploads[token] = chattest.PostedFile{Name: about.Filename, Content: data, MIMEType: second.Header.Get("Content-Type")}
	return object{"attachmentDataRef": object{"attachmentUploadToken": token}}, nil
}

func (s *Server) takeUpload(token string) (chattest.PostedFile, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, ok := s.uploads[token]
	delete(s.uploads, token)
	return file, ok
}

func (s *Server) download(c *Call, _ []byte, _ *http.Request) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.files[strings.TrimPrefix(nameIn(c.Path), "media/")]
	if !ok {
		return nil, notFound()
	}
	return content, nil
}
