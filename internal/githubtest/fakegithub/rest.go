package fakegithub

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

// route is an endpoint: its arguments in the body with their kinds, those with "!"
// required, and those in the query.
type route struct {
	args   map[string]string
	query  string
	app    bool // called by the App, not by an installation of it
	status int
	do     func(s *Server, r *http.Request, args map[string]any) (any, *Failure)
}

var text = map[string]string{"body!": "text"}

// endpoints are on https://docs.github.com/en/rest below their paths.
var endpoints = map[string]route{
	"GET /user":      {do: func(s *Server, _ *http.Request, _ map[string]any) (any, *Failure) { return s.userJSON(BotID), nil }},
	"GET /user/{id}": {do: (*Server).getUser},

	"GET /app": {app: true, do: func(*Server, *http.Request, map[string]any) (any, *Failure) {
		return map[string]any{"id": AppID, "slug": BotName, "name": "Reviewer"}, nil
	}},
	"GET /app/installations":                                                 {app: true, query: "per_page page", do: (*Server).listInstallations},
	"GET /repos/{owner}/{repo}/installation":                                 {app: true, do: (*Server).getInstallation},
	"POST /app/installations/{id}/access_tokens":                             {app: true, status: http.StatusCreated, do: (*Server).createToken, args: map[string]string{}},
	"GET /app/hook/deliveries":                                               {app: true, query: "per_page cursor status", do: (*Server).listDeliveries},
	"POST /app/hook/deliveries/{id}/attempts":                                {app: true, status: http.StatusAccepted, do: (*Server).redeliver},
	"GET /repos/{owner}/{repo}":                                              {do: (*Server).getRepository},
	"GET /repos/{owner}/{repo}/issues":                                       {query: "state sort direction per_page page", do: (*Server).listIssues},
	"GET /repos/{owner}/{repo}/issues/{n}":                                   {do: (*Server).getThread},
	"GET /repos/{owner}/{repo}/pulls/{n}":                                    {do: (*Server).getThread},
	"GET /repos/{owner}/{repo}/pulls/{n}/files":                              {query: "per_page page", do: (*Server).listFiles},
	"POST /repos/{owner}/{repo}/issues/{n}/comments":                         {args: text, status: http.StatusCreated, do: comment("issuecomment")},
	"GET /repos/{owner}/{repo}/issues/comments/{id}":                         {do: one("issuecomment")},
	"PATCH /repos/{owner}/{repo}/issues/comments/{id}":                       {args: text, do: edited("issuecomment")},
	"DELETE /repos/{owner}/{repo}/issues/comments/{id}":                      {status: http.StatusNoContent, do: deleted("issuecomment")},
	"GET /repos/{owner}/{repo}/pulls/{n}/comments":                           {query: "per_page page sort direction since", do: (*Server).listReviewComments},
	"POST /repos/{owner}/{repo}/pulls/{n}/comments":                          {args: map[string]string{"body!": "text", "in_reply_to!": "integer"}, status: http.StatusCreated, do: comment("reviewcomment")},
	"GET /repos/{owner}/{repo}/pulls/comments/{id}":                          {do: one("reviewcomment")},
	"PATCH /repos/{owner}/{repo}/pulls/comments/{id}":                        {args: text, do: edited("reviewcomment")},
	"DELETE /repos/{owner}/{repo}/pulls/comments/{id}":                       {status: http.StatusNoContent, do: deleted("reviewcomment")},
	"POST /repos/{owner}/{repo}/pulls/{n}/reviews":                           {args: map[string]string{"body": "text", "event!": "event", "comments": "comments"}, do: (*Server).createReview},
	"GET /repos/{owner}/{repo}/pulls/{n}/reviews/{id}":                       {do: one("review")},
	"PUT /repos/{owner}/{repo}/pulls/{n}/reviews/{id}":                       {args: text, do: edited("review")},
	"POST /repos/{owner}/{repo}/issues/{n}/reactions":                        {args: reaction, status: http.StatusCreated, do: reacted("")},
	"DELETE /repos/{owner}/{repo}/issues/{n}/reactions/{reaction}":           {status: http.StatusNoContent, do: unreacted("")},
	"POST /repos/{owner}/{repo}/issues/comments/{id}/reactions":              {args: reaction, status: http.StatusCreated, do: reacted("issuecomment")},
	"DELETE /repos/{owner}/{repo}/issues/comments/{id}/reactions/{reaction}": {status: http.StatusNoContent, do: unreacted("issuecomment")},
	"POST /repos/{owner}/{repo}/pulls/comments/{id}/reactions":               {args: reaction, status: http.StatusCreated, do: reacted("reviewcomment")},
	"DELETE /repos/{owner}/{repo}/pulls/comments/{id}/reactions/{reaction}":  {status: http.StatusNoContent, do: unreacted("reviewcomment")},
}

