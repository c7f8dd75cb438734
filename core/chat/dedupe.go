package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Dedupe has two phases. A delivery first claims the message's id; when the
// handler has finished the claim becomes "done", which is the plain true of the
// TypeScript SDK. What the claim of an earlier delivery means is decided by the
// inbox: a message that waits there is in good hands; a claim whose message is
// nowhere was left by an instance that died before it stored the message, and
// is taken over.

// claimGrace is how long an earlier delivery may take to store its message.
const claimGrace = 15 * time.Second

var dedupeDone = []byte("true")

// claim takes the message's id for this delivery. It reports false for a
// duplicate, and ErrBusy while that cannot be decided. With lock it asks for the
// message's lock as well; no lease means that the lane has to ask itself.
func (c *Chat) claim(ctx context.Context, m *Message, l *lane, lock bool) (fresh bool, held *lease, err error) {
	sent := time.Now()
	req := state.StartTurn{Key: dedupeKey(m), Value: state.NewClaim(sent), TTL: c.cfg.Storage.MessageTTL}
	if lock {
		req.ThreadID, req.LockTTL = l.key, c.cfg.Lock.TTL
	}
	out, err := c.turns.StartTurn(ctx, req)
	if out.Lock != nil {
		held = c.leases.hold(out.Lock, sent)
	}
	fresh = out.Set
	if err == nil && !fresh {
		fresh, err = c.takeOver(ctx, m, l, req.Value, out.Found)
	}
	return fresh, held, err
}

// takeOver decides about a message whose id is claimed already, by a claim that was
// just found or is not known.
func (c *Chat) takeOver(ctx context.Context, m *Message, l *lane, mine, found []byte) (bool, error) {
	key := dedupeKey(m)
	for theirs := found; ; theirs = nil {
		var err error
		if theirs == nil {
			theirs, err = c.state.Get(ctx, key)
		}
		if errors.Is(err, state.ErrNotFound) { // it expired or was given up in between
			if ok, err := c.state.SetIfNotExists(ctx, key, mine, c.cfg.Storage.MessageTTL); err != nil || ok {
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
		if c.cfg.Durability == DurabilityNone {
			return false, nil
		}
		waits, err := c.waits(ctx, l.key, m)
		if err != nil {
			return false, err
		}
		if waits {
			return false, nil
		}
		if arr := l.stored(m.ID); arr != nil {
			if err := c.seek(ctx, l.key, arr); err != nil {
				return false, err
			}
			continue
		}
		if time.Since(claim.At) < claimGrace {
			if same, err := c.isClaimed(ctx, key, theirs); err != nil || same {
				return false, cmp.Or(err, ErrBusy)
			}
			continue // it was handled after the claim was read
		}
		taken, err := c.swap(ctx, key, theirs, mine, c.cfg.Storage.MessageTTL)
		if err != nil || taken {
			return taken, err
		}
	}
}

// isClaimed reports whether the key still has the claim.
func (c *Chat) isClaimed(ctx context.Context, key string, claim []byte) (bool, error) {
	now, err := c.state.Get(ctx, key)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil && bytes.Equal(now, claim), err
}

// waits reports whether the message is in the inbox, and ErrBusy if it stands
// beyond the queue's bound: whoever stored it there is taking it out again.
func (c *Chat) waits(ctx context.Context, lockKey string, m *Message) (bool, error) {
	for _, key := range waitingPlaces(lockKey, m) {
		entries, err := c.inbox.Waiting(ctx, key)
		if err != nil {
			return false, err
		}
		if isEvent(key) {
			return len(entries) > 0, nil // the queue is the event's own
		}
		i := indexOf(entries, m.ID)
		if i < 0 {
			continue
		}
		overfull, err := c.isOverfull(ctx, key, m, entries[:i])
		if err == nil && overfull && time.Since(entries[i].EnqueuedAt) < overfullGrace {
			err = ErrBusy
		}
		return err == nil, err
	}
	return false, nil
}

// isOverfull reports whether the message stands beyond the bound of its rule,
// behind the entries.
func (c *Chat) isOverfull(ctx context.Context, key string, m *Message, before []state.WaitingEntry) (bool, error) {
	t, err := c.Thread(m.ThreadID)
	if err != nil {
		return false, err
	}
	conc, err := c.deliveryRule(ctx, m, t.ref)
	if err != nil || conc.OnFull == FullDropOldest || len(before) < conc.MaxQueueSize {
		return false, err
	}
	count, err := c.ahead(ctx, key, &arrival{adapter: t.adapter, msg: m, ref: t.ref}, before)
	return count >= conc.MaxQueueSize, err
}

// waitingPlaces returns where to look for a message that has this lock's key now.
// Its rule may have been another when it was stored. It can move from a queue of
// its own to that of its thread meanwhile, so the latter is looked at last.
func waitingPlaces(key string, m *Message) []string {
	if isEvent(key) {
		return []string{key}
	}
	if base, ok := sharedKey(key, m); ok {
		return []string{key, base}
	}
	return []string{key, messageKey(key, m.ID), key}
}

// indexOf returns where the message stands among the entries, or -1.
func indexOf(entries []state.WaitingEntry, id MessageID) int {
	return slices.IndexFunc(entries, func(e state.WaitingEntry) bool { return messageID(e.Message) == id })
}

// messageID returns the id of a stored message, or "" if it is none.
func messageID(data []byte) MessageID {
	var v struct {
		ID MessageID `json:"id"`
	}
	if json.Unmarshal(data, &v) != nil {
		return ""
	}
	return v.ID
}

// swap replaces a claim. Without the Swaps role the step is not
// atomic, but the loser of the race only handles the message once more.
func (c *Chat) swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if c.swaps != nil {
		return c.swaps.CompareAndSwap(ctx, key, old, value, ttl)
	}
	return true, c.state.Set(ctx, key, value, ttl)
}

// confirm marks the message as handled.
func (c *Chat) confirm(ctx context.Context, m *Message) error {
	return c.state.Set(ctx, dedupeKey(m), dedupeDone, c.cfg.Storage.DedupeTTL)
}

// giveUp gives the claim up after storing the message has failed, unless it may
// have been stored all the same: then the inbox decides when it is delivered
// again.
func (c *Chat) giveUp(ctx context.Context, m *Message, err error) {
	if errors.Is(err, state.ErrUnknownOutcome) || errors.Is(err, state.ErrUnavailable) || ctx.Err() != nil {
		return
	}
	_ = c.unclaim(ctx, m) // a claim that stays is taken over after its grace
}

// unclaim lets the message be delivered again.
func (c *Chat) unclaim(ctx context.Context, m *Message) error {
	return c.state.Delete(ctx, dedupeKey(m))
}
