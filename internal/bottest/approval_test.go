package bottest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
	"github.com/chat-adapter/chat-go/internal/botrig"
)

// twin is one instance's way to a platform that instances share. It shows
// messages to one user, too.
type twin struct {
	*chattest.Adapter
	host     chat.Host
	whispers *log
	edits    func() error // called before an edit
}

func (w *twin) Attach(host chat.Host) error {
	w.host = host
	return nil
}

func (w *twin) PostEphemeral(_ context.Context, _ chat.ThreadID, user chat.UserID, post *chat.Post) (chat.MessageID, error) {
	w.whispers.add("%s: %s", user, post.AsText())
	return "whisper", nil
}

func (w *twin) EditMessage(ctx context.Context, thread chat.ThreadID, id chat.MessageID, post *chat.Post) error {
	if w.edits != nil {
		if err := w.edits(); err != nil {
			return err
		}
	}
	return w.Adapter.EditMessage(ctx, thread, id, post)
}

// approvals is a rig whose instances share a platform and write down outcomes.
type approvals struct {
	*rig
	fake  *chattest.Fake
	twins []*twin
	got   *log
}

func playApprovals(t *testing.T, n int, configure func(*chat.Config), test func(*approvals)) {
	t.Helper()
	a := &approvals{fake: chattest.NewFake(chattest.Config{}), got: &log{}}
	whispers := &log{}
	play(t, n, func(c *chat.Config) {
		w := &twin{Adapter: a.fake.Adapter(), whispers: whispers}
		a.twins = append(a.twins, w)
		c.Adapters = []chat.Adapter{w}
		if configure != nil {
			configure(c)
		}
	}, func(r *rig) {
		a.rig = r
		for _, in := range r.instances {
			in.OnApproval(func(_ context.Context, ev *chat.ApprovalEvent) error {
				a.got.add("%s %v %v by %q %s", ev.Approval.ID, ev.Outcome.Approved, ev.Outcome.TimedOut, ev.Outcome.By.UserName, ev.Approval.Metadata)
				return nil
			}, "deploy")
		}
		test(a)
	})
}

func deploy() chat.Approval {
	return chat.Approval{
		ID: "d1", Name: "deploy", Title: "Deploy?", Description: "Version **2**", Fields: []*card.Field{card.NewField("Risk", "low")},
		Timeout: time.Minute, Metadata: "v2",
	}
}

// ask has an instance ask and returns the request and its card.
func (a *approvals) ask(i int, what chat.Approval) (*chat.ApprovalRequest, chattest.Posted) {
	a.t.Helper()
	thread, err := a.instances[i].Thread("fake:c:t")
	require.NoError(a.t, err)
	req, err := thread.RequestApproval(context.Background(), what)
	require.NoError(a.t, err)
	posts := a.fake.Posts("fake:c:t")
	return req, posts[len(posts)-1]
}

// click clicks a button of the card, whether it is still there or not.
func (a *approvals) click(i int, p chattest.Posted, action, user string) *chat.Receipt {
	a.t.Helper()
	receipt, err := a.twins[i].host.Deliver(context.Background(), &chat.ActionEvent{
		EventBase: chat.EventBase{ThreadID: p.Thread, User: chat.Author{UserID: chat.UserID(user), UserName: user, FullName: strings.ToUpper(user)}},
		MessageID: p.ID, ActionID: action, Value: buttonsOf(p)[0].(*card.Button).Value,
	})
	require.NoError(a.t, err)
	return receipt
}

func buttonsOf(p chattest.Posted) []card.Action {
	if actions, ok := p.Card.Children[len(p.Card.Children)-1].(*card.Actions); ok {
		return actions.Children
	}
	return nil
}

// shown returns the end of the card as it is now.
func (a *approvals) shown(id chat.MessageID) string {
	for _, p := range a.fake.Posts("fake:c:t") {
		if p.ID == id {
			if buttonsOf(p) != nil {
				return "buttons"
			}
			return p.Card.Children[len(p.Card.Children)-1].(*card.Text).Content
		}
	}
	return "nothing"
}

