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
	// InProcess.
	Prefix string
	// InProcess keeps values in this process only, for Recent. Default: they are kept
	// in the state, too.
	InProcess bool
	// TTL is how long a value is kept in the state, as JSON. Default: a day.
	TTL time.Duration
	// Recent is how long a value, or a failure, is kept in this process, too.
	// Default: a minute.
	Recent time.Duration
	// Limit is how many are kept in this process. Default: 10,000.
	Limit int
	// Timeout bounds one look-up, however many callers wait for it. Default: 10 s.
	Timeout time.Duration
}

// Lookup remembers what a platform says about users, channels and the like: in this
// process, in the state, and only then it asks, once at a time for a key. It is safe
// for concurrent use.
type Lookup[V any] struct {
	cfg     LookupConfig
	host    chat.Host
	recent  *Cache[found[V]]
	flights flight.Group[V]
	// changes counts what was forgotten or learnt, so that an answer from before is
	// not kept.
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

// Get returns the key's value, and asks for it if it is not known. Callers at the
// same time share one look-up; it ends early only when none of them waits any more.
// An error of ask is returned; a *[chat.PlatformError] is remembered in this process.
// A state that fails is no error: the platform is asked. Where ctx ends first, the
// error is ctx's.
func (l *Lookup[V]) Get(ctx context.Context, key string, ask func(ctx context.Context) (V, error)) (V, error) {
	if f, ok := l.recent.Get(key); ok {
		return f.value, f.err
	}
	// What was asked before a change answers nobody who comes after it.
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
			return f.value, f.err // not the platform's answer
		}
	}
	if l.changes.Load() == begun {
		l.recent.Set(key, f)
	}
	return f.value, f.err
}

// load reads what the state keeps, and reports whether that is anything.
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

// Learn keeps a value that the platform has told by itself.
func (l *Lookup[V]) Learn(ctx context.Context, key string, value V) {
	l.changes.Add(1)
	l.recent.Set(key, found[V]{value: value})
	l.store(ctx, key, value)
}

// Forget removes what is kept of the key, because it has changed. Other processes
// go on with what they have for LookupConfig.Recent. Its error is the state's.
func (l *Lookup[V]) Forget(ctx context.Context, key string) error {
	l.changes.Add(1)
	l.recent.Delete(key)
	if l.cfg.InProcess {
		return nil
	}
	return l.host.State().Delete(ctx, l.cfg.Prefix+key)
}