var reaction = map[string]string{"content!": "reaction"}

// contents are GitHub's reactions; their places are the ids that they get.
// https://docs.github.com/en/rest/reactions/reactions#about-reactions
var contents = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

func (s *Server) routes() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/graphql" {
			s.graphql(w, r)
			return
		}
		for pattern, e := range endpoints {
			if match(pattern, r) {
				s.serve(w, r, pattern, e)
				return
			}
		}
		s.tb.Errorf("fakegithub: there is no %s %s", r.Method, r.URL.Path)
		write(w, *notFound())
	})
}

// match reports whether a request is for the endpoint, and sets its path values: names
// of owners and repositories are text, all else are numbers.
func match(pattern string, r *http.Request) bool {
	method, path, _ := strings.Cut(pattern, " ")
	want, got := strings.Split(path, "/"), strings.Split(r.URL.Path, "/")
	if method != r.Method || len(want) != len(got) {
		return false
	}
	values := map[string]string{}
	for i, part := range want {
		name := strings.Trim(part, "{}")
		if name == part {
			if part != got[i] {
				return false
			}
			continue
		}
		if _, err := strconv.ParseInt(got[i], 10, 64); err != nil && name != "owner" && name != "repo" {
			return false
		}
		values[name] = got[i]
	}
	for name, value := range values {
		r.SetPathValue(name, value)
	}
	return true
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, pattern string, e route) {
	args, err := body(r)
	if err != nil {
		s.tb.Errorf("fakegithub: %s: %v", pattern, err)
	}
	for _, problem := range Check(pattern, args, slices.Collect(maps.Keys(r.URL.Query()))) {
		s.tb.Errorf("fakegithub: %s: %s", pattern, problem)
	}
	s.mu.Lock()
	s.calls = append(s.calls, Call{r.Method, r.URL.Path, r.Header.Get("Authorization"), args})
	s.mu.Unlock()
	if f, failing := s.Take(pattern, away); failing {
		write(w, f)
		return
	}
	if !s.authorized(r, e.app) {
		write(w, Failure{Status: http.StatusUnauthorized, Message: "Bad credentials"})
		return
	}
	result, failed := e.do(s, r, args)
	if failed != nil {
		write(w, *failed)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if e.status != 0 {
		w.WriteHeader(e.status)
	}
	if e.status != http.StatusNoContent {
		_ = json.NewEncoder(w).Encode(result)
	}
}

// Check returns what is wrong with a call by itself.
func Check(pattern string, args map[string]any, query []string) []string {
	e, ok := endpoints[pattern]
	if !ok {
		return []string{"there is no such endpoint"}
	}
	var problems []string
	known := map[string]string{}
	for name, kind := range e.args {
		bare, required := strings.CutSuffix(name, "!")
		known[bare] = kind
		if _, given := args[bare]; required && !given {
			problems = append(problems, fmt.Sprintf("the argument %q is missing", bare))
		}
	}
	for name, value := range args {
		kind, ok := known[name]
		if !ok {
			problems = append(problems, fmt.Sprintf("there is no argument %q", name))
		} else if problem := wrong(kind, value); problem != "" {
			problems = append(problems, fmt.Sprintf("the argument %q %s", name, problem))
		}
	}
	for _, name := range query {
		if !slices.Contains(strings.Fields(e.query), name) {
			problems = append(problems, fmt.Sprintf("there is no parameter %q", name))
		}
	}
	slices.Sort(problems)
	return problems
}

func wrong(kind string, value any) string {
	words, isText := value.(string)
	n, isNumber := value.(json.Number)
	switch kind {
	case "text":
		if !isText || strings.TrimSpace(words) == "" {
			return "is no text"
		}
		return wrongBody(words)
	case "integer":
		if _, err := n.Int64(); !isNumber || err != nil {
			return "is no integer"
		}
	case "side":
		if words != "LEFT" && words != "RIGHT" {
			return "is no side"
		}
	case "event":
		if !slices.Contains([]string{"APPROVE", "REQUEST_CHANGES", "COMMENT"}, words) {
			return "is no event"
		}
	case "comments":
		return wrongComments(value)
	case "reaction":
		if !isText || !slices.Contains(contents, words) {
			return "is no reaction"
		}
	}
	return ""
}

// wrongComments says what is wrong with the comments of a review.
// https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
func wrongComments(value any) string {
	list, ok := value.([]any)
	if !ok {
		return "is no list"
	}
	for _, item := range list {
		c, _ := item.(map[string]any)
		for name, value := range c {
			kind, known := map[string]string{"path": "text", "body": "text", "line": "integer", "side": "side"}[name]
			if !known || wrong(kind, value) != "" {
				return fmt.Sprintf("has a comment with the %s %v", name, value)
			}
		}
		if c["path"] == nil || c["body"] == nil || c["line"] == nil {
			return "has a comment that lacks something"
		}
	}
	return ""
}

// wrongBody says what is wrong with a text. "Body is too long (maximum is 65536
// characters)" is what GitHub answers to a longer one.
func wrongBody(text string) string {
	if utf8.RuneCountInString(text) > 65536 {
		return "is too long (maximum is 65536 characters)"
	}
	return ""
}

func (s *Server) userJSON(id int64) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users[id]
	if !ok {
		return nil
	}
	return map[string]any{"id": u.ID, "login": u.Login, "name": u.Name, "type": u.Type}
}

