package redisstate

import (
	"context"
	"maps"
	"sync"

	"github.com/redis/go-redis/v9"
)

// pipes are the pipes of one deployment: one, or on a Cluster one for each
// master, so that none of them holds up what is for the others.
type pipes struct {
	flushers, maxBatch int

	single  *pipe                // nil on a Cluster
	cluster *redis.ClusterClient // nil elsewhere

	mu       sync.RWMutex
	byMaster map[*redis.Client]*pipe
	closed   bool
}

// manyPipes is from how many pipes on those to masters of the past are dropped.
const manyPipes = 100

// newPipes returns nil for a client whose pipelines do not keep to one server at
// a time.
func newPipes(client redis.UniversalClient, flushers, maxBatch int) *pipes {
	p := &pipes{flushers: flushers, maxBatch: maxBatch}
	switch c := client.(type) {
	case *redis.Client:
		p.single = p.newPipe(c)
	case *redis.ClusterClient:
		p.cluster, p.byMaster = c, map[*redis.Client]*pipe{}
	default:
		return nil
	}
	return p
}

func (p *pipes) newPipe(c *redis.Client) *pipe {
	return &pipe{client: c, flushers: p.flushers, maxBatch: p.maxBatch}
}

// of returns the pipe to the server that holds the command's key.
func (p *pipes) of(ctx context.Context, cmd redis.Cmder) (*pipe, error) {
	if p.single != nil {
		return p.single, nil
	}
	master, err := p.cluster.MasterForKey(ctx, keyOf(cmd))
	if err != nil {
		return nil, err
	}
	p.mu.RLock()
	to := p.byMaster[master]
	p.mu.RUnlock()
	if to == nil {
		to = p.add(master)
	}
	return to, nil
}

func (p *pipes) add(master *redis.Client) *pipe {
	p.mu.Lock()
	defer p.mu.Unlock()
	to := p.byMaster[master]
	if to == nil {
		if len(p.byMaster) >= manyPipes {
			maps.DeleteFunc(p.byMaster, func(_ *redis.Client, old *pipe) bool { return old.idle() })
		}
		to = p.newPipe(master)
		to.closed = p.closed
		p.byMaster[master] = to
	}
	return to
}

// post hands in several commands for a Cluster, those for one server together and in
// order.
func (p *pipes) post(ctx context.Context, cmds []redis.Cmder) ([]*parcel, error) {
	groups := map[*pipe][]redis.Cmder{}
	for _, cmd := range cmds {
		to, err := p.of(ctx, cmd)
		if err != nil {
			return nil, err
		}
		groups[to] = append(groups[to], cmd)
	}
	var posted []*parcel
	for to, group := range groups {
		w := newParcelOf(group)
		if err := to.post(ctx, w); err != nil {
			return nil, err
		}
		posted = append(posted, w)
	}
	return posted, nil
}

func (p *pipes) close() {
	if p.single != nil {
		p.single.close()
		return
	}
	p.mu.Lock()
	p.closed = true
	all := maps.Clone(p.byMaster)
	p.mu.Unlock()
	var wg sync.WaitGroup
	for _, to := range all {
		wg.Go(to.close)
	}
	wg.Wait()
}
