package gchattest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/gchattest/fakegchat"
)

// lifecycle is what Google tells of a subscription's life, so much later.
func lifecycle(later time.Duration, kind, id string, fields map[string]any) string {
	return fakegchat.PushOf(time.Now().Add(later), "google.workspace.events.subscription.v1."+kind, id, map[string]any{"subscription": fields})
}

func (r *rig) subscribe(t *testing.T, id chat.ThreadID) {
	t.Helper()
	th, err := r.Thread(id)
	require.NoError(t, err)
	require.NoError(t, th.Subscribe(t.Context()))
}

// TestSubscribe subscribes a space once, whatever threads of it and instances do.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	s, st := newChat(t), botrig.Memory(t)
	one, other := newRigOn(t, s, st), newRigOn(t, s, st)
	one.subscribe(t, inThread)
	other.subscribe(t, inThread)
	other.subscribe(t, "gchat:spaces/AAAA")
	one.subscribe(t, inDM) // where Chat sends all messages anyway
	require.Len(t, s.Calls("subscriptions.create"), 1)
	require.Equal(t, "ACTIVE", s.Subscriptions()[room].State)
	require.Equal(t, fakegchat.Delegate, s.Calls("subscriptions.create")[0].User)
	kept, err := st.Get(t.Context(), "gchat:space-sub:"+room)
	require.NoError(t, err)
	var stored struct {
		Name   string `json:"subscriptionName"`
		Expire int64  `json:"expireTime"`
	}
	require.NoError(t, json.Unmarshal(kept, &stored), "as the TypeScript SDK has it")
	require.Equal(t, s.Subscriptions()[room].Name, stored.Name)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), time.UnixMilli(stored.Expire), time.Minute)
}

// TestSubscribeTogether subscribes at the same time on two instances.
func TestSubscribeTogether(t *testing.T) {
	t.Parallel()
	s, st := newChat(t), botrig.Memory(t)
	var group sync.WaitGroup
	for range 2 {
		r := newRigOn(t, s, st)
		for range 3 {
			group.Go(func() { _ = r.ThreadSubscribed(t.Context(), inThread) })
		}
	}
	group.Wait()
	require.Len(t, s.Calls("subscriptions.create"), 1)
}

// TestSubscribeTakesTime waits for an operation that is not done at once, and takes over
// a subscription that is there.
func TestSubscribeTakesTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.google.TakeTime()
	r.subscribe(t, inThread)
	require.Len(t, r.google.Calls("operations.get"), 1)
	again := newRigOn(t, r.google, botrig.Memory(t))
	again.subscribe(t, inThread)
	require.Equal(t, 1, r.google.Subscriptions()[room].Renewals)
}

// TestSubscribeRefused hands on why a space cannot be subscribed to.
func TestSubscribeRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.google.Fail("subscriptions.create", fakegchat.Failure{Status: http.StatusForbidden, Code: "PERMISSION_DENIED", Message: "No."})
	require.ErrorIs(t, r.ThreadSubscribed(t.Context(), inThread), chat.ErrPermission)
	require.NoError(t, r.ThreadSubscribed(t.Context(), inThread), "it is tried again")
}

