package fakelinear

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/internal/shown"
)

func text(args map[string]any, name string) string {
	value, _ := args[name].(string)
	return value
}

func (s *Server) queries() object {
	return object{
		"viewer":  s.user(BotID),
		"user":    field(func(args map[string]any) any { return s.user(text(args, "id")) }),
		"issue":   field(func(args map[string]any) any { return s.issue(text(args, "id"), true) }),
		"project": field(func(args map[string]any) any { return s.issue(text(args, "id"), false) }),
		"comment": field(func(args map[string]any) any {
			if c := s.find(text(args, "id")); c != nil {
				return s.comment(c)
			}
			return notFound("Comment")
		}),
		"agentSession": field(func(args map[string]any) any {
			s.mu.Lock()
			session, ok := s.sessions[text(args, "id")]
			s.mu.Unlock()
			if !ok {
				return notFound("AgentSession")
			}
			o := object{"id": session.ID, "issue": s.issue(session.Issue, true), "comment": nil}
			if c := s.find(session.Comment); c != nil {
				o["comment"] = s.comment(c)
			}
			return o
		}),
	}
}

func (s *Server) user(id string) any {
	s.mu.Lock()
	u, ok := s.users[id]
	s.mu.Unlock()
	if !ok {
		return notFound("User")
	}
	return object{
		"id": u.ID, "name": u.Name, "displayName": u.DisplayName, "email": u.DisplayName + "@example.com", "url": "https://linear.app/acme/profiles/" + u.DisplayName,
		"app": u.ID == BotID, "organization": object{"id": Organization, "name": "Acme", "urlKey": "acme"},
	}
}

func (s *Server) issue(id string, wantIssue bool) any {
	s.mu.Lock()
	i, ok := s.issues[id]
	s.mu.Unlock()
	if !ok || wantIssue != (i.Identifier != "") {
		return notFound("Issue")
	}
	of := field(func(args map[string]any) any { return s.connection(args, i) })
	labels := object{"nodes": []object{{"id": "l1", "name": "bug"}}}
	if !wantIssue {
		return object{
			"id": i.ID, "name": i.Title, "description": i.Description, "url": "https://linear.app/acme/project/" + i.ID, "status": object{"id": "s", "name": "Planned", "type": "planned"},
			"creator": s.user(BotID), "lead": nil, "labels": labels, "comments": of,
		}
	}
	return object{
		"id": i.ID, "identifier": i.Identifier, "title": i.Title, "description": i.Description, "url": "https://linear.app/acme/issue/" + i.Identifier,
		"state": object{"id": "s", "name": "In Progress", "type": "started"}, "creator": s.user(BotID), "assignee": nil, "labels": labels, "comments": of,
	}
}

// find returns a comment that is there.
func (s *Server) find(id string) *Comment {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.comments {
		if c.ID == id && !c.deleted {
			return c
		}
	}
	return nil
}

func (s *Server) comment(c *Comment) object {
	o := object{
		"id": c.ID, "body": c.Body, "createdAt": c.At.Format(time.RFC3339Nano), "editedAt": nil, "url": "https://linear.app/acme/issue/ENG-1#comment-" + c.ID,
		"parent": nil, "issue": nil, "project": nil, "user": s.user(c.Author), "externalUser": nil, "botActor": nil, "reactions": s.reactions(c),
	}
	if c.Edited {
		o["editedAt"] = c.At.Add(time.Second).Format(time.RFC3339Nano)
	}
	if c.Parent != "" {
		o["parent"] = object{"id": c.Parent}
	}
	if c.Issue != "" {
		o["issue"] = object{"id": c.Issue}
	} else {
		o["project"] = object{"id": c.Project}
	}
	return o
}

// thread is the thread that a comment is in: without a parent, the one that it begins.
func (c *Comment) thread() chat.ThreadID {
	id := "linear:" + c.Issue
	if c.Issue == "" {
		id = "linear:p:" + c.Project
	}
	if c.Parent != "" {
		return chat.ThreadID(id + ":c:" + c.Parent)
	}
	return chat.ThreadID(id + ":c:" + c.ID)
}

func (s *Server) reactions(c *Comment) []object {
	all := []object{}
	for _, p := range s.All() {
		if string(p.ID) == c.ID {
			for _, emoji := range p.Reactions {
				all = append(all, object{"id": c.ID + "_" + fmt.Sprintf("%x", emoji), "emoji": emoji, "user": s.user(BotID)})
			}
		}
	}
	return all
}

