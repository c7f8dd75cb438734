package chat

import (
	"context"
	"fmt"
)

// EphemeralFallback says what becomes of a message for one user where the
// platform has none.
type EphemeralFallback int

const (
	// NoFallback returns an error that satisfies errors.Is(err,
	// errors.ErrUnsupported).
	NoFallback EphemeralFallback = iota
	// FallbackDM sends it as a direct message.
	FallbackDM
)

// EphemeralMessage is a message that only one user sees.
type EphemeralMessage struct {
	// ID is the platform's id of it, which may not name anything later.
	ID MessageID
	// Direct is the message in the direct conversation, if that was the fallback.
	// Nil: the user sees the message where it was posted.
	Direct *SentMessage
}

// PostEphemeral shows a message to one user of the thread only: any content but a
// stream or a plan.
func (t *Thread) PostEphemeral(ctx context.Context, user UserID, content Postable, fallback EphemeralFallback) (*EphemeralMessage, error) {
	return t.caller().postEphemeral(ctx, t.id, user, content, fallback)
}

// PostEphemeral shows a message to one user of the channel only: any content but
// a stream or a plan.
func (c *Channel) PostEphemeral(ctx context.Context, user UserID, content Postable, fallback EphemeralFallback) (*EphemeralMessage, error) {
	var thread ThreadID // none: only the fallback is possible
	if t, err := c.root(); err == nil {
		thread = t.id
	}
	return c.caller().postEphemeral(ctx, thread, user, content, fallback)
}

func (p caller) postEphemeral(ctx context.Context, thread ThreadID, user UserID, content Postable, fallback EphemeralFallback) (*EphemeralMessage, error) {
	if err := p.guard(ctx); err != nil {
		return nil, err
	}
	if user == "" {
		return nil, fmt.Errorf("%w: user is empty", ErrInvalidArgument)
	}
	if fallback < NoFallback || fallback > FallbackDM {
		return nil, fmt.Errorf("%w: fallback is %d, want NoFallback or FallbackDM", ErrInvalidArgument, fallback)
	}
	post, err := outgoing(content)
	if err != nil {
		return nil, err
	}
	message, err := p.showOne(ctx, thread, user, post)
	if err == nil || fallback == NoFallback || !isUnsupported(err) {
		return message, err
	}
	dm, err := p.openDM(ctx, user)
	if err != nil {
		return nil, err
	}
	sent, err := dm.Post(ctx, post)
	if err != nil {
		return nil, err
	}
	return &EphemeralMessage{ID: sent.ID(), Direct: sent}, nil
}

func (p caller) showOne(ctx context.Context, thread ThreadID, user UserID, post *Post) (*EphemeralMessage, error) {
	poster, ok := p.adapter.(EphemeralPoster)
	if !ok || thread == "" {
		return nil, unsupported(p.adapter.Name(), "ephemeral messages")
	}
	post, err := p.outgoing(ctx, threadScope(thread), post)
	if err != nil {
		return nil, err
	}
	message := new(EphemeralMessage)
	err = p.do(ctx, func(ctx context.Context) (err error) {
		message.ID, err = poster.PostEphemeral(ctx, thread, user, post)
		return err
	}, post.rewinder())
	if err != nil {
		return nil, err
	}
	return message, nil
}
