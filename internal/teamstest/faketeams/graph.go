package faketeams

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TeamGUID is the team's id in Microsoft Graph.
const TeamGUID = "22222222-3333-4444-5555-666666666666"

// PersonalChat is what Graph calls the personal chat "a:ada".
const PersonalChat = "19:00000000-1111-2222-3333-444444444444_" + AppID + "@unq.gbl.spaces"

const graphScope = "https://graph.microsoft.com/.default"

// Message is a message of the history that a person has written.
type Message struct {
	Conversation string // with its thread
	ID, Text     string
	User         string // a GUID
	At           time.Time
}

// AddMessage adds a message to the history.
func (s *Server) AddMessage(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = append(s.history, m)
}

// AddFile adds a file and returns its address: one at the Bot Connector needs a token.
func (s *Server) AddFile(name string, content []byte, connector bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if connector {
		s.files["/amer/"+Tenant+"/v3/attachments/"+name] = content
		return ServiceURL + "v3/attachments/" + name
	}
	s.files["/"+name] = content
	return "https://" + fileHost + "/" + name
}

// UploadURL is an address that takes a file, and File what it has taken.
func (s *Server) UploadURL(name string) string { return "https://" + fileHost + "/up/" + name }

// File returns a file by the path of its address.
func (s *Server) File(path string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[path]
}

// Refuse takes a permission of Graph from the app: "messages", "users", "channels" or
// "files".
func (s *Server) Refuse(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[what] = true
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		content, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != "" || r.Header.Get("Content-Range") != fmt.Sprintf("bytes 0-%d/%d", len(content)-1, len(content)) {
			s.wrong(w, "an upload with the range "+r.Header.Get("Content-Range"))
			return
		}
		s.mu.Lock()
		s.files[r.URL.Path] = content
		s.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		return
	}
	if r.Header.Get(hostHeader) == fileHost && r.Header.Get("Authorization") != "" {
		s.wrong(w, "the bot's token at SharePoint")
		return
	}
	content := s.File(r.URL.Path)
	if content == nil {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(content)
}

// graph is Microsoft Graph. https://learn.microsoft.com/graph/api/overview
func (s *Server) graph(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/v1.0/")
	var parts []string
	for part := range strings.SplitSeq(rest, "/") {
		name, err := url.PathUnescape(part)
		ok = ok && err == nil && name != ""
		parts = append(parts, name)
	}
	if !ok {
		s.wrong(w, "a call of "+r.URL.Path)
		return
	}
	what := "channels"
	switch {
	case slices.Contains(parts, "messages"):
		what = "messages"
	case parts[0] == "users":
		what = "users"
	case parts[0] == "drives", parts[len(parts)-1] == "filesFolder":
		what = "files"
	}
	if !s.begin(w, r, "graph."+what, nil) || !s.authorize(w, r, graphScope) {
		return
	}
	s.mu.Lock()
	refused := s.refused[what]
	s.mu.Unlock()
	if refused {
		write(w, Failure{Status: http.StatusForbidden, Code: "Forbidden", Message: "Missing role permissions on the request."})
		return
	}
	switch what {
	case "messages":
		s.messages(w, r, parts)
	case "users":
		s.graphUser(w, parts)
	case "files":
		s.driveItem(w, r, parts)
	default:
		s.graphChannel(w, parts)
	}
}

func missing(w http.ResponseWriter) {
	write(w, Failure{Status: http.StatusNotFound, Code: "NotFound", Message: "Not found."})
}

func (s *Server) graphUser(w http.ResponseWriter, parts []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members {
		if len(parts) == 2 && m.AADObjectID == parts[1] {
			answer(w, http.StatusOK, map[string]any{"id": m.AADObjectID, "displayName": m.Name, "mail": m.Email, "userPrincipalName": m.Email})
			return
		}
	}
	missing(w)
}

func (s *Server) graphChannel(w http.ResponseWriter, parts []string) {
	switch {
	case len(parts) == 4 && parts[0] == "teams" && parts[1] == TeamGUID && parts[2] == "channels" && s.has(parts[3]):
		answer(w, http.StatusOK, map[string]any{"id": parts[3], "displayName": "General", "description": "All of it", "membershipType": "standard"})
	case len(parts) == 2 && parts[0] == "chats" && s.has(parts[1]):
		answer(w, http.StatusOK, map[string]any{"id": parts[1], "topic": "The chat", "chatType": "group"})
	default:
		missing(w)
	}
}

func (s *Server) has(conversation string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conversations[conversation] != ""
}

