// Package sim plays bots on one shared state in virtual time: random strategies,
// groups of handlers, messages, handler times, failures, crashes, outages and lost replies, all from
// one seed. A play is judged by the bot's promises: see [Rule].
package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	memorystate "github.com/chat-adapter/chat-go/state-memory"
)

// world is one play.
type world struct {
	plan   plan
	book   *book
	shared Shared
	bots   []*bot
}

// bot is one instance.
type bot struct {
	number int
	fake   *chattest.Fake
	store  *Store
	mu     sync.Mutex
	random *rand.Rand // of its handlers
}

// keeper is a platform without a history of its own.
type keeper struct{ *chattest.Adapter }

// KeepsHistory has the bot keep it.
func (keeper) KeepsHistory() bool { return true }

var errPlanned = errors.New("sim: the handler fails as planned")

// fault is what is broken on purpose in a play.
type fault struct {
	// plan changes the plan.
	plan func(*plan)
	// state stands between the bots and the shared state.
	state func(Shared) Shared
}

// Play runs one seed. It must be called inside a synctest bubble. It returns what
// became of the messages, and what was wrong: an error that joins [Violation]
// values.
func Play(seed uint64) (Totals, error) { return play(seed, fault{}) }

func play(seed uint64, f fault) (Totals, error) {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &world{plan: newPlan(r)}
	if f.plan != nil {
		f.plan(&w.plan)
	}
	w.book = newBook(&w.plan)
	memory, err := memorystate.New(memorystate.Config{})
	if err != nil {
		return Totals{}, err
	}
	w.shared = memory
	if f.state != nil {
		w.shared = f.state(memory)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var running sync.WaitGroup
	for i := range w.plan.instances {
		if err := w.start(ctx, seed, i, &running); err != nil {
			return Totals{}, err
		}
	}
	w.send(r)
	w.rest()
	cancel()
	running.Wait()
	time.Sleep(2 * time.Second) // until the locks of dead instances have expired
	totals := w.book.judge(context.Background(), memory)
	if err := memory.Close(context.Background()); err != nil {
		return totals, err
	}
	if broken := w.book.broken; len(broken) > 0 {
		return totals, fmt.Errorf("seed %d: %+v: %w", seed, w.plan, errors.Join(broken...))
	}
	return totals, nil
}

// start runs one more instance.
func (w *world) start(ctx context.Context, seed uint64, i int, running *sync.WaitGroup) error {
	p := &w.plan
	b := &bot{number: i, fake: chattest.NewFake(chattest.Config{}), random: rand.New(rand.NewPCG(seed, uint64(i)+100))}
	b.store = NewStore(w.shared, seed*10+uint64(i), p.latency, p.loss)
	var connection state.Adapter = b.store
	if p.together {
		connection = Trips{b.store}
	}
	var adapter chat.Adapter = b.fake.Adapter()
	if p.keeps {
		adapter = keeper{b.fake.Adapter()}
	}
	cfg := chat.Config{
		UserName: "bot", Adapters: []chat.Adapter{adapter}, State: connection, Logger: slog.New(slog.DiscardHandler), Observer: w.book,
		Concurrency: p.conc, Lock: chat.LockConfig{Scope: func(*chat.Message) chat.LockScope { return p.scope }, TTL: time.Second, SweepInterval: p.sweep}, Retry: p.retry,
	}
	if p.volatile {
		cfg.Durability = chat.DurabilityNone
	}
	c, err := chat.New(cfg)
	if err != nil {
		return err
	}
	c.OnMention(w.handler(b, p.conc))
	for k, conc := range p.groups {
		group, err := c.Group(conc)
		if err != nil {
			return err
		}
		group.OnMessage(command(k), w.handler(b, conc))
		if k == 0 {
			group.OnSubscribedMessage(w.handler(b, conc))
		}
	}
	running.Go(func() { _ = c.Run(ctx) })
	w.bots = append(w.bots, b)
	return nil
}

// send delivers the messages. Meanwhile instances crash or lose the state.
func (w *world) send(r *rand.Rand) {
	p := &w.plan
	within := func() time.Duration { return time.Duration(r.Int64N(int64(p.spread))) }
	var sending sync.WaitGroup
	after := func(d time.Duration, do func()) {
		sending.Go(func() {
			time.Sleep(d)
			do()
		})
	}
	for range p.crashes {
		// One instance always survives.
		victim := w.bots[1+r.IntN(len(w.bots)-1)]
		after(within(), func() {
			victim.store.Crash()
			w.book.crash(victim.number)
		})
	}
	for range p.outages {
		cut := w.bots[r.IntN(len(w.bots))].store
		length := time.Duration(r.Int64N(int64(3 * time.Second)))
		after(within(), func() {
			cut.SetAway(true)
			time.Sleep(length)
			cut.SetAway(false)
		})
	}
	for range p.thefts {
		after(within(), w.steal)
	}
	counts := map[int]int{}
	for range p.messages {
		number := r.IntN(p.threads)
		thread := w.bots[0].fake.Thread("c", "t"+strconv.Itoa(number))
		m := w.bots[0].fake.Message(thread, p.text(r))
		if p.sameIDs {
			counts[number]++
			m.ID = chat.MessageID("m" + strconv.Itoa(counts[number]))
		}
		rec := w.book.add(m)
		first := r.IntN(len(w.bots))
		at := within()
		after(at, func() { w.deliver(rec, m, first) })
		if r.Float64() < p.again {
			second := r.IntN(len(w.bots))
			after(at+2*within(), func() { w.deliver(rec, m, second) })
		}
	}
	sending.Wait()
}

// steal deletes the lock of a handler, if there is one before all is done.
func (w *world) steal() {
	for range 1000 {
		if key := w.book.victim(); key != "" {
			_ = w.shared.ForceReleaseLock(context.Background(), key)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// deliver sends a message as a platform does: again, to any instance, until it
// is accepted.
func (w *world) deliver(rec *record, m *chat.Message, first int) {
	w.book.delivering(rec)
	for attempt := range 100 {
		copied := *m
		if _, err := w.bots[(first+attempt)%len(w.bots)].fake.Send(context.Background(), &copied); err == nil {
			w.book.delivered(rec)
			return
		}
		time.Sleep(min(100*time.Millisecond<<min(attempt, 10), 2*time.Second))
	}
}

// rest waits until nothing waits any more, or for long enough that sweeps,
// retries and the leases of dead instances have ended.
func (w *world) rest() {
	ctx := context.Background()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if !w.book.settled() {
			continue
		}
		if threads, err := w.shared.WaitingThreads(ctx, time.Now().Add(time.Hour), 1); err == nil && len(threads) == 0 {
			break
		}
	}
	time.Sleep(w.plan.tail)
}

// handler is a handler of an instance under a rule.
func (w *world) handler(b *bot, conc chat.Concurrency) chat.MessageHandler {
	return func(ctx context.Context, ev *chat.MessageEvent) error {
		p := &w.plan
		b.mu.Lock()
		work, fails, moves := time.Duration(0), b.random.Float64() < p.failures, b.random.Float64() < p.moves
		if p.work > 0 {
			work = time.Duration(b.random.Int64N(int64(p.work)))
		}
		b.mu.Unlock()
		c, s, endless := w.book.begin(ctx, conc, ev)
		if endless {
			work = time.Second // so that the play ends
		}
		err := w.work(ctx, ev, work)
		if err == nil && moves {
			err = move(ctx, ev)
		}
		if err == nil && fails {
			err = errPlanned
		}
		w.book.end(c, s, b.number, err)
		return err
	}
}

// move subscribes the thread, or unsubscribes it.
func move(ctx context.Context, ev *chat.MessageEvent) error {
	if ev.Kind == chat.KindSubscribed {
		return ev.Thread.Unsubscribe(ctx)
	}
	return ev.Thread.Subscribe(ctx)
}

func (w *world) work(ctx context.Context, ev *chat.MessageEvent, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if !w.plan.counts {
		return nil
	}
	_, err := chat.ChannelData[int](ev.Thread.Channel()).Update(ctx, func(n int) (int, error) { return n + 1, nil })
	if err == nil {
		w.book.count()
	}
	return err
}
