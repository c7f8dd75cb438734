package chattest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/core/chat"
)

func TestMessageStore(t *testing.T) {
	t.Parallel()
	s := NewMessageStore("pager")
	first, err := s.Post(Posted{Thread: "pager:1", Text: "one"})
	require.NoError(t, err)
	named, err := s.Post(Posted{Thread: "pager:1", ID: "m7", Text: "two"})
	require.NoError(t, err)
	require.Equal(t, []chat.MessageID{"1", "m7"}, []chat.MessageID{first.ID, named.ID})

	require.NoError(t, s.Edit("pager:1", "1", func(p *Posted) { p.Text = "changed" }))
	require.NoError(t, s.React("pager:1", "1", "heart"))
	require.NoError(t, s.React("pager:1", "1", "heart"))
	require.NoError(t, s.React("pager:1", "1", "wave"))
	require.NoError(t, s.Unreact("pager:1", "1", "wave"))
	require.NoError(t, s.Delete("pager:1", "m7"))
	require.ErrorIs(t, s.Edit("pager:1", "m7", func(*Posted) {}), chat.ErrNotFound)
	require.ErrorIs(t, s.Delete("pager:2", "1"), chat.ErrNotFound)

	posts, err := s.Posts(t.Context(), "pager:1")
	require.NoError(t, err)
	require.Equal(t, []Posted{
		{ID: "1", Thread: "pager:1", Text: "changed", Edits: 1, Reactions: []string{"heart"}},
		{ID: "m7", Thread: "pager:1", Text: "two", Deleted: true},
	}, posts)
}

func TestMessageStoreRefusesByRate(t *testing.T) {
	t.Parallel()
	s := NewMessageStore("pager")
	_, err := s.Post(Posted{Thread: "pager:1"})
	require.NoError(t, err)
	for name, call := range map[string]func() error{
		"post":    func() error { _, err := s.Post(Posted{Thread: "pager:1"}); return err },
		"edit":    func() error { return s.Edit("pager:1", "1", func(*Posted) {}) },
		"react":   func() error { return s.React("pager:1", "1", "heart") },
		"unreact": func() error { return s.Unreact("pager:1", "1", "heart") },
		"type":    func() error { return s.Type("pager:1") },
	} {
		s.Limit(1, 3*time.Second)
		require.NoError(t, call(), name)
		err := call()
		failure, ok := errors.AsType[*chat.PlatformError](err)
		require.True(t, ok, name)
		require.Equal(t, chat.PlatformError{Adapter: "pager", Op: name, Code: chat.CodeRateLimited, RetryAfter: 3 * time.Second}, *failure)
		require.NoError(t, call(), name)
	}
	typed, err := s.Typing(t.Context(), "pager:1")
	require.NoError(t, err)
	require.Equal(t, 2, typed)
}
