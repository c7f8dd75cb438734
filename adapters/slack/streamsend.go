package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

// run sends what is queued, with pauses, until there is no more.
func (s *stream) run(ctx context.Context) {
	defer close(s.done)
	for {
		select {
		case <-s.wake:
		case <-s.overdue():
			s.endMessage(ctx, false)
			continue
		case <-s.closing:
		}
		last := s.isClosing() // also when it was woken: what is left then goes in one call
		if s.err = s.send(ctx, s.take(last)); s.err == nil && last {
			s.err = s.finish(ctx)
		} else if s.err != nil && !s.edited && s.ts != "" {
			s.stop(ctx, s.withStatus(slackapi.TaskCardStatusError))
		}
		if last || s.err != nil {
			return
		}
		pause := streamInterval
		if s.edited {
			pause = s.a.EditInterval("")
		}
		select {
		case <-time.After(max(pause, s.opts.Interval)):
		case <-s.closing:
		}
	}
}

// isClosing reports whether nothing more will be queued.
func (s *stream) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// overdue tells when the message has to end.
func (s *stream) overdue() <-chan time.Time {
	if s.ts == "" || s.edited {
		return nil
	}
	return time.After(time.Until(s.started.Add(segmentEnd)))
}

// isOld reports whether the message should end.
func (s *stream) isOld() bool { return s.ts != "" && time.Since(s.started) > segmentAge }

// take returns what is queued. The end of the text stays in the queue as long as
// more of it would be torn from it by a new message, unless all is wanted.
func (s *stream) take(all bool) []slackapi.StreamChunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.queue
	s.queue = nil
	if n := len(queue); n > 0 && !all && !s.edited {
		if text, ok := queue[n-1].(slackapi.MarkdownTextChunk); ok {
			at := max(format.Settled(s.text+text.Text)-len(s.text), 0)
			if rest := text.Text[at:]; rest != "" {
				s.queue = []slackapi.StreamChunk{slackapi.NewMarkdownTextChunk(rest)}
			}
			if queue = queue[:n-1]; at > 0 {
				queue = append(queue, slackapi.NewMarkdownTextChunk(text.Text[:at]))
			}
		}
	}
	return queue
}

// send sends chunks: into the message as long as it takes them, then into further
// ones.
func (s *stream) send(ctx context.Context, queue []slackapi.StreamChunk) error {
	var call []slackapi.StreamChunk
	shown := s.text
	for _, chunk := range queue {
		text, ok := chunk.(slackapi.MarkdownTextChunk)
		if !ok {
			call = append(call, chunk)
			continue
		}
		rest := text.Text
		if s.ts == "" && s.ended != "" { // it goes on with a message that has ended
			_, rest = format.CutGrowing(s.ended+rest, len(s.ended), 0, format.UTF16)
			s.ended = ""
		}
		for !s.edited && (s.isOld() || !fitsStream(shown+rest)) {
			part, more, ok := format.CutBetweenWords(shown+rest, len(shown), max(streamCut(shown+rest), length(shown)+streamSlack), format.UTF16)
			if !ok && fitsNearly(shown+rest) {
				break // a better place may come
			} else if !ok {
				part, more = format.CutGrowing(shown+rest, len(shown), streamCut(shown+rest), format.UTF16)
			}
			if shown == "" && len(more) >= len(rest) { // it can be cut nowhere
				part, more = head(rest, maxStreamText), rest[len(head(rest, maxStreamText)):]
			}
			if part != shown {
				call = append(call, slackapi.NewMarkdownTextChunk(part[len(shown):]))
			}
			if err := s.deliver(ctx, call); err != nil {
				return err
			}
			if call = nil; !s.edited && s.ts != "" {
				s.endMessage(ctx, false)
				s.ended = ""
			}
			shown, rest = "", more
		}
		if rest != "" {
			call = append(call, slackapi.NewMarkdownTextChunk(rest))
			shown += rest
		}
	}
	return s.deliver(ctx, call)
}

