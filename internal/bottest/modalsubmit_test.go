package bottest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func anyForm() chattest.OpenedModal { return chattest.OpenedModal{Modal: form()} }

func TestSubmissionsGoThroughMiddlewareAndTheFirstAnswerWins(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in := r.instances[0]
		got := &log{}
		in.Use(func(next chat.Handler) chat.Handler {
			return func(ctx context.Context, ev chat.Event) error {
				got.add("use %s", ev.EventName())
				return next(ctx, ev)
			}
		})
		handler := func(name string, answer chat.ModalAnswer) chat.ModalSubmitHandler {
			return func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
				got.add("%s", name)
				return answer, nil
			}
		}
		in.OnModalSubmit(handler("other", chat.ModalAnswer{Action: chat.ModalClear}), "other")
		in.OnModalSubmit(handler("silent", chat.ModalAnswer{}), "form")
		in.OnModalSubmit(handler("all", chat.ModalAnswer{Action: chat.ModalClear}))
		in.OnModalSubmit(handler("late", chat.ModalAnswer{Action: chat.ModalClose}))
		answer, err := in.fake.Submit(context.Background(), anyForm(), nil)
		require.NoError(t, err)
		require.Equal(t, chat.ModalAnswer{Action: chat.ModalClear}, answer)
		require.Equal(t, []string{"use modal-submit", "silent", "use modal-submit", "all"}, got.all())
	})
}

func TestFailingSubmissionIsToldToThePlatform(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		ctx, in := context.Background(), r.instances[0]
		var fail func() error
		in.OnModalSubmit(func(context.Context, *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			return chat.ModalAnswer{Action: chat.ModalClear}, fail()
		})
		fail = func() error { return errHandler }
		_, err := in.fake.Submit(ctx, anyForm(), nil)
		require.ErrorIs(t, err, errHandler)
		fail = func() error { panic(errHandler) }
		_, err = in.fake.Submit(ctx, anyForm(), nil)
		require.ErrorIs(t, err, chat.ErrPanic)

		_, err = in.fake.Host().SubmitModal(ctx, nil)
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
		_, err = in.fake.Host().SubmitModal(ctx, &chat.ModalSubmitEvent{EventBase: chat.EventBase{ThreadID: "other:c:t"}})
		require.ErrorIs(t, err, chat.ErrUnknownAdapter)
		in.store.SetAway(true)
		_, err = in.fake.Submit(ctx, anyForm(), nil)
		require.Error(t, err, "without the state nobody knows whether it was handled")
		in.store.SetAway(false)
	})
}

// The platform waits until ctx ends: so does the handler's context, and a handler
// that ignores it does not keep the platform waiting.
func TestSubmissionEndsAtItsDeadline(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in := r.instances[0]
		ended := make(chan error, 2)
		stubborn := false
		in.OnModalSubmit(func(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			slow := stubborn
			<-ctx.Done()
			ended <- ctx.Err()
			if slow {
				time.Sleep(time.Minute)
			}
			return chat.ModalAnswer{}, ctx.Err()
		})
		opened := r.openForm(in, form())
		for _, stubborn = range []bool{false, true} {
			start := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			_, err := in.fake.Submit(ctx, opened, nil)
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, <-ended, context.DeadlineExceeded)
			require.Less(t, time.Since(start), 3100*time.Millisecond)
		}
		time.Sleep(2 * time.Minute)
		require.NotEmpty(t, r.stored("modal-context:fake:"+opened.ContextID), "it can be submitted again")
	})
}

func TestRedeliveredSubmissionGetsTheSameAnswer(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		got := &log{}
		for i, in := range r.instances {
			in.OnModalSubmit(func(ctx context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
				got.add("%s", ev.ID)
				if i == 1 && ev.ID == "e2" {
					return chat.ModalAnswer{}, errHandler
				}
				return chat.ModalAnswer{Action: chat.ModalPush, Modal: card.NewModal("next", "Next", card.NewText("hi"))}, work(ctx, time.Second)
			})
		}
		// Both at once: one waits for the other.
		var mu sync.Mutex
		var answers []chat.ModalAnswer
		var done sync.WaitGroup
		for _, in := range r.instances {
			done.Go(func() {
				a, err := in.fake.Host().SubmitModal(context.Background(), submit(anyForm(), "e1", nil))
				require.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				answers = append(answers, a)
			})
		}
		done.Wait()
		// Later.
		a, err := r.instances[1].fake.Host().SubmitModal(context.Background(), submit(anyForm(), "e1", nil))
		require.NoError(t, err)
		answers = append(answers, a)
		require.Equal(t, []string{"e1"}, got.all())
		require.Equal(t, answers[0], answers[1])
		require.Equal(t, answers[0], answers[2])
		require.NotEmpty(t, a.ContextID)
		require.Equal(t, card.NewModal("next", "Next", card.NewText("hi")), a.Modal)

		// A failure is not kept.
		_, err = r.instances[1].fake.Host().SubmitModal(context.Background(), submit(anyForm(), "e2", nil))
		require.ErrorIs(t, err, errHandler)
		_, err = r.instances[0].fake.Host().SubmitModal(context.Background(), submit(anyForm(), "e2", nil))
		require.NoError(t, err)
		require.Equal(t, []string{"e1", "e2", "e2"}, got.all())

		time.Sleep(11 * time.Minute)
		_, err = r.instances[0].fake.Host().SubmitModal(context.Background(), submit(anyForm(), "e1", nil))
		require.NoError(t, err)
		require.Len(t, got.all(), 4, "kept for 10 minutes")
	})
}

