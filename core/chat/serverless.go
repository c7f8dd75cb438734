package chat

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// ServerlessConfig says how long a request of [Chat.Serverless] goes on.
type ServerlessConfig struct {
	// HoldResponse keeps the answer back until the handlers are done, for servers that
	// stop the process once it is sent, such as AWS Lambda. The platform waits as long:
	// Slack for 3 s, after which it delivers again, which changes nothing. Default:
	// the answer goes out when the event is stored.
	HoldResponse bool
	// MaxWait bounds how long a request goes on for the handlers that it has started.
	// They are not cancelled then. Default: Config.Limits.MaxTurn.
	MaxWait time.Duration
	// MaxSweep bounds how long, of that, it goes on for what other instances have left.
	// What it does not reach is left to the next request. Default 10 s.
	MaxSweep time.Duration
}

// Serverless returns a handler for a process that runs only while it serves a request,
// such as a cloud function. It serves what [Chat.ServeHTTP] does, and returns when the
// handlers that the request has started are done, on this instance or another, with
// the attempts that follow a failure. Before that it sends the answer, where the server
// has a Flusher, so that the platform does not wait; HTTP/2 tells the platform all of
// it but its end.
//
// Each request also looks for what dead instances have left, as Run does, so that a bot
// that is only ever called needs no Run. Where requests are rare, have a scheduler ask
// /readyz once a minute.
//
// A client that leaves ends nothing. The handler returns a second before the request's
// deadline, if it has one, and at the end of [Chat.Shutdown]. What is not
// done by then is in the state, and a later request finds it once the lock of this
// instance has run out. It returns [ErrInvalidConfig] for a time below zero.
func (c *Chat) Serverless(cfg ServerlessConfig) (http.Handler, error) {
	for _, f := range []struct {
		name  string
		value *time.Duration
		other time.Duration
	}{
		{"MaxWait", &cfg.MaxWait, c.cfg.Limits.MaxTurn},
		{"MaxSweep", &cfg.MaxSweep, 10 * time.Second},
	} {
		if *f.value < 0 {
			return nil, fmt.Errorf("%w: ServerlessConfig.%s is %v, want 0 (the default) or more", ErrInvalidConfig, f.name, *f.value)
		}
		setDefault(f.value, f.other)
	}
	return &serverless{chat: c, cfg: cfg}, nil
}

type serverless struct {
	chat     *Chat
	cfg      ServerlessConfig
	sweeping atomic.Bool
}

// deadlineMargin is how long before its deadline a request ends.
const deadlineMargin = time.Second

func (s *serverless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := s.context(r.Context())
	defer cancel()
	work := &requestWork{dispatcher: s.chat.dispatcher}
	out := newLateResponse(w, r, !s.cfg.HoldResponse)
	s.chat.ServeHTTP(out, r.WithContext(work.in(r.Context())))
	if !s.cfg.HoldResponse {
		out.send()
	}
	var swept sync.WaitGroup
	swept.Go(func() { s.sweep(ctx) })
	work.await(ctx)
	swept.Wait()
	out.send()
}

// context returns how long a request goes on.
func (s *serverless) context(request context.Context) (context.Context, context.CancelFunc) {
	until := time.Now().Add(s.cfg.MaxWait)
	if deadline, ok := request.Deadline(); ok {
		if deadline = deadline.Add(-deadlineMargin); deadline.Before(until) {
			until = deadline
		}
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(request), until)
	go func() {
		select {
		case <-s.chat.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// sweep handles what other instances have left. One request at a time does.
func (s *serverless) sweep(ctx context.Context) {
	c := s.chat
	if !c.connected.Load() || c.stopping.Load() || c.runs.Load() || s.sweeping.Swap(true) {
		return
	}
	defer s.sweeping.Store(false)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.MaxSweep)
	defer cancel()
	ctx = (&requestWork{dispatcher: c.dispatcher}).in(ctx)
	for _, key := range c.dispatcher.Sweep(ctx) {
		c.dispatcher.AwaitIdle(ctx, key)
	}
	c.approvals.sweep(ctx)
	workOf(ctx).await(ctx)
}
