package faketelegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func bad(description string) *Failure {
	return &Failure{Code: http.StatusBadRequest, Description: description}
}

// answer does what a call asks for.
func (s *Server) answer(method string, args map[string]any, files map[string]chattest.PostedFile) (any, *Failure) {
	switch method {
	case "getMe":
		return map[string]any{"id": BotID, "is_bot": true, "first_name": "The Bot", "username": BotName}, nil
	case "answerCallbackQuery", "setMyCommands":
		return true, nil
	case "setWebhook", "deleteWebhook":
		s.mu.Lock()
		s.webhook, _ = args["url"].(string)
		s.mu.Unlock()
		return true, nil
	case "getFile":
		id := fmt.Sprint(args["file_id"])
		s.mu.Lock()
		content, ok := s.files[id]
		s.mu.Unlock()
		if !ok {
			return nil, bad("Bad Request: wrong file_id or the file is temporarily unavailable")
		}
		return map[string]any{"file_id": id, "file_path": "files/" + id, "file_size": len(content)}, nil
	}
	account, failed := s.account(args)
	if failed != nil {
		return nil, failed
	}
	switch method {
	case "getBusinessConnection":
		return map[string]any{
			"id": account.Connection, "user": map[string]any{"id": account.Owner, "is_bot": false, "first_name": "Owner"}, "user_chat_id": account.Owner,
			"date": 1_700_000_000, "rights": map[string]any{"can_reply": account.CanReply}, "is_enabled": account.Enabled,
		}, nil
	case "deleteBusinessMessages":
		return true, s.deleteOfAccount(args)
	}
	s.mu.Lock()
	c, known := s.chats[numberOf(args["chat_id"])]
	s.mu.Unlock()
	if !known {
		return nil, bad("Bad Request: chat not found")
	}
	if c.became != 0 {
		failure := bad("Bad Request: group chat was upgraded to a supergroup chat")
		failure.MigrateTo = c.became
		return nil, failure
	}
	switch method {
	case "getChat":
		out := map[string]any{"id": c.ID, "type": c.Type, "username": c.UserName}
		if c.Type == "private" {
			out["first_name"] = c.Title
		} else {
			out["title"] = c.Title
		}
		return out, nil
	case "getChatMemberCount":
		return c.Members, nil
	case "sendChatAction":
		return true, s.failureOf(s.Type(s.thread(c, args)))
	case "sendMediaGroup":
		return s.sendAlbum(c, args, files)
	case "sendMessage", "sendPhoto", "sendDocument", "sendVideo", "sendAnimation", "sendAudio", "sendVoice", "sendVideoNote", "sendSticker":
		return s.sendMessage(c, method, args, files)
	case "sendMessageDraft":
		return true, s.showDraft(c, args)
	case "setMessageReaction":
		return true, s.failureOf(s.react(c, args))
	}
	return s.changeMessage(c, method, args)
}

func (s *Server) failureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*chat.PlatformError](err)
	if !ok {
		return bad("Bad Request: " + err.Error())
	}
	if e.Code == chat.CodeRateLimited {
		seconds := int(e.RetryAfter.Seconds())
		return &Failure{Code: http.StatusTooManyRequests, Description: fmt.Sprintf("Too Many Requests: retry after %d", seconds), RetryAfter: seconds}
	}
	if e.Op == "react" {
		return bad("Bad Request: message to react not found")
	}
	return bad("Bad Request: message to " + e.Op + " not found")
}

// thread is the thread of what a call sends. Messages of a topic are also found
// without it.
func (s *Server) thread(c Chat, args map[string]any) chat.ThreadID {
	id := "telegram:" + channel(c, args)
	if topic := numberOf(args["message_thread_id"]); topic != 0 {
		id += ":" + strconv.FormatInt(topic, 10)
	}
	return chat.ThreadID(id)
}

// channel is a chat as the messages of the server name it: those to a business account
// are counted apart, so they are named apart.
func channel(c Chat, args map[string]any) string {
	if connection, ok := args["business_connection_id"].(string); ok {
		return "biz:" + connection + ":" + strconv.FormatInt(c.ID, 10)
	}
	return strconv.FormatInt(c.ID, 10)
}

