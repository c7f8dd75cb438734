package chat

import (
	"context"
	"fmt"
	"time"
)

// ScheduledMessage is a message that the platform will post.
type ScheduledMessage struct {
	// ID names it on its platform, also for [Thread.Scheduled].
	ID ScheduledID
	// At is when it will be posted. Zero, from Thread.Scheduled: not known.
	At time.Time

	thread *Thread
}

// Schedule has the platform post a message at a time in the future: any content
// but a stream or a plan, and without files. Where the platform cannot, the error
// satisfies errors.Is(err, errors.ErrUnsupported).
func (t *Thread) Schedule(ctx context.Context, content Postable, at time.Time) (*ScheduledMessage, error) {
	s, err := ability[Scheduler](ctx, t.caller(), "scheduled messages")
	if err != nil {
		return nil, err
	}
	post, err := t.caller().outgoing(ctx, threadScope(t.id), content)
	if err != nil {
		return nil, err
	}
	if len(post.Files) > 0 {
		return nil, fmt.Errorf("%w: Files cannot be part of a scheduled message", ErrInvalidArgument)
	}
	if !at.After(time.Now()) {
		return nil, fmt.Errorf("%w: at is %v, want a time in the future", ErrInvalidArgument, at)
	}
	message := &ScheduledMessage{At: at, thread: t}
	err = t.caller().do(ctx, func(ctx context.Context) error {
		message.ID, err = s.ScheduleMessage(ctx, t.id, post, at)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	place := "scheduled>" + string(t.id)
	if prev, ok := t.attempt.take(place); ok {
		t.caller().remove(ctx, prev)
	}
	t.attempt.note(posted{Place: place, Thread: t.id, ID: MessageID(message.ID), Scheduled: true})
	return message, nil
}

// Scheduled returns the scheduled message of the thread with this id, for instance to
// cancel it after a restart. It asks nobody: an id that names no such message shows in
// what is done with it.
func (t *Thread) Scheduled(id ScheduledID) *ScheduledMessage {
	return &ScheduledMessage{ID: id, thread: t}
}

// Cancel takes the message back. It returns [ErrNotFound] if it was posted or
// cancelled already, and an error that satisfies errors.Is(err, errors.ErrUnsupported)
// where the platform schedules nothing.
func (m *ScheduledMessage) Cancel(ctx context.Context) error {
	t := m.thread
	s, err := ability[Scheduler](ctx, t.caller(), "scheduled messages")
	if err != nil {
		return err
	}
	err = t.caller().do(ctx, func(ctx context.Context) error { return s.CancelScheduledMessage(ctx, t.id, m.ID) }, nil)
	if err == nil {
		t.attempt.forget(t.id, MessageID(m.ID))
	}
	return err
}
