package webhook

import (
	"context"
	"errors"

	"github.com/chat-adapter/chat-go/core/chat"
)

// DeliverAll hands the events of one webhook to the bot, in their order, and returns a
// receipt for each that was taken, nil for the others. Its error is for
// [chat.HTTPStatus]: the webhook is answered 2xx only if all were taken.
//
// It ends at the first event that can be taken later, so that none overtakes it: the
// platform delivers the webhook again, and the bot knows those that it has. An event
// that can never be taken, [chat.ErrInvalidArgument], stops no other; the error says so
// in the end.
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
			return receipts, err // alone: a status for what is invalid would lose it
		}
	}
	return receipts, errors.Join(invalid...)
}