const (
	approve = "chat:approve"
	deny    = "chat:deny"
)

// TestADestructiveApprovalWarns: the button that does harm does, and never the
// other one.
func TestADestructiveApprovalWarns(t *testing.T) {
	playApprovals(t, 1, nil, func(a *approvals) {
		what := deploy()
		what.Destructive = true
		_, posted := a.ask(0, what)
		require.Equal(t, []card.Action{
			&card.Button{ID: approve, Label: "Approve", Style: card.Danger, Value: "d1"},
			&card.Button{ID: deny, Label: "Deny", Value: "d1"},
		}, buttonsOf(posted))
	})
}

func TestApprovalIsAnswered(t *testing.T) {
	playApprovals(t, 2, nil, func(a *approvals) {
		ctx := context.Background()
		req, posted := a.ask(0, deploy())
		require.Equal(t, "d1", req.ID())
		require.Equal(t, "Deploy?", posted.Card.Title)
		require.Equal(t, card.NewText("Version **2**"), posted.Card.Children[0])
		require.Equal(t, card.NewFields(card.NewField("Risk", "low")), posted.Card.Children[1])
		require.Equal(t, []card.Action{
			&card.Button{ID: approve, Label: "Approve", Style: card.Primary, Value: "d1"},
			&card.Button{ID: deny, Label: "Deny", Value: "d1"},
		}, buttonsOf(posted))
		outcome, err := req.Outcome(ctx)
		require.NoError(t, err)
		require.Nil(t, outcome)

		// Another instance knows it by its ID, and waits for it.
		other, err := a.instances[1].Approval(ctx, "d1")
		require.NoError(t, err)
		var waiting sync.WaitGroup
		waiting.Go(func() {
			outcome, err := other.Wait(ctx)
			require.NoError(t, err)
			require.True(t, outcome.Approved)
			require.Equal(t, "ada", outcome.By.UserName)
		})
		time.Sleep(10 * time.Second)
		for _, in := range a.instances {
			in.OnAction(func(context.Context, *chat.ActionEvent) error {
				t.Error("the bot's own buttons are no affair of its handlers")
				return nil
			})
		}
		require.NoError(t, a.click(0, posted, approve, "ada").Wait(ctx))
		waiting.Wait()
		time.Sleep(time.Second)
		require.Equal(t, []string{`d1 true false by "ada" v2`}, a.got.all())
		require.Equal(t, "**Approved** by ADA, 1 January 2000 00:00 UTC", a.shown(posted.ID))

		// It is over.
		require.NoError(t, a.click(1, posted, deny, "bob").Wait(ctx))
		time.Sleep(time.Hour)
		require.NoError(t, a.click(1, posted, deny, "bob").Wait(ctx))
		time.Sleep(2 * time.Minute)
		outcome, err = req.Wait(ctx)
		require.NoError(t, err)
		require.True(t, outcome.Approved)
		require.False(t, outcome.TimedOut)
		require.Len(t, a.got.all(), 1)
		_, err = a.instances[0].Approval(ctx, "other")
		require.ErrorIs(t, err, chat.ErrNotFound)
	})
}

func TestTheFirstAnswerCounts(t *testing.T) {
	t.Run("roles", func(t *testing.T) { testFirstAnswer(t, nil) })
	t.Run("no roles", func(t *testing.T) { testFirstAnswer(t, withoutRoles) })
}

// withoutRoles hides all of the state that is not required, so that swaps are
// made under locks.
func withoutRoles(c *chat.Config) {
	c.State, c.Durability = struct{ state.Adapter }{c.State}, chat.DurabilityNone
}

