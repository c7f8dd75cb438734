package linear

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// person is a user or an app, in webhooks and in answers of the API.
type person struct {
	ID          chat.UserID `json:"id"`
	Name        string      `json:"name"`
	DisplayName string      `json:"displayName"`
	Email       string      `json:"email"`
	URL         string      `json:"url"`
	AvatarURL   string      `json:"avatarUrl"`
	Type        string      `json:"type"` // of an actor: "user", or the kind of an app
}

// author converts a person to the author of package chat. self is the id of the bot.
func (p *person) author(self chat.UserID) chat.Author {
	if p == nil || p.ID == "" {
		return chat.Author{}
	}
	name := p.DisplayName
	if name == "" {
		name = profileName(p.URL)
	}
	if name == "" {
		name = p.Name
	}
	return chat.Author{UserID: p.ID, UserName: name, FullName: p.Name, Email: p.Email, Me: p.ID == self}
}

// profileName returns the name in the address of a user's profile,
// "https://linear.app/{workspace}/profiles/{name}", or "" for another address.
func profileName(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "linear.app" {
		return ""
	}
	_, name, ok := strings.Cut(u.Path, "/profiles/")
	if !ok || strings.Contains(name, "/") {
		return ""
	}
	return name
}

// comment is a comment in a webhook.
// https://linear.app/developers/webhooks#data-change-events-payload
type comment struct {
	ID        string          `json:"id"`
	Body      string          `json:"body"`
	IssueID   string          `json:"issueId"`
	ProjectID string          `json:"projectId"`
	ParentID  string          `json:"parentId"`
	CreatedAt string          `json:"createdAt"`
	EditedAt  string          `json:"editedAt"`
	User      *person         `json:"user"`
	External  *person         `json:"externalUser"`
	Bot       json.RawMessage `json:"botActor"` // a string with JSON in Linear's schema, but an object in recorded webhooks
}

// place returns the thread of a comment. It has no issue and no project for a comment on
// something else.
func (c *comment) place() place {
	root := c.ParentID
	if root == "" {
		root = c.ID
	}
	p := place{issue: c.IssueID, comment: root}
	if p.issue == "" {
		p.project = c.ProjectID
	}
	return p
}

// sender returns the author of a comment.
func (c *comment) sender(self chat.UserID) chat.Author {
	if c.User != nil && c.User.ID != "" {
		return c.User.author(self)
	}
	if c.External != nil && c.External.ID != "" {
		return c.External.author(self)
	}
	data := []byte(c.Bot)
	var quoted string
	if json.Unmarshal(data, &quoted) == nil {
		data = []byte(quoted)
	}
	var bot person
	if json.Unmarshal(data, &bot) != nil {
		return chat.Author{}
	}
	if bot.ID == "" && bot.Name != "" {
		bot.ID = chat.UserID("bot:" + bot.Name) // Linear's own integrations have no id
	}
	who := bot.author(self)
	who.Bot = new(true)
	return who
}

// handleComment takes a comment that was created, edited or deleted.
func (a *Adapter) handleComment(ctx context.Context, e *envelope, c *comment) error {
	if !isID(c.ID) {
		return bad("the comment has no id")
	}
	at := c.place()
	if !isID(at.owner()) || !isID(at.comment) {
		return a.deliverPlatformEvent(ctx, e) // a comment on a document, or on an update of a project
	}
	self := a.selfOf(ctx, e.OrganizationID)
	who := c.sender(self.ID)
	if who.UserID == "" {
		return a.deliverPlatformEvent(ctx, e)
	}
	a.learnWorkspace(ctx, at, e.OrganizationID)
	m := message(at, c, who, self)
	m.Raw = e.raw
	base := chat.EventBase{ID: e.eventID(c.ID), ThreadID: at.threadID(), User: who, At: timeOf(e.CreatedAt), Raw: e.raw}
	var event chat.Inbound = m
	switch e.Action {
	case "update":
		before := c.before(e, at, who, self)
		if before == nil {
			return a.deliverPlatformEvent(ctx, e) // not the text has changed, but for example that it is resolved
		}
		base.User = changer(e, who, self.ID)
		m.Edited, m.EditedAt = true, base.At
		event = &chat.MessageUpdatedEvent{EventBase: base, Message: m, Previous: before}
	case "remove":
		base.User = changer(e, who, self.ID)
		event = &chat.MessageDeletedEvent{EventBase: base, MessageID: m.ID, Previous: m}
	}
	_, err := a.host.Deliver(ctx, event)
	return err
}

// changer returns the user who edited or deleted a comment: the actor of the webhook, or
// the author if there is no actor.
func changer(e *envelope, author chat.Author, self chat.UserID) chat.Author {
	if by := e.Actor.author(self); by.UserID != "" {
		return by
	}
	return author
}

// before returns the comment before an update, or nil if the text has not changed.
func (c *comment) before(e *envelope, at place, who chat.Author, self identity) *chat.Message {
	var from struct {
		Body *string `json:"body"`
	}
	if json.Unmarshal(e.UpdatedFrom, &from) != nil || from.Body == nil {
		return nil
	}
	old := *c
	old.Body = *from.Body
	return message(at, &old, who, self)
}