func TestSubmissionOfADeadInstanceIsHandledAgain(t *testing.T) {
	play(t, 2, nil, func(r *rig) {
		opened := r.openForm(r.instances[0], form())
		dying := make(chan struct{})
		r.instances[0].OnModalSubmit(func(ctx context.Context, _ *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			close(dying)
			r.instances[0].store.Crash()
			return chat.ModalAnswer{}, work(ctx, time.Hour)
		})
		got := &log{}
		r.instances[1].OnModalSubmit(func(_ context.Context, ev *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			got.add("%v", ev.Opened.Thread != nil)
			return chat.ModalAnswer{Action: chat.ModalClear}, nil
		})
		first, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		var done sync.WaitGroup
		done.Go(func() {
			_, err := r.instances[0].fake.Host().SubmitModal(first, submit(opened, "e1", nil))
			require.Error(t, err)
		})
		<-dying
		second, cancel2 := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel2()
		answer, err := r.instances[1].fake.Host().SubmitModal(second, submit(opened, "e1", nil))
		require.NoError(t, err)
		require.Equal(t, chat.ModalClear, answer.Action)
		require.Equal(t, []string{"true"}, got.all(), "it gets the context that the other one held")
		done.Wait()
	})
}

func TestShutdownWaitsForSubmissions(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		in := r.instances[0]
		began := make(chan struct{})
		in.OnModalSubmit(func(ctx context.Context, _ *chat.ModalSubmitEvent) (chat.ModalAnswer, error) {
			close(began)
			return chat.ModalAnswer{Action: chat.ModalClear}, work(ctx, 2*time.Second)
		})
		var done sync.WaitGroup
		done.Go(func() {
			answer, err := in.fake.Submit(context.Background(), anyForm(), nil)
			require.NoError(t, err)
			require.Equal(t, chat.ModalClear, answer.Action)
		})
		<-began
		start := time.Now()
		require.NoError(t, in.Shutdown(context.Background()))
		require.GreaterOrEqual(t, time.Since(start), 1900*time.Millisecond)
		done.Wait()
		_, err := in.fake.Submit(context.Background(), anyForm(), nil)
		require.ErrorIs(t, err, chat.ErrShutdown)
	})
}

// Row 43: specific ids before catch-all, the first that has options wins, errors
// are logged and the next is asked.
func TestOptionsAreLoaded(t *testing.T) {
	play(t, 1, nil, func(r *rig) {
		ctx, in := context.Background(), r.instances[0]
		got := &log{}
		handler := func(name string, o chat.Options, err error) chat.OptionsLoadHandler {
			return func(_ context.Context, ev *chat.OptionsLoadEvent) (chat.Options, error) {
				got.add("%s %s", name, ev.Query)
				if errors.Is(err, chat.ErrPanic) {
					panic("boom")
				}
				return o, err
			}
		}
		flat := func(label string) chat.Options {
			return chat.Options{Options: []*card.Option{card.NewOption(label, label)}}
		}
		load := func(id string) (chat.Options, error) {
			return in.fake.Host().LoadOptions(ctx, &chat.OptionsLoadEvent{EventBase: chat.EventBase{User: chattest.Ada()}, ActionID: id, Query: "q"})
		}
		options, err := load("city")
		require.NoError(t, err)
		require.Equal(t, chat.Options{}, options)

		general := in.OnOptionsLoad(handler("all", flat("general"), nil))
		in.OnOptionsLoad(handler("none", chat.Options{}, nil), "city")
		in.OnOptionsLoad(handler("failing", flat("never"), errHandler), "city")
		in.OnOptionsLoad(handler("panicking", chat.Options{}, chat.ErrPanic), "city")
		in.OnOptionsLoad(handler("invalid", chat.Options{Options: []*card.Option{nil}}, nil), "city")
		options, err = load("city")
		require.NoError(t, err)
		require.Equal(t, flat("general"), options)
		require.Equal(t, []string{"none q", "failing q", "panicking q", "invalid q", "all q"}, got.all())

		groups := chat.Options{Groups: []chat.OptionGroup{{Label: "G", Options: flat("a").Options}}}
		in.OnOptionsLoad(handler("groups", groups, nil), "city", "town")
		in.OnOptionsLoad(handler("unasked", flat("b"), nil), "town")
		options, err = load("town")
		require.NoError(t, err)
		require.Equal(t, groups, options)

		general.Remove()
		in.OnOptionsLoad(handler("broken", chat.Options{}, errHandler), "street")
		_, err = load("street")
		require.ErrorIs(t, err, errHandler, "none had any")
	})
}
