package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/markdown"
	"github.com/chat-adapter/chat-go/core/state"
)

// approvalKept is how long a request is kept when its time is over.
const approvalKept = 30 * 24 * time.Hour

// The ids of the buttons of a request. Their value is its id.
const (
	actionApprove = reservedName + ":approve"
	actionDeny    = reservedName + ":deny"
)

func isApprovalAction(id string) bool { return id == actionApprove || id == actionDeny }

// approvalRecord is a request in the state.
type approvalRecord struct {
	Approval Approval         `json:"approval"`
	Thread   ThreadID         `json:"thread"`
	Message  MessageID        `json:"message,omitempty"`
	Deadline time.Time        `json:"deadline"`
	Outcome  *ApprovalOutcome `json:"outcome,omitempty"`
	// Told says that the outcome was handed to the handlers and to the card.
	Told bool `json:"told,omitempty"`
}

func (r *approvalRecord) isLate() bool { return !time.Now().Before(r.Deadline) }

// ttl is how long the record lives from now on.
func (r *approvalRecord) ttl() time.Duration {
	return max(time.Until(r.Deadline), 0) + approvalKept
}

func (r *approvalRecord) allows(user UserID) bool {
	return len(r.Approval.Approvers) == 0 || user != "" && slices.Contains(r.Approval.Approvers, user)
}

// approvals are the requests for approval of a bot.
type approvals struct{ chat *Chat }

func (s approvals) record(id string, ttl time.Duration) Data[approvalRecord] {
	return newRecord[approvalRecord](s.chat, approvalKey(id), ttl)
}

func (s approvals) load(ctx context.Context, id string) (approvalRecord, error) {
	r, err := s.record(id, 0).Get(ctx)
	if err == nil && r.Thread == "" {
		err = fmt.Errorf("chat: approval %q: %w", id, ErrNotFound)
	}
	return r, err
}

// create stores a request, or returns the one that is there.
func (s approvals) create(ctx context.Context, t *Thread, a Approval) (approvalRecord, error) {
	fresh := approvalRecord{Approval: a, Thread: t.id, Deadline: time.Now().Add(a.Timeout)}
	r, err := s.record(a.ID, fresh.ttl()).Update(ctx, func(r approvalRecord) (approvalRecord, error) {
		if r.Thread != "" {
			return r, errUnchanged
		}
		return fresh, nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return r, fmt.Errorf("chat: keeping approval %q: %w", a.ID, err)
	}
	if r.Thread != t.id {
		return r, fmt.Errorf("%w: approval.ID %q was used in another thread", ErrInvalidArgument, a.ID)
	}
	if r.Message != "" || r.Outcome != nil {
		return r, nil
	}
	data, err := json.Marshal(dueApproval{a.ID, r.Deadline})
	if err != nil {
		return r, err
	}
	entry := state.QueueEntry{Message: data, EnqueuedAt: time.Now(), ExpiresAt: r.Deadline.Add(approvalKept)}
	if _, err := s.chat.state.Enqueue(ctx, approvalsDueKey, entry, 0); err != nil {
		return r, fmt.Errorf("chat: keeping approval %q: %w", a.ID, err)
	}
	return r, nil
}

// head is the card without its end.
func (r *approvalRecord) head(end ...card.Child) *card.Card {
	c := card.New(r.Approval.Title)
	if r.Approval.Description != "" {
		c.Children = append(c.Children, card.NewText(r.Approval.Description))
	}
	if len(r.Approval.Fields) > 0 {
		c.Children = append(c.Children, card.NewFields(r.Approval.Fields...))
	}
	c.Children = append(c.Children, end...)
	return c
}

// question is the card of a request that can be answered.
func (r *approvalRecord) question() *card.Card {
	return r.head(card.NewActions(
		card.NewButton(actionApprove, r.Approval.ApproveLabel).WithStyle(r.approveStyle()).WithValue(r.Approval.ID),
		card.NewButton(actionDeny, r.Approval.DenyLabel).WithValue(r.Approval.ID),
	))
}

// approveStyle warns of an approval that does harm. To deny one changes nothing,
// so that button never warns.
func (r *approvalRecord) approveStyle() card.Style {
	if r.Approval.Destructive {
		return card.Danger
	}
	return card.Primary
}

// result is the card of a request that has ended.
func (r *approvalRecord) result() *card.Card {
	at := r.Outcome.At.UTC().Format("2 January 2006 15:04 MST")
	switch {
	case r.Outcome.TimedOut:
		return r.head(card.NewText("**Timed out** without an answer, " + at))
	case r.Outcome.Withdrawn:
		return r.head(card.NewText("**Withdrawn** before an answer, " + at))
	case r.Outcome.Approved:
		return r.head(card.NewText("**Approved** by " + plain(r.Outcome.By) + ", " + at))
	}
	return r.head(card.NewText("**Denied** by " + plain(r.Outcome.By) + ", " + at))
}

// plain returns an author's name as Markdown that means just the name.
func plain(a Author) string {
	name := string(a.UserID)
	switch {
	case a.FullName != "":
		name = a.FullName
	case a.UserName != "":
		name = "@" + a.UserName
	}
	return strings.TrimSpace(markdown.Print(markdown.NewRoot(markdown.NewParagraph(markdown.NewText(name)))))
}