// account is the business account that a call names.
func (s *Server) account(args map[string]any) (Account, *Failure) {
	connection, ok := args["business_connection_id"].(string)
	if !ok {
		return Account{}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, known := s.accounts[connection]
	if !known {
		return a, bad("Bad Request: BUSINESS_CONNECTION_INVALID")
	}
	return a, nil
}

func (s *Server) deleteOfAccount(args map[string]any) *Failure {
	ids, _ := args["message_ids"].([]any)
	for _, p := range s.All() {
		prefix, number, _ := cutLast(string(p.ID))
		if strings.HasPrefix(prefix, fmt.Sprintf("biz:%v:", args["business_connection_id"])) && slices.Contains(ids, any(json.Number(number))) {
			return s.failureOf(s.Delete(p.Thread, p.ID))
		}
	}
	return bad("Bad Request: message to delete not found")
}

// showDraft shows a draft. https://core.telegram.org/bots/api#sendmessagedraft
func (s *Server) showDraft(c Chat, args map[string]any) *Failure {
	text, _ := args["text"].(string)
	switch {
	case c.Type != "private":
		return bad("Bad Request: TEXTDRAFT_PEER_INVALID")
	case len(utf16.Encode([]rune(text))) > 4096:
		return bad("Bad Request: message is too long")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drafts = append(s.drafts, Draft{c.ID, numberOf(args["draft_id"]), text})
	return nil
}

func cutLast(id string) (before, after string, found bool) {
	i := strings.LastIndexByte(id, ':')
	if i < 0 {
		return id, "", false
	}
	return id[:i], id[i+1:], true
}

func (s *Server) sendMessage(c Chat, method string, args map[string]any, files map[string]chattest.PostedFile) (any, *Failure) {
	d := detail{topic: numberOf(args["message_thread_id"])}
	p := chattest.Posted{Thread: s.thread(c, args)}
	most, name := 4096, "text"
	if method != "sendMessage" {
		most, name = 1024, "caption"
		d.media = strings.ToLower(strings.TrimPrefix(method, "send"))
		if method == "sendVideoNote" {
			d.media = "video_note"
		}
		f, ok := files[d.media]
		if id, again := args[d.media].(string); again {
			f, ok = s.fileOf(id)
		}
		if !ok {
			return nil, bad("Bad Request: wrong file identifier/HTTP URL specified")
		}
		p.Files = []chattest.PostedFile{f}
	}
	p.Text, _ = args[name].(string)
	if problem := s.fill(&d, args, p.Text, most); problem != nil {
		return nil, problem
	}
	if p.Text = trimmed(p.Text); p.Text == "" && d.media == "" {
		return nil, bad("Bad Request: message text is empty")
	}
	if to, ok := args["reply_parameters"].(map[string]any); ok {
		p.ReplyTo = chat.MessageID(fmt.Sprintf("%s:%v", channel(c, args), to["message_id"]))
	}
	s.mu.Lock()
	s.messages++
	number := s.messages
	s.mu.Unlock()
	p.ID = chat.MessageID(fmt.Sprintf("%s:%d", channel(c, args), number))
	if _, err := s.Post(p); err != nil {
		return nil, s.failureOf(err)
	}
	s.mu.Lock()
	s.details[p.ID] = d
	s.mu.Unlock()
	return s.shownMessage(c, number, d), nil
}

// fileOf is a file that Telegram has.
func (s *Server) fileOf(id string) (chattest.PostedFile, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.files[id]
	return chattest.PostedFile{Name: id, Content: content}, ok
}

// sendAlbum posts each file as a message. https://core.telegram.org/bots/api#sendmediagroup
func (s *Server) sendAlbum(c Chat, args map[string]any, files map[string]chattest.PostedFile) (any, *Failure) {
	var sent []any
	items, _ := args["media"].([]any)
	for _, item := range items {
		m, _ := item.(map[string]any)
		kind, _ := m["type"].(string)
		one, uploads := maps.Clone(args), map[string]chattest.PostedFile{}
		delete(one, "media")
		for _, name := range []string{"caption", "caption_entities"} {
			if v, ok := m[name]; ok {
				one[name] = v
			}
		}
		if name, ok := strings.CutPrefix(fmt.Sprint(m["media"]), "attach://"); ok {
			f, found := files[name]
			if !found {
				return nil, bad("Bad Request: wrong file identifier/HTTP URL specified")
			}
			uploads[kind] = f
		} else {
			one[kind] = m["media"]
		}
		shown, failed := s.sendMessage(c, "send"+strings.ToUpper(kind[:1])+kind[1:], one, uploads)
		if failed != nil {
			return nil, failed
		}
		sent = append(sent, shown)
	}
	return sent, nil
}

func (s *Server) shownMessage(c Chat, number int64, d detail) map[string]any {
	m := map[string]any{
		"message_id": number, "date": 1_700_000_000, "chat": map[string]any{"id": c.ID, "type": c.Type},
		"from": map[string]any{"id": BotID, "is_bot": true, "first_name": "The Bot", "username": BotName},
	}
	if d.topic != 0 {
		m["message_thread_id"], m["is_topic_message"] = d.topic, true
	}
	return m
}

// fill reads entities and buttons, and looks at the text's length: Telegram counts
// UTF-16 units after parsing.
func (s *Server) fill(d *detail, args map[string]any, text string, most int) *Failure {
	if len(utf16.Encode([]rune(text))) > most {
		if most == 1024 {
			return bad("Bad Request: message caption is too long")
		}
		return bad("Bad Request: message is too long")
	}
	d.entities, d.keyboard = nil, nil
	for _, name := range []string{"entities", "caption_entities"} {
		if v, ok := args[name]; ok {
			data, _ := json.Marshal(v)
			_ = json.Unmarshal(data, &d.entities) // checked
		}
	}
	if v, ok := args["reply_markup"]; ok {
		data, _ := json.Marshal(v)
		var k struct {
			Rows [][]Button `json:"inline_keyboard"`
		}
		_ = json.Unmarshal(data, &k) // checked
		d.keyboard = k.Rows
	}
	return nil
}

// trimmed is a text as Telegram keeps it. A text that begins with white space would
// move its entities, so none of the server's texts may.
func trimmed(text string) string { return strings.TrimRight(text, " \n") }

// find returns the message that a call names.
func (s *Server) find(c Chat, args map[string]any) (chattest.Posted, bool) {
	id := chat.MessageID(fmt.Sprintf("%s:%d", channel(c, args), numberOf(args["message_id"])))
	for _, p := range s.All() {
		if p.ID == id && !p.Deleted {
			return p, true
		}
	}
	return chattest.Posted{ID: id}, false
}

func (s *Server) react(c Chat, args map[string]any) error {
	p, _ := s.find(c, args)
	var all []struct{ Emoji string }
	data, _ := json.Marshal(args["reaction"])
	_ = json.Unmarshal(data, &all) // checked
	for _, old := range p.Reactions {
		if err := s.Unreact(p.Thread, p.ID, old); err != nil {
			return err
		}
	}
	for _, r := range all {
		return s.React(p.Thread, p.ID, r.Emoji)
	}
	return s.Unreact(p.Thread, p.ID, "")
}

func (s *Server) changeMessage(c Chat, method string, args map[string]any) (any, *Failure) {
	p, _ := s.find(c, args)
	if method == "deleteMessage" {
		return true, s.failureOf(s.Delete(p.Thread, p.ID))
	}
	s.mu.Lock()
	d := s.details[p.ID]
	s.mu.Unlock()
	before := d
	most, name := 4096, "text"
	if method == "editMessageCaption" {
		most, name = 1024, "caption"
	} else if d.media != "" {
		return nil, bad("Bad Request: there is no text in the message to edit")
	}
	text, _ := args[name].(string)
	if problem := s.fill(&d, args, text, most); problem != nil {
		return nil, problem
	}
	text = trimmed(text)
	if text == "" && d.media == "" {
		return nil, bad("Bad Request: message text is empty")
	}
	if p.Thread != "" && text == p.Text && fmt.Sprint(before) == fmt.Sprint(d) {
		return nil, bad("Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if err := s.Edit(p.Thread, p.ID, func(q *chattest.Posted) { q.Text = text }); err != nil {
		return nil, s.failureOf(err)
	}
	s.mu.Lock()
	s.details[p.ID] = d
	s.mu.Unlock()
	return s.shownMessage(c, numberOf(args["message_id"]), d), nil
}
