package redisstate

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// node is one deployment: a server, a group under Sentinel, or a Cluster.
type node struct {
	kind   kind
	hosts  []string // of the URL, if there is one
	client redis.UniversalClient
	// cluster is the client if it is one of a Cluster.
	cluster *redis.ClusterClient
	// pipes carry concurrent commands together. It is nil before Connect, and
	// for good if pipelining is off or the client cannot do it.
	pipes *pipes
	// dialer is set if the adapter made the client.
	dialer *dialer
	// describe says where it is, without secrets.
	describe string
	// sentinels is set for a group that the adapter finds itself.
	sentinels *sentinels
	// refresher is nil for a topology that does not change.
	refresher *refresher
	// quit ends what runs in the background.
	quit chan struct{}
	// spread lets a few callers use connections of their own as well as the pipe.
	spread bool
	// sending counts the commands on their way, crowd how many more are taken
	// for a part of a crowd.
	sending, crowd atomic.Int32
	// silent is until when nobody waits for this master's ballot, in ns since
	// 1970.
	silent atomic.Int64
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

const (
	// fewCallers is up to how many concurrent commands a connection for each is
	// faster than sharing one: the pipeline costs each two changes of goroutine.
	fewCallers = 4
	// crowdMemory is how many commands go on sharing one connection after the
	// crowd is gone. The callers of a pipeline come in waves: between two of them
	// it looks empty.
	crowdMemory = 256
)

// enter counts a command in and reports whether it is one of few. The caller
// must call leave when it has its reply.
func (n *node) enter() bool {
	if n.sending.Add(1) > fewCallers {
		if n.crowd.Load() != crowdMemory {
			n.crowd.Store(crowdMemory)
		}
		return false
	}
	if n.crowd.Load() > 0 {
		n.crowd.Add(-1)
		return false
	}
	return true
}

func (n *node) leave() { n.sending.Add(-1) }

// start begins to watch the topology and to pipeline. inOrder asks for all
// commands to be executed in the order in which they were sent.
func (n *node) start(cfg *Config, inOrder bool) {
	if n.sentinels != nil {
		n.sentinels.start(n.refresher.ask)
	}
	if n.refresher != nil && n.dialer != nil {
		n.quit = make(chan struct{})
		go n.watchStalls()
	}
	if cfg.Pipelining.Off {
		return
	}
	flushers := pipeFlushers
	if inOrder {
		flushers = 1
	}
	n.pipes = newPipes(n.client, flushers, cfg.Pipelining.MaxBatch)
	n.spread = !inOrder
}

// send executes a command once and waits for its reply or the context's end.
// After the context's end the command may still be on its way: it must not be
// touched again.
func (n *node) send(ctx context.Context, cmd redis.Cmder) error {
	if n.pipes == nil {
		return n.process(ctx, cmd)
	}
	few := n.enter()
	defer n.leave()
	if few && n.spread {
		return n.process(ctx, cmd)
	}
	p, err := n.pipes.of(ctx, cmd)
	if err != nil {
		return err
	}
	err = p.send(ctx, cmd)
	if err != nil && n.cluster != nil && isRedirection(err) {
		// The client follows it.
		cmd.SetErr(nil)
		return n.process(ctx, cmd)
	}
	return err
}

// process executes a command on a connection of its own.
//
// The client watches the context's deadline at most, and only if the adapter
// made it: to obey a context that may be cancelled takes a goroutine.
func (n *node) process(ctx context.Context, cmd redis.Cmder) error {
	if _, ok := ctx.(*deadline); ok && n.dialer != nil {
		return n.client.Process(ctx, cmd)
	}
	inner := n.patience(ctx)
	done := make(chan error, 1)
	go func() { done <- n.client.Process(inner, cmd) }()
	caller, bound := ends(ctx)
	select {
	case err := <-done:
		return err
	case <-caller:
	case <-bound:
	}
	return ctx.Err()
}

// failed is told of every command that failed on its way: the topology may have
// changed. A server that takes no writes any more is a replica now, and its name, or
// the Sentinels, may lead to another: no connection to it is used again.
func (n *node) failed(err error) {
	if n.dialer != nil && n.cluster == nil && codeOf(err) == "READONLY" {
		n.dialer.retire()
	}
	if n.refresher != nil {
		n.refresher.ask()
	}
}

// watchStalls looks at the topology while a server does not answer. Nothing
// else would notice before the read times out.
func (n *node) watchStalls() {
	t := time.NewTicker(stallAfter)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if n.dialer.stalled(stallAfter) {
				n.refresher.ask()
			}
		case <-n.quit:
			return
		}
	}
}

// close lets what is in the pipeline finish and closes what the adapter opened.
func (n *node) close() {
	if n.quit != nil {
		close(n.quit)
	}
	if n.refresher != nil {
		n.refresher.stop()
	}
	if n.pipes != nil {
		n.pipes.close()
	}
	if n.dialer != nil {
		n.dialer.refuse()
		_ = n.client.Close()
	}
	if n.sentinels != nil {
		n.sentinels.close()
	}
}
