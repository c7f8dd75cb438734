package adapterkit_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/adapterkit"
	"github.com/chat-adapter/chat-go/core/adapterkit/internal/kittest"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
)

func chunksOf(err error, all ...chat.Chunk) iter.Seq2[chat.Chunk, error] {
	return func(yield func(chat.Chunk, error) bool) {
		for _, c := range all {
			if !yield(c, nil) {
				return
			}
		}
		if err != nil {
			yield(chat.Chunk{}, err)
		}
	}
}

// posted posts a stream and returns the posts.
func posted(ctx context.Context, chunks iter.Seq2[chat.Chunk, error], opts chat.StreamOptions, refusals ...error) (posts []*chat.Post, id chat.MessageID, text string, err error) {
	id, text, err = adapterkit.PostStream(ctx, kittest.NewHost(), chunks, opts, func(ctx context.Context, p *chat.Post) (chat.MessageID, error) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if len(refusals) > 0 {
			refusal := refusals[0]
			refusals = refusals[1:]
			return "", refusal
		}
		posts = append(posts, p)
		return "m1", nil
	})
	return posts, id, text, err
}

func TestAStreamIsPostedWhole(t *testing.T) {
	t.Parallel()
	end := card.New("Was it good?")
	task := &chat.Task{ID: "1", Title: "Look it up", Status: chat.TaskInProgress}
	done := &chat.Task{ID: "1", Status: chat.TaskComplete}
	posts, id, text, err := posted(t.Context(), chunksOf(nil, chat.Chunk{Text: "one ", Task: task}, chat.Chunk{Text: "two", Task: done}), chat.StreamOptions{End: end})
	require.NoError(t, err)
	require.Equal(t, chat.MessageID("m1"), id)
	require.Equal(t, "one two", text)
	require.Len(t, posts, 2)
	require.Regexp(t, `(?s)^.*Look it up.*\n\none two$`, posts[0].Markdown)
	require.Same(t, end, posts[1].Card)

	posts, id, _, err = posted(t.Context(), chunksOf(nil, chat.Chunk{Text: " "}), chat.StreamOptions{End: end})
	require.NoError(t, err)
	require.Empty(t, posts)
	require.Empty(t, id)
}

func TestAStreamThatEndsEarlyIsPostedAsFarAsItCame(t *testing.T) {
	t.Parallel()
	broken := errors.New("the model broke off")
	posts, id, text, err := posted(t.Context(), chunksOf(broken, chat.Chunk{Text: "half"}), chat.StreamOptions{End: card.New("End")})
	require.ErrorIs(t, err, broken)
	require.Equal(t, chat.MessageID("m1"), id)
	require.Equal(t, "half", text)
	require.Len(t, posts, 1)

	ctx, cancel := context.WithCancelCause(t.Context())
	posts, _, _, err = posted(ctx, func(yield func(chat.Chunk, error) bool) {
		_ = yield(chat.Chunk{Text: "half"}, nil)
		cancel(chat.ErrTurnCancelled)
		_ = yield(chat.Chunk{Text: " and more"}, nil)
	}, chat.StreamOptions{})
	require.ErrorIs(t, err, chat.ErrTurnCancelled)
	require.Len(t, posts, 1)

	ctx, cancel = context.WithCancelCause(t.Context())
	posts, id, _, err = posted(ctx, func(yield func(chat.Chunk, error) bool) {
		_ = yield(chat.Chunk{Text: "half"}, nil)
		cancel(chat.ErrLockLost)
	}, chat.StreamOptions{})
	require.ErrorIs(t, err, chat.ErrLockLost)
	require.Empty(t, posts, "another instance posts all of it")
	require.Empty(t, id)

	_, _, _, err = posted(ctx, func(func(chat.Chunk, error) bool) { panic("read") }, chat.StreamOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// A task that runs when its turn is cancelled is not shown as if it ran on.
func TestTasksOfAStreamThatIsCancelled(t *testing.T) {
	t.Parallel()
	for name, further := range map[string]bool{"at its end": false, "before a chunk": true} {
		ctx, cancel := context.WithCancel(t.Context())
		posts, _, _, err := posted(ctx, func(yield func(chat.Chunk, error) bool) {
			for _, id := range []string{"1", "2"} {
				_ = yield(chat.Chunk{Task: &chat.Task{ID: id, Title: "Look it up", Status: chat.TaskInProgress}}, nil)
			}
			cancel()
			if further {
				_ = yield(chat.Chunk{Text: "more"}, nil)
			}
		}, chat.StreamOptions{})
		require.ErrorIs(t, err, context.Canceled, name)
		require.Len(t, posts, 1, name)
		require.Equal(t, 2, strings.Count(posts[0].Markdown, "❌"), "%s: %s", name, posts[0].Markdown)
	}
}

func TestAStreamWaitsForTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := &chat.PlatformError{Adapter: "pager", Op: "post", Code: chat.CodeRateLimited, RetryAfter: 5 * time.Second}
		begun := time.Now()
		posts, _, _, err := posted(t.Context(), chunksOf(nil, chat.Chunk{Text: "answer"}), chat.StreamOptions{}, limited)
		require.NoError(t, err)
		require.Len(t, posts, 1)
		require.Equal(t, 5*time.Second, time.Since(begun))
		_, id, _, err := posted(t.Context(), chunksOf(nil, chat.Chunk{Text: "answer"}), chat.StreamOptions{}, errors.New("refused"))
		require.EqualError(t, err, "refused")
		require.Empty(t, id)
	})
}
