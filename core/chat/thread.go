package chat

import (
	"context"
	"fmt"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
)

// Thread is a conversation. It is safe for concurrent use. A Thread that came
// with an event belongs to that event's turn: once the turn's context has ended,
// its methods return the cause, whatever context they are given.
type Thread struct {
	chat    *Chat
	adapter Adapter
	id      ThreadID
	ref     ThreadRef
	lease   *dispatch.Lease // nil outside a turn
	attempt *attempt        // nil outside a turn
	current *Message        // the message that is being handled; nil outside of its turn

	visibility Visibility // as its JSON said; empty: unknown
	extra      string     // fields of its JSON that have no name here
}

// Thread returns the thread with the id, for use outside of a handler. It
// returns [ErrUnknownAdapter] or [ErrInvalidArgument] for an id that no adapter
// of the bot made.
func (c *Chat) Thread(id ThreadID) (*Thread, error) {
	adapter, ok := c.adapters[id.Adapter()]
	if !ok {
		return nil, fmt.Errorf("%w: thread id %q starts with %q", ErrUnknownAdapter, id, id.Adapter())
	}
	ref, err := adapter.DecodeThreadID(id)
	if err != nil {
		return nil, err
	}
	return &Thread{chat: c, adapter: adapter, id: id, ref: ref}, nil
}

// ID returns the thread's id.
func (t *Thread) ID() ThreadID { return t.id }

func (t *Thread) channelID() ChannelID { return channelID(t.adapter, t.ref) }

func channelID(a Adapter, ref ThreadRef) ChannelID { return ChannelID(a.Name() + ":" + ref.Channel) }

// IsDM reports whether the thread is a direct conversation with the bot.
func (t *Thread) IsDM() bool { return t.ref.DM }

// Adapter returns the thread's adapter, for what only its platform can do.
func (t *Thread) Adapter() Adapter { return t.adapter }

// caller makes calls to the thread's platform.
func (t *Thread) caller() caller { return caller{t.chat, t.adapter, t.lease, t.attempt} }

// guard returns why the turn that the thread belongs to has ended, or nil.
func (t *Thread) guard(ctx context.Context) error { return t.caller().guard(ctx) }

// Subscribe makes further messages of the thread go to the handlers of
// OnSubscribedMessage. It lasts until Unsubscribe.
func (t *Thread) Subscribe(ctx context.Context) error {
	if err := t.caller().ready(ctx); err != nil {
		return err
	}
	if err := t.chat.state.Subscribe(ctx, string(t.id)); err != nil {
		return err
	}
	watcher, ok := t.adapter.(SubscriptionWatcher)
	if !ok {
		return nil
	}
	return t.caller().do(ctx, func(ctx context.Context) error { return watcher.ThreadSubscribed(ctx, t.id) }, nil)
}

// Unsubscribe undoes Subscribe.
func (t *Thread) Unsubscribe(ctx context.Context) error {
	if err := t.caller().ready(ctx); err != nil {
		return err
	}
	return t.chat.state.Unsubscribe(ctx, string(t.id))
}

// IsSubscribed reports whether the bot is subscribed to the thread.
func (t *Thread) IsSubscribed(ctx context.Context) (bool, error) {
	if err := t.caller().ready(ctx); err != nil {
		return false, err
	}
	return t.chat.state.IsSubscribed(ctx, string(t.id))
}
