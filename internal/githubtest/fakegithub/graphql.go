package fakegithub

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/internal/fakegraphql"
)

//go:embed schema.graphql
var schemaText string

var schema = fakegraphql.Load(schemaText)

type (
	object = fakegraphql.Object
	field  = fakegraphql.Field
)

const typeName = fakegraphql.TypeName

func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	args, err := body(r)
	if err != nil {
		s.tb.Errorf("fakegithub: graphql: %v", err)
	}
	op, _ := args["operationName"].(string)
	s.mu.Lock()
	s.calls = append(s.calls, Call{r.Method, r.URL.Path + "/" + op, r.Header.Get("Authorization"), args})
	s.mu.Unlock()
	if f, failing := s.Take(op, away); failing {
		write(w, f)
		return
	}
	if !s.authorized(r, false) {
		write(w, Failure{Status: http.StatusUnauthorized, Message: "Bad credentials"})
		return
	}
	query, err := schema.Parse(args)
	if err != nil {
		s.tb.Errorf("fakegithub: %s: %v", op, err)
		write(w, Failure{Status: http.StatusOK, Body: `{"errors":[{"message":"it is no query"}]}`})
		return
	}
	root := object{typeName: "Query", "repository": field(s.repository)}
	if query.IsMutation() {
		root = s.mutations(r)
	}
	data, missing, err := query.Execute(root)
	if failed, ok := errors.AsType[*Failure](err); ok {
		write(w, *failed)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	answer := map[string]any{"data": data}
	if missing {
		answer["errors"] = []any{map[string]any{"type": "NOT_FOUND", "message": "Could not resolve to a node"}}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// CheckQuery returns what is wrong with a query by itself.
func CheckQuery(args map[string]any) error {
	_, err := schema.Parse(args)
	return err
}

func (s *Server) repository(args map[string]any) any {
	name := fmt.Sprint(args["owner"], "/", args["name"])
	thread := func(kind string) field {
		return func(args map[string]any) any {
			n, _ := strconv.Atoi(fmt.Sprint(args["number"]))
			s.mu.Lock()
			t, ok := s.threads[threadKey(name, n)]
			s.mu.Unlock()
			if !ok || t.Kind != kind {
				return object(nil)
			}
			return s.threadObject(t)
		}
	}
	return object{typeName: "Repository", "issue": thread("issue"), "pullRequest": thread("pull"), "discussion": thread("discussion")}
}

func (s *Server) threadObject(t *Thread) object {
	o := object{
		typeName: map[string]string{"issue": "Issue", "pull": "PullRequest", "discussion": "Discussion"}[t.Kind], "id": "T_" + base64.RawURLEncoding.EncodeToString([]byte(threadKey(t.Repository, t.Number))),
		"number": t.Number, "title": t.Title, "body": t.Body, "author": s.actor(t.Author), "createdAt": "2025-12-31T00:00:00Z", "lastEditedAt": nil,
		"url": "https://github.com/" + t.Repository + "/" + t.Kind + "/" + strconv.Itoa(t.Number), "closed": t.State == "closed",
	}
	o["timelineItems"] = field(func(args map[string]any) any {
		kinds := fmt.Sprint(args["itemTypes"])
		return s.connection(args, t, func(m *Remark) bool {
			return m.Kind == "issuecomment" && strings.Contains(kinds, "ISSUE_COMMENT") || m.Kind == "review" && strings.Contains(kinds, "PULL_REQUEST_REVIEW")
		})
	})
	o["comments"] = field(func(args map[string]any) any {
		return s.connection(args, t, func(m *Remark) bool { return m.Parent == 0 })
	})
	var labels []object
	for _, l := range t.Labels {
		labels = append(labels, object{typeName: "Label", "name": l})
	}
	o["labels"] = object{typeName: "LabelConnection", "nodes": labels}
	return o
}

func (s *Server) actor(id int64) object {
	u := s.userJSON(id)
	return object{typeName: u["type"], "login": u["login"], "databaseId": u["id"], "id": fmt.Sprint("U_", id), "url": "https://github.com/"}
}

// connection returns a page of what was written in a thread.
// https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
func (s *Server) connection(args map[string]any, t *Thread, in func(*Remark) bool) any {
	s.mu.Lock()
	var all []*Remark
	for _, m := range s.remarks {
		if m.thread == t && !m.deleted && in(m) {
			all = append(all, m)
		}
	}
	s.mu.Unlock()
	first, last := args["first"], args["last"]
	if (first == nil) == (last == nil) {
		s.tb.Errorf("fakegithub: a connection needs either first or last")
	}
	from, to := 0, len(all)
	place := func(cursor any) int {
		data, _ := base64.StdEncoding.DecodeString(fmt.Sprint(cursor))
		id, _ := strconv.ParseInt(string(data), 10, 64)
		return slices.IndexFunc(all, func(m *Remark) bool { return m.ID == id })
	}
	if after := args["after"]; after != nil {
		from = place(after) + 1
	}
	if before := args["before"]; before != nil {
		if i := place(before); i >= 0 {
			to = i
		}
	}
	size := func(n any) int {
		v, err := strconv.Atoi(fmt.Sprint(n))
		if err != nil || v < 1 || v > 100 {
			s.tb.Errorf("fakegithub: a page of %v, want 1 to 100", n)
		}
		return v
	}
	hasBefore, hasAfter := from > 0, to < len(all)
	if first != nil && to-from > size(first) {
		to, hasAfter = from+size(first), true
	}
	if last != nil && to-from > size(last) {
		from, hasBefore = to-size(last), true
	}
	var nodes []object
	info := object{typeName: "PageInfo", "hasNextPage": hasAfter, "hasPreviousPage": hasBefore, "startCursor": nil, "endCursor": nil}
	for i, m := range all[from:to] {
		cursor := base64.StdEncoding.EncodeToString([]byte(strconv.FormatInt(m.ID, 10)))
		if i == 0 {
			info["startCursor"] = cursor
		}
		info["endCursor"] = cursor
		nodes = append(nodes, s.remarkObject(m))
	}
	return object{typeName: "Connection", "nodes": nodes, "pageInfo": info, "totalCount": len(all)}
}

func nodeID(m *Remark) string { return fmt.Sprintf("R_%s_%d", m.Kind, m.ID) }

func (s *Server) remarkObject(m *Remark) object {
	o := object{
		typeName: map[string]string{"issuecomment": "IssueComment", "review": "PullRequestReview", "discussioncomment": "DiscussionComment"}[m.Kind],
		"id":     nodeID(m), "fullDatabaseId": strconv.FormatInt(m.ID, 10), "body": m.Body, "author": s.actor(m.Author), "url": "https://github.com/",
		"createdAt": m.createdAt.Format(time.RFC3339), "submittedAt": m.createdAt.Format(time.RFC3339), "lastEditedAt": nil,
	}
	if m.ID < 1<<31 {
		o["databaseId"] = m.ID
	}
	if m.edited {
		o["lastEditedAt"] = m.createdAt.Add(time.Minute).Format(time.RFC3339)
	}
	o["replies"] = field(func(args map[string]any) any {
		return s.connection(args, m.thread, func(r *Remark) bool { return r.Parent == m.ID })
	})
	return o
}

// node returns what a node id names: a remark or a thread.
func (s *Server) node(id any) (*Remark, *Thread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.remarks {
		if nodeID(m) == id && !m.deleted {
			return m, m.thread
		}
	}
	text := strings.TrimPrefix(fmt.Sprint(id), "T_")
	data, _ := base64.RawURLEncoding.DecodeString(text)
	return nil, s.threads[string(data)]
}

func (s *Server) mutations(r *http.Request) object {
	input := func(do func(in map[string]any) any) field {
		return func(args map[string]any) any {
			in, _ := args["input"].(map[string]any)
			if text, ok := in["body"].(string); ok {
				if problem := wrongBody(text); problem != "" || strings.TrimSpace(text) == "" {
					s.tb.Errorf("fakegithub: the body %s", problem)
				}
			}
			return do(in)
		}
	}
	return object{
		typeName: "Mutation",
		"addDiscussionComment": input(func(in map[string]any) any {
			_, t := s.node(in["discussionId"])
			if t == nil || t.Kind != "discussion" {
				return object(nil)
			}
			parent := int64(0)
			if to, ok := in["replyToId"]; ok && to != nil {
				m, _ := s.node(to)
				if m == nil || m.Kind != "discussioncomment" {
					return object(nil)
				}
				if parent = m.ID; m.Parent != 0 { // "Parent comment is already in a thread, cannot reply to it"
					s.tb.Errorf("fakegithub: an answer to an answer")
				}
			}
			text, _ := in["body"].(string)
			m, f := s.post(t, "discussioncomment", parent, text, s.botOf(r))
			if f != nil {
				return f
			}
			return object{typeName: "AddDiscussionCommentPayload", "comment": s.remarkObject(m)}
		}),
		"updateDiscussionComment": input(func(in map[string]any) any {
			m, _ := s.node(in["commentId"])
			if m == nil {
				return object(nil)
			}
			text, _ := in["body"].(string)
			if f := s.change(m, text); f != nil {
				return f
			}
			return object{typeName: "UpdateDiscussionCommentPayload", "comment": s.remarkObject(m)}
		}),
		"deleteDiscussionComment": input(func(in map[string]any) any {
			m, _ := s.node(in["id"])
			if m == nil {
				return object(nil)
			}
			if f := s.drop(m); f != nil {
				return f
			}
			return object{typeName: "DeleteDiscussionCommentPayload", "comment": s.remarkObject(m)}
		}),
		"addReaction":    input(func(in map[string]any) any { return s.reactNode(in, s.React) }),
		"removeReaction": input(func(in map[string]any) any { return s.reactNode(in, s.Unreact) }),
	}
}
