package chat

import (
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// arrival is a message that this instance has accepted.
type arrival struct {
	adapter Adapter
	msg     *Message   // for another event: its id and thread
	event   asyncEvent // nil for a message
	ref     ThreadRef
	entry   state.QueueEntry
	signs   [2]string // where its AcceptTurn has its keys
	receipt *Receipt
	request *requestWork // nil: nobody waits for it

	look   int  // the last one of its drain that has found it in the queue
	letGo  bool // by a lane that had not handled it: another instance may have tried it
	failed bool // here, so that the retry record names it; guarded by lanes.mu
}

// newArrival returns a message that is being delivered, with its receipt.
func newArrival(c *Chat, a Adapter, m *Message) *arrival {
	both := &struct {
		arrival
		receipt Receipt
	}{arrival{adapter: a, msg: m}, Receipt{chat: c, msg: m, done: make(chan struct{})}}
	both.arrival.receipt = &both.receipt
	return &both.arrival
}

// encode makes the message's entry.
func (arr *arrival) encode(ttl time.Duration) error {
	data, err := arr.msg.MarshalJSON()
	if err != nil {
		return err
	}
	now := time.Now()
	arr.entry = state.QueueEntry{Message: data, EnqueuedAt: now, ExpiresAt: now.Add(ttl)}
	return nil
}
