package redisstate

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// sentinels finds the master of a group and follows it.
//
// go-redis asks one Sentinel and waits for that one to hear of a failover. This
// asks all of them and believes the newest configuration, and a Sentinel that
// leads a failover already names the replica it promotes, before it has seen it
// become a master. Both together make up to two seconds.
type sentinels struct {
	name    string
	options redis.Options // of a client of one Sentinel, without address
	dialer  *dialer       // to the Sentinels
	data    *dialer       // to the servers they watch
	changed func()
	quit    chan struct{}

	mu       sync.Mutex
	known    map[string]*watched
	watching bool
	target   string // the server to use, as far as it is known
	epoch    int64  // of the configuration that named it
}

func newSentinels(u *location, cfg *Config, data *dialer) *sentinels {
	s := &sentinels{
		name: u.master, data: data, dialer: newDialer(cfg),
		known: map[string]*watched{}, quit: make(chan struct{}),
	}
	s.options = redis.Options{
		Username: u.query.Get("sentinel_username"), Password: u.query.Get("sentinel_password"),
		Dialer: s.dialer.dial, DialTimeout: cfg.DialTimeout, DialerRetries: 1, MaxRetries: -1,
		ReadTimeout: cfg.ReadTimeout, WriteTimeout: cfg.WriteTimeout, PoolSize: 2,
		ContextTimeoutEnabled: true, DisableIdentity: true, PipelinePoolSize: -1,
	}
	for _, addr := range u.hosts {
		s.add(addr)
		s.known[addr].named = true
	}
	return s
}

// add takes a Sentinel in. The caller holds mu, or is the constructor.
func (s *sentinels) add(addr string) {
	if s.known[addr] != nil {
		return
	}
	w := s.newWatched(addr)
	s.known[addr] = w
	if s.watching {
		w.listen()
	}
}

// forget drops the Sentinels that the URL does not name, no other one names any more,
// and that have not answered: their addresses change, in a container network with
// every start.
func (s *sentinels) forget(views []view) {
	stay := map[string]bool{}
	for _, v := range views {
		stay[v.from] = true
		for _, addr := range v.others {
			stay[addr] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for addr, w := range s.known {
		if !w.named && !stay[addr] {
			delete(s.known, addr)
			go w.close() // it may be dialing
		}
	}
}

// dial opens a connection to the master. It is a redis.Options.Dialer.
func (s *sentinels) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	addr, err := s.resolve(ctx)
	if err != nil {
		return deadConn{&dialError{err: err}}, nil
	}
	return s.data.dial(ctx, network, addr)
}

// view is what one Sentinel says.
type view struct {
	from     string
	master   string
	promoted string // the replica that it is promoting, if any
	epoch    int64
	others   []string
	err      error
}

// sentinelPatience is how long the slower Sentinels are waited for once one has
// answered.
const sentinelPatience = 200 * time.Millisecond

// resolve asks all Sentinels for the master.
func (s *sentinels) resolve(ctx context.Context) (string, error) {
	s.mu.Lock()
	views := make(chan view, len(s.known))
	n := len(s.known)
	for _, w := range s.known {
		go func() { views <- s.ask(ctx, w) }()
	}
	s.mu.Unlock()

	best := view{epoch: -1}
	var failures []error
	var answers []view
	var patience <-chan time.Time
wait:
	for range n {
		select {
		case v := <-views:
			if v.err != nil {
				failures = append(failures, v.err)
				continue
			}
			answers = append(answers, v)
			if v.epoch > best.epoch || v.epoch == best.epoch && v.promoted != "" {
				best = v
			}
			if patience == nil {
				t := time.NewTimer(sentinelPatience)
				defer t.Stop()
				patience = t.C
			}
		case <-patience:
			break wait
		case <-ctx.Done():
			break wait
		}
	}
	if best.master == "" {
		return "", s.noMaster(ctx, failures)
	}
	s.forget(answers)
	return s.settle(best), nil
}

// ask gets the view of one Sentinel. The configuration may change between its
// questions: the master's address comes last, so that it is never older than the
// number of the configuration.
func (s *sentinels) ask(ctx context.Context, w *watched) (v view) {
	c := w.client
	v.from = w.addr
	about, err := c.Master(ctx, s.name).Result()
	if err != nil && !isReply(err) {
		v.err = err
		return v
	}
	v.epoch, _ = strconv.ParseInt(about["config-epoch"], 10, 64)
	if others, err := c.Sentinels(ctx, s.name).Result(); err == nil {
		for _, o := range others {
			v.others = append(v.others, net.JoinHostPort(o["ip"], o["port"]))
		}
	}
	if hasFlag(about, "failover_in_progress") {
		replicas, err := c.Replicas(ctx, s.name).Result()
		if err == nil {
			for _, r := range replicas {
				if hasFlag(r, "promoted") {
					v.promoted = net.JoinHostPort(r["ip"], r["port"])
				}
			}
		}
	}
	addr, unnamed := c.GetMasterAddrByName(ctx, s.name).Result()
	if v.err = cmp.Or(unnamed, err); v.err == nil {
		v.master = net.JoinHostPort(addr[0], addr[1])
	}
	return v
}

func hasFlag(about map[string]string, flag string) bool {
	return slices.Contains(strings.Split(about["flags"], ","), flag)
}

// settle takes a view in and returns the server to use. When that is another
// than before, connections to others are broken: what these still take would be
// lost.
func (s *sentinels) settle(v view) string {
	target := cmp.Or(v.promoted, v.master)
	s.mu.Lock()
	old := s.target
	// A view without the one who leads the failover is older, though its number
	// is not: it moves no connection.
	changed := old != target && (v.promoted != "" || v.epoch > s.epoch || old == "")
	if changed {
		s.target, s.epoch = target, v.epoch
	}
	for _, addr := range v.others {
		s.add(addr)
	}
	current := s.target
	s.mu.Unlock()
	// Not only when it changes: one that was being opened then would hang.
	s.data.drop(func(addr string) bool { return addr != target && addr != current })
	return target
}

func (s *sentinels) noMaster(ctx context.Context, failures []error) error {
	for _, err := range failures {
		if errors.Is(err, redis.Nil) {
			return errors.New("Sentinel knows no master named " + s.name)
		}
	}
	for _, err := range failures {
		if isReply(err) {
			return &hintError{hint: "Sentinel refuses to name the master", err: err}
		}
	}
	if len(failures) == 0 {
		return &hintError{hint: "no Sentinel answers", err: ctx.Err()}
	}
	return &hintError{hint: "no Sentinel answers", err: failures[0]}
}

// start listens for failovers.
func (s *sentinels) start(changed func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watching, s.changed = true, changed
	for _, w := range s.known {
		w.listen()
	}
}

func (s *sentinels) close() {
	close(s.quit)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialer.close()
	for _, w := range s.known {
		w.close()
	}
	s.watching = false
}
