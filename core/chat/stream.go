package chat

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"
)

// streamInterval is the least time between two edits of a message that grows.
const streamInterval = 500 * time.Millisecond

// postStream posts a message that grows: by the platform's own means, or by
// posting the beginning and editing it.
func (t *Thread) postStream(ctx context.Context, chunks iter.Seq2[Chunk, error]) (*SentMessage, error) {
	if chunks == nil {
		return nil, fmt.Errorf("%w: the stream is nil", ErrInvalidArgument)
	}
	chunks = t.guarded(ctx, chunks)
	if s, ok := t.adapter.(Streamer); ok {
		id, text, err := s.StreamMessage(ctx, t.id, chunks, StreamOptions{})
		if id == "" {
			return nil, err
		}
		return t.sent(ctx, id, &Post{Markdown: text}), err
	}
	return t.postAndEdit(ctx, chunks)
}

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

// guarded ends the sequence with the cause when the turn ends.
func (t *Thread) guarded(ctx context.Context, chunks iter.Seq2[Chunk, error]) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		for chunk, err := range chunks {
			if stop := t.guard(ctx); stop != nil {
				yield(Chunk{}, stop)
				return
			}
			if !yield(chunk, err) || err != nil {
				return
			}
		}
	}
}

// postAndEdit posts the first text and edits it as more comes. The last edit is
// the whole text.
func (t *Thread) postAndEdit(ctx context.Context, chunks iter.Seq2[Chunk, error]) (*SentMessage, error) {
	var text strings.Builder
	var id MessageID
	var failed error
	shown := ""
	var last time.Time
	for chunk, err := range chunks {
		text.WriteString(chunk.Text)
		if err != nil {
			failed = err
			break
		}
		if text.Len() == 0 || time.Since(last) < streamInterval {
			continue
		}
		if id == "" {
			if id, err = t.adapter.PostMessage(ctx, t.id, &Post{Markdown: text.String()}); err != nil {
				return nil, err
			}
			shown = text.String()
		} else if err := t.adapter.EditMessage(ctx, t.id, id, &Post{Markdown: text.String()}); err == nil {
			shown = text.String()
		} // else: the next edit shows it
		last = time.Now()
	}
	post := &Post{Markdown: text.String()}
	switch {
	case text.Len() == 0 && failed == nil:
		return nil, fmt.Errorf("%w: the stream has no text", ErrInvalidArgument)
	case text.Len() == 0:
		return nil, failed
	case shown != text.String():
		if err := t.adapter.EditMessage(context.WithoutCancel(ctx), t.id, id, post); err != nil {
			return nil, err
		}
	}
	return t.sent(ctx, id, post), failed
}
