package chaos

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/internal/redistest"
)

// plan is what happens in a run.
type plan struct {
	Topology     string
	Replicas     int    // of each master; 0: as many as usual
	Dir          string // for journals and logs
	Processes    int
	Threads      int
	Messages     int
	Rate         float64       // messages a second
	KillEvery    time.Duration // 0: never
	PauseEvery   time.Duration // 0: never
	ServerFaults int
	Seed         uint64
}

const (
	lockTTL       = 3 * time.Second
	sweepInterval = time.Second

	// pauseLeast and pauseMost bound how long a bot is stopped. The lock's TTL is
	// in between.
	pauseLeast = lockTTL / 2
	pauseMost  = 2 * lockTTL

	// finishTimeout is how long the bots may take to finish when nothing disturbs
	// them any more: also a message whose first attempt died as often as it may.
	finishTimeout = time.Minute
)

// outcome is a verdict with what the run itself was like.
type outcome struct {
	*verdict
	plan    plan
	traffic time.Duration // from the first message to the acceptance of the last
	// disturbed is how many messages a second were accepted until most were: as
	// long as there were faults.
	disturbed float64
	total     time.Duration
	finish    time.Duration // from the end of the faults until nothing waited
	waiting   []string      // threads that still had waiting messages when time was up
}

// play does a run. It must be called on the test's goroutine.
func play(t redistest.TB, p plan) *outcome {
	t.Helper()
	srv := newServers(t, p.Topology, p.Replicas)
	f := &fleet{faults: &faultLog{}, settings: botSettings{
		Dir: p.Dir, StateURL: srv.url(), MinReplicas: srv.minReplicas(), LockTTL: lockTTL, SweepInterval: sweepInterval,
		Work: work{Usual: 200 * time.Millisecond, Long: 3 * lockTTL / 2, LongOneIn: 200, FailOneIn: 100},
	}}
	t.Cleanup(f.close)
	for range p.Processes {
		if _, err := f.start(); err != nil {
			t.Fatalf("%v", err)
		}
	}
	start, begun := time.Now(), now()
	o := &outcome{plan: p}
	pf := newPlatform(f)
	watched, unwatch := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() { f.settings.watchServer(watched, srv.masters, f.faults) })
	p.disturbed(t, pf, srv, func(ctx context.Context) {
		pf.sendAll(ctx, p.Threads, p.Messages, p.Rate, p.Seed)
	})
	o.traffic = time.Since(start)
	o.disturbed = pf.rate(begun)
	calm := time.Now()
	var err error
	h := history{deliveries: pf.deliveries()}
	o.waiting, h.dead, err = f.settings.finish(t.Context(), finishTimeout)
	mustDo(t, err)
	o.finish, o.total = time.Since(calm), time.Since(start)
	f.terminate()
	unwatch()
	watching.Wait()
	h.faults = f.faults.all()
	h.journals, err = readJournals(p.Dir)
	mustDo(t, err)
	mustDo(t, h.save(p.Dir))
	o.verdict = judge(h)
	return o
}

// mustDo ends the test if something did not work that is not what is tested.
func mustDo(t redistest.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("chaos: %v", err)
	}
}

// disturbed calls traffic and does the planned faults until most messages are
// accepted. It returns when traffic has.
func (p plan) disturbed(t redistest.TB, pf *platform, srv servers, traffic func(context.Context)) {
	f := pf.fleet
	// A message that nobody takes must not keep the run going for ever.
	ctx, cancel := context.WithTimeout(t.Context(), 3*p.length()+2*time.Minute)
	defer cancel()
	over := make(chan struct{})
	go func() {
		defer close(over)
		traffic(ctx)
	}()
	quiet, stop := context.WithCancel(ctx)
	go func() {
		defer stop()
		select {
		case <-pf.most:
		case <-over:
		}
	}()
	var faults sync.WaitGroup
	var errs faultErrors
	faults.Go(func() {
		errs.add(repeat(quiet, p.KillEvery, func() error {
			if bot := f.claim(rand.New(rand.NewPCG(p.Seed, uint64(now())))); bot != nil {
				return f.kill(bot)
			}
			return nil
		}))
	})
	faults.Go(func() {
		r := rand.New(rand.NewPCG(p.Seed, 2))
		errs.add(repeat(quiet, p.PauseEvery, func() error {
			if bot := f.claim(r); bot != nil {
				return f.pause(bot, pauseLeast+time.Duration(r.Int64N(int64(pauseMost-pauseLeast))))
			}
			return nil
		}))
	})
	p.strikeServer(t, f, srv, quiet.Done())
	<-over
	faults.Wait()
	if err := errs.joined(); err != nil {
		t.Fatalf("%v", err)
	}
}

