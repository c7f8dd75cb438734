package dispatch

import (
	"context"
	"encoding/json"

	"github.com/chat-adapter/chat-go/core/state"
)

// Batch is what one call of the handlers gets: its last item is handled, the
// others were skipped for it. All are of one topic. It is used by the program while its
// handlers run; Changed is safe for concurrent use, and may come later.
type Batch struct {
	// Attempt counts from 1.
	Attempt int
	// Lease is the lock under which the handlers run.
	Lease *Lease
	// Payload is the program's own.
	Payload any

	hold    *hold
	items   []entry
	share   Share
	group   int    // of share
	retry   *retry // nil for a first attempt
	counted bool   // the attempt stands in the retry record already
	keeper  keeper

	// Room of a batch of one item.
	itemRoom    [1]entry
	receiptRoom [1]state.Receipt
	markRoom    [1]string
}

// newBatch returns a batch of the items. retry is nil for a first attempt.
func (h *hold) newBatch(items []entry, again *retry, share Share) *Batch {
	b := &h.lease.batch
	if h.lease.batched {
		b = &Batch{}
	}
	h.lease.batched = true
	b.hold, b.items, b.retry, b.share, b.group, b.Lease = h, items, again, share, share.Group, h.lease
	if len(items) == 1 {
		b.itemRoom[0] = items[0]
		b.items = b.itemRoom[:]
	}
	return b
}

// receipts returns the receipts of the batch's entries.
func (b *Batch) receipts() []state.Receipt {
	all := b.receiptRoom[:0]
	for _, e := range b.items {
		all = append(all, e.receipt)
	}
	return all
}

// claims returns the claims of the batch's items.
func (b *Batch) claims() []string {
	all := b.markRoom[:0]
	for _, e := range b.items {
		all = append(all, e.Claim)
	}
	return all
}

// Len returns how many items there are.
func (b *Batch) Len() int { return len(b.items) }

// Item returns the i-th item, in the order in which they were accepted.
func (b *Batch) Item(i int) *Item { return b.items[i].Item }

// Last returns the item that is handled.
func (b *Batch) Last() *Item { return b.last().Item }

func (b *Batch) last() *entry { return &b.items[len(b.items)-1] }

func (b *Batch) policy() *Policy { return b.hold.policyOf(b.Last()) }

// WasTried reports whether there was an attempt before.
func (b *Batch) WasTried() bool { return b.Attempt > 1 || b.counted }

// IsSubscribed reports whether the last item's topic is subscribed.
func (b *Batch) IsSubscribed(ctx context.Context) (bool, error) {
	return b.hold.isSubscribed(ctx, b.Last().Topic)
}

// Left returns what failed attempts with the batch have left for the next one, or nil.
func (b *Batch) Left() json.RawMessage {
	if b.retry == nil {
		return nil
	}
	return b.retry.Posted
}

// Leaver tells what an attempt leaves for the next one with its batch, as JSON, or nil.
// It is safe for concurrent use.
type Leaver interface{ Left() json.RawMessage }

// Leave sets what tells what this attempt leaves. It is asked when the attempt ends
// early, and from time to time while it runs, after Changed. Default: nothing is left.
func (b *Batch) Leave(l Leaver) { b.keeper.leaver = l }

// Changed tells that the attempt leaves something new.
func (b *Batch) Changed() { b.keeper.look() }

// left returns what the attempt leaves for the next one.
func (b *Batch) left() json.RawMessage {
	if b.keeper.leaver == nil {
		return nil
	}
	return b.keeper.leaver.Left()
}
