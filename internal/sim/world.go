// Package sim plays bots on one shared state in virtual time: random strategies,
// groups of handlers, messages, handler times, failures, crashes and lost replies, all from one seed.
// At the end every message must be accounted for.
package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// plan is what a seed decides.
type plan struct {
	instances int
	conc      chat.Concurrency
	groups    []chat.Concurrency
	moves     float64 // share of handler calls that subscribe or unsubscribe the thread
	scope     chat.LockScope
	retry     chat.Retry
	latency   time.Duration
	loss      float64
	failures  float64 // share of handler calls that fail
	crashes   int
	together  bool // the state has the Turns role
	messages  int
	threads   int
	spread    time.Duration
	work      time.Duration
}

func newPlan(r *rand.Rand) plan {
	p := plan{
		instances: 1 + r.IntN(3),
		latency:   []time.Duration{0, time.Millisecond, 5 * time.Millisecond}[r.IntN(3)],
		messages:  5 + r.IntN(20),
		threads:   1 + r.IntN(3),
		spread:    time.Duration(1+r.IntN(400)) * time.Millisecond,
		work:      time.Duration(r.IntN(40)) * time.Millisecond,
		scope:     chat.LockScope(r.IntN(2)),
	}
	p.conc = newConcurrency(r)
	p.retry = chat.Retry{MaxAttempts: 50, Backoff: 20 * time.Millisecond, MaxBackoff: 200 * time.Millisecond, Overtake: r.IntN(3) == 0}
	if r.IntN(2) == 0 {
		p.failures = 0.2
	}
	if r.IntN(3) == 0 {
		p.crashes = r.IntN(p.instances)
	}
	if r.IntN(4) == 0 {
		p.loss = 0.02
	}
	p.together = r.IntN(2) == 0
	if r.IntN(2) == 0 {
		p.groups = []chat.Concurrency{newConcurrency(r), newConcurrency(r)}
		p.moves = 0.3 * float64(r.IntN(2))
	}
	return p
}

func newConcurrency(r *rand.Rand) chat.Concurrency {
	conc := chat.Concurrency{Window: 30 * time.Millisecond}
	conc.Strategy = []chat.Strategy{
		chat.StrategyQueue, chat.StrategyQueue, chat.StrategyDrop, chat.StrategyDebounce, chat.StrategyBurst, chat.StrategyConcurrent,
	}[r.IntN(6)]
	if r.IntN(3) == 0 {
		conc.MaxQueueSize = 1 + r.IntN(4)
		conc.OnFull = chat.FullPolicy(r.IntN(3))
	}
	if conc.Strategy == chat.StrategyConcurrent && r.IntN(2) == 0 {
		conc.MaxConcurrent = 1 + r.IntN(2)
	}
	return conc
}

// anyRule reports whether the bot's rule or a group's is like this.
func (p plan) anyRule(like func(chat.Concurrency) bool) bool {
	return like(p.conc) || slices.ContainsFunc(p.groups, like)
}

// record is what is known of one message.
type record struct {
	sent     int  // order within its thread
	unwanted bool // no handler would get it by itself
	accepted bool
	rejected bool
	ran      int // a handler got it and returned nil
	handled  int
	skipped  int
	dropped  int
	expired  int
	dead     int
}

// world is one run.
type world struct {
	plan plan
	mu   sync.Mutex
	recs map[chat.MessageID]*record
	live map[string]liveTurn // by lock
	seen map[chat.ThreadID]int
	errs []error
}

type liveTurn struct {
	id  int
	ctx context.Context
}

func (w *world) fail(format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf(format, args...))
}

// Observe keeps the books.
func (w *world) Observe(_ context.Context, o chat.Observation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.recs[o.Message]
	if r == nil {
		return
	}
	switch o.Step {
	case chat.StepAccepted:
		r.accepted = true
	case chat.StepHandled, chat.StepIgnored:
		r.handled++
	case chat.StepSkipped:
		r.skipped++
	case chat.StepDropped:
		r.dropped++
	case chat.StepExpired:
		r.expired++
	case chat.StepDead:
		r.dead++
	}
}

var errPlanned = errors.New("sim: the handler fails as planned")

