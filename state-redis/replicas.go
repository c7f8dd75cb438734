package redisstate

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// acceptReplicated pushes and marks, each followed by WAIT on the connection
// that wrote it: WAIT counts the replicas that have what this connection wrote.
func (o *op) acceptReplicated(threadID string, push scriptCmd) error {
	a := o.a
	if err := o.replicate(a.keys.queue+threadID, enqueueScript, push, once); err != nil {
		return o.markUnknown(threadID, a.newMark(threadID), err)
	}
	return o.replicate(a.keys.pendingFor(threadID), markScript, a.newGreaterMark(threadID), again)
}

// replicate runs a script on a key and waits until the replicas have it. A script
// that returns 0 has changed nothing, and there is nothing to wait for.
func (o *op) replicate(key string, s *script, cmd scriptCmd, r rule) error {
	var to *redis.Client
	asking := false
	attempt, redirects := 0, 0
	for {
		var err error
		if to == nil {
			to, err = o.a.main.masterFor(o.ctx, key)
		}
		if err == nil {
			err = o.writeAndWait(to, asking, cmd)
		}
		if err == nil {
			return nil
		}
		if isNoScript(err) {
			cmd.byText(s)
			continue
		}
		if isTooFew(err) {
			return err // it has waited already
		}
		f := fateOf(err)
		if f != answered {
			o.a.main.failed(err)
		}
		if f == answered || f == unknown && r == once {
			return err
		}
		to, asking = o.a.main.redirected(o.ctx, err)
		if to != nil && redirects < maxRedirects {
			redirects++
		} else if attempt < o.a.cfg.Retry.Max && o.pause(attempt) {
			attempt++
		} else {
			return err
		}
		cmd.SetErr(nil)
	}
}

// writeAndWait sends the command and WAIT together on one connection.
func (o *op) writeAndWait(to *redis.Client, asking bool, cmd scriptCmd) error {
	cfg := &o.a.cfg
	wait := newInt("wait", cfg.MinReplicas, millis(cfg.ReplicaTimeout))
	cmds := []redis.Cmder{cmd, wait}
	if asking {
		cmds = []redis.Cmder{newStatus("asking"), cmd, wait}
	}
	if err := o.a.main.exec(o.ctx, to.Pipeline(), cmds); err != nil {
		return err
	}
	if err := cmd.Err(); err != nil {
		return err
	}
	if cmd.Val() == 0 {
		return nil // it changed nothing
	}
	if err := wait.Err(); err != nil {
		if codeOf(err) == "UNBLOCKED" {
			return &unblockedError{err} // the master is one no more
		}
		return err
	}
	if n := wait.Val(); n < int64(cfg.MinReplicas) {
		return &replicasError{have: n, want: cfg.MinReplicas}
	}
	return nil
}

// replicasError says that a write is on too few replicas. It is on the master.
type replicasError struct {
	have int64
	want int
}

func (e *replicasError) Error() string {
	return fmt.Sprintf("%d replicas confirmed the write in time, want %d", e.have, e.want)
}

// unblockedError says that the wait for the replicas was broken off. Unlike what it
// holds it is no answer: what was written may be lost.
type unblockedError struct{ err error }

func (e *unblockedError) Error() string { return e.err.Error() }

func isTooFew(err error) bool {
	_, ok := errors.AsType[*replicasError](err)
	return ok
}

// hasMasters reports whether masterFor works with the client.
func (n *node) hasMasters() bool {
	switch n.client.(type) {
	case *redis.Client, *redis.ClusterClient:
		return true
	}
	return false
}

// masterFor returns the client of the server that holds the key.
func (n *node) masterFor(ctx context.Context, key string) (*redis.Client, error) {
	if n.cluster != nil {
		return n.cluster.MasterForKey(ctx, key)
	}
	return n.client.(*redis.Client), nil
}

// redirected returns the server that a redirection names, or nil.
func (n *node) redirected(ctx context.Context, err error) (to *redis.Client, asking bool) {
	addr, moved := redis.IsMovedError(err)
	if !moved {
		if addr, asking = redis.IsAskError(err); !asking {
			return nil, false
		}
	}
	if n.cluster == nil {
		return nil, false
	}
	var found atomic.Pointer[redis.Client]
	_ = n.cluster.ForEachMaster(ctx, func(_ context.Context, c *redis.Client) error {
		if c.Options().Addr == addr {
			found.Store(c)
		}
		return nil
	})
	return found.Load(), asking
}
