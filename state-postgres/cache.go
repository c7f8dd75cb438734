package pgstate

import (
	"context"
	"errors"
	"time"

	"github.com/chat-adapter/chat-go/core/state"
)

// Get returns the exact bytes that were set. It returns [state.ErrNotFound] if the
// key is absent or expired.
func (a *Adapter) Get(ctx context.Context, key string) ([]byte, error) {
	o, err := a.begin(ctx, "get")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("key", key); err != nil {
		return nil, err
	}
	var value []byte
	var found bool
	if err := o.send(again, func(b *batch) { b.get(&found, &value, key) }); err != nil {
		return nil, o.fail(err)
	}
	if !found {
		return nil, state.ErrNotFound
	}
	return value, nil
}

func (b *batch) get(found *bool, value *[]byte, key string) {
	b.row(found, []any{value}, `
SELECT value FROM chat_go_cache WHERE prefix = $1::text AND key = $2::text AND expires_at > statement_timestamp()`, b.a.cfg.Prefix, keyOf(key))
}

// Set replaces the value and its expiry. A ttl of 0 means no expiry.
func (a *Adapter) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	o, err := a.beginCache(ctx, "set", key, ttl)
	if err != nil {
		return err
	}
	defer o.end()
	if err := o.send(again, func(b *batch) { b.set(key, value, ttl) }); err != nil {
		return o.fail(err)
	}
	return nil
}

func (b *batch) set(key string, value []byte, ttl time.Duration) {
	b.exec(nil, `
INSERT INTO chat_go_cache (prefix, key, value, expires_at)
VALUES ($1::text, $2::text, $3::bytea, coalesce(statement_timestamp() + $4::bigint * interval '1 millisecond', 'infinity'))
ON CONFLICT (prefix, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at`,
		b.a.cfg.Prefix, keyOf(key), notNil(value), millis(ttl))
}

// SetIfNotExists sets the value if the key is absent, in one atomic step, and
// reports whether it did. An expired key counts as absent.
//
// With a value made by [state.NewClaim] it is sent again when its reply is lost. Any
// other is sent once, and the error then matches [state.ErrUnknownOutcome].
func (a *Adapter) SetIfNotExists(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return a.replace(ctx, "set if absent", key, value, ttl, func(b *batch, set *int64) { b.setIfAbsent(set, key, value, ttl) })
}

// setIfAbsent sets the value if the key is absent, or holds the caller's own claim,
// whose expiry starts again then.
func (b *batch) setIfAbsent(set *int64, key string, value []byte, ttl time.Duration) {
	b.exec(set, `
INSERT INTO chat_go_cache AS c (prefix, key, value, expires_at)
VALUES ($1::text, $2::text, $3::bytea, coalesce(statement_timestamp() + $4::bigint * interval '1 millisecond', 'infinity'))
ON CONFLICT (prefix, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at
WHERE c.expires_at <= statement_timestamp() OR $5::boolean AND c.value = EXCLUDED.value`,
		b.a.cfg.Prefix, keyOf(key), notNil(value), millis(ttl), state.IsClaim(value))
}

// CompareAndSwap replaces the value of the key, and its expiry, if the stored
// bytes equal old, in one atomic step, and reports whether it did. A nil old
// means that the key must be absent or expired.
//
// With a value made by [state.NewClaim] it is sent again when its reply is lost. Any
// other is sent once, and the error then matches [state.ErrUnknownOutcome].
func (a *Adapter) CompareAndSwap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return a.replace(ctx, "compare and swap", key, value, ttl, func(b *batch, swapped *int64) {
		if old == nil {
			b.setIfAbsent(swapped, key, value, ttl)
			return
		}
		b.exec(swapped, `
UPDATE chat_go_cache
SET value = $4::bytea, expires_at = coalesce(statement_timestamp() + $5::bigint * interval '1 millisecond', 'infinity')
WHERE prefix = $1::text AND key = $2::text AND expires_at > statement_timestamp()
AND (value = $3::bytea OR $6::boolean AND value = $4::bytea)`,
			a.cfg.Prefix, keyOf(key), old, notNil(value), millis(ttl), state.IsClaim(value))
	})
}

// replace sends a conditional write. One with a claim may be sent again: a caller that
// finds its own claim in place has set it.
func (a *Adapter) replace(ctx context.Context, name, key string, value []byte, ttl time.Duration, write func(b *batch, done *int64)) (bool, error) {
	o, err := a.beginCache(ctx, name, key, ttl)
	if err != nil {
		return false, err
	}
	defer o.end()
	r := once
	if state.IsClaim(value) {
		r = again
	}
	var done int64
	if err := o.send(r, func(b *batch) { write(b, &done) }); err != nil {
		if r == again {
			return false, o.fail(err)
		}
		return false, o.failUnknown(err)
	}
	return done > 0, nil
}

// Delete removes the cache value of the key. Deleting an absent key changes nothing.
func (a *Adapter) Delete(ctx context.Context, key string) error {
	o, err := a.beginCache(ctx, "delete", key, 0)
	if err != nil {
		return err
	}
	defer o.end()
	err = o.send(again, func(b *batch) {
		b.exec(nil, `DELETE FROM chat_go_cache WHERE prefix = $1::text AND key = $2::text`, a.cfg.Prefix, keyOf(key))
	})
	if err != nil {
		return o.fail(err)
	}
	return nil
}

func (a *Adapter) beginCache(ctx context.Context, name, key string, ttl time.Duration) (*op, error) {
	o, err := a.begin(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(state.CheckName("key", key), state.CheckTTL("ttl", ttl)); err != nil {
		o.end()
		return nil, err
	}
	return o, nil
}

// notNil returns the empty value for nil, which would be NULL.
func notNil(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}
