package sim

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// plan is what a seed decides.
type plan struct {
	instances int
	conc      chat.Concurrency
	groups    []chat.Concurrency // rules of groups of handlers
	moves     float64            // share of handler calls that subscribe or unsubscribe the thread
	scope     chat.LockScope
	retry     chat.Retry
	volatile  bool // messages leave the queue before they are handled
	latency   time.Duration
	loss      float64 // share of replies that are lost
	failures  float64 // share of handler calls that fail
	again     float64 // share of messages that the platform delivers twice
	crashes   int
	outages   int
	thefts    int  // locks of handlers that have run for a while are deleted
	together  bool // the state has the Turns role
	counts    bool // handlers count in the state of their channel
	keeps     bool // the platform has no history of its own
	messages  int
	threads   int
	spread    time.Duration
	work      time.Duration
	sweep     time.Duration
	tail      time.Duration // how long the bots go on after the last message is settled

	sameIDs bool // a fault of the platform adapter: each thread counts its messages from 1
}

// newPlan draws a plan. Most worlds are small, so that many are played, and one
// in five is large.
func newPlan(r *rand.Rand) plan {
	p := plan{
		latency: []time.Duration{0, time.Millisecond, 5 * time.Millisecond}[r.IntN(3)],
		scope:   chat.LockScope(r.IntN(2)),
	}
	if one(r, 5) {
		p.instances, p.messages, p.threads = 1+r.IntN(3), 5+r.IntN(20), 1+r.IntN(3)
	} else {
		p.instances, p.messages, p.threads = 1+r.IntN(2), 2+r.IntN(5), 1+r.IntN(2)
	}
	p.spread = time.Duration(1+r.IntN(16*p.messages)) * time.Millisecond
	p.work = time.Duration(r.IntN(40)) * time.Millisecond
	if one(r, 12) { // longer than a lock lives, so that it has to be renewed
		p.work = 3 * time.Second
	}
	p.conc = newConcurrency(r)
	p.conc.Interrupt = p.conc.Strategy == chat.StrategyQueue && one(r, 16)
	p.retry = chat.Retry{MaxAttempts: 50, Backoff: 20 * time.Millisecond, MaxBackoff: 200 * time.Millisecond, Overtake: one(r, 3)}
	if one(r, 3) {
		p.failures = 0.2
		if one(r, 4) {
			p.retry.MaxAttempts = 1 + r.IntN(3)
		}
	}
	if one(r, 3) {
		p.again = 0.3
	}
	if one(r, 3) {
		p.crashes = r.IntN(p.instances)
	}
	if one(r, 6) {
		p.loss = 0.02
	}
	if one(r, 12) {
		p.outages = 1 + r.IntN(2)
	}
	p.together = one(r, 2)
	p.counts = one(r, 6)
	p.keeps = one(r, 6)
	if one(r, 4) {
		p.groups = []chat.Concurrency{newConcurrency(r), newConcurrency(r)}
		p.moves = 0.3 * float64(r.IntN(2))
	}
	p.volatile = p.clean() && one(r, 8)
	if p.work > time.Second && p.clean() && !p.volatile && one(r, 2) {
		p.thefts = 1
	}
	p.sweep, p.tail = time.Second, 3*time.Second
	if p.clean() {
		// Nothing is left behind, so nothing may be found by the sweep.
		p.sweep, p.tail = time.Hour, time.Minute
	}
	return p
}

// races reports whether a message may be refused and handled all the same: the
// bound of a queue is checked after storing, and room can come in between.
func (p *plan) races() bool {
	return p.anyRule(func(c chat.Concurrency) bool {
		limit := c.MaxQueueSize
		if c.OnFull == chat.FullDropOldest {
			limit *= 10
		}
		return limit > 0 && p.messages > limit
	})
}

func one(r *rand.Rand, in int) bool { return r.IntN(in) == 0 }

func newConcurrency(r *rand.Rand) chat.Concurrency {
	conc := chat.Concurrency{Window: 30 * time.Millisecond}
	conc.Strategy = []chat.Strategy{
		chat.StrategyQueue, chat.StrategyQueue, chat.StrategyDrop, chat.StrategyDebounce, chat.StrategyBurst, chat.StrategyConcurrent,
	}[r.IntN(6)]
	if one(r, 3) {
		conc.MaxQueueSize = 1 + r.IntN(4)
		conc.OnFull = chat.FullPolicy(r.IntN(3))
	}
	if conc.Strategy == chat.StrategyConcurrent && one(r, 2) {
		conc.MaxConcurrent = 1 + r.IntN(2)
	}
	return conc
}

// unwanted is the text of messages that no handler would get by themselves.
const unwanted = "hm"

// command is what the handlers of a group match.
func command(group int) *regexp.Regexp { return regexp.MustCompile(fmt.Sprint("^!", group)) }

// text draws what a message says.
func (p *plan) text(r *rand.Rand) string {
	if len(p.groups) == 0 {
		return "@bot hello"
	}
	return []string{"@bot hello", "!0", "!1", unwanted}[r.IntN(4)]
}

// grouped reports whether handlers have several rules: then messages of one
// thread need not come in order.
func (p *plan) grouped() bool { return len(p.groups) > 0 }

// anyRule reports whether the bot's rule or a group's is like this.
func (p *plan) anyRule(like func(chat.Concurrency) bool) bool {
	return like(p.conc) || slices.ContainsFunc(p.groups, like)
}

// clean reports whether nothing fails but handlers: then every count is exact.
func (p *plan) clean() bool { return p.crashes == 0 && p.loss == 0 && p.outages == 0 && p.thefts == 0 }

// kind names the rules that the plan's messages meet.
func (p *plan) kind() string {
	if p.grouped() {
		return "groups"
	}
	strategy := [...]string{"queue", "drop", "debounce", "burst", "concurrent"}[p.conc.Strategy]
	scope := [...]string{"thread", "channel"}[p.scope]
	policy := "unbounded"
	if p.conc.MaxQueueSize > 0 {
		policy = [...]string{"reject", "drop-oldest", "drop-newest"}[p.conc.OnFull]
	}
	return strategy + "/" + scope + "/" + policy
}

// base names the lock that a message belongs to.
func (p *plan) base(thread chat.ThreadID, channel chat.ChannelID) string {
	if p.scope == chat.ScopeChannel {
		return string(channel)
	}
	return string(thread)
}

// key names what is locked for a message under a rule.
func (p *plan) key(conc chat.Concurrency, thread chat.ThreadID, channel chat.ChannelID, id chat.MessageID) string {
	key := p.base(thread, channel)
	if conc.Strategy == chat.StrategyConcurrent {
		key += concurrentMark + string(id)
	}
	return key
}

// concurrentMark separates a lock's name from a message that runs along with others.
const concurrentMark = "#message:"
