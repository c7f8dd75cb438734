package redisstate

import (
	"errors"
	"io"
	"testing"

	"github.com/go-redsync/redsync/v4"
	"github.com/stretchr/testify/assert"
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
