package chat

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Receipt stands for a delivered message.
type Receipt struct {
	chat *Chat
	msg  *Message
	done chan struct{}
	once sync.Once
	err  error
}

var settledReceipt = func() *Receipt {
	r := &Receipt{done: make(chan struct{})}
	r.settle(nil)
	return r
}()

// settle ends the waiting for a message. Nobody waits for one that another instance
// was given: it has no receipt.
func (r *Receipt) settle(err error) {
	if r == nil {
		return
	}
	r.once.Do(func() {
		r.err = err
		close(r.done)
	})
}

// Wait returns when the message's handlers are done, on whatever instance they
// run: nil if they succeeded or there was nothing to do, an error if the message
// became a dead letter or ctx ended, and [ErrMissing] if it is gone and nobody knows
// what became of it.
func (r *Receipt) Wait(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	poll := time.NewTicker(250 * time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case <-r.done:
			return r.err
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
		value, err := r.chat.state.Get(ctx, dedupeKey(r.msg))
		switch {
		case errors.Is(err, state.ErrNotFound):
			select {
			case <-r.done:
				return r.err
			default:
			}
			return errUnhandled(r.msg)
		case err == nil && !state.IsClaim(value):
			return markError(value)
		}
	}
}
