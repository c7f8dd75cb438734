package chat

import (
	"context"
	"errors"
)

// Post sends a message to the thread. A [Stream] is shown as it grows; if it
// ends with an error, Post returns what was posted along with the error, and for one
// that had nothing to show a [SentMessage] without an ID. A *[Plan] is shown as it
// changes.
func (t *Thread) Post(ctx context.Context, content Postable) (*SentMessage, error) {
	return t.outlet().post(ctx, content)
}

// Reply sends a message as the answer to another one of the thread. Where messages
// have no answers, the error satisfies errors.Is(err, errors.ErrUnsupported).
func (t *Thread) Reply(ctx context.Context, to MessageID, content Postable) (*SentMessage, error) {
	replier, err := ability[Replier](ctx, t.caller(), "replies")
	if err != nil {
		return nil, err
	}
	if err := to.validate(); err != nil {
		return nil, err
	}
	o := t.outlet()
	o.thread, o.place = nil, string(t.id)+">"+string(to)
	o.keep = func(ctx context.Context, s *SentMessage) {
		s.Message.ReplyTo = &Message{ID: to, ThreadID: t.id}
		t.record(ctx, s.Message)
	}
	o.open = func(ctx context.Context, post *Post) (*Thread, MessageID, error) {
		id, err := replier.ReplyMessage(ctx, t.id, to, post)
		return t, id, err
	}
	return o.post(ctx, content)
}

// StartTyping shows that the bot is writing, with a status text such as
// "searching" where the platform has room for one; empty is none. Where the
// platform cannot show it, or its rate limit forbids it, nothing happens: no
// answer should wait for it.
func (t *Thread) StartTyping(ctx context.Context, status string) error {
	typer, ok := t.adapter.(Typer)
	if !ok {
		return t.guard(ctx)
	}
	err := t.caller().do(ctx, func(ctx context.Context) error { return typer.StartTyping(ctx, t.id, status) }, never)
	if isUnsupported(err) || errors.Is(err, ErrRateLimited) {
		return nil
	}
	return err
}

// StopTyping takes away what StartTyping shows before the next message does, for a bot
// that has found that there is nothing to say. Where the platform cannot, or its rate
// limit forbids it, nothing happens: the indicator ends by itself.
func (t *Thread) StopTyping(ctx context.Context) error {
	stopper, ok := t.adapter.(TypingStopper)
	if !ok {
		return t.guard(ctx)
	}
	err := t.caller().do(ctx, func(ctx context.Context) error { return stopper.StopTyping(ctx, t.id) }, never)
	if isUnsupported(err) || errors.Is(err, ErrRateLimited) {
		return nil
	}
	return err
}

// MarkRead marks the thread's messages up to this one as read. Where the platform
// shows nobody what a bot has read, the error satisfies errors.Is(err,
// errors.ErrUnsupported).
func (t *Thread) MarkRead(ctx context.Context, upTo MessageID) error {
	marker, err := ability[ReadMarker](ctx, t.caller(), "read marks")
	if err != nil {
		return err
	}
	if err := upTo.validate(); err != nil {
		return err
	}
	return t.caller().do(ctx, func(ctx context.Context) error { return marker.MarkRead(ctx, t.id, upTo) }, nil)
}

// Permalink returns the address of a message of the thread for a browser.
func (t *Thread) Permalink(ctx context.Context, id MessageID) (url string, err error) {
	p, err := ability[Permalinker](ctx, t.caller(), "permalinks")
	if err != nil {
		return "", err
	}
	if err := id.validate(); err != nil {
		return "", err
	}
	err = t.caller().do(ctx, func(ctx context.Context) error {
		url, err = p.Permalink(ctx, t.id, id)
		return err
	}, nil)
	return url, err
}

// Mention returns the text that mentions the user in a post: a placeholder,
// "<@id>", which the adapter writes as its platform does.
func (t *Thread) Mention(user UserID) string { return "<@" + string(user) + ">" }
