package faketeams

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// location is a conversation, and the thread in it.
type location struct{ conversation, base, kind string }

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func decode(text string) string {
	data, _ := base64.RawURLEncoding.DecodeString(text) // what it is not is no conversation
	return string(data)
}

// Thread is the id of a thread with the adapter.
func Thread(conversation string) chat.ThreadID {
	return chat.ThreadID("teams:" + encode(conversation) + ":" + encode(ServiceURL))
}

// MessageID is the id of a message with the adapter.
func MessageID(base, activity string) chat.MessageID {
	return chat.MessageID(encode(base) + ":" + activity)
}

// maxMessage is how long a message may be, as UTF-16.
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
const maxMessage = 100 << 10

// refuses answers an activity that is not one.
func (s *Server) refuses(w http.ResponseWriter, body map[string]any) bool {
	if err := CheckActivity(body); err != nil {
		s.wrong(w, err.Error())
		return true
	}
	data, _ := json.Marshal(withoutPictures(body)) // it came as JSON
	if 2*len(utf16.Encode([]rune(string(data)))) > maxMessage {
		write(w, Failure{Status: http.StatusRequestEntityTooLarge, Code: "MessageSizeTooBig", Message: "Message size too large."})
		return true
	}
	return false
}

func (s *Server) sendActivity(w http.ResponseWriter, r *http.Request, at location, body map[string]any) {
	if s.refuses(w, body) {
		return
	}
	if _, streamed := streamInfo(body); streamed {
		s.stream(w, at, body)
		return
	}
	if r.URL.Query().Get("isTargetedActivity") == "true" {
		s.sendTargeted(w, at, body)
		return
	}
	if body["recipient"] != nil {
		s.wrong(w, "a recipient of a message for all")
		return
	}
	if body["type"] == "typing" {
		if err := s.Type(Thread(at.conversation)); err != nil {
			write(w, storeFailure(err))
			return
		}
		answer(w, http.StatusCreated, map[string]any{"id": "t:1"})
		return
	}
	s.mu.Lock()
	s.next++
	id := strconv.FormatInt(s.next, 10)
	s.mu.Unlock()
	conversation := at.conversation
	if at.kind == "channel" && conversation == at.base { // it begins a thread
		conversation += ";messageid=" + id
	}
	p := chattest.Posted{ID: MessageID(at.base, id), Thread: Thread(conversation)}
	show(&p, body)
	s.showFiles(&p, body)
	if _, err := s.Post(p); err != nil {
		write(w, storeFailure(err))
		return
	}
	s.keep(p.ID, body)
	answer(w, http.StatusCreated, map[string]any{"id": id})
}

func (s *Server) keep(id chat.MessageID, body map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.activities[id] = body
}

// Activity returns a message as it was sent last.
func (s *Server) Activity(id chat.MessageID) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.activities[id]
}

// threadOf is where a message of the conversation is: calls may name the conversation
// with the thread or without.
func (s *Server) threadOf(at location, id chat.MessageID) chat.ThreadID {
	for _, p := range s.All() {
		if p.ID == id {
			return p.Thread
		}
	}
	return Thread(at.conversation)
}

func (s *Server) updateActivity(w http.ResponseWriter, r *http.Request, at location, id string, body map[string]any) {
	if s.refuses(w, body) {
		return
	}
	whole := MessageID(at.base, id)
	if s.changeTargeted(w, r, whole, func(p *chattest.Posted) { show(p, body) }) {
		return
	}
	if err := s.Edit(s.threadOf(at, whole), whole, func(p *chattest.Posted) { show(p, body) }); err != nil {
		write(w, storeFailure(err))
		return
	}
	s.keep(whole, body)
	answer(w, http.StatusOK, map[string]any{"id": id})
}

func (s *Server) deleteActivity(w http.ResponseWriter, r *http.Request, at location, id string) {
	whole := MessageID(at.base, id)
	if s.changeTargeted(w, r, whole, func(p *chattest.Posted) { p.Deleted = true }) {
		return
	}
	if err := s.Delete(s.threadOf(at, whole), whole); err != nil {
		write(w, storeFailure(err))
		return
	}
	w.WriteHeader(http.StatusOK)
}

// react adds or removes a reaction.
// https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/agent-reactions
func (s *Server) react(w http.ResponseWriter, r *http.Request, at location, id, kind string) {
	whole := MessageID(at.base, id)
	thread := s.threadOf(at, whole)
	var err error
	if r.Method == http.MethodPut {
		err = s.React(thread, whole, kind)
	} else {
		err = s.Unreact(thread, whole, kind)
	}
	if err != nil {
		write(w, storeFailure(err))
		return
	}
	w.WriteHeader(http.StatusOK)
}

// Click returns the value of a click on the button with the label on a message, or of
// the choice of an option in a menu.
func (s *Server) Click(id chat.MessageID, label string) (value map[string]any, err error) {
	activity := s.Activity(id)
	for _, attachment := range list(activity["attachments"]) {
		walk(attachment["content"], func(element map[string]any) {
			data, _ := element["data"].(map[string]any)
			if element["type"] == "Action.Submit" && element["title"] == label && element["isEnabled"] != false {
				value = maps.Clone(data)
			}
			for _, choice := range list(element["choices"]) {
				if choice["title"] == label && element["type"] == "Input.ChoiceSet" {
					name, _ := element["id"].(string)
					value = map[string]any{name: choice["value"], "actionId": "__auto_submit"}
				}
			}
		})
	}
	if value == nil {
		return nil, fmt.Errorf("faketeams: the message %s has no %q to click", id, label)
	}
	return value, nil
}

// walk visits all objects in a value.
func walk(value any, visit func(map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
		visit(value)
		for _, v := range value {
			walk(v, visit)
		}
	case []any:
		for _, v := range value {
			walk(v, visit)
		}
	}
}

// list is a list of objects.
func list(value any) (all []map[string]any) {
	items, _ := value.([]any)
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

// Shown returns the messages of a thread, whatever service URL its id has. It has the
// form of adaptertest.Harness.Posts.
func (s *Server) Shown(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	parts := strings.Split(string(thread), ":")
	if len(parts) < 3 {
		return nil, fmt.Errorf("faketeams: the thread id %q", thread)
	}
	return s.Posts(ctx, chat.ThreadID("teams:"+parts[1]+":"+encode(ServiceURL)))
}
