package redisstate

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	away := &redsync.RedisError{Node: 1, Err: io.EOF}
	taken := &redsync.ErrNodeTaken{Node: 0}
	for name, c := range map[string]struct {
		err     error
		refused int
		cause   error
	}{
		"success":                    {},
		"majority taken":             {&redsync.ErrTaken{Nodes: []int{0, 2}}, 2, nil},
		"two taken":                  {errors.Join(errors.Join(nil, taken), taken), 2, nil},
		"one taken and one away":     {errors.Join(errors.Join(nil, taken), away), 1, io.EOF},
		"one away and one taken":     {errors.Join(errors.Join(nil, away), taken), 1, io.EOF},
		"one away, of several parts": {&redsync.RedisError{Err: errors.Join(io.EOF, io.ErrNoProgress)}, 0, io.EOF},
		"not redsync's own":          {io.EOF, 0, io.EOF},
	} {
		refused := 0
		cause := verdict(c.err, &refused)
		assert.Equal(t, c.refused, refused, name)
		if c.cause == nil {
			assert.NoError(t, cause, name)
		} else {
			assert.ErrorIs(t, cause, c.cause, name)
		}
	}
}

// The time that a master takes to answer is no part of what is left of a lock.
func TestSlowAnswerShortensTheLock(t *testing.T) {
	both(t, func(t *testing.T, s *server, a *Adapter) {
		const pause, ttl = 300 * time.Millisecond, 10 * time.Second // redsync takes off 1 % by itself
		ctx, admin := t.Context(), s.client()
		slowly := func(call func() error) (sent time.Time) {
			require.NoError(t, admin.ClientPause(ctx, pause).Err())
			sent = time.Now()
			require.NoError(t, call())
			require.GreaterOrEqual(t, time.Since(sent), pause/2)
			return sent
		}
		var lock *state.Lock
		sent := slowly(func() (err error) {
			lock, err = a.AcquireLock(ctx, "t", ttl)
			return err
		})
		assert.False(t, lock.ExpiresAt.After(sent.Add(ttl)), "the lock lasts until %v after it was asked for", lock.ExpiresAt.Sub(sent))
		sent = slowly(func() error { return a.ExtendLock(ctx, lock, ttl) })
		assert.False(t, lock.ExpiresAt.After(sent.Add(ttl)), "the lock lasts until %v after it was extended", lock.ExpiresAt.Sub(sent))
		require.NoError(t, a.ReleaseLock(ctx, lock))

		require.NoError(t, admin.ClientPause(ctx, pause).Err())
		_, err := a.AcquireLock(ctx, "t", pause/10)
		require.ErrorIs(t, err, errTooLate)
	})
}

// The scripts that an only master is asked with are redsync's.
func TestScriptsAreRedsyncs(t *testing.T) {
	t.Parallel()
	learned := learnScripts()
	for of, s := range map[string]*script{`"DEL"`: learned.release, `"PEXPIRE"`: learned.extend} {
		assert.Contains(t, s.src, of)
		assert.Equal(t, newScript(s.src).hash, s.hash)
	}
}
