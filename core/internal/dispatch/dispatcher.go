package dispatch

import (
	"context"
	"log/slog"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Config describes a dispatcher. All fields are required.
type Config struct {
	State   state.Adapter
	Program Program
	Log     *slog.Logger
	// Durable says that an item waits in the state's inbox until it is handled. Else it
	// leaves the state before.
	Durable bool
	// LockTTL is how long a key stays locked after its holder died.
	LockTTL time.Duration
	// SweepInterval is how often Sweep is called.
	SweepInterval time.Duration
	// MaxTurn bounds one attempt.
	MaxTurn time.Duration
	// MaxHandlers is how many workers are served at once.
	MaxHandlers int
	// MessageTTL is how long an item may wait, DedupeTTL how long a handled one's claim
	// is kept, DeadLetterTTL how long a dead letter is.
	MessageTTL, DedupeTTL, DeadLetterTTL time.Duration
	Retry                                Retry
}

// Dispatcher is one instance's share of the work. It is safe for concurrent use.
type Dispatcher struct {
	cfg     Config
	program Program
	state   state.Adapter
	inbox   inbox
	swaps   state.Swaps // nil if the state lacks the role
	turns   state.Turns
	// inProcess says that nobody outside of this process can empty the state.
	inProcess bool
	log       *slog.Logger

	leases  leases
	pool    pool
	canary  canary
	signals signals
	pulse   pulse
}

// New returns a dispatcher. It does no I/O.
func New(cfg Config) *Dispatcher {
	d := &Dispatcher{
		cfg: cfg, program: cfg.Program, state: cfg.State, log: cfg.Log,
		inbox: queueInbox{cfg.State}, inProcess: isInProcess(cfg.State),
	}
	if stored, ok := state.As[state.Inbox](cfg.State); ok && cfg.Durable {
		d.inbox = stored
	}
	d.swaps, _ = state.As[state.Swaps](cfg.State)
	d.turns = newTurns(cfg, d.inbox)
	d.leases.init(cfg.State, cfg.LockTTL, cfg.MaxTurn, d.extendQueue)
	d.leases.fences, _ = state.As[state.Fences](cfg.State)
	d.pool.init(d)
	d.signals.init()
	d.pulse.init()
	return d
}

// Connected is called when the state has been connected.
func (d *Dispatcher) Connected(ctx context.Context) { d.putCanary(ctx) }

// Inbox returns where items wait. The program may keep something there, too.
func (d *Dispatcher) Inbox() Inbox { return d.inbox }

// Wake has the key's worker look at the queue.
func (d *Dispatcher) Wake(key Key) { d.pool.wake(key, false) }

// AwaitIdle returns when this instance does not serve the key, or ctx has ended.
func (d *Dispatcher) AwaitIdle(ctx context.Context, key Key) { d.pool.awaitIdle(ctx, key) }

// Begin announces work of the program's own that a shutdown waits for; End must follow.
// It reports false if the dispatcher shuts down already.
func (d *Dispatcher) Begin() bool { return d.pool.beginWork() }

// End ends what Begin began.
func (d *Dispatcher) End() { d.pool.endDelivery() }
