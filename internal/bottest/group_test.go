package bottest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/state"
)

// say delivers a message to an instance.
func (r *rig) say(i int, thread, id, text string) (*chat.Receipt, error) {
	in := r.instances[i]
	m := in.fake.Message(in.fake.Thread("c", thread), text)
	m.ID = chat.MessageID(id)
	return in.fake.Send(context.Background(), m)
}

// accepted delivers messages "id text", one every millisecond, to the instances in
// turn; they must be accepted.
func (r *rig) accepted(thread string, messages ...string) {
	r.t.Helper()
	for n, m := range messages {
		id, text, _ := strings.Cut(m, " ")
		_, err := r.say(n%len(r.instances), thread, id, text)
		require.NoError(r.t, err)
		time.Sleep(time.Millisecond)
	}
}

// group makes the group on an instance.
func (r *rig) group(in *instance, conc chat.Concurrency) *chat.Group {
	g, err := in.Group(conc)
	require.NoError(r.t, err)
	return g
}

// notes makes handlers that note "name: id[skipped]" and work for a time. Unless a
// name ends with "*", only one of them runs at a time.
type notes struct {
	log
	t    *testing.T
	live atomic.Int32
}

func (n *notes) handler(name string, took time.Duration) chat.MessageHandler {
	return func(ctx context.Context, ev *chat.MessageEvent) error {
		if !strings.HasSuffix(name, "*") {
			if n.live.Add(1) != 1 {
				n.t.Errorf("%s runs at the same time as another handler", name)
			}
			defer n.live.Add(-1)
		}
		n.note(name, ev)
		return work(ctx, took)
	}
}

func (n *notes) note(name string, ev *chat.MessageEvent) {
	var skipped []string
	for _, m := range ev.Skipped {
		skipped = append(skipped, string(m.ID))
	}
	n.add("%s: %s%v", name, ev.Message.ID, skipped)
}

// bang is for commands, which begin with "!".
var bang = regexp.MustCompile(`^!`)

// busy is how long a handler works while others come.
const busy = 100 * time.Millisecond

func subscribe(r *rig, thread string) {
	require.NoError(r.t, r.shared.Connect(context.Background()))
	require.NoError(r.t, r.shared.Subscribe(context.Background(), "fake:c:"+thread))
}

// A batch holds messages of one group, and threads keep their order. What no
// handler would get goes with a mention, not with a command.
func TestGroupsInOneQueueAreKeptApart(t *testing.T) {
	for name, durability := range map[string]chat.Durability{"inbox": chat.DurabilityInbox, "none": chat.DurabilityNone} {
		t.Run(name, func(t *testing.T) {
			play(t, 2, func(c *chat.Config) { c.Durability = durability }, func(r *rig) {
				got := &notes{t: t}
				for _, in := range r.instances {
					r.group(in, chat.Concurrency{}).OnMention(got.handler("ask", busy))
					commands := r.group(in, chat.Concurrency{})
					commands.OnMessage(bang, got.handler("command", busy))
				}
				r.accepted("t", "m0 @bot", "a1 @bot", "a2 @bot", "a3 and", "b1 !x", "b2 !y", "b3 hm", "a4 hm", "a5 @bot", "b4 !z")
				time.Sleep(5 * time.Second)
				require.Equal(t, []string{
					"ask: m0[]", "ask: a3[a1 a2]", "command: b2[b1]", "ask: a5[b3 a4]", "command: b4[]",
				}, got.all())
				require.Equal(t, 5, r.count(chat.StepHandled))
				require.Equal(t, 5, r.count(chat.StepSkipped))
			})
		})
	}
}

// The handlers of all groups in a class are called; the first one's rule counts.
func TestFirstHandlerOfAClassDecides(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		slow := r.group(in, chat.Concurrency{Strategy: chat.StrategyDebounce, Window: time.Second})
		drop := r.group(in, chat.Concurrency{Strategy: chat.StrategyDrop})
		first := drop.OnMention(got.handler("drop", busy))
		slow.OnMention(got.handler("slow", busy))
		r.accepted("t", "m1 @bot", "m2 @bot")
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"drop: m1[]", "slow: m1[]"}, got.all())
		require.Equal(t, 1, r.count(chat.StepDropped))

		first.Remove()
		r.accepted("t", "m3 @bot", "m4 @bot")
		time.Sleep(900 * time.Millisecond)
		require.Len(t, got.all(), 2)
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"slow: m4[m3]"}, got.all()[2:])
	})
}

