package redisstate

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A bounded context ends as one of context.WithTimeout does, whatever ends it, and so do
// those that are made of it, also if they are made late.
func TestBounded(t *testing.T) {
	t.Parallel()
	type key struct{}
	for name, c := range map[string]struct {
		end  func(cancel context.CancelFunc, b *bounded)
		want error
	}{
		"cancelled":    {func(cancel context.CancelFunc, _ *bounded) { cancel() }, context.Canceled},
		"too late":     {func(context.CancelFunc, *bounded) { time.Sleep(2 * time.Second) }, context.DeadlineExceeded},
		"call is over": {func(_ context.CancelFunc, b *bounded) { b.end() }, context.Canceled},
	} {
		for _, asked := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					caller, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
					defer cancel()
					d := deadlines{timeout: time.Second}
					b := &bounded{Context: caller, bound: d.context()}
					defer b.end()
					at, ok := b.Deadline()
					require.True(t, ok)
					require.GreaterOrEqual(t, time.Until(at), time.Second)
					require.Equal(t, "value", b.Value(key{}))
					require.NoError(t, b.Err())
					var child context.Context = b
					if asked {
						var stop context.CancelFunc
						child, stop = context.WithCancel(b)
						defer stop()
						synctest.Wait()
						require.NoError(t, child.Err())
					}
					c.end(cancel, b)
					synctest.Wait()
					require.ErrorIs(t, b.Err(), c.want)
					<-b.Done()
					<-child.Done()
					assert.ErrorIs(t, child.Err(), c.want)
					late, stop := context.WithCancel(b)
					defer stop()
					assert.ErrorIs(t, late.Err(), c.want)
				})
			})
		}
	}
}
