package linear

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	userQuery    = `query User($id: String!) { user(id: $id) { id name displayName email url avatarUrl timezone app } }`
	subjectQuery = `query Issue($id: String!) { issue(id: $id) { id identifier title description url state { name } creator { id name displayName } assignee { id name displayName } labels { nodes { name } } } }`
	projectQuery = `query Project($id: String!) { project(id: $id) { id name description url status { name } creator { id name displayName } lead { id name displayName } labels { nodes { name } } } }`
)

// userNode is a user in an answer of the API.
type userNode struct {
	person
	TimeZone string `json:"timezone"`
	App      bool   `json:"app"`
}

// FetchUser returns the profile of a user. It calls Linear each time. With Config.OAuth the
// workspace is that of [WithWorkspace], or of the conversation that is being handled.
func (a *Adapter) FetchUser(ctx context.Context, id chat.UserID) (*chat.User, error) {
	workspace, err := a.currentWorkspace(ctx)
	if err != nil {
		return nil, err
	}
	u, err := a.fetchUser(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	return &chat.User{
		ID: u.ID, UserName: u.DisplayName, FullName: u.Name, Email: u.Email, AvatarURL: u.AvatarURL, TimeZone: u.TimeZone, Bot: u.App,
	}, nil
}

func (a *Adapter) fetchUser(ctx context.Context, workspace string, id chat.UserID) (*userNode, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !isID(string(id)) {
		return nil, fmt.Errorf("%w: linear: user id %q, want a UUID", chat.ErrInvalidArgument, id)
	}
	var got struct{ User *userNode }
	if err := a.query(ctx, workspace, "user", userQuery, vars{"id": id}, &got); err != nil {
		return nil, err
	}
	if got.User == nil || got.User.ID == "" {
		return nil, failure("user", chat.CodeNotFound, "the user is not found")
	}
	return got.User, nil
}

// subjectNode is an issue or a project in an answer of the API.
type subjectNode struct {
	ID, Identifier, Title, Name, Description, URL string
	State, Status                                 *struct{ Name string }
	Creator, Assignee, Lead                       *person
	Labels                                        struct{ Nodes []struct{ Name string } }

	raw json.RawMessage
}

func (a *Adapter) subject(ctx context.Context, p place) (*subjectNode, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	workspace, err := a.workspaceOf(ctx, p)
	if err != nil {
		return nil, err
	}
	op, document := "issue", subjectQuery
	if p.project != "" {
		op, document = "project", projectQuery
	}
	var got map[string]json.RawMessage
	if err := a.query(ctx, workspace, op, document, vars{"id": p.owner()}, &got); err != nil {
		return nil, err
	}
	out := &subjectNode{raw: got[op]}
	if err := json.Unmarshal(got[op], out); err != nil || out.ID == "" {
		return nil, failure(op, chat.CodeNotFound, "the "+op+" is not found")
	}
	return out, nil
}

// FetchSubject returns the issue or project of a thread, whatever the message. Its Type is
// "issue" or "project", and its Status is the name of the state in Linear.
func (a *Adapter) FetchSubject(ctx context.Context, thread chat.ThreadID, _ chat.MessageID) (*chat.Subject, error) {
	p, err := placeOf(thread)
	if err != nil {
		return nil, err
	}
	n, err := a.subject(ctx, p)
	if err != nil {
		return nil, err
	}
	s := &chat.Subject{Type: "issue", ID: n.Identifier, Title: n.Title, Description: n.Description, URL: n.URL, Raw: n.raw, Author: subjectPerson(n.Creator), Assignee: subjectPerson(n.Assignee)}
	if n.State != nil {
		s.Status = n.State.Name
	}
	if p.project != "" {
		s.Type, s.ID, s.Title, s.Assignee = "project", n.ID, n.Name, subjectPerson(n.Lead)
		if n.Status != nil {
			s.Status = n.Status.Name
		}
	}
	for _, label := range n.Labels.Nodes {
		s.Labels = append(s.Labels, label.Name)
	}
	return s, nil
}

func subjectPerson(p *person) *chat.SubjectPerson {
	if p == nil || p.ID == "" {
		return nil
	}
	name := p.DisplayName
	if name == "" {
		name = p.Name
	}
	return &chat.SubjectPerson{ID: p.ID, Name: name}
}

// FetchChannel returns an issue or a project. The Name of an issue is its identifier and
// its title, and the Topic is the description.
func (a *Adapter) FetchChannel(ctx context.Context, id chat.ChannelID) (*chat.ChannelInfo, error) {
	p, err := placeOf(id)
	if err != nil {
		return nil, err
	}
	n, err := a.subject(ctx, p)
	if err != nil {
		return nil, err
	}
	return &chat.ChannelInfo{ID: p.channelID(), Name: joined(n.Identifier, n.Title, n.Name), Topic: n.Description}, nil
}

func joined(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ": ")
}