// The order of the classes decides whose a message is, and the bot's own rule is
// for what no group gets, chosen by ConcurrencyFor too.
func TestGroupOfAMessageFollowsTheRouting(t *testing.T) {
	asked := &log{}
	play(t, 1, func(c *chat.Config) {
		c.ConcurrencyFor = func(m *chat.Message) chat.Concurrency {
			asked.add("%s", m.ID)
			return chat.Concurrency{Strategy: chat.StrategyDrop}
		}
	}, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		in.OnMessage(bang, got.handler("own", busy))
		group := r.group(in, chat.Concurrency{})
		group.OnSubscribedMessage(got.handler("subscribed", busy))
		group.OnMention(got.handler("mention", busy))

		r.accepted("t", "m1 @bot", "m2 !both @bot", "m3 @bot")
		time.Sleep(time.Second)
		require.Equal(t, []string{"mention: m1[]", "mention: m3[m2]"}, got.all())
		require.Empty(t, asked.all())

		r.accepted("u", "o1 !x", "o2 !x")
		time.Sleep(time.Second)
		require.Equal(t, []string{"own: o1[]"}, got.all()[2:])
		require.Equal(t, 1, r.count(chat.StepDropped))
		require.Contains(t, asked.all(), "o1")

		subscribe(r, "v")
		r.accepted("v", "s1 !x", "s2 !x", "s3 @bot")
		time.Sleep(time.Second)
		require.Equal(t, []string{"subscribed: s1[]", "subscribed: s3[s2]"}, got.all()[3:])
	})
}

// In a direct conversation the handlers for direct messages come first; without
// any, those for mentions.
func TestGroupOfADirectMessage(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		thread, err := in.fake.Adapter().OpenDM(context.Background(), "u1")
		require.NoError(t, err)
		send := func(ids ...string) {
			for _, id := range ids {
				m := in.fake.Message(thread, "hello")
				m.ID = chat.MessageID(id)
				_, err := in.fake.Send(context.Background(), m)
				require.NoError(t, err)
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Second)
		}
		r.group(in, chat.Concurrency{Strategy: chat.StrategyDrop}).OnMention(got.handler("mention", busy))
		send("m1", "m2")
		direct := r.group(in, chat.Concurrency{}).OnDirectMessage(got.handler("direct", busy))
		send("d1", "d2")
		direct.Remove()
		send("m3", "m4")
		require.Equal(t, []string{"mention: m1[]", "direct: d1[]", "direct: d2[]", "mention: m3[]"}, got.all())
	})
}

// A window is the group's own, and a message of another group ends it, because
// nothing more can be added behind that.
func TestWindowEndsWithAMessageOfAnotherGroup(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &notes{t: t}
		for _, in := range r.instances {
			r.group(in, chat.Concurrency{Strategy: chat.StrategyDebounce, Window: time.Second}).OnMention(got.handler("ask", 0))
			r.group(in, chat.Concurrency{Strategy: chat.StrategyDebounce, Window: 2 * time.Second}).OnMessage(bang, got.handler("command", 0))
		}
		r.accepted("t", "a1 @bot", "a2 @bot")
		time.Sleep(900 * time.Millisecond)
		require.Empty(t, got.all())
		time.Sleep(300 * time.Millisecond)
		require.Equal(t, []string{"ask: a2[a1]"}, got.all())

		r.accepted("t", "a3 @bot", "b1 !x")
		time.Sleep(1100 * time.Millisecond)
		require.Equal(t, []string{"ask: a3[]"}, got.all()[1:], "at the end of its window at the latest")
		time.Sleep(3 * time.Second)
		require.Equal(t, []string{"ask: a3[]", "command: b1[]"}, got.all()[1:])

		r.accepted("t", "b2 !x")
		time.Sleep(1900 * time.Millisecond)
		require.Len(t, got.all(), 3)
		r.accepted("t", "b3 !x")
		time.Sleep(1900 * time.Millisecond)
		require.Len(t, got.all(), 3)
		time.Sleep(time.Second)
		require.Equal(t, []string{"command: b3[b2]"}, got.all()[3:])
	})
}

