package pgstate

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/chat-adapter/chat-go/core/state"
)

// The row of the list, which the first part locks, says which values belong to it: so
// a reader never sees more than it should, although the second part may not see, and
// leave, values that others have just appended. The next append removes those.
const appendSQL = `
WITH list AS (
    INSERT INTO chat_go_lists AS l (prefix, key, last_dropped, last, expires_at)
    VALUES ($1::text, $2::text, 0, 1, coalesce(statement_timestamp() + $5::bigint * interval '1 millisecond', 'infinity'))
    ON CONFLICT (prefix, key) DO UPDATE SET
        last = l.last + 1,
        last_dropped = CASE WHEN l.expires_at <= statement_timestamp() THEN l.last
            ELSE greatest(l.last_dropped, l.last + 1 - $4::bigint) END,
        expires_at = CASE WHEN $5::bigint IS NULL AND l.expires_at > statement_timestamp() THEN l.expires_at
            ELSE EXCLUDED.expires_at END
    RETURNING last_dropped, last
), dropped AS (
    DELETE FROM chat_go_list_values
    WHERE prefix = $1::text AND key = $2::text AND position <= (SELECT last_dropped FROM list)
)
INSERT INTO chat_go_list_values (prefix, key, position, value) SELECT $1::text, $2::text, last, $3::bytea FROM list`

// AppendToList pushes the value at the tail, keeps the newest opts.MaxLength values,
// and refreshes the expiry of the whole list when opts.TTL is positive.
//
// It is sent once. When its reply is lost the error matches
// [state.ErrUnknownOutcome]: the value may be there, and appending it again can
// double it.
func (a *Adapter) AppendToList(ctx context.Context, key string, value []byte, opts state.ListOptions) error {
	o, err := a.begin(ctx, "append to list")
	if err != nil {
		return err
	}
	defer o.end()
	err = errors.Join(state.CheckName("key", key), state.CheckSize("opts.MaxLength", opts.MaxLength), state.CheckTTL("opts.TTL", opts.TTL))
	if err != nil {
		return err
	}
	err = o.send(once, func(b *batch) {
		b.exec(nil, appendSQL, a.cfg.Prefix, keyOf(key), notNil(value), bound(opts.MaxLength), millis(opts.TTL))
	})
	if err != nil {
		return o.failUnknown(err)
	}
	return nil
}

// bound is a size as statements take it, nil for none.
func bound(n int) *int64 {
	if n == 0 {
		return nil
	}
	return new(int64(n))
}

// GetList returns the values in insertion order, and none, without an error, if the
// list is absent or expired.
func (a *Adapter) GetList(ctx context.Context, key string) ([][]byte, error) {
	o, err := a.begin(ctx, "get list")
	if err != nil {
		return nil, err
	}
	defer o.end()
	if err := state.CheckName("key", key); err != nil {
		return nil, err
	}
	var values [][]byte
	err = o.send(again, func(b *batch) {
		b.rows(func() { values = nil }, func(rows pgx.Rows) error {
			var value []byte
			err := rows.Scan(&value)
			values = append(values, value)
			return err
		}, `
SELECT v.value FROM chat_go_lists l JOIN chat_go_list_values v ON v.prefix = l.prefix AND v.key = l.key AND v.position > l.last_dropped
WHERE l.prefix = $1::text AND l.key = $2::text AND l.expires_at > statement_timestamp() ORDER BY v.position`,
			a.cfg.Prefix, keyOf(key))
	})
	if err != nil {
		return nil, o.fail(err)
	}
	return values, nil
}
