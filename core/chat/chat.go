package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/internal/dispatch"
	"github.com/chat-adapter/chat-go/core/state"
)

// Chat is a bot: its adapters, its handlers and its share of the work of all
// instances that use the same state. It is safe for concurrent use.
type Chat struct {
	cfg      Config
	userName string
	state    state.Adapter
	swaps    state.Swaps // nil if the state lacks the role
	adapters map[string]Adapter
	log      *slog.Logger
	observer Observer
	handlers handlers
	mention  *regexp.Regexp
	rule     *rule // of messages without a group, unless it depends on the message

	transcripts *Transcripts

	dispatcher *dispatch.Dispatcher
	router     router
	approvals  approvals
	modals     modals
	letters    deadLetters
	marks      failureMarks
	callbacks  *callbackClient
	bots       botThreads

	readiness readiness
	connected atomic.Bool
	runs      atomic.Bool // Run was called
	stopping  atomic.Bool
	halt      chan struct{} // closed when Shutdown begins
	closed    chan struct{} // closed when Shutdown has ended
	stopErr   error
}

// New returns a bot. It does no I/O. Its error is [ErrInvalidConfig], or what an
// adapter said when it was attached. An adapter belongs to one bot, until that has
// shut down.
func New(cfg Config) (*Chat, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	c := &Chat{
		cfg: cfg, userName: cfg.UserName, state: cfg.State, log: cfg.Logger, observer: cfg.Observer,
		adapters: map[string]Adapter{}, mention: mentionPattern(cfg.UserName), halt: make(chan struct{}), closed: make(chan struct{}),
	}
	c.swaps, _ = state.As[state.Swaps](cfg.State)
	c.transcripts = newTranscripts(c, cfg.Transcripts)
	var err error
	if c.callbacks, err = newCallbackClient(cfg); err != nil {
		return nil, fmt.Errorf("%w: Callbacks.Secret: %w", ErrInvalidConfig, err)
	}
	c.router, c.approvals, c.modals, c.letters, c.marks = router{c}, approvals{c}, modals{c}, deadLetters{c}, failureMarks{c}
	c.rule = c.newRule(cfg.Concurrency)
	c.dispatcher = dispatch.New(dispatch.Config{
		State: cfg.State, Program: program{c}, Log: cfg.Logger, Durable: cfg.Durability == DurabilityInbox,
		LockTTL: cfg.Lock.TTL, SweepInterval: cfg.Lock.SweepInterval, MaxTurn: cfg.Limits.MaxTurn, MaxHandlers: cfg.Limits.MaxHandlers,
		MessageTTL: cfg.Storage.MessageTTL, DedupeTTL: cfg.Storage.DedupeTTL, DeadLetterTTL: cfg.Storage.DeadLetterTTL,
		Retry: dispatch.Retry{
			MaxAttempts: cfg.Retry.MaxAttempts, Backoff: cfg.Retry.Backoff, MaxBackoff: cfg.Retry.MaxBackoff, Overtake: cfg.Retry.Overtake,
		},
	})
	if err := c.attach(cfg.Adapters); err != nil {
		return nil, err
	}
	return c, nil
}

// AdapterNames returns the names of the bot's adapters, sorted.
func (c *Chat) AdapterNames() []string {
	return slices.Sorted(maps.Keys(c.adapters))
}

// connect connects the state unless it is.
func (c *Chat) connect(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	if c.isClosed() {
		return ErrShutdown
	}
	if c.connected.Load() {
		return nil
	}
	if c.stopping.Load() {
		return ErrShutdown
	}
	if err := c.state.Connect(ctx); err != nil {
		return err
	}
	c.dispatcher.Connected(ctx)
	c.connected.Store(true)
	return nil
}

// Shutdown stops the bot: it takes no new events, and until ctx ends handles
// those that it has accepted, or waits for the instance that handles their thread.
// Then it cancels running handlers with [ErrShutdown], gives its locks back and
// closes the state. What was not handled is left to other instances. Calling it
// again waits for the first call's end and returns its error. A nil context is
// [ErrInvalidArgument].
func (c *Chat) Shutdown(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	if !c.stopping.Swap(true) {
		c.stopErr = c.shutdown(ctx)
		close(c.closed)
	}
	<-c.closed
	return c.stopErr
}

// isClosed reports whether Shutdown has ended.
func (c *Chat) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *Chat) shutdown(ctx context.Context) error {
	close(c.halt)
	late := c.dispatcher.Shutdown(ctx)
	closed := c.closeAdapters(context.WithoutCancel(ctx))
	c.detach()
	return errors.Join(late, closed, c.state.Close(context.WithoutCancel(ctx)))
}

// closeAdapters closes the adapters that want it, at the same time.
func (c *Chat) closeAdapters(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	var mu sync.Mutex
	var errs []error
	var closing sync.WaitGroup
	for name, a := range c.adapters {
		closer, ok := a.(Closer)
		if !ok {
			continue
		}
		closing.Go(func() {
			if err := closer.Close(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, fmt.Errorf("chat: closing adapter %q: %w", name, err))
			}
		})
	}
	closing.Wait()
	return errors.Join(errs...)
}

// closeTimeout is how long the adapters may take to close.
const closeTimeout = 5 * time.Second