func testFirstAnswer(t *testing.T, configure func(*chat.Config)) {
	playApprovals(t, 2, configure, func(a *approvals) {
		for n := range 20 {
			what := deploy()
			what.ID = string(rune('a' + n))
			req, posted := a.ask(0, what)
			var done sync.WaitGroup
			for i, action := range []string{approve, deny} {
				done.Go(func() { a.click(i, posted, action, action[5:]) })
			}
			done.Wait()
			time.Sleep(5 * time.Second)
			outcome, err := req.Outcome(context.Background())
			require.NoError(t, err)
			require.Len(t, a.got.all(), n+1)
			require.Contains(t, a.got.all()[n], outcome.By.UserName)
			require.Equal(t, outcome.Approved, outcome.By.UserName == "approve")
			word := map[bool]string{true: "**Approved**", false: "**Denied**"}[outcome.Approved]
			require.Contains(t, a.shown(posted.ID), word)
		}
	})
}

func TestOnlyApproversDecide(t *testing.T) {
	playApprovals(t, 1, nil, func(a *approvals) {
		ctx := context.Background()
		what := deploy()
		what.Approvers = []chat.UserID{"boss"}
		req, posted := a.ask(0, what)
		require.NoError(t, a.click(0, posted, approve, "mallory").Wait(ctx))
		require.NoError(t, a.click(0, posted, approve, "").Wait(ctx))
		time.Sleep(time.Second)
		outcome, err := req.Outcome(ctx)
		require.NoError(t, err)
		require.Nil(t, outcome)
		require.Equal(t, []string{"mallory: You may not answer this request."}, a.twins[0].whispers.all())
		require.Equal(t, "buttons", a.shown(posted.ID))

		// Neither from another thread.
		foreign := posted
		foreign.Thread = "fake:c:other"
		require.NoError(t, a.click(0, foreign, approve, "boss").Wait(ctx))
		outcome, err = req.Outcome(ctx)
		require.NoError(t, err)
		require.Nil(t, outcome)
		require.Equal(t, "boss: This request is no longer known.", a.twins[0].whispers.all()[1])

		require.NoError(t, a.click(0, posted, deny, "boss").Wait(ctx))
		time.Sleep(time.Second)
		require.Equal(t, []string{`d1 false false by "boss" v2`}, a.got.all())
	})
}

func TestApprovalTimesOutOnce(t *testing.T) {
	for _, durability := range []chat.Durability{chat.DurabilityInbox, chat.DurabilityNone} {
		playApprovals(t, 3, func(c *chat.Config) { c.Durability = durability }, func(a *approvals) {
			ctx := context.Background()
			req, posted := a.ask(0, deploy())
			time.Sleep(59 * time.Second)
			require.Empty(t, a.got.all())
			time.Sleep(5 * time.Second)
			require.Equal(t, []string{`d1 false true by "" v2`}, a.got.all())
			require.Equal(t, "**Timed out** without an answer, 1 January 2000 00:01 UTC", a.shown(posted.ID))
			require.NoError(t, a.click(1, posted, approve, "ada").Wait(ctx))
			time.Sleep(time.Hour)
			outcome, err := req.Wait(ctx)
			require.NoError(t, err)
			require.Equal(t, &chat.ApprovalOutcome{TimedOut: true, At: outcome.At}, outcome)
			require.WithinDuration(t, time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC), outcome.At, time.Second, "calls of the state take time")
			require.Len(t, a.got.all(), 1)
			depth, err := a.shared.QueueDepth(ctx, "chat:approvals-due")
			require.NoError(t, err)
			require.Zero(t, depth)
		})
	}
}

// An answer that comes after the deadline is none, also if no sweep has been
// since; and who waits is told at once.
func TestLateAnswerIsNone(t *testing.T) {
	playApprovals(t, 2, func(c *chat.Config) { c.Lock.SweepInterval = time.Hour }, func(a *approvals) {
		ctx := context.Background()
		_, posted := a.ask(0, deploy())
		time.Sleep(61 * time.Second)
		require.NoError(t, a.click(0, posted, approve, "ada").Wait(ctx))
		time.Sleep(time.Second)
		require.Equal(t, []string{`d1 false true by "" v2`}, a.got.all())
		require.Contains(t, a.shown(posted.ID), "Timed out")

		what := deploy()
		what.ID = "d2"
		req, posted := a.ask(0, what)
		start := time.Now()
		outcome, err := req.Wait(ctx)
		require.NoError(t, err)
		require.True(t, outcome.TimedOut)
		require.Less(t, time.Since(start), 61*time.Second)
		time.Sleep(time.Second)
		require.Len(t, a.got.all(), 2)
		require.Contains(t, a.shown(posted.ID), "Timed out")
	})
}

