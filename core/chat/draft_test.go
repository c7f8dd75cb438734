package chat_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

// drafter is a platform that shows drafts.
type drafter struct {
	*editor
	lasts  time.Duration
	drafts map[int32]bool
}

func (d *drafter) ShowDraft(ctx context.Context, _ chat.ThreadID, draft int32, post *chat.Post) (time.Duration, error) {
	if draft < 1 {
		return 0, fmt.Errorf("%w: draft %d", chat.ErrInvalidArgument, draft)
	}
	d.drafts[draft] = true
	return d.lasts, d.asked(ctx, "draft "+post.AsMarkdown())
}

// drafting runs a test of a stream in virtual time on such a platform.
func drafting(t *testing.T, test func(t *testing.T, p *posting, d *drafter)) {
	t.Helper()
	d := &drafter{drafts: map[int32]bool{}}
	growing(t, func(c *chat.Config) {
		d.editor = c.Adapters[0].(*editor)
		c.Adapters[0] = d
	}, func(t *testing.T, p *posting, _ *editor) { test(t, p, d) })
}

func TestAStreamIsADraftUntilItIsWhole(t *testing.T) {
	drafting(t, func(t *testing.T, p *posting, d *drafter) {
		sent, err := p.thread.Post(t.Context(), slowly(t.Context(), 190*ms, nil, "Some ", "**bo", "ld** ", "text", "."))
		require.NoError(t, err)
		require.Equal(t, []string{"190ms draft Some ", "690ms draft Some **bold** ", "1.14s post Some **bold** text."}, d.calls)
		require.Len(t, d.drafts, 1)
		require.Equal(t, "Some bold text.", sent.Message.Text)
		require.Equal(t, []string{"Some **bold** text."}, p.texts())
	})
}

func TestADraftIsShownAgainBeforeThePlatformHidesIt(t *testing.T) {
	drafting(t, func(t *testing.T, p *posting, d *drafter) {
		d.lasts = 30 * time.Second
		_, err := p.thread.Post(t.Context(), slowly(t.Context(), 50*time.Second, nil, "a"))
		require.NoError(t, err)
		require.Equal(t, []string{"50s draft a", "1m10s draft a", "1m30s draft a", "1m40s post a"}, d.calls)
	})
}

func TestADraftThatCannotBeShown(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		calls []string
	}{
		"unsupported": {errors.ErrUnsupported, []string{"100ms draft a", "100ms post a", "600ms edit ab", "1.7s edit abc"}},
		"refused":     {chat.ErrPermission, []string{"100ms draft a", "1.7s post abc"}},
		"limited":     {limited(time.Second), []string{"100ms draft a", "1.1s draft ab", "1.7s post abc"}},
	} {
		t.Run(name, func(t *testing.T) {
			drafting(t, func(t *testing.T, p *posting, d *drafter) {
				d.refuse = func(call string) error {
					if call == "draft a" {
						return test.err
					}
					return nil
				}
				_, err := p.thread.Post(t.Context(), chat.Stream(func(yield func(string, error) bool) {
					for _, next := range []struct {
						after time.Duration
						text  string
					}{{100 * ms, "a"}, {100 * ms, "b"}, {1500 * ms, "c"}} {
						_ = pause(t.Context(), next.after)
						yield(next.text, nil)
					}
				}))
				require.NoError(t, err)
				require.Equal(t, test.calls, d.calls)
				require.Equal(t, []string{"abc"}, p.texts())
			})
		})
	}
}

func TestAStreamThatFailsLeavesAMessageInPlaceOfItsDraft(t *testing.T) {
	drafting(t, func(t *testing.T, p *posting, d *drafter) {
		sent, err := p.thread.Post(t.Context(), slowly(t.Context(), 100*ms, errModel, "half"))
		require.ErrorIs(t, err, errModel)
		require.NotEmpty(t, sent.ID())
		require.Equal(t, []string{"100ms draft half", "200ms post half …"}, d.calls)
	})
}
