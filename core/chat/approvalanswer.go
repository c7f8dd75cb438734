package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// answer handles a click on a button of a request. The first click of
// somebody who may answer decides; what follows from it is stored before the
// click is settled.
func (s approvals) answer(ctx context.Context, a Adapter, ev *ActionEvent) error {
	id := ev.Value
	r, err := s.load(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && !sameThread(a, r.Thread, ev.ThreadID):
		s.chat.log.WarnContext(ctx, "approval-not-found", "adapter", a.Name(), "thread", string(ev.ThreadID))
		return s.whisper(ctx, ev, "This request is no longer known.")
	case err != nil:
		return err
	case r.Outcome == nil && !r.isLate() && !r.allows(ev.User.UserID):
		return s.whisper(ctx, ev, "You may not answer this request.")
	}
	r, err = s.decide(ctx, id, ApprovalOutcome{Approved: ev.ActionID == actionApprove, By: ev.User})
	if err != nil {
		return err
	}
	if err := s.tell(ctx, a, r, ev.MessageID); err != nil {
		return err
	}
	if ev.MessageID == "" {
		return nil
	}
	// Another card than the one that is known, or one that still had its buttons.
	return s.storeCard(ctx, a, r, ev.MessageID)
}

// decide ends the request with the outcome, unless it has ended, and
// returns it as it is then. An answer that comes too late is none.
func (s approvals) decide(ctx context.Context, id string, outcome ApprovalOutcome) (approvalRecord, error) {
	r, err := s.load(ctx, id)
	if err != nil {
		return r, err
	}
	r, err = s.record(id, r.ttl()).Update(ctx, func(r approvalRecord) (approvalRecord, error) {
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

// tell has the outcome handled and shown, unless that was done. message
// is where it is shown if the record does not know.
func (s approvals) tell(ctx context.Context, a Adapter, r approvalRecord, message MessageID) error {
	if r.Told || r.Outcome == nil {
		return nil
	}
	id := r.Approval.ID
	if r.Message != "" {
		message = r.Message
	}
	if message != "" {
		if err := s.storeCard(ctx, a, r, message); err != nil {
			return err
		}
	}
	_, err := (&host{chat: s.chat, adapter: a}).deliverEvent(ctx, &ApprovalEvent{
		EventBase: EventBase{ID: "approval:" + id, ThreadID: r.Thread, User: r.Outcome.By, At: r.Outcome.At},
		Approval:  r.Approval, Outcome: *r.Outcome, MessageID: message,
	})
	if err != nil {
		return fmt.Errorf("chat: approval %q: %w", id, err)
	}
	_, err = s.record(id, r.ttl()).Update(ctx, func(r approvalRecord) (approvalRecord, error) {
		if r.Thread == "" || r.Told {
			return r, errUnchanged
		}
		r.Told = true
		return r, nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return fmt.Errorf("chat: approval %q: %w", id, err)
	}
	s.forgetDue(ctx, id)
	return nil
}

// forgetDue takes a request that has ended out of the queue of those
// that can time out. Otherwise a sweep does when its time is over.
func (s approvals) forgetDue(ctx context.Context, id string) {
	if s.chat.cfg.Durability == DurabilityNone {
		return
	}
	entries, err := s.chat.dispatcher.Inbox().Waiting(ctx, approvalsDueKey)
	if err != nil {
		return
	}
	for _, e := range entries {
		var due dueApproval
		if e.Err == nil && json.Unmarshal(e.Message, &due) == nil && due.ID == id {
			_, _ = s.chat.dispatcher.Inbox().Settle(ctx, approvalsDueKey, e.Receipt)
		}
	}
}

// approvalCard is the data of a task that shows an outcome.
type approvalCard struct {
	ID      string    `json:"id"`
	Message MessageID `json:"message"`
}

func (s approvals) storeCard(ctx context.Context, a Adapter, r approvalRecord, message MessageID) error {
	base := EventBase{ID: "approval-card:" + r.Approval.ID + ":" + string(message), ThreadID: r.Thread}
	err := s.chat.storeTask(ctx, a, base, taskApprovalCard, approvalCard{r.Approval.ID, message})
	if err != nil {
		return fmt.Errorf("chat: approval %q: %w", r.Approval.ID, err)
	}
	return nil
}

// show replaces the question by the outcome.
func (s approvals) show(ctx context.Context, task *taskEvent) error {
	var shown approvalCard
	if err := json.Unmarshal(task.Data, &shown); err != nil {
		return fmt.Errorf("chat: approval card: %w", err)
	}
	r, err := s.load(ctx, shown.ID)
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
		s.chat.log.WarnContext(ctx, "approval-card-not-shown", "thread", string(r.Thread), "message", string(shown.Message), "error", err)
		return nil
	}
	return err
}

// whisper tells the user alone, where the platform can.
func (s approvals) whisper(ctx context.Context, ev *ActionEvent, text string) error {
	if ev.Thread == nil || ev.User.UserID == "" {
		return nil
	}
	_, err := ev.Thread.PostEphemeral(ctx, ev.User.UserID, Text(text), NoFallback)
	if err != nil && !isUnsupported(err) {
		s.chat.log.WarnContext(ctx, "approval-note-not-shown", "thread", string(ev.ThreadID), "error", err)
	}
	return nil
}

// end ends a request without an answer, and returns it.
func (s approvals) end(ctx context.Context, id string, outcome ApprovalOutcome) (approvalRecord, error) {
	r, err := s.decide(ctx, id, outcome)
	if err != nil {
		return r, err
	}
	a, ok := s.chat.adapters[r.Thread.Adapter()]
	if !ok {
		return r, fmt.Errorf("%w: %q", ErrUnknownAdapter, r.Thread.Adapter())
	}
	return r, s.tell(ctx, a, r, "")
}

// dueApproval is an entry of approvalsDueKey.
type dueApproval struct {
	ID  string    `json:"id"`
	Due time.Time `json:"due"`
}

// sweep ends the requests whose time is over. Every instance does, and
// what follows happens once.
func (s approvals) sweep(ctx context.Context) {
	entries, err := s.chat.dispatcher.Inbox().Waiting(ctx, approvalsDueKey)
	if err != nil {
		if ctx.Err() == nil {
			s.chat.log.WarnContext(ctx, "approval-sweep-failed", "error", err)
		}
		return
	}
	var done []state.Receipt
	for _, e := range entries {
		if s.sweepOne(ctx, e) {
			done = append(done, e.Receipt)
		} else if s.chat.cfg.Durability == DurabilityNone {
			// Looking has taken it out.
			if _, err := s.chat.state.Enqueue(context.WithoutCancel(ctx), approvalsDueKey, e.QueueEntry, 0); err != nil {
				s.chat.log.WarnContext(ctx, "approval-due-lost", "error", err)
			}
		}
	}
	if len(done) == 0 {
		return
	}
	if _, err := s.chat.dispatcher.Inbox().Settle(ctx, approvalsDueKey, done...); err != nil {
		s.chat.log.WarnContext(ctx, "approval-sweep-failed", "error", err)
	}
}

// sweepOne looks at one entry and reports whether it can go.
func (s approvals) sweepOne(ctx context.Context, e state.WaitingEntry) bool {
	var due dueApproval
	if e.Err == nil {
		e.Err = json.Unmarshal(e.Message, &due)
	}
	if e.Err != nil {
		s.chat.log.ErrorContext(ctx, "approval-due-unreadable", "error", e.Err)
		return true
	}
	if time.Now().Before(due.Due) {
		return false
	}
	r, err := s.end(ctx, due.ID, ApprovalOutcome{TimedOut: true})
	switch {
	case errors.Is(err, ErrNotFound):
		return true
	case err != nil:
		if ctx.Err() == nil {
			s.chat.log.WarnContext(ctx, "approval-sweep-failed", "approval", due.ID, "error", err)
		}
		return false
	}
	return r.Outcome != nil
}
