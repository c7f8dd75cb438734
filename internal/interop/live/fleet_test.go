package live

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// fleet is bots of both SDKs that share their threads, and the platform that sends them
// messages. It is safe for concurrent use.
type fleet struct {
	settings memberSettings
	redis    redis.UniversalClient
	client   *http.Client

	mu       sync.Mutex
	started  int
	members  []*member // that get messages
	byName   map[string]*member
	runs     map[string]*run            // by member and number
	settled  map[string]map[string]bool // messages that a member of ours has settled
	missing  map[string]bool            // messages that a member of ours has reported
	removed  map[string]bool            // messages that were in no queue when a member of theirs had been killed
	messages map[string]*delivery
}

// run is a call of a handler.
type run struct {
	member   *member
	as       string
	thread   string
	messages []string

	begin, end int64 // in ms since 1970; end is 0 for a handler that did not return
	failed     bool
}

// delivery is what the platform knows of a message.
type delivery struct {
	id, thread string
	accepted   map[sdk]bool // whose bots have answered 2xx
}

func newFleet(t *testing.T, s memberSettings) *fleet {
	t.Helper()
	require.NoError(t, install())
	common, client := standalone(t)
	s.settings, s.URL = common, common.URL
	s.Driver = "ioredis"
	return &fleet{
		settings: s, redis: client,
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
		byName: map[string]*member{}, runs: map[string]*run{}, settled: map[string]map[string]bool{}, missing: map[string]bool{}, removed: map[string]bool{}, messages: map[string]*delivery{},
	}
}

// start adds a bot.
func (f *fleet) start(t *testing.T, of sdk) *member {
	t.Helper()
	f.mu.Lock()
	f.started++
	name := fmt.Sprintf("%s %d", of, f.started)
	f.mu.Unlock()
	m := startMember(t, name, of, f.settings, f.note)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members = append(f.members, m)
	f.byName[name] = m
	return m
}

// end ends a bot by SIGTERM or SIGKILL. It gets messages until it is gone.
func (f *fleet) end(t *testing.T, m *member, s syscall.Signal) {
	t.Helper()
	f.mu.Lock()
	m.gone, m.killed = time.Now().UnixMilli(), s == syscall.SIGKILL
	f.mu.Unlock()
	m.end(s)
	f.remove(m)
	if m.sdk == theirs && m.killed {
		f.noteRemoved(t)
	}
}

