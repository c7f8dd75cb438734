package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// Rule is a promise of the bot that a play can find broken.
type Rule string

// The rules.
const (
	RuleLost    Rule = "lost"    // what was accepted has an outcome
	RuleRefused Rule = "refused" // what the platform delivers again and again is accepted in the end
	RuleBalance Rule = "balance" // every delivery is answered by exactly one step, for a reason
	RuleTwice   Rule = "twice"   // what was handled is not handled again, unless nobody can know
	RuleOverlap Rule = "overlap" // one handler at a time on a lock, and no more than its bound
	RuleOrder   Rule = "order"   // messages of a thread come in the order they were accepted
	RuleEvent   Rule = "event"   // an event holds one thread's messages and counts them
	RuleIdle    Rule = "idle"    // nothing waits while nothing runs
	RuleEndless Rule = "endless" // handlers are called a bounded number of times
	RuleLeft    Rule = "left"    // nothing is left in the state that would block or repeat
	RuleState   Rule = "state"   // no update of typed state is lost
	RuleHistory Rule = "history" // kept history has every message once, in order
)

// Violation is one broken promise.
type Violation struct {
	Rule   Rule
	Detail string
}

// Error says what was seen.
func (v *Violation) Error() string { return string(v.Rule) + ": " + v.Detail }

// record is what is known of one message.
type record struct {
	name     string
	text     string
	id       chat.MessageID
	thread   chat.ThreadID
	channel  chat.ChannelID
	sentAt   time.Time // first delivery
	safeAt   time.Time // first delivery that was answered without an error; zero: none was
	accepted time.Time // first StepAccepted of a bot; zero: none was seen
	steps    map[chat.Step]int
	calls    int  // handler calls that it was part of
	ran      int  // those that returned nil
	excused  bool // one of these was on an instance whose outcome may be unknown
	stopped  bool // a call of it was cancelled, which is an end even if its report is lost
}

// outcomes is how often a bot has reported an end of the message.
func (r *record) outcomes() int {
	return r.steps[chat.StepHandled] + r.steps[chat.StepSkipped] + r.steps[chat.StepIgnored] + r.steps[chat.StepDropped] +
		r.steps[chat.StepExpired] + r.steps[chat.StepDead] + r.steps[chat.StepCancelled]
}

// ended reports whether a message may come after this one: it is done or was
// given up.
func (r *record) ended() bool { return r.ran > 0 || r.stopped || r.outcomes() > 0 }

// turn is a running handler.
type turn struct {
	ctx   context.Context //nolint:containedctx // asked whether the handler may still run
	began time.Time
	items []*record
}

// slot is what is known of one lock.
type slot struct {
	running []*turn
	endedAt time.Time // of the last handler
	last    int       // how many messages that one had
}

// book keeps account of a play and judges it as it goes.
type book struct {
	plan *plan

	mu      sync.Mutex
	records map[string]*record
	order   []*record // as they were sent first
	slots   map[string]*slot
	calls   int
	counted int // updates of typed state that succeeded
	crashed []bool
	broken  []error
}

func newBook(p *plan) *book {
	return &book{plan: p, records: make(map[string]*record, p.messages), slots: map[string]*slot{}, crashed: make([]bool, p.instances)}
}

// maxViolations is how many are told of one play.
const maxViolations = 8

func (b *book) broke(rule Rule, format string, args ...any) {
	if len(b.broken) < maxViolations {
		b.broken = append(b.broken, &Violation{rule, fmt.Sprintf(format, args...)})
	}
}

// name identifies a message. Ids are unique unless the adapter is at fault.
func (b *book) name(thread chat.ThreadID, id chat.MessageID) string {
	if b.plan.sameIDs {
		return string(thread) + "/" + string(id)
	}
	return string(id)
}

