package chattest

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// StreamMessage records a post that grows.
func (f *Fake) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
	f.mu.Lock()
	err := f.can(ctx, Streamer, thread)
	f.mu.Unlock()
	if err != nil {
		return "", "", err
	}
	var id chat.MessageID
	var text strings.Builder
	plan := new(chat.PlanState)
	for chunk, err := range chunks {
		if err != nil {
			return id, text.String(), err
		}
		text.WriteString(chunk.Text)
		grow(plan, chunk)
		if text.Len() == 0 && plan.Title == "" && len(plan.Tasks) == 0 {
			continue
		}
		if id, err = f.showStream(ctx, thread, id, text.String(), plan); err != nil {
			return id, text.String(), err
		}
	}
	return id, text.String(), ctx.Err()
}

// grow adds the chunk's task.
func grow(plan *chat.PlanState, chunk chat.Chunk) {
	if chunk.PlanTitle != "" {
		plan.Title = chunk.PlanTitle
	}
	if chunk.Task == nil {
		return
	}
	i := slices.IndexFunc(plan.Tasks, func(t chat.Task) bool { return t.ID == chunk.Task.ID })
	if i < 0 {
		plan.Tasks = append(plan.Tasks, *chunk.Task)
	} else {
		plan.Tasks[i] = *chunk.Task
	}
}

// showStream posts the stream as far as it has come, or lets the post grow.
func (f *Fake) showStream(ctx context.Context, thread chat.ThreadID, id chat.MessageID, text string, plan *chat.PlanState) (chat.MessageID, error) {
	show := func(p *Posted) {
		p.Text = spell(text)
		if plan.Title != "" || len(plan.Tasks) > 0 {
			p.Plan = clonePlan(*plan)
		}
	}
	if id != "" {
		return id, f.change(ctx, "stream", thread, id, show)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.allowed(ctx, thread); err != nil {
		return "", err
	}
	p := Posted{Thread: thread}
	show(&p)
	return f.addLocked(p), nil
}

// PostPlan records a plan.
func (f *Fake) PostPlan(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, PlanPoster, thread); err != nil {
		return "", err
	}
	return f.addLocked(Posted{Thread: thread, Text: planText(plan), Plan: clonePlan(plan)}), nil
}

// EditPlan replaces a plan.
func (f *Fake) EditPlan(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.can(ctx, PlanPoster, thread); err != nil {
		return err
	}
	return f.changeLocked("edit", thread, id, func(p *Posted) {
		p.Text, p.Plan = planText(plan), clonePlan(plan)
		p.Edits++
	})
}

// planText has a line for the title and for each task.
func planText(plan chat.PlanState) string {
	lines := []string{plan.Title}
	for _, task := range plan.Tasks {
		lines = append(lines, string(task.Status)+": "+task.Title)
	}
	return spell(strings.Join(lines, "\n"))
}

func clonePlan(plan chat.PlanState) *chat.PlanState {
	plan.Tasks = slices.Clone(plan.Tasks)
	return &plan
}

// EditInterval returns what SetEditInterval was given.
func (f *Fake) EditInterval(chat.ThreadID) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pace
}

// SetEditInterval sets the least time that the platform wants between two edits.
// By default it does not say.
func (f *Fake) SetEditInterval(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pace = d
}