// Each group has its burst's window, also when another had its turn before.
func TestBurstWindowIsTheGroups(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		r.group(in, chat.Concurrency{}).OnMention(got.handler("ask", busy))
		r.group(in, chat.Concurrency{Strategy: chat.StrategyBurst, Window: time.Second}).OnMessage(bang, got.handler("command", 0))
		r.accepted("t", "a1 @bot", "b1 !x")
		time.Sleep(busy + 500*time.Millisecond)
		require.Equal(t, []string{"ask: a1[]"}, got.all())
		r.accepted("t", "b2 !x")
		time.Sleep(time.Second)
		require.Equal(t, []string{"ask: a1[]", "command: b2[b1]"}, got.all())
	})
}

// A group with StrategyConcurrent runs along with the others, whose handlers run one at
// a time, and has places of its own.
func TestConcurrentGroupRunsBesideTheOthers(t *testing.T) {
	play(t, 3, nil, func(r *rig) {
		got := &notes{t: t}
		var live, most [2]atomic.Int32
		bounded := func(i int) chat.MessageHandler {
			return func(ctx context.Context, _ *chat.MessageEvent) error {
				n := live[i].Add(1)
				defer live[i].Add(-1)
				for m := most[i].Load(); n > m && !most[i].CompareAndSwap(m, n); m = most[i].Load() {
				}
				return work(ctx, 2*time.Second)
			}
		}
		for _, in := range r.instances {
			in.OnMention(got.handler("ask", 5*time.Second))
			r.group(in, chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 2}).
				OnMessage(regexp.MustCompile(`^!find`), bounded(0))
			r.group(in, chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 1}).
				OnMessage(regexp.MustCompile(`^!report`), bounded(1))
		}
		r.accepted("t", "a1 @bot", "a2 @bot", "f1 !find", "f2 !find", "f3 !find", "f4 !find")
		time.Sleep(500 * time.Millisecond)
		require.EqualValues(t, 2, live[0].Load())
		r.accepted("t", "r1 !report", "r2 !report")
		time.Sleep(500 * time.Millisecond)
		require.EqualValues(t, 1, live[1].Load(), "while all places of the other group are taken")
		require.Equal(t, []string{"ask: a1[]"}, got.all())
		time.Sleep(30 * time.Second)
		require.Equal(t, []string{"ask: a1[]", "ask: a2[]"}, got.all())
		require.Equal(t, 8, r.count(chat.StepHandled))
		require.EqualValues(t, 2, most[0].Load())
		require.EqualValues(t, 1, most[1].Load())
	})
}

// The thread is subscribed while messages wait: they belong to another group now,
// which handles one at a time what was stored to be handled at once.
func TestSubscriptionTurnsConcurrentIntoQueued(t *testing.T) {
	for name, durability := range map[string]chat.Durability{"inbox": chat.DurabilityInbox, "none": chat.DurabilityNone} {
		t.Run(name, func(t *testing.T) {
			play(t, 2, func(c *chat.Config) { c.Durability, c.Limits.MaxHandlers = durability, 1 }, func(r *rig) {
				got := &notes{t: t}
				release := make(chan struct{})
				for _, in := range r.instances {
					r.group(in, chat.Concurrency{Strategy: chat.StrategyConcurrent}).OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
						got.note("mention*", ev)
						<-release
						return nil
					})
					r.group(in, chat.Concurrency{}).OnSubscribedMessage(got.handler("subscribed", busy))
				}
				r.accepted("x", "x1 @bot", "x2 @bot") // both instances are busy
				time.Sleep(10 * time.Millisecond)
				var receipts []*chat.Receipt
				for n := range 4 {
					receipt, err := r.say(n%2, "t", fmt.Sprint("m", n), "@bot")
					require.NoError(t, err)
					receipts = append(receipts, receipt)
				}
				subscribe(r, "t")
				r.accepted("t", "m4 @bot", "m5 @bot")
				close(release)
				for _, receipt := range receipts {
					require.NoError(t, receipt.Wait(context.Background()))
				}
				time.Sleep(20 * time.Second)
				require.Equal(t, 8, r.count(chat.StepHandled)+r.count(chat.StepSkipped))
				seen := strings.Join(got.all(), " ")
				for n := range 6 {
					require.Contains(t, seen, fmt.Sprint("m", n))
				}
				require.Len(t, strings.Split(seen, "mention*"), 3, "of the other thread only")
				depth, err := r.shared.QueueDepth(context.Background(), "fake:c:t#message:m0")
				require.NoError(t, err)
				require.Zero(t, depth)
			})
		})
	}
}

