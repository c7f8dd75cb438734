package chat

import (
	"context"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// Receipt stands for a delivered message.
type Receipt struct{ item dispatch.Receipt }

var settledReceipt = func() *Receipt {
	r := &Receipt{}
	r.item.Settle()
	return r
}()

// Wait returns when the message's handlers are done, on whatever instance they
// run: nil if they succeeded or there was nothing to do, an error if the message
// became a dead letter or ctx ended, and [ErrMissing] if it is gone and nobody knows
// what became of it.
func (r *Receipt) Wait(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	return r.item.Wait(ctx)
}