// driveItem takes files for a channel's folder.
// https://learn.microsoft.com/graph/api/channel-get-filesfolder
func (s *Server) driveItem(w http.ResponseWriter, r *http.Request, parts []string) {
	if parts[0] == "teams" {
		answer(w, http.StatusOK, map[string]any{"id": "folder-1", "parentReference": map[string]any{"driveId": "drive-1"}})
		return
	}
	if r.Method != http.MethodPut || len(parts) != 6 || parts[1] != "drive-1" || parts[3] != "folder-1:" || parts[5] != "content" {
		s.wrong(w, r.Method+" "+r.URL.Path)
		return
	}
	name := strings.TrimSuffix(parts[4], ":")
	content, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.files["/General/"+name] = content
	s.mu.Unlock()
	answer(w, http.StatusCreated, map[string]any{"id": "item-1", "eTag": "\"{0A1B2C3D-0000-0000-0000-000000000000},1\"", "webUrl": "https://" + fileHost + "/General/" + name})
}

// graphMessage is a message of the history.
type graphMessage struct {
	root, id string
	at       time.Time
	body     map[string]any
}

// messages reads the history. https://learn.microsoft.com/graph/api/chat-list-messages
func (s *Server) messages(w http.ResponseWriter, r *http.Request, parts []string) {
	var base string
	switch {
	case parts[0] == "teams" && len(parts) >= 5 && parts[1] == TeamGUID && parts[4] == "messages":
		base, parts = parts[3], parts[5:]
	case parts[0] == "chats" && len(parts) >= 3:
		base, parts = parts[1], parts[3:]
		if base == PersonalChat {
			base = "a:ada"
		}
	default:
		missing(w)
		return
	}
	all := s.historyOf(base)
	root := ""
	switch {
	case len(parts) == 0:
	case len(parts) == 1, len(parts) == 3 && parts[1] == "replies":
		for _, m := range all {
			if m.id == parts[len(parts)-1] {
				answer(w, http.StatusOK, m.body)
				return
			}
		}
		missing(w)
		return
	case len(parts) == 2 && parts[1] == "replies":
		root = parts[0]
	}
	all = slices.DeleteFunc(all, func(m graphMessage) bool { return m.root != root || m.id == root })
	slices.SortStableFunc(all, func(x, y graphMessage) int { return y.at.Compare(x.at) })
	q := r.URL.Query()
	top, err := strconv.Atoi(q.Get("$top"))
	if err != nil || top < 1 || top > 50 {
		s.wrong(w, "a page of "+q.Get("$top"))
		return
	}
	skip, _ := strconv.Atoi(q.Get("$skiptoken"))
	all = all[min(skip, len(all)):]
	out := map[string]any{}
	if len(all) > top {
		q.Set("$skiptoken", strconv.Itoa(skip+top))
		out["@odata.nextLink"] = "https://" + graphHost + r.URL.EscapedPath() + "?" + q.Encode()
		all = all[:top]
	}
	bodies := []any{}
	for _, m := range all {
		bodies = append(bodies, m.body)
	}
	out["value"] = bodies
	answer(w, http.StatusOK, out)
}

// historyOf is what was written in a conversation. A message that begins a thread has
// itself as root here; those of chats have none.
func (s *Server) historyOf(base string) (all []graphMessage) {
	posts := s.All()
	s.mu.Lock()
	defer s.mu.Unlock()
	add := func(conversation, id, text string, at time.Time, from map[string]any) {
		of, root, _ := strings.Cut(conversation, ";messageid=")
		if of != base {
			return
		}
		if root == id {
			root = ""
		}
		body := strings.ReplaceAll(html.EscapeString(text), "\n", "<br>")
		all = append(all, graphMessage{root, id, at, map[string]any{
			"id": id, "messageType": "message", "createdDateTime": at.Format(time.RFC3339Nano), "from": from, "body": map[string]any{"contentType": "html", "content": "<div>" + body + "</div>"},
		}})
	}
	for _, m := range s.history {
		add(m.Conversation, m.ID, m.Text, m.At, map[string]any{"user": map[string]any{"id": m.User, "displayName": "Ada Lovelace"}})
	}
	for _, p := range posts {
		conversation := decode(strings.Split(string(p.Thread), ":")[1])
		_, id, _ := strings.Cut(string(p.ID), ":")
		n, _ := strconv.ParseInt(id, 10, 64)
		if !p.Deleted {
			add(conversation, id, p.Text, time.UnixMilli(n).UTC(), map[string]any{"application": map[string]any{"id": AppID, "displayName": "The Bot"}})
		}
	}
	return all
}
