package chat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
	"github.com/chat-adapter/chat-go/core/state"
)

// Events other than messages are stored and settled like messages. Each waits in
// a queue of its own, so they run at the same time and never in the way of a
// message, and a TypeScript instance never meets one.

// storedEvent is an event in its queue.
type storedEvent struct {
	Type    string          `json:"_type"`
	Event   string          `json:"event"`
	Adapter string          `json:"adapter"`
	Data    json.RawMessage `json:"data"`
}

const eventType = "chat:Event"

// deliverEvent takes an event other than a message. When it returns nil the event
// is safe.
func (h *host) deliverEvent(ctx context.Context, ev asyncEvent) (*Receipt, error) {
	c, a := h.chat, h.adapter
	base := ev.base()
	if base.At.IsZero() {
		base.At = time.Now()
	}
	if c.cfg.Storage.DiscardRaw {
		discardRaw(ev)
	}
	arr, err := c.eventArrival(a, ev)
	if err != nil {
		return nil, err
	}
	o := Observation{Step: StepReceived, Adapter: a.Name(), Thread: base.ThreadID, Message: arr.msg.ID, Reason: ev.EventName()}
	c.observe(ctx, o)
	if isOwnDoing(ev) || !c.wants(ev) {
		c.observe(ctx, o.as(StepIgnored, o.Reason, nil))
		return settledReceipt, nil
	}
	if c.stopping.Load() && !isOwn(ev) {
		err = ErrShutdown
	} else {
		err = c.connect(ctx)
	}
	if err != nil {
		c.observe(ctx, o.as(StepRejected, o.Reason, err))
		return nil, err
	}
	arr.receipt.item.Init(c.dispatcher, &arr.Item)
	if err := c.dispatcher.Accept(ctx, dispatch.EventKey(a.Name(), arr.ID), &arr.Item, nil); err != nil {
		return nil, err
	}
	return &arr.receipt, nil
}

// isOwnDoing reports whether the bot did what the event tells. That it joined or
// left a channel is news to a program all the same: somebody else may have done it.
func isOwnDoing(ev asyncEvent) bool {
	_, membership := ev.(*MembershipEvent)
	return ev.base().User.Me && !membership
}

func (c *Chat) eventArrival(a Adapter, ev asyncEvent) (*arrival, error) {
	base := ev.base()
	if base.ID == "" {
		base.ID = rand.Text() // the same for all its attempts, on any instance
	}
	arr := &arrival{adapter: a, event: ev, msg: &Message{ID: MessageID("event:" + base.ID), ThreadID: base.ThreadID}}
	arr.Payload = arr
	if base.ThreadID == "" {
		// Without a thread the id still says whose event it is.
		arr.msg.ThreadID = ThreadID(a.Name())
	} else {
		if base.ThreadID.Adapter() != a.Name() {
			return nil, fmt.Errorf("%w: event.ThreadID %q does not start with the adapter's name %q", ErrInvalidArgument, base.ThreadID, a.Name())
		}
		var err error
		if arr.ref, err = a.DecodeThreadID(base.ThreadID); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(ev)
	if err != nil {
		return nil, fmt.Errorf("%w: event: %w", ErrInvalidArgument, err)
	}
	stored, err := json.Marshal(storedEvent{Type: eventType, Event: ev.EventName(), Adapter: a.Name(), Data: data})
	if err != nil {
		return nil, err
	}
	arr.ID, arr.Claim, arr.Topic = string(arr.msg.ID), claimKey(arr.msg, arr.msg.ID), string(arr.msg.ThreadID)
	now := time.Now()
	arr.Entry = state.QueueEntry{Message: stored, EnqueuedAt: now, ExpiresAt: now.Add(c.cfg.Storage.MessageTTL)}
	return arr, nil
}

// decodeEvent reads an event that another instance stored.
func (c *Chat) decodeEvent(e state.QueueEntry) (*arrival, error) {
	var stored storedEvent
	if err := json.Unmarshal(e.Message, &stored); err != nil {
		return nil, err
	}
	create, ok := newEvent[stored.Event]
	if !ok || stored.Type != eventType {
		return nil, fmt.Errorf("chat: unknown stored event %q", stored.Event)
	}
	a, ok := c.adapters[stored.Adapter]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownAdapter, stored.Adapter)
	}
	ev := create()
	if err := json.Unmarshal(stored.Data, ev); err != nil {
		return nil, err
	}
	arr, err := c.eventArrival(a, ev)
	if err != nil {
		return nil, err
	}
	arr.Entry = e
	return arr, nil
}
