package chat_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/chattest"
)

func TestPlanAsText(t *testing.T) {
	p := without(t, chattest.PlanPoster)
	ctx := t.Context()
	plan := chat.NewPlan("Deploy", chat.Task{Title: "Build *it*"}, chat.Task{ID: "test", Title: "Test", Status: chat.TaskError})
	sent, err := p.thread.Post(ctx, plan)
	require.NoError(t, err)
	require.Equal(t, []string{"📋 **Deploy**\\\n⬜ Build \\*it\\*\\\n❌ Test"}, p.texts())
	require.Equal(t, "📋 Deploy\n⬜ Build *it*\n❌ Test", sent.Message.Text)

	id, err := plan.AddTask(ctx, chat.Task{Title: "Roll out"})
	require.NoError(t, err)
	require.NoError(t, plan.UpdateTask(ctx, id, func(task *chat.Task) { task.ID, task.Status = "other", chat.TaskInProgress }))
	require.NoError(t, plan.SetTitle(ctx, "Deploying"))
	require.Equal(t, []string{"📋 **Deploying**\\\n⬜ Build \\*it\\*\\\n❌ Test\\\n🔄 Roll out"}, p.texts())
	require.NoError(t, plan.Complete(ctx, ""))
	require.Equal(t, []string{"📋 **Deploying**\\\n⬜ Build \\*it\\*\\\n❌ Test\\\n✅ Roll out"}, p.texts())
	require.NoError(t, plan.Reset(ctx, "", chat.Task{Title: "Again"}))
	require.Equal(t, []string{"⬜ Again"}, p.texts())
}

func TestPlanInAFormOfItsOwn(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	plan := chat.NewPlan("Deploy")
	first, err := plan.NextTask(ctx, "Build")
	require.NoError(t, err, "a plan can be changed before it is posted")
	_, err = p.thread.Post(ctx, plan)
	require.NoError(t, err)
	second, err := plan.NextTask(ctx, "Test")
	require.NoError(t, err)
	require.NoError(t, plan.UpdateTask(ctx, second, func(task *chat.Task) { task.Details = "unit" }))
	require.NoError(t, plan.Fail(ctx, "Broken"))
	want := chat.PlanState{Title: "Broken", Tasks: []chat.Task{
		{ID: first, Title: "Build", Status: chat.TaskComplete},
		{ID: second, Title: "Test", Status: chat.TaskError, Details: "unit"},
	}}
	require.Equal(t, want, plan.State())
	post := p.fake.Posts(p.thread.ID())[0]
	require.Equal(t, &want, post.Plan)
	require.Equal(t, 3, post.Edits)
}

func TestWrongUseOfPlans(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	for _, plan := range []*chat.Plan{nil, {}, chat.NewPlan("")} {
		_, err := p.thread.Post(ctx, plan)
		require.ErrorIs(t, err, chat.ErrInvalidArgument)
	}
	plan := chat.NewPlan("x", chat.Task{ID: "a"})
	p.fake.FailNext(failure(chat.CodePermission))
	_, err := p.thread.Post(ctx, plan)
	require.ErrorIs(t, err, chat.ErrPermission)
	sent, err := p.thread.Post(ctx, plan)
	require.NoError(t, err, "what was refused can be posted")
	_, err = p.thread.Post(ctx, plan)
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.ErrorIs(t, sent.Edit(ctx, chat.NewPlan("y")), chat.ErrInvalidArgument)
	_, err = plan.AddTask(ctx, chat.Task{ID: "a"})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	require.ErrorIs(t, plan.UpdateTask(ctx, "b", func(*chat.Task) {}), chat.ErrInvalidArgument)
	require.Equal(t, []string{"x\npending: "}, p.texts())
}

func TestPlansAsAnswersAndToChannels(t *testing.T) {
	p := newPosting(t, nil)
	ctx := t.Context()
	first, err := p.thread.Post(ctx, chat.Text("first"))
	require.NoError(t, err)
	answer := chat.NewPlan("x")
	_, err = p.thread.Reply(ctx, first.ID(), answer)
	require.NoError(t, err)
	require.NoError(t, answer.SetTitle(ctx, "y"))
	require.Equal(t, []string{"first", "📋 **y**"}, p.texts())

	plan := chat.NewPlan("x")
	sent, err := p.thread.Channel().Post(ctx, plan)
	require.NoError(t, err)
	require.NoError(t, plan.SetTitle(ctx, "y"))
	require.Equal(t, []string{"📋 **y**"}, textsOf(p.fake.Posts(sent.Thread().ID())))
}

// Changes that come while an edit is on its way are shown by one more.
func TestEditsOfAPlanAreMadeOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &editor{start: time.Now(), takes: time.Second}
		p := newPostingOn(t, chattest.Config{Without: []chattest.Ability{chattest.PlanPoster}}, on(func(a *chattest.Adapter) chat.Adapter {
			e.Adapter = a
			return e
		}))
		plan := chat.NewPlan("x")
		_, err := p.thread.Post(t.Context(), plan)
		require.NoError(t, err)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				_, err := plan.AddTask(t.Context(), chat.Task{Title: fmt.Sprint(i)})
				require.NoError(t, err)
			})
		}
		all.Wait()
		require.LessOrEqual(t, len(e.calls), 3)
		require.False(t, e.crowded)
		require.Equal(t, 20, strings.Count(p.texts()[0], "⬜"))
	})
}

func TestAPlansEditThatFailedIsMadeWithTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPosting(t, nil)
		plan := chat.NewPlan("x")
		_, err := p.thread.Post(t.Context(), plan)
		require.NoError(t, err)
		p.fake.FailNext(failure(chat.CodeTemporary))
		_, err = plan.AddTask(t.Context(), chat.Task{Title: "a"})
		require.ErrorIs(t, err, chat.ErrTemporary)
		_, err = plan.AddTask(t.Context(), chat.Task{Title: "b"})
		require.NoError(t, err)
		require.Equal(t, []string{"x\npending: a\npending: b"}, p.texts())

		p.fake.FailNext(limited(5 * time.Second))
		go func() {
			time.Sleep(time.Second)
			_ = plan.SetTitle(context.Background(), "y")
		}()
		require.NoError(t, plan.Complete(t.Context(), ""))
		require.Equal(t, []string{"y\npending: a\npending: b"}, p.texts(), "a repeated edit shows what is so by then")
		synctest.Wait()
	})
}
