package slack

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// restrictedPage is how many messages Slack gives at a time, once a minute, to an
	// app that is distributed outside of its Marketplace.
	// https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
	restrictedPage = 15

	// unfinishedTTL is how long an interrupted reading is kept, from its last page on.
	unfinishedTTL = 15 * time.Minute
	maxUnfinished = 200
)

var errRestricted = errors.New("Slack gives an app that is distributed outside of its Marketplace 15 messages at a time, once a minute; what was read is kept for the next call")

// unfinished is how far the reading of one page of the history had come when Slack
// wanted to wait, or failed. Without it the next call would begin again, and come no further.
type unfinished struct {
	list []past
	more bool // there is more than the list

	// Of a thread.
	seenRoot bool
	cursor   string // Slack's, of what comes next

	// Of a channel.
	from   time.Time // everything before it was read
	window time.Duration
}

// resume returns the key of a reading and how far it had come.
func (h *pastOf) resume(threadTS string, req chat.PageRequest) (string, unfinished) {
	key := h.origin.scope() + h.channel + ":" + threadTS + ":" + req.Cursor + ":" + strconv.Itoa(req.Limit)
	read, _ := h.a.unfinished.Get(key)
	read.list = slices.Clone(read.list)
	return key, read
}

// interrupted keeps how far a reading has come, unless what failed would fail
// again, and returns the error, with the reason for a limit where it is known.
func (h *pastOf) interrupted(key string, read unfinished, err error) error {
	if !errors.Is(err, chat.ErrRateLimited) && !errors.Is(err, chat.ErrTemporary) && !isContextError(err) {
		h.a.unfinished.Delete(key)
		return err
	}
	h.a.unfinished.Set(key, read)
	limited, ok := errors.AsType[*chat.PlatformError](err)
	if !ok || limited.Code != chat.CodeRateLimited || !h.a.restricted.Load() {
		return err
	}
	return &chat.PlatformError{Adapter: adapterName, Op: limited.Op, Code: limited.Code, RetryAfter: limited.RetryAfter, Err: errRestricted}
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