// A move whose end nobody heard of is not made twice: not while the message waits in
// the thread's queue, and not when it is done.
func TestMessageIsMovedOnce(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		r.group(in, chat.Concurrency{}).OnMention(got.handler("ask", 10*time.Second))
		r.accepted("t", "m1 @bot")
		time.Sleep(10 * time.Millisecond)
		waiting, err := r.shared.Waiting(context.Background(), "fake:c:t")
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		for range 2 {
			_, err = r.shared.Accept(context.Background(), "fake:c:t#message:m1", waiting[0].QueueEntry, 0)
			require.NoError(t, err)
			time.Sleep(30 * time.Second) // for a sweep
			depth, err := r.shared.QueueDepth(context.Background(), "fake:c:t#message:m1")
			require.NoError(t, err)
			require.Zero(t, depth)
		}
		require.Equal(t, []string{"ask: m1[]"}, got.all())
	})
}

// The other way round, what waits in the thread's queue is handled there, each
// message by itself.
func TestSubscriptionTurnsQueuedIntoConcurrent(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &notes{t: t}
		for _, in := range r.instances {
			in.OnSubscribedMessage(func(ctx context.Context, ev *chat.MessageEvent) error {
				got.note("subscribed", ev)
				if err := work(ctx, busy); err != nil {
					return err
				}
				return ev.Thread.Unsubscribe(ctx)
			})
			r.group(in, chat.Concurrency{Strategy: chat.StrategyConcurrent, MaxConcurrent: 1}).OnMention(got.handler("mention", busy))
		}
		subscribe(r, "t")
		r.accepted("t", "m1 hi", "n1 hm", "m2 @bot", "m3 @bot", "n2 hm", "m4 @bot")
		time.Sleep(20 * time.Second)
		require.Equal(t, []string{"subscribed: m1[]", "mention: m2[]", "mention: m3[]", "mention: m4[]"}, got.all())
		require.Equal(t, 2, r.count(chat.StepIgnored))
	})
}

// A message that is delivered again while it waits is known, although its group,
// and so the place where it would wait, has changed.
func TestRedeliveryAfterTheGroupHasChanged(t *testing.T) {
	for name, tc := range map[string]struct{ mention, subscribed chat.Strategy }{
		"queued at first":     {chat.StrategyQueue, chat.StrategyConcurrent},
		"concurrent at first": {chat.StrategyConcurrent, chat.StrategyQueue},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 2, func(c *chat.Config) { c.Limits.MaxHandlers = 1 }, func(r *rig) {
				got := &notes{t: t}
				release := make(chan struct{})
				for _, in := range r.instances {
					in.OnMessage(bang, func(context.Context, *chat.MessageEvent) error { <-release; return nil })
					r.group(in, chat.Concurrency{Strategy: tc.mention}).OnMention(got.handler("mention*", 0))
					r.group(in, chat.Concurrency{Strategy: tc.subscribed}).OnSubscribedMessage(got.handler("subscribed*", 0))
				}
				r.accepted("x", "x1 !x", "x2 !x") // one instance is busy, x2 waits
				r.accepted("y", "y1 !x", "y2 !x") // so is the other
				r.accepted("t", "m1 @bot")
				subscribe(r, "t")
				time.Sleep(20 * time.Second) // an abandoned claim would be taken over
				r.accepted("t", "m1 @bot", "m1 @bot")
				require.Equal(t, 2, r.count(chat.StepDuplicate))
				close(release)
				time.Sleep(20 * time.Second)
				require.Equal(t, []string{"subscribed*: m1[]"}, got.all())
			})
		})
	}
}

