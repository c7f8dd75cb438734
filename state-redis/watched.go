package redisstate

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// watched is one Sentinel: a client to ask it, and one to listen to it.
type watched struct {
	sentinels *sentinels
	addr      string
	named     bool // by the URL
	client    *redis.SentinelClient
	listener  *redis.SentinelClient
	events    *redis.PubSub // nil before listen

	mu    sync.Mutex
	last  time.Time // when the listener's connection was last dialed
	pause time.Duration
}

func (s *sentinels) newWatched(addr string) *watched {
	w := &watched{sentinels: s, addr: addr}
	o := s.options
	o.Addr = addr
	w.client = redis.NewSentinelClient(&o)
	o.Dialer = w.dial
	w.listener = redis.NewSentinelClient(&o)
	return w
}

// listen listens to the Sentinel's events, which are those of
// https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/: a replica
// was told to become master, and the failover is complete.
func (w *watched) listen() {
	s := w.sentinels
	w.events = w.listener.Subscribe(background, "+failover-state-wait-promotion", "+switch-master")
	messages := w.events.Channel()
	go func() {
		for m := range messages {
			if slices.Contains(strings.Fields(m.Payload), s.name) {
				s.changed()
			}
		}
	}()
}

const (
	// A connection to listen on that breaks is opened again at once, then after
	// minListenPause, and so on up to maxListenPause: go-redis alone would dial ten
	// times a second for ever. A caller that asks for the master does not wait for that.
	minListenPause = 100 * time.Millisecond
	maxListenPause = 10 * time.Second
)

// dial opens a connection to listen on. It is a redis.Options.Dialer.
func (w *watched) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	w.mu.Lock()
	if time.Since(w.last) > 2*maxListenPause {
		w.pause = 0
	}
	wait := time.NewTimer(time.Until(w.last.Add(w.pause)))
	w.mu.Unlock()
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return deadConn{&dialError{err: ctx.Err()}}, nil
	case <-w.sentinels.quit:
		return deadConn{&dialError{err: errDialClosed}}, nil
	}
	w.mu.Lock()
	w.last, w.pause = time.Now(), min(max(2*w.pause, minListenPause), maxListenPause)
	w.mu.Unlock()
	return w.sentinels.dialer.dial(ctx, network, addr)
}

func (w *watched) close() {
	if w.events != nil {
		_ = w.events.Close()
	}
	_ = w.listener.Close()
	_ = w.client.Close()
}
