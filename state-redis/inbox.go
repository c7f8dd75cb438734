package redisstate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// How the queue and the mark, two keys, are kept in step without a transaction.
//
// Accept pushes the entry and then sets the mark to a new, greater score. Settle
// removes entries and leaves the mark. WaitingThreads, when it meets a mark,
// reads its score s, then sees that the queue is empty, then removes the mark if
// its score is still s. An entry that is in the queue always ends up marked:
//
//   - Its push came before the emptiness was seen: then the queue was not empty.
//   - Its push came after: then its mark came later still, so after s was read,
//     and it changed the score. The mark stays.
//
// The first step of each pair must be executed before the second is sent, or
// both travel in order on one connection.

// Accept does what Enqueue does and marks the thread as waiting since now. When
// it returns without an error the entry is stored and the mark is set, on the
// master and on Config.MinReplicas replicas.
//
// The entry is sent once. When its reply is lost the error matches
// [state.ErrUnknownOutcome]: the entry may be there, and accepting it again can
// double it.
func (a *Adapter) Accept(ctx context.Context, threadID string, entry state.QueueEntry, maxSize int) (int, error) {
	o, err := a.begin(ctx, "accept")
	if err != nil {
		return 0, err
	}
	defer o.end()
	push, err := a.newPush(threadID, entry, maxSize)
	if err != nil {
		return 0, err
	}
	if err := o.accept(threadID, push, a.newMark(threadID)); err != nil {
		return 0, o.failUnknown(err, "queue", threadID)
	}
	return int(push.Val()), nil
}

// accept pushes and marks in the way that the servers allow.
func (o *op) accept(threadID string, push scriptCmd, mark intCmd) error {
	switch {
	case o.a.cfg.MinReplicas > 0:
		return o.acceptReplicated(threadID, push)
	case o.a.main.ordered():
		_, err := o.acceptTogether(threadID, push, mark)
		return err
	default:
		return o.acceptInTurn(threadID, push, mark)
	}
}

// newMark marks a thread as waiting since now. It answers with 0 if that changes
// nothing, as there is a mark from a clock that is ahead: then marked goes on.
func (a *Adapter) newMark(threadID string) intCmd {
	return newInt("zadd", a.keys.pendingFor(threadID), "gt", "ch", nowMicros(), threadID)
}

// newGreaterMark marks a thread in any case.
func (a *Adapter) newGreaterMark(threadID string) scriptCmd {
	return newRun(markScript, a.keys.pendingFor(threadID), threadID, nowMicros())
}

func nowMicros() string { return strconv.FormatInt(time.Now().UnixMicro(), 10) }

// marked sees that a mark is set that was sent once, or too early: then it is late.
func (o *op) marked(threadID string, mark intCmd, late bool) error {
	err := mark.Err()
	if late {
		mark.SetErr(nil)
		err = o.do(o.a.main, mark, again)
	} else if err != nil {
		err = o.retry(o.a.main, mark, again, err)
	}
	if err != nil || mark.Val() > 0 {
		return err
	}
	return o.run(o.a.main, markScript, o.a.newGreaterMark(threadID), again)
}

// acceptTogether takes one round trip, with further commands if there are any. If
// the push was not executed, what came after it came too early: then push and
// mark are sent again in turn, and it reports that the further commands are late.
func (o *op) acceptTogether(threadID string, push scriptCmd, mark intCmd, further ...redis.Cmder) (late bool, err error) {
	cmds := append(make([]redis.Cmder, 0, 2+len(further)), push, mark)
	if err := o.a.main.sendInOrder(o.ctx, append(cmds, further...)...); err != nil {
		return false, err
	}
	if err := push.Err(); err != nil {
		late = true
		if !isNoScript(err) {
			err = o.retry(o.a.main, push, once, err)
		}
		// A server that was away knows no scripts when it comes back.
		if isNoScript(err) {
			push.byText(enqueueScript)
			err = o.do(o.a.main, push, once)
		}
		if err != nil {
			return late, o.markUnknown(threadID, mark, err)
		}
	}
	return late, o.marked(threadID, mark, late)
}

// acceptInTurn sends the mark when the push is done, as different servers hold
// the two keys.
func (o *op) acceptInTurn(threadID string, push scriptCmd, mark intCmd) error {
	if err := o.run(o.a.main, enqueueScript, push, once); err != nil {
		return o.markUnknown(threadID, mark, err)
	}
	return o.marked(threadID, mark, true)
}

// markUnknown marks the thread after a push of which it is not known whether it was
// executed, so that WaitingThreads finds the entry if it is there.
func (o *op) markUnknown(threadID string, mark intCmd, err error) error {
	if fateOf(err) == unknown && o.ctx.Err() == nil {
		_ = o.marked(threadID, mark, true)
	}
	return err
}

// Waiting returns all entries of the thread, oldest first, without removing
// them. An entry that cannot be decoded comes with its error.
func (a *Adapter) Waiting(ctx context.Context, threadID string) ([]state.WaitingEntry, error) {
	o, err := a.begin(ctx, "read waiting entries")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return nil, err
	}
	cmd := newStrings("lrange", a.keys.queue+threadID, 0, -1)
	if err := o.do(a.main, cmd, again); err != nil {
		return nil, o.fail(err, "queue", threadID)
	}
	return waitingEntries(threadID, cmd.Val()), nil
}