// What a dead instance has left is handled by another as its group wants it.
func TestGroupsOfWhatADeadInstanceLeft(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &notes{t: t}
		for i, in := range r.instances {
			took := busy
			if i == 0 {
				took = time.Hour
			}
			r.group(in, chat.Concurrency{}).OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
				if i == 1 {
					got.note("ask", ev)
				}
				return work(ctx, took)
			})
			r.group(in, chat.Concurrency{Strategy: chat.StrategyDrop}).OnSubscribedMessage(got.handler("subscribed", took))
			r.group(in, chat.Concurrency{Strategy: chat.StrategyDebounce, Window: time.Minute}).OnMessage(bang, got.handler("command", took))
		}
		for n, text := range []string{"@bot", "@bot", "!x", "!x", "@bot"} {
			_, err := r.say(0, "t", fmt.Sprint("m", n), text)
			require.NoError(t, err)
			time.Sleep(5 * time.Millisecond)
		}
		r.instances[0].store.Crash()
		time.Sleep(30 * time.Second)
		require.Equal(t, []string{"ask: m1[m0]", "command: m3[m2]", "ask: m4[]"}, got.all())
	})
}

// A failed batch is tried again as it was, and the order of the groups is kept
// behind it, unless overtaking is allowed.
func TestFailureInAMixedQueue(t *testing.T) {
	for name, tc := range map[string]struct {
		overtake bool
		want     []string
	}{
		"in order":  {false, []string{"ask: a1[]", "ask: a1[]", "command: b1[]", "ask: a2[]"}},
		"overtaken": {true, []string{"ask: a1[]", "command: b1[]", "ask: a2[]", "ask: a1[]"}},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 2, func(c *chat.Config) { c.Retry = chat.Retry{Backoff: time.Second, Overtake: tc.overtake} }, func(r *rig) {
				got := &notes{t: t}
				var failed atomic.Bool
				for _, in := range r.instances {
					r.group(in, chat.Concurrency{}).OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
						got.note("ask", ev)
						if err := work(ctx, busy); err != nil || failed.Swap(true) {
							return err
						}
						return errHandler
					})
					r.group(in, chat.Concurrency{}).OnMessage(bang, got.handler("command", busy))
				}
				r.accepted("t", "a1 @bot", "b1 !x", "a2 @bot")
				time.Sleep(10 * time.Second)
				require.Equal(t, tc.want, got.all())
			})
		})
	}
}

// The bound of a queue is each group's own, for what it drops and for what it
// refuses.
func TestQueueSizeIsTheGroups(t *testing.T) {
	for name, tc := range map[string]struct {
		policy     chat.FullPolicy
		handled    string
		dropped    int
		busy       int
		durability chat.Durability
	}{
		"reject":            {chat.FullReject, "command: b2[b1]", 0, 2, chat.DurabilityInbox},
		"drop newest":       {chat.FullDropNewest, "command: b2[b1]", 2, 0, chat.DurabilityInbox},
		"drop oldest":       {chat.FullDropOldest, "command: b4[b3]", 2, 0, chat.DurabilityInbox},
		"none, drop oldest": {chat.FullDropOldest, "command: b4[b3]", 2, 0, chat.DurabilityNone},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 1, func(c *chat.Config) { c.Durability = tc.durability }, func(r *rig) {
				got := &notes{t: t}
				in := r.instances[0]
				r.group(in, chat.Concurrency{}).OnMention(got.handler("ask", busy))
				r.group(in, chat.Concurrency{MaxQueueSize: 2, OnFull: tc.policy}).OnMessage(bang, got.handler("command", busy))
				r.accepted("t", "a0 @bot", "a1 @bot", "a2 @bot", "a3 @bot")
				refused := 0
				for n := 1; n <= 4; n++ {
					if _, err := r.say(0, "t", fmt.Sprint("b", n), "!x"); err != nil {
						require.ErrorIs(t, err, chat.ErrBusy)
						refused++
					}
				}
				r.accepted("t", "a4 @bot")
				time.Sleep(5 * time.Second)
				require.Equal(t, []string{"ask: a0[]", "ask: a3[a1 a2]", tc.handled, "ask: a4[]"}, got.all())
				require.Equal(t, tc.dropped, r.count(chat.StepDropped))
				require.Equal(t, tc.busy, refused)
			})
		})
	}
}