func (s *Server) getUser(r *http.Request, _ map[string]any) (any, *Failure) {
	if u := s.userJSON(number(r, "id")); u != nil {
		return u, nil
	}
	return nil, notFound()
}

func number(r *http.Request, name string) int64 {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func repository(r *http.Request) string { return r.PathValue("owner") + "/" + r.PathValue("repo") }

func (s *Server) listInstallations(*http.Request, map[string]any) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []any{}
	for _, id := range slices.Sorted(maps.Values(s.installations)) {
		all = append(all, map[string]any{"id": id})
	}
	return all, nil
}

func (s *Server) getInstallation(r *http.Request, _ map[string]any) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := s.installations[repository(r)]; ok {
		return map[string]any{"id": id}, nil
	}
	return nil, notFound()
}

func (s *Server) createToken(r *http.Request, _ map[string]any) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := number(r, "id")
	if !slices.Contains(slices.Collect(maps.Values(s.installations)), id) {
		return nil, notFound()
	}
	s.asked++
	token := fmt.Sprintf("ghs_token%dOfInstallation%d", s.asked, id)
	s.tokens[token] = id
	return map[string]any{"token": token, "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, nil
}

func (s *Server) listDeliveries(*http.Request, map[string]any) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []any{}
	for _, d := range slices.Backward(s.deliveries) {
		all = append(all, map[string]any{
			"id": d.ID, "guid": d.GUID, "status_code": d.Status, "status": http.StatusText(d.Status), "delivered_at": d.DeliveredAt.UTC().Format(time.RFC3339),
			"redelivery": d.Redelivery,
		})
	}
	return all, nil
}

func (s *Server) redeliver(r *http.Request, _ map[string]any) (any, *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redelivered = append(s.redelivered, number(r, "id"))
	return map[string]any{}, nil
}

