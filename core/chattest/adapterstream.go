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
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], _ chat.StreamOptions) (chat.MessageID, string, error) {
	a.mu.Lock()
	err := a.can(ctx, Streamer, thread)
	a.mu.Unlock()
	if err != nil {
		return "", "", err
	}
	var id chat.MessageID
	var text strings.Builder
	plan := new(chat.PlanState)
	for chunk, fail := range chunks {
		text.WriteString(chunk.Text)
		plan.Take(chunk)
		if err = fail; err == nil {
			err = ctx.Err()
		}
		if err != nil {
			break
		}
		if text.Len() == 0 && plan.Title == "" && len(plan.Tasks) == 0 {
			continue
		}
		if id, err = a.showStream(ctx, thread, id, text.String(), plan); err != nil {
			break
		}
	}
	if err == nil {
		err = ctx.Err() // a sequence may end because of it
	}
	if id != "" && ctx.Err() != nil {
		plan.Fail()
		_, _ = a.showStream(context.WithoutCancel(ctx), thread, id, text.String(), plan)
	}
	return id, text.String(), err
}

// showStream posts the stream as far as it has come, or lets the post grow.
func (a *Adapter) showStream(ctx context.Context, thread chat.ThreadID, id chat.MessageID, text string, plan *chat.PlanState) (chat.MessageID, error) {
	show := func(p *Posted) {
		p.Text = a.spell(text)
		if plan.Title != "" || len(plan.Tasks) > 0 {
			p.Plan = clonePlan(*plan)
		}
	}
	if id != "" {
		return id, a.change(ctx, "stream", thread, id, show)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.allowed(ctx, thread); err != nil {
		return "", err
	}
	p := Posted{Thread: thread}
	show(&p)
	return a.addLocked(p)
}

// PostPlan records a plan.
func (a *Adapter) PostPlan(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, PlanPoster, thread); err != nil {
		return "", err
	}
	return a.addLocked(Posted{Thread: thread, Text: a.planText(plan), Plan: clonePlan(plan)})
}

// EditPlan replaces a plan.
func (a *Adapter) EditPlan(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.can(ctx, PlanPoster, thread); err != nil {
		return err
	}
	return a.changeLocked("edit", thread, id, func(p *Posted) {
		p.Text, p.Plan = a.planText(plan), clonePlan(plan)
		p.Edits++
	})
}

// planText has a line for the title and for each task.
func (s *store) planText(plan chat.PlanState) string {
	lines := []string{plan.Title}
	for _, task := range plan.Tasks {
		lines = append(lines, string(task.Status)+": "+task.Title)
	}
	return s.spell(strings.Join(lines, "\n"))
}

func clonePlan(plan chat.PlanState) *chat.PlanState {
	plan.Tasks = slices.Clone(plan.Tasks)
	return &plan
}

// EditInterval returns what [Config] says.
func (a *Adapter) EditInterval(chat.ThreadID) time.Duration { return a.cfg.EditInterval }