// noteRemoved notes which messages of ours are in no queue. Those that nobody has begun,
// nor begins later, were in the memory of a bot that was killed.
func (f *fleet) noteRemoved(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	var accepted []string
	for id, d := range f.messages {
		if d.accepted[ours] {
			accepted = append(accepted, id)
		}
	}
	f.mu.Unlock()
	var waiting strings.Builder
	for _, key := range f.keys(t, "queue") {
		entries, err := f.redis.LRange(t.Context(), key, 0, -1).Result()
		require.NoError(t, err)
		waiting.WriteString(strings.Join(entries, "\n"))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range accepted {
		if !strings.Contains(waiting.String(), fmt.Sprintf("%q", id)) && !strings.Contains(waiting.String(), fmt.Sprintf("%q", "c:"+id)) {
			f.removed[id] = true
		}
	}
}

func (f *fleet) remove(m *member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members = slices.DeleteFunc(f.members, func(x *member) bool { return x == m })
}

// note takes a record of a bot.
func (f *fleet) note(name string, r record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := fmt.Sprintf("%s/%d", name, r.Run)
	for i, id := range r.Messages {
		r.Messages[i] = npmID(id) // as the npm packages find it in a queue, it is ours
	}
	switch r.Event {
	case "begin":
		f.runs[key] = &run{member: f.byName[name], as: r.As, thread: r.Thread, messages: r.Messages, begin: r.At}
	case "end":
		f.runs[key].end, f.runs[key].failed = r.At, r.Failed
	case "settled":
		if f.settled[name] == nil {
			f.settled[name] = map[string]bool{}
		}
		f.settled[name][r.Messages[0]] = true
	case "missing":
		f.missing[r.Messages[0]] = true
	}
}

// deliver sends a message until a bot takes it, each time to any of them, or to any of
// one SDK.
func (f *fleet) deliver(ctx context.Context, thread, id string, to ...sdk) error {
	for {
		if m := f.any(to); m != nil && f.post(ctx, m, thread, id) {
			f.mu.Lock()
			defer f.mu.Unlock()
			d := f.messages[id]
			if d == nil {
				d = &delivery{id: id, thread: thread, accepted: map[sdk]bool{}}
				f.messages[id] = d
			}
			d.accepted[m.sdk] = true
			return nil
		}
		redelivery := time.NewTimer(time.Duration(rand.IntN(300)) * time.Millisecond)
		select {
		case <-redelivery.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *fleet) any(of []sdk) *member {
	f.mu.Lock()
	defer f.mu.Unlock()
	var fit []*member
	for _, m := range f.members {
		if of == nil || slices.Contains(of, m.sdk) {
			fit = append(fit, m)
		}
	}
	if fit == nil {
		return nil
	}
	return fit[rand.IntN(len(fit))]
}

// post reports whether the bot answered with 2xx.
func (f *fleet) post(ctx context.Context, m *member, thread, id string) bool {
	if m.sdk == ours {
		id = "c:" + id
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+m.addr+"/webhooks/fake", bytes.NewReader(message(thread, id, "hello")))
	if err != nil {
		return false
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode/100 == 2
}

// twiceOneIn is the share of messages that the platform tells two bots of, as Slack does
// of a mention.
const twiceOneIn = 4

// traffic sends messages to any of the threads, at a rate in messages a second, as long
// as more says so.
func (f *fleet) traffic(ctx context.Context, threads int, rate float64, more func(sent int) bool) (sent int, err error) {
	pace := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer pace.Stop()
	var all sync.WaitGroup
	failures := make(chan error, 1)
	for ; more(sent); sent++ {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return sent, ctx.Err()
		}
		thread, id := threadName(rand.IntN(threads)), fmt.Sprintf("m%d", sent)
		deliver := func() {
			if err := f.deliver(ctx, thread, id); err != nil {
				select {
				case failures <- err:
				default:
				}
			}
		}
		all.Go(deliver)
		if rand.IntN(twiceOneIn) == 0 {
			all.Go(deliver)
		}
	}
	all.Wait()
	select {
	case err = <-failures:
	default:
	}
	return sent, err
}

func threadName(n int) string { return fmt.Sprintf("fake:c%d:t", n) }

// sweep sends each thread a last message, to the bots of one SDK, and returns when
// nothing waits and nobody works any more.
func (f *fleet) sweep(t *testing.T, threads int, to sdk) {
	t.Helper()
	require.Eventually(t, func() bool { return len(f.keys(t, "lock")) == 0 }, patience, 10*pollInterval)
	for n := range threads {
		require.NoError(t, f.deliver(t.Context(), threadName(n), fmt.Sprintf("last%d", n), to))
	}
	require.Eventually(t, func() bool { return len(f.keys(t, "lock")) == 0 && f.waiting(t) == 0 }, 2*patience, 10*pollInterval)
}

func (f *fleet) keys(t *testing.T, kind string) []string {
	t.Helper()
	keys, err := f.redis.Keys(t.Context(), f.settings.Prefix+":"+kind+":*").Result()
	require.NoError(t, err)
	return keys
}

// waiting returns how many messages are in queues.
func (f *fleet) waiting(t *testing.T) (n int) {
	t.Helper()
	for _, key := range f.keys(t, "queue") {
		length, err := f.redis.LLen(t.Context(), key).Result()
		require.NoError(t, err)
		n += int(length)
	}
	return n
}

// close ends all bots.
func (f *fleet) close(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	members := slices.Clone(f.members)
	f.mu.Unlock()
	for _, m := range members {
		f.end(t, m, syscall.SIGTERM)
	}
}

// handled returns how many messages a handler has returned for.
func (f *fleet) handled() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[string]bool)
	for _, r := range f.runs {
		if r.end != 0 && !r.failed {
			for _, id := range r.messages {
				all[id] = true
			}
		}
	}
	return len(all)
}
