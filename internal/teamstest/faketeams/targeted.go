package faketeams

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// Targeted is a message for one user.
type Targeted struct {
	User chat.UserID
	chattest.Posted
}

// sendTargeted takes a message for one user.
// https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
func (s *Server) sendTargeted(w http.ResponseWriter, at location, body map[string]any) {
	who, _ := body["recipient"].(map[string]any)
	id, _ := who["id"].(string)
	s.mu.Lock()
	_, known := s.members[id]
	for _, m := range s.members {
		known = known || m.AADObjectID == id
	}
	s.next++
	activity := strconv.FormatInt(s.next, 10)
	s.mu.Unlock()
	if !known || at.kind == "personal" {
		write(w, Failure{Status: http.StatusBadRequest, Code: "Bad Argument", Message: "Recipient is missing."})
		return
	}
	p := chattest.Posted{ID: MessageID(at.base, activity), Thread: Thread(at.conversation)}
	show(&p, body)
	s.mu.Lock()
	s.targeted = append(s.targeted, Targeted{chat.UserID(id), p})
	s.mu.Unlock()
	answer(w, http.StatusCreated, map[string]any{"id": activity})
}

// changeTargeted changes a message for one user, and reports whether it is one. Calls
// must say so.
func (s *Server) changeTargeted(w http.ResponseWriter, r *http.Request, id chat.MessageID, change func(*chattest.Posted)) bool {
	marked := r.URL.Query().Get("isTargetedActivity") == "true"
	s.mu.Lock()
	i := slices.IndexFunc(s.targeted, func(t Targeted) bool { return t.ID == id && !t.Deleted })
	if i >= 0 && marked {
		change(&s.targeted[i].Posted)
	}
	s.mu.Unlock()
	switch {
	case i >= 0 && marked:
		answer(w, http.StatusOK, map[string]any{"id": id})
	case marked || i >= 0:
		write(w, Failure{Status: http.StatusNotFound, Code: "ActivityNotFoundInConversation", Message: "Not found."})
	}
	return i >= 0 || marked
}

// Ephemeral returns what only the user is shown. It has the form of
// adaptertest.Harness.Ephemeral.
func (s *Server) Ephemeral(_ context.Context, thread chat.ThreadID, user chat.UserID) (all []chattest.Posted, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.targeted {
		if t.Thread == thread && t.User == user && !t.Deleted {
			all = append(all, t.Posted)
		}
	}
	return all, nil
}

// ShowDialog has Teams show what an invoke was answered with.
func (s *Server) ShowDialog(answer []byte) error {
	var reply struct {
		Task *struct {
			Type  string
			Value json.RawMessage
		}
	}
	if err := json.Unmarshal(answer, &reply); err != nil {
		return err
	}
	if reply.Task == nil || reply.Task.Type != "continue" {
		return nil
	}
	var value map[string]any
	if err := json.Unmarshal(reply.Task.Value, &value); err != nil {
		return err
	}
	attachment, _ := value["card"].(map[string]any)
	if title, _ := value["title"].(string); title == "" {
		return errors.New("faketeams: a dialog without a title")
	}
	if err := checkAttachment(attachment); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialogs = append(s.dialogs, value)
	return nil
}

// Dialogs returns the dialogs that were shown.
func (s *Server) Dialogs() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dialogs)
}

// Modals returns the dialogs as the suite sees them: the trigger is the dialog's number.
func (s *Server) Modals(context.Context) (all []chattest.OpenedModal, err error) {
	for i, value := range s.Dialogs() {
		title, _ := value["title"].(string)
		data := submitData(value)
		callback, _ := data["__callbackId"].(string)
		contextID, _ := data["__contextId"].(string)
		all = append(all, chattest.OpenedModal{Modal: &card.Modal{CallbackID: callback, Title: title}, Trigger: strconv.Itoa(i), ContextID: contextID})
	}
	return all, nil
}

// submitData is what the button of a dialog submits.
func submitData(value map[string]any) (data map[string]any) {
	walk(value, func(element map[string]any) {
		if element["type"] == "Action.Submit" {
			data, _ = element["data"].(map[string]any)
		}
	})
	return data
}

// Submit returns the data of a dialog that was filled in.
func (s *Server) Submit(m chattest.OpenedModal, values chat.ModalValues) (map[string]any, error) {
	i, err := strconv.Atoi(m.Trigger)
	dialogs := s.Dialogs()
	if err != nil || i >= len(dialogs) {
		return nil, errors.New("faketeams: no such dialog")
	}
	data := maps.Clone(submitData(dialogs[i]))
	for name, v := range values {
		data[name] = v
	}
	return data, nil
}
