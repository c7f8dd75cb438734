package adapterkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// PartsConfig configures [Parts].
type PartsConfig struct {
	// Adapter is the adapter's name. Required.
	Adapter string
	// TTL is how long the further messages of a post are known. After that an edit
	// leaves them alone. Default: 30 days.
	TTL time.Duration
	// CleanUp bounds the taking back of what was posted of a post that failed.
	// Default: 10 s.
	CleanUp time.Duration
}

// Parts posts, edits and deletes posts that are too long for one message of the
// platform. A post is several messages behind the id of the first one; the ids of
// the others stand in the state, under "{adapter}:parts:{id of the first}". It is
// safe for concurrent use, except that two edits of one post at the same time make
// a mixture.
type Parts struct {
	cfg  PartsConfig
	host chat.Host
}

// NewParts returns the Parts of an adapter. It needs the adapter's host, so call it in
// Attach.
func NewParts(host chat.Host, cfg PartsConfig) *Parts {
	if cfg.TTL <= 0 {
		cfg.TTL = 30 * 24 * time.Hour
	}
	if cfg.CleanUp <= 0 {
		cfg.CleanUp = 10 * time.Second
	}
	return &Parts{cfg: cfg, host: host}
}

// PartCalls are what changes one message on the platform. Their errors are
// *[chat.PlatformError].
type PartCalls struct {
	// Send posts the part with the number i, from 0, and returns its id. First is
	// the id of the first one, empty for that itself. Required.
	Send func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error)
	// Edit replaces a message by the part with the number i. Required for Edit.
	Edit func(ctx context.Context, i int, id chat.MessageID) error
	// Delete removes a message. Default: the platform cannot.
	Delete func(ctx context.Context, id chat.MessageID) error
	// Simplify is asked when the platform refuses the part with the number i. It may
	// put one or more simpler parts in its place, which are sent next, and returns how
	// many parts there are then; 0 lets the refusal stand, as it must in the end.
	// Default: it stands.
	Simplify func(i int, refusal error) (n int)
}

// each makes the call for each part, in a simpler form if it has to, and returns how
// many parts there were in the end. Calls wait for the rate limit, but for the first
// one: what it refuses has changed nothing.
func (c *PartCalls) each(ctx context.Context, n int, patience *time.Duration, call func(i int) error) (int, error) {
	for i := 0; i < n; {
		var err error
		if i == 0 {
			err = call(0)
		} else {
			err = Retry(ctx, patience, func() error { return call(i) })
		}
		if err == nil {
			i++
			continue
		}
		if c.Simplify == nil {
			return n, err
		}
		more := c.Simplify(i, err)
		if more <= i {
			return n, err
		}
		n = more
	}
	return n, nil
}

// Post posts n parts, at least one, and returns the id of the first.
//
// A failure in the middle takes back what was posted. So a post that the rate limit
// has refused has changed nothing, and the bot makes it again after RetryAfter.
// Where messages cannot be taken back, the error is never [chat.ErrRateLimited]: it
// is one with CodeTemporary that says how many were posted.
func (p *Parts) Post(ctx context.Context, n int, calls PartCalls) (chat.MessageID, error) {
	if n < 1 {
		return "", fmt.Errorf("%w: %s: a post of %d parts, want at least one", chat.ErrInvalidArgument, p.cfg.Adapter, n)
	}
	var posted []chat.MessageID
	patience := p.host.RateLimitWait()
	n, err := calls.each(ctx, n, &patience, func(i int) error {
		var first chat.MessageID
		if i > 0 {
			first = posted[0]
		}
		id, err := calls.Send(ctx, i, first)
		if err == nil {
			posted = append(posted, id)
		}
		return err
	})
	if err != nil {
		return "", p.partly(err, p.takeBack(ctx, posted, calls), n)
	}
	p.Keep(ctx, posted)
	return posted[0], nil
}

// Edit replaces a post by n parts: messages are edited, added and deleted as it
// needs. Where it fails it can be called again with the same parts. It returns
// [chat.ErrNotFound] if the first message is not there.
func (p *Parts) Edit(ctx context.Context, first chat.MessageID, n int, calls PartCalls) error {
	old, err := p.further(ctx, first)
	if err != nil {
		return err
	}
	patience := p.host.RateLimitWait()
	now := append([]chat.MessageID{}, old...)
	n, err = calls.each(ctx, n, &patience, func(i int) error {
		if i == 0 {
			return calls.Edit(ctx, 0, first)
		}
		if i <= len(old) {
			err := calls.Edit(ctx, i, old[i-1])
			if !errors.Is(err, chat.ErrNotFound) {
				return err
			}
		}
		id, err := calls.Send(ctx, i, first) // it is new, or somebody has deleted it
		if err != nil {
			return err
		}
		if i <= len(old) {
			now[i-1] = id
		} else {
			now = append(now, id)
		}
		return nil
	})
	if err != nil {
		p.keepChanged(ctx, first, old, now)
		return err
	}
	for len(now) > n-1 {
		last := now[len(now)-1]
		if err := p.remove(ctx, &patience, last, calls); err != nil {
			p.keepChanged(ctx, first, old, now)
			return err
		}
		now = now[:len(now)-1]
	}
	p.keepChanged(ctx, first, old, now)
	return nil
}

