package chat

import (
	"context"
	"fmt"
)

// CancelTurn ends the context of the handler that runs on the thread, with
// [ErrTurnCancelled], on whatever instance it runs, within a second. Its message
// counts as handled. Without a running handler nothing happens.
func (c *Chat) CancelTurn(ctx context.Context, id ThreadID) error {
	if _, ok := c.adapters[id.Adapter()]; !ok {
		return fmt.Errorf("%w: thread id %q", ErrUnknownAdapter, id)
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	return c.dispatcher.Cancel(ctx, string(id))
}

func (h *host) CancelTurn(ctx context.Context, id ThreadID) error {
	if err := h.checkThread(id); err != nil {
		return err
	}
	return h.chat.CancelTurn(ctx, id)
}
