package bottest

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
	"github.com/chat-adapter/chat-go/core/state"
)

func form() *card.Modal {
	m := card.NewModal("form", "Form", card.NewTextInput("name", "Name"), card.NewDateInput("day", "Day"), card.NewNumberInput("count", "Count"))
	m.NotifyOnClose = true
	return m
}

// openForm has an instance open a modal for a click, and returns it.
func (r *rig) openForm(in *instance, m *card.Modal) chattest.OpenedModal {
	r.t.Helper()
	reg := in.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error { return ev.OpenModal(ctx, m) }, "open")
	defer reg.Remove()
	before := len(in.fake.Modals())
	r.handled(in, &chat.ActionEvent{
		EventBase: chat.EventBase{ThreadID: "fake:c:t", User: chattest.Ada()}, MessageID: "m1", ActionID: "open", TriggerID: "t1",
	})
	modals := in.fake.Modals()
	require.Len(r.t, modals, before+1)
	return modals[before]
}

// handled delivers an event and waits until its handlers have succeeded.
func (r *rig) handled(in *instance, ev chat.Inbound) {
	r.t.Helper()
	receipt, err := in.fake.Host().Deliver(context.Background(), ev)
	require.NoError(r.t, err)
	require.NoError(r.t, receipt.Wait(context.Background()))
}

func (r *rig) stored(key string) string {
	r.t.Helper()
	data, err := r.shared.Get(context.Background(), key)
	if errors.Is(err, state.ErrNotFound) {
		return ""
	}
	require.NoError(r.t, err)
	return string(data)
}

func submit(m chattest.OpenedModal, id string, values chat.ModalValues) *chat.ModalSubmitEvent {
	return &chat.ModalSubmitEvent{
		EventBase: chat.EventBase{ID: id, User: chattest.Ada()}, CallbackID: m.Modal.CallbackID, ContextID: m.ContextID, Values: values, TriggerID: "t2",
	}
}

func TestModalComesBackWithWhereItWasOpened(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		ctx, in := context.Background(), r.instances[0]
		opened := r.openForm(in, form())
		require.Equal(t, "t1", opened.Trigger)
		key := "modal-context:fake:" + opened.ContextID
		require.JSONEq(t, `{
			"thread":{"_type":"chat:Thread","id":"fake:c:t","channelId":"fake:c","channelVisibility":"unknown","isDM":false,"adapterName":"fake"},
			"message":{"_type":"chat:Message","id":"m1","threadId":"fake:c:t","text":"","formatted":{"type":"root","children":[]},"raw":null,
				"author":{"userId":"","userName":"","fullName":"","isBot":"unknown","isMe":false},
				"metadata":{"dateSent":"0001-01-01T00:00:00.000Z","edited":false},"attachments":[]},
			"channel":{"_type":"chat:Channel","id":"fake:c","adapterName":"fake","channelVisibility":"unknown","isDM":false},
			"inputs":["name","day","count"]
		}`, normalized(t, r.stored(key)))

		// Another instance handles the submission.
		got := &log{}
		r.instances[1].OnModalSubmit(func(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			if ev.Opened.Thread == nil {
				got.add("no origin")
				return chat.ModalAnswer{}, nil
			}
			day, err := ev.Values.Date("day")
			require.NoError(t, err)
			count, err := ev.Values.Number("count")
			require.NoError(t, err)
			got.add("%s %s %s %s %s %v", ev.Opened.Thread.ID(), ev.Opened.Message.ID, ev.Opened.Channel.ID(), ev.Values["name"], day.Format("2 Jan"), count)
			_, err = ev.Opened.Thread.Post(ctx, chat.Text("thanks"))
			return chat.ModalAnswer{}, err
		}, "form")
		values := chat.ModalValues{"name": "Ada", "day": "2026-11-23", "count": "2.5"}
		for range 2 {
			answer, err := r.instances[1].fake.Submit(ctx, opened, values)
			require.NoError(t, err)
			require.Equal(t, chat.ModalAnswer{Action: chat.ModalClose}, answer)
		}
		require.Equal(t, []string{"fake:c:t m1 fake:c Ada 23 Nov 2.5", "no origin"}, got.all())
		require.Len(t, r.instances[1].fake.Posts("fake:c:t"), 1)
		require.Empty(t, r.stored(key))
	})
}

// normalized gives a message without text the tree that it has in the TypeScript
// SDK.
func normalized(t *testing.T, data string) string {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(data), &v))
	if m, ok := v["message"].(map[string]any); ok {
		m["formatted"] = map[string]any{"type": "root", "children": []any{}}
	}
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return string(out)
}

