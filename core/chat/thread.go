package chat

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Thread is a conversation. It is safe for concurrent use. A Thread that came
// with an event belongs to that event's turn: once the turn's context has ended,
// its methods return the cause, whatever context they are given.
type Thread struct {
	chat    *Chat
	adapter Adapter
	id      ThreadID
	ref     ThreadRef
	lease   *lease   // nil outside a turn
	current *Message // the message that is being handled; nil outside of its turn

	visibility Visibility // as its JSON said; empty: unknown
	extra      string     // fields of its JSON that have no name here
}

// Thread returns the thread with the id, for use outside of a handler. It
// returns [ErrUnknownAdapter] or [ErrInvalidArgument] for an id that no adapter
// of the bot made.
func (c *Chat) Thread(id ThreadID) (*Thread, error) {
	adapter, ok := c.adapters[id.Adapter()]
	if !ok {
		return nil, fmt.Errorf("%w: thread id %q starts with %q", ErrUnknownAdapter, id, id.Adapter())
	}
	ref, err := adapter.DecodeThreadID(id)
	if err != nil {
		return nil, err
	}
	return &Thread{chat: c, adapter: adapter, id: id, ref: ref}, nil
}

// OpenDM returns the thread of the direct conversation with a user. Its error
// satisfies errors.Is(err, errors.ErrUnsupported) where the platform has none.
func (c *Chat) OpenDM(ctx context.Context, adapter string, user UserID) (*Thread, error) {
	a, ok := c.adapters[adapter]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownAdapter, adapter)
	}
	dm, ok := a.(DirectMessenger)
	if !ok {
		return nil, unsupported(adapter, "direct messages")
	}
	id, err := dm.OpenDM(ctx, user)
	if err != nil {
		return nil, err
	}
	return c.Thread(id)
}

// ID returns the thread's id.
func (t *Thread) ID() ThreadID { return t.id }

// ChannelID returns the id of the channel that the thread belongs to.
func (t *Thread) ChannelID() ChannelID { return channelID(t.adapter, t.ref) }

func channelID(a Adapter, ref ThreadRef) ChannelID { return ChannelID(a.Name() + ":" + ref.Channel) }

// IsDM reports whether the thread is a direct conversation with the bot.
func (t *Thread) IsDM() bool { return t.ref.DM }

// Adapter returns the thread's adapter, for what only its platform can do.
func (t *Thread) Adapter() Adapter { return t.adapter }

