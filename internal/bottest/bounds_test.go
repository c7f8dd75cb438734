package bottest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// slowAccept is a state whose answer, when it has stored one message, takes long.
type slowAccept struct {
	listed
	id    string
	delay time.Duration
}

func (s slowAccept) Accept(ctx context.Context, key string, e state.QueueEntry, maxSize int) (int, error) {
	depth, err := s.Store.Accept(ctx, key, e, maxSize)
	if strings.Contains(string(e.Message), `"`+s.id+`"`) {
		time.Sleep(s.delay)
	}
	return depth, err
}

func slowly(id string, delay time.Duration) func(*chat.Config) {
	return func(c *chat.Config) {
		c.Concurrency.MaxQueueSize = 2
		c.State = slowAccept{c.State.(listed), id, delay}
	}
}

// A message beyond the bound that a handler has got before it could be refused is
// accepted: the platform is not asked for it again.
func TestFullQueueRefusesNothingThatIsHandled(t *testing.T) {
	play(t, 1, slowly("m3", 100*time.Millisecond), func(r *rig) {
		got := r.record(50 * time.Millisecond)
		r.send(0, "t", "m1")
		time.Sleep(5 * time.Millisecond)
		r.send(0, "t", "m2")
		r.send(0, "t", "m3")
		r.send(0, "t", "m3") // a redelivery
		time.Sleep(time.Second)
		require.Equal(t, []string{"m1[]+1", "m3[m2]+2"}, got.all())
		require.Zero(t, r.count(chat.StepRejected))
	})
}

// While a message is being refused, its redelivery is not answered as if it were
// safe.
func TestRedeliveryOfWhatIsBeingRefused(t *testing.T) {
	play(t, 2, slowly("m3", 100*time.Millisecond), func(r *rig) {
		got := r.record(time.Second)
		r.send(0, "t", "m1")
		time.Sleep(5 * time.Millisecond)
		r.send(0, "t", "m2")
		first := make(chan error)
		go func() {
			_, err := r.deliver(0, "t", "m3")
			first <- err
		}()
		time.Sleep(50 * time.Millisecond)
		_, err := r.deliver(1, "t", "m3")
		require.ErrorIs(t, err, chat.ErrBusy)
		require.ErrorIs(t, <-first, chat.ErrBusy)
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"m1[]+1", "m2[]+1"}, got.all())
	})
}

// Waiting for a place is not an attempt, however long it takes.
func TestWaitingForAPlaceIsNoAttempt(t *testing.T) {
	play(t, 2, func(c *chat.Config) {
		c.Concurrency = chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 1}
		c.Retry.MaxAttempts = 3
	}, func(r *rig) {
		got := r.record(20 * time.Second)
		r.send(0, "t", "m1")
		time.Sleep(time.Second)
		r.send(1, "t", "m2")
		time.Sleep(time.Minute)
		require.Equal(t, []string{"m1[]+1", "m2[]+1"}, got.all())
		require.Zero(t, r.count(chat.StepDead))
	})
}
