package adapterkit

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/internal/flight"
	"github.com/chat-adapter/chat-go/core/chat"
)

// LookupConfig configures a [Lookup].
type LookupConfig struct {
	// Prefix begins the keys in the state, such as "telegram:user:". Required, unless
	// InProcess is set.
	Prefix string
	// InProcess keeps values only in this process, and not in the state. Default false.
	InProcess bool
	// TTL is how long a value is kept in the state, as JSON. Default: a day.
	TTL time.Duration
	// Recent is how long a value, or a refusal by the platform, is kept in this process.
	// Default: a minute.
	Recent time.Duration
	// Limit is how many values and refusals are kept in this process. Default: 10,000.
	Limit int
	// Timeout is the limit for a call of the platform, with the reading and writing of
	// the state around it. Default: 10 s.
	Timeout time.Duration
}

// Lookup caches values that a platform returns, such as users and channels, in this process
// and in the state. Callers at the same time share one call of the platform for a key. It is
// safe for concurrent use.
type Lookup[V any] struct {
	cfg     LookupConfig
	host    chat.Host
	recent  *Cache[found[V]]
	flights flight.Group[V]
	// changes counts the calls of Learn and Forget, so that a value that was asked for
	// before is not kept.
	changes atomic.Int64
}

// found is the outcome of a look-up.
type found[V any] struct {
	value V
	err   error
}

// NewLookup returns a Lookup. It needs the adapter's host, so call it in Attach.
func NewLookup[V any](host chat.Host, cfg LookupConfig) *Lookup[V] {
	if cfg.TTL <= 0 {
		cfg.TTL = 24 * time.Hour
	}
	if cfg.Recent <= 0 {
		cfg.Recent = time.Minute
	}
	if cfg.Limit <= 0 {
		cfg.Limit = 10_000
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	return &Lookup[V]{cfg: cfg, host: host, recent: NewCache[found[V]](cfg.Limit, cfg.Recent)}
}

// Get returns the value of a key. If it is not known, it calls ask, with the Timeout.
// Callers at the same time share one call; its context ends early only when none of them
// waits any more. Get returns the error of ask. A *[chat.PlatformError] is also kept in
// this process, for Recent. An error of the state is ignored, and ask is called. If ctx
// ends first, the error is ctx's.
func (l *Lookup[V]) Get(ctx context.Context, key string, ask func(ctx context.Context) (V, error)) (V, error) {
	if f, ok := l.recent.Get(key); ok {
		return f.value, f.err
	}
	// Callers after a change do not share a call that began before it.
	flight := strconv.FormatInt(l.changes.Load(), 10) + ":" + key
	return l.flights.Do(ctx, flight, func(ctx context.Context) (V, error) {
		ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
		defer cancel()
		return l.find(ctx, key, ask)
	})
}

func (l *Lookup[V]) find(ctx context.Context, key string, ask func(ctx context.Context) (V, error)) (V, error) {
	begun := l.changes.Load()
	var f found[V]
	if !l.load(ctx, key, &f.value) {
		f = found[V]{}
		f.value, f.err = ask(ctx)
		_, said := errors.AsType[*chat.PlatformError](f.err)
		switch {
		case f.err == nil && l.changes.Load() == begun:
			l.store(ctx, key, f.value)
		case f.err != nil && (ctx.Err() != nil || !said):
			return f.value, f.err // not a refusal by the platform
		}
	}
	if l.changes.Load() == begun {
		l.recent.Set(key, f)
	}
	return f.value, f.err
}

// load reads the value in the state. It returns false if there is none.
func (l *Lookup[V]) load(ctx context.Context, key string, into *V) bool {
	if l.cfg.InProcess {
		return false
	}
	data, err := l.host.State().Get(ctx, l.cfg.Prefix+key)
	return err == nil && json.Unmarshal(data, into) == nil
}

func (l *Lookup[V]) store(ctx context.Context, key string, value V) {
	if l.cfg.InProcess {
		return
	}
	data, err := json.Marshal(value)
	if err == nil {
		err = l.host.State().Set(ctx, l.cfg.Prefix+key, data, l.cfg.TTL)
	}
	if err != nil {
		l.host.Logger().LogAttrs(ctx, slog.LevelDebug, "cache-failed", slog.String("key", l.cfg.Prefix+key), slog.Any("error", err))
	}
}

// Learn stores a value that the platform has sent without a call, such as in a webhook. If
// the state fails, the value is only kept in this process.
func (l *Lookup[V]) Learn(ctx context.Context, key string, value V) {
	l.changes.Add(1)
	l.recent.Set(key, found[V]{value: value})
	l.store(ctx, key, value)
}

// Forget removes the value of a key, because it has changed. Other processes may use the old
// value for LookupConfig.Recent. The error is the state's.
func (l *Lookup[V]) Forget(ctx context.Context, key string) error {
	l.changes.Add(1)
	l.recent.Delete(key)
	if l.cfg.InProcess {
		return nil
	}
	return l.host.State().Delete(ctx, l.cfg.Prefix+key)
}
