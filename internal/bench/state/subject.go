package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"

	"github.com/chat-adapter/chat-go/core/state"
	redisstate "github.com/chat-adapter/chat-go/state-redis"
)

// What is stored: about what a bot stores.
var (
	value   = []byte(`{"role":"user","text":"` + text(120) + `","timestamp":1700000000123}`)
	message = []byte(`{"_type":"chat:Message","id":"1700000000.000100","threadId":"slack:C1:1700000000.000100","text":"` + text(400) + `"}`)
)

func text(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "the quick brown fox "[i%20]
	}
	return string(b)
}

// operations are the columns of the result, in this order.
var operations = []string{"lock+release", "isSubscribed", "set", "setIfNotExists", "get", "enqueue+dequeue", "append"}

// messageOp is all that a bot asks of its state for a message of a free thread: to
// claim it, to lock the thread, to look up its subscription, to see whether more
// waits, and to unlock. This repository's adapter also stores the message meanwhile.
const messageOp = "message"

// subject is one client library under one configuration.
type subject interface {
	name() string
	// measure runs the operation with so many callers for the window and returns
	// operations per second.
	measure(op string, callers int, window time.Duration) (float64, error)
	close()
}

// call does one operation for a caller; i is different each time.
type call func(ctx context.Context, id string, i int64) error

// goSubject is a subject in this process.
type goSubject struct {
	label string
	calls map[string]call
	end   func()
}

func (s *goSubject) name() string { return s.label }
func (s *goSubject) close()       { s.end() }

func (s *goSubject) measure(op string, callers int, window time.Duration) (float64, error) {
	f := s.calls[op]
	if f == nil {
		return 0, nil
	}
	ids := make([]string, callers)
	for i := range ids {
		ids[i] = fmt.Sprintf("slack:C%d:1700000000.000100", i)
		if prepare := s.calls["prepare "+op]; prepare != nil {
			if err := prepare(context.Background(), ids[i], 0); err != nil {
				return 0, err
			}
		}
	}
	if _, err := drive(f, ids, window/5); err != nil {
		return 0, err
	}
	return drive(f, ids, window)
}

var serial atomic.Int64

