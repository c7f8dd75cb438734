package adapterkit

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/chat"
)

// finishTimeout is the limit for posting a stream that has failed or whose context has
// ended.
const finishTimeout = 10 * time.Second

// PostStream reads a stream to its end and posts it as one message. It implements
// StreamMessage for a platform that cannot edit messages. The tasks are above the text, and
// StreamOptions.End follows as another message. While the rate limit refuses the post, it
// waits as [Retry] does. If the stream fails or ctx ends, it posts the text until then and
// returns the error, but with [chat.ErrLockLost] it posts nothing, because another instance
// posts the whole. A stream without text and tasks is not posted. It returns the id of the
// message and the text of the stream.
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
		plan.Fail() // tasks that are still open have failed
	}
	var shown []string
	for _, part := range []string{plan.Markdown(), text.String()} {
		if strings.TrimSpace(part) != "" {
			shown = append(shown, part)
		}
	}
	if len(shown) == 0 || errors.Is(failed, chat.ErrLockLost) { // another instance has the thread now, and posts the whole
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

// readStream reads a stream. It returns an error if the stream fails or ctx ends.
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
		return context.Cause(ctx) // chunks may have ended because ctx has
	}
	return nil
}