// A request that its caller takes back ends at once, on every instance, unless somebody has
// answered it. A click that comes later is no answer.
func TestARequestIsWithdrawn(t *testing.T) {
	playApprovals(t, 2, nil, func(a *approvals) {
		ctx := context.Background()
		req, posted := a.ask(0, deploy())
		require.NoError(t, req.Withdraw(ctx))
		require.NoError(t, req.Withdraw(ctx))
		outcome, err := req.Wait(ctx)
		require.NoError(t, err)
		require.Equal(t, &chat.ApprovalOutcome{Withdrawn: true, At: outcome.At}, outcome)
		time.Sleep(time.Second)
		require.Contains(t, a.shown(posted.ID), "**Withdrawn** before an answer")
		require.NoError(t, a.click(1, posted, approve, "ada").Wait(ctx))
		time.Sleep(time.Hour)
		require.Equal(t, []string{`d1 false false by "" v2`}, a.got.all())

		what := deploy()
		what.ID = "d2"
		req, posted = a.ask(0, what)
		require.NoError(t, a.click(1, posted, approve, "ada").Wait(ctx))
		require.NoError(t, req.Withdraw(ctx))
		time.Sleep(time.Second)
		require.Contains(t, a.shown(posted.ID), "**Approved** by ADA")
		require.Equal(t, `d2 true false by "ada" v2`, a.got.all()[1])
		depth, err := a.shared.QueueDepth(ctx, "chat:approvals-due")
		require.NoError(t, err)
		require.Zero(t, depth)
	})
}

// Once a bot has shut down, a caller that waits outside of a turn is told so, and nothing
// more is asked or posted, also if the state stays open for others.
func TestNothingIsDoneOnceTheBotHasShutDown(t *testing.T) {
	st := botrig.Memory(t)
	fake := chattest.NewFake(chattest.Config{With: []chattest.Ability{chattest.MessageFetcher}})
	bot := botrig.New(t, fake.Adapter(), st)
	thread, err := bot.Thread("fake:c:t")
	require.NoError(t, err)
	req, err := thread.RequestApproval(t.Context(), deploy())
	require.NoError(t, err)
	waited := make(chan error, 1)
	go func() {
		_, err := req.Wait(t.Context())
		waited <- err
	}()
	require.NoError(t, bot.Shutdown(t.Context()))
	require.ErrorIs(t, <-waited, chat.ErrShutdown)
	_, err = thread.Post(t.Context(), chat.Text("x"))
	require.ErrorIs(t, err, chat.ErrShutdown)
	what := deploy()
	what.ID = "d2"
	_, err = thread.RequestApproval(t.Context(), what)
	require.ErrorIs(t, err, chat.ErrShutdown)
	_, err = chat.Take(thread.Messages(t.Context()), 1)
	require.ErrorIs(t, err, chat.ErrShutdown)
	require.Len(t, fake.Posts("fake:c:t"), 1)
}

// faultOver is how long after a fault all that was accepted is handled. An instance can
// die between claiming the event of an outcome and storing it: only when the claim is 15 s
// old another one takes it over, with the attempt that comes next, at most 22 s after the
// fault.
const faultOver = 30 * time.Second

// The instance that takes the click dies before it has shown the outcome.
func TestApprovalSurvivesCrashes(t *testing.T) {
	playApprovals(t, 2, nil, func(a *approvals) {
		_, posted := a.ask(0, deploy())
		a.twins[0].edits = func() error {
			a.instances[0].store.Crash()
			return errors.New("died")
		}
		a.click(0, posted, approve, "ada")
		time.Sleep(faultOver)
		require.Contains(t, a.shown(posted.ID), "Approved")
		require.NotEmpty(t, a.got.all())
		require.Equal(t, `d1 true false by "ada" v2`, a.got.all()[0])
	})
	// It dies at once: the other one times it out.
	playApprovals(t, 2, nil, func(a *approvals) {
		_, posted := a.ask(0, deploy())
		a.instances[0].store.Crash()
		time.Sleep(65 * time.Second)
		require.Contains(t, a.shown(posted.ID), "Timed out")
		require.Equal(t, []string{`d1 false true by "" v2`}, a.got.all())
	})
}

