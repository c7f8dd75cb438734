package github

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/format"
	"github.com/chat-adapter/chat-go/core/chat"
)

// finishTimeout is the limit for posting a stream that has failed or whose context has
// ended.
const finishTimeout = 10 * time.Second

// StreamMessage posts a stream as one comment at its end, with its tasks above the text.
// If the stream fails or ctx ends, it posts the text until then and returns the error. With
// Config.EditStreams it returns [errors.ErrUnsupported], so that the bot posts and edits
// the comment.
func (a *Adapter) StreamMessage(ctx context.Context, thread chat.ThreadID, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions) (chat.MessageID, string, error) {
	if a.config.EditStreams {
		return "", "", fmt.Errorf("github: streams are edited (Config.EditStreams): %w", errors.ErrUnsupported)
	}
	if _, err := where(thread); err != nil {
		return "", "", err
	}
	var text strings.Builder
	var plan chat.PlanState
	var failed error
	for chunk, err := range chunks {
		if failed = err; err != nil {
			break
		}
		if ctx.Err() != nil {
			break
		}
		text.WriteString(chunk.Text)
		plan.Take(chunk)
	}
	if ctx.Err() != nil {
		plan.Fail()
		if failed == nil {
			failed = context.Cause(ctx)
		}
	}
	source := strings.TrimSpace(plan.Markdown() + "\n\n" + text.String())
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