// A redelivery of what waits within its group's bound is told that it is safe,
// however many messages of other groups stand before it.
func TestRedeliveryWithinTheBoundOfItsGroup(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		r.group(in, chat.Concurrency{}).OnMention(got.handler("ask", busy))
		r.group(in, chat.Concurrency{MaxQueueSize: 1}).OnMessage(bang, got.handler("command", busy))
		r.accepted("t", "a0 @bot", "a1 @bot", "a2 @bot", "b1 !x", "b1 !x")
		require.Equal(t, 1, r.count(chat.StepDuplicate))
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"ask: a0[]", "ask: a2[a1]", "command: b1[]"}, got.all())
	})
}

// A group's messages wait as long as it says.
func TestMessageTTLIsTheGroups(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		in.OnMention(got.handler("ask", 2*time.Second))
		r.group(in, chat.Concurrency{MessageTTL: time.Second}).OnMessage(bang, got.handler("command", 0))
		r.accepted("t", "a1 @bot", "b1 !x", "a2 @bot")
		time.Sleep(1500 * time.Millisecond)
		r.accepted("t", "b2 !x")
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{"ask: a1[]", "ask: a2[]"}, got.all(), "b2 expired while a2 was handled")
		require.Equal(t, 2, r.count(chat.StepExpired))
		r.accepted("t", "b3 !x")
		time.Sleep(time.Second)
		require.Equal(t, []string{"command: b3[]"}, got.all()[2:])
	})
}

// Only turns that may be interrupted are, on this instance and on others.
func TestInterruptSparesOtherGroups(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &log{}
		slow := func(name string) chat.MessageHandler {
			return func(ctx context.Context, ev *chat.MessageEvent) error {
				err := work(ctx, 3*time.Second)
				got.add("%s %s %v", name, ev.Message.ID, err)
				return err
			}
		}
		for _, in := range r.instances {
			r.group(in, chat.Concurrency{Interrupt: true}).OnMention(slow("ask"))
			in.OnMessage(bang, slow("own"))
		}
		for i := range 2 {
			thread := fmt.Sprint("t", i)
			_, err := r.say(0, thread, thread+"b1", "!x")
			require.NoError(t, err)
			time.Sleep(time.Second)
			_, err = r.say(i, thread, thread+"a1", "@bot")
			require.NoError(t, err)
			time.Sleep(3 * time.Second)
			_, err = r.say(i, thread, thread+"a2", "@bot")
			require.NoError(t, err)
			time.Sleep(10 * time.Second)
		}
		cancelled := chat.ErrTurnCancelled.Error()
		require.Equal(t, []string{
			"own t0b1 <nil>", "ask t0a1 " + cancelled, "ask t0a2 <nil>",
			"own t1b1 <nil>", "ask t1a1 " + cancelled, "ask t1a2 <nil>",
		}, got.all())
	})
}

