package webhook_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit/webhook"
	"github.com/chat-adapter/chat-go/core/chat"
)

// taking is a bot that takes each message once, but for those with a fault.
type taking struct {
	chat.Host
	faults map[chat.MessageID]error
	taken  []chat.MessageID
}

func (h *taking) Deliver(_ context.Context, in chat.Inbound) (*chat.Receipt, error) {
	id := in.(*chat.Message).ID
	if err := h.faults[id]; err != nil {
		return nil, err
	}
	h.taken = append(h.taken, id)
	return new(chat.Receipt), nil
}

func TestDeliverAll(t *testing.T) {
	events := []chat.Inbound{&chat.Message{ID: "1"}, &chat.Message{ID: "2"}, &chat.Message{ID: "3"}}
	for name, c := range map[string]struct {
		faults map[chat.MessageID]error
		status int
		taken  []chat.MessageID
	}{
		"all":               {nil, http.StatusOK, []chat.MessageID{"1", "2", "3"}},
		"busy in between":   {map[chat.MessageID]error{"2": chat.ErrBusy}, http.StatusServiceUnavailable, []chat.MessageID{"1"}},
		"invalid":           {map[chat.MessageID]error{"2": chat.ErrInvalidArgument}, http.StatusBadRequest, []chat.MessageID{"1", "3"}},
		"invalid, and busy": {map[chat.MessageID]error{"1": chat.ErrInvalidArgument, "3": chat.ErrBusy}, http.StatusServiceUnavailable, []chat.MessageID{"2"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := &taking{faults: c.faults}
			receipts, err := webhook.DeliverAll(t.Context(), h, events...)
			require.Equal(t, c.status, chat.HTTPStatus(err))
			require.Equal(t, c.taken, h.taken)
			require.Len(t, receipts, len(events))
			for i, ev := range events {
				taken := false
				for _, id := range h.taken {
					taken = taken || id == ev.(*chat.Message).ID
				}
				require.Equal(t, taken, receipts[i] != nil)
			}
		})
	}
}