func TestSlashCommandOpensModal(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in := r.instances[0]
		in.OnSlashCommand(func(ctx context.Context, ev *chat.SlashCommandEvent) error { return ev.OpenModal(ctx, form()) })
		r.handled(in, &chat.SlashCommandEvent{EventBase: chat.EventBase{User: chattest.Ada()}, ChannelID: "fake:c", Command: "/form", TriggerID: "t1"})
		var origin chat.ModalOrigin
		in.OnModalSubmit(func(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			origin = ev.Opened
			return chat.ModalAnswer{}, ev.OpenModal(ctx, card.NewModal("next", "Next"))
		}, "form")
		_, err := in.fake.Submit(context.Background(), in.fake.Modals()[0], nil)
		require.NoError(t, err)
		require.Nil(t, origin.Thread)
		require.Nil(t, origin.Message)
		require.Equal(t, chat.ChannelID("fake:c"), origin.Channel.ID())

		// The next one knows it too.
		in.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			require.Equal(t, chat.ChannelID("fake:c"), ev.Opened.Channel.ID())
			return chat.ModalAnswer{Action: chat.ModalClear}, nil
		}, "next")
		answer, err := in.fake.Submit(context.Background(), in.fake.Modals()[1], nil)
		require.NoError(t, err)
		require.Equal(t, chat.ModalClear, answer.Action)
	})
}

// Weak point i: of submissions that race, on two instances, exactly one gets it.
func TestOneOfTwoSubmissionsGetsTheContext(t *testing.T) {
	t.Run("roles", func(t *testing.T) { testOneSubmission(t, nil) })
	t.Run("no roles", func(t *testing.T) { testOneSubmission(t, withoutRoles) })
}

func testOneSubmission(t *testing.T, configure func(*chat.Config)) {
	play(t, 2, configure, func(r *rig) {
		opened := r.openForm(r.instances[0], form())
		got := &log{}
		both := make(chan struct{})
		var in sync.WaitGroup
		in.Add(2)
		go func() {
			in.Wait()
			close(both)
		}()
		var done sync.WaitGroup
		for i, bot := range r.instances {
			bot.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
				in.Done()
				<-both
				got.add("%v", ev.Opened.Thread != nil)
				return chat.ModalAnswer{}, nil
			})
			done.Go(func() {
				_, err := bot.fake.Host().SubmitModal(context.Background(), submit(opened, "", chat.ModalValues{"name": string(rune('a' + i))}))
				require.NoError(t, err)
			})
		}
		done.Wait()
		require.ElementsMatch(t, []string{"true", "false"}, got.all())
	})
}

func TestAnswersDecideWhatBecomesOfTheContext(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		ctx, in := context.Background(), r.instances[0]
		var next chat.ModalAnswer
		var fail error
		var origin chat.ModalOrigin
		in.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			origin = ev.Opened
			return next, fail
		})
		first := r.openForm(in, form())
		try := func(m chattest.OpenedModal, answer chat.ModalAnswer, err error) chat.ModalAnswer {
			t.Helper()
			next, fail, origin = answer, err, chat.ModalOrigin{}
			got, gotErr := in.fake.Submit(ctx, m, nil)
			require.ErrorIs(t, gotErr, err)
			require.NotNil(t, origin.Thread)
			require.Equal(t, chat.ThreadID("fake:c:t"), origin.Thread.ID())
			return got
		}
		try(first, chat.ModalAnswer{}, errHandler)
		try(first, chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"name": "too short"}}, nil)
		pushed := try(first, chat.ModalAnswer{Action: chat.ModalPush, Modal: card.NewModal("child", "Child")}, nil)
		require.NotEmpty(t, pushed.ContextID)
		require.NotEqual(t, first.ContextID, pushed.ContextID)
		child := in.fake.Modals()[1]
		updated := try(child, chat.ModalAnswer{Action: chat.ModalUpdate, Modal: card.NewModal("child2", "Child")}, nil)
		require.Empty(t, r.stored("modal-context:fake:"+child.ContextID), "its place was taken")
		require.NotEmpty(t, r.stored("modal-context:fake:"+updated.ContextID))
		try(in.fake.Modals()[2], chat.ModalAnswer{Action: chat.ModalClose}, nil)
		try(first, chat.ModalAnswer{}, nil)
		require.Empty(t, r.stored("modal-context:fake:"+first.ContextID))
	})
}

func TestInvalidAnswersAreErrors(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in := r.instances[0]
		opened := r.openForm(in, form())
		var next chat.ModalAnswer
		in.OnModalSubmit(func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) { return next, nil })
		for _, c := range []struct {
			answer chat.ModalAnswer
			want   string
		}{
			{chat.ModalAnswer{Action: "explode"}, `chat: the answer to modal "form": Action is "explode"`},
			{chat.ModalAnswer{Action: chat.ModalErrors}, "Errors is empty"},
			{chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"nme": "x"}}, `Errors names "nme", want one of the inputs ["name" "day" "count"]`},
			{chat.ModalAnswer{Action: chat.ModalErrors, Errors: map[string]string{"name": ""}}, `Errors["name"] is empty`},
			{chat.ModalAnswer{Action: chat.ModalUpdate}, "the modal is nil"},
			{chat.ModalAnswer{Action: chat.ModalPush, Modal: &card.Modal{CallbackID: "x"}}, "card: title is empty"},
			{chat.ModalAnswer{Action: chat.ModalPush, Modal: &card.Modal{CallbackID: "x", Title: "X", CallbackURL: "http://a.example"}}, `callbackUrl has the scheme "http"`},
		} {
			next = c.answer
			_, err := in.fake.Submit(context.Background(), opened, nil)
			require.ErrorContains(t, err, c.want)
			require.NotEmpty(t, r.stored("modal-context:fake:"+opened.ContextID), "it can be submitted again")
		}
	})
}

