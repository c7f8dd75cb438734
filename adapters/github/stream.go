package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/core/markdown"
)

// finishTimeout bounds the posting of a stream whose context has ended.
const finishTimeout = 10 * time.Second

// StreamMessage posts a stream as one comment when it has ended, with its tasks
// above the text. With Config.EditStreams the bot posts and edits instead.
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	if a.config.EditStreams {
		return "", "", fmt.Errorf("github: streams of its own: %w", errors.ErrUnsupported)
	}
	if _, err := where(thread); err != nil {
		return "", "", err
	}
	var text strings.Builder
	var tasks taskList
	var failed error
	for chunk, err := range chunks {
		if failed = err; err != nil {
			break
		}
		if ctx.Err() != nil {
			break
		}
		text.WriteString(chunk.Text)
		tasks.take(chunk)
	}
	if failed == nil && ctx.Err() != nil {
		failed = context.Cause(ctx)
	}
	source := strings.TrimSpace(tasks.markdown() + text.String())
	if source == "" {
		return "", "", failed
	}
	if opts.End != nil {
		source += "\n\n" + format.CardMarkdown(opts.End, format.TextActions)
	}
	if failed != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
		defer cancel()
	}
	var id chat.MessageID
	patience := a.host.RateLimitWait()
	err := adapterkit.Retry(ctx, &patience, func() (err error) {
		id, err = a.post(ctx, thread, 0, chat.Markdown(source))
		return err
	})
	return id, text.String(), errors.Join(failed, err)
}

// taskList is the tasks of a stream, in the words in which the bot posts them elsewhere.
type taskList struct {
	title string
	tasks []chat.Task
}

func (l *taskList) take(chunk chat.Chunk) {
	if chunk.PlanTitle != "" {
		l.title = chunk.PlanTitle
	}
	if chunk.Task == nil {
		return
	}
	task := *chunk.Task
	if i := slices.IndexFunc(l.tasks, func(t chat.Task) bool { return t.ID == task.ID }); i >= 0 {
		task.Title = cmp.Or(task.Title, l.tasks[i].Title)
		l.tasks[i] = task
		return
	}
	l.tasks = append(l.tasks, task)
}

var taskMarks = map[chat.TaskStatus]string{chat.TaskInProgress: "🔄", chat.TaskComplete: "✅", chat.TaskError: "❌"}

// markdown is one paragraph with a line for the title and each task.
func (l *taskList) markdown() string {
	p := markdown.NewParagraph()
	line := func(mark string, content markdown.Node) {
		if len(p.Children) > 0 {
			p.Children = append(p.Children, &markdown.Break{})
		}
		p.Children = append(p.Children, markdown.NewText(mark+" "), content)
	}
	if l.title != "" {
		line("📋", markdown.NewStrong(markdown.NewText(l.title)))
	}
	for _, t := range l.tasks {
		line(cmp.Or(taskMarks[t.Status], "⬜"), markdown.NewText(cmp.Or(t.Title, t.ID)))
	}
	if len(p.Children) == 0 {
		return ""
	}
	return markdown.Print(markdown.NewRoot(p)) + "\n"
}
