package dispatch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/fault"
	"github.com/chat-adapter/chat-go/core/state"
)

// A claim has two phases. A delivery first claims the item; when the handler has
// finished the claim becomes the mark "done", which is the plain true of the
// TypeScript SDK. What the claim of an earlier delivery means is decided by the
// inbox: an item that waits there is in good hands; a claim whose item is nowhere was
// left by an instance that died before it stored the item, and is taken over.

// claimGrace is how long an earlier delivery may take to store its item.
const claimGrace = 15 * time.Second

var (
	markDone = []byte("true")
	// markMissing marks an item that is missing: it counts as handled.
	markMissing = []byte(`"missing"`)
)

// claim takes the item for this delivery. It reports false for a duplicate, and ErrBusy
// while that cannot be decided. If the delivery opens its worker it asks for the lock as
// well; no lease means that the worker has to ask itself. Where the policy allows that,
// the item is stored, too.
func (x *delivery) claim(ctx context.Context) (fresh bool, err error) {
	d := x.d
	x.sent = time.Now()
	req := state.StartTurn{Key: x.Claim, Value: state.NewClaim(x.sent), TTL: d.cfg.MessageTTL}
	if x.opens {
		req.ThreadID, req.LockTTL = x.w.key.name, d.cfg.LockTTL
	}
	if x.storesAtOnce() {
		req.Accept = x.request()
	}
	out, err := d.turns.StartTurn(ctx, req)
	if out.Lock != nil {
		x.grant.lease = d.leases.hold(out.Lock, x.sent, x.w.takeLease())
	}
	switch {
	case err != nil:
		if out.Set {
			x.giveUp(ctx, err)
		}
		return false, err
	case !out.Set:
		return x.takeOver(ctx, req.Value, out.Found)
	case x.storesAtOnce():
		x.noteStored(&out.Accepted)
	}
	return true, nil
}

// storesAtOnce reports whether the item is stored together with its claim.
func (x *delivery) storesAtOnce() bool { return x.d.cfg.Durable && !x.policy.locksAtDelivery() }

// request returns what is stored, and read if the worker has the lock.
func (x *delivery) request() state.AcceptTurn {
	return state.AcceptTurn{
		ThreadID: x.w.key.name, Entry: x.Entry, Subscription: x.Subscription, Keys: x.d.signKeys(&x.signs, x.w.key),
	}
}

// noteStored takes what was seen when the item was stored.
func (x *delivery) noteStored(out *state.TurnAccepted) {
	x.stored, x.depth, x.under = true, out.Depth, x.grant.lease
	if g := &x.grant; out.Looked {
		g.looked, g.waiting, g.signs = true, out.Waiting, newSigns(x.signs[0], !x.d.inProcess, out.Found)
		if x.Subscription != "" {
			g.subscribed = subscription{x.Topic, known(out.Subscribed, nil)}
		}
	}
}

// signKeys puts the keys to look for into the place and returns them.
func (d *Dispatcher) signKeys(place *[2]string, lock Key) []string {
	place[0], place[1] = lock.heartbeat(), canaryName
	if d.inProcess {
		return place[:1]
	}
	return place[:]
}

// newSigns returns what was found of the keys.
func newSigns(heartbeat string, sought bool, found []string) signs {
	return signs{beats: slices.Contains(found, heartbeat), sought: sought, there: slices.Contains(found, canaryName)}
}

