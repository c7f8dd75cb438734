package bottest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

// channelIDs is a platform whose ids are "{channel}:{number}" here and "{number}" in the
// TypeScript SDK.
type channelIDs struct{ *chattest.Adapter }

func (channelIDs) TypeScriptID(m *chat.Message) chat.MessageID {
	_, id, _ := strings.Cut(string(m.ID), ":")
	return chat.MessageID(id)
}

// frailStore fails where it is told to.
type frailStore struct {
	listed
	dies, fails *atomic.Bool
}

var errFrail = errors.New("the state failed")

// Accept is never executed once the instance is to die.
func (s *frailStore) Accept(ctx context.Context, thread string, e state.QueueEntry, maxSize int) (int, error) {
	if s.dies.Load() {
		s.Store.Crash()
	}
	return s.listed.Accept(ctx, thread, e, maxSize)
}

func (s *frailStore) Waiting(ctx context.Context, thread string) ([]state.WaitingEntry, error) {
	if s.fails.Load() {
		return nil, errFrail
	}
	return s.Store.Waiting(ctx, thread)
}

// twoIDs are two instances on a platform with two ids for a message.
type twoIDs struct {
	*rig
	handled     log
	dies, fails atomic.Bool
}

func playTwoIDs(t *testing.T, shared bool, busy time.Duration, test func(*twoIDs)) {
	t.Helper()
	x := &twoIDs{}
	play(t, 2, func(c *chat.Config) {
		c.Storage.SharedWithTypeScript = shared
		c.Adapters = []chat.Adapter{channelIDs{c.Adapters[0].(*chattest.Adapter)}}
		c.State = &frailStore{c.State.(listed), &x.dies, &x.fails}
		c.Concurrency.MaxQueueSize = 2
	}, func(r *rig) {
		x.rig = r
		require.NoError(t, r.shared.Connect(context.Background()))
		r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
			for _, m := range append(ev.Skipped, ev.Message) {
				x.handled.add("%s", m.ID)
			}
			return work(ctx, busy)
		})
		test(x)
	})
}

// claimed claims the id as a TypeScript instance does. It reports whether that
// succeeded: then it handles the message, else it drops it.
func (x *twoIDs) claimed(id string) bool {
	x.t.Helper()
	fresh, err := x.shared.SetIfNotExists(context.Background(), "dedupe:fake:"+id, []byte("true"), 10*time.Minute)
	require.NoError(x.t, err)
	return fresh
}

// A message that the platform tells both sides of is handled by the side that has heard
// of it first, also if it comes again.
func TestMessageWithTwoIDsIsHandledOnce(t *testing.T) {
	for name, ends := range map[string]time.Duration{"while it is handled": time.Minute, "afterwards": 0} {
		t.Run("here first, there "+name, func(t *testing.T) {
			playTwoIDs(t, true, ends, func(x *twoIDs) {
				x.send(0, "t", "c:7")
				require.False(t, x.claimed("7"))
				x.send(1, "t", "c:7")
				time.Sleep(9 * time.Minute)
				require.False(t, x.claimed("7"))
				x.send(1, "t", "c:7")
				time.Sleep(time.Minute)
				require.Equal(t, []string{"c:7"}, x.handled.all())
			})
		})
	}
	t.Run("there first", func(t *testing.T) {
		playTwoIDs(t, true, 0, func(x *twoIDs) {
			require.True(t, x.claimed("7"))
			for i := range 4 {
				receipt := x.send(i%2, "t", "c:7")
				require.NoError(t, receipt.Wait(context.Background()))
				time.Sleep(time.Minute)
			}
			require.Empty(t, x.handled.all())
			require.Equal(t, 4, x.count(chat.StepDuplicate))
		})
	})
	t.Run("the state is not shared", func(t *testing.T) {
		playTwoIDs(t, false, 0, func(x *twoIDs) {
			require.True(t, x.claimed("7"))
			x.send(0, "t", "c:7")
			x.send(0, "t", "c:8")
			require.True(t, x.claimed("8"), "it costs nothing")
			time.Sleep(time.Minute)
			require.Len(t, x.handled.all(), 2)
		})
	})
}

// Messages of two channels that have one id there have two here: both are handled, each
// of them once.
func TestMessagesWithOneForeignIDAreBothHandled(t *testing.T) {
	for _, busy := range []time.Duration{0, time.Minute} {
		playTwoIDs(t, true, busy, func(x *twoIDs) {
			for i := range 3 {
				x.send(i%2, "t", "c:7")
				x.send((i+1)%2, "u", "d:7")
				time.Sleep(time.Second)
			}
			require.False(t, x.claimed("7"))
			time.Sleep(3 * time.Minute)
			require.ElementsMatch(t, []string{"c:7", "d:7"}, x.handled.all())
		})
	}
}

// A message that is refused here is not refused there: the platform delivers it again to
// either side.
func TestRefusedMessageIsFreeForTypeScript(t *testing.T) {
	playTwoIDs(t, true, time.Minute, func(x *twoIDs) {
		x.send(0, "t", "c:1")
		time.Sleep(time.Second)
		x.send(0, "t", "c:2")
		_, err := x.deliver(0, "t", "c:3")
		require.ErrorIs(t, err, chat.ErrBusy)
		require.True(t, x.claimed("3"))
		x.send(0, "t", "c:3")
		time.Sleep(5 * time.Minute)
		require.Equal(t, []string{"c:1", "c:2"}, x.handled.all())
	})
}

// The same, a little later, for one that an instance has claimed and then died.
func TestClaimOfADeadInstanceEnds(t *testing.T) {
	playTwoIDs(t, true, 0, func(x *twoIDs) {
		x.dies.Store(true)
		_, err := x.deliver(0, "t", "c:7")
		require.Error(t, err)
		require.False(t, x.claimed("7"))
		time.Sleep(15 * time.Second)
		require.True(t, x.claimed("7"))
	})
}

// A redelivery that fails does not give away what an earlier delivery has stored.
func TestFailedRedeliveryKeepsTheClaim(t *testing.T) {
	playTwoIDs(t, true, time.Minute, func(x *twoIDs) {
		x.send(0, "t", "c:7")
		time.Sleep(time.Second)
		x.fails.Store(true)
		_, err := x.deliver(1, "t", "c:7")
		require.ErrorIs(t, err, errFrail)
		x.fails.Store(false)
		require.False(t, x.claimed("7"))
	})
}