// connection returns a page of comments, the newest first, as Linear does.
// https://linear.app/developers/pagination
func (s *Server) connection(args map[string]any, i Issue) any {
	s.mu.Lock()
	var all []*Comment
	for _, c := range s.comments {
		if c.Issue+c.Project == i.ID && !c.deleted {
			all = append(all, c)
		}
	}
	s.mu.Unlock()
	slices.Reverse(all)
	first, err := strconv.Atoi(fmt.Sprint(args["first"]))
	if err != nil || first < 1 || first > 250 {
		s.tb.Errorf("fakelinear: a page of %v, want 1 to 250", args["first"])
	}
	if after := text(args, "after"); after != "" {
		all = all[slices.IndexFunc(all, func(c *Comment) bool { return c.ID == after })+1:]
	}
	nodes, more := []object{}, len(all) > first
	end := any(nil)
	for _, c := range all[:min(first, len(all))] {
		nodes, end = append(nodes, s.comment(c)), c.ID
	}
	return object{"nodes": nodes, "pageInfo": object{"hasNextPage": more, "hasPreviousPage": false, "endCursor": end}}
}

func invalid(reason string) *Failure {
	return &Failure{Status: http.StatusOK, Message: "Argument Validation Error - " + reason, Type: "invalid input", Code: "INPUT_ERROR"}
}

func (s *Server) mutations() object {
	return object{
		"commentCreate":       field(s.createComment),
		"commentUpdate":       field(s.updateComment),
		"commentDelete":       field(s.deleteComment),
		"reactionCreate":      field(s.createReaction),
		"reactionDelete":      field(s.deleteReaction),
		"agentActivityCreate": field(s.createActivity),
		"agentSessionUpdate":  field(s.updateSession),
		"fileUpload":          field(s.announceFile),
	}
}

func (s *Server) id(kind string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	return fmt.Sprintf("%s-%d", kind, s.next)
}

func (s *Server) createComment(args map[string]any) any {
	in, _ := args["input"].(map[string]any)
	c := &Comment{Body: text(in, "body"), Issue: text(in, "issueId"), Project: text(in, "projectId"), Parent: text(in, "parentId"), Author: BotID, At: time.Now()}
	s.mu.Lock()
	_, known := s.issues[c.Issue+c.Project]
	s.mu.Unlock()
	parent := s.find(c.Parent)
	switch {
	case strings.TrimSpace(c.Body) == "":
		return invalid("body must not be empty")
	case (c.Issue == "") == (c.Project == ""):
		return invalid("one of issueId and projectId")
	case !known:
		return notFound("Issue")
	case c.Parent != "" && parent == nil:
		return notFound("Comment")
	case parent != nil && parent.Parent != "":
		return invalid("parentId must be a comment without a parent")
	}
	c.ID = s.id("comment")
	if _, err := s.Post(chattest.Posted{ID: chat.MessageID(c.ID), Thread: c.thread(), Text: c.Body, Files: s.filesIn(c.Body)}); err != nil {
		return failureOf(err)
	}
	s.AddComment(*c)
	return object{"success": true, "comment": s.comment(c)}
}

func (s *Server) updateComment(args map[string]any) any {
	in, _ := args["input"].(map[string]any)
	c, body := s.find(text(args, "id")), text(in, "body")
	switch {
	case c == nil:
		return notFound("Comment")
	case c.Author != BotID:
		return &Failure{Status: http.StatusOK, Message: "You don't have permission", Type: "forbidden", Code: "FORBIDDEN"}
	case strings.TrimSpace(body) == "":
		return invalid("body must not be empty")
	}
	if err := s.Edit(c.thread(), chat.MessageID(c.ID), func(p *chattest.Posted) { p.Text, p.Files = body, s.filesIn(body) }); err != nil {
		return failureOf(err)
	}
	s.mu.Lock()
	c.Body, c.Edited = body, true
	s.mu.Unlock()
	return object{"success": true, "comment": s.comment(c)}
}

func (s *Server) deleteComment(args map[string]any) any {
	c := s.find(text(args, "id"))
	if c == nil {
		return notFound("Comment")
	}
	if err := s.Delete(c.thread(), chat.MessageID(c.ID)); err != nil {
		return failureOf(err)
	}
	s.mu.Lock()
	c.deleted = true
	s.mu.Unlock()
	return object{"success": true, "entityId": c.ID}
}

func (s *Server) createReaction(args map[string]any) any {
	in, _ := args["input"].(map[string]any)
	c, emoji := s.find(text(in, "commentId")), text(in, "emoji")
	if c == nil {
		return notFound("Comment")
	}
	if emoji == "" || emoji[0] < 0x80 && strings.ContainsAny(emoji, ": {") {
		return invalid("emoji must be a valid emoji")
	}
	if err := s.React(c.thread(), chat.MessageID(c.ID), emoji); err != nil {
		return failureOf(err)
	}
	return object{"success": true, "reaction": object{"id": c.ID + "_" + fmt.Sprintf("%x", emoji), "emoji": emoji}}
}

func (s *Server) deleteReaction(args map[string]any) any {
	id, hex, _ := strings.Cut(text(args, "id"), "_")
	c := s.find(id)
	var emoji []byte
	if _, err := fmt.Sscanf(hex, "%x", &emoji); err != nil || c == nil {
		return notFound("Reaction")
	}
	if err := s.Unreact(c.thread(), chat.MessageID(c.ID), string(emoji)); err != nil {
		return failureOf(err)
	}
	return object{"success": true, "entityId": text(args, "id")}
}

