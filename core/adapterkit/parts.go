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
	// TTL is how long the ids of the further messages are kept. After that, edits and
	// deletions change only the first message. Default: 30 days.
	TTL time.Duration
	// CleanUp is the limit for deleting the messages of a post that has failed.
	// Default: 10 s.
	CleanUp time.Duration
}

// Parts posts, edits and deletes posts that need several messages of the platform. The id
// of the post is that of the first message. The ids of the further messages are kept in
// the state, under "{adapter}:parts:{id of the first}". It is safe for concurrent use, but
// concurrent edits of one post mix their messages.
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

// PartCalls are the calls that send, edit and delete one message on the platform. Their
// errors are *[chat.PlatformError].
type PartCalls struct {
	// Send posts part i, counted from 0, and returns the id of its message. first is the
	// id of the first message, or empty for part 0. Required.
	Send func(ctx context.Context, i int, first chat.MessageID) (chat.MessageID, error)
	// Edit replaces a message by part i. Required for Edit.
	Edit func(ctx context.Context, i int, id chat.MessageID) error
	// Delete deletes a message. Default: the platform cannot delete messages.
	Delete func(ctx context.Context, id chat.MessageID) error
	// Simplify is called when the platform refuses part i. It may replace that part by one
	// or more simpler parts, which are sent next. It returns the new number of parts, or 0
	// if there is no simpler form; then the error is returned. It must return 0 in the
	// end. Default: there is no simpler form.
	Simplify func(i int, refusal error) (n int)
}

// each makes the call for each part, in a simpler form if needed, and returns the number of
// parts in the end. All calls but the first wait for the rate limit. If the first one is
// refused, nothing has changed yet.
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

// Post posts n parts, at least one, and returns the id of the first message.
//
// If a part fails, the messages that were posted are deleted. So a post that is refused
// because of the rate limit has changed nothing, and the bot repeats it after RetryAfter. If
// messages cannot be deleted, the error is not [chat.ErrRateLimited] but
// [chat.ErrTemporary], and says how many messages were posted. For n < 1 it is
// [chat.ErrInvalidArgument].
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

// Edit replaces a post by n parts. It edits, posts and deletes messages as needed. If it
// fails, it can be called again with the same parts. If the first message does not exist,
// the error is [chat.ErrNotFound].
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
		id, err := calls.Send(ctx, i, first) // the part is new, or its message was deleted
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

// Delete deletes all messages of a post. It deletes the first message last, because its id
// is the key to the others; so if it fails, it can be called again. If the first message
// does not exist, the error is [chat.ErrNotFound].
func (p *Parts) Delete(ctx context.Context, first chat.MessageID, calls PartCalls) error {
	more, err := p.further(ctx, first)
	if err != nil {
		return err
	}
	patience, rest := new(time.Duration), p.host.RateLimitWait() // the first call does not wait: the bot repeats the whole
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

// remove deletes a further message. If it does not exist, it returns nil.
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

// takeBack deletes messages, the last one first, and returns how many could not be deleted.
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

// partly returns the error of a post. left is how many of its messages could not be deleted.
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

// Keep stores that messages are one post, whose id is that of the first. It is for an
// adapter that has posted them by other means, such as a stream. A failure of the state is
// logged; later edits and deletions then change only the first message.
func (p *Parts) Keep(ctx context.Context, ids []chat.MessageID) {
	if len(ids) > 1 {
		p.keep(ctx, ids[0], ids[1:])
	}
}

// Messages returns the ids of all messages of a post, with the first one. The error is the
// state's.
func (p *Parts) Messages(ctx context.Context, first chat.MessageID) ([]chat.MessageID, error) {
	more, err := p.further(ctx, first)
	return append([]chat.MessageID{first}, more...), err
}

// keep stores the ids of the further messages, or deletes them if there are none.
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
		return nil, fmt.Errorf("%s: reading the messages of a post: %w", p.cfg.Adapter, err)
	}
	var more []chat.MessageID
	if err := json.Unmarshal(data, &more); err != nil {
		p.host.Logger().WarnContext(ctx, "parts-unreadable", "message", string(first), "error", err)
	}
	return more, nil
}
