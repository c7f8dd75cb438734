package linear

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// commentFields are the fields of a comment that queries ask for.
const commentFields = ` id body createdAt editedAt url parent { id } user { id name displayName email url } externalUser { id name displayName email } botActor { id name } `

const (
	issueComments   = `query IssueComments($id: String!, $after: String) { issue(id: $id) { comments(first: 100, after: $after) { nodes {` + commentFields + `} pageInfo { hasNextPage endCursor } } } }`
	projectComments = `query ProjectComments($id: String!, $after: String) { project(id: $id) { comments(first: 100, after: $after) { nodes {` + commentFields + `} pageInfo { hasNextPage endCursor } } } }`
	oneComment      = `query Comment($id: String!) { comment(id: $id) {` + commentFields + `issue { id } project { id } } }`
	sessionComment  = `query AgentSession($id: String!) { agentSession(id: $id) { comment { id } } }`
	// maxCommentPages is how many pages of comments are read: 5,000 comments.
	maxCommentPages = 50
)

// node is a comment in an answer of the API.
type node struct {
	ID, Body, CreatedAt, EditedAt, URL string
	Parent, Issue, Project             *ref
	User, ExternalUser, BotActor       *person
}

// message converts a comment to a message of package chat, in its thread.
func (n *node) message(owner place, self identity) *chat.Message {
	at := place{issue: owner.issue, project: owner.project, comment: n.ID, session: owner.session}
	if n.Parent != nil {
		at.comment = n.Parent.ID
	}
	if at.session != "" {
		at.comment = owner.comment
	}
	who := n.User.author(self.ID)
	if who.UserID == "" {
		who = n.ExternalUser.author(self.ID)
	}
	if who.UserID == "" && n.BotActor != nil {
		who = n.BotActor.author(self.ID)
		if who.UserID == "" {
			who = chat.Author{UserID: chat.UserID("bot:" + n.BotActor.Name), UserName: n.BotActor.Name, FullName: n.BotActor.Name}
		}
		who.Bot = new(true)
	}
	return message(at, &comment{ID: n.ID, Body: n.Body, CreatedAt: n.CreatedAt, EditedAt: n.EditedAt}, who, self)
}

// FetchMessages returns a page of a thread: the comment that begins it and its answers. For
// an issue or a project it returns the comments that begin threads. A page has 50 messages
// by default. The adapter reads all comments of the issue for each page. A session that no
// comment has begun has no history: [errors.ErrUnsupported].
func (a *Adapter) FetchMessages(ctx context.Context, thread chat.ThreadID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	p, err := placeOf(thread)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	root := p.comment
	if p.session != "" && root == "" {
		if root, err = a.sessionRoot(ctx, p); err != nil {
			return chat.Page[*chat.Message]{}, err
		}
	}
	nodes, self, err := a.allComments(ctx, p)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	var all []*chat.Message
	for i := range nodes {
		if n := &nodes[i]; n.ID == root || n.Parent != nil && n.Parent.ID == root || root == "" && n.Parent == nil {
			all = append(all, n.message(p, self))
		}
	}
	return page(all, req)
}

// sessionRoot returns the comment that began a session.
func (a *Adapter) sessionRoot(ctx context.Context, p place) (string, error) {
	workspace, err := a.workspaceOf(ctx, p)
	if err != nil {
		return "", err
	}
	var got struct{ AgentSession struct{ Comment *ref } }
	if err := a.query(ctx, workspace, "agentSession", sessionComment, vars{"id": p.session}, &got); err != nil {
		return "", err
	}
	if got.AgentSession.Comment == nil {
		return "", fmt.Errorf("linear: the history of a session without a comment: %w", errors.ErrUnsupported)
	}
	return got.AgentSession.Comment.ID, nil
}

