package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/internal/program"
)

const (
	liveBots    = 3
	liveThreads = 12
	liveRate    = 10 // messages a second over all threads
	liveSeed    = 1

	// successorAfter is how long a killed bot is missed before another starts, as
	// under a supervisor.
	successorAfter = 3 * time.Second

	// PauseLength is how long a bot is paused: longer than it can keep its locks.
	PauseLength = 2 * lockTTL
)

// Errors of the faults of a Live.
var (
	// ErrNoBot says that no bot with the name is running.
	ErrNoBot = errors.New("no bot with this name is running")
	// ErrBusy says that an earlier fault of the same target is not over.
	ErrBusy = errors.New("an earlier fault is not over")
)

// Live is a run that goes on until its context ends, for somebody who watches it
// and does the faults: three bots, and a Redis with one replica under Sentinel.
// It is safe for concurrent use.
type Live struct {
	t        *program.TB
	dir      string
	fleet    *fleet
	platform *platform
	redis    sentinel
	started  time.Time
	faulting sync.WaitGroup // faults that are not over

	mu        sync.Mutex
	slots     [liveBots]slot
	slotOf    map[string]int // by the name of a bot, also of one that is gone
	redisBusy bool
	events    []Event
	watchers  int
	watched   chan struct{} // closed when somebody watches

	view viewer
}

// slot is the place of one bot, in which others follow it.
type slot struct {
	proc  *proc // nil: none has been started
	state BotState
}

// StartLive starts the servers and the bots. Its caller calls Run, and t.Finish in
// the end.
func StartLive(t *program.TB) (*Live, error) {
	l := &Live{t: t, slotOf: map[string]int{}, watched: make(chan struct{}), started: time.Now()}
	if err := t.Do(func() {
		l.dir = t.TempDir()
		l.redis = newServers(t, "sentinel", 1).(sentinel)
	}); err != nil {
		return nil, err
	}
	l.fleet = &fleet{faults: &faultLog{}, settings: botSettings{
		Dir: l.dir, StateURL: l.redis.url(), MinReplicas: l.redis.minReplicas(), LockTTL: lockTTL, SweepInterval: sweepInterval,
		Work: work{Usual: 800 * time.Millisecond, Step: 20 * time.Millisecond},
	}}
	t.Cleanup(l.fleet.close)
	l.platform = newPlatform(l.fleet)
	l.platform.late = 5 * time.Second
	l.view = viewer{live: l, found: newRuns(), journals: journalReader{dir: l.dir}}
	for i := range l.slots {
		if err := l.startBot(i); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Run has messages sent and watched over until ctx ends, and returns when no fault
// lasts any more.
func (l *Live) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() {
		l.platform.sendEach(ctx, liveThreads, liveRate, liveSeed, func(int, int) bool { return l.wanted(ctx) })
	})
	wg.Go(func() { l.fleet.settings.watchServer(ctx, l.redis.masters, l.fleet.faults) })
	wg.Go(func() { l.view.watchNodes(ctx) })
	wg.Go(func() { l.view.watchWaiting(ctx) })
	wg.Wait()
	l.fleet.close() // which ends pauses too
	l.faulting.Wait()
}

// wanted waits until somebody watches: nobody needs messages that no one sees. It
// reports false if ctx ended first.
func (l *Live) wanted(ctx context.Context) bool {
	l.mu.Lock()
	watched := l.watched
	l.mu.Unlock()
	select {
	case <-watched:
		return true
	case <-ctx.Done():
		return false
	}
}

// Watch counts somebody who watches, until the returned function is called.
func (l *Live) Watch() (leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watchers++; l.watchers == 1 {
		close(l.watched)
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.watchers--; l.watchers == 0 {
			l.watched = make(chan struct{})
		}
	}
}

func (l *Live) startBot(i int) error {
	p, err := l.fleet.start()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if before := l.slots[i].proc; before != nil {
		l.tell(EventGood, "%s started in the place of %s.", p.name, before.name)
	}
	l.slots[i] = slot{proc: p, state: BotRunning}
	l.slotOf[p.name] = i
	return nil
}

// claim takes a running bot for a fault.
func (l *Live) claim(name string, to BotState, what string) (slot int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, known := l.slotOf[name]
	if !known || l.slots[i].proc.name != name || l.slots[i].state == BotKilled {
		return 0, fmt.Errorf("chaos: %q: %w", name, ErrNoBot)
	}
	if l.slots[i].state != BotRunning {
		return 0, fmt.Errorf("chaos: %s: %w", name, ErrBusy)
	}
	l.slots[i].state = to
	l.tell(EventFault, what, name)
	return i, nil
}

// KillBot ends the bot by SIGKILL. Another takes its place after a while.
func (l *Live) KillBot(ctx context.Context, name string) error {
	i, err := l.claim(name, BotKilled, "%s was killed, in the middle of what it did.")
	if err != nil {
		return err
	}
	l.faulting.Go(func() {
		l.fleet.crash(l.slots[i].proc)
		if sleep(ctx, successorAfter) {
			l.report(l.startBot(i))
		}
	})
	return nil
}

// PauseBot stops the bot for PauseLength and lets it go on.
func (l *Live) PauseBot(ctx context.Context, name string) error {
	i, err := l.claim(name, BotPaused, fmt.Sprintf("%%s was paused for %v, which is longer than its locks live.", PauseLength))
	if err != nil {
		return err
	}
	l.faulting.Go(func() {
		err := l.fleet.pause(l.slots[i].proc, PauseLength)
		if ctx.Err() != nil {
			return // it was ended in its pause
		}
		l.report(err)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.slots[i].state = BotRunning
		l.tell(EventGood, "%s goes on. What it had begun, others may have done meanwhile.", name)
	})
	return nil
}

// KillRedis ends the server that takes writes by SIGKILL, and starts it again when
// its replica has taken over.
func (l *Live) KillRedis(ctx context.Context) error {
	return l.strike(ctx, faultServerKill, "The Redis that takes writes was killed. Its replica takes over.")
}

// FailOver has the replica take over from a server that is well.
func (l *Live) FailOver(ctx context.Context) error {
	return l.strike(ctx, faultServerFailover, "The Sentinels were told to fail over.")
}

func (l *Live) strike(ctx context.Context, kind faultKind, what string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.redisBusy {
		return fmt.Errorf("chaos: redis: %w", ErrBusy)
	}
	l.redisBusy = true
	l.tell(EventFault, "%s", what)
	l.faulting.Go(func() {
		ended := l.fleet.faults.begin(kind, "redis")
		err := l.t.Do(func() { l.redis.strike(l.t, kind, nil) })
		ended()
		if ctx.Err() == nil {
			l.report(err)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.redisBusy = false
		if err == nil {
			l.tell(EventGood, "Redis is whole again: a primary and its replica, in step.")
		}
	})
	return nil
}

// report tells of what should not have happened.
func (l *Live) report(err error) {
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.tell(EventTrouble, "%v", err)
	}
}