// Delete removes a post. The first message goes last, so that its id names the rest
// as long as there is any: where it fails it can be called again. It returns
// [chat.ErrNotFound] if the first message is not there.
func (p *Parts) Delete(ctx context.Context, first chat.MessageID, calls PartCalls) error {
	more, err := p.further(ctx, first)
	if err != nil {
		return err
	}
	patience, rest := new(time.Duration), p.host.RateLimitWait() // none at the beginning: the bot makes the call again
	for _, id := range slices.Backward(more) {
		if err := p.remove(ctx, patience, id, calls); err != nil {
			return err
		}
		patience = &rest
	}
	err = Retry(ctx, patience, func() error { return deleteOne(ctx, first, calls) })
	if len(more) > 0 && (err == nil || errors.Is(err, chat.ErrNotFound)) {
		p.keep(ctx, first, nil)
	}
	return err
}

// remove deletes a further message. One that is gone is no error.
func (p *Parts) remove(ctx context.Context, patience *time.Duration, id chat.MessageID, calls PartCalls) error {
	err := Retry(ctx, patience, func() error { return deleteOne(ctx, id, calls) })
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	return err
}

func deleteOne(ctx context.Context, id chat.MessageID, calls PartCalls) error {
	if calls.Delete == nil {
		return fmt.Errorf("deleting a message: %w", errors.ErrUnsupported)
	}
	return calls.Delete(ctx, id)
}

// takeBack deletes messages, the last one first, as far as it can and returns how
// many are left.
func (p *Parts) takeBack(ctx context.Context, ids []chat.MessageID, calls PartCalls) (left int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.CleanUp)
	defer cancel()
	patience := p.cfg.CleanUp
	for _, id := range slices.Backward(ids) {
		if err := p.remove(ctx, &patience, id, calls); err != nil {
			left++
			p.host.Logger().WarnContext(ctx, "part-left", "message", string(id), "error", err)
		}
	}
	return left
}

// partly returns the error of a post of which some messages are left.
func (p *Parts) partly(err error, left, all int) error {
	if left == 0 {
		return err
	}
	failure, ok := errors.AsType[*chat.PlatformError](err)
	if !ok || failure.Code != chat.CodeRateLimited {
		return err
	}
	cause := fmt.Errorf("the rate limit stopped a post after %d of %d messages", left, all)
	return &chat.PlatformError{Adapter: failure.Adapter, Op: failure.Op, Code: chat.CodeTemporary, RetryAfter: failure.RetryAfter, Err: cause}
}

func (p *Parts) key(first chat.MessageID) string { return p.cfg.Adapter + ":parts:" + string(first) }

func (p *Parts) keepChanged(ctx context.Context, first chat.MessageID, old, now []chat.MessageID) {
	if len(old) > 0 || len(now) > 0 {
		p.keep(ctx, first, now)
	}
}

// Keep notes that messages are one post behind the id of the first, for an adapter
// that has posted them otherwise, as a stream. A failure is logged: without the note
// a later edit leaves the further messages alone.
func (p *Parts) Keep(ctx context.Context, ids []chat.MessageID) {
	if len(ids) > 1 {
		p.keep(ctx, ids[0], ids[1:])
	}
}

// Messages returns the ids of a post's messages, the first one's included. Its
// errors are the state's.
func (p *Parts) Messages(ctx context.Context, first chat.MessageID) ([]chat.MessageID, error) {
	more, err := p.further(ctx, first)
	return append([]chat.MessageID{first}, more...), err
}

// keep notes the further messages, or forgets them if there are none.
func (p *Parts) keep(ctx context.Context, first chat.MessageID, more []chat.MessageID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.CleanUp)
	defer cancel()
	if len(more) == 0 {
		if err := p.host.State().Delete(ctx, p.key(first)); err != nil {
			p.host.Logger().WarnContext(ctx, "parts-not-forgotten", "message", string(first), "error", err)
		}
		return
	}
	data, err := json.Marshal(more)
	if err == nil {
		err = p.host.State().Set(ctx, p.key(first), data, p.cfg.TTL)
	}
	if err != nil {
		p.host.Logger().WarnContext(ctx, "parts-not-noted", "message", string(first), "error", err)
	}
}

// further returns the further messages of a post.
func (p *Parts) further(ctx context.Context, first chat.MessageID) ([]chat.MessageID, error) {
	data, err := p.host.State().Get(ctx, p.key(first))
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: the messages of a post are not known: %w", p.cfg.Adapter, err)
	}
	var more []chat.MessageID
	if err := json.Unmarshal(data, &more); err != nil {
		p.host.Logger().WarnContext(ctx, "parts-unreadable", "message", string(first), "error", err)
	}
	return more, nil
}
