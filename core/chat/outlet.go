package chat

import (
	"context"
	"fmt"
	"time"
)

// outlet is where content is posted to: a thread, a message that it answers, or a
// channel.
type outlet struct {
	caller
	// place names where it is for those who follow a failed attempt.
	place string
	// open makes the platform post, and says where the message stands.
	open func(ctx context.Context, post *Post) (*Thread, MessageID, error)
	// thread is where a stream or a plan can have a form of its own. Nil: nowhere.
	thread *Thread
	// scope is where clicks on its buttons come from.
	scope callbackScope
	// keep records what was posted.
	keep func(context.Context, *SentMessage)
}

// post posts any content.
func (o outlet) post(ctx context.Context, content Postable) (*SentMessage, error) {
	if err := o.guard(ctx); err != nil {
		return nil, err
	}
	switch c := content.(type) {
	case Stream:
		return o.stream(ctx, &streamPost{chunks: textChunks(c)})
	case Chunks:
		return o.stream(ctx, &streamPost{chunks: c.seq()})
	case *streamPost:
		return o.stream(ctx, c)
	case *Plan:
		return c.post(ctx, o)
	}
	post, err := o.outgoing(ctx, o.scope, content)
	if err != nil {
		return nil, err
	}
	thread, id, err := o.send(ctx, post)
	if err != nil {
		return nil, err
	}
	return o.sent(ctx, thread, id, time.Now(), post), nil
}

// send posts once.
func (o outlet) send(ctx context.Context, post *Post) (thread *Thread, id MessageID, err error) {
	err = o.do(ctx, func(ctx context.Context) error {
		thread, id, err = o.put(ctx, post)
		return err
	}, post.rewinder())
	if err == nil && id == "" {
		err = errNoID(o.adapter)
	}
	return thread, id, err
}

// sent records a message that the platform has taken, also when ctx has ended
// since.
func (o outlet) sent(ctx context.Context, thread *Thread, id MessageID, at time.Time, post *Post) *SentMessage {
	sent := thread.newSent(id, at, post)
	o.keep(context.WithoutCancel(ctx), sent)
	return sent
}

// newSent returns a message of the bot.
func (t *Thread) newSent(id MessageID, at time.Time, post *Post) *SentMessage {
	return &SentMessage{thread: t, Message: &Message{
		ID: id, ThreadID: t.id, Text: post.AsText(), Formatted: post.AsTree(), SentAt: at, Attachments: post.Attachments,
		Author: t.chat.self(),
	}}
}

// self is the bot as the author of what it posts.
func (c *Chat) self() Author {
	return Author{UserID: "self", UserName: c.userName, FullName: c.userName, Bot: new(true), Me: true}
}

// outlet returns the thread as a place to post to.
func (t *Thread) outlet() outlet {
	return outlet{
		caller: t.caller(), place: string(t.id), thread: t, scope: threadScope(t.id), keep: func(ctx context.Context, s *SentMessage) { t.record(ctx, s.Message) },
		open: func(ctx context.Context, post *Post) (*Thread, MessageID, error) {
			id, err := t.adapter.PostMessage(ctx, t.id, post)
			return t, id, err
		},
	}
}

func errNoID(a Adapter) error {
	return fmt.Errorf("chat: adapter %q posted a message and returned no id", a.Name())
}

// outgoing returns the content as it goes to the platform, with tokens for
// callback URLs.
func (p caller) outgoing(ctx context.Context, scope callbackScope, content Postable) (*Post, error) {
	post, err := outgoing(content)
	if err != nil {
		return nil, err
	}
	shown, err := p.chat.withCallbacks(ctx, scope, post.Card)
	if err != nil || shown == post.Card {
		return post, err
	}
	out := *post
	out.Card = shown
	return &out, nil
}
