package sim

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// judge accounts for every message when all bots have stopped.
func (b *book) judge(ctx context.Context, shared Shared) Totals {
	b.mu.Lock()
	defer b.mu.Unlock()
	buried := b.judgeLetters(ctx, shared)
	for _, r := range b.order {
		b.judgeRecord(r, buried)
		b.judgeMark(ctx, shared, r)
	}
	b.judgeLeft(ctx, shared)
	b.judgeState(ctx, shared)
	b.judgeHistory(ctx, shared)
	return b.totals(buried)
}

func (b *book) judgeRecord(r *record, buried map[string]bool) {
	switch {
	case r.safeAt.IsZero():
		b.broke(RuleRefused, "%s was never accepted: %v", r.name, r.steps)
	case !r.ended() && !b.plan.clean() && (buried[r.name] || r.text == unwanted): // nobody may have heard of its end
	case !r.ended():
		b.broke(RuleLost, "%s: %v", r.name, r.steps)
	case b.plan.clean():
		answers := r.outcomes() + r.steps[chat.StepRejected] + r.steps[chat.StepDuplicate]
		if answers < r.steps[chat.StepReceived] || answers > r.steps[chat.StepReceived] && !b.plan.races() {
			b.broke(RuleBalance, "%s: received %d times, %d answers: %v", r.name, r.steps[chat.StepReceived], answers, r.steps)
		}
		if r.ran > 1 && !b.plan.races() {
			b.broke(RuleTwice, "%s: %d handlers have returned nil for it", r.name, r.ran)
		}
	}
	drops := b.plan.anyRule(func(c chat.Concurrency) bool { return c.Strategy == chat.StrategyDrop || c.OnFull != chat.FullReject })
	if r.steps[chat.StepDropped] > 0 && !drops {
		b.broke(RuleBalance, "%s was dropped under a strategy that drops nothing", r.name)
	}
	if r.steps[chat.StepDead] > 0 && b.plan.failures == 0 && b.plan.clean() {
		b.broke(RuleBalance, "%s was given up although no handler has failed", r.name)
	}
}

// judgeMark wants that a redelivery would be refused exactly if the message was
// handled.
func (b *book) judgeMark(ctx context.Context, shared Shared, r *record) {
	if r.steps[chat.StepHandled]+r.steps[chat.StepSkipped]+r.steps[chat.StepCancelled] == 0 {
		return
	}
	value, err := shared.Get(ctx, "dedupe:fake:"+string(r.id))
	if err != nil || string(value) != "true" {
		b.broke(RuleLeft, "%s is handled, but its mark is %q: %v", r.name, value, err)
	}
}

// judgeLeft wants the queues and retry records empty and the locks free.
func (b *book) judgeLeft(ctx context.Context, shared Shared) {
	threads, err := shared.WaitingThreads(ctx, time.Now().Add(time.Hour), 0)
	if err != nil || len(threads) > 0 {
		b.broke(RuleLeft, "threads are marked as waiting: %q: %v", threads, err)
	}
	var keys []string
	for _, r := range b.order {
		for _, conc := range append([]chat.Concurrency{b.plan.conc}, b.plan.groups...) {
			if key := b.plan.key(conc, r.thread, r.channel, r.id); !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	for _, key := range keys {
		if depth, err := shared.QueueDepth(ctx, key); err != nil || depth > 0 {
			b.broke(RuleLeft, "%d messages wait on %s: %v", depth, key, err)
		}
		if _, err := shared.AcquireLock(ctx, key, time.Second); err != nil {
			b.broke(RuleLeft, "the lock of %s is not free: %v", key, err)
		}
		if !b.plan.clean() || b.plan.races() {
			continue
		}
		if value, err := shared.Get(ctx, "chat:retries:"+key); !errors.Is(err, state.ErrNotFound) {
			b.broke(RuleLeft, "a retry record of %s: %s: %v", key, value, err)
		}
	}
}

// judgeLetters wants a dead letter for every message that was given up. It
// returns the messages that have one.
func (b *book) judgeLetters(ctx context.Context, shared Shared) map[string]bool {
	if b.plan.volatile {
		return nil
	}
	buried := map[string]bool{}
	want, got := 0, 0
	for _, r := range b.order {
		want += r.steps[chat.StepDead]
	}
	entries, err := shared.Waiting(ctx, "chat:dead-letters")
	for _, e := range entries {
		var letter chat.DeadLetter
		if err := json.Unmarshal(e.Message, &letter); err != nil {
			b.broke(RuleLeft, "a dead letter cannot be read: %v", err)
		}
		got += 1 + len(letter.Skipped)
		for _, m := range append(letter.Skipped, letter.Message) {
			buried[b.name(m.ThreadID, m.ID)] = true
		}
	}
	if err != nil || got < want || b.plan.clean() && got != want {
		b.broke(RuleLeft, "%d messages in dead letters, %d were given up: %v", got, want, err)
	}
	return buried
}

// judgeState wants every update of the channel's state, and no other.
func (b *book) judgeState(ctx context.Context, shared Shared) {
	if b.counted == 0 || !b.plan.clean() || b.plan.conc.Interrupt {
		return
	}
	value, err := shared.Get(ctx, "channel-state:fake:c")
	if err != nil || string(value) != strconv.Itoa(b.counted) {
		b.broke(RuleState, "the channel's state is %s after %d updates: %v", value, b.counted, err)
	}
}

// judgeHistory wants every message that was accepted once in its thread's and
// its channel's history, in the order of acceptance.
func (b *book) judgeHistory(ctx context.Context, shared Shared) {
	if !b.plan.keeps || !b.plan.clean() {
		return
	}
	kept := map[string][]string{}
	for _, r := range b.order {
		for _, list := range []string{string(r.thread), string(r.channel)} {
			if _, ok := kept[list]; ok {
				continue
			}
			values, err := shared.GetList(ctx, "msg-history:"+list)
			if err != nil {
				b.broke(RuleHistory, "%s: %v", list, err)
			}
			kept[list] = []string{}
			for _, value := range values {
				var m chat.Message
				if err := json.Unmarshal(value, &m); err != nil {
					b.broke(RuleHistory, "%s: %v", list, err)
				}
				kept[list] = append(kept[list], b.name(m.ThreadID, m.ID))
			}
		}
	}
	for i, r := range b.order {
		for _, list := range []string{string(r.thread), string(r.channel)} {
			names := kept[list]
			times := 0
			for _, name := range names {
				if name == r.name {
					times++
				}
			}
			if times != r.steps[chat.StepAccepted] {
				b.broke(RuleHistory, "%s stands %d times in %s, it was accepted %d times", r.name, times, list, r.steps[chat.StepAccepted])
			}
			for _, later := range b.order[i+1:] {
				at, next := slices.Index(names, r.name), slices.Index(names, later.name)
				if r.safeAt.Before(later.sentAt) && !r.safeAt.IsZero() && at >= 0 && next >= 0 && next < at {
					b.broke(RuleHistory, "%s stands before %s in %s", later.name, r.name, list)
				}
			}
		}
	}
}
