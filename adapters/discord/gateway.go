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
	// shardLease is how long the lock of a shard lasts if it is not extended.
	shardLease = 45 * time.Second
	// leaseMargin is how long before the end of the lock an instance stops using a shard.
	leaseMargin = 5 * time.Second
	// shardPause is the pause between two tries to get a shard.
	shardPause = 3 * time.Second
	// identifyPause is the pause between the beginnings of two sessions.
	// https://docs.discord.com/developers/events/gateway#rate-limiting
	identifyPause = 5 * time.Second

	firstBackoff = time.Second
	maxBackoff   = 60 * time.Second
	steadyAfter  = time.Minute // a connection that lasted so long resets the backoff
	saveInterval = time.Second // how often the number of the last stored event is saved
)

// Intents: the kinds of events that the bot asks the gateway for.
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

// Run keeps the connections to the gateway until ctx ends. Of all instances that share
// the state, one has the connection of each shard. When it stops or dies, another one
// resumes the session within a minute. A lost connection is opened again, after a pause of
// up to 90 seconds. Run returns an error only if another connection would fail, too:
// [chat.ErrAuthentication] if Discord refuses the token, and [chat.ErrInvalidConfig] if
// it refuses the intents or the number of shards. The bot's Run calls it.
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

// shard is one of the parts that the bot's servers are divided into.
type shard struct {
	adapter *Adapter
	number  int
	session session
}

// session is a session with the gateway, as it is stored in the state.
type session struct {
	ID  string `json:"id"`
	URL string `json:"url"` // the address at which it is resumed
	// Seq is the number of an event. It and all events before it are stored.
	Seq int64 `json:"seq"`
}

func (s *shard) key() string {
	c := s.adapter.config
	return fmt.Sprintf("discord:shard:%s:%d:%d", c.ApplicationID, c.Shards, s.number)
}

// run tries to get the lock of the shard, and keeps its connection while it has the lock.
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
			s.adapter.log.WarnContext(ctx, "this instance no longer has the shard", "shard", s.number, "error", err)
		}
		_ = adapterkit.Sleep(ctx, shardPause) // the loop sees that ctx has ended
	}
	return nil
}

// hold keeps the connection while this instance has the lock.
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
		_ = s.adapter.host.State().ReleaseLock(ctx, lock) // if this fails, the lock expires
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
		pause := backoff/2 + rand.N(backoff) // at random, so that many shards do not connect at once
		if refusal, ok := errors.AsType[*chat.PlatformError](err); ok {
			pause = max(pause, refusal.RetryAfter)
		}
		s.adapter.log.WarnContext(ctx, "the gateway's connection has ended", "shard", s.number, "error", err, "again_in", pause)
		_ = adapterkit.Sleep(ctx, pause) // the loop sees that ctx has ended
		backoff = min(2*backoff, maxBackoff)
	}
	return context.Cause(ctx)
}

// renew extends the lock. If that fails, it ends ctx before another instance can get the
// lock.
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

// load reads the session of the instance before.
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

// save stores the session.
func (s *shard) save(ctx context.Context, now session) error {
	data, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return s.adapter.host.State().Set(ctx, s.key(), data, 24*time.Hour)
}

// address returns the address for a new session, and waits until one may begin.
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
			Err: errors.New("no session may begin until Discord's daily limit is reset"),
		}
	}
	bucket := s.number % max(got.Limit.Concurrency, 1)
	key := "discord:identify:" + s.adapter.config.ApplicationID + ":" + strconv.Itoa(bucket)
	for {
		_, err := s.adapter.host.State().AcquireLock(ctx, key, identifyPause) // it expires and is not released
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
