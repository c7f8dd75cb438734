package gchattest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/gchat"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// onClock runs a test on a clock of its own, on which days pass at once.
func onClock(t *testing.T, f func(t *testing.T, s *fakegchat.Server)) {
	t.Helper()
	s := newChat(t) // its server is outside of the clock, and is called without a network
	synctest.Test(t, func(t *testing.T) { f(t, s) })
}

// direct has an instance call Google without a network.
func direct(s *fakegchat.Server) func(*gchat.Config) {
	return func(c *gchat.Config) { c.HTTPClient = s.Direct() }
}

// memoryOnClock is a state that ends with the test, before its clock does.
func memoryOnClock(t *testing.T) state.Adapter {
	t.Helper()
	st := botrig.Memory(t)
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	return st
}

// run runs an instance until the returned function ends it.
func (r *rig) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Adapter.Run(ctx) }()
	return func() {
		cancel()
		require.NoError(t, <-done)
	}
}

func requireAlive(t *testing.T, s *fakegchat.Server, left time.Duration) {
	t.Helper()
	sub := s.Subscriptions()[room]
	require.Greater(t, time.Until(sub.Expires), left, "renewed %d times", sub.Renewals)
	require.Equal(t, "ACTIVE", sub.State)
}

// TestRenewalWithoutReminders keeps a subscription alive for ten days in which Google
// reminds nobody: one of two instances renews it at half of its life, whichever subscribed.
func TestRenewalWithoutReminders(t *testing.T) {
	t.Parallel()
	onClock(t, func(t *testing.T, s *fakegchat.Server) {
		st := memoryOnClock(t)
		rigs := []*rig{newRigOn(t, s, st, direct(s)), newRigOn(t, s, st, direct(s))}
		for _, r := range rigs {
			defer r.run(t)()
		}
		rigs[0].subscribe(t, inThread)
		for range 10 * 24 {
			time.Sleep(time.Hour)
			requireAlive(t, s, 11*time.Hour)
		}
		require.Len(t, s.Calls("subscriptions.create"), 1)
		require.InDelta(t, 20, s.Subscriptions()[room].Renewals, 1, "twice a day")
	})
}

// mortal is a state as an instance has it that can die: it gives nothing back.
type mortal struct {
	state.Adapter
	dead *atomic.Bool
}

// Unwrap returns the state, so that its roles are found.
func (m mortal) Unwrap() state.Adapter { return m.Adapter }

// ReleaseLock is not reached by what is dead.
func (m mortal) ReleaseLock(ctx context.Context, lock *state.Lock) error {
	if m.dead.Load() {
		return errors.New("dead")
	}
	return m.Adapter.ReleaseLock(ctx, lock)
}

// TestRenewalOfAnInstanceThatDies has the instance die whose turn it is, while it renews
// and has the lock: the other one renews in its next turn.
func TestRenewalOfAnInstanceThatDies(t *testing.T) {
	t.Parallel()
	onClock(t, func(t *testing.T, s *fakegchat.Server) {
		st := memoryOnClock(t)
		dead, renewing := new(atomic.Bool), make(chan struct{})
		google := s.Direct().Transport
		dies := newRigOn(t, s, mortal{st, dead}, func(c *gchat.Config) {
			c.HTTPClient = &http.Client{Transport: answerWith(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPatch {
					dead.Store(true)
					close(renewing)
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return google.RoundTrip(r)
			})}
		})
		dies.subscribe(t, inThread)
		die := dies.run(t)
		<-renewing
		die()
		require.Zero(t, s.Subscriptions()[room].Renewals)
		lives := newRigOn(t, s, st, direct(s))
		defer lives.run(t)()
		time.Sleep(11 * time.Minute)
		require.Equal(t, 1, s.Subscriptions()[room].Renewals)
		requireAlive(t, s, 23*time.Hour)
	})
}

