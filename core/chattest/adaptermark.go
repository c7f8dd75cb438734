package chattest

import (
	"context"
	"slices"
	"strings"

	"github.com/chat-adapter/chat-go/core/chat"
)

// AddReaction records a reaction to a post.
func (a *Adapter) AddReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	return a.react(ctx, thread, func() error { return a.messages.React(thread, id, emoji) })
}

// RemoveReaction removes it again.
func (a *Adapter) RemoveReaction(ctx context.Context, thread chat.ThreadID, id chat.MessageID, emoji string) error {
	return a.react(ctx, thread, func() error { return a.messages.Unreact(thread, id, emoji) })
}

func (a *Adapter) react(ctx context.Context, thread chat.ThreadID, change func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, Reactor, thread); err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	a.announce()
	return nil
}

// StartTyping counts how often the bot said that it is writing.
func (a *Adapter) StartTyping(ctx context.Context, thread chat.ThreadID, _ string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, Typer, thread); err != nil {
		return err
	}
	return a.messages.Type(thread)
}

// StopTyping records that the bot is writing no more.
func (a *Adapter) StopTyping(ctx context.Context, thread chat.ThreadID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, Typer, thread); err != nil {
		return err
	}
	a.stopped[thread]++
	return nil
}

// MarkSession records the status of the thread's session.
func (a *Adapter) MarkSession(ctx context.Context, thread chat.ThreadID, status chat.SessionStatus) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, SessionMarker, thread); err != nil {
		return err
	}
	a.sessions[thread] = append(a.sessions[thread], status)
	return nil
}

// MarkRead records how far the thread was read.
func (a *Adapter) MarkRead(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, ReadMarker, thread); err != nil {
		return err
	}
	a.read[thread] = id
	return nil
}

// MarkFailed records that a message is marked as one that could not be handled.
func (a *Adapter) MarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, FailureMarker, thread); err != nil {
		return err
	}
	if !slices.Contains(a.failed[thread], id) {
		a.failed[thread] = append(a.failed[thread], id)
	}
	return nil
}

// UnmarkFailed records that the mark was removed.
func (a *Adapter) UnmarkFailed(ctx context.Context, thread chat.ThreadID, id chat.MessageID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, FailureMarker, thread); err != nil {
		return err
	}
	a.failed[thread] = slices.DeleteFunc(a.failed[thread], func(m chat.MessageID) bool { return m == id })
	return nil
}

// Permalink returns an address for the message.
func (a *Adapter) Permalink(ctx context.Context, thread chat.ThreadID, id chat.MessageID) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, Permalinker, thread); err != nil {
		return "", err
	}
	return permalinks + string(thread) + "/" + string(id), nil
}

const permalinks = "https://fake.example/"

// ResolveLink returns the message that has the address.
func (a *Adapter) ResolveLink(ctx context.Context, url string) (chat.ThreadID, chat.MessageID, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rest, _ := strings.CutPrefix(url, permalinks)
	at := strings.LastIndex(rest, "/")
	thread := chat.ThreadID(rest[:max(at, 0)])
	if _, err := a.DecodeThreadID(thread); err != nil {
		return "", "", a.notFound("resolve link", "message")
	}
	return thread, chat.MessageID(rest[at+1:]), a.can(ctx, LinkResolver, thread)
}
