package slack

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/chat"
)

const (
	// streamInterval is the least time between two calls for one stream: Slack
	// allows 100 a minute. https://docs.slack.dev/reference/methods/chat.appendStream
	streamInterval = 600 * time.Millisecond
	// segmentAge is when a stream goes on in another message: Slack ends one after
	// about five minutes. https://github.com/vercel/chat/issues/607
	segmentAge = 4 * time.Minute
)

// StreamMessage posts a message that grows, in a thread. In a channel Slack wants
// to know the recipient; without one, and outside of threads, it is
// [errors.ErrUnsupported]. The recipient's workspace defaults to the one that Slack
// has said, else to the bot's. What
// one message cannot take goes on in further ones, as with PostMessage.
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	channel, threadTS, err := splitThreadID(thread)
	if err != nil {
		return "", "", err
	}
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	if opts.RecipientTeam == "" && opts.Recipient != "" {
		opts.RecipientTeam = a.recipientTeam(ctx, channel, string(opts.Recipient))
	}
	if threadTS == "" || !isDM(channel) && (opts.Recipient == "" || opts.RecipientTeam == "") {
		return "", "", unsupported("streaming outside of a thread, or in a channel without a recipient")
	}
	end := []outgoing{}
	if opts.End != nil {
		if end, err = render(chat.Card(opts.End), nil); err != nil {
			return "", "", err
		}
	}
	client, err := a.client(ctx, channel)
	if err != nil {
		return "", "", err
	}
	s := &stream{
		a: a, client: client, channel: channel, threadTS: threadTS, opts: opts, end: end,
		wake: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
	}
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go s.run(sending)
	failed := s.consume(ctx, chunks)
	if ctx.Err() != nil {
		defer time.AfterFunc(finishTimeout, stop).Stop()
	}
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
	a.keepParts(ctx, channel, s.posted[0], s.posted[1:])
	return messageID(channel, s.posted[0]), s.raw.String(), failed
}

// stream is a message that grows. One goroutine reads the chunks, another sends
// what has gathered since its last call.
type stream struct {
	a        *Adapter
	client   *slackapi.Client
	channel  string
	threadTS string
	opts     chat.StreamOptions
	end      []outgoing

	wake    chan struct{} // something is queued
	closing chan struct{} // nothing more will be
	done    chan struct{} // all is sent, or err says why not

	mu    sync.Mutex
	queue []slackapi.StreamChunk
	raw   strings.Builder // the text as it came

	// The sender's own, until done.
	err     error
	posted  []string // the ts of each message
	ts      string   // the message that grows, or empty
	started time.Time
	text    string                     // its text
	plan    *slackapi.PlanUpdateChunk  // the title of the tasks
	tasks   []slackapi.TaskUpdateChunk // those that are not finished
	edited  bool                       // Slack has no streams there: post and edit
}

