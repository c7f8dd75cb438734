package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// answerApproval handles a click on a button of a request. The first click of
// somebody who may answer decides; what follows from it is stored before the
// click is settled.
func (c *Chat) answerApproval(ctx context.Context, a Adapter, ev *ActionEvent) error {
	id := ev.Value
	r, err := c.loadApproval(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && !sameThread(a, r.Thread, ev.ThreadID):
		c.log.WarnContext(ctx, "approval-not-found", "adapter", a.Name(), "thread", string(ev.ThreadID))
		return c.whisper(ctx, ev, "This request is no longer known.")
	case err != nil:
		return err
	case r.Outcome == nil && !r.isLate() && !r.allows(ev.User.UserID):
		return c.whisper(ctx, ev, "You may not answer this request.")
	}
	r, err = c.decideApproval(ctx, id, ApprovalOutcome{Approved: ev.ActionID == actionApprove, By: ev.User})
	if err != nil {
		return err
	}
	if err := c.tellApproval(ctx, a, r, ev.MessageID); err != nil {
		return err
	}
	if ev.MessageID == "" {
		return nil
	}
	// Another card than the one that is known, or one that still had its buttons.
	return c.storeApprovalCard(ctx, a, r, ev.MessageID)
}

// decideApproval ends the request with the outcome, unless it has ended, and
// returns it as it is then. An answer that comes too late is none.
func (c *Chat) decideApproval(ctx context.Context, id string, outcome ApprovalOutcome) (approvalRecord, error) {
	r, err := c.loadApproval(ctx, id)
	if err != nil {
		return r, err
	}
	r, err = c.approval(id, r.ttl()).Update(ctx, func(r approvalRecord) (approvalRecord, error) {
		late := r.isLate()
		if r.Thread == "" || r.Outcome != nil || outcome.TimedOut && !late {
			return r, errUnchanged
		}
		o := outcome
		if o.At = time.Now().UTC(); late {
			o = ApprovalOutcome{TimedOut: true, At: r.Deadline.UTC()}
		}
		r.Outcome = &o
		return r, nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return r, fmt.Errorf("chat: deciding approval %q: %w", id, err)
	}
	return r, nil
}

// tellApproval has the outcome handled and shown, unless that was done. message
// is where it is shown if the record does not know.
func (c *Chat) tellApproval(ctx context.Context, a Adapter, r approvalRecord, message MessageID) error {
	if r.Told || r.Outcome == nil {
		return nil
	}
	id := r.Approval.ID
	if r.Message != "" {
		message = r.Message
	}
	if message != "" {
		if err := c.storeApprovalCard(ctx, a, r, message); err != nil {
			return err
		}
	}
	_, err := (&host{chat: c, adapter: a}).deliverEvent(ctx, &ApprovalEvent{
		EventBase: EventBase{ID: "approval:" + id, ThreadID: r.Thread, User: r.Outcome.By, At: r.Outcome.At},
		Approval:  r.Approval, Outcome: *r.Outcome, MessageID: message,
	})
	if err != nil {
		return fmt.Errorf("chat: approval %q: %w", id, err)
	}
	_, err = c.approval(id, r.ttl()).Update(ctx, func(r approvalRecord) (approvalRecord, error) {
		if r.Thread == "" || r.Told {
			return r, errUnchanged
		}
		r.Told = true
		return r, nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return fmt.Errorf("chat: approval %q: %w", id, err)
	}
	c.forgetDueApproval(ctx, id)
	return nil
}

// forgetDueApproval takes a request that has ended out of the queue of those
// that can time out. Otherwise a sweep does when its time is over.
func (c *Chat) forgetDueApproval(ctx context.Context, id string) {
	if c.cfg.Durability == DurabilityNone {
		return
	}
	entries, err := c.dispatcher.Inbox().Waiting(ctx, approvalsDueKey)
	if err != nil {
		return
	}
	for _, e := range entries {
		var due dueApproval
		if e.Err == nil && json.Unmarshal(e.Message, &due) == nil && due.ID == id {
			_, _ = c.dispatcher.Inbox().Settle(ctx, approvalsDueKey, e.Receipt)
		}
	}
}

// approvalCard is the data of a task that shows an outcome.
type approvalCard struct {
	ID      string    `json:"id"`
	Message MessageID `json:"message"`
}

func (c *Chat) storeApprovalCard(ctx context.Context, a Adapter, r approvalRecord, message MessageID) error {
	base := EventBase{ID: "approval-card:" + r.Approval.ID + ":" + string(message), ThreadID: r.Thread}
	err := c.storeTask(ctx, a, base, taskApprovalCard, approvalCard{r.Approval.ID, message})
	if err != nil {
		return fmt.Errorf("chat: approval %q: %w", r.Approval.ID, err)
	}
	return nil
}

// showApproval replaces the question by the outcome.
func (c *Chat) showApproval(ctx context.Context, task *taskEvent) error {
	var shown approvalCard
	if err := json.Unmarshal(task.Data, &shown); err != nil {
		return fmt.Errorf("chat: approval card: %w", err)
	}
	r, err := c.loadApproval(ctx, shown.ID)
	if errors.Is(err, ErrNotFound) || err == nil && r.Outcome == nil {
		return nil
	}
	if err != nil {
		return err
	}
	err = task.Thread.Sent(shown.Message).Edit(ctx, Card(r.result()))
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrPermission), errors.Is(err, ErrInvalid), errors.Is(err, errors.ErrUnsupported):
		// Trying again changes nothing, and the outcome is known without it.
		c.log.WarnContext(ctx, "approval-card-not-shown", "thread", string(r.Thread), "message", string(shown.Message), "error", err)
		return nil
	}
	return err
}

