package redisstate

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// refresher learns the topology anew when something suggests that it changed: an
// error, a connection that waits too long, word from a Sentinel. go-redis itself
// looks at a Cluster once a minute and after a redirection.
type refresher struct {
	do func(ctx context.Context)

	mu      sync.Mutex
	running bool
	asked   bool
	stopped bool
}

const (
	// refreshPause is the least time between two looks.
	refreshPause = 50 * time.Millisecond
	// refreshTimeout bounds one look. Where servers need longer to answer, looks in
	// a row get more time, up to maxRefreshTimeout.
	refreshTimeout    = 400 * time.Millisecond
	maxRefreshTimeout = 8 * refreshTimeout
	// stallAfter is how long a connection waits for a reply before the topology
	// is looked at.
	stallAfter = 250 * time.Millisecond
)

// ask has the topology looked at soon. It does not wait.
func (r *refresher) ask() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = true
	if !r.running && !r.stopped {
		r.running = true
		go r.run()
	}
}

func (r *refresher) run() {
	timeout := refreshTimeout
	for r.next() {
		ctx, cancel := context.WithTimeout(background, timeout)
		r.do(ctx)
		if ctx.Err() == nil {
			timeout = refreshTimeout
		} else {
			timeout = min(2*timeout, maxRefreshTimeout)
		}
		cancel()
		time.Sleep(refreshPause)
	}
}

func (r *refresher) next() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = r.asked && !r.stopped
	r.asked = false
	return r.running
}

func (r *refresher) stop() {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
}

// clusterView fetches a Cluster's map and breaks the connections to servers that
// are masters no more: a server that hangs would keep its callers waiting.
type clusterView struct {
	client *redis.ClusterClient
	dialer *dialer // nil if the program made the client

	masters map[string]bool
	past    map[string]bool // masters that are none now
}

func (v *clusterView) refresh(ctx context.Context) {
	var mu sync.Mutex
	now := map[string]bool{}
	// It fetches the map at once. ReloadState would do so at most five times a
	// second, and in the background.
	err := v.client.ForEachMaster(ctx, func(_ context.Context, c *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		now[c.Options().Addr] = true
		return nil
	})
	if err != nil || len(now) == 0 {
		return
	}
	if v.past == nil {
		v.past = map[string]bool{}
	}
	for addr := range v.masters {
		v.past[addr] = true
	}
	for addr := range now {
		delete(v.past, addr)
	}
	v.masters = now
	if v.dialer != nil {
		// Not only when it changes: one that was being opened then would hang.
		v.dialer.drop(func(addr string) bool { return v.past[addr] })
	}
}