// deliver appends chunks to the message, or begins one.
func (s *stream) deliver(ctx context.Context, chunks []slackapi.StreamChunk) error {
	if len(chunks) == 0 {
		return nil
	}
	if s.edited {
		for _, chunk := range chunks {
			if text, ok := chunk.(slackapi.MarkdownTextChunk); ok {
				s.text += text.Text
			}
		}
		return s.showText(ctx)
	}
	begun := s.ts != ""
	if !begun && s.carries {
		chunks, s.carries = append(s.carried(), chunks...), false
	}
	err := s.append(ctx, chunks)
	switch {
	case err == nil:
		s.note(chunks)
	case refusedWith(err, "stopped_by_user"):
		return stoppedByUser()
	case begun && (isContentRefusal(err) || refusedWith(err, "message_not_in_streaming_state")):
		s.endMessage(ctx, !isContentRefusal(err))
		for i, chunk := range chunks {
			if text, ok := chunk.(slackapi.MarkdownTextChunk); ok {
				_, rest := format.CutGrowing(s.ended+text.Text, len(s.ended), 0, format.UTF16)
				chunks[i], s.ended = slackapi.NewMarkdownTextChunk(rest), ""
				break
			}
		}
		return s.deliver(ctx, chunks)
	case !begun && (isContentRefusal(err) || len(s.posted) == 0 && isMissing(err)):
		s.a.log.DebugContext(ctx, "stream-refused", "channel", s.channel, "error", err)
		s.edited, s.text, s.before = true, "", s.posted // it is posted and edited
		return s.deliver(ctx, chunks)
	}
	return err
}

// stoppedByUser is the error of a stream that the user has stopped.
// https://docs.slack.dev/reference/methods/chat.appendStream
func stoppedByUser() error {
	return fmt.Errorf("slack: the user stopped the message: %w", chat.ErrTurnCancelled)
}

// append makes one call.
func (s *stream) append(ctx context.Context, chunks []slackapi.StreamChunk) error {
	return s.a.patiently(ctx, func() error {
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
			s.ts, s.started, s.posted = ts, time.Now(), append(s.posted, messageID(s.channel, ts))
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
			s.tasks = slices.DeleteFunc(s.tasks, func(t slackapi.TaskUpdateChunk) bool { return t.ID == chunk.ID })
			if chunk.Status != slackapi.TaskCardStatusComplete && chunk.Status != slackapi.TaskCardStatusError {
				s.tasks = append(s.tasks, chunk)
			}
		}
	}
}

// carried returns the title of the tasks and those that are not finished.
func (s *stream) carried() []slackapi.StreamChunk {
	var all []slackapi.StreamChunk
	if s.plan != nil {
		all = append(all, *s.plan)
	}
	for _, t := range s.tasks {
		all = append(all, t)
	}
	return all
}

// withStatus returns the tasks that are not finished, with another status.
func (s *stream) withStatus(status slackapi.TaskCardStatus) []slackapi.StreamChunk {
	var all []slackapi.StreamChunk
	for _, t := range s.tasks {
		t.Status = status
		all = append(all, t)
	}
	return all
}

// endMessage ends the message because the stream goes on in another one. What is
// open in its text is closed, and its tasks no longer look as if they ran there.
// gone says that Slack has ended it already.
func (s *stream) endMessage(ctx context.Context, gone bool) {
	part, _ := format.CutGrowing(s.text, len(s.text), 0, format.UTF16)
	switch {
	case !gone:
		chunks := s.withStatus(slackapi.TaskCardStatusPending)
		if end := part[len(s.text):]; end != "" {
			chunks = append([]slackapi.StreamChunk{slackapi.NewMarkdownTextChunk(end)}, chunks...)
		}
		s.stop(ctx, chunks)
	case part != s.text && len(s.tasks) == 0 && s.plan == nil: // an edit would lose tasks
		if err := s.edit(ctx, s.ts, outgoing{markdown: part}); err != nil {
			s.a.log.DebugContext(ctx, "stream-unrepaired", "channel", s.channel, "error", err)
		}
	}
	s.ended, s.ts, s.text, s.carries = s.text, "", "", true
}

