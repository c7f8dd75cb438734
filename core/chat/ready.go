package chat

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// readiness remembers whether the state takes writes. Health checks ask it as often
// as they like: the state is asked once a second at most.
type readiness struct {
	mu    sync.Mutex
	asked time.Time
	err   error
}

const (
	// readyFor is how long an answer of the state holds.
	readyFor = time.Second
	// readyPatience bounds one question to it.
	readyPatience = 3 * time.Second
)

// serveReady answers whether the bot can take messages now. Nobody may have sent it a
// webhook, or called Run, before it does: so the state is connected for it.
func (c *Chat) serveReady(w http.ResponseWriter, r *http.Request) {
	switch {
	case c.stopping.Load():
		answer(w, http.StatusServiceUnavailable, "shutting down")
	case c.checkState(r.Context()) == nil:
		answer(w, http.StatusOK, "ready")
	case !c.connected.Load():
		answer(w, http.StatusServiceUnavailable, "state not connected")
	default:
		answer(w, http.StatusServiceUnavailable, "state takes no writes")
	}
}

// checkState returns why the state takes no writes, as of a second ago at most. The
// log has the reason, once for each time that it begins.
func (c *Chat) checkState(ctx context.Context) error {
	r := &c.readiness
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.IsZero() && time.Since(r.asked) < readyFor {
		return r.err
	}
	before := r.err
	// Whoever asked may leave: the answer is for all.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyPatience)
	defer cancel()
	r.err = c.tryState(ctx)
	r.asked = time.Now()
	switch {
	case r.err != nil && before == nil:
		c.log.WarnContext(ctx, "state-not-writable", "error", r.err)
	case r.err == nil && before != nil:
		c.log.InfoContext(ctx, "state-writable")
	}
	return r.err
}

func (c *Chat) tryState(ctx context.Context) error {
	if err := c.connect(ctx); err != nil {
		return err
	}
	if checker, ok := state.As[state.Checker](c.state); ok {
		return checker.Check(ctx)
	}
	if err := c.state.Set(ctx, readyKey, []byte("true"), time.Minute); err != nil {
		return err
	}
	return c.state.Delete(ctx, readyKey)
}
