package webhook

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

// DeliverAll delivers the events of one webhook to the bot, in their order. It returns a
// receipt for each event that was stored, and nil for the others. [chat.HTTPStatus] gives
// the status for its error, which is 2xx only if all events were stored.
//
// If an event cannot be stored now, DeliverAll stops there, so that no event overtakes it.
// The platform then delivers the webhook again, and the bot recognises the events that it
// has stored. An event that can never be stored, [chat.ErrInvalidArgument], does not stop the
// others; its error is returned at the end.
func DeliverAll(ctx context.Context, host chat.Host, events ...chat.Inbound) ([]*chat.Receipt, error) {
	receipts := make([]*chat.Receipt, len(events))
	var invalid []error
	for i, ev := range events {
		var err error
		receipts[i], err = host.Deliver(ctx, ev)
		switch {
		case err == nil:
		case errors.Is(err, chat.ErrInvalidArgument):
			receipts[i] = nil
			invalid = append(invalid, err)
		default:
			receipts[i] = nil
			return receipts, err // without the invalid ones, whose status would keep the platform from delivering again
		}
	}
	return receipts, errors.Join(invalid...)
}