// whisper tells the user alone, where the platform can.
func (c *Chat) whisper(ctx context.Context, ev *ActionEvent, text string) error {
	if ev.Thread == nil || ev.User.UserID == "" {
		return nil
	}
	_, err := ev.Thread.PostEphemeral(ctx, ev.User.UserID, Text(text), NoFallback)
	if err != nil && !isUnsupported(err) {
		c.log.WarnContext(ctx, "approval-note-not-shown", "thread", string(ev.ThreadID), "error", err)
	}
	return nil
}

// timeOutApproval ends a request whose time is over, and returns it.
func (c *Chat) timeOutApproval(ctx context.Context, id string) (approvalRecord, error) {
	r, err := c.decideApproval(ctx, id, ApprovalOutcome{TimedOut: true})
	if err != nil {
		return r, err
	}
	a, ok := c.adapters[r.Thread.Adapter()]
	if !ok {
		return r, fmt.Errorf("%w: %q", ErrUnknownAdapter, r.Thread.Adapter())
	}
	return r, c.tellApproval(ctx, a, r, "")
}

// dueApproval is an entry of approvalsDueKey.
type dueApproval struct {
	ID  string    `json:"id"`
	Due time.Time `json:"due"`
}

// sweepApprovals ends the requests whose time is over. Every instance does, and
// what follows happens once.
func (c *Chat) sweepApprovals(ctx context.Context) {
	entries, err := c.dispatcher.Inbox().Waiting(ctx, approvalsDueKey)
	if err != nil {
		if ctx.Err() == nil {
			c.log.WarnContext(ctx, "approval-sweep-failed", "error", err)
		}
		return
	}
	var done []state.Receipt
	for _, e := range entries {
		if c.sweepApproval(ctx, e) {
			done = append(done, e.Receipt)
		} else if c.cfg.Durability == DurabilityNone {
			// Looking has taken it out.
			if _, err := c.state.Enqueue(context.WithoutCancel(ctx), approvalsDueKey, e.QueueEntry, 0); err != nil {
				c.log.WarnContext(ctx, "approval-due-lost", "error", err)
			}
		}
	}
	if len(done) == 0 {
		return
	}
	if _, err := c.dispatcher.Inbox().Settle(ctx, approvalsDueKey, done...); err != nil {
		c.log.WarnContext(ctx, "approval-sweep-failed", "error", err)
	}
}

// sweepApproval looks at one entry and reports whether it can go.
func (c *Chat) sweepApproval(ctx context.Context, e state.WaitingEntry) bool {
	var due dueApproval
	if e.Err == nil {
		e.Err = json.Unmarshal(e.Message, &due)
	}
	if e.Err != nil {
		c.log.ErrorContext(ctx, "approval-due-unreadable", "error", e.Err)
		return true
	}
	if time.Now().Before(due.Due) {
		return false
	}
	r, err := c.timeOutApproval(ctx, due.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return true
	case err != nil:
		if ctx.Err() == nil {
			c.log.WarnContext(ctx, "approval-sweep-failed", "approval", due.ID, "error", err)
		}
		return false
	}
	return r.Outcome != nil
}