// consume queues the chunks. It returns why it stopped before their end.
func (s *stream) consume(ctx context.Context, chunks iter.Seq2[chat.Chunk, error]) error {
	w := markdownWriter{find: s.a.userFinder(ctx, s.channel)}
	defer func() { s.put(w.close(), nil) }()
	for chunk, err := range chunks {
		if err == nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.mu.Lock()
		s.raw.WriteString(chunk.Text)
		s.mu.Unlock()
		s.put(w.write(chunk.Text), &chunk)
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
		s.queue = append(s.queue, slackapi.NewPlanUpdateChunk(shorten(plain(chunk.PlanTitle), maxTask)))
	}
	if chunk != nil && chunk.Task != nil {
		task := taskChunk(chunk.Task)
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

func taskChunk(task *chat.Task) slackapi.TaskUpdateChunk {
	id := or(head(task.ID, maxActionID), "task")
	c := slackapi.NewTaskUpdateChunk(id, shorten(or(strings.TrimSpace(plain(task.Title)), id), maxTask))
	c.Status = taskStatus(task.Status)
	c.Details, c.Output = shorten(plain(task.Details), maxTask), shorten(plain(task.Output), maxTask)
	return c
}

// run sends what is queued, with pauses, until there is no more.
func (s *stream) run(ctx context.Context) {
	defer close(s.done)
	for {
		last := false
		select {
		case <-s.wake:
		case <-s.closing:
			last = true
		}
		s.mu.Lock()
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		if s.err = s.send(ctx, queue); s.err == nil && last {
			s.err = s.finish(ctx)
		} else if s.err != nil {
			s.stop(ctx, nil)
		}
		if last || s.err != nil {
			return
		}
		pause := streamInterval
		if s.edited {
			pause = s.a.EditInterval("")
		}
		select {
		case <-time.After(pause):
		case <-s.closing:
		}
	}
}

// send sends chunks, in calls that take at most so much text each.
func (s *stream) send(ctx context.Context, queue []slackapi.StreamChunk) error {
	var call []slackapi.StreamChunk
	room := maxMarkdown
	flush := func() error {
		if len(call) == 0 {
			return nil
		}
		err := s.deliver(ctx, call)
		call, room = nil, maxMarkdown
		return err
	}
	for _, chunk := range queue {
		text, ok := chunk.(slackapi.MarkdownTextChunk)
		if !ok {
			call = append(call, chunk)
			continue
		}
		for rest := text.Text; rest != ""; {
			part := head(rest, room)
			if part == "" {
				if err := flush(); err != nil {
					return err
				}
				continue
			}
			call = append(call, slackapi.NewMarkdownTextChunk(part))
			room -= length(part)
			rest = rest[len(part):]
		}
	}
	return flush()
}

// deliver appends chunks to the message, or begins another one.
func (s *stream) deliver(ctx context.Context, chunks []slackapi.StreamChunk) error {
	if s.edited {
		return s.edit(ctx)
	}
	if s.ts != "" && time.Since(s.started) > segmentAge {
		chunks = s.next(ctx, chunks)
	}
	begun := s.ts != ""
	err := s.append(ctx, chunks)
	switch {
	case begun && refusedWith(err, "message_not_in_streaming_state", "msg_too_long", "msg_blocks_too_long", "msg_blocks_too_many"):
		chunks = s.next(ctx, chunks)
		err = s.append(ctx, chunks)
	case refusedWith(err, "stopped_by_user"):
		return fmt.Errorf("slack: the user stopped the message: %w", chat.ErrTurnCancelled)
	case !begun && len(s.posted) == 0 && isMissing(err):
		s.a.log.DebugContext(ctx, "Slack streams nothing there, so the message is posted and edited", "channel", s.channel, "error", err)
		s.edited = true
		return s.edit(ctx)
	}
	if err == nil {
		s.note(chunks)
	}
	return err
}

// append makes one call.
func (s *stream) append(ctx context.Context, chunks []slackapi.StreamChunk) error {
	return patiently(ctx, func() error {
		if s.ts != "" {
			_, _, err := s.client.AppendStreamContext(ctx, s.channel, s.ts, slackapi.MsgOptionChunks(chunks...))
			return apiError("chat.appendStream", err)
		}
		options := []slackapi.MsgOption{slackapi.MsgOptionTS(s.threadTS), slackapi.MsgOptionChunks(chunks...)}
		if s.opts.Recipient != "" {
			options = append(options, slackapi.MsgOptionRecipientUserID(string(s.opts.Recipient)))
		}
		if s.opts.RecipientTeam != "" {
			options = append(options, slackapi.MsgOptionRecipientTeamID(s.opts.RecipientTeam))
		}
		if s.opts.Tasks != "" {
			options = append(options, slackapi.MsgOptionTaskDisplayMode(slackapi.TaskDisplayMode(s.opts.Tasks)))
		}
		_, ts, err := s.client.StartStreamContext(ctx, s.channel, options...)
		if err == nil && ts == "" {
			return noTS("chat.startStream")
		}
		if err == nil {
			s.ts, s.started, s.posted = ts, time.Now(), append(s.posted, ts)
		}
		return apiError("chat.startStream", err)
	})
}

// note keeps what a further message would have to begin with.
func (s *stream) note(chunks []slackapi.StreamChunk) {
	for _, chunk := range chunks {
		switch chunk := chunk.(type) {
		case slackapi.MarkdownTextChunk:
			s.text += chunk.Text
		case slackapi.PlanUpdateChunk:
			s.plan = &chunk
		case slackapi.TaskUpdateChunk:
			open := s.tasks[:0]
			for _, t := range s.tasks {
				if t.ID != chunk.ID {
					open = append(open, t)
				}
			}
			if s.tasks = open; chunk.Status != slackapi.TaskCardStatusComplete && chunk.Status != slackapi.TaskCardStatusError {
				s.tasks = append(s.tasks, chunk)
			}
		}
	}
}

// next ends the message and returns the chunks for the one after it. A code
// block is closed and opened again, the head of a table and the tasks that are
// not finished are repeated.
func (s *stream) next(ctx context.Context, chunks []slackapi.StreamChunk) []slackapi.StreamChunk {
	part, prefix := cutGrowing(s.text, len(s.text), maxMarkdown, utf16Units)
	var closing []slackapi.StreamChunk
	if end := part[len(s.text):]; end != "" {
		closing = []slackapi.StreamChunk{slackapi.NewMarkdownTextChunk(end)}
	}
	s.stop(ctx, closing)
	s.ts, s.text = "", ""
	var all []slackapi.StreamChunk
	if s.plan != nil {
		all = append(all, *s.plan)
	}
	for _, t := range s.tasks {
		all = append(all, t)
	}
	for _, chunk := range chunks {
		if text, ok := chunk.(slackapi.MarkdownTextChunk); ok && prefix != "" {
			chunk, prefix = slackapi.NewMarkdownTextChunk(prefix+strings.TrimPrefix(text.Text, "\n")), ""
		}
		all = append(all, chunk)
	}
	return all
}

// stop ends the message as far as it can.
func (s *stream) stop(ctx context.Context, closing []slackapi.StreamChunk) {
	if s.ts == "" || s.edited {
		return
	}
	var options []slackapi.MsgOption
	if len(closing) > 0 {
		options = append(options, slackapi.MsgOptionChunks(closing...))
	}
	_, _, err := s.client.StopStreamContext(ctx, s.channel, s.ts, options...)
	if err != nil && len(closing) > 0 {
		_, _, err = s.client.StopStreamContext(ctx, s.channel, s.ts)
	}
	if err != nil {
		s.a.log.DebugContext(ctx, "a stream could not be stopped", "channel", s.channel, "error", apiError("chat.stopStream", err))
	}
}

// finish ends the last message, with what stands under it.
func (s *stream) finish(ctx context.Context) error {
	end := s.end
	switch {
	case s.edited:
		if err := s.edit(ctx); err != nil {
			return err
		}
	case s.ts != "":
		var options []slackapi.MsgOption
		if len(end) > 0 && len(end[0].blocks) > 0 {
			options = append(options, slackapi.MsgOptionBlocks(end[0].blocks...))
		}
		err := patiently(ctx, func() error {
			_, _, err := s.client.StopStreamContext(ctx, s.channel, s.ts, options...)
			return apiError("chat.stopStream", err)
		})
		if err == nil && len(options) > 0 {
			end = end[1:]
		} else if err != nil && !refusedWith(err, "message_not_in_streaming_state") {
			return err
		}
	}
	for _, m := range end {
		err := patiently(ctx, func() error {
			ts, err := postOne(ctx, s.client, s.channel, s.threadTS, m)
			if err == nil {
				s.posted = append(s.posted, ts)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// edit shows all the text so far, where Slack has no streams.
func (s *stream) edit(ctx context.Context) error {
	s.mu.Lock()
	text := s.raw.String()
	s.mu.Unlock()
	if text == s.text {
		return nil
	}
	messages, err := render(&chat.Post{Markdown: text}, s.a.userFinder(ctx, s.channel))
	if err != nil || len(messages) == 0 {
		return nil //nolint:nilerr // Reason: there is nothing to show yet.
	}
	if s.ts == "" {
		first, more, err := s.a.postAll(ctx, s.client, s.channel, s.threadTS, messages)
		if err != nil {
			return err
		}
		s.ts, s.posted = first, append([]string{first}, more...)
		s.a.keepParts(ctx, s.channel, first, more)
	} else {
		err := patiently(ctx, func() error { return s.a.editAll(ctx, s.client, s.channel, s.threadTS, s.ts, messages) })
		if err != nil {
			return err
		}
		s.posted = append([]string{s.ts}, s.a.parts(ctx, s.channel, s.ts)...)
	}
	s.text = text
	return nil
}
