package adapterkit_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/chat"
)

func TestCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := adapterkit.NewCache[int](3, time.Minute)
		c.Set("a", 1)
		value, ok := c.Get("a")
		require.True(t, ok)
		require.Equal(t, 1, value)
		time.Sleep(time.Minute)
		_, ok = c.Get("a")
		require.False(t, ok, "it has expired")
		c.Set("b", 2)
		c.Delete("b")
		_, ok = c.Get("b")
		require.False(t, ok)
		for i := range 100 {
			c.Set(strconv.Itoa(i), i)
			kept := 0
			for j := range 100 {
				if _, ok := c.Get(strconv.Itoa(j)); ok {
					kept++
				}
			}
			require.LessOrEqual(t, kept, 3)
			value, ok := c.Get(strconv.Itoa(i))
			require.True(t, ok, "the newest is there")
			require.Equal(t, i, value)
		}
		none := adapterkit.NewCache[int](0, time.Minute)
		none.Set("a", 1)
		_, ok = none.Get("a")
		require.False(t, ok)
	})
}

// asked counts what a platform was asked, each taking a second.
type asked struct {
	calls atomic.Int32
	err   error
}

func (a *asked) ask(ctx context.Context) (string, error) {
	n := a.calls.Add(1)
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(time.Second):
	}
	return "answer " + strconv.Itoa(int(n)), a.err
}

func TestLookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := kittest.NewHost()
		cfg := adapterkit.LookupConfig{Prefix: "pager:user:", TTL: time.Hour}
		l := adapterkit.NewLookup[string](host, cfg)
		var a asked
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				value, err := l.Get(t.Context(), "U1", a.ask)
				require.NoError(t, err)
				require.Equal(t, "answer 1", value)
			})
		}
		wait.Wait()
		require.EqualValues(t, 1, a.calls.Load(), "all together asked once")
		stored, err := host.Memory.Get(t.Context(), "pager:user:U1")
		require.NoError(t, err)
		require.Equal(t, `"answer 1"`, string(stored))

		other := adapterkit.NewLookup[string](host, cfg)
		value, err := other.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 1", value, "another process finds it in the state")
		time.Sleep(time.Hour)
		value, err = l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 2", value)

		require.NoError(t, l.Forget(t.Context(), "U1"))
		value, err = l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 3", value)
		l.Learn(t.Context(), "U1", "told")
		value, err = l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "told", value)
		value, err = adapterkit.NewLookup[string](host, cfg).Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "told", value)
	})
}

func TestLookupFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := kittest.NewHost()
		l := adapterkit.NewLookup[string](host, adapterkit.LookupConfig{Prefix: "pager:user:"})
		a := asked{err: &chat.PlatformError{Adapter: "pager", Op: "user", Code: chat.CodeNotFound}}
		for range 3 {
			_, err := l.Get(t.Context(), "U1", a.ask)
			require.ErrorIs(t, err, chat.ErrNotFound)
		}
		require.EqualValues(t, 1, a.calls.Load(), "a failure is remembered for a minute")
		time.Sleep(time.Minute)
		a.err = nil
		value, err := l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 2", value)

		// An error that is not the platform's may be over at once.
		a.err = errors.New("the state is gone")
		_, err = l.Get(t.Context(), "U0", a.ask)
		require.ErrorIs(t, err, a.err)
		a.err = nil
		value, err = l.Get(t.Context(), "U0", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 4", value)

		// A caller that gives up learns nothing, and nothing is remembered of it.
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err = l.Get(ctx, "U2", a.ask)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		cancel()
		synctest.Wait()
		value, err = l.Get(t.Context(), "U2", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 6", value)

		// The state is a help, not a need.
		host.Memory.Fail(errors.New("the state is gone"))
		value, err = l.Get(t.Context(), "U3", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 7", value)
		require.Error(t, l.Forget(t.Context(), "U3"))
		host.Memory.Fail(nil)
		require.NoError(t, host.Memory.Set(t.Context(), "pager:user:U4", []byte("{"), 0))
		value, err = l.Get(t.Context(), "U4", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 8", value, "what cannot be read is asked for")

		// A platform that does not answer ends with the look-up's own time.
		begun := time.Now()
		_, err = l.Get(t.Context(), "U5", func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 10*time.Second, time.Since(begun))
	})
}

// What is kept in the process only never reaches the state.
func TestLookupInProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := kittest.NewHost()
		host.Memory.Fail(errors.New("nobody asks the state"))
		l := adapterkit.NewLookup[string](host, adapterkit.LookupConfig{InProcess: true})
		var a asked
		for range 3 {
			value, err := l.Get(t.Context(), "U1", a.ask)
			require.NoError(t, err)
			require.Equal(t, "answer 1", value)
		}
		require.NoError(t, l.Forget(t.Context(), "U1"))
		value, err := l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 2", value)
		l.Learn(t.Context(), "U1", "told")
		value, err = l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "told", value)
		host.Memory.Fail(nil)
		require.Empty(t, host.Memory.Keys())
	})
}

// An answer that was asked for before a change must not come back after it.
func TestLookupKeepsNothingFromBeforeAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := kittest.NewHost()
		l := adapterkit.NewLookup[string](host, adapterkit.LookupConfig{Prefix: "pager:user:"})
		var a asked
		var wait sync.WaitGroup
		wait.Go(func() {
			value, err := l.Get(t.Context(), "U1", a.ask)
			require.NoError(t, err)
			require.Equal(t, "answer 1", value)
		})
		synctest.Wait()
		require.NoError(t, l.Forget(t.Context(), "U1"))
		value, err := l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 2", value, "asked for after the change")
		wait.Wait()
		value, err = l.Get(t.Context(), "U1", a.ask)
		require.NoError(t, err)
		require.Equal(t, "answer 2", value)
		stored, err := host.Memory.Get(t.Context(), "pager:user:U1")
		require.NoError(t, err)
		require.Equal(t, `"answer 2"`, string(stored))
	})
}
