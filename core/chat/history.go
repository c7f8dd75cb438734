package chat

import (
	"context"
	"encoding/json"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Kept history, under the TypeScript SDK's key and with its bounds: a list of
// messages without their raw payload.
const (
	historyKey    = "msg-history:"
	historyLength = 100
	historyTTL    = 7 * 24 * time.Hour
)

func keepsHistory(a Adapter) bool {
	k, ok := a.(HistoryKeeper)
	return ok && k.KeepsHistory()
}

// keepHistory appends the message to its thread's history. A failure is logged:
// it must not stop the message.
func (c *Chat) keepHistory(ctx context.Context, a Adapter, m *Message) {
	if !keepsHistory(a) {
		return
	}
	kept := *m
	kept.Raw = nil
	data, err := kept.MarshalJSON()
	if err == nil {
		err = c.state.AppendToList(ctx, historyKey+string(m.ThreadID), data, state.ListOptions{MaxLength: historyLength, TTL: historyTTL})
	}
	if err != nil {
		c.log.WarnContext(ctx, "history-append-failed", "adapter", a.Name(), "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
	}
}

func (c *Chat) history(ctx context.Context, id ThreadID) ([]*Message, error) {
	list, err := c.state.GetList(ctx, historyKey+string(id))
	if err != nil {
		return nil, err
	}
	messages := make([]*Message, 0, len(list))
	for _, data := range list {
		m := new(Message)
		if err := json.Unmarshal(data, m); err != nil {
			c.log.WarnContext(ctx, "history-entry-unreadable", "thread", string(id), "error", err)
			continue
		}
		messages = append(messages, m)
	}
	return messages, nil
}
