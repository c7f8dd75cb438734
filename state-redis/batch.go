package redisstate

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// sendAll executes commands once each, in one write where that is possible, and
// waits for all. It returns an error only if the context ended first: then the
// commands must not be touched again. Otherwise each command has its own.
func (n *node) sendAll(ctx context.Context, cmds ...redis.Cmder) error {
	if n.pipe == nil {
		return n.exec(ctx, n.client.Pipeline(), cmds)
	}
	futures := make([]redis.AutoFuture, len(cmds))
	for i, cmd := range cmds {
		futures[i] = n.pipe.Submit(ctx, cmd)
	}
	for _, f := range futures {
		if f.WaitContext(ctx) != nil && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// sendTogether is sendAll on a connection of its own, in one write.
func (n *node) sendTogether(ctx context.Context, cmds ...redis.Cmder) error {
	return n.exec(ctx, n.client.Pipeline(), cmds)
}

func (n *node) exec(ctx context.Context, p redis.Pipeliner, cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		_ = p.Process(ctx, cmd)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = p.Exec(ctx)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
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
