package chat

import (
	"context"
	"errors"
	"fmt"
)

// SessionStatus says where the bot's work in a thread stands, for the people who see
// the thread.
type SessionStatus string

// The statuses, as the TypeScript SDK and Slack name them.
const (
	// SessionProcessing says that the bot is at work. Slack shows a button that stops
	// it.
	SessionProcessing SessionStatus = "processing"
	// SessionActive says that the bot has answered and can be asked more.
	SessionActive SessionStatus = "active"
	// SessionSuspended says that the bot waits for somebody, such as for an approval.
	SessionSuspended SessionStatus = "suspended"
	// SessionClosed says that the work is done.
	SessionClosed SessionStatus = "closed"
)

func (s SessionStatus) validate(name string) error {
	switch s {
	case SessionProcessing, SessionActive, SessionSuspended, SessionClosed:
		return nil
	}
	return fmt.Errorf("%w: %s is %q, want %q, %q, %q or %q", ErrInvalidArgument, name, string(s),
		SessionProcessing, SessionActive, SessionSuspended, SessionClosed)
}

// MarkSession shows where the bot's work in the thread stands, until it is marked
// otherwise. Where the platform cannot show it, or its rate limit forbids it, nothing
// happens. It returns [ErrInvalidArgument] for another status.
func (t *Thread) MarkSession(ctx context.Context, status SessionStatus) error {
	if err := t.guard(ctx); err != nil {
		return err
	}
	if err := status.validate("status"); err != nil {
		return err
	}
	marker, ok := t.adapter.(SessionMarker)
	if !ok {
		return nil
	}
	err := t.caller().do(ctx, func(ctx context.Context) error { return marker.MarkSession(ctx, t.id, status) }, never)
	if isUnsupported(err) || errors.Is(err, ErrRateLimited) {
		return nil
	}
	return err
}

// markSession marks the session of a thread in which a stream has ended. The stream is
// what it is whether or not that works.
func (o outlet) markSession(ctx context.Context, t *Thread, status SessionStatus) {
	if t == nil || status == "" {
		return
	}
	if err := t.MarkSession(ctx, status); err != nil {
		o.chat.log.WarnContext(ctx, "session-not-marked", "thread", string(t.id), "error", err)
	}
}
