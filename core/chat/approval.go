package chat

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/internal/timing"
)

// Approval is a question that people answer with yes or no.
type Approval struct {
	// ID names the request, in at most 100 bytes. A second request with the same ID
	// in the same thread is the first one, so that a handler that is run again asks
	// only once, if the ID follows from its event. Default: for a request in a turn, an
	// ID that follows from its event and from what is asked; else random.
	ID string `json:"id"`
	// Name is the kind of request, for OnApproval. Default none.
	Name string `json:"name,omitempty"`
	// Title is the question. Required.
	Title string `json:"title"`
	// Description is Markdown below the title, Fields a table below that. Default
	// none.
	Description string        `json:"description,omitempty"`
	Fields      []*card.Field `json:"fields,omitempty"`
	// ApproveLabel and DenyLabel are on the buttons. Default "Approve" and "Deny".
	ApproveLabel string `json:"approveLabel,omitempty"`
	DenyLabel    string `json:"denyLabel,omitempty"`
	// Destructive says that what is approved can't be undone: the button that
	// approves warns. Default: it is the one that stands out.
	Destructive bool `json:"destructive,omitempty"`
	// Timeout is how long it can be answered. Default 7 days.
	Timeout time.Duration `json:"timeout"`
	// Approvers may answer. Default: everybody in the thread.
	Approvers []UserID `json:"approvers,omitempty"`
	// Metadata comes back with the outcome. Default none.
	Metadata string `json:"metadata,omitempty"`
}

// ApprovalOutcome is how a request ended. Without an approval in time it is not
// approved.
type ApprovalOutcome struct {
	// Approved says that somebody who may answer has approved.
	Approved bool `json:"approved"`
	// TimedOut says that nobody has answered in time.
	TimedOut bool `json:"timedOut"`
	// Withdrawn says that [ApprovalRequest.Withdraw] came before an answer.
	Withdrawn bool `json:"withdrawn,omitempty"`
	// By is who has answered. Zero if nobody has.
	By Author `json:"by"`
	// At is when it ended.
	At time.Time `json:"at"`
}

// ApprovalEvent is a request that was answered, or was not answered in time.
type ApprovalEvent struct {
	EventBase
	// Approval is what was asked.
	Approval Approval `json:"approval"`
	// Outcome is how it ended.
	Outcome ApprovalOutcome `json:"outcome"`
	// MessageID is the message that asked.
	MessageID MessageID `json:"messageId,omitempty"`
}

const eventApproval = "approval"

// EventName returns "approval".
func (*ApprovalEvent) EventName() string { return eventApproval }

// OnApproval registers a handler for the outcomes of requests with one of the
// names; without any, for all. It is called once, by any instance, also if the one
// that has asked is gone; again only if it fails, as the handlers of other events.
func (c *Chat) OnApproval(h EventHandler[ApprovalEvent], names ...string) *Registration {
	return addEvent(c, h, names, func(e *ApprovalEvent, wanted string) bool { return e.Approval.Name == wanted })
}

// ApprovalRequest is an approval that was asked for. It is safe for concurrent
// use. One that was asked for in a turn belongs to it: once the turn's context has
// ended, its methods return the cause. [Chat.Approval] returns one that does not.
type ApprovalRequest struct {
	chat  *Chat
	guard func(context.Context) error
	id    string
}

// RequestApproval posts a card with two buttons to the thread and returns the
// request, which [Chat.Approval] finds again by its ID. The first answer of
// somebody who may answer counts; then the card shows it and has no buttons any
// more.
//
// A bot that must not lose the outcome handles it with OnApproval: a process that
// waits for it with [ApprovalRequest.Wait] may end before.
func (t *Thread) RequestApproval(ctx context.Context, a Approval) (*ApprovalRequest, error) {
	c := t.chat
	if err := t.guard(ctx); err != nil {
		return nil, err
	}
	if err := a.validate(); err != nil {
		return nil, err
	}
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	if a.ID == "" {
		a.ID = t.attempt.approvalID(t.id, a)
	}
	a.setDefaults()
	r, err := c.approvals.create(ctx, t, a)
	if err != nil {
		return nil, err
	}
	req := &ApprovalRequest{chat: c, guard: t.guard, id: a.ID}
	if r.Message != "" || r.Outcome != nil {
		return req, nil // asked before
	}
	// A second attempt finds the request and asks no more, so it replaces no other
	// post, and none replaces it.
	asking := *t
	asking.attempt = nil
	sent, err := asking.Post(ctx, &Post{Card: r.question(), own: true})
	if err != nil {
		_ = c.approvals.record(a.ID, 0).Clear(context.WithoutCancel(ctx)) // what stays behind expires
		return nil, err
	}
	// A click says which message it was on, so the request works without this too.
	after, cancel := afterwards(ctx)
	defer cancel()
	_, err = c.approvals.record(a.ID, r.ttl()).Update(after, func(r approvalRecord) (approvalRecord, error) {
		if r.Thread == "" {
			return r, errUnchanged
		}
		r.Message = sent.ID()
		return r, nil
	})
	if err != nil {
		c.log.WarnContext(ctx, "approval-message-not-kept", "thread", string(t.id), "approval", a.ID, "error", err)
	}
	return req, nil
}

