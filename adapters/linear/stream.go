package linear

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	updateSession = `mutation AgentSessionUpdate($id: String!, $input: AgentSessionUpdateInput!) { agentSessionUpdate(id: $id, input: $input) { success } }`
	// thoughtInterval is the least time between two thoughts that show how an answer
	// grows.
	thoughtInterval = 2 * time.Second
	// finishTimeout bounds what is said when the turn has ended.
	finishTimeout = 10 * time.Second
)

var errNoStream = fmt.Errorf("linear: streaming outside of an agent's session: %w", errors.ErrUnsupported)

// StreamMessage says in a session what an agent does, as it does it: how its answer
// grows is a thought, a task is an action, a plan is the session's, and the whole
// answer is the response. https://linear.app/developers/agent-interaction
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	p, err := placeOf(thread)
	if err != nil {
		return "", "", err
	}
	if p.session == "" {
		return "", "", errNoStream
	}
	workspace, err := a.workspaceOf(ctx, p)
	if err != nil {
		return "", "", err
	}
	s := &sessionStream{a: a, workspace: workspace, place: p, interval: max(thoughtInterval, opts.Interval), shown: time.Now()}
	return s.run(ctx, chunks, opts)
}

// sessionStream is an answer that grows in a session.
type sessionStream struct {
	a         *Adapter
	workspace string
	place     place
	interval  time.Duration
	shown     time.Time // when a thought has last shown the text
	text      strings.Builder
	plan      chat.PlanState
}

func (s *sessionStream) run(ctx context.Context, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	var failed error
	for chunk, err := range chunks {
		if failed = err; failed == nil && ctx.Err() != nil {
			failed = context.Cause(ctx)
		}
		s.text.WriteString(chunk.Text)
		if failed != nil {
			break
		}
		if err := s.show(ctx, chunk); err != nil {
			return "", "", err
		}
	}
	if failed == nil && ctx.Err() != nil {
		failed = context.Cause(ctx) // a sequence may end because of it
	}
	cut := ctx.Err() != nil
	if cut {
		s.plan.Fail()
	}
	text := s.text.String()
	post := &chat.Post{Markdown: text}
	if strings.TrimSpace(text) == "" {
		if post.Markdown = s.plan.Markdown(); post.Markdown == "" {
			if failed == nil {
				failed = fmt.Errorf("%w: linear: the stream has no text", chat.ErrInvalidArgument)
			}
			return "", "", failed
		}
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer stop()
	if cut && len(s.plan.Tasks) > 0 {
		_ = s.showPlan(ctx) // the answer says it all
	}
	id, err := s.finish(ctx, post, failed != nil, opts)
	if err != nil {
		return "", "", errors.Join(failed, err)
	}
	return id, text, failed
}

// show shows what a chunk has brought.
func (s *sessionStream) show(ctx context.Context, chunk chat.Chunk) error {
	if chunk.PlanTitle != "" || chunk.Task != nil {
		if err := s.showTask(ctx, chunk); err != nil {
			return err
		}
	}
	if chunk.Text == "" || time.Since(s.shown) < s.interval || strings.TrimSpace(s.text.String()) == "" {
		return nil
	}
	s.shown = time.Now()
	body, err := s.a.render(ctx, s.workspace, &chat.Post{Markdown: s.text.String()})
	if err == nil {
		_, err = s.a.say(ctx, s.workspace, s.place, vars{"type": "thought", "body": body}, true)
	}
	return passing(err)
}

// showTask shows a task as an action, and all of them as the session's plan.
func (s *sessionStream) showTask(ctx context.Context, chunk chat.Chunk) error {
	s.plan.Take(chunk)
	if chunk.Task != nil {
		task := s.plan.Tasks[slices.IndexFunc(s.plan.Tasks, func(t chat.Task) bool { return t.ID == chunk.Task.ID })]
		title := titleOf(task)
		content := vars{"type": "action", "action": title, "parameter": task.Details}
		if task.Output != "" {
			content["result"] = task.Output
		}
		if task.Status == chat.TaskError {
			content = vars{"type": "error", "body": strings.TrimSpace(title + "\n" + task.Output)}
		}
		if _, err := s.a.say(ctx, s.workspace, s.place, content, task.Status == chat.TaskPending || task.Status == chat.TaskInProgress); passing(err) != nil {
			return err
		}
	}
	return s.showPlan(ctx)
}

// showPlan shows all tasks as the session's plan.
func (s *sessionStream) showPlan(ctx context.Context) error {
	var steps []vars
	for _, t := range s.plan.Tasks {
		steps = append(steps, vars{"content": titleOf(t), "status": stepStatus[t.Status]})
	}
	if len(steps) == 0 {
		steps = []vars{{"content": s.plan.Title, "status": "inProgress"}}
	}
	return passing(s.a.query(ctx, s.workspace, "agentSessionUpdate", updateSession, vars{"id": s.place.session, "input": vars{"plan": steps}}, nil))
}

// stepStatus are the statuses of a plan's steps.
// https://linear.app/developers/agent-interaction#agent-plans
var stepStatus = map[chat.TaskStatus]string{
	"": "pending", chat.TaskPending: "pending", chat.TaskInProgress: "inProgress", chat.TaskComplete: "completed", chat.TaskError: "canceled",
}

// titleOf is what a task is called.
func titleOf(task chat.Task) string { return cmp.Or(task.Title, task.ID) }

// passing lets pass what only concerns how an answer is shown while it grows: the
// response says it all.
func passing(err error) error {
	if errors.Is(err, chat.ErrTemporary) || errors.Is(err, chat.ErrRateLimited) {
		return nil
	}
	return err
}

// finish says the whole answer. One that has failed is an error of the session.
func (s *sessionStream) finish(ctx context.Context, post *chat.Post, failed bool, opts chat.StreamOptions) (chat.MessageID, error) {
	body, err := s.a.render(ctx, s.workspace, post)
	if err != nil {
		return "", err
	}
	kind := "response"
	if failed {
		kind = "error"
	} else if opts.End != nil {
		body += "\n\n" + format.CardMarkdown(opts.End, format.TextActions)
	}
	return s.a.say(ctx, s.workspace, s.place, vars{"type": kind, "body": body}, false)
}
