package chattest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// ReplyMessage records a post that answers another one.
func (a *Adapter) ReplyMessage(ctx context.Context, thread chat.ThreadID, to chat.MessageID, post *chat.Post) (chat.MessageID, error) {
	if !a.has(Replier) {
		return "", fmt.Errorf("chattest: %s: %w", Replier, errors.ErrUnsupported)
	}
	return a.add(ctx, thread, post, to)
}

// PostChannelMessage records a post that begins a thread.
func (a *Adapter) PostChannelMessage(ctx context.Context, channel chat.ChannelID, post *chat.Post) (chat.ThreadID, chat.MessageID, error) {
	p, err := a.render(post)
	if err != nil {
		return "", "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	thread := chat.ThreadID(string(channel) + ":" + a.newID("thread"))
	if err := a.can(ctx, ChannelPoster, thread); err != nil {
		return "", "", err
	}
	p.Thread = thread
	id, err := a.addLocked(p)
	return thread, id, err
}

// PostEphemeral records a post for one user.
func (a *Adapter) PostEphemeral(ctx context.Context, thread chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	p, err := a.render(post)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, EphemeralPoster, thread); err != nil {
		return "", err
	}
	p.ID, p.Thread = chat.MessageID(a.newID("ephemeral")), thread
	a.ephemeral = append(a.ephemeral, ephemeralPost{user, p})
	return p.ID, nil
}

// ScheduleMessage records a post for later.
func (a *Adapter) ScheduleMessage(ctx context.Context, thread chat.ThreadID, post *chat.Post, at time.Time) (chat.ScheduledID, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, Scheduler, thread); err != nil {
		return "", err
	}
	id := chat.ScheduledID(a.newID("scheduled"))
	a.scheduled = append(a.scheduled, ScheduledPost{ID: id, Thread: thread, Text: a.shown(post), At: at})
	return id, nil
}

// CancelScheduledMessage forgets a post for later.
func (a *Adapter) CancelScheduledMessage(ctx context.Context, thread chat.ThreadID, id chat.ScheduledID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, Scheduler, thread); err != nil {
		return err
	}
	for i, p := range a.scheduled {
		if p.ID == id && p.Thread == thread {
			a.scheduled = slices.Delete(a.scheduled, i, i+1)
			return nil
		}
	}
	return a.notFound("cancel", "scheduled message")
}
