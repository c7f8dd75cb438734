package adapterkit

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// finishTimeout bounds the posting of a stream whose context has ended.
const finishTimeout = 10 * time.Second

// PostStream reads a stream to its end and posts it whole: the StreamMessage of an
// adapter whose platform cannot edit messages. Its tasks stand above the text, and
// StreamOptions.End follows as a message of its own. While the platform's rate limit
// refuses the post it waits, as [Retry] does. Where the stream or ctx ends early it
// posts what has come, and returns why. One without anything to show posts nothing.
func PostStream(ctx context.Context, host chat.Host, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions,
	post func(ctx context.Context, p *chat.Post) (chat.MessageID, error),
) (chat.MessageID, string, error) {
	var text strings.Builder
	var plan chat.PlanState
	failed := ctx.Err()
	if failed == nil {
		failed = readStream(ctx, chunks, &text, &plan)
	}
	if ctx.Err() != nil {
		plan.Fail() // whose end has not come
	}
	var shown []string
	for _, part := range []string{plan.Markdown(), text.String()} {
		if strings.TrimSpace(part) != "" {
			shown = append(shown, part)
		}
	}
	if len(shown) == 0 || errors.Is(failed, chat.ErrLockLost) { // whoever has the thread now posts all of it
		return "", "", failed
	}
	if failed != nil {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
		defer stop()
	}
	patience := host.RateLimitWait()
	var id chat.MessageID
	err := Retry(ctx, &patience, func() (err error) {
		id, err = post(ctx, &chat.Post{Markdown: strings.Join(shown, "\n\n")})
		return err
	})
	if err == nil && failed == nil && opts.End != nil {
		err = Retry(ctx, &patience, func() error {
			_, err := post(ctx, &chat.Post{Card: opts.End})
			return err
		})
	}
	return id, text.String(), errors.Join(failed, err)
}

// readStream reads a stream and returns why it has ended early.
func readStream(ctx context.Context, chunks iter.Seq2[chat.Chunk, error], text *strings.Builder, plan *chat.PlanState) error {
	for chunk, err := range chunks {
		text.WriteString(chunk.Text)
		plan.Take(chunk)
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // a sequence may end because of it
	}
	return nil
}