// add opens the account of a message.
func (b *book) add(m *chat.Message) *record {
	thread := string(m.ThreadID)
	r := &record{
		name: b.name(m.ThreadID, m.ID), text: m.Text, id: m.ID, thread: m.ThreadID,
		channel: chat.ChannelID(thread[:strings.LastIndexByte(thread, ':')]), steps: map[chat.Step]int{},
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records[r.name] = r
	return r
}

// delivering notes the begin of a delivery.
func (b *book) delivering(r *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.sentAt.IsZero() {
		r.sentAt = time.Now()
		b.order = append(b.order, r)
	}
}

// delivered notes that a delivery was answered without an error.
func (b *book) delivered(r *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.safeAt.IsZero() {
		r.safeAt = time.Now()
	}
}

// Observe notes what a bot reports.
func (b *book) Observe(_ context.Context, o chat.Observation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.records[b.name(o.Thread, o.Message)]
	if r == nil {
		return
	}
	r.steps[o.Step]++
	switch o.Step {
	case chat.StepAccepted:
		if r.accepted.IsZero() {
			r.accepted = time.Now()
		}
	case chat.StepRejected:
		if o.Reason == "" || o.Err == nil {
			b.broke(RuleBalance, "%s was rejected without a reason or an error", r.name)
		}
	case chat.StepDropped:
		if o.Reason == "" {
			b.broke(RuleBalance, "%s was dropped without a reason", r.name)
		}
	case chat.StepExpired:
		b.broke(RuleBalance, "%s has expired after %v", r.name, o.Waited)
	case chat.StepHandled, chat.StepSkipped:
		if r.ran == 0 && !b.plan.conc.Interrupt && r.text != unwanted {
			b.broke(RuleBalance, "%s is reported as %s, but no handler has returned nil for it", r.name, o.Step)
		}
	}
}

// begin judges a handler call and notes that it runs. It reports whether there
// were far more calls than any plan needs.
func (b *book) begin(ctx context.Context, conc chat.Concurrency, ev *chat.MessageEvent) (c *turn, s *slot, endless bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if endless = b.calls > 100*b.plan.messages+100; endless {
		b.broke(RuleEndless, "%d handler calls for %d messages", b.calls, b.plan.messages)
	}
	c = &turn{ctx: ctx, began: time.Now(), items: b.items(ev)}
	s = b.slotOf(conc, ev)
	b.judgeOverlap(s, ev)
	b.judgeGroup(conc, ev)
	for i, r := range c.items {
		b.judgeRepeat(r)
		b.judgeOrder(r, c.items[:i])
		b.judgeWait(r, s)
	}
	for _, r := range c.items {
		r.calls++
	}
	s.running = append(s.running, c)
	return c, s, endless
}

// count notes an update of the channel's state.
func (b *book) count() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counted++
}

// items returns the records of an event's messages, oldest first.
func (b *book) items(ev *chat.MessageEvent) []*record {
	if ev.SinceLast != len(ev.Skipped)+1 {
		b.broke(RuleEvent, "SinceLast is %d with %d skipped", ev.SinceLast, len(ev.Skipped))
	}
	items := make([]*record, 0, len(ev.Skipped)+1)
	for _, m := range append(slices.Clone(ev.Skipped), ev.Message) {
		r := b.records[b.name(m.ThreadID, m.ID)]
		switch {
		case r == nil:
			b.broke(RuleEvent, "message %s of %s was never sent", m.ID, m.ThreadID)
			continue
		case m.ThreadID != ev.Thread.ID():
			b.broke(RuleEvent, "message of %s in an event of %s", m.ThreadID, ev.Thread.ID())
		case slices.Contains(items, r):
			b.broke(RuleEvent, "%s stands twice in its event", r.name)
		}
		items = append(items, r)
	}
	return items
}

// judgeGroup wants messages of one group in an event. Those that no handler wants
// may come with any.
func (b *book) judgeGroup(conc chat.Concurrency, ev *chat.MessageEvent) {
	if !b.plan.grouped() {
		return
	}
	for _, m := range ev.Skipped {
		other := m.Text != ev.Message.Text && ev.Message.Text != unwanted && ev.Kind != chat.KindSubscribed
		if m.Text != unwanted && (other || conc.Strategy == chat.StrategyConcurrent) {
			b.broke(RuleEvent, "%s of another group is skipped for %s", m.ID, ev.Message.ID)
		}
	}
}

func (b *book) slotOf(conc chat.Concurrency, ev *chat.MessageEvent) *slot {
	key := b.plan.key(conc, ev.Thread.ID(), ev.Thread.Channel().ID(), ev.Message.ID)
	s := b.slots[key]
	if s == nil {
		s = &slot{}
		b.slots[key] = s
	}
	return s
}

// judgeOverlap wants no other handler on the lock whose context lives.
func (b *book) judgeOverlap(s *slot, ev *chat.MessageEvent) {
	for _, other := range s.running {
		if other.ctx.Err() == nil {
			b.broke(RuleOverlap, "%s is handled while another handler runs on its lock", ev.Message.ID)
		}
	}
	bound := b.plan.conc.MaxConcurrent
	if bound == 0 || b.plan.grouped() {
		return
	}
	live := 1
	for key, s := range b.slots {
		base, _, _ := strings.Cut(key, concurrentMark)
		if base != b.plan.base(ev.Thread.ID(), ev.Thread.Channel().ID()) {
			continue
		}
		for _, other := range s.running {
			if other.ctx.Err() == nil {
				live++
			}
		}
	}
	if live > bound {
		b.broke(RuleOverlap, "%d handlers run at once, the bound is %d", live, bound)
	}
}