// Under channel scope the groups of several threads wait on one lock, and none is
// lost to another.
func TestGroupsUnderChannelScope(t *testing.T) {
	play(t, 2, func(c *chat.Config) {
		c.Lock.Scope = func(*chat.Message) chat.LockScope { return chat.ScopeChannel }
	}, func(r *rig) {
		got := &notes{t: t}
		for _, in := range r.instances {
			r.group(in, chat.Concurrency{}).OnMention(got.handler("mention", busy))
			r.group(in, chat.Concurrency{Strategy: chat.StrategyDebounce, Window: time.Second}).OnSubscribedMessage(got.handler("subscribed", busy))
		}
		subscribe(r, "s")
		r.accepted("t", "m1 @bot")
		for n := range 3 {
			r.accepted("s", fmt.Sprintf("s%d hi", n))
			r.accepted("u", fmt.Sprintf("u%d @bot", n))
			r.accepted("t", fmt.Sprintf("t%d @bot", n))
		}
		time.Sleep(10 * time.Second)
		require.ElementsMatch(t, []string{"mention: m1[]", "subscribed: s2[s0 s1]", "mention: u2[u0 u1]", "mention: t2[t0 t1]"}, got.all())
	})
}

// Under channel scope a group's window is not cut short by the turn of another
// thread.
func TestChannelScopeKeepsTheWindowOfEachGroup(t *testing.T) {
	play(t, 1, func(c *chat.Config) {
		c.Lock.Scope = func(*chat.Message) chat.LockScope { return chat.ScopeChannel }
	}, func(r *rig) {
		got := &notes{t: t}
		in := r.instances[0]
		r.group(in, chat.Concurrency{}).OnMention(got.handler("ask", busy))
		r.group(in, chat.Concurrency{Strategy: chat.StrategyDebounce, Window: time.Second}).OnMessage(bang, got.handler("command", 0))
		r.accepted("t", "a0 @bot", "a1 @bot")
		r.accepted("u", "b1 !x")
		time.Sleep(900 * time.Millisecond)
		require.Equal(t, []string{"ask: a0[]", "ask: a1[]"}, got.all())
		r.accepted("u", "b2 !x")
		time.Sleep(1100 * time.Millisecond)
		require.Equal(t, []string{"command: b2[b1]"}, got.all()[2:])
	})
}

// asking counts questions for subscriptions before a message is stored.
type asking struct {
	state.Adapter
	state.Inbox
	subscriptions atomic.Int32
	fail          atomic.Bool
}

func (a *asking) IsSubscribed(ctx context.Context, id string) (bool, error) {
	a.subscriptions.Add(1)
	if a.fail.Load() {
		return false, state.ErrUnavailable
	}
	return a.Adapter.IsSubscribed(ctx, id)
}

// A delivery asks for the subscription only if the rules differ in what matters
// then; and a message is refused if it cannot be known.
func TestDeliveryAsksForTheSubscriptionIfItMatters(t *testing.T) {
	queue, debounce := chat.Concurrency{}, chat.Concurrency{Strategy: chat.StrategyDebounce, Window: time.Minute}
	for name, tc := range map[string]struct {
		mention, subscribed chat.Concurrency
		asks                int32
	}{
		"same":       {queue, queue, 0},
		"window":     {queue, debounce, 0},
		"drop":       {queue, chat.Concurrency{Strategy: chat.StrategyDrop}, 1},
		"concurrent": {debounce, chat.Concurrency{Strategy: chat.StrategyConcurrent}, 1},
		"size":       {queue, chat.Concurrency{MaxQueueSize: 3}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var asked *asking
			play(t, 1, func(c *chat.Config) {
				asked = &asking{Adapter: c.State, Inbox: c.State.(state.Inbox)}
				c.State = asked
			}, func(r *rig) {
				got := &notes{t: t}
				in := r.instances[0]
				in.OnMessage(bang, got.handler("own", time.Second))
				r.group(in, tc.mention).OnMention(got.handler("mention*", 0))
				r.group(in, tc.subscribed).OnSubscribedMessage(got.handler("subscribed*", 0))
				r.accepted("t", "m1 !x")
				before := asked.subscriptions.Load()
				r.accepted("t", "m2 @bot") // waits for m1
				require.Equal(t, tc.asks, asked.subscriptions.Load()-before)
				asked.fail.Store(true)
				_, err := r.say(0, "t", "m3", "@bot")
				if tc.asks == 0 {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, state.ErrUnavailable)
				}
				asked.fail.Store(false)
				time.Sleep(5 * time.Minute)
				require.Zero(t, r.count(chat.StepFailed))
				require.EqualValues(t, 3-tc.asks, r.count(chat.StepHandled)+r.count(chat.StepSkipped))
			})
		})
	}
}

