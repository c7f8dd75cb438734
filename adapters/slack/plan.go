package slack

import (
	"context"
	"fmt"
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// PostPlan posts a plan as Slack shows one. Tasks beyond the fiftieth are counted
// in the title. https://docs.slack.dev/reference/block-kit/blocks/plan-block
func (a *Adapter) PostPlan(ctx context.Context, thread chat.ThreadID, plan chat.PlanState) (chat.MessageID, error) {
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return "", err
	}
	return c.post(ctx, a.markup.planMessage(plan))
}

// EditPlan shows the plan as it is now.
func (a *Adapter) EditPlan(ctx context.Context, thread chat.ThreadID, id chat.MessageID, plan chat.PlanState) error {
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return err
	}
	ts, err := messageTS(opUpdate, c.channel, id)
	if err != nil {
		return err
	}
	return c.edit(ctx, ts, a.markup.planMessage(plan))
}

func (w markup) planMessage(plan chat.PlanState) outgoing {
	title := or(w.plain(plan.Title), "Plan")
	if n := len(plan.Tasks) - maxTasks; n > 0 {
		title = fmt.Sprintf("%s (+%d)", shorten(title, maxTask-20), n)
	}
	title = shorten(title, maxTask)
	block := slackapi.NewPlanBlock(title)
	lines := []string{escape(title)}
	var cards []*slackapi.TaskCardBlock
	used := map[string]bool{}
	for i, task := range plan.Tasks[:min(len(plan.Tasks), maxTasks)] {
		id := or(head(task.ID, maxActionID), fmt.Sprint("task-", i))
		if used[id] {
			id = fmt.Sprint("task-", i)
		}
		used[id] = true
		text := shorten(or(strings.TrimSpace(w.plain(task.Title)), id), maxTask)
		status := taskStatus(task.Status)
		lines = append(lines, "• ("+string(status)+") "+escape(text))
		card := slackapi.NewTaskCardBlock(id, text).WithStatus(status)
		if r := w.taskText(task.Details); r != nil {
			card.WithDetails(r)
		}
		if r := w.taskText(task.Output); r != nil {
			card.WithOutput(r)
		}
		cards = append(cards, card)
	}
	return outgoing{text: mrkdwnText(strings.Join(lines, "\n"), maxText).Text, blocks: []slackapi.Block{block.WithTasks(cards...)}}
}

func taskStatus(status chat.TaskStatus) slackapi.TaskCardStatus {
	switch status {
	case chat.TaskInProgress, chat.TaskComplete, chat.TaskError:
		return slackapi.TaskCardStatus(status)
	}
	return slackapi.TaskCardStatusPending
}

// taskText returns the Markdown of a task as rich text, or nil without any.
func (w markup) taskText(source string) *slackapi.RichTextBlock {
	text := strings.TrimSpace(markdown.PlainText(markdown.Parse(source)))
	if text == "" {
		return nil
	}
	return w.richText(shorten(text, maxTask))
}
