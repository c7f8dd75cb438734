package chat

import (
	"context"
	"fmt"
	"iter"
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
	src := &source{chunks: p.chunks, breakMark: o.chat.cfg.Streams.Break, guard: func() error { return o.guard(ctx) }}
	sent, err := o.streamChunks(ctx, src, p.opts)
	thread := o.thread
	if sent != nil {
		thread, sent.Finish = sent.thread, src.finish
	}
	o.markSession(ctx, thread, p.opts.Session)
	return sent, err
}

func (o outlet) streamChunks(ctx context.Context, src *source, opts StreamOptions) (*SentMessage, error) {
	// What a failed attempt has shown can be edited, but not streamed into.
	if streamer, ok := o.adapter.(Streamer); ok && o.thread != nil && !o.attempt.expects(o.place) {
		sent, err := o.streamNatively(ctx, streamer, src, opts)
		if !isUnsupported(err) || src.read {
			return sent, err
		}
	}
	sent, err := newGrowth(o, src, opts.Interval).run(ctx)
	if err != nil || opts.End == nil || sent.isNothing() {
		return sent, err
	}
	// The platform has no place for it under a message: it follows.
	_, err = sent.thread.Post(ctx, Card(opts.End))
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
		return o.sent(ctx, o.thread, id, src.began, &Post{Markdown: text}), err
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