func drive(f call, ids []string, window time.Duration) (float64, error) {
	var (
		wg      sync.WaitGroup
		total   atomic.Int64
		stopped atomic.Bool
		failed  atomic.Pointer[error]
	)
	timer := time.AfterFunc(window, func() { stopped.Store(true) })
	defer timer.Stop()
	start := time.Now()
	for _, id := range ids {
		wg.Go(func() {
			base := serial.Add(1) << 32
			n := int64(0)
			for ; !stopped.Load(); n++ {
				if err := f(context.Background(), id, base+n); err != nil {
					failed.Store(&err)
					break
				}
			}
			total.Add(n)
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(total.Load()) / time.Since(start).Seconds(), nil
}

// ours is the adapter of this repository on Redis.
func ours(url string) (subject, error) {
	a, err := connect(redisstate.Config{URL: url, KeyPrefix: "ours"})
	if err != nil {
		return nil, err
	}
	return &goSubject{label: "redisstate", end: func() { _ = a.Close(context.Background()) }, calls: callsOf(a)}, nil
}

func connect(cfg redisstate.Config) (*redisstate.Adapter, error) {
	a, err := redisstate.New(cfg)
	if err != nil {
		return nil, err
	}
	return a, a.Connect(context.Background())
}

// adapter is what the adapters of this repository have.
type adapter interface {
	state.Adapter
	state.Inbox
	state.Turns
}

// callsOf are the operations on an adapter.
func callsOf(a adapter) map[string]call {
	entry := func() state.QueueEntry {
		now := time.Now()
		return state.QueueEntry{Message: json.RawMessage(message), EnqueuedAt: now, ExpiresAt: now.Add(90 * time.Second)}
	}
	return map[string]call{
		"lock+release": func(ctx context.Context, id string, _ int64) error {
			lock, err := a.AcquireLock(ctx, id, 30*time.Second)
			if err != nil {
				return err
			}
			return a.ReleaseLock(ctx, lock)
		},
		"prepare isSubscribed": func(ctx context.Context, id string, _ int64) error { return a.Subscribe(ctx, id) },
		"isSubscribed": func(ctx context.Context, id string, _ int64) error {
			_, err := a.IsSubscribed(ctx, id)
			return err
		},
		"set": func(ctx context.Context, id string, _ int64) error { return a.Set(ctx, id, value, time.Minute) },
		"setIfNotExists": func(ctx context.Context, id string, i int64) error {
			_, err := a.SetIfNotExists(ctx, id+":"+strconv.FormatInt(i, 10), []byte("true"), time.Minute)
			return err
		},
		"prepare get": func(ctx context.Context, id string, _ int64) error { return a.Set(ctx, id, value, 0) },
		"get": func(ctx context.Context, id string, _ int64) error {
			_, err := a.Get(ctx, id)
			return err
		},
		"enqueue+dequeue": func(ctx context.Context, id string, _ int64) error {
			if _, err := a.Enqueue(ctx, id, entry(), 10); err != nil {
				return err
			}
			_, err := a.Dequeue(ctx, id)
			return err
		},
		"append": func(ctx context.Context, id string, _ int64) error {
			return a.AppendToList(ctx, id, value, state.ListOptions{MaxLength: 100, TTL: time.Minute})
		},
		messageOp: func(ctx context.Context, id string, i int64) error {
			out, err := a.StartTurn(ctx, state.StartTurn{
				Key: id + ":" + strconv.FormatInt(i, 10), Value: state.NewClaim(time.Now()), TTL: time.Minute, ThreadID: id, LockTTL: 30 * time.Second,
				Accept: state.AcceptTurn{ThreadID: id, Entry: entry(), MaxSize: 10, Subscription: id},
			})
			if err != nil {
				return err
			}
			if out.Lock == nil || len(out.Accepted.Waiting) != 1 {
				return errors.New("the turn did not start")
			}
			_, err = a.EndTurn(ctx, state.EndTurn{ThreadID: id, Receipts: []state.Receipt{out.Accepted.Waiting[0].Receipt}, Lock: out.Lock})
			return err
		},
		"accept+settle": func(ctx context.Context, id string, _ int64) error {
			if _, err := a.Accept(ctx, id, entry(), 10); err != nil {
				return err
			}
			waiting, err := a.Waiting(ctx, id)
			if err != nil {
				return err
			}
			_, err = a.Settle(ctx, id, waiting[0].Receipt)
			return err
		},
	}
}

// Scripts as somebody would write them by hand on go-redis.
var (
	release = redis.NewScript(`if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`)
	enqueue = redis.NewScript(`redis.call('rpush', KEYS[1], ARGV[1])
if tonumber(ARGV[2]) > 0 then redis.call('ltrim', KEYS[1], -tonumber(ARGV[2]), -1) end
redis.call('pexpire', KEYS[1], ARGV[3])
return redis.call('llen', KEYS[1])`)
	appendTo = redis.NewScript(`redis.call('rpush', KEYS[1], ARGV[1])
redis.call('ltrim', KEYS[1], -tonumber(ARGV[2]), -1)
redis.call('pexpire', KEYS[1], ARGV[3])
return 1`)
)

// raw is go-redis as it is, with or without automatic pipelining.
func raw(url string, pipelined bool) (subject, error) {
	client, err := newClient(url)
	if err != nil {
		return nil, err
	}
	c, label, p := client, "go-redis", "raw:"
	if pipelined {
		if c, err = client.AutoPipeline(); err != nil {
			return nil, err
		}
		label, p = "go-redis, auto pipelining", "rawp:"
	}
	// Evaluating by hash is part of the job; the first call loads the script.
	eval := func(ctx context.Context, s *redis.Script, key string, args ...any) error {
		return s.Run(ctx, c, []string{key}, args...).Err()
	}
	return &goSubject{label: label, end: func() { _ = client.Close() }, calls: map[string]call{
		"lock+release": func(ctx context.Context, id string, _ int64) error {
			token := rand.Text()
			if err := c.SetNX(ctx, p+"lock:"+id, token, 30*time.Second).Err(); err != nil {
				return err
			}
			return eval(ctx, release, p+"lock:"+id, token)
		},
		"prepare isSubscribed": func(ctx context.Context, id string, _ int64) error {
			return c.SAdd(ctx, p+"subscriptions", id).Err()
		},
		"isSubscribed": func(ctx context.Context, id string, _ int64) error {
			return c.SIsMember(ctx, p+"subscriptions", id).Err()
		},
		"set": func(ctx context.Context, id string, _ int64) error {
			return c.Set(ctx, p+"cache:"+id, value, time.Minute).Err()
		},
		"setIfNotExists": func(ctx context.Context, id string, i int64) error {
			return c.SetNX(ctx, p+"cache:"+id+":"+strconv.FormatInt(i, 10), "true", time.Minute).Err()
		},
		"prepare get": func(ctx context.Context, id string, _ int64) error {
			return c.Set(ctx, p+"cache:"+id, value, 0).Err()
		},
		"get": func(ctx context.Context, id string, _ int64) error {
			_, err := c.Get(ctx, p+"cache:"+id).Bytes()
			return err
		},
		"enqueue+dequeue": func(ctx context.Context, id string, _ int64) error {
			now := time.Now().UnixMilli()
			b, err := json.Marshal(map[string]any{"message": json.RawMessage(message), "enqueuedAt": now, "expiresAt": now + 90000})
			if err != nil {
				return err
			}
			if err := eval(ctx, enqueue, p+"queue:"+id, b, 10, 90000); err != nil {
				return err
			}
			b, err = c.LPop(ctx, p+"queue:"+id).Bytes()
			if err != nil {
				return err
			}
			var e struct {
				Message               json.RawMessage
				EnqueuedAt, ExpiresAt int64
			}
			return json.Unmarshal(b, &e)
		},
		"append": func(ctx context.Context, id string, _ int64) error {
			return eval(ctx, appendTo, p+"list:"+id, value, 100, 60000)
		},
	}}, nil
}

// redsyncRaw is redsync's own binding on a pipelined go-redis: what a lock costs
// before the adapter adds anything.
func redsyncRaw(url string) (subject, error) {
	client, err := newClient(url)
	if err != nil {
		return nil, err
	}
	pipe, err := client.AutoPipeline()
	if err != nil {
		return nil, err
	}
	r := redsync.New(goredis.NewPool(pipe))
	return &goSubject{label: "redsync on go-redis, auto pipelining", end: func() { _ = client.Close() }, calls: map[string]call{
		"lock+release": func(ctx context.Context, id string, _ int64) error {
			m := r.NewMutex("rs:lock:"+id, redsync.WithExpiry(30*time.Second))
			if err := m.TryLockContext(ctx); err != nil {
				return err
			}
			_, err := m.UnlockContext(ctx)
			return err
		},
	}}, nil
}
