package bottest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func drops(context.Context, *chat.Message) chat.Conflict { return chat.ConflictDrop }

// decideByText does what a message asks for in its text.
func decideByText(_ context.Context, m *chat.Message) chat.Conflict {
	switch {
	case strings.Contains(m.Text, "drop"):
		return chat.ConflictDrop
	case strings.Contains(m.Text, "interrupt"):
		return chat.ConflictInterrupt
	}
	return chat.ConflictQueue
}

// alone fails when two handlers run on a thread at a time, and says how each turn ended.
func alone(r *rig, took time.Duration) *log {
	got := &log{}
	var all sync.Map
	r.onMention(func(ctx context.Context, _ *instance, ev *chat.MessageEvent) error {
		counter, _ := all.LoadOrStore(ev.Thread.ID(), new(atomic.Int32))
		live := counter.(*atomic.Int32)
		assert.EqualValues(r.t, 1, live.Add(1))
		defer live.Add(-1)
		err := work(ctx, took)
		skipped := ""
		for _, m := range ev.Skipped {
			skipped += " " + string(m.ID)
		}
		got.add("%s[%s] %v", ev.Message.ID, strings.TrimSpace(skipped), err)
		return err
	})
	return got
}

func TestALockConflictIsDecidedForEachMessage(t *testing.T) {
	for _, durability := range []chat.Durability{chat.DurabilityInbox, chat.DurabilityNone} {
		for other := range 2 { // the instance where the others come
			t.Run(fmt.Sprint(durability, other), func(t *testing.T) {
				play(t, 2, func(c *chat.Config) {
					c.Durability, c.Concurrency.OnLockConflict = durability, decideByText
				}, func(r *rig) {
					got := alone(r, 10*time.Second)
					r.send(0, "t", "drop1") // no conflict yet
					time.Sleep(time.Second)
					require.NoError(t, r.send(other, "t", "drop2").Wait(r.t.Context()))
					require.Equal(t, 1, r.count(chat.StepDropped))
					r.send(other, "t", "queue1")
					time.Sleep(time.Second)
					require.Empty(t, got.all(), "it waits")
					r.send(other, "t", "interrupt1")
					time.Sleep(3 * time.Second)
					require.Equal(t, []string{"drop1[] " + chat.ErrTurnCancelled.Error()}, got.all())
					time.Sleep(30 * time.Second)
					require.Equal(t, "interrupt1[queue1] <nil>", got.all()[1])
					r.send(other, "t", "interrupt2")
					time.Sleep(20 * time.Second)
					require.Equal(t, []string{"interrupt2[] <nil>"}, got.all()[2:], "no conflict any more")
					require.Equal(t, 1, r.count(chat.StepDropped))
				})
			})
		}
	}
}

// However the messages of several instances meet, one handler runs at a time and each
// message ends in one of the ways that its rule allows.
func TestLockConflictsUnderRaces(t *testing.T) {
	for round := range 20 {
		play(t, 3, func(c *chat.Config) { c.Concurrency.OnLockConflict = decideByText }, func(r *rig) {
			alone(r, time.Duration(round)*20*time.Millisecond)
			const n = 40
			receipts := make([]*chat.Receipt, n)
			for i := range n {
				receipts[i] = r.send(i%3, fmt.Sprint("t", i%2), fmt.Sprint([]string{"queue", "interrupt", "drop"}[(i+round)%3], i))
				time.Sleep(time.Duration(i*round%7) * 10 * time.Millisecond)
			}
			for _, receipt := range receipts {
				err := receipt.Wait(r.t.Context())
				require.True(t, err == nil || errors.Is(err, chat.ErrTurnCancelled), "%v", err)
			}
			time.Sleep(30 * time.Second)
			ended := r.count(chat.StepHandled) + r.count(chat.StepSkipped) + r.count(chat.StepCancelled) + r.count(chat.StepDropped)
			require.Equal(t, n, ended)
			require.Zero(t, r.count(chat.StepFailed))
		})
	}
}

// A decision that fails loses nothing: the message is refused and comes again.
func TestALockConflictThatCannotBeDecided(t *testing.T) {
	for want, decide := range map[string]func(context.Context, *chat.Message) chat.Conflict{
		"Concurrency.OnLockConflict: chat: the handler panicked":                    func(context.Context, *chat.Message) chat.Conflict { panic("no") },
		"Concurrency.OnLockConflict returned 7, want one of the Conflict constants": func(context.Context, *chat.Message) chat.Conflict { return 7 },
	} {
		play(t, 1, func(c *chat.Config) { c.Concurrency.OnLockConflict = decide }, func(r *rig) {
			got := alone(r, 10*time.Second)
			r.send(0, "t", "m1")
			time.Sleep(time.Second)
			_, err := r.deliver(0, "t", "m2")
			require.ErrorContains(t, err, want)
			time.Sleep(20 * time.Second)
			r.send(0, "t", "m2")
			time.Sleep(20 * time.Second)
			require.Equal(t, []string{"m1[] <nil>", "m2[] <nil>"}, got.all())
		})
	}
}

// With groups, a turn whose rule has no such function is left alone.
func TestALockConflictSparesTurnsOfOtherRules(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in, got := r.instances[0], &log{}
		handle := func(ctx context.Context, ev *chat.MessageEvent) error {
			err := work(ctx, 5*time.Second)
			got.add("%s %v", ev.Message.ID, err)
			return err
		}
		plain, err := in.Group(chat.Concurrency{})
		require.NoError(t, err)
		plain.OnDirectMessage(handle)
		deciding, err := in.Group(chat.Concurrency{OnLockConflict: decideByText})
		require.NoError(t, err)
		deciding.OnMention(handle)
		m := in.fake.Message("fake:c:t", "no mention")
		m.ID = "m1"
		in.OnMessage(regexp.MustCompile("^no mention"), handle)
		_, err = in.fake.Send(r.t.Context(), m)
		require.NoError(t, err)
		time.Sleep(time.Second)
		r.send(0, "t", "interrupt1")
		time.Sleep(time.Second)
		r.send(0, "t", "drop1")
		time.Sleep(20 * time.Second)
		require.Equal(t, []string{"m1 <nil>", "interrupt1 <nil>"}, got.all())
	})
}
