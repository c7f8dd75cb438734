package slack

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// streamInterval is the least time between two calls for one stream: Slack
	// allows 100 a minute. https://docs.slack.dev/reference/methods/chat.appendStream
	streamInterval = 600 * time.Millisecond
	// segmentAge is from when on a stream goes on in another message, where no word
	// is torn, and segmentEnd when it does so anywhere, also if it is silent: Slack
	// ends a message after about five minutes and takes no more of it.
	// https://github.com/vercel/chat/issues/607
	segmentAge = 4 * time.Minute
	segmentEnd = segmentAge + 20*time.Second
)

// StreamMessage posts a message that grows, in a thread. In a channel Slack wants
// to know the recipient; without one, and outside of threads, it is
// [errors.ErrUnsupported]. The recipient's workspace defaults to the one that Slack
// has said, else to the bot's. What one message cannot take goes on in further ones,
// as with PostMessage.
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	if a.config.DisableNativeStreaming {
		return "", "", unsupported("streaming, which is off (Config.DisableNativeStreaming)")
	}
	c, err := a.conversation(ctx, thread)
	if err != nil {
		return "", "", err
	}
	if opts.RecipientTeam == "" && opts.Recipient != "" {
		opts.RecipientTeam = a.recipientTeam(ctx, c.channel, string(opts.Recipient))
	}
	if c.threadTS == "" || !isDM(c.channel) && (opts.Recipient == "" || opts.RecipientTeam == "") {
		return "", "", unsupported("streaming outside of a thread, or in a channel without a recipient")
	}
	var end []outgoing
	if opts.End != nil {
		if end, err = a.render(ctx, chat.Card(opts.End), nil); err != nil {
			return "", "", err
		}
	}
	s := &stream{
		conversation: c, a: a, opts: opts, end: end,
		wake: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
	}
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go s.run(sending)
	failed := s.consume(ctx, chunks)
	if ctx.Err() != nil {
		defer time.AfterFunc(finishTimeout, stop).Stop()
	}
	s.broken = failed != nil
	close(s.closing)
	<-s.done
	if failed == nil {
		failed = s.err
	}
	if len(s.posted) == 0 {
		if failed == nil {
			failed = fmt.Errorf("%w: slack: the stream has no text", chat.ErrInvalidArgument)
		}
		return "", "", failed
	}
	a.parts.Keep(ctx, s.posted)
	return s.posted[0], s.raw.String(), failed
}

// stream is a message that grows. One goroutine reads the chunks, another sends
// what has gathered since its last call.
type stream struct {
	conversation
	a    *Adapter
	opts chat.StreamOptions
	end  []outgoing

	wake    chan struct{} // something is queued
	closing chan struct{} // nothing more will be
	done    chan struct{} // all is sent, or err says why not

	mu    sync.Mutex
	queue []slackapi.StreamChunk
	raw   strings.Builder // the text as it came

	broken bool // the chunks ended with an error; set before closing

	// The sender's own, until done.
	err     error
	posted  []chat.MessageID
	ts      string // the message that grows, or empty
	started time.Time
	text    string // its text
	ended   string // the text of the message before, which nothing has gone on with
	carries bool   // the next message begins with the tasks
	plan    *slackapi.PlanUpdateChunk
	tasks   []slackapi.TaskUpdateChunk // those that are not finished
	edited  bool                       // Slack takes no stream there: post and edit
	before  []chat.MessageID           // the messages before those that are edited
}

// consume queues the chunks. It returns why it stopped before their end.
func (s *stream) consume(ctx context.Context, chunks iter.Seq2[chat.Chunk, error]) error {
	w := format.MarkdownWriter{Rewrites: s.a.markup.slackMarkdown(s.a.userFinder(ctx, s.channel))}
	defer func() { s.put(w.Close(), nil) }()
	for chunk, err := range chunks {
		if err == nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.mu.Lock()
		s.raw.WriteString(chunk.Text)
		s.mu.Unlock()
		s.put(w.Write(chunk.Text), &chunk)
		if err != nil {
			return err
		}
		select {
		case <-s.done:
			return s.err
		default:
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // a sequence may end because of it
	}
	return nil
}

// put queues text, and the task and the title of a chunk. Text joins text, and a
// task takes the place of what was not sent of it yet.
func (s *stream) put(text string, chunk *chat.Chunk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != "" {
		if n := len(s.queue); n > 0 {
			if last, ok := s.queue[n-1].(slackapi.MarkdownTextChunk); ok {
				text = last.Text + text
				s.queue = s.queue[:n-1]
			}
		}
		s.queue = append(s.queue, slackapi.NewMarkdownTextChunk(text))
	}
	if chunk != nil && chunk.PlanTitle != "" {
		s.queue = append(s.queue, slackapi.NewPlanUpdateChunk(shorten(s.a.markup.plain(chunk.PlanTitle), maxTask)))
	}
	if chunk != nil && chunk.Task != nil {
		task := s.a.markup.taskChunk(chunk.Task)
		queued := false
		for i, other := range s.queue {
			if t, ok := other.(slackapi.TaskUpdateChunk); ok && t.ID == task.ID {
				s.queue[i], queued = task, true
			}
		}
		if !queued {
			s.queue = append(s.queue, task)
		}
	}
	if len(s.queue) > 0 {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

func (w markup) taskChunk(task *chat.Task) slackapi.TaskUpdateChunk {
	id := or(head(task.ID, maxActionID), "task")
	c := slackapi.NewTaskUpdateChunk(id, shorten(or(strings.TrimSpace(w.plain(task.Title)), id), maxTask))
	c.Status = taskStatus(task.Status)
	c.Details, c.Output = shorten(w.plain(task.Details), maxTask), shorten(w.plain(task.Output), maxTask)
	return c
}