// Middleware of a group runs for its handlers, within the bot's.
func TestGroupMiddleware(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		got := &log{}
		use := func(name string) chat.Middleware {
			return func(next chat.Handler) chat.Handler {
				return func(ctx context.Context, ev chat.Event) error {
					got.add("%s", name)
					return next(ctx, ev)
				}
			}
		}
		handler := func(_ context.Context, ev *chat.MessageEvent) error {
			got.add("%s", ev.Message.ID)
			return nil
		}
		in := r.instances[0]
		group := r.group(in, chat.Concurrency{})
		group.OnMention(handler)
		in.OnMessage(bang, handler)
		group.Use(use("outer"))
		group.Use(use("inner"))
		in.Use(use("bot"))
		r.accepted("t", "m1 @bot", "m2 !x")
		time.Sleep(time.Second)
		require.Equal(t, []string{"bot", "outer", "inner", "m1", "bot", "m2"}, got.all())
	})
}

func TestGroupIsValidated(t *testing.T) {
	play(t, 1, func(c *chat.Config) { c.Storage.MessageTTL = time.Hour }, func(r *rig) {
		for want, conc := range map[string]chat.Concurrency{
			"Concurrency.Strategy is 9, want one of":                    {Strategy: 9},
			"Concurrency.Window is -1s, want 0":                         {Window: -time.Second},
			"Concurrency.MessageTTL is -1s, want 0":                     {MessageTTL: -time.Second},
			"Concurrency.MessageTTL is 2h0m0s, want at most Config.Sto": {MessageTTL: 2 * time.Hour},
			"Concurrency.MaxConcurrent is set, but":                     {MaxConcurrent: 2},
			"Concurrency.Interrupt is set, but":                         {Strategy: chat.StrategyDrop, Interrupt: true},
			"Concurrency.OnLockConflict is set, but":                    {Strategy: chat.StrategyDrop, OnLockConflict: drops},
			"Concurrency.OnLockConflict is set together with Interrupt": {Interrupt: true, OnLockConflict: drops},
		} {
			_, err := r.instances[0].Group(conc)
			require.ErrorIs(t, err, chat.ErrInvalidConfig)
			require.ErrorContains(t, err, want)
		}
		group := r.group(r.instances[0], chat.Concurrency{})
		require.Panics(t, func() { group.OnMention(nil) })
		require.Panics(t, func() { group.OnMessage(nil, func(context.Context, *chat.MessageEvent) error { return nil }) })
	})
}

// A strategy is for messages: a click is handled at once, and no message cancels it.
func TestStrategyLeavesEventsAlone(t *testing.T) {
	for name, conc := range map[string]chat.Concurrency{
		"debounce": {Strategy: chat.StrategyDebounce, Window: time.Minute}, "interrupt": {Interrupt: true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 1, func(c *chat.Config) { c.Concurrency = conc }, func(r *rig) {
				got := &log{}
				in := r.instances[0]
				in.OnMention(func(context.Context, *chat.MessageEvent) error { return nil })
				in.OnReaction(func(ctx context.Context, _ *chat.ReactionEvent) error {
					got.add("begun")
					err := work(ctx, time.Second)
					got.add("ended %v", err)
					return err
				})
				_, err := in.fake.Host().Deliver(context.Background(), &chat.ReactionEvent{
					EventBase: chat.EventBase{ID: "e1", ThreadID: "fake:c:t", User: chat.Author{UserID: "u1"}}, MessageID: "m1", Emoji: "wave",
				})
				require.NoError(t, err)
				time.Sleep(100 * time.Millisecond)
				require.Equal(t, []string{"begun"}, got.all())
				r.send(0, "t", "m2")
				time.Sleep(10 * time.Minute)
				require.Equal(t, []string{"begun", "ended <nil>"}, got.all())
			})
		})
	}
}