// stop ends the message as far as it can: without what Slack does not take.
func (s *stream) stop(ctx context.Context, chunks []slackapi.StreamChunk) {
	err := s.stopWith(ctx, chunks, nil)
	if err != nil && len(chunks) > 0 && !refusedWith(err, "message_not_in_streaming_state") {
		err = s.stopWith(ctx, nil, nil)
	}
	if err != nil {
		s.a.log.DebugContext(ctx, "stream-not-stopped", "channel", s.channel, "error", err)
	}
}

// maxStops is how often a message is stopped.
const maxStops = 4

// stopWith makes the call, and makes it again while it fails for the moment:
// otherwise the message would look as if it still grew.
func (s *stream) stopWith(ctx context.Context, chunks []slackapi.StreamChunk, blocks []slackapi.Block) error {
	var options []slackapi.MsgOption
	if len(chunks) > 0 {
		options = append(options, slackapi.MsgOptionChunks(chunks...))
	}
	if len(blocks) > 0 {
		options = append(options, slackapi.MsgOptionBlocks(blocks...))
	}
	for try := 1; ; try++ {
		err := s.a.patiently(ctx, func() error {
			_, _, err := s.client.StopStreamContext(ctx, s.channel, s.ts, options...)
			return apiError("chat.stopStream", err)
		})
		if try == maxStops || !errors.Is(err, chat.ErrTemporary) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(streamInterval):
		}
	}
}

// finish ends the last message, with what stands under it.
func (s *stream) finish(ctx context.Context) error {
	end := s.end
	if s.ts != "" && !s.edited {
		var blocks []slackapi.Block
		if len(end) > 0 {
			blocks = end[0].blocks
		}
		var tasks []slackapi.StreamChunk
		if s.broken {
			tasks = s.withStatus(slackapi.TaskCardStatusError)
		}
		err := s.stopWith(ctx, tasks, blocks)
		switch {
		case err == nil && len(blocks) > 0:
			end = end[1:]
		case refusedWith(err, "stopped_by_user"):
			return stoppedByUser()
		case refusedWith(err, "message_not_in_streaming_state"):
		case errors.Is(err, chat.ErrInvalid) && len(blocks)+len(tasks) > 0:
			s.a.log.DebugContext(ctx, "stream-end-refused", "channel", s.channel, "error", err)
			s.stop(ctx, tasks) // what should stand under it follows
		case err != nil:
			return err
		}
	}
	if len(end) == 0 {
		return nil
	}
	first, err := s.a.parts.Post(ctx, len(end), s.calls(end))
	switch {
	case err == nil:
		s.posted = append(s.posted, s.messages(ctx, first)...)
	case errors.Is(err, chat.ErrInvalid) && len(s.posted) > 0: // the answer itself is there
		s.a.log.WarnContext(ctx, "stream-end-refused", "channel", s.channel, "error", err)
		return nil
	}
	return err
}

// showText shows the text since Slack took no stream any more.
func (s *stream) showText(ctx context.Context) error {
	messages := renderMarkdown(strings.TrimRight(s.text, " \n"))
	if len(messages) == 0 {
		return nil // there is nothing to show yet
	}
	var err error
	if s.ts == "" {
		var first chat.MessageID
		if first, err = s.a.parts.Post(ctx, len(messages), s.calls(messages)); err == nil {
			s.ts = tsOf(s.channel, first)
		}
	} else {
		err = s.a.patiently(ctx, func() error {
			return s.a.parts.Edit(ctx, messageID(s.channel, s.ts), len(messages), s.calls(messages))
		})
	}
	if err == nil {
		s.posted = slices.Concat(s.before, s.messages(ctx, messageID(s.channel, s.ts)))
	}
	return err
}

// messages returns the messages of a post.
func (s *stream) messages(ctx context.Context, first chat.MessageID) []chat.MessageID {
	all, err := s.a.parts.Messages(ctx, first)
	if err != nil {
		s.a.log.WarnContext(ctx, "stream-parts-unknown", "channel", s.channel, "error", err)
	}
	return all
}