func (s *Server) getRepository(r *http.Request, _ map[string]any) (any, *Failure) {
	return map[string]any{"full_name": repository(r), "description": "What it is about", "visibility": "public", "private": false}, nil
}

func (s *Server) thread(r *http.Request) (*Thread, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.threads[threadKey(repository(r), int(number(r, "n")))]
	return t, ok
}

func (s *Server) getThread(r *http.Request, _ map[string]any) (any, *Failure) {
	t, ok := s.thread(r)
	isPull := strings.Contains(r.URL.Path, "/pulls/")
	if !ok || t.Kind == "discussion" || isPull && t.Kind != "pull" {
		return nil, notFound()
	}
	return s.threadJSON(t, isPull), nil
}

// threadJSON is a thread as an issue, or as a pull request.
func (s *Server) threadJSON(t *Thread, asPull bool) map[string]any {
	labels := []any{}
	for _, l := range t.Labels {
		labels = append(labels, map[string]any{"name": l})
	}
	out := map[string]any{
		"id": 1000 + t.Number, "node_id": "node", "number": t.Number, "title": t.Title, "body": t.Body, "state": t.State, "user": s.userJSON(t.Author),
		"labels": labels, "created_at": "2025-12-31T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "assignee": nil,
		"html_url": "https://github.com/" + t.Repository + "/issues/" + strconv.Itoa(t.Number), "comments": 0,
	}
	if t.Kind == "pull" && !asPull {
		out["pull_request"] = map[string]any{"url": "…"}
	}
	if asPull {
		additions, deletions := 0, 0
		for _, f := range t.Files {
			a, _ := f["additions"].(int)
			d, _ := f["deletions"].(int)
			additions, deletions = additions+a, deletions+d
		}
		maps.Copy(out, map[string]any{
			"draft": t.Draft, "merged": t.Merged, "commits": 1, "changed_files": len(t.Files), "additions": additions, "deletions": deletions,
			"head": map[string]any{"ref": "change", "sha": "ec26c3e5"}, "base": map[string]any{"ref": "main", "sha": "f95f852b"},
		})
	}
	return out
}

// paged returns the page of a list that a request asks for.
func paged[T any](r *http.Request, all []T) []T {
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, page = min(max(size, 1), 100), max(page, 1)
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}

func (s *Server) listFiles(r *http.Request, _ map[string]any) (any, *Failure) {
	t, ok := s.thread(r)
	if !ok {
		return nil, notFound()
	}
	return paged(r, t.Files), nil
}