// length is how long the traffic takes if nothing holds it up.
func (p plan) length() time.Duration {
	return time.Duration(float64(p.Messages) / p.Rate * float64(time.Second))
}

// strikeServer spreads the faults of Redis over the run. It needs the test's
// goroutine, as a server that does not do what it is told ends the test.
func (p plan) strikeServer(t redistest.TB, f *fleet, srv servers, over <-chan struct{}) {
	r := rand.New(rand.NewPCG(p.Seed, 3))
	interval := p.length() / time.Duration(p.ServerFaults+1)
	begun := time.Now()
	for i, kind := range faultsOf(p.ServerFaults) {
		timer := time.NewTimer(time.Until(begun.Add(time.Duration(i+1) * interval)))
		select {
		case <-timer.C:
		case <-over:
			timer.Stop()
			return
		}
		ended := f.faults.begin(kind, "")
		srv.strike(t, kind, r)
		ended()
	}
}

// repeat calls do at the interval until ctx ends or it fails.
func repeat(ctx context.Context, interval time.Duration, do func() error) error {
	if interval == 0 {
		return nil
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := do(); err != nil {
			return err
		}
	}
}

// faultErrors collects what went wrong in faults.
type faultErrors struct {
	mu   sync.Mutex
	list []error
}

func (e *faultErrors) add(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, err)
}

func (e *faultErrors) joined() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return errors.Join(e.list...)
}

// onlooker returns a bot on the state of the bots that never runs.
func (s botSettings) onlooker() (*chat.Chat, backend, error) {
	s.MinReplicas = 0 // it only looks
	st, err := s.openState(nil)
	if err != nil {
		return nil, nil, err
	}
	bot, err := chat.New(chat.Config{UserName: "bot", Adapters: []chat.Adapter{chattest.NewFake(chattest.Config{Name: platformName}).Adapter()}, State: st})
	return bot, st, err
}

// finish waits until no message waits. It returns the threads where some still do
// when nothing has changed for as long as its patience, and the ids of the messages
// that are dead letters.
func (s botSettings) finish(ctx context.Context, patience time.Duration) (waiting, dead []string, err error) {
	bot, st, err := s.onlooker()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = bot.Shutdown(context.WithoutCancel(ctx)) }()
	if _, err := bot.DeadLetters(ctx); err != nil { // which connects
		return nil, nil, err
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && sleep(ctx, 50*time.Millisecond); {
		before := waiting
		waiting, err = st.WaitingThreads(ctx, time.Now().Add(time.Hour), 0)
		if err == nil && len(waiting) == 0 {
			break
		}
		if err == nil && !slices.Equal(waiting, before) {
			deadline = time.Now().Add(patience)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	dead, err = deadMessages(ctx, bot)
	return waiting, dead, err
}

// deadMessages returns the ids of the messages that are dead letters.
func deadMessages(ctx context.Context, bot *chat.Chat) ([]string, error) {
	letters, err := bot.DeadLetters(ctx)
	if err != nil {
		return nil, err
	}
	var dead []string
	for _, letter := range letters {
		for _, m := range append(letter.Skipped, letter.Message) {
			if m != nil {
				dead = append(dead, string(m.ID))
			}
		}
	}
	return dead, nil
}
