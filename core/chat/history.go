package chat

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// HistoryConfig bounds the history that the bot keeps for platforms with the
// [HistoryKeeper] ability.
type HistoryConfig struct {
	// MaxMessages is how many of the newest messages of a thread, and of a
	// channel, are kept. Default 100.
	MaxMessages int
	// TTL is how long they are kept after the last one. Default 7 days.
	TTL time.Duration
}

func (c *HistoryConfig) setDefaults() {
	setDefault(&c.MaxMessages, 100)
	setDefault(&c.TTL, 7*24*time.Hour)
}

func keepsHistory(a Adapter) bool {
	k, ok := a.(HistoryKeeper)
	return ok && k.KeepsHistory()
}

// record keeps what the bot has posted to the thread. It is called once for each
// message that the platform has taken; a failure is only logged.
func (t *Thread) record(ctx context.Context, m *Message) {
	t.chat.keep(ctx, t.adapter, m, string(t.id))
	t.chat.transcripts.captureAnswer(ctx, t.current, m)
}

// record keeps what the bot has posted to the channel, outside of its threads.
func (c *Channel) record(ctx context.Context, m *Message) {
	c.chat.keep(ctx, c.adapter, m, string(c.id))
}

// keepIncoming keeps a message that has come, for its thread and for its channel.
func (c *Chat) keepIncoming(ctx context.Context, a Adapter, ref ThreadRef, m *Message) {
	if !keepsHistory(a) {
		return
	}
	thread, channel := string(m.ThreadID), string(channelID(a, ref))
	if thread == channel {
		c.keep(ctx, a, m, thread)
		return
	}
	c.keep(ctx, a, m, thread, channel)
}

// keep appends a message to the histories of threads and channels, if the
// platform has none of its own. A failure is logged: it must not stop the
// message.
func (c *Chat) keep(ctx context.Context, a Adapter, m *Message, ids ...string) {
	if !keepsHistory(a) {
		return
	}
	failed := func(err error) {
		c.log.WarnContext(ctx, "history-append-failed", "adapter", a.Name(), "thread", string(m.ThreadID), "message", string(m.ID), "error", err)
	}
	data, err := withoutRaw(m).MarshalJSON()
	if err != nil {
		failed(err)
		return
	}
	var appends sync.WaitGroup
	for _, id := range ids {
		appends.Go(func() {
			if err := c.state.AppendToList(ctx, historyKey(id), data, c.historyBounds()); err != nil {
				failed(err)
			}
		})
	}
	appends.Wait()
}

// withoutRaw returns the message, and those that it quotes, without the
// platform's payload.
func withoutRaw(m *Message) *Message {
	if m == nil {
		return nil
	}
	kept := *m
	kept.Raw, kept.ReplyTo = nil, withoutRaw(m.ReplyTo)
	return &kept
}

// discardRaw takes the platform's payload out of an event.
func discardRaw(ev asyncEvent) {
	ev.base().Raw = nil
	switch e := ev.(type) {
	case *MessageUpdatedEvent:
		e.Message, e.Previous = withoutRaw(e.Message), withoutRaw(e.Previous)
	case *MessageDeletedEvent:
		e.Previous = withoutRaw(e.Previous)
	}
}

// history returns the kept messages of a thread or channel, oldest first. A message
// that was delivered or posted again is in the list again; it is returned once, where
// it stood first and as it was last.
func (c *Chat) history(ctx context.Context, id string) ([]*Message, error) {
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	list, err := c.state.GetList(ctx, historyKey(id))
	if err != nil {
		return nil, err
	}
	messages := make([]*Message, 0, len(list))
	at := make(map[MessageID]int, len(list))
	for _, data := range list {
		if state.IsCleared(data) {
			continue
		}
		m, err := c.decodeMessage(data)
		if err != nil {
			c.log.WarnContext(ctx, "history-entry-unreadable", "id", id, "error", err)
			continue
		}
		if i, ok := at[m.ID]; ok {
			messages[i] = m
			continue
		}
		at[m.ID] = len(messages)
		messages = append(messages, m)
	}
	return messages, nil
}

// forgetHistory removes a thread's messages from its history and from its
// channel's. A message of another thread that comes at the same time may be
// missing in the channel's.
func (c *Chat) forgetHistory(ctx context.Context, thread ThreadID, channel ChannelID) error {
	if err := state.ClearList(ctx, c.state, historyKey(string(thread))); err != nil {
		return err
	}
	key := historyKey(string(channel))
	list, err := c.state.GetList(ctx, key)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(list), func(data []byte) bool {
		var m struct {
			ThreadID ThreadID `json:"threadId"`
		}
		return state.IsCleared(data) || json.Unmarshal(data, &m) == nil && m.ThreadID == thread
	})
	if len(others) == len(list) {
		return nil
	}
	if len(others) == 0 {
		return state.ClearList(ctx, c.state, key)
	}
	opts := c.historyBounds()
	opts.MaxLength = 1 // the first takes the place of all
	for _, data := range others {
		if err := c.state.AppendToList(ctx, key, data, opts); err != nil {
			return err
		}
		opts = c.historyBounds()
	}
	return nil
}

func (c *Chat) historyBounds() state.ListOptions {
	return state.ListOptions{MaxLength: c.cfg.History.MaxMessages, TTL: c.cfg.History.TTL}
}
