package github

import (
	"context"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// inbound converts a webhook to a message or an event of package chat.
func (a *Adapter) inbound(ctx context.Context, d *delivery, me identity) (chat.Inbound, error) {
	if d.event == "installation" {
		return installed(d, me)
	}
	s, err := d.placedItem()
	if err != nil {
		return nil, err
	}
	if s.kind == discussionComment {
		a.comments.Learn(ctx, formatID(int64(s.ID)), commentNode{Node: s.NodeID, Parent: int64(s.Parent)})
	}
	switch {
	case s.item == nil: // a PlatformEvent
	case d.isNew() && (s.Body != "" || s.Title != ""):
		return s.message(me), nil
	case d.Action == "edited" && (d.Changes.Body != nil || d.Changes.Title != nil):
		ev := &chat.MessageUpdatedEvent{EventBase: d.base(me, s.place.thread()), Message: s.message(me), Previous: s.before(d.Changes, me)}
		ev.Message.Edited, ev.Message.EditedAt, ev.At = true, s.UpdatedAt.UTC(), s.UpdatedAt.UTC()
		return ev, nil
	case d.Action == "deleted":
		return &chat.MessageDeletedEvent{EventBase: d.base(me, s.place.thread()), MessageID: s.id(), Previous: s.message(me)}, nil
	}
	return d.platformEvent(me), nil
}

// isNew reports whether the action means that an item is new.
func (d *delivery) isNew() bool {
	switch d.Action {
	case "opened", "created", "submitted":
		return true
	}
	return false
}

// placedItem returns the item that a webhook is about, with its place. The item is nil if the
// event is not about a text.
func (d *delivery) placedItem() (s placedItem, err error) {
	at, err := d.place()
	if err != nil {
		return placedItem{}, err
	}
	switch d.event {
	case "issues", "pull_request", "discussion":
		s = placedItem{map[string]*item{"issues": d.Issue, "pull_request": d.PullRequest, "discussion": d.Discussion}[d.event], at, body}
	case "issue_comment":
		s = placedItem{d.Comment, at, issueComment}
	case "pull_request_review":
		s = placedItem{d.Review, at, review}
	case "pull_request_review_comment":
		s = placedItem{d.Comment, at, reviewComment}
	case "discussion_comment":
		s = placedItem{d.Comment, at, discussionComment}
	default:
		return placedItem{}, nil
	}
	if at.number == 0 || !s.valid(s.kind) || s.kind == body && (d.Comment != nil || d.Review != nil) {
		return placedItem{}, bad("the body does not fit the event in the header X-GitHub-Event")
	}
	return s, nil
}

// place returns the thread that an event belongs to. Its number is 0 if there is none.
func (d *delivery) place() (p place, err error) {
	if d.Repository == nil {
		return place{}, nil
	}
	var ok bool
	if p.owner, p.repo, ok = splitRepo(d.Repository.FullName); !ok {
		return place{}, bad("the repository has no full_name")
	}
	about, kind := d.about()
	if about == nil {
		return p, nil
	}
	if p.number, p.kind = about.Number, kind; kind == issue && about.isPull() {
		p.kind = pull
	}
	if d.Comment != nil && d.event == "pull_request_review_comment" {
		p.root = int64(d.Comment.threadRoot())
	}
	if p.number < 0 || p.root < 0 {
		return place{}, bad("a number is negative")
	}
	return p, nil
}

// about returns the issue, pull request or discussion of an event, or nil. The header with
// the name of the event is not signed, so the body may belong to another event.
func (d *delivery) about() (*item, kind) {
	switch name, _, _ := strings.Cut(d.event, "_"); {
	case name == "issue" || name == "issues":
		return d.Issue, issue
	case strings.HasPrefix(d.event, "pull_request"):
		return d.PullRequest, pull
	case name == "discussion":
		return d.Discussion, discussion
	case d.Issue != nil:
		return d.Issue, issue
	case d.PullRequest != nil:
		return d.PullRequest, pull
	}
	return d.Discussion, discussion
}

// threadRoot returns the number of the first comment in the thread of a review comment.
func (it *item) threadRoot() number {
	if it.InReplyTo != 0 {
		return it.InReplyTo
	}
	return it.ID
}

// installed converts a webhook about an installation of the App.
func installed(d *delivery, me identity) (chat.Inbound, error) {
	if d.Installation == nil || d.Installation.ID <= 0 {
		return nil, bad("the installation has no id")
	}
	switch d.Action {
	case "created", "deleted":
		return &chat.InstallationEvent{EventBase: d.base(me, ""), Workspace: formatID(d.Installation.ID), Installed: d.Action == "created"}, nil
	}
	return d.platformEvent(me), nil
}

// platformEvent returns an event with the payload, for a webhook that has no type of its
// own. Its name is that in GitHub's documentation, such as "github:pull_request.closed".
func (d *delivery) platformEvent(me identity) *chat.PlatformEvent {
	at, _ := d.place() // placedItem has checked it
	name := adapterName + ":" + d.event
	if d.Action != "" && !strings.ContainsAny(d.Action, " \t\r\n") {
		name += "." + d.Action
	}
	ev := &chat.PlatformEvent{EventBase: d.base(me, at.thread()), Name: name, Data: d.raw}
	ev.Raw = nil
	return ev
}