func TestClosedModalComesBackUntilItIsHandled(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		opened := r.openForm(r.instances[0], form())
		got := &log{}
		for i, in := range r.instances {
			in.OnModalClosed(func(ctx context.Context, ev *chat.ModalClosedEvent) error {
				got.add("%d: %s", i, ev.Opened.Thread.ID())
				if i == 0 {
					r.instances[0].store.Crash()
					return work(ctx, time.Hour)
				}
				if len(got.all()) == 2 {
					return errHandler
				}
				return nil
			}, "form")
		}
		_, err := r.instances[0].fake.CloseModal(context.Background(), opened)
		require.NoError(t, err)
		time.Sleep(20 * time.Second)
		require.Equal(t, []string{"0: fake:c:t", "1: fake:c:t", "1: fake:c:t"}, got.all())
		require.Empty(t, r.stored("modal-context:fake:"+opened.ContextID))
	})
}

func TestOpeningAModalFails(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in := r.instances[0]
		var result error
		var modal *card.Modal
		before := func() {}
		in.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
			before()
			result = ev.OpenModal(ctx, modal)
			in.store.SetAway(false)
			return nil
		})
		click := func(m *card.Modal, trigger string) error {
			modal = m
			r.handled(in, &chat.ActionEvent{EventBase: chat.EventBase{ThreadID: "fake:c:t"}, ActionID: "a", TriggerID: trigger})
			return result
		}
		require.ErrorIs(t, click(nil, "t1"), chat.ErrInvalidArgument)
		err := click(&card.Modal{CallbackID: "x"}, "t1")
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		require.ErrorContains(t, err, "title is empty")
		require.ErrorIs(t, click(form(), ""), errors.ErrUnsupported)

		before = func() { in.store.SetAway(true) }
		require.ErrorIs(t, click(form(), "t1"), state.ErrUnavailable, "what cannot be kept is not shown")
		require.Empty(t, in.fake.Modals())

		before = func() { in.fake.Fail(&chat.PlatformError{Adapter: "fake", Op: "views.open", Code: chat.CodeInvalid}) }
		require.ErrorIs(t, click(form(), "t1"), chat.ErrInvalid)
		in.fake.Fail(nil)
	})
	fake := chattest.NewFake(chattest.Config{})
	play(t, 1, func(c *chat.Config) { c.Adapters = []chat.Adapter{bare{fake.Adapter()}} }, func(r *rig) {
		in := r.instances[0]
		result := make(chan error, 1)
		in.OnAction(func(ctx context.Context, ev *chat.ActionEvent) error {
			result <- ev.OpenModal(ctx, form())
			return nil
		})
		_, err := fake.Host().Deliver(context.Background(), &chat.ActionEvent{EventBase: chat.EventBase{ThreadID: "fake:c:t"}, ActionID: "a", TriggerID: "t1"})
		require.NoError(t, err)
		require.ErrorIs(t, <-result, errors.ErrUnsupported)
	})
}

// bare is a platform without abilities.
type bare struct{ chat.Adapter }

// The methods of an event end with its turn, as those of its thread do.
func TestModalsBelongToTheirTurn(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		ctx, in := context.Background(), r.instances[0]
		require.ErrorIs(t, new(chat.ActionEvent).OpenModal(ctx, form()), chat.ErrInvalidArgument)
		var kept *chat.ActionEvent
		reg := in.OnAction(func(_ context.Context, ev *chat.ActionEvent) error {
			kept = ev
			return nil
		})
		r.handled(in, &chat.ActionEvent{EventBase: chat.EventBase{ThreadID: "fake:c:t"}, ActionID: "a", TriggerID: "t1"})
		reg.Remove()
		time.Sleep(time.Second)
		require.ErrorIs(t, kept.OpenModal(ctx, form()), context.Canceled)

		opened := r.openForm(in, form())
		var submitted *chat.ModalSubmitEvent
		in.OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			submitted = ev
			return chat.ModalAnswer{}, nil
		})
		_, err := in.fake.Submit(ctx, opened, nil)
		require.NoError(t, err)
		require.ErrorIs(t, submitted.OpenModal(ctx, form()), context.Canceled)
		_, err = submitted.Opened.Thread.Post(ctx, chat.Text("late"))
		require.ErrorIs(t, err, context.Canceled)
	})
}
