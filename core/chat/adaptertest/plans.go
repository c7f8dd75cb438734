package adaptertest

import (
	"fmt"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	rulePostPlan = "PostPlan posts the plan and returns the message's id."
	ruleEditPlan = "EditPlan shows the plan as it is now."
)

var planCases = []Case{
	{ID: "Plans/Post", Rule: rulePostPlan, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		sent := b.post(t, s, thread, chat.NewPlan("Deploy", chat.Task{Title: "Build it"}, chat.Task{Title: "Test it"}))
		b.mentions(t, s, "after a plan", thread, sent.ID(), "Deploy", "Build it", "Test it")
		b.remove(t, s, sent)
		b.shows(t, s, "after the deletion of a plan", thread)
	}},
	{ID: "Plans/Edit", Rule: ruleEditPlan, Needs: NeedsEdits, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		plan := chat.NewPlan("Deploy")
		sent := b.post(t, s, thread, plan)
		id, err := plan.AddTask(s.ctx, chat.Task{Title: "Build it"})
		must(t, "AddTask", err)
		b.mentions(t, s, "after another task", thread, sent.ID(), "Deploy", "Build it")
		must(t, "UpdateTask", plan.UpdateTask(s.ctx, id, func(task *chat.Task) {
			task.Title, task.Status = "Build all", chat.TaskComplete
		}))
		b.mentions(t, s, "after a change of a task", thread, sent.ID(), "Deploy", "Build all")
		must(t, "Complete", plan.Complete(s.ctx, "Deployed"))
		b.mentions(t, s, "after the end of a plan", thread, sent.ID(), "Deployed", "Build all")
	}},
	{ID: "Plans/Together", Rule: ruleEditPlan, Needs: NeedsEdits, Race: true, Run: func(t TB, s *Subject) {
		b, thread := s.rig(t), s.thread()
		plan := chat.NewPlan("Deploy")
		sent := b.post(t, s, thread, plan)
		titles := make([]string, 8)
		together(len(titles), func(i int) {
			titles[i] = fmt.Sprintf("step %d", i)
			_, err := plan.AddTask(s.ctx, chat.Task{Title: titles[i]})
			must(t, "AddTask, among others", err)
		})
		b.mentions(t, s, "after tasks that were added at once", thread, sent.ID(), titles...)
	}},
}
