package redisstate

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// node is one deployment: a server, a group under Sentinel, or a Cluster.
type node struct {
	client redis.UniversalClient
	// cluster is the client if it is one of a Cluster.
	cluster *redis.ClusterClient
	// pipe carries concurrent commands together. It is nil before Connect, and
	// for good if pipelining is off or the client cannot do it.
	pipe *redis.AutoPipeliner
	// ownsPipe says that pipe ends with the adapter.
	ownsPipe bool
	// dialer is set if the adapter made the client.
	dialer *dialer
	// describe says where it is, without secrets.
	describe string
	// sentinel is set for a group under Sentinel that the adapter dials itself.
	sentinel *redis.FailoverOptions
}

// ordered reports whether commands that one goroutine sends in order are
// executed in that order, whatever keys they touch.
func (n *node) ordered() bool {
	switch n.client.(type) {
	case *redis.Client:
		return true
	}
	return false
}

// start begins automatic pipelining.
func (n *node) start(cfg *Config) error {
	if cfg.Pipelining.Off {
		return nil
	}
	opts := &redis.AutoPipelineOptions{MaxBatchSize: cfg.Pipelining.MaxBatch}
	client := n.client
	n.ownsPipe = n.dialer != nil
	if c, ok := client.(*redis.Client); ok && !n.ownsPipe {
		// A client's pipeline is shared by all who ask for it. A clone has one
		// of its own, on the same connections, which can be closed alone.
		client = c.WithTimeout(c.Options().ReadTimeout)
		n.ownsPipe = true
	}
	pipe, err := client.AsyncAutoPipelineWithOptions(opts)
	if errors.Is(err, redis.ErrRingAutoPipelineUnsupported) {
		return nil
	}
	if err != nil {
		return err
	}
	n.pipe = pipe
	return nil
}

// send executes a command once and waits for its reply or the context's end.
// After the context's end the command may still be on its way: it must not be
// touched again.
func (n *node) send(ctx context.Context, cmd redis.Cmder) error {
	if n.pipe != nil {
		return n.pipe.Submit(ctx, cmd).WaitContext(ctx)
	}
	return n.process(ctx, cmd)
}

// process executes a command on a connection of its own.
func (n *node) process(ctx context.Context, cmd redis.Cmder) error {
	return n.await(ctx, func() error { return n.client.Process(ctx, cmd) })
}

// await calls f and returns its result, or the context's error if that ends
// first: a client may not watch the context while it waits for the server.
func (n *node) await(ctx context.Context, f func() error) error {
	if ctx.Done() == nil {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failed learns from an error that topology may have changed: a Cluster's map
// is fetched again, which go-redis itself does only once a minute.
func (n *node) failed(error) {
	if n.cluster != nil {
		n.cluster.ReloadState(background)
	}
}
