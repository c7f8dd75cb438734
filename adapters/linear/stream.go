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
	// thoughtInterval is the least time between two thoughts with the text of a stream.
	thoughtInterval = 2 * time.Second
	// finishTimeout is the limit for the last posts of a stream.
	finishTimeout = 10 * time.Second
)

var errNoStream = fmt.Errorf("linear: only a session of an agent has streams: %w", errors.ErrUnsupported)

// StreamMessage shows a stream in a session: its text as thoughts while it grows, each task
// as an action, and all tasks as the plan of the session. The whole text at the end is the
// response, or an error of the session if the stream fails. Outside of sessions it returns
// [errors.ErrUnsupported], so that the bot posts and edits a comment.
// https://linear.app/developers/agent-interaction
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

// sessionStream is a stream in a session.
type sessionStream struct {
	a         *Adapter
	workspace string
	place     place
	interval  time.Duration
	shown     time.Time // the time of the last thought
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
		failed = context.Cause(ctx) // chunks may have ended because ctx has
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
		_ = s.showPlan(ctx) // the post below has everything
	}
	id, err := s.finish(ctx, post, failed != nil, opts)
	if err != nil {
		return "", "", errors.Join(failed, err)
	}
	return id, text, failed
}

// show shows the content of a chunk.
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

// showTask shows a task as an action, and all tasks as the plan of the session.
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

// showPlan shows all tasks as the plan of the session.
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

// stepStatus has the status of a step in a plan, by the status of the task.
// https://linear.app/developers/agent-interaction#agent-plans
var stepStatus = map[chat.TaskStatus]string{
	"": "pending", chat.TaskPending: "pending", chat.TaskInProgress: "inProgress", chat.TaskComplete: "completed", chat.TaskError: "canceled",
}

// titleOf returns the title of a task, or its id.
func titleOf(task chat.Task) string { return cmp.Or(task.Title, task.ID) }

// passing returns nil for a temporary error of a call that only shows progress: the last
// post has everything.
func passing(err error) error {
	if errors.Is(err, chat.ErrTemporary) || errors.Is(err, chat.ErrRateLimited) {
		return nil
	}
	return err
}

// finish posts the whole text: as the response, or as an error of the session if the stream
// has failed.
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
