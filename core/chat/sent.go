package chat

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/emoji"
)

// SentMessage is a message that the bot posted. It is safe for concurrent use as
// long as nobody changes Message.
//
// For a stream that ends without anything to show, nothing is posted: the ID is empty,
// and the methods that need a message return [ErrNotFound].
type SentMessage struct {
	// Message is what was posted. Edit does not change it.
	Message *Message
	// Finish is why the language model has stopped whose [Chunks] were posted. Empty:
	// not known, or no model.
	Finish FinishReason
	thread *Thread // nil if nothing was posted
}

// nothing returns what a stream without text was posted as.
func (o outlet) nothing() *SentMessage {
	return &SentMessage{Message: &Message{Author: o.chat.self()}, thread: o.thread}
}

// isNothing reports whether no message was posted.
func (s *SentMessage) isNothing() bool { return s.Message.ID == "" }

var errNothingPosted = fmt.Errorf("chat: the stream had no text, so no message was posted: %w", ErrNotFound)

// Sent returns the message of the thread with this id as one that the bot posted,
// for instance before it was restarted. It asks nobody: an id that names no such
// message shows in what is done with it.
func (t *Thread) Sent(id MessageID) *SentMessage {
	return &SentMessage{Message: &Message{ID: id, ThreadID: t.id, Author: t.chat.self()}, thread: t}
}

// ID returns the message's id.
func (s *SentMessage) ID() MessageID { return s.Message.ID }

// Thread returns the thread that the message stands in. For one that was posted
// to a channel it is the thread that it begins, and nil if nothing was posted.
func (s *SentMessage) Thread() *Thread { return s.thread }

// Edit replaces the message's content. A stream or a plan cannot replace it: that is
// [ErrInvalidArgument].
func (s *SentMessage) Edit(ctx context.Context, content Postable) error {
	if s.isNothing() {
		return errNothingPosted
	}
	t := s.thread
	if err := t.guard(ctx); err != nil {
		return err
	}
	post, err := t.caller().outgoing(ctx, threadScope(t.id), content)
	if err != nil {
		return err
	}
	return t.caller().do(ctx, func(ctx context.Context) error {
		return t.adapter.EditMessage(ctx, t.id, s.Message.ID, post)
	}, post.rewinder())
}

// Delete removes the message.
func (s *SentMessage) Delete(ctx context.Context) error {
	if s.isNothing() {
		return errNothingPosted
	}
	t := s.thread
	err := t.caller().do(ctx, func(ctx context.Context) error {
		return t.adapter.DeleteMessage(ctx, t.id, s.Message.ID)
	}, nil)
	if err == nil {
		t.attempt.forget(t.id, s.Message.ID)
	}
	return err
}

// React adds an emoji reaction to the message.
func (s *SentMessage) React(ctx context.Context, e emoji.Emoji) error {
	if s.isNothing() {
		return errNothingPosted
	}
	return s.thread.React(ctx, s.Message.ID, e)
}

// Unreact removes the bot's emoji reaction from the message.
func (s *SentMessage) Unreact(ctx context.Context, e emoji.Emoji) error {
	if s.isNothing() {
		return errNothingPosted
	}
	return s.thread.Unreact(ctx, s.Message.ID, e)
}

// Permalink returns the message's address for a browser.
func (s *SentMessage) Permalink(ctx context.Context) (string, error) {
	if s.isNothing() {
		return "", errNothingPosted
	}
	return s.thread.Permalink(ctx, s.Message.ID)
}
