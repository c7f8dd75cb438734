package redisstate

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/state"
)

// lateContext has a deadline that has passed, and has not noticed yet.
type lateContext struct{ context.Context }

func (lateContext) Err() error { return nil }

func (lateContext) Deadline() (time.Time, bool) { return time.Now().Add(-time.Microsecond), true }

func TestSocketThatNoticesTheDeadlineFirst(t *testing.T) {
	o := op{a: &Adapter{}, name: "accept", caller: lateContext{t.Context()}, ctx: t.Context()}
	err := o.fail(&net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}, "queue", "t")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, state.ErrUnavailable)
}
