package chat

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

func (Stream) postable()      {}
func (Chunks) postable()      {}
func (*streamPost) postable() {}

// streamPost is a stream with its options.
type streamPost struct {
	chunks iter.Seq2[Chunk, error]
	opts   StreamOptions
}

// With returns the stream with options.
func (s Stream) With(opts StreamOptions) Postable {
	return &streamPost{chunks: textChunks(s), opts: opts}
}

// With returns the stream with options.
func (c Chunks) With(opts StreamOptions) Postable {
	return &streamPost{chunks: c.seq(), opts: opts}
}

func (c Chunks) seq() iter.Seq2[Chunk, error] { return iter.Seq2[Chunk, error](c) }

// textChunks is a stream of text as chunks.
func textChunks(text Stream) iter.Seq2[Chunk, error] {
	if text == nil {
		return nil
	}
	return func(yield func(Chunk, error) bool) {
		for s, err := range text {
			if !yield(Chunk{Text: s}, err) {
				return
			}
		}
	}
}

// stream posts a message that grows: by the platform's own means, or by posting
// the beginning and editing it.
func (o outlet) stream(ctx context.Context, p *streamPost) (*SentMessage, error) {
	if p.chunks == nil {
		return nil, fmt.Errorf("%w: the stream is nil", ErrInvalidArgument)
	}
	if err := p.opts.validate(); err != nil {
		return nil, err
	}
	sent, err := o.streamChunks(ctx, p)
	thread := o.thread
	if sent != nil {
		thread = sent.thread
	}
	o.markSession(ctx, thread, p.opts.Session)
	return sent, err
}

func (o outlet) streamChunks(ctx context.Context, p *streamPost) (*SentMessage, error) {
	src := &source{chunks: p.chunks, breakMark: o.chat.cfg.Streams.Break, guard: func() error { return o.guard(ctx) }}
	// What a failed attempt has shown can be edited, but not streamed into.
	if streamer, ok := o.adapter.(Streamer); ok && o.thread != nil && !o.attempt.expects(o.place) {
		sent, err := o.streamNatively(ctx, streamer, src, p.opts)
		if !isUnsupported(err) || src.read {
			return sent, err
		}
	}
	sent, err := newGrowth(o, src, p.opts.Interval).run(ctx)
	if err != nil || p.opts.End == nil || sent.isNothing() {
		return sent, err
	}
	// The platform has no place for it under a message: it follows.
	_, err = sent.thread.Post(ctx, Card(p.opts.End))
	return sent, err
}

func (o outlet) streamNatively(ctx context.Context, streamer Streamer, src *source, opts StreamOptions) (*SentMessage, error) {
	if current := o.thread.current; opts.Recipient == "" && current != nil {
		opts.Recipient = current.Author.UserID
	}
	var id MessageID
	var text string
	var err error
	if opts.End, err = o.chat.withCallbacks(ctx, o.scope, opts.End); err != nil {
		return nil, err
	}
	err = o.do(ctx, func(ctx context.Context) (err error) {
		id, text, err = streamer.StreamMessage(ctx, o.thread.id, src.all, opts)
		return err
	}, func() bool { return !src.read })
	switch {
	case id != "":
		o.attempt.note(posted{Place: o.place, Thread: o.thread.id, ID: id})
		return o.sent(ctx, o.thread, id, &Post{Markdown: text}), err
	case src.read && src.empty && src.err == nil:
		return o.nothing(), nil
	case err == nil:
		return nil, errNoID(o.adapter)
	}
	return nil, err
}

func (opts StreamOptions) validate() error {
	switch opts.Tasks {
	case "", TasksTimeline, TasksPlan:
	default:
		return fmt.Errorf("%w: StreamOptions.Tasks is %q, want TasksTimeline or TasksPlan", ErrInvalidArgument, opts.Tasks)
	}
	if opts.Session != "" {
		if err := opts.Session.validate("StreamOptions.Session"); err != nil {
			return err
		}
	}
	if opts.Interval < 0 {
		return fmt.Errorf("%w: StreamOptions.Interval is %v, want 0 (the default) or more", ErrInvalidArgument, opts.Interval)
	}
	if opts.End != nil {
		if err := opts.End.Validate(); err != nil {
			return fmt.Errorf("%w: StreamOptions.End: %w", ErrInvalidArgument, err)
		}
		if err := checkIDs(opts.End.Children); err != nil {
			return fmt.Errorf("StreamOptions.End: %w", err)
		}
	}
	return nil
}

// source is a stream on its way to the platform. One goroutine reads it, once.
type source struct {
	chunks    iter.Seq2[Chunk, error]
	guard     func() error // why to stop
	breakMark string

	read  bool  // its reading has begun
	empty bool  // nothing has come yet that can be shown
	err   error // why it ended early
}

// all yields the chunks. When the turn ends it yields the cause and stops; when
// the stream fails it yields the mark for that before the error. No emoji
// placeholder is split between two chunks.
func (s *source) all(yield func(Chunk, error) bool) {
	s.read, s.empty = true, true
	held := ""
	var steps steps
	for chunk, err := range s.chunks {
		if s.err = s.guard(); s.err != nil {
			s.fail(held, yield)
			return
		}
		chunk = steps.join(chunk)
		if task := chunk.Task; task != nil && task.Status == "" {
			pending := *task
			pending.Status = TaskPending
			chunk.Task = &pending
		}
		s.empty = s.empty && strings.TrimSpace(chunk.Text) == "" && chunk.Task == nil && chunk.PlanTitle == ""
		if s.err = err; err != nil {
			s.fail(held+chunk.Text, yield)
			return
		}
		chunk.Text, held = splitPlaceholder(held + chunk.Text)
		if !yield(chunk, nil) {
			return
		}
	}
	// A sequence may end because of its context, without saying so.
	if s.err = s.guard(); s.err != nil {
		s.fail(held, yield)
	} else if held != "" {
		yield(Chunk{Text: held}, nil)
	}
}

// fail yields what is left of the text and the error.
func (s *source) fail(rest string, yield func(Chunk, error) bool) {
	if s.guard() == nil && !s.empty {
		rest += s.breakMark
	}
	if rest == "" || yield(Chunk{Text: rest}, nil) {
		yield(Chunk{}, s.err)
	}
}