// message converts a comment to a message of package chat.
func message(at place, c *comment, who chat.Author, self identity) *chat.Message {
	m := &chat.Message{ID: chat.MessageID(c.ID), ThreadID: at.threadID(), Author: who, SentAt: timeOf(c.CreatedAt), EditedAt: timeOf(c.EditedAt)}
	m.Edited = !m.EditedAt.IsZero()
	fill(m, c.Body)
	if self.Name != "" {
		m.Mention = new(mentions(m.Formatted, self.Name))
	}
	return m
}

// fill sets the text of a message, and the links and files in the text.
func fill(m *chat.Message, body string) {
	m.Formatted = format.Parse(body)
	m.Text = markdown.PlainText(m.Formatted)
	for n := range markdown.All(m.Formatted) {
		switch n := n.(type) {
		case *markdown.Link:
			if name := markdown.PlainText(n); isUpload(n.URL) {
				m.Attachments = append(m.Attachments, chat.Attachment{Type: "file", URL: n.URL, Name: name, FetchMetadata: map[string]string{addressKey: n.URL}})
			} else if profileName(n.URL) == "" {
				m.Links = append(m.Links, chat.Link{URL: n.URL})
			}
		case *markdown.Image:
			if isUpload(n.URL) {
				m.Attachments = append(m.Attachments, chat.Attachment{Type: "image", URL: n.URL, Name: n.Alt, FetchMetadata: map[string]string{addressKey: n.URL}})
			}
		}
	}
}

// mentions reports whether a text has "@name" outside of code, or a link to the profile of
// the name.
func mentions(tree *markdown.Root, name string) bool {
	found := false
	markdown.Walk(tree, func(n markdown.Node) bool {
		switch n := n.(type) {
		case *markdown.Link:
			found = found || strings.EqualFold(profileName(n.URL), name)
		case *markdown.Text:
			format.ReplaceNames(n.Value, func(word string) (string, int) {
				if len(word) < len(name) || !strings.EqualFold(word[:len(name)], name) {
					return "", 0
				}
				// If another character of a name follows, it is another, longer name.
				if rest := word[len(name):]; strings.ContainsFunc(rest[:min(1, len(rest))], isNameChar) {
					return "", 0
				}
				found = true
				return "", 0
			})
		}
		return !found
	})
	return found
}

func isNameChar(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '-'
}

// commentRoot is the thread of a comment.
type commentRoot struct {
	Issue   string `json:"issue"`
	Project string `json:"project"`
	Root    string `json:"root"`
}

const placeQuery = `query CommentPlace($id: String!) { comment(id: $id) { id parent { id } issue { id } project { id } } }`

// placeOfComment returns the thread of a comment. The webhook of a reaction does not name
// it, so the adapter asks Linear.
func (a *Adapter) placeOfComment(ctx context.Context, workspace, id string) (place, error) {
	root, err := a.comments.Get(ctx, id, func(ctx context.Context) (commentRoot, error) {
		type ref struct{ ID string }
		var got struct {
			Comment struct {
				ID                     string
				Parent, Issue, Project *ref
			}
		}
		if err := a.query(ctx, workspace, "comment", placeQuery, vars{"id": id}, &got); err != nil {
			return commentRoot{}, err
		}
		out := commentRoot{Root: got.Comment.ID}
		if got.Comment.Parent != nil {
			out.Root = got.Comment.Parent.ID
		}
		if got.Comment.Issue != nil {
			out.Issue = got.Comment.Issue.ID
		} else if got.Comment.Project != nil {
			out.Project = got.Comment.Project.ID
		}
		return out, nil
	})
	return place{issue: root.Issue, project: root.Project, comment: root.Root}, err
}

// reaction is a reaction in a webhook.
type reaction struct {
	ID        string  `json:"id"`
	Emoji     string  `json:"emoji"`
	CommentID string  `json:"commentId"`
	User      *person `json:"user"`
}

// handleReaction takes a reaction to a comment.
func (a *Adapter) handleReaction(ctx context.Context, e *envelope, r *reaction) error {
	if !isID(r.ID) || r.Emoji == "" {
		return bad("the reaction has no id or no emoji")
	}
	who := r.User.author(a.selfOf(ctx, e.OrganizationID).ID)
	if !isID(r.CommentID) || who.UserID == "" {
		return a.deliverPlatformEvent(ctx, e) // a reaction to an issue, or by a user of another platform
	}
	at, err := a.placeOfComment(ctx, e.OrganizationID, r.CommentID)
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return a.deliverPlatformEvent(ctx, e)
	case err != nil:
		return err
	case !isID(at.owner()) || !isID(at.comment):
		return a.deliverPlatformEvent(ctx, e)
	}
	_, err = a.host.Deliver(ctx, &chat.ReactionEvent{
		EventBase: chat.EventBase{ID: e.eventID(r.ID), ThreadID: at.threadID(), User: who, At: timeOf(e.CreatedAt), Raw: e.raw},
		MessageID: chat.MessageID(r.CommentID), Emoji: a.readEmoji(r.Emoji), RawEmoji: r.Emoji, Added: e.Action == "create",
	})
	return err
}