// guard returns why the turn that the thread belongs to has ended, or nil.
func (t *Thread) guard(ctx context.Context) error {
	if t.lease != nil {
		if err := t.lease.err(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Subscribe makes further messages of the thread go to the handlers of
// OnSubscribedMessage. It lasts until Unsubscribe.
func (t *Thread) Subscribe(ctx context.Context) error {
	if err := t.guard(ctx); err != nil {
		return err
	}
	return t.chat.state.Subscribe(ctx, string(t.id))
}

// Unsubscribe undoes Subscribe.
func (t *Thread) Unsubscribe(ctx context.Context) error {
	if err := t.guard(ctx); err != nil {
		return err
	}
	return t.chat.state.Unsubscribe(ctx, string(t.id))
}

// IsSubscribed reports whether the bot is subscribed to the thread.
func (t *Thread) IsSubscribed(ctx context.Context) (bool, error) {
	if err := t.guard(ctx); err != nil {
		return false, err
	}
	return t.chat.state.IsSubscribed(ctx, string(t.id))
}

// StartTyping shows that the bot is writing. Where the platform cannot show it,
// nothing happens.
func (t *Thread) StartTyping(ctx context.Context) error {
	if err := t.guard(ctx); err != nil {
		return err
	}
	if typer, ok := t.adapter.(Typer); ok {
		return typer.StartTyping(ctx, t.id, "")
	}
	return nil
}

// Post sends a message to the thread. A Stream is shown as it grows; if its
// sequence yields an error, Post returns what was posted along with the error.
func (t *Thread) Post(ctx context.Context, content Postable) (*SentMessage, error) {
	if err := t.guard(ctx); err != nil {
		return nil, err
	}
	switch s := content.(type) {
	case Stream:
		return t.postStream(ctx, textChunks(s))
	case Chunks:
		return t.postStream(ctx, iter.Seq2[Chunk, error](s))
	}
	post, err := newPost(content)
	if err != nil {
		return nil, err
	}
	id, err := t.adapter.PostMessage(ctx, t.id, post)
	if err != nil {
		return nil, err
	}
	return t.sent(ctx, id, post), nil
}

// sent records a message that the platform has taken, also when ctx has ended
// since.
func (t *Thread) sent(ctx context.Context, id MessageID, post *Post) *SentMessage {
	m := &Message{
		ID: id, ThreadID: t.id, Text: post.AsText(), Formatted: post.AsTree(), SentAt: time.Now(),
		Author: Author{UserID: "self", UserName: t.chat.userName, FullName: t.chat.userName, Bot: new(true), Me: true},
	}
	t.record(context.WithoutCancel(ctx), m)
	return &SentMessage{Message: m, thread: t}
}

func newPost(content Postable) (*Post, error) {
	switch p := content.(type) {
	case Text:
		if p == "" {
			return nil, fmt.Errorf("%w: the text to post is empty", ErrInvalidArgument)
		}
		return &Post{Text: string(p)}, nil
	case Markdown:
		if p == "" {
			return nil, fmt.Errorf("%w: the Markdown to post is empty", ErrInvalidArgument)
		}
		return &Post{Markdown: string(p)}, nil
	case *Post:
		if p == nil {
			return nil, fmt.Errorf("%w: the post is nil", ErrInvalidArgument)
		}
		return p, p.validate()
	}
	return nil, fmt.Errorf("%w: the post is %T, want Text, Markdown, Stream or *Post", ErrInvalidArgument, content)
}

func (p *Post) validate() error {
	n := 0
	if p.Text != "" {
		n++
	}
	if p.Markdown != "" {
		n++
	}
	if p.Tree != nil {
		n++
	}
	if p.Card != nil {
		n++
		if err := p.Card.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalidArgument, err)
		}
	}
	if n > 1 {
		return fmt.Errorf("%w: a post has more than one of Text, Markdown, Tree and Card", ErrInvalidArgument)
	}
	if n == 0 && len(p.Files) == 0 && len(p.Attachments) == 0 {
		return fmt.Errorf("%w: a post has none of Text, Markdown, Tree, Card, Files and Attachments", ErrInvalidArgument)
	}
	for i, f := range p.Files {
		if f.Name == "" || f.Content == nil {
			return fmt.Errorf("%w: Files[%d] needs a Name and a Content", ErrInvalidArgument, i)
		}
	}
	return nil
}

// SentMessage is a message that the bot posted. It is safe for concurrent use as
// long as nobody changes Message.
type SentMessage struct {
	// Message is what was posted.
	Message *Message
	thread  *Thread
}

// ID returns the message's id.
func (s *SentMessage) ID() MessageID { return s.Message.ID }

// Edit replaces the message's content.
func (s *SentMessage) Edit(ctx context.Context, content Postable) error {
	if err := s.thread.guard(ctx); err != nil {
		return err
	}
	switch content.(type) {
	case Stream, Chunks:
		return fmt.Errorf("%w: a stream cannot replace a message", ErrInvalidArgument)
	}
	post, err := newPost(content)
	if err != nil {
		return err
	}
	return s.thread.adapter.EditMessage(ctx, s.thread.id, s.Message.ID, post)
}

// Delete removes the message.
func (s *SentMessage) Delete(ctx context.Context) error {
	if err := s.thread.guard(ctx); err != nil {
		return err
	}
	return s.thread.adapter.DeleteMessage(ctx, s.thread.id, s.Message.ID)
}

// React adds an emoji reaction to the message.
func (s *SentMessage) React(ctx context.Context, emoji string) error {
	return s.thread.React(ctx, s.Message.ID, emoji)
}

// React adds an emoji reaction to a message of the thread.
func (t *Thread) React(ctx context.Context, id MessageID, emoji string) error {
	if err := t.guard(ctx); err != nil {
		return err
	}
	r, ok := t.adapter.(Reactor)
	if !ok {
		return unsupported(t.adapter.Name(), "reactions")
	}
	return r.AddReaction(ctx, t.id, id, emoji)
}

// Unreact removes the bot's emoji reaction from a message of the thread.
func (t *Thread) Unreact(ctx context.Context, id MessageID, emoji string) error {
	if err := t.guard(ctx); err != nil {
		return err
	}
	r, ok := t.adapter.(Reactor)
	if !ok {
		return unsupported(t.adapter.Name(), "reactions")
	}
	return r.RemoveReaction(ctx, t.id, id, emoji)
}
