package fakegchat

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// Dialog is one that is open.
type Dialog struct {
	// Card is what it shows.
	Card object
	// AddOn says in which form Chat tells of it.
	AddOn bool

	space Space
	user  User
}

// Form is the form in which Chat sends what users do.
type Form bool

// The forms: that of Chat apps, and that of Workspace add-ons.
const (
	ChatForm  Form = false
	AddOnForm Form = true
)

func stamp() string { return time.Now().UTC().Format(time.RFC3339Nano) }

func encode(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func (u User) json() object {
	kind := u.Type
	if kind == "" {
		kind = "HUMAN"
	}
	return object{"name": u.Name, "displayName": u.DisplayName, "email": u.Email, "type": kind}
}

// Event is what Chat sends of something that a user has done in a space. The payload is
// the event's in the older form, and its name is that of the add-on form.
func (s *Server) Event(form Form, kind, payloadName, space, user string, payload object, common object) string {
	s.mu.Lock()
	sp, u := s.spaces[space], s.users[user]
	s.mu.Unlock()
	if form == AddOnForm {
		payload["space"] = sp.json()
		if common == nil {
			common = object{}
		}
		common["hostApp"] = "CHAT"
		return encode(object{
			"commonEventObject": common, "authorizationEventObject": object{"userOAuthToken": "ya29.of-the-user", "systemIdToken": "eyJ.of.the.system"},
			"chat": object{"user": u.json(), "eventTime": stamp(), payloadName: payload},
		})
	}
	payload["type"], payload["eventTime"], payload["user"], payload["space"] = kind, stamp(), u.json(), sp.json()
	payload["token"] = "the-deprecated-token"
	if common != nil {
		payload["common"] = common
	}
	return encode(payload)
}

// Click has somebody click the button, or choose the option, with a label. Dialog says
// that the answer may be one.
func (s *Server) Click(form Form, id chat.MessageID, user, label string) (event string, dialog bool, err error) {
	m, sp, failure := s.find(string(id))
	if failure != nil {
		return "", false, fmt.Errorf("there is no message %q", id)
	}
	s.mu.Lock()
	shown := s.json(m)
	s.mu.Unlock()
	for _, c := range m.Cards {
		one, _ := c.(object)
		for _, w := range widgetsOf(sub(one, "card")) {
			for _, b := range buttonsOf(w) {
				action := sub(sub(b, "onClick"), "action")
				if str(b, "text") != label || action == nil || b["disabled"] == true {
					continue
				}
				dialog = str(action, "interaction") == "OPEN_DIALOG"
				payload := object{"message": shown}
				if dialog {
					payload["isDialogEvent"], payload["dialogEventType"] = true, "REQUEST_DIALOG"
				}
				return s.Event(form, "CARD_CLICKED", "buttonClickedPayload", sp.Name, user, payload, object{"parameters": parametersOf(action)}), dialog, nil
			}
			menu := sub(w, "selectionInput")
			for _, item := range objects(menu["items"]) {
				if str(item, "text") != label {
					continue
				}
				common := object{
					"parameters": parametersOf(sub(menu, "onChangeAction")),
					"formInputs": object{str(menu, "name"): object{"stringInputs": object{"value": []string{str(item, "value")}}}},
				}
				return s.Event(form, "CARD_CLICKED", "buttonClickedPayload", sp.Name, user, object{"message": shown}, common), false, nil
			}
		}
	}
	return "", false, fmt.Errorf("the message %q has no button %q", id, label)
}

func parametersOf(action object) object {
	all := object{}
	for _, p := range objects(action["parameters"]) {
		all[str(p, "key")] = p["value"]
	}
	return all
}

// Answer takes what an interaction of a user was answered with, and returns what is
// wrong with it. A dialog in it is open then, and one that it ends is not.
func (s *Server) Answer(form Form, space, user string, answer []byte) error {
	var got object
	if err := json.Unmarshal(answer, &got); err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	var shownCard object
	ends := false
	if form == AddOnForm {
		for _, n := range objects(sub(got, "action")["navigations"]) {
			for _, navigation := range []string{"pushCard", "updateCard"} {
				if c := sub(n, navigation); c != nil {
					shownCard = c
				}
			}
			ends = ends || str(sub(n, "endNavigation"), "action") == "CLOSE_DIALOG"
		}
	} else if response := sub(got, "actionResponse"); response != nil {
		action := sub(response, "dialogAction")
		if str(response, "type") != "DIALOG" || action == nil {
			return fmt.Errorf("the answer is %s", answer)
		}
		shownCard = sub(sub(action, "dialog"), "body")
		ends = str(sub(action, "actionStatus"), "statusCode") == "OK"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if shownCard != nil {
		if problems := dialogShape.check("", numbers(shownCard)); len(problems) > 0 {
			return fmt.Errorf("the dialog: %v", problems)
		}
		if problem := checkCard(shownCard); problem != "" {
			return fmt.Errorf("the dialog: %s", problem)
		}
		s.dialogs = append(s.dialogs, Dialog{Card: shownCard, AddOn: form == AddOnForm, space: s.spaces[space], user: s.users[user]})
	}
	if ends && len(s.dialogs) > 0 {
		s.dialogs = s.dialogs[:len(s.dialogs)-1]
	}
	return nil
}

// numbers is a value whose numbers are as a decoder with UseNumber leaves them.
func numbers(o object) any {
	for k, v := range o {
		switch v := v.(type) {
		case float64:
			o[k] = json.Number(fmt.Sprint(v))
		case object:
			numbers(v)
		case []any:
			for _, item := range v {
				if inner, ok := item.(object); ok {
					numbers(inner)
				}
			}
		}
	}
	return o
}

// Dialogs returns the dialogs that are open.
func (s *Server) Dialogs() []Dialog {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Dialog{}, s.dialogs...)
}

func (d Dialog) submit() object { return sub(sub(d.Card, "fixedFooter"), "primaryButton") }

// Modal is a dialog as the suite of adapters sees one.
func (d Dialog) Modal() chattest.OpenedModal {
	p := parametersOf(sub(sub(d.submit(), "onClick"), "action"))
	return chattest.OpenedModal{Modal: &card.Modal{CallbackID: str(p, "callbackId"), Title: str(sub(d.Card, "header"), "title")}, ContextID: str(p, "contextId")}
}

// Finish is what Chat sends when a dialog is submitted, or closed without that. The
// values are inputs as Chat has them.
func (s *Server) Finish(d Dialog, step string, values object) string {
	form := ChatForm
	if d.AddOn {
		form = AddOnForm
	}
	payload := object{"isDialogEvent": true, "dialogEventType": step}
	common := object{"parameters": parametersOf(sub(sub(d.submit(), "onClick"), "action")), "formInputs": values}
	return s.Event(form, "CARD_CLICKED", "buttonClickedPayload", d.space.Name, d.user.Name, payload, common)
}

// Strings are what was entered, as Chat has it.
func Strings(values ...string) map[string]any { return object{"stringInputs": object{"value": values}} }

// Push is what Pub/Sub pushes of a Workspace Event that has happened now.
func Push(kind, id string, data any) string { return PushOf(time.Now(), kind, id, data) }

// PushOf is the same of one that has happened at a time.
func PushOf(at time.Time, kind, id string, data any) string {
	stamp := func() string { return at.UTC().Format(time.RFC3339Nano) }
	return encode(object{
		"subscription": "projects/project/subscriptions/chat-push",
		"message": object{
			"attributes": map[string]string{"ce-type": kind, "ce-id": id, "ce-time": stamp(), "ce-specversion": "1.0", "ce-source": "//workspaceevents.googleapis.com/subscriptions/S1"},
			"data":       []byte(encode(data)), "messageId": "p-" + id, "publishTime": stamp(),
		},
	})
}
