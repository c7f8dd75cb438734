package chattest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// MessageStore keeps the messages of a fake platform, for the test of an adapter: the
// fake server that an author writes is then the platform's wire format alone.
//
//	store := chattest.NewMessageStore("pager")
//	// the server's handlers call Post, Edit, Delete, React, Unreact and Type, and
//	// write their errors as the platform does
//	harness := adaptertest.Harness{Posts: store.Posts, Typing: store.Typing, Limit: store.Limit, …}
//
// Errors are *[chat.PlatformError]: CodeNotFound for a message that is not there or
// was deleted, and CodeRateLimited for a request that Limit refuses, which has
// changed nothing. It is safe for concurrent use.
type MessageStore struct {
	adapter string

	mu     sync.Mutex
	posts  []Posted
	typed  map[chat.ThreadID]int
	passes int           // requests until one is refused
	wait   time.Duration // what the refused one is told
}

// NewMessageStore returns an empty store. The adapter's name stands in its errors.
func NewMessageStore(adapter string) *MessageStore {
	return &MessageStore{adapter: adapter, typed: map[chat.ThreadID]int{}}
}

// Post adds a message. Without an ID it gets one: "1", "2" and so on, of all
// messages.
func (s *MessageStore) Post(p Posted) (Posted, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuse("post"); err != nil {
		return Posted{}, err
	}
	if p.ID == "" {
		p.ID = chat.MessageID(strconv.Itoa(len(s.posts) + 1))
	}
	s.posts = append(s.posts, p)
	return p, nil
}

// Edit has change change a message and counts the edit.
func (s *MessageStore) Edit(thread chat.ThreadID, id chat.MessageID, change func(*Posted)) error {
	return s.change("edit", thread, id, func(p *Posted) {
		change(p)
		p.Edits++
	})
}

// Delete removes a message from what is shown.
func (s *MessageStore) Delete(thread chat.ThreadID, id chat.MessageID) error {
	return s.change("delete", thread, id, func(p *Posted) { p.Deleted = true })
}

// React adds a reaction of the bot, unless it is there.
func (s *MessageStore) React(thread chat.ThreadID, id chat.MessageID, emoji string) error {
	return s.change("react", thread, id, func(p *Posted) {
		if !slices.Contains(p.Reactions, emoji) {
			p.Reactions = append(slices.Clone(p.Reactions), emoji)
		}
	})
}

// Unreact removes a reaction of the bot, if it is there.
func (s *MessageStore) Unreact(thread chat.ThreadID, id chat.MessageID, emoji string) error {
	return s.change("unreact", thread, id, func(p *Posted) {
		p.Reactions = slices.DeleteFunc(slices.Clone(p.Reactions), func(e string) bool { return e == emoji })
	})
}

// Type notes that the bot said that it is writing.
func (s *MessageStore) Type(thread chat.ThreadID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuse("type"); err != nil {
		return err
	}
	s.typed[thread]++
	return nil
}

// Limit refuses one request because of its rate, and says when to come again:
// the next one, or a later one if some pass before it.
func (s *MessageStore) Limit(pass int, retryAfter time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes, s.wait = pass, retryAfter
}

// Posts returns the messages of a thread, also those that were deleted, oldest
// first. It has the form of adaptertest.Harness.Posts; its error is nil.
func (s *MessageStore) Posts(_ context.Context, thread chat.ThreadID) ([]Posted, error) {
	return s.in(thread), nil
}

func (s *MessageStore) in(thread chat.ThreadID) []Posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Posted
	for _, p := range s.posts {
		if p.Thread == thread {
			all = append(all, p)
		}
	}
	return all
}

// All returns the messages of all threads, also those that were deleted, oldest
// first.
func (s *MessageStore) All() []Posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posts)
}

// Typing returns how often the bot said that it is writing in the thread. It has the
// form of adaptertest.Harness.Typing; its error is nil.
func (s *MessageStore) Typing(_ context.Context, thread chat.ThreadID) (int, error) {
	return s.typing(thread), nil
}

func (s *MessageStore) typing(thread chat.ThreadID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.typed[thread]
}

func (s *MessageStore) change(op string, thread chat.ThreadID, id chat.MessageID, change func(*Posted)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuse(op); err != nil {
		return err
	}
	for i := range s.posts {
		if p := &s.posts[i]; p.ID == id && p.Thread == thread && !p.Deleted {
			change(p)
			return nil
		}
	}
	return &chat.PlatformError{Adapter: s.adapter, Op: op, Code: chat.CodeNotFound, Err: errors.New("no such message")}
}

// refuse is the refusal that Limit asked for, once. The caller holds mu.
func (s *MessageStore) refuse(op string) error {
	if s.wait == 0 {
		return nil
	}
	if s.passes > 0 {
		s.passes--
		return nil
	}
	wait := s.wait
	s.wait = 0
	return &chat.PlatformError{Adapter: s.adapter, Op: op, Code: chat.CodeRateLimited, RetryAfter: wait}
}