// TestRenewal renews a subscription when Google reminds of its end: once, on one of two
// instances, also if the reminder comes several times at once, and again where it has
// failed.
func TestRenewal(t *testing.T) {
	t.Parallel()
	s, st := newChat(t), botrig.Memory(t)
	rigs := []*rig{newRigOn(t, s, st), newRigOn(t, s, st)}
	rigs[0].subscribe(t, inThread)
	name := s.Subscriptions()[room].Name
	// The first push fails, and Pub/Sub pushes again.
	reminder := lifecycle(0, "expirationReminder", "e1", map[string]any{"name": name})
	s.Fail("subscriptions.patch", fakegchat.Failure{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE"})
	require.Equal(t, http.StatusServiceUnavailable, rigs[0].deliver(t, reminder).Code)
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			if code := rigs[i%2].deliver(t, reminder).Code; code != http.StatusOK {
				t.Errorf("the reminder was answered %d", code)
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, s.Subscriptions()[room].Renewals)
	// A later one renews again.
	rigs[1].send(t, lifecycle(2*time.Hour, "expirationReminder", "e2", map[string]any{"name": name, "targetResource": "//chat.googleapis.com/" + room}))
	require.Equal(t, 2, s.Subscriptions()[room].Renewals)
	require.Len(t, s.Calls("subscriptions.create"), 1)
}

// TestLifecycle reactivates a subscription, makes one anew, and leaves alone what is
// another program's or can not be mended.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.subscribe(t, inThread)
	of := r.google.Subscriptions()[room]
	of.State = "SUSPENDED"
	r.google.AddSubscription(of)
	r.send(t, lifecycle(3*time.Hour, "suspended", "s1", map[string]any{"name": of.Name, "suspensionReason": "ENDPOINT_PERMISSION_DENIED"}))
	require.Equal(t, "ACTIVE", r.google.Subscriptions()[room].State)
	of.Expires = time.Now().Add(-time.Hour)
	r.google.AddSubscription(of)
	r.send(t, lifecycle(4*time.Hour, "expired", "x1", map[string]any{"name": of.Name}))
	require.Len(t, r.google.Calls("subscriptions.create"), 2)
	// Trying again would not help.
	r.google.Fail("subscriptions.patch", fakegchat.Failure{Status: http.StatusForbidden, Code: "PERMISSION_DENIED", Message: "No."})
	r.send(t, lifecycle(5*time.Hour, "expirationReminder", "e1", map[string]any{"name": of.Name}))
	require.Contains(t, r.log.String(), "the subscription of a space has ended")
	before := len(r.google.Calls("subscriptions.patch"))
	r.send(t, lifecycle(6*time.Hour, "expirationReminder", "e2", map[string]any{"name": "subscriptions/another-program"}))
	r.send(t, lifecycle(7*time.Hour, "renamed", "e3", map[string]any{"name": of.Name}))
	require.Len(t, r.google.Calls("subscriptions.patch"), before)
	for i, fields := range []map[string]any{{}, {"name": ""}, {"name": "subscriptions/"}, {"name": "spaces/A"}, {"name": "subscriptions/../x"}, {"name": 7}} {
		require.Equal(t, http.StatusBadRequest, r.deliver(t, lifecycle(8*time.Hour, "expirationReminder", fmt.Sprint("b", i), fields)).Code, "%v", fields)
	}
}

// TestLeaving forgets the subscription of a space that the app is removed from.
func TestLeaving(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.subscribe(t, inThread)
	r.send(t, chatEvent("REMOVED_FROM_SPACE", room, ``))
	next[*chat.MembershipEvent](t, r)
	_, err := r.state.Get(t.Context(), "gchat:space-sub:"+room)
	require.Error(t, err)
}

// TestBatch delivers each of several messages that come as one event.
func TestBatch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	batch := push("message.v1.batchCreated", "b1", `{"messages":[{"message":`+pushedMessage("TTTT.B1", ada, `"text":"one",`)+`},{"message":`+pushedMessage("TTTT.B2", ada, `"text":"two",`)+`}]}`)
	for range 2 {
		r.send(t, batch)
	}
	require.Equal(t, "one", next[*chat.Message](t, r).Text)
	require.Equal(t, "two", next[*chat.Message](t, r).Text)
	r.send(t, push("reaction.v1.batchDeleted", "b2", `{"reactions":[{"reaction":{"name":"spaces/AAAA/messages/GONE/reactions/R1","user":{"name":"`+ada+`","type":"HUMAN"},"emoji":{"unicode":"👍"}}},`+
		`{"reaction":{"name":"spaces/AAAA/messages/GONE/reactions/R2","user":{"name":"`+ada+`","type":"HUMAN"},"emoji":{"customEmoji":{"uid":"u","emojiName":":party:"}}}}]}`))
	raw := map[string]bool{}
	for range 2 { // events have no order
		ev := next[*chat.ReactionEvent](t, r)
		raw[ev.RawEmoji] = true
		require.Equal(t, chat.ThreadID("gchat:spaces/AAAA"), ev.ThreadID, "the message is gone, and with it what tells the thread")
	}
	require.Equal(t, map[string]bool{"👍": true, ":party:": true}, raw)
	r.quiet(t)
}

// TestWithoutResource asks for a message whose content a push does not have.
func TestWithoutResource(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.google.AddMessage(fakegchat.Message{Name: room + "/messages/TTTT.W1", Thread: thread, Sender: ada, Text: "hello", At: time.Now()})
	r.send(t, push("message.v1.created", "w1", `{"message":{"name":"spaces/AAAA/messages/TTTT.W1"}}`))
	m := next[*chat.Message](t, r)
	require.Equal(t, "hello", m.Text)
	require.Equal(t, inThread, m.ThreadID)
	require.Equal(t, "Ada", m.Author.FullName)
	r.send(t, push("message.v1.created", "w2", `{"message":{"name":"spaces/AAAA/messages/GONE"}}`))
	r.google.Fail("spaces.messages.get", fakegchat.Failure{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE"})
	again := push("message.v1.created", "w3", `{"message":{"name":"spaces/AAAA/messages/TTTT.W1"}}`)
	require.Equal(t, http.StatusServiceUnavailable, r.deliver(t, again).Code)
	r.send(t, again)
	r.quiet(t)
}

// TestBothWays handles a message once that comes from Chat and by a push, and a command
// that is pushed not at all.
func TestBothWays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, messageEvent(room, "TTTT.X1", mention+`"text":"@The Bot hello",`))
	next[*chat.Message](t, r)
	r.send(t, push("message.v1.created", "x1", `{"message":`+pushedMessage("TTTT.X1", ada, mention+`"text":"@The Bot hello",`)+`}`))
	r.send(t, push("message.v1.created", "x2", `{"message":`+pushedMessage("TTTT.X2", ada, `"text":"/order","slashCommand":{"commandId":"3"},`)+`}`))
	require.NoError(t, r.Shutdown(t.Context()))
	r.quiet(t)
}
