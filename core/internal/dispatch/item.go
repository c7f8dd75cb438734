package dispatch

import (
	"context"

	"github.com/chat-adapter/chat-go/core/state"
)

// Item is one message or event on its way to the handlers, as an instance knows it
// that has accepted or read it. The program fills the first part in and does not
// change it afterwards.
type Item struct {
	// ID names the item in records. It is unique for its Claim.
	ID string
	// Claim is the cache key that says that the item is taken.
	Claim string
	// Topic is what the item belongs to. A batch has items of one topic, and Cancel
	// ends the attempts with those of a topic.
	Topic string
	// Subscription is looked up while the item is stored, for [Batch.IsSubscribed].
	// Default: nothing is looked up.
	Subscription string
	// Entry is what is stored.
	Entry state.QueueEntry
	// Payload is the program's own.
	Payload any
	// Receipt tells how the item ended. Nil for an item that another instance was given.
	Receipt *Receipt

	share    Share     // see shares
	found    int       // the last look of its hold that has found it in the queue
	released bool      // by a worker that had not handled it: another instance may have tried it
	failed   bool      // here, so that the retry record names it; guarded by the worker's mutex
	under    *Lease    // the lock that its delivery had when it was stored
	signs    [2]string // where its delivery has the keys to look for
}

// entry is one stored item, as a worker sees it that has the lock.
type entry struct {
	*Item
	receipt state.Receipt
	// foreign says that another instance may have tried it: it has stored it, or this
	// one has let go of it.
	foreign bool
}

// Share says whose an item is, in a program whose handlers are in groups.
type Share struct {
	// Group has the handlers that would get the item if it came alone. 0: no group.
	Group int
	// Policy is the group's. Nil: the program's own for the item.
	Policy *Policy
	// Unclaimed says that no handler would get the item if it came alone.
	Unclaimed bool
	// Draws says that the handlers that get the item may also get unclaimed ones that
	// come after it.
	Draws bool
}

// Program is the bot that a dispatcher works for. Its methods are safe for concurrent
// use.
type Program interface {
	// Decode reads an entry that this instance has not accepted.
	Decode(key Key, entry state.QueueEntry) (*Item, error)
	// ItemID returns the id in a stored message of a conversation, or "".
	ItemID(message []byte) string

	// Policy returns the rule of an item that is in no group.
	Policy(it *Item) *Policy
	// IsGrouped reports whether items can be in groups. The answer may change at any
	// time. While it is false Share is not called.
	IsGrouped() bool
	// Share says whose the item is. If that depends on whether its topic is subscribed,
	// it asks.
	Share(it *Item, subscribed func() (bool, error)) (Share, error)

	// Stored is called when an item was stored, before it can be handled.
	Stored(ctx context.Context, key Key, it *Item)
	// Refuse returns why a batch is not handled but dropped, or "".
	Refuse(ctx context.Context, b *Batch) string
	// Run calls the handlers. It reports whether there were any. Its context ends, with a
	// cause, when the attempt must end.
	Run(b *Batch) (called bool, err error)
	// Succeeded is called when the handlers have returned without an error. The lock is
	// still held.
	Succeeded(ctx context.Context, b *Batch)
	// GivenUp is called for an item that is not tried again, or whose handlers ignore the
	// end of their context.
	GivenUp(it *Item)
	// Encode returns the dead letter as it is stored.
	Encode(letter DeadLetter) ([]byte, error)
	// Report is told of each step of an item, or of a lock.
	Report(ctx context.Context, r Report)
}