func (a *Approval) setDefaults() {
	setDefault(&a.ID, rand.Text())
	setDefault(&a.ApproveLabel, "Approve")
	setDefault(&a.DenyLabel, "Deny")
	setDefault(&a.Timeout, 7*24*time.Hour)
}

func (a *Approval) validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: approval.%s", ErrInvalidArgument, fmt.Sprintf(format, args...))
	}
	switch {
	case len(a.ID) > 100:
		return bad("ID has %d bytes, want at most 100", len(a.ID))
	case a.Title == "":
		return bad("Title is empty, want the question")
	case a.Timeout < 0:
		return bad("Timeout is %v, want 0 (the default) or more", a.Timeout)
	case slices.Contains(a.Approvers, ""):
		return bad("Approvers has an empty id, want ids of users")
	}
	for i, f := range a.Fields {
		if f == nil || f.Label == "" {
			return bad("Fields[%d] needs a Label", i)
		}
	}
	return nil
}

// Approval returns the request with the id, as long as its outcome is kept: 30
// days. It returns [ErrNotFound] for another one.
func (c *Chat) Approval(ctx context.Context, id string) (*ApprovalRequest, error) {
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	req := &ApprovalRequest{chat: c, guard: contextError, id: id}
	if _, err := c.approvals.load(ctx, id); err != nil {
		return nil, err
	}
	return req, nil
}

// ID returns the request's id.
func (r *ApprovalRequest) ID() string { return r.id }

// Outcome returns how the request ended, or nil while it can be answered. It
// returns [ErrNotFound] when its outcome is no longer kept.
func (r *ApprovalRequest) Outcome(ctx context.Context) (*ApprovalOutcome, error) {
	record, err := r.load(ctx)
	return record.Outcome, err
}

func (r *ApprovalRequest) load(ctx context.Context) (approvalRecord, error) {
	if err := r.guard(ctx); err != nil {
		return approvalRecord{}, err
	}
	record, err := r.chat.approvals.load(ctx, r.id)
	if err != nil || record.Outcome != nil || !record.isLate() {
		return record, err
	}
	record, err = r.chat.approvals.end(ctx, r.id, ApprovalOutcome{TimedOut: true})
	if err != nil && record.Outcome != nil {
		// It has ended; a sweep tells the others.
		r.chat.log.WarnContext(ctx, "approval-not-told", "approval", r.id, "error", err)
		return record, nil
	}
	return record, err
}

// Withdraw ends the request if nobody has answered it: the card says so and has no buttons
// any more. It is for a caller that no longer waits for the answer.
func (r *ApprovalRequest) Withdraw(ctx context.Context) error {
	if err := r.guard(ctx); err != nil {
		return err
	}
	_, err := r.chat.approvals.end(ctx, r.id, ApprovalOutcome{Withdrawn: true})
	return err
}

// Wait returns the outcome when the request was answered, on any instance, or
// when its time is over. It looks for it several times a second at first and
// every other second later on. Once the bot has shut down it returns [ErrShutdown].
func (r *ApprovalRequest) Wait(ctx context.Context) (*ApprovalOutcome, error) {
	began := time.Now()
	for {
		record, err := r.load(ctx)
		if record.Outcome == nil && r.chat.isClosed() {
			err = ErrShutdown
		}
		if err != nil || record.Outcome != nil {
			return record.Outcome, err
		}
		next := min(max(time.Since(began)/20, 250*time.Millisecond), 2*time.Second, time.Until(record.Deadline)+time.Millisecond)
		if !timing.Sleep(ctx, next) {
			return nil, r.guard(ctx)
		}
	}
}