// At whatever call to the state an instance dies, or loses the state for a while,
// the answer is handled.
func TestApprovalSurvivesAFaultAnywhere(t *testing.T) {
	for name, fault := range faults {
		for calls := int64(1); calls < 60; calls++ {
			playApprovals(t, 2, nil, func(a *approvals) {
				req, posted := a.ask(1, deploy())
				_, err := fault(a.instances[0], calls, func() (*chat.Receipt, error) {
					return a.twins[0].host.Deliver(context.Background(), &chat.ActionEvent{
						EventBase: chat.EventBase{ID: "e1", ThreadID: posted.Thread, User: chattest.Ada()}, MessageID: posted.ID, ActionID: approve, Value: "d1",
					})
				})
				if err != nil {
					return // the platform delivers it again
				}
				outcome, err := req.Outcome(context.Background())
				require.NoError(t, err)
				require.NotNil(t, outcome, "%s after %d calls", name, calls)
				require.True(t, outcome.Approved)
				require.NotEmpty(t, a.got.all(), "%s after %d calls", name, calls)
				require.Contains(t, a.shown(posted.ID), "Approved", "%s after %d calls", name, calls)
			})
		}
	}
}

// faults deliver something to an instance and make it fail after a number of calls
// to the state. They return when all that was accepted must have been handled.
var faults = map[string]func(in *instance, calls int64, deliver func() (*chat.Receipt, error)) (*chat.Receipt, error){
	"crash": func(in *instance, calls int64, deliver func() (*chat.Receipt, error)) (*chat.Receipt, error) {
		limit := in.store.Calls() + calls
		receipt, err := deliver()
		in.await(limit)
		in.store.Crash()
		time.Sleep(faultOver)
		return receipt, err
	},
	"outage": func(in *instance, calls int64, deliver func() (*chat.Receipt, error)) (*chat.Receipt, error) {
		limit := in.store.Calls() + calls
		receipt, err := deliver()
		in.await(limit)
		in.store.SetAway(true)
		time.Sleep(5 * time.Second)
		in.store.SetAway(false)
		time.Sleep(faultOver)
		return receipt, err
	},
}

