package web

import (
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

// StreamMessage posts a message that grows with each chunk, and shows its tasks
// above the text. The message appears with its first text or task; a sequence
// without any is [chat.ErrInvalid].
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	const op = "StreamMessage"
	if err := checkTarget(ctx, thread); err != nil {
		return "", "", err
	}
	end := &body{}
	if opts.End != nil {
		var err error
		if end, err = a.texts.postBody(&chat.Post{Card: opts.End}); err != nil {
			return "", "", err
		}
	}
	s := &streamed{adapter: a, thread: thread, id: rand.Text()}
	defer func() { s.finish(ctx, end.Card) }() // also if the sequence panics
	fail := s.read(ctx, chunks)
	if s.live == nil {
		if fail == nil {
			fail = platformError(op, chat.CodeInvalid, errEmpty)
		}
		return "", "", fail
	}
	return chat.MessageID(s.id), s.raw.String(), fail
}

// streamed is a message while its chunks come.
type streamed struct {
	adapter *Adapter
	thread  chat.ThreadID
	id      string

	live *liveMessage
	raw  strings.Builder // as it came
	rest string          // the beginning of a character, an emoji or a mention
	plan *plan
}

func (s *streamed) read(ctx context.Context, chunks iter.Seq2[chat.Chunk, error]) error {
	defer func() { s.grow(s.adapter.texts.show(s.rest)) }()
	for chunk, err := range chunks {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if plan, changed := s.plan.take(chunk, s.adapter.texts); changed {
			s.plan = plan
			s.open().show(plan)
		}
		s.raw.WriteString(chunk.Text)
		whole, cut := wholeRunes(s.rest + chunk.Text)
		whole, rest := format.WholeSegments(whole)
		s.rest = rest + cut
		s.grow(s.adapter.texts.show(whole))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // a sequence may end because of it
	}
	return nil
}

func (s *streamed) open() *liveMessage {
	if s.live == nil {
		s.live = s.adapter.feeds.stream(s.thread, newUIMessage(s.id, roleAssistant, &body{Plan: s.plan}, time.Now()))
	}
	return s.live
}

func (s *streamed) grow(text string) {
	if text != "" {
		s.open().grow(text)
	}
}

// finish keeps what the history does not. Without it the message is text.
func (s *streamed) finish(ctx context.Context, end []byte) {
	if s.live == nil {
		return
	}
	stopped := errors.Is(context.Cause(ctx), chat.ErrTurnCancelled)
	if ctx.Err() != nil && s.plan != nil {
		s.plan = s.plan.failed()
		s.live.show(s.plan)
	}
	ctx = context.WithoutCancel(ctx)
	b := &body{Text: s.live.text.String(), Plan: s.plan, Card: end}
	if b.Plan != nil || b.Card != nil || stopped {
		if err := s.adapter.storeContent(ctx, s.thread, chat.MessageID(s.id), &content{Body: b, Stopped: stopped}); err != nil {
			s.adapter.log.WarnContext(ctx, "content-not-stored", "thread", string(s.thread), "message", s.id, "error", err)
		}
	}
	s.live.finish(b, stopped)
}