// Play runs one seed. It must be called inside a synctest bubble. It returns
// what was wrong.
func Play(seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	p := newPlan(r)
	w := &world{plan: p, recs: map[chat.MessageID]*record{}, live: map[string]liveTurn{}, seen: map[chat.ThreadID]int{}}
	shared, err := memorystate.New(memorystate.Config{})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var fakes []*chattest.Fake
	var stores []*Store
	var running sync.WaitGroup
	for i := range p.instances {
		st := NewStore(shared, seed*10+uint64(i), p.latency, p.loss)
		var connection state.Adapter = st
		if p.together {
			connection = Trips{st}
		}
		fake := chattest.NewFake("fake")
		bot, err := chat.New(chat.Config{
			UserName: "bot", Adapters: []chat.Adapter{fake}, State: connection, Logger: slog.New(slog.DiscardHandler), Observer: w,
			Concurrency: p.conc, LockScope: func(*chat.Message) chat.LockScope { return p.scope }, Retry: p.retry,
			LockTTL: time.Second, SweepInterval: time.Second,
		})
		if err != nil {
			return err
		}
		hr := rand.New(rand.NewPCG(seed, uint64(i)+100))
		var hmu sync.Mutex
		handler := func(conc chat.Concurrency) chat.MessageHandler {
			return func(ctx context.Context, ev *chat.MessageEvent) error {
				hmu.Lock()
				work, fails, moves := time.Duration(0), hr.Float64() < p.failures, hr.Float64() < p.moves
				if p.work > 0 {
					work = time.Duration(hr.Int64N(int64(p.work)))
				}
				hmu.Unlock()
				if moves {
					if err := move(ctx, ev); err != nil {
						return err
					}
				}
				return w.handle(ctx, ev, conc.Strategy == chat.StrategyConcurrent, work, fails)
			}
		}
		bot.OnMention(handler(p.conc))
		for k, conc := range p.groups {
			group, err := bot.Group(conc)
			if err != nil {
				return err
			}
			group.OnMessage(command(k), handler(conc))
			if k == 0 {
				group.OnSubscribedMessage(handler(conc))
			}
		}
		running.Go(func() { _ = bot.Run(ctx) })
		fakes, stores = append(fakes, fake), append(stores, st)
	}
	w.send(ctx, r, fakes, stores)
	// Long enough for sweeps, retries and leases of crashed instances to end.
	time.Sleep(time.Minute)
	cancel()
	running.Wait()
	w.check()
	if err := shared.Close(context.Background()); err != nil {
		return err
	}
	if len(w.errs) > 0 {
		return fmt.Errorf("seed %d: %+v: %w", seed, p, errors.Join(w.errs...))
	}
	return nil
}

// send delivers the messages as a platform does: again after anything but an
// acceptance. Meanwhile instances crash.
func (w *world) send(ctx context.Context, r *rand.Rand, fakes []*chattest.Fake, stores []*Store) {
	var sending sync.WaitGroup
	for range w.plan.crashes {
		// One instance always survives.
		victim, at := stores[1+r.IntN(len(stores)-1)], time.Duration(r.Int64N(int64(w.plan.spread)))
		sending.Go(func() {
			time.Sleep(at)
			victim.Crash()
		})
	}
	for i := range w.plan.messages {
		thread := fakes[0].Thread("c", fmt.Sprint("t", r.IntN(w.plan.threads)))
		m := fakes[0].Message(thread, "@bot hello")
		if len(w.plan.groups) > 0 {
			m.Text = []string{"@bot hello", "!0", "!1", unwanted}[r.IntN(4)]
		}
		w.mu.Lock()
		w.recs[m.ID] = &record{sent: i, unwanted: m.Text == unwanted}
		w.mu.Unlock()
		at := time.Duration(r.Int64N(int64(w.plan.spread)))
		first := r.IntN(len(fakes))
		sending.Go(func() {
			time.Sleep(at)
			for attempt := 0; ; attempt++ {
				copied := *m
				f := (first + attempt) % len(fakes)
				if _, err := fakes[f].Send(ctx, &copied); err == nil {
					break
				}
				if attempt > 200 {
					w.mu.Lock()
					w.recs[m.ID].rejected = true
					w.mu.Unlock()
					break
				}
				time.Sleep(500 * time.Millisecond)
			}
		})
	}
	sending.Wait()
}