// await waits until the instance has called the state so often, or does no more.
func (in *instance) await(calls int64) {
	for range 2000 {
		if in.store.Calls() >= calls {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

func TestApprovalCardAndHandlersFailApart(t *testing.T) {
	playApprovals(t, 1, nil, func(a *approvals) {
		ctx := context.Background()
		var failures, calls atomic.Int32
		a.twins[0].edits = func() error {
			if failures.Add(1) <= 2 {
				return &chat.PlatformError{Adapter: "fake", Op: "edit", Code: chat.CodeTemporary}
			}
			return nil
		}
		a.instances[0].OnApproval(func(context.Context, *chat.ApprovalEvent) error {
			if calls.Add(1) < 3 {
				return errHandler
			}
			return nil
		})
		_, posted := a.ask(0, deploy())
		require.NoError(t, a.click(0, posted, approve, "ada").Wait(ctx))
		time.Sleep(time.Minute)
		require.Contains(t, a.shown(posted.ID), "Approved")
		require.EqualValues(t, 3, calls.Load())

		// A card that is gone is no reason to try for ever.
		what := deploy()
		what.ID = "d2"
		_, posted = a.ask(0, what)
		require.NoError(t, a.twins[0].DeleteMessage(ctx, posted.Thread, posted.ID))
		require.NoError(t, a.click(0, posted, approve, "ada").Wait(ctx))
		time.Sleep(time.Minute)
		letters, err := a.instances[0].DeadLetters(ctx)
		require.NoError(t, err)
		require.Empty(t, letters)
		require.EqualValues(t, 4, calls.Load())
	})
}

func TestAskingAgainIsTheSameRequest(t *testing.T) {
	playApprovals(t, 2, nil, func(a *approvals) {
		ctx := context.Background()
		_, posted := a.ask(0, deploy())
		again, _ := a.ask(1, deploy())
		require.Len(t, a.fake.Posts("fake:c:t"), 1)
		require.NoError(t, a.click(0, posted, approve, "ada").Wait(ctx))
		outcome, err := again.Wait(ctx)
		require.NoError(t, err)
		require.True(t, outcome.Approved)
		a.ask(1, deploy())
		require.Len(t, a.fake.Posts("fake:c:t"), 1)

		elsewhere, err := a.instances[0].Thread("fake:c:other")
		require.NoError(t, err)
		_, err = elsewhere.RequestApproval(ctx, deploy())
		require.ErrorIs(t, err, chat.ErrInvalidArgument)

		// What could not be posted was not asked.
		what := deploy()
		what.ID = ""
		a.fake.Fail(errHandler)
		thread, err := a.instances[0].Thread("fake:c:t")
		require.NoError(t, err)
		_, err = thread.RequestApproval(ctx, what)
		require.ErrorIs(t, err, errHandler)
		a.fake.Fail(nil)
		time.Sleep(2 * time.Minute)
		require.Len(t, a.got.all(), 1)
		first, _ := a.ask(0, what)
		second, _ := a.ask(0, what)
		require.NotEqual(t, first.ID(), second.ID())
	})
}

func TestApprovalArgumentsAreChecked(t *testing.T) {
	playApprovals(t, 1, nil, func(a *approvals) {
		ctx := context.Background()
		thread, err := a.instances[0].Thread("fake:c:t")
		require.NoError(t, err)
		for want, what := range map[string]chat.Approval{
			"Title is empty":          {},
			"ID has 101 bytes":        {Title: "T", ID: strings.Repeat("x", 101)},
			"Timeout is -1s":          {Title: "T", Timeout: -time.Second},
			"Approvers has an empty":  {Title: "T", Approvers: []chat.UserID{""}},
			"Fields[1] needs a Label": {Title: "T", Fields: []*card.Field{card.NewField("a", "b"), nil}},
		} {
			_, err := thread.RequestApproval(ctx, what)
			require.ErrorIs(t, err, chat.ErrInvalidArgument)
			require.ErrorContains(t, err, "approval."+want)
		}
	})
}

// A request of a turn ends with it; the answer does not need it.
func TestRequestsBelongToTheirTurn(t *testing.T) {
	playApprovals(t, 1, func(c *chat.Config) { c.Limits.MaxTurn = 10 * time.Second }, func(a *approvals) {
		ctx := context.Background()
		requests := make(chan *chat.ApprovalRequest, 1)
		waited := make(chan error, 1)
		a.instances[0].OnMention(func(ctx context.Context, ev *chat.MessageEvent) error {
			req, err := ev.Thread.RequestApproval(ctx, deploy())
			if err != nil {
				return err
			}
			requests <- req
			_, err = req.Wait(ctx)
			waited <- err
			return nil
		})
		m := a.fake.Message("fake:c:t", "@bot deploy")
		_, err := a.twins[0].host.Deliver(ctx, m)
		require.NoError(t, err)
		req := <-requests
		require.ErrorIs(t, <-waited, chat.ErrTurnTooLong)
		time.Sleep(time.Second)
		_, err = req.Wait(ctx)
		require.ErrorIs(t, err, chat.ErrTurnTooLong)
		require.NoError(t, a.click(0, a.fake.Posts("fake:c:t")[0], approve, "ada").Wait(ctx))
		again, err := a.instances[0].Approval(ctx, req.ID())
		require.NoError(t, err)
		outcome, err := again.Wait(ctx)
		require.NoError(t, err)
		require.True(t, outcome.Approved)
	})
}