// TestRenewalAfterAnOutage subscribes anew where all instances have been away for longer
// than the subscription has lived, or Google has lost it.
func TestRenewalAfterAnOutage(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*testing.T, *fakegchat.Server){
		"away":             func(*testing.T, *fakegchat.Server) { time.Sleep(40 * time.Hour) },
		"away for a while": func(*testing.T, *fakegchat.Server) { time.Sleep(23*time.Hour + 50*time.Minute) },
		"lost": func(_ *testing.T, s *fakegchat.Server) {
			time.Sleep(13 * time.Hour)
			sub := s.Subscriptions()[room]
			sub.Expires = time.Now()
			s.AddSubscription(sub)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onClock(t, func(t *testing.T, s *fakegchat.Server) {
				st := memoryOnClock(t)
				first := newRigOn(t, s, st, direct(s))
				stop := first.run(t)
				first.subscribe(t, inThread)
				stop()
				lose(t, s)
				defer newRigOn(t, s, st, direct(s)).run(t)()
				synctest.Wait()
				requireAlive(t, s, 23*time.Hour)
			})
		})
	}
}

// TestSuspensionIsFound has a subscription go on that Google has suspended without saying
// so, as it may where the push is what is broken.
func TestSuspensionIsFound(t *testing.T) {
	t.Parallel()
	onClock(t, func(t *testing.T, s *fakegchat.Server) {
		st := memoryOnClock(t)
		rigs := []*rig{newRigOn(t, s, st, direct(s)), newRigOn(t, s, st, direct(s))}
		for _, r := range rigs {
			defer r.run(t)()
		}
		rigs[0].subscribe(t, inThread)
		for range 3 {
			sub := s.Subscriptions()[room]
			sub.State = "SUSPENDED"
			s.AddSubscription(sub)
			time.Sleep(21 * time.Minute)
			requireAlive(t, s, 11*time.Hour)
		}
		require.Len(t, s.Calls("subscriptions.reactivate"), 3, "each time by one of them")
	})
}

// TestRenewalIsRefused says each hour that a space is not listened to any more, and goes
// on when somebody has mended why. Other spaces do not wait for that, and one that the
// app has left is not renewed.
func TestRenewalIsRefused(t *testing.T) {
	t.Parallel()
	onClock(t, func(t *testing.T, s *fakegchat.Server) {
		r := newRigOn(t, s, memoryOnClock(t), direct(s))
		const other = "spaces/BBBB"
		s.AddSpace(fakegchat.Space{Name: other, Type: "SPACE", Members: []string{ada, helper}})
		r.subscribe(t, inThread)
		r.subscribe(t, chat.ThreadID("gchat:"+other))
		defer r.run(t)()
		no := fakegchat.Failure{Status: http.StatusForbidden, Code: "PERMISSION_DENIED", Message: "No."}
		s.Fail("subscriptions.patch", no) // the first space's
		time.Sleep(12*time.Hour + 30*time.Minute)
		require.Equal(t, 1, strings.Count(r.log.String(), "the subscription of a space was not renewed"))
		require.Zero(t, s.Subscriptions()[room].Renewals)
		require.Equal(t, 1, s.Subscriptions()[other].Renewals)
		time.Sleep(time.Hour)
		requireAlive(t, s, 23*time.Hour)
		// What passes is tried again at the next turn.
		away := fakegchat.Failure{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE"}
		s.Fail("subscriptions.list", away)
		s.Fail("subscriptions.patch", away)
		time.Sleep(13 * time.Hour)
		requireAlive(t, s, 22*time.Hour)
	})
}

// TestLeftSpaceIsNotRenewed lets the subscription of a space end that the app has left.
func TestLeftSpaceIsNotRenewed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.subscribe(t, inThread)
	r.send(t, chatEvent("REMOVED_FROM_SPACE", room, ``))
	listed, err := r.state.Get(t.Context(), "gchat:space-subs")
	require.NoError(t, err)
	require.JSONEq(t, `[]`, string(listed))
}

// TestNothingToRenew ends with its context, where no space can be subscribed to.
func TestNothingToRenew(t *testing.T) {
	t.Parallel()
	onClock(t, func(t *testing.T, s *fakegchat.Server) {
		r := newRigOn(t, s, memoryOnClock(t), direct(s), func(c *gchat.Config) { c.PubSubTopic = "" })
		stop := r.run(t)
		time.Sleep(24 * time.Hour)
		stop()
		require.Empty(t, s.Calls("subscriptions.list"))
	})
}
