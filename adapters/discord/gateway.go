package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/platform"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

const (
	// shardLease is how long an instance has a shard, unless it goes on.
	shardLease = 45 * time.Second
	// leaseMargin is how long before the end of its lease an instance gives up a shard.
	leaseMargin = 5 * time.Second
	// shardPause is between two tries to get a shard.
	shardPause = 3 * time.Second
	// identifyPause is between two sessions that begin.
	// https://docs.discord.com/developers/events/gateway#rate-limiting
	identifyPause = 5 * time.Second

	firstBackoff = time.Second
	maxBackoff   = 60 * time.Second
	steadyAfter  = time.Minute // a connection that lasts this long ends a row of failures
	saveInterval = time.Second // how often the place in the stream is stored
)

// The events that the gateway is asked for.
// https://docs.discord.com/developers/events/gateway#gateway-intents
const (
	intentGuilds = 1 << iota
	intentMembers
	_
	_
	_
	_
	_
	_
	_
	intentGuildMessages
	intentGuildReactions
	_
	intentDirectMessages
	intentDirectReactions
	_
	intentContent
)

func (a *Adapter) intents() int {
	all := intentGuilds | intentGuildMessages | intentGuildReactions | intentDirectMessages | intentDirectReactions | intentContent
	if a.config.Members {
		all |= intentMembers
	}
	return all
}

// Run keeps the connections to the gateway, one for each shard over all instances that
// share the state: an instance that stops or dies is followed by another one within a
// minute, which goes on where it was. It returns nil when ctx ends, or why connecting
// again is useless: the token is refused, or what is asked for is not allowed.
func (a *Adapter) Run(ctx context.Context) error {
	if a.config.WebhooksOnly {
		<-ctx.Done()
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fatal := make(chan error, a.config.Shards)
	var group sync.WaitGroup
	for n := range a.config.Shards {
		group.Go(func() {
			s := &shard{adapter: a, number: n}
			if err := s.run(ctx); err != nil {
				fatal <- err
				cancel()
			}
		})
	}
	group.Wait()
	close(fatal)
	return <-fatal
}

// shard is one part of the bot's servers, as this instance knows it.
type shard struct {
	adapter *Adapter
	number  int
	session session
}

// session is a session with the gateway, as the state keeps it.
type session struct {
	ID  string `json:"id"`
	URL string `json:"url"` // where it goes on
	// Seq is the number of the last event that is stored, with all before it.
	Seq int64 `json:"seq"`
}

func (s *shard) key() string {
	c := s.adapter.config
	return fmt.Sprintf("discord:shard:%s:%d:%d", c.ApplicationID, c.Shards, s.number)
}

// run tries to get the shard, and keeps its connection while it has it.
func (s *shard) run(ctx context.Context) error {
	for ctx.Err() == nil {
		lock, err := s.adapter.host.State().AcquireLock(ctx, s.key(), shardLease)
		if err == nil {
			err = s.hold(ctx, lock)
		}
		if isFatal(err) {
			return err
		}
		if err != nil && !errors.Is(err, state.ErrLocked) && ctx.Err() == nil {
			s.adapter.log.WarnContext(ctx, "the shard is given up", "shard", s.number, "error", err)
		}
		_ = adapterkit.Sleep(ctx, shardPause) // the loop sees that ctx has ended
	}
	return nil
}

// hold keeps the connection while the lock is this instance's.
func (s *shard) hold(ctx context.Context, lock *state.Lock) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var renewal sync.WaitGroup
	renewal.Go(func() { s.renew(ctx, cancel, lock) })
	defer func() {
		cancel(nil)
		renewal.Wait()
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer stop()
		_ = s.adapter.host.State().ReleaseLock(ctx, lock) // else it expires
	}()
	if err := s.load(ctx); err != nil {
		return err
	}
	backoff := firstBackoff
	for ctx.Err() == nil {
		began := time.Now()
		err := s.connect(ctx)
		if isFatal(err) {
			return err
		}
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > steadyAfter || errors.Is(err, errReconnect) {
			backoff = firstBackoff
		}
		pause := backoff/2 + rand.N(backoff) // half to one and a half: many shards do not come at once
		if refusal, ok := errors.AsType[*chat.PlatformError](err); ok {
			pause = max(pause, refusal.RetryAfter)
		}
		s.adapter.log.WarnContext(ctx, "the gateway's connection has ended", "shard", s.number, "error", err, "again_in", pause)
		_ = adapterkit.Sleep(ctx, pause) // likewise
		backoff = min(2*backoff, maxBackoff)
	}
	return context.Cause(ctx)
}

// renew keeps the lock, and ends ctx before it can be another instance's.
func (s *shard) renew(ctx context.Context, lost context.CancelCauseFunc, lock *state.Lock) {
	until := time.Now().Add(shardLease - leaseMargin)
	for adapterkit.Sleep(ctx, shardLease/5) == nil {
		asked := time.Now()
		try, cancel := context.WithDeadline(ctx, until)
		err := s.adapter.host.State().ExtendLock(try, lock, shardLease)
		cancel()
		switch {
		case err == nil:
			until = asked.Add(shardLease - leaseMargin)
		case errors.Is(err, state.ErrUnavailable) && time.Now().Before(until):
		default:
			lost(fmt.Errorf("the shard's lock is lost: %w", err))
			return
		}
	}
}

// load reads where another instance has stopped.
func (s *shard) load(ctx context.Context) error {
	s.session = session{}
	data, err := s.adapter.host.State().Get(ctx, s.key())
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept session
	if json.Unmarshal(data, &kept) == nil && kept.ID != "" && kept.URL != "" && kept.Seq >= 0 {
		s.session = kept
	}
	return nil
}

// save stores where this one is.
func (s *shard) save(ctx context.Context, now session) error {
	data, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return s.adapter.host.State().Set(ctx, s.key(), data, 24*time.Hour)
}

// address returns where a session begins, when it may.
// https://docs.discord.com/developers/events/gateway#get-gateway-bot
func (s *shard) address(ctx context.Context) (string, error) {
	var got struct {
		URL   string `json:"url"`
		Limit struct {
			Remaining   *int  `json:"remaining"`
			ResetAfter  int64 `json:"reset_after"` // in milliseconds
			Concurrency int   `json:"max_concurrency"`
		} `json:"session_start_limit"`
	}
	if err := s.adapter.do(ctx, call{Call: platform.Call{Op: "getGateway", Path: "gateway/bot", Into: &got}}); err != nil {
		return "", err
	}
	if got.Limit.Remaining != nil && *got.Limit.Remaining <= 0 {
		return "", &chat.PlatformError{
			Adapter: adapterName, Op: "getGateway", Code: chat.CodeRateLimited, RetryAfter: time.Duration(got.Limit.ResetAfter) * time.Millisecond,
			Err: errors.New("no session may begin today any more"),
		}
	}
	bucket := s.number % max(got.Limit.Concurrency, 1)
	key := "discord:identify:" + s.adapter.config.ApplicationID + ":" + strconv.Itoa(bucket)
	for {
		_, err := s.adapter.host.State().AcquireLock(ctx, key, identifyPause) // which ends by itself
		if err == nil {
			return got.URL, nil
		}
		if !errors.Is(err, state.ErrLocked) {
			return "", err
		}
		if err := adapterkit.Sleep(ctx, identifyPause/5); err != nil {
			return "", err
		}
	}
}