// judgeRepeat wants that a message which is done is not handed over again.
func (b *book) judgeRepeat(r *record) {
	if b.plan.races() && r.steps[chat.StepRejected]+r.steps[chat.StepDropped] > 0 {
		return
	}
	switch done := r.steps[chat.StepHandled] + r.steps[chat.StepSkipped] + r.steps[chat.StepCancelled]; {
	case done > 0:
		b.broke(RuleTwice, "%s is handed over again after it was reported as done", r.name)
	case r.ran > 0 && !r.excused:
		b.broke(RuleTwice, "%s is handed over again after its handler returned nil", r.name)
	case r.steps[chat.StepDropped] > 0 && b.plan.clean():
		b.broke(RuleTwice, "%s is handed over after it was dropped", r.name)
	}
}

// judgeOrder wants that what was accepted in the thread before the message was
// sent has ended or comes before it in the same event.
func (b *book) judgeOrder(r *record, before []*record) {
	p := b.plan
	if p.conc.Strategy == chat.StrategyConcurrent || p.grouped() || r.calls > 0 {
		return
	}
	if p.volatile && p.conc.Interrupt {
		return // what a cancelled turn leaves is put back behind what comes meanwhile
	}
	for _, earlier := range b.order {
		safe := earlier.safeAt
		if p.volatile {
			safe = earlier.accepted // a duplicate is answered while the message may be refused yet
		}
		// While one delivery was refused another may have been told that all is well,
		// and what is dropped for a newer one is reported a moment later.
		if p.races() && earlier.steps[chat.StepRejected] > 0 || p.volatile && p.conc.OnFull == chat.FullDropOldest {
			continue
		}
		if earlier.thread != r.thread || safe.IsZero() || !safe.Before(r.sentAt) || earlier.ended() ||
			slices.Contains(before, earlier) || p.retry.Overtake && earlier.calls > 0 || b.mayBeDead(earlier) {
			continue
		}
		b.broke(RuleOrder, "%s overtakes %s", r.name, earlier.name)
	}
}

// mayBeDead reports whether the message may have become a dead letter without a
// report, because the reply that said so was lost.
func (b *book) mayBeDead(r *record) bool {
	return !b.plan.clean() && r.calls >= b.plan.retry.MaxAttempts
}

// judgeWait wants that a message is handed over as soon as it is stored and the
// last handler has ended, but for the time that calls to the state take.
func (b *book) judgeWait(r *record, s *slot) {
	p := b.plan
	if !p.clean() || p.grouped() || p.failures > 0 || p.again > 0 || p.conc.MaxConcurrent > 0 || p.conc.Interrupt || p.keeps || r.accepted.IsZero() {
		return
	}
	ready := r.accepted
	if s.endedAt.After(ready) {
		ready = s.endedAt
	}
	// Each call takes up to two latencies, each message of the last batch is marked
	// by one, and each that is dropped needs two.
	calls := 14 + s.last
	if p.conc.OnFull == chat.FullDropOldest && p.conc.MaxQueueSize > 0 {
		calls += 2 * p.messages
	}
	limit := 2*p.latency*time.Duration(calls) + time.Millisecond
	switch p.conc.Strategy {
	case chat.StrategyDebounce:
		limit += 10 * p.conc.Window
	case chat.StrategyBurst:
		limit += p.conc.Window
	}
	if len(s.running) == 0 && time.Since(ready) > limit {
		b.broke(RuleIdle, "%s has waited for %v while nothing ran, want at most %v", r.name, time.Since(ready), limit)
	}
}

// end notes that a handler has returned.
func (b *book) end(c *turn, s *slot, instance int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.running = slices.DeleteFunc(s.running, func(x *turn) bool { return x == c })
	s.endedAt, s.last = time.Now(), len(c.items)
	if err != nil {
		for _, r := range c.items {
			r.stopped = r.stopped || errors.Is(context.Cause(c.ctx), chat.ErrTurnCancelled)
		}
		return
	}
	for _, r := range c.items {
		r.ran++
		r.excused = r.excused || b.plan.loss > 0 || b.plan.outages > 0 || b.crashed[instance] || c.ctx.Err() != nil
	}
}

// victim names a lock under which a handler has run for so long that it is safe from
// thieves, or returns an empty name.
func (b *book) victim() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	age := 50*time.Millisecond + 16*b.plan.latency
	for _, key := range slices.Sorted(maps.Keys(b.slots)) {
		for _, c := range b.slots[key].running {
			if time.Since(c.began) > age && c.ctx.Err() == nil {
				return key
			}
		}
	}
	return ""
}

// crash notes that an instance has died: what it handled and has not reported may
// be handled again.
func (b *book) crash(instance int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.crashed[instance] = true
	for _, r := range b.records {
		r.excused = r.excused || r.ran > 0
	}
}

// settled reports whether every message has an outcome.
func (b *book) settled() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.records {
		if !r.ended() {
			return false
		}
	}
	for _, s := range b.slots {
		if len(s.running) > 0 {
			return false
		}
	}
	return true
}