// createActivity takes https://linear.app/developers/agent-interaction#activity-content-payload
func (s *Server) createActivity(args map[string]any) any {
	in, _ := args["input"].(map[string]any)
	content, _ := in["content"].(map[string]any)
	ephemeral, _ := in["ephemeral"].(bool)
	s.mu.Lock()
	session, ok := s.sessions[text(in, "agentSessionId")]
	s.mu.Unlock()
	if !ok {
		return notFound("AgentSession")
	}
	want := map[string][]string{
		"thought": {"body"}, "response": {"body"}, "elicitation": {"body"}, "error": {"body"}, "action": {"action", "parameter"},
	}[text(content, "type")]
	if want == nil {
		return invalid(fmt.Sprintf("content.type is %q", content["type"]))
	}
	for name, value := range content {
		if _, isText := value.(string); !isText || name != "type" && !slices.Contains(want, name) && (name != "result" || want[0] != "action") {
			return invalid("content has no text " + name)
		}
	}
	for _, name := range want {
		if _, given := content[name]; !given || name != "parameter" && text(content, name) == "" {
			return invalid("content." + name + " is missing")
		}
	}
	if ephemeral && text(content, "type") != "thought" && text(content, "type") != "action" {
		return invalid("only thoughts and actions are ephemeral")
	}
	if signal := text(in, "signal"); signal != "" {
		meta, _ := in["signalMetadata"].(map[string]any)
		options, _ := meta["options"].([]any)
		if signal != "select" || text(content, "type") != "elicitation" || len(options) == 0 {
			return invalid("signal is for an elicitation with options")
		}
	}
	a := Activity{ID: s.id("activity"), Session: session.ID, Content: content, Ephemeral: ephemeral}
	thread := chat.ThreadID("linear:" + session.Issue + ":s:" + session.ID)
	var err error
	switch kind := text(content, "type"); {
	case kind == "response" || kind == "error" || kind == "elicitation":
		_, err = s.Post(chattest.Posted{ID: chat.MessageID(a.ID), Thread: thread, Text: text(content, "body"), Files: s.filesIn(text(content, "body"))})
	case kind == "thought" && ephemeral:
		err = s.Type(thread)
	}
	if err != nil {
		return failureOf(err)
	}
	s.mu.Lock()
	s.activities = append(s.activities, a)
	s.mu.Unlock()
	return object{"success": true, "agentActivity": object{"id": a.ID, "sourceComment": nil, "user": s.user(BotID)}}
}

func (s *Server) updateSession(args map[string]any) any {
	in, _ := args["input"].(map[string]any)
	steps, _ := in["plan"].([]any)
	for _, step := range steps {
		m, _ := step.(map[string]any)
		if text(m, "content") == "" || !slices.Contains([]string{"pending", "inProgress", "completed", "canceled"}, text(m, "status")) {
			return invalid("plan has a step without content or status")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[text(args, "id")]
	if !ok {
		return notFound("AgentSession")
	}
	s.plans[session.ID] = steps
	return object{"success": true, "agentSession": object{"id": session.ID}}
}

// announceFile says where a file goes.
// https://linear.app/developers/how-to-upload-a-file-to-linear
func (s *Server) announceFile(args map[string]any) any {
	size, err := strconv.Atoi(fmt.Sprint(args["size"]))
	if err != nil || size <= 0 {
		return invalid("size must be more than 0")
	}
	id := s.id("file")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = File{Name: text(args, "filename"), Kind: text(args, "contentType"), Size: size}
	return object{"success": true, "uploadFile": object{
		"uploadUrl": s.base + "/upload/" + id, "assetUrl": "https://uploads.linear.app/" + id + "/file",
		"headers": []object{{"key": "X-Signed", "value": "yes"}},
	}}
}

var fileAddress = regexp.MustCompile(`https://uploads\.linear\.app/([\w-]+)/`)

// filesIn are the files that a text shows.
func (s *Server) filesIn(body string) []chattest.PostedFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []chattest.PostedFile
	for _, m := range fileAddress.FindAllStringSubmatch(body, -1) {
		if f, ok := s.files[m[1]]; ok {
			all = append(all, chattest.PostedFile{Name: f.Name, Content: f.Content, MIMEType: f.Kind})
		}
	}
	return all
}

var profile = regexp.MustCompile(`https://linear\.app/acme/profiles/([\w-]+)`)

// Shown returns what people see of the bot in a thread.
func (s *Server) Shown(ctx context.Context, thread chat.ThreadID) ([]chattest.Posted, error) {
	posts, err := s.Posts(ctx, thread)
	for i := range posts {
		p := &posts[i]
		for _, m := range profile.FindAllStringSubmatch(p.Text, -1) {
			for _, u := range s.users {
				if u.DisplayName == m[1] {
					p.Mentions = append(p.Mentions, chat.UserID(u.ID))
				}
			}
		}
		p.Content = shown.GFM(p.Text)
		p.Text = strings.TrimSuffix(markdown.Print(p.Content), "\n")
	}
	return posts, err
}
