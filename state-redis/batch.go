package redisstate

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"
)

// sendAll executes commands once each, in one write for each server, and waits
// for all. It returns an error if the context ended first: then the commands must
// not be touched again. Otherwise each command has its own.
func (n *node) sendAll(ctx context.Context, cmds ...redis.Cmder) error {
	if n.pipes == nil {
		return n.exec(ctx, n.client.Pipeline(), cmds)
	}
	if p := n.pipes.single; p != nil {
		return p.sendParcel(ctx, newParcelOf(cmds))
	}
	posted, err := n.pipes.post(ctx, cmds)
	if err != nil {
		return err
	}
	for _, w := range posted {
		if err := w.wait(ctx); err != nil {
			return err
		}
		w.recycle()
	}
	return nil
}

// sendInOrder is sendAll to an ordered node. A few callers use connections of
// their own.
func (n *node) sendInOrder(ctx context.Context, cmds ...redis.Cmder) error {
	few := n.enter()
	defer n.leave()
	if few && n.spread {
		return n.exec(ctx, n.client.Pipeline(), cmds)
	}
	return n.sendAll(ctx, cmds...)
}

func (n *node) exec(ctx context.Context, p redis.Pipeliner, cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		_ = p.Process(ctx, cmd)
	}
	if _, ok := ctx.(*deadline); ok && n.dialer != nil {
		execAll(ctx, p, cmds) // as process does
		return nil
	}
	inner := n.patience(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		execAll(inner, p, cmds)
	}()
	caller, bound := ends(ctx)
	select {
	case <-done:
		return nil
	case <-caller:
	case <-bound:
	}
	return ctx.Err()
}

// execAll sends what is in the pipeline, so that each command has its own reply or
// error. go-redis leaves the commands without either, as if they had succeeded, when
// the server refuses the connection that they were to go out on: it has too many
// clients, is loading its data, or has another password now.
func execAll(ctx context.Context, p redis.Pipeliner, cmds []redis.Cmder) {
	_, err := p.Exec(ctx)
	if err == nil || slices.ContainsFunc(cmds, func(cmd redis.Cmder) bool { return cmd.Err() != nil }) {
		return
	}
	for _, cmd := range cmds {
		cmd.SetErr(err)
	}
}

// doAll sends commands together, and those that failed again one by one.
// Commands whose own error is an answer of the server keep it; the first other
// error is returned.
func (o *op) doAll(n *node, r rule, cmds ...redis.Cmder) error {
	if err := n.sendAll(o.ctx, cmds...); err != nil {
		return err
	}
	for _, cmd := range cmds {
		err := cmd.Err()
		if fateOf(err) == answered {
			continue
		}
		if err = o.retry(n, cmd, r, err); fateOf(err) != answered {
			return err
		}
	}
	return nil
}