// allComments returns the comments of an issue or project, oldest first.
func (a *Adapter) allComments(ctx context.Context, p place) ([]node, identity, error) {
	if err := ctx.Err(); err != nil {
		return nil, identity{}, err
	}
	workspace, err := a.workspaceOf(ctx, p)
	if err != nil {
		return nil, identity{}, err
	}
	self := a.selfOf(ctx, workspace)
	op, document := "issue", issueComments
	if p.project != "" {
		op, document = "project", projectComments
	}
	var all []node
	v := vars{"id": p.owner()}
	for range maxCommentPages {
		var got map[string]*struct {
			Comments struct {
				Nodes    []node
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		if err := a.query(ctx, workspace, op, document, v, &got); err != nil {
			return nil, identity{}, err
		}
		if got[op] == nil {
			return nil, identity{}, failure(op, chat.CodeTemporary, "the answer has another form than documented")
		}
		comments := got[op].Comments
		all = append(all, comments.Nodes...)
		if !comments.PageInfo.HasNextPage || comments.PageInfo.EndCursor == "" {
			break
		}
		v["after"] = comments.PageInfo.EndCursor
	}
	slices.SortStableFunc(all, func(x, y node) int { return timeOf(x.CreatedAt).Compare(timeOf(y.CreatedAt)) })
	return all, self, nil
}

// page returns a page of messages, which are sorted oldest first. A cursor is the id of the
// message at which the page before ended.
func page(all []*chat.Message, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	limit := req.Limit
	if limit <= 0 {
		limit = 50
	}
	at := -1
	if req.Cursor != "" {
		if at = slices.IndexFunc(all, func(m *chat.Message) bool { return string(m.ID) == req.Cursor }); at < 0 {
			return chat.Page[*chat.Message]{}, fmt.Errorf("%w: linear: the cursor %q is not from a former page of this thread", chat.ErrInvalidArgument, req.Cursor)
		}
	}
	var out chat.Page[*chat.Message]
	if req.Oldest {
		rest := all[at+1:]
		out.Items = rest[:min(limit, len(rest))]
		if len(rest) > limit {
			out.Next = string(out.Items[limit-1].ID)
		}
		return out, nil
	}
	rest := all
	if at >= 0 {
		rest = all[:at]
	}
	out.Items = rest[max(0, len(rest)-limit):]
	if len(rest) > limit {
		out.Next = string(out.Items[0].ID)
	}
	return out, nil
}

// FetchMessage returns a comment. One that does not exist, or belongs to another issue or
// project, is [chat.ErrNotFound].
func (a *Adapter) FetchMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (*chat.Message, error) {
	p, n, self, err := a.fetchComment(ctx, thread, id)
	if err != nil {
		return nil, err
	}
	return n.message(p, self), nil
}

func (a *Adapter) fetchComment(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (place, *node, identity, error) {
	p, workspace, err := a.changeable(ctx, thread, id)
	if err != nil {
		return p, nil, identity{}, err
	}
	var got struct{ Comment *node }
	if err := a.query(ctx, workspace, "comment", oneComment, vars{"id": id}, &got); err != nil {
		return p, nil, identity{}, err
	}
	n := got.Comment
	if n == nil || n.Issue != nil && n.Issue.ID != p.issue || n.Project != nil && n.Project.ID != p.project {
		return p, nil, identity{}, failure("comment", chat.CodeNotFound, "the comment belongs to another thread")
	}
	return p, n, a.selfOf(ctx, workspace), nil
}

// Permalink returns the address of a comment. It asks Linear for it.
func (a *Adapter) Permalink(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	_, n, _, err := a.fetchComment(ctx, thread, id)
	if err != nil {
		return "", err
	}
	if n.URL == "" {
		return "", failure("comment", chat.CodeTemporary, "the comment has no url")
	}
	return n.URL, nil
}

// FetchChannelMessages returns a page of the comments of an issue or project that begin
// threads, as FetchMessages does.
func (a *Adapter) FetchChannelMessages(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[*chat.Message], error) {
	p, err := placeOf(channel)
	if err != nil {
		return chat.Page[*chat.Message]{}, err
	}
	return a.FetchMessages(ctx, place{issue: p.issue, project: p.project}.threadID(), req)
}

// ListThreads returns a page of the threads of an issue or project, newest first, or with
// req.Oldest oldest first. A page has 50 threads by default.
func (a *Adapter) ListThreads(ctx context.Context, channel chat.ChannelID, req chat.PageRequest) (chat.Page[chat.ThreadSummary], error) {
	p, err := placeOf(channel)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	nodes, self, err := a.allComments(ctx, p)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	var roots []*chat.Message
	answers := map[string][]*node{}
	for i := range nodes {
		if n := &nodes[i]; n.Parent != nil {
			answers[n.Parent.ID] = append(answers[n.Parent.ID], n)
		} else {
			roots = append(roots, n.message(place{issue: p.issue, project: p.project}, self))
		}
	}
	messages, err := page(roots, req)
	if err != nil {
		return chat.Page[chat.ThreadSummary]{}, err
	}
	out := chat.Page[chat.ThreadSummary]{Next: messages.Next}
	for _, m := range messages.Items {
		s := chat.ThreadSummary{ID: m.ThreadID, Root: m}
		if of := answers[string(m.ID)]; len(of) > 0 {
			s.Replies, s.LastReplyAt = len(of), timeOf(of[len(of)-1].CreatedAt)
		}
		out.Items = append(out.Items, s)
	}
	if !req.Oldest {
		slices.Reverse(out.Items)
	}
	return out, nil
}
