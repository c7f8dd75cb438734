package chat

import (
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
	"github.com/chat-adapter/chat-go/core/state"
)

// arrival is a message or an event that has come to this instance: the dispatcher's
// item, and what it stands for.
type arrival struct {
	dispatch.Item
	adapter Adapter
	msg     *Message   // for another event: its id and thread
	event   asyncEvent // nil for a message
	ref     ThreadRef
	receipt Receipt      // of one that was delivered here
	request *requestWork // nil: nobody waits for it
}

// arrivalOf returns what the item stands for.
func arrivalOf(it *dispatch.Item) *arrival { return it.Payload.(*arrival) }

// newArrival returns a message that has come.
func (c *Chat) newArrival(a Adapter, m *Message, ref ThreadRef) *arrival {
	arr := &arrival{adapter: a, msg: m, ref: ref}
	arr.Payload = arr
	arr.ID, arr.Claim, arr.Topic = string(m.ID), claimKey(m, m.ID), string(m.ThreadID)
	if c.handlers.table.Load().asksSubscription(ref.DM) {
		arr.Subscription = arr.Topic
	}
	return arr
}

// encode makes the message's entry.
func (arr *arrival) encode(ttl time.Duration) error {
	data, err := arr.msg.MarshalJSON()
	if err != nil {
		return err
	}
	now := time.Now()
	arr.Entry = state.QueueEntry{Message: data, EnqueuedAt: now, ExpiresAt: now.Add(ttl)}
	return nil
}

// asksSubscription reports whether a handler depends on the subscription of a message's
// thread.
func (t *handlerTable) asksSubscription(dm bool) bool {
	return t.has(string(KindSubscribed)) && !(dm && t.has(string(KindDirect)))
}
