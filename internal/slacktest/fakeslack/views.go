package fakeslack

import (
	"encoding/json"
	"fmt"
	"strings"
)

// View is an open modal.
type View struct {
	ID, Hash string
	// Under is the view that this one was pushed on.
	Under string
	// JSON is the view as it was sent.
	JSON json.RawMessage
}

// Trigger returns a trigger id that opens one view.
func (s *Server) Trigger() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	trigger := fmt.Sprintf("1337.42.%d", s.next)
	s.triggers[trigger] = false
	return trigger
}

// View returns an open view.
func (s *Server) View(id string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.views[id]
	if !ok {
		return View{}, false
	}
	return *v, true
}

// Views returns the open views in the order in which they were opened.
func (s *Server) Views() []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for i := range s.next + 1 {
		if v, ok := s.views[fmt.Sprintf("V%05d", i)]; ok {
			out = append(out, *v)
		}
	}
	return out
}

// Home returns what a user's home tab shows.
func (s *Server) Home(user string) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.homes[user]
}

func (s *Server) trigger(id string) string {
	used, ok := s.triggers[id]
	switch {
	case !ok && strings.HasPrefix(id, "expired"):
		return "expired_trigger_id"
	case !ok:
		return "invalid_trigger_id"
	case used:
		return "exchanged_trigger_id"
	}
	s.triggers[id] = true
	return ""
}

// checked returns an error code for a view that breaks a rule, after failing the
// test.
func (s *Server) checked(method string, view string, surface Surface) string {
	if len(view) > 250_000 {
		return "view_too_large"
	}
	if problems := CheckView([]byte(view), surface); len(problems) > 0 {
		s.errorf("%s: %s\nview: %s", method, strings.Join(problems, "\n"), view)
		return "invalid_arguments"
	}
	return ""
}

func (s *Server) openView(args Args) (map[string]any, string) {
	return s.newView("views.open", args, "")
}

func (s *Server) pushView(args Args) (map[string]any, string) {
	return s.newView("views.push", args, "top")
}

func (s *Server) newView(method string, args Args, under string) (map[string]any, string) {
	if code := s.trigger(args["trigger_id"]); code != "" {
		return nil, code
	}
	if code := s.checked(method, args["view"], Modal); code != "" {
		return nil, code
	}
	v := &View{ID: s.id("V"), Hash: "1.1", Under: under, JSON: raw(args["view"])}
	s.views[v.ID] = v
	return v.answer(), ""
}

func (s *Server) updateView(args Args) (map[string]any, string) {
	v, ok := s.views[args["view_id"]]
	if !ok {
		return nil, "not_found"
	}
	if args["hash"] != "" && args["hash"] != v.Hash {
		return nil, "hash_conflict"
	}
	if code := s.checked("views.update", args["view"], Modal); code != "" {
		return nil, code
	}
	v.JSON, v.Hash = raw(args["view"]), v.Hash+"1"
	return v.answer(), ""
}

func (s *Server) publishView(args Args) (map[string]any, string) {
	if _, ok := s.users[args["user_id"]]; !ok {
		return nil, "invalid_arguments"
	}
	if code := s.checked("views.publish", args["view"], Home); code != "" {
		return nil, code
	}
	s.homes[args["user_id"]] = raw(args["view"])
	return (&View{ID: s.id("V"), Hash: "1.1"}).answer(), ""
}

func (v *View) answer() map[string]any {
	return map[string]any{"view": map[string]any{"id": v.ID, "hash": v.Hash, "team_id": TeamID, "type": "modal"}}
}