func (s *Server) listIssues(r *http.Request, _ map[string]any) (any, *Failure) {
	s.mu.Lock()
	var found []*Thread
	for _, t := range s.threads {
		if strings.EqualFold(t.Repository, repository(r)) && t.Kind != "discussion" {
			found = append(found, t)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(found, func(a, b *Thread) int { return a.Number - b.Number })
	if r.URL.Query().Get("direction") != "asc" {
		slices.Reverse(found)
	}
	all := []any{}
	for _, t := range paged(r, found) {
		all = append(all, s.threadJSON(t, false))
	}
	return all, nil
}

// find returns a remark that is there. The caller holds the lock.
func (s *Server) find(kind string, id int64) *Remark {
	for _, m := range s.remarks {
		if m.Kind == kind && m.ID == id && !m.deleted {
			return m
		}
	}
	return nil
}

// threadID is the thread that the bot's users know. It is put together as its
// documentation says, and not by the adapter.
func (m *Remark) threadID() chat.ThreadID {
	id := "github:" + m.thread.Repository + ":"
	n := strconv.Itoa(m.thread.Number)
	switch {
	case m.thread.Kind != "pull":
		return chat.ThreadID(id + m.thread.Kind + ":" + n)
	case m.Kind == "reviewcomment":
		root := m.ID
		if m.Parent != 0 {
			root = m.Parent
		}
		return chat.ThreadID(id + n + ":rc:" + strconv.FormatInt(root, 10))
	}
	return chat.ThreadID(id + n)
}

func (m *Remark) messageID() chat.MessageID {
	anchor := map[string]string{"issuecomment": "issuecomment-", "reviewcomment": "discussion_r", "review": "pullrequestreview-", "discussioncomment": "discussioncomment-"}
	return chat.MessageID(anchor[m.Kind] + strconv.FormatInt(m.ID, 10))
}

// post adds what the bot writes.
func (s *Server) post(t *Thread, kind string, parent int64, text string, author int64) (*Remark, *Failure) {
	s.mu.Lock()
	s.nextID++
	m := &Remark{Kind: kind, ID: s.nextID, Parent: parent, Author: author, Body: text, thread: t, createdAt: s.now()}
	if kind == "discussioncomment" {
		m.ID -= 2_999_000_000 // GraphQL's Int
	}
	s.mu.Unlock()
	p := chattest.Posted{ID: m.messageID(), Thread: m.threadID(), Text: text}
	if kind == "discussioncomment" && parent != 0 {
		p.ReplyTo = (&Remark{Kind: kind, ID: parent}).messageID()
	}
	if _, err := s.Post(p); err != nil {
		return nil, refusal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remarks = append(s.remarks, m)
	return m, nil
}

func (s *Server) botOf(r *http.Request) int64 {
	if strings.Contains(r.Header.Get("Authorization"), "ghs_") {
		return BotID + 1
	}
	return BotID
}

func comment(kind string) func(*Server, *http.Request, map[string]any) (any, *Failure) {
	return func(s *Server, r *http.Request, args map[string]any) (any, *Failure) {
		t, ok := s.thread(r)
		if !ok || t.Kind == "discussion" || kind == "reviewcomment" && t.Kind != "pull" {
			return nil, notFound()
		}
		text, _ := args["body"].(string)
		parent := int64(0)
		if to, ok := args["in_reply_to"].(json.Number); ok {
			parent, _ = to.Int64()
			s.mu.Lock()
			root := s.find("reviewcomment", parent)
			s.mu.Unlock()
			if root == nil || root.Parent != 0 {
				return nil, &Failure{Status: http.StatusUnprocessableEntity, Message: "Validation Failed"}
			}
		}
		m, failed := s.post(t, kind, parent, text, s.botOf(r))
		if failed != nil {
			return nil, failed
		}
		return s.remarkJSON(m), nil
	}
}

// createReview takes comments on files that the pull request changes.
func (s *Server) createReview(r *http.Request, args map[string]any) (any, *Failure) {
	t, ok := s.thread(r)
	if !ok || t.Kind != "pull" {
		return nil, notFound()
	}
	text, _ := args["body"].(string)
	if text == "" && args["event"] != "APPROVE" {
		return nil, &Failure{Status: http.StatusUnprocessableEntity, Message: "Unprocessable Entity"}
	}
	comments, _ := args["comments"].([]any)
	for _, item := range comments {
		c, _ := item.(map[string]any)
		if !slices.ContainsFunc(t.Files, func(f map[string]any) bool { return f["filename"] == c["path"] }) {
			return nil, &Failure{Status: http.StatusUnprocessableEntity, Message: "Unprocessable Entity", Body: `{"message":"Unprocessable Entity","errors":["Path could not be resolved"]}`}
		}
	}
	m, failed := s.post(t, "review", 0, text, s.botOf(r))
	if failed != nil {
		return nil, failed
	}
	for _, item := range comments {
		c, _ := item.(map[string]any)
		if _, failed := s.post(t, "reviewcomment", 0, fmt.Sprint(c["body"]), s.botOf(r)); failed != nil {
			return nil, failed
		}
	}
	return s.remarkJSON(m), nil
}

func (s *Server) remarkJSON(m *Remark) map[string]any {
	out := map[string]any{
		"id": m.ID, "node_id": nodeID(m), "body": m.Body, "user": s.userJSON(m.Author), "created_at": m.createdAt.Format(time.RFC3339), "updated_at": m.createdAt.Format(time.RFC3339),
	}
	n := strconv.Itoa(m.thread.Number)
	switch m.Kind {
	case "issuecomment":
		out["issue_url"] = s.URL + "/repos/" + m.thread.Repository + "/issues/" + n
	case "review":
		out["submitted_at"] = out["created_at"]
		out["state"] = "COMMENTED"
		out["pull_request_url"] = s.URL + "/repos/" + m.thread.Repository + "/pulls/" + n
	case "reviewcomment":
		out["pull_request_url"] = s.URL + "/repos/" + m.thread.Repository + "/pulls/" + n
		if m.Parent != 0 {
			out["in_reply_to_id"] = m.Parent
		}
	}
	return out
}

// remark returns the one that a path names.
func (s *Server) remark(r *http.Request, kind string) (*Remark, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(kind, number(r, "id"))
	return m, m != nil && strings.EqualFold(m.thread.Repository, repository(r))
}

func one(kind string) func(*Server, *http.Request, map[string]any) (any, *Failure) {
	return func(s *Server, r *http.Request, _ map[string]any) (any, *Failure) {
		m, ok := s.remark(r, kind)
		if !ok {
			return nil, notFound()
		}
		return s.remarkJSON(m), nil
	}
}

func edited(kind string) func(*Server, *http.Request, map[string]any) (any, *Failure) {
	return func(s *Server, r *http.Request, args map[string]any) (any, *Failure) {
		m, ok := s.remark(r, kind)
		if !ok {
			return nil, notFound()
		}
		text, _ := args["body"].(string)
		if f := s.change(m, text); f != nil {
			return nil, f
		}
		return s.remarkJSON(m), nil
	}
}

func (s *Server) change(m *Remark, text string) *Failure {
	if err := s.Edit(m.threadID(), m.messageID(), func(p *chattest.Posted) { p.Text = text }); err != nil {
		return refusal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Body, m.edited = text, true
	return nil
}

func deleted(kind string) func(*Server, *http.Request, map[string]any) (any, *Failure) {
	return func(s *Server, r *http.Request, _ map[string]any) (any, *Failure) {
		m, ok := s.remark(r, kind)
		if !ok {
			return nil, notFound()
		}
		return nil, s.drop(m)
	}
}

func (s *Server) drop(m *Remark) *Failure {
	if err := s.Delete(m.threadID(), m.messageID()); err != nil {
		return refusal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.deleted = true
	return nil
}

func (s *Server) listReviewComments(r *http.Request, _ map[string]any) (any, *Failure) {
	t, ok := s.thread(r)
	if !ok {
		return nil, notFound()
	}
	s.mu.Lock()
	var found []*Remark
	for _, m := range s.remarks {
		if m.thread == t && m.Kind == "reviewcomment" && !m.deleted {
			found = append(found, m)
		}
	}
	s.mu.Unlock()
	all := []any{}
	for _, m := range paged(r, found) {
		all = append(all, s.remarkJSON(m))
	}
	return all, nil
}

// reacted and unreacted change the bot's reactions to a remark, or to what a thread
// begins with.
func reacted(kind string) func(*Server, *http.Request, map[string]any) (any, *Failure) {
	return func(s *Server, r *http.Request, args map[string]any) (any, *Failure) {
		content, _ := args["content"].(string)
		result := map[string]any{"id": 1 + slices.Index(contents, content), "content": content}
		if kind == "" {
			return result, nil
		}
		m, ok := s.remark(r, kind)
		if !ok {
			return nil, notFound()
		}
		return result, refusal(s.React(m.threadID(), m.messageID(), content))
	}
}

func unreacted(kind string) func(*Server, *http.Request, map[string]any) (any, *Failure) {
	return func(s *Server, r *http.Request, _ map[string]any) (any, *Failure) {
		i := number(r, "reaction") - 1
		if i < 0 || i >= int64(len(contents)) {
			return nil, notFound()
		}
		if kind == "" {
			return nil, nil
		}
		m, ok := s.remark(r, kind)
		if !ok {
			return nil, notFound()
		}
		return nil, refusal(s.Unreact(m.threadID(), m.messageID(), contents[i]))
	}
}