func waitingEntries(threadID string, stored []string) []state.WaitingEntry {
	entries := make([]state.WaitingEntry, len(stored))
	for i, raw := range stored {
		entries[i].Receipt = state.Receipt(raw)
		if err := decodeRaw(threadID, []byte(raw), &entries[i].QueueEntry); err != nil {
			entries[i].Err = err
			entries[i].QueueEntry = state.QueueEntry{}
		}
	}
	return entries
}

// Settle removes exactly the entries with these receipts and returns how many
// entries are left. The thread's mark goes when WaitingThreads next meets it.
//
// After a lost reply it is sent again, and may then remove a second entry that
// equals a settled one byte for byte: a double of the same message.
func (a *Adapter) Settle(ctx context.Context, threadID string, receipts ...state.Receipt) (int, error) {
	o, err := a.begin(ctx, "settle")
	if err != nil {
		return 0, err
	}
	defer o.end()
	if err := state.CheckName("threadID", threadID); err != nil {
		return 0, err
	}
	args := make([]any, len(receipts))
	for i, r := range receipts {
		args[i] = string(r)
	}
	cmd := newRun(settleScript, a.keys.queue+threadID, args...)
	if err := o.run(a.main, settleScript, cmd, again); err != nil {
		return 0, o.fail(err, "queue", threadID)
	}
	return int(cmd.Val()), nil
}

// ExtendQueue keeps what waits on the thread for at least the TTL from now, also if
// another program has made the queue expire sooner. It shortens nothing, and where
// nothing waits it changes nothing.
func (a *Adapter) ExtendQueue(ctx context.Context, threadID string, ttl time.Duration) error {
	o, err := a.begin(ctx, "extend queue")
	if err != nil {
		return err
	}
	defer o.end()
	if err := errors.Join(state.CheckName("threadID", threadID), state.CheckLockTTL("ttl", ttl)); err != nil {
		return err
	}
	cmd := newRun(extendQueueScript, a.keys.queue+threadID, millisText(ttl))
	if err := o.run(a.main, extendQueueScript, cmd, again); err != nil {
		return o.fail(err, "queue", threadID)
	}
	return nil
}

// WaitingThreads returns up to limit threads, longest first, that were last
// marked before the moment. It removes the marks it meets of threads whose
// queue is empty. A limit of 0 means all.
func (a *Adapter) WaitingThreads(ctx context.Context, before time.Time, limit int) ([]string, error) {
	o, err := a.begin(ctx, "list waiting threads")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckSize("limit", limit); err != nil {
		return nil, err
	}
	var (
		wg       sync.WaitGroup
		found    [pendingKeys][]redis.Z
		failures [pendingKeys]error
	)
	for i, key := range a.keys.pending {
		wg.Go(func() {
			looking := o // each notes for itself what it has sent again
			found[i], failures[i] = looking.waitingIn(key, before, limit)
		})
	}
	wg.Wait()
	if err := errors.Join(failures[:]...); err != nil {
		return nil, err
	}
	all := slices.Concat(found[:]...)
	slices.SortFunc(all, func(x, y redis.Z) int { return cmp.Compare(x.Score, y.Score) })
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	threads := make([]string, len(all))
	for i, z := range all {
		threads[i] = z.Member.(string)
	}
	return threads, nil
}

// waitingPage is how many marks are read at once.
const waitingPage = 256

// waitingIn returns the threads marked in one key, longest first, up to limit.
func (o *op) waitingIn(key string, before time.Time, limit int) ([]redis.Z, error) {
	var found []redis.Z
	until := "(" + strconv.FormatInt(before.UnixMicro(), 10)
	for {
		page := newScores("zrangebyscore", key, "-inf", until, "withscores", "limit", len(found), waitingPage)
		if err := o.do(o.a.main, page, again); err != nil {
			return nil, o.fail(err, "queue", key)
		}
		marks := page.Val()
		live, err := o.dropEmpty(key, marks)
		if err != nil {
			return nil, err
		}
		found = append(found, live...)
		if len(marks) < waitingPage || limit > 0 && len(found) >= limit {
			return found, nil
		}
	}
}

// dropEmpty removes the marks of threads whose queue is empty and returns the
// others.
func (o *op) dropEmpty(key string, marks []redis.Z) ([]redis.Z, error) {
	if len(marks) == 0 {
		return nil, nil
	}
	depths := make([]redis.Cmder, len(marks))
	for i, z := range marks {
		depths[i] = newInt("llen", o.a.keys.queue+z.Member.(string))
	}
	if err := o.doAll(o.a.main, again, depths...); err != nil {
		return nil, o.fail(err, "queue", key)
	}
	live := marks[:0:0]
	var unmarks []redis.Cmder
	for i, z := range marks {
		depth := depths[i].(intCmd)
		if depth.Err() == nil && depth.Val() == 0 {
			unmarks = append(unmarks, newRun(unmarkScript, key, z.Member.(string), strconv.FormatFloat(z.Score, 'f', -1, 64)))
			continue
		}
		live = append(live, z) // also one that cannot be measured: its reader learns why
	}
	if len(unmarks) == 0 {
		return live, nil
	}
	if err := o.doAll(o.a.main, again, unmarks...); err != nil {
		return nil, o.fail(err, "queue", key)
	}
	for _, c := range unmarks {
		cmd := c.(scriptCmd)
		if !isNoScript(cmd.Err()) {
			continue
		}
		if err := o.run(o.a.main, unmarkScript, cmd, again); err != nil {
			return nil, o.fail(err, "queue", key)
		}
	}
	return live, nil
}