// takeOver decides about an item that is claimed already, by a claim that was just found
// or is not known.
func (x *delivery) takeOver(ctx context.Context, mine, found []byte) (bool, error) {
	d, key := x.d, x.Claim
	for theirs := found; ; theirs = nil {
		var err error
		if theirs == nil {
			theirs, err = d.state.Get(ctx, key)
		}
		if errors.Is(err, state.ErrNotFound) { // it expired or was given up in between
			if ok, err := d.state.SetIfNotExists(ctx, key, mine, d.cfg.MessageTTL); err != nil || ok {
				return ok, err
			}
			continue
		}
		if err != nil {
			return false, err
		}
		claim, ok := state.ParseClaim(theirs)
		if !ok {
			return false, nil // done, or a TypeScript instance's
		}
		if !d.cfg.Durable {
			return false, nil
		}
		waits, err := x.isWaiting(ctx)
		if err != nil {
			return false, err
		}
		if waits {
			return false, nil
		}
		if it := x.w.find(x.ID); it != nil {
			if err := d.seek(ctx, x.w.key, it); err != nil {
				return false, err
			}
			continue
		}
		if time.Since(claim.At) < claimGrace {
			if same, err := d.isClaimed(ctx, key, theirs); err != nil || same {
				return false, cmp.Or(err, fault.ErrBusy)
			}
			continue // it was handled after the claim was read
		}
		taken, err := d.swap(ctx, key, theirs, mine, d.cfg.MessageTTL)
		if err != nil || taken {
			return taken, err
		}
	}
}

// isClaimed reports whether the key still has the claim.
func (d *Dispatcher) isClaimed(ctx context.Context, key string, claim []byte) (bool, error) {
	now, err := d.state.Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil && bytes.Equal(now, claim), err
}

// isWaiting reports whether the item is in the inbox, and ErrBusy if it stands beyond the
// queue's bound: whoever stored it there is taking it out again.
func (x *delivery) isWaiting(ctx context.Context) (bool, error) {
	d := x.d
	for _, key := range placesOf(x.w.key, x.ID) {
		entries, err := d.inbox.Waiting(ctx, key.name)
		if err != nil {
			return false, err
		}
		if key.kind == Event {
			return len(entries) > 0, nil // the queue is the event's own
		}
		i := d.indexOf(entries, x.ID)
		if i < 0 {
			continue
		}
		overfull, err := x.isOverfull(ctx, key, entries[:i])
		if err == nil && overfull && time.Since(entries[i].EnqueuedAt) < overfullGrace {
			err = fault.ErrBusy
		}
		return err == nil, err
	}
	return false, nil
}

// placesOf returns where to look for an item that has this key now. Its policy may have
// been another when it was stored. It can move from a queue of its own to that of its
// conversation meanwhile, so the latter is looked at last.
func placesOf(key Key, id string) []Key {
	if key.kind == Event {
		return []Key{key}
	}
	if base, ok := key.shared(id); ok {
		return []Key{key, base}
	}
	return []Key{key, key.Single(id), key}
}

// indexOf returns where the item stands among the entries, or -1.
func (d *Dispatcher) indexOf(entries []state.WaitingEntry, id string) int {
	return slices.IndexFunc(entries, func(e state.WaitingEntry) bool { return d.program.ItemID(e.Message) == id })
}

// swap replaces a claim. Without the Swaps role the step is not
// atomic, but the loser of the race only handles the item once more.
func (d *Dispatcher) swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if d.swaps != nil {
		return d.swaps.CompareAndSwap(ctx, key, old, value, ttl)
	}
	return true, d.state.Set(ctx, key, value, ttl)
}

// markHandled marks the item as handled.
func (d *Dispatcher) markHandled(ctx context.Context, it *Item) error {
	return d.state.Set(ctx, it.Claim, markDone, d.cfg.DedupeTTL)
}

// giveUp gives the claim up after storing the item has failed, unless it may
// have been stored all the same: then the inbox decides when it is delivered
// again.
func (x *delivery) giveUp(ctx context.Context, err error) {
	if errors.Is(err, state.ErrUnknownOutcome) || errors.Is(err, state.ErrUnavailable) || ctx.Err() != nil {
		return
	}
	_ = x.d.unclaim(ctx, x.Item) // a claim that stays is taken over after its grace
}

// unclaim lets the item be delivered again.
func (d *Dispatcher) unclaim(ctx context.Context, it *Item) error {
	return d.state.Delete(ctx, it.Claim)
}
