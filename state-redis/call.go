package redisstate

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
)

// op is one call of a method: its contexts and what errors need to know.
type op struct {
	a      *Adapter
	name   string
	caller context.Context    // as the caller gave it
	ctx    context.Context    // the same, with a deadline
	cancel context.CancelFunc // nil if ctx is shared
	resent bool               // a command was sent again after an unknown outcome
}

// begin starts a call. It fails before Connect and after Close, and when the
// context has ended. The caller must call end.
func (a *Adapter) begin(ctx context.Context, name string) (op, error) {
	o := op{a: a, name: name, caller: ctx, ctx: ctx}
	switch a.phase.Load() {
	case fresh:
		return o, o.error(nil, state.ErrNotConnected)
	case closed:
		return o, o.error(nil, state.ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return o, o.error(nil, err)
	}
	if _, ok := ctx.Deadline(); !ok {
		if ctx.Done() == nil {
			o.ctx = a.deadlines.context()
		} else {
			b := &bounded{Context: ctx, bound: a.deadlines.context()}
			o.ctx, o.cancel = b, b.end
		}
	}
	return o, nil
}

func (o *op) end() {
	if o.cancel != nil {
		o.cancel()
	}
}

// A rule says when a command may be sent again.
type rule int

const (
	// again: executing it twice is the same as once.
	again rule = iota
	// once: only if it was certainly not executed.
	once
)

// do sends a command, and again after failures as the rule and Config.Retry
// allow, until the call's context ends. After an error the command must not be
// read: it may still be on its way.
func (o *op) do(n *node, cmd redis.Cmder, r rule) error {
	err := n.send(o.ctx, cmd)
	if err == nil {
		return nil
	}
	return o.retry(n, cmd, r, err)
}

// retry is the slow path of do, after a first error.
func (o *op) retry(n *node, cmd redis.Cmder, r rule, err error) error {
	for attempt := range o.a.cfg.Retry.Max + 1 {
		f := fateOf(err)
		if f != answered {
			n.failed(err)
		}
		if f == answered || f == unknown && r == once || attempt == o.a.cfg.Retry.Max ||
			o.ctx.Err() != nil || o.a.phase.Load() == closed {
			return err
		}
		if !o.pause(attempt) {
			return err
		}
		o.resent = o.resent || f == unknown
		cmd.SetErr(nil)
		if err = n.send(o.ctx, cmd); err == nil {
			return nil
		}
	}
	return err
}

// pause waits before the next attempt. It reports false when the call's context
// ends, or the adapter closes, first.
func (o *op) pause(attempt int) bool {
	d := o.a.cfg.Retry.MinBackoff << min(attempt, 20)
	if d <= 0 || d > o.a.cfg.Retry.MaxBackoff {
		d = o.a.cfg.Retry.MaxBackoff
	}
	d = d/2 + rand.N(d/2+1)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-o.ctx.Done():
		return false
	case <-o.a.closing:
		return false
	}
}

// run sends a script by its hash, and once by its text to a server that does
// not know it.
func (o *op) run(n *node, s *script, cmd scriptCmd, r rule) error {
	err := o.do(n, cmd, r)
	if !isNoScript(err) {
		return err
	}
	cmd.byText(s)
	return o.do(n, cmd, r)
}

func isNoScript(err error) bool {
	return err != nil && codeOf(err) == "NOSCRIPT"
}