// unwanted is the text of messages that no handler would get by themselves.
const unwanted = "hm"

// command is what the handlers of a group match.
func command(group int) *regexp.Regexp { return regexp.MustCompile(fmt.Sprint("^!", group)) }

// move subscribes the thread, or unsubscribes it.
func move(ctx context.Context, ev *chat.MessageEvent) error {
	if ev.Kind == chat.KindSubscribed {
		return ev.Thread.Unsubscribe(ctx)
	}
	return ev.Thread.Subscribe(ctx)
}

// ofOneGroup reports whether the event's messages may be handled together.
func ofOneGroup(ev *chat.MessageEvent) bool {
	return ev.Kind == chat.KindSubscribed || !slices.ContainsFunc(ev.Skipped, func(m *chat.Message) bool {
		return m.Text != unwanted && ev.Message.Text != unwanted && m.Text != ev.Message.Text
	})
}

// handle is the bot's handler: it checks that it is alone.
func (w *world) handle(ctx context.Context, ev *chat.MessageEvent, concurrent bool, work time.Duration, fails bool) error {
	key := string(ev.Thread.ID())
	if w.plan.scope == chat.ScopeChannel {
		key = string(ev.Thread.ChannelID())
	}
	if concurrent {
		key = string(ev.Message.ID)
	}
	w.mu.Lock()
	if other, ok := w.live[key]; ok && other.ctx.Err() == nil {
		w.fail("two handlers at once on %s", key)
	}
	id := len(w.live) + int(time.Now().UnixNano())
	w.live[key] = liveTurn{id: id, ctx: ctx}
	if ev.SinceLast != len(ev.Skipped)+1 {
		w.fail("SinceLast is %d with %d skipped", ev.SinceLast, len(ev.Skipped))
	}
	if !ofOneGroup(ev) || concurrent && len(w.plan.groups) > 0 && slices.ContainsFunc(ev.Skipped, func(m *chat.Message) bool { return m.Text != unwanted }) {
		w.fail("messages of several groups in one event: %s and %d before", ev.Message.ID, len(ev.Skipped))
	}
	for _, m := range append(slices.Clone(ev.Skipped), ev.Message) {
		if m.ThreadID != ev.Thread.ID() {
			w.fail("message of %s in an event of %s", m.ThreadID, ev.Thread.ID())
		}
	}
	w.mu.Unlock()
	timer := time.NewTimer(work)
	defer timer.Stop()
	var err error
	select {
	case <-timer.C:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	w.mu.Lock()
	if w.live[key].id == id {
		delete(w.live, key)
	}
	w.mu.Unlock()
	if err == nil && fails {
		return errPlanned
	}
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, m := range append(slices.Clone(ev.Skipped), ev.Message) {
			w.recs[m.ID].ran++
		}
	}
	return err
}

// check accounts for every message.
func (w *world) check() {
	clean := w.plan.crashes == 0 && w.plan.loss == 0
	rejects := w.plan.anyRule(func(c chat.Concurrency) bool { return c.OnFull == chat.FullReject })
	dropsOldest := w.plan.anyRule(func(c chat.Concurrency) bool { return c.OnFull == chat.FullDropOldest })
	bounded := w.plan.anyRule(func(c chat.Concurrency) bool { return c.MaxQueueSize > 0 })
	drops := w.plan.anyRule(func(c chat.Concurrency) bool { return c.Strategy == chat.StrategyDrop || c.OnFull != chat.FullReject })
	for id, r := range w.recs {
		outcomes := r.handled + r.skipped + r.dropped + r.expired + r.dead
		switch {
		case r.rejected:
			if !rejects {
				w.fail("%s was never accepted", id)
			}
		case r.unwanted && !clean: // nobody may have heard that it was settled
		case outcomes == 0 && r.ran == 0:
			w.fail("%s is lost: accepted %v", id, r.accepted)
		case clean && outcomes != 1 && dropsOldest && len(w.plan.groups) == 0:
			w.fail("%s has %d outcomes: %+v", id, outcomes, *r)
		case clean && outcomes != 1 && !bounded:
			w.fail("%s has %d outcomes: %+v", id, outcomes, *r)
		case !drops && r.dropped > 0:
			w.fail("%s was dropped under a strategy that drops nothing", id)
		}
	}
}
