package linear

import (
	"context"
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/chat"
)

// sessionEvent is https://linear.app/developers/agent-interaction#agent-session-webhooks.
type sessionEvent struct {
	AgentSession struct {
		ID        string   `json:"id"`
		AppUserID string   `json:"appUserId"`
		IssueID   string   `json:"issueId"`
		Issue     *ref     `json:"issue"`
		Creator   *person  `json:"creator"`
		Comment   *comment `json:"comment"`
	} `json:"agentSession"`
	AgentActivity *struct {
		ID            string          `json:"id"`
		Signal        string          `json:"signal"`
		SourceComment string          `json:"sourceCommentId"`
		CreatedAt     string          `json:"createdAt"`
		User          *person         `json:"user"`
		Content       json.RawMessage `json:"content"`
	} `json:"agentActivity"`
	PromptContext string `json:"promptContext"`
}

type ref struct {
	ID string `json:"id"`
}

// automation is the author of a session that no user has begun.
var automation = chat.Author{UserID: "linear-automation", UserName: "Linear automation", FullName: "Linear automation", Bot: new(true)}

// handleSession takes a new session, or a prompt in a session. Both mention the bot.
func (a *Adapter) handleSession(ctx context.Context, e *envelope, s *sessionEvent) error {
	session := &s.AgentSession
	if !isID(session.ID) {
		return bad("the agent session has no id")
	}
	if session.IssueID == "" && session.Issue != nil {
		session.IssueID = session.Issue.ID
	}
	self := a.selfOf(ctx, e.OrganizationID)
	if !isID(session.IssueID) || self.ID != "" && session.AppUserID != "" && session.AppUserID != string(self.ID) {
		return a.deliverPlatformEvent(ctx, e) // the session belongs to no issue, or to another app
	}
	at := place{issue: session.IssueID, session: session.ID}
	a.learnWorkspace(ctx, at, e.OrganizationID)
	if e.Action == "created" {
		_, err := a.host.Deliver(ctx, a.sessionMessage(at, e, s, self))
		return err
	}
	activity := s.AgentActivity
	if activity == nil || !isID(activity.ID) || activity.User == nil || activity.User.ID == "" {
		return bad("the agent session was prompted without an activity that has an id and a user")
	}
	if activity.Signal == "stop" {
		return a.handleStop(ctx, e, at)
	}
	var content struct {
		Body string `json:"body"`
	}
	_ = json.Unmarshal(activity.Content, &content) // an activity without a text is an empty prompt
	choice, err := a.chosen(ctx, at.session, content.Body)
	if err != nil {
		return err
	}
	if choice != nil {
		choice.EventBase = chat.EventBase{ID: e.eventID(activity.ID), ThreadID: at.threadID(), User: activity.User.author(self.ID), At: timeOf(activity.CreatedAt), Raw: e.raw}
		_, err = a.host.Deliver(ctx, choice)
		return err
	}
	m := &chat.Message{
		ID: chat.MessageID(activity.ID), ThreadID: at.threadID(), Author: activity.User.author(self.ID), SentAt: timeOf(activity.CreatedAt),
		Mention: new(true), Raw: e.raw,
	}
	if isID(activity.SourceComment) {
		m.ID = chat.MessageID(activity.SourceComment)
	}
	fill(m, content.Body)
	_, err = a.host.Deliver(ctx, m)
	return err
}

// sessionMessage returns the message that began a session: a comment that mentions the app,
// or Linear's description of an issue that was delegated to it.
func (a *Adapter) sessionMessage(at place, e *envelope, s *sessionEvent, self identity) *chat.Message {
	c := s.AgentSession.Comment
	if c == nil || !isID(c.ID) {
		c = &comment{ID: "agent-session-" + at.session, Body: s.PromptContext}
	}
	who := s.AgentSession.Creator.author(self.ID)
	if who.UserID == "" {
		who = automation
	}
	m := &chat.Message{ID: chat.MessageID(c.ID), ThreadID: at.threadID(), Author: who, SentAt: timeOf(e.CreatedAt), Mention: new(true), Raw: e.raw}
	fill(m, c.Body)
	return m
}

// handleStop takes the signal of a user that the agent must stop: it ends the handler's
// context.
// https://linear.app/developers/agent-signals
func (a *Adapter) handleStop(ctx context.Context, e *envelope, at place) error {
	if err := a.host.CancelTurn(ctx, at.threadID()); err != nil {
		return err
	}
	return a.deliverPlatformEvent(ctx, e)
}
