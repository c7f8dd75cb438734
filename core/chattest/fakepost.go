package chattest

import (
	"context"
	"fmt"
	"slices"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Posts returns what the bot has posted to the thread, oldest first.
func (f *Fake) Posts(thread chat.ThreadID) []Posted {
	return f.messages.in(thread)
}

// AwaitPosts waits until the bot has posted n messages to the thread.
func (f *Fake) AwaitPosts(ctx context.Context, thread chat.ThreadID, n int) ([]Posted, error) {
	for {
		f.mu.Lock()
		posts, changed := f.messages.in(thread), f.changed
		f.mu.Unlock()
		if len(posts) >= n {
			return posts, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return posts, fmt.Errorf("chattest: %d of %d posts: %w", len(posts), n, ctx.Err())
		}
	}
}

// Ephemeral returns what only the user was shown in the thread, oldest first.
func (f *Fake) Ephemeral(thread chat.ThreadID, user chat.UserID) []Posted {
	f.mu.Lock()
	defer f.mu.Unlock()
	var posts []Posted
	for _, p := range f.ephemeral {
		if p.Thread == thread && p.user == user {
			posts = append(posts, p.Posted)
		}
	}
	return posts
}

// Scheduled returns the posts for later in the thread, in the order in which they
// were made.
func (f *Fake) Scheduled(thread chat.ThreadID) []ScheduledPost {
	f.mu.Lock()
	defer f.mu.Unlock()
	var posts []ScheduledPost
	for _, p := range f.scheduled {
		if p.Thread == thread {
			posts = append(posts, p)
		}
	}
	return posts
}

// Failed returns the messages of the thread that are marked as ones that could not be
// handled.
func (f *Fake) Failed(thread chat.ThreadID) []chat.MessageID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.failed[thread])
}

// Read returns the message up to which the bot has marked the thread as read.
func (f *Fake) Read(thread chat.ThreadID) chat.MessageID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read[thread]
}

// Typed returns how often the bot said that it is writing in the thread.
func (f *Fake) Typed(thread chat.ThreadID) int {
	return f.messages.typing(thread)
}

// StoppedTyping returns how often the bot said that it is writing no more.
func (f *Fake) StoppedTyping(thread chat.ThreadID) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stopped[thread]
}

// Sessions returns what the bot has marked the thread's session as, oldest first.
func (f *Fake) Sessions(thread chat.ThreadID) []chat.SessionStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sessions[thread])
}
