package chat

import (
	"context"
	"fmt"
)

func (h *host) ForgetThread(ctx context.Context, id ThreadID) error {
	if err := h.checkThread(id); err != nil {
		return err
	}
	ref, err := h.adapter.DecodeThreadID(id)
	if err != nil {
		return err
	}
	c := h.chat
	if err := c.connect(ctx); err != nil {
		return err
	}
	if err := c.forgetHistory(ctx, id, channelID(h.adapter, ref)); err != nil {
		return err
	}
	if err := c.state.Delete(ctx, threadDataKey(id)); err != nil {
		return err
	}
	return c.state.Unsubscribe(ctx, string(id))
}

// checkThread refuses a thread that is not of the host's adapter.
func (h *host) checkThread(id ThreadID) error {
	if id.Adapter() != h.adapter.Name() {
		return fmt.Errorf("%w: thread id %q does not start with the adapter's name %q", ErrInvalidArgument, id, h.adapter.Name())
	}
	return nil
}
