package teamstest

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chat-adapter/chat-go/adapters/teams"
	"github.com/chat-adapter/chat-go/core/card"
	"github.com/chat-adapter/chat-go/core/chat"
	"github.com/chat-adapter/chat-go/internal/botrig"
	"github.com/chat-adapter/chat-go/internal/teamstest/faketeams"
)

// slowly yields chunks with as much time between them as Teams wants between updates.
func slowly(failed error, chunks ...chat.Chunk) iter.Seq2[chat.Chunk, error] {
	return func(yield func(chat.Chunk, error) bool) {
		for i, c := range chunks {
			if i > 0 {
				<-time.After(1600 * time.Millisecond) // it is time itself that is waited for
			}
			if !yield(c, nil) {
				return
			}
		}
		if failed != nil {
			yield(chat.Chunk{}, failed)
		}
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	where := faketeams.Thread(personal)
	id, text, err := r.StreamMessage(t.Context(), where, slowly(nil,
		chat.Chunk{Task: &chat.Task{ID: "1", Title: "Look it up", Status: chat.TaskInProgress}}, chat.Chunk{Text: "It is **so"}, chat.Chunk{Text: "** and so.\n"}, chat.Chunk{Text: "The end."},
	), chat.StreamOptions{End: card.New("", card.NewActions(card.NewButton("good", "Good")))})
	require.NoError(t, err)
	require.Equal(t, "It is **so** and so.\nThe end.", text)
	updates, ended := r.teams.Streamed()
	require.True(t, ended)
	require.GreaterOrEqual(t, len(updates), 2)
	require.Equal(t, "informative", updates[0].Kind)
	require.Contains(t, updates[0].Text, "Look it up")
	posts, err := r.teams.Shown(t.Context(), where)
	require.NoError(t, err)
	require.Len(t, posts, 2, "the message, and what stands at its end")
	require.Equal(t, id, posts[0].ID)
	require.Contains(t, posts[0].Text, "It is so and so.")
	require.NoError(t, r.DeleteMessage(t.Context(), where, id))
	posts, err = r.teams.Shown(t.Context(), where)
	require.NoError(t, err)
	require.True(t, posts[0].Deleted && posts[1].Deleted)
}

func TestStreamsThatFail(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped")
	for name, prepare := range map[string]func(*faketeams.Server){
		"Teams streams nothing": func(s *faketeams.Server) {
			s.Fail("sendToConversation", faketeams.Failure{Status: 403, Code: "ContentStreamNotAllowed"})
		},
		"an update is too early": func(s *faketeams.Server) {
			s.Fail("sendToConversation", faketeams.Failure{Status: 429, Code: "Throttled", Header: map[string]string{"Retry-After": "1"}})
		},
		"the model": func(*faketeams.Server) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			prepare(r.teams)
			want := map[bool]error{true: stop}[name == "the model"]
			id, text, err := r.StreamMessage(t.Context(), faketeams.Thread(personal), slowly(want, chat.Chunk{Text: "one "}, chat.Chunk{Text: "two"}), chat.StreamOptions{})
			require.ErrorIs(t, err, want)
			require.Equal(t, "one two", text)
			posts, err := r.teams.Shown(t.Context(), faketeams.Thread(personal))
			require.NoError(t, err)
			require.Len(t, posts, 1)
			require.Equal(t, "one two", posts[0].Text)
			require.Equal(t, id, posts[0].ID)
		})
	}
	r := newRig(t)
	_, _, err := r.StreamMessage(t.Context(), faketeams.Thread(personal), slowly(nil), chat.StreamOptions{})
	require.ErrorIs(t, err, chat.ErrInvalidArgument)
	_, _, err = r.StreamMessage(t.Context(), faketeams.Thread(thread), slowly(nil, chat.Chunk{Text: "x"}), chat.StreamOptions{})
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// A task that runs when its turn is cancelled is not shown as if it ran on.
func TestTasksOfAStreamThatIsCancelled(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	where := faketeams.Thread(personal)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, _, err := r.StreamMessage(ctx, where, func(yield func(chat.Chunk, error) bool) {
		for _, id := range []string{"1", "2"} {
			_ = yield(chat.Chunk{Text: "Well. ", Task: &chat.Task{ID: id, Title: "Look it up", Status: chat.TaskInProgress}}, nil)
		}
		cancel()
	}, chat.StreamOptions{})
	require.ErrorIs(t, err, context.Canceled)
	posts, err := r.teams.Shown(t.Context(), where)
	require.NoError(t, err)
	require.Len(t, posts, 1)
	require.Equal(t, 2, strings.Count(posts[0].Text, "❌"), posts[0].Text)
	require.NotContains(t, posts[0].Text, "🔄")
}

// The user can stop a stream, and Teams ends one that takes too long: what comes then is
// not lost.
func TestStreamsThatTeamsEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	where := faketeams.Thread(personal)
	_, _, err := r.StreamMessage(t.Context(), where, func(yield func(chat.Chunk, error) bool) {
		if yield(chat.Chunk{Text: "one "}, nil) {
			r.teams.EndStreams()
			yield(chat.Chunk{Text: "two"}, nil)
		}
	}, chat.StreamOptions{})
	require.NoError(t, err)
	posts, err := r.teams.Shown(t.Context(), where)
	require.NoError(t, err)
	require.Len(t, posts, 1)
	require.Equal(t, "one two", posts[0].Text)
}

// Teams ends a stream after two minutes. One that is silent by then, as while people are
// asked for an approval, is a message before, and what comes later is edited in.
// https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
func TestStreamsThatAreSilent(t *testing.T) {
	t.Parallel()
	s := newTeams(t) // its server is outside of the clock, and is called without a network
	synctest.Test(t, func(t *testing.T) {
		a := newAdapter(t, s, func(c *teams.Config) { c.HTTPClient = s.Direct() })
		st := botrig.Memory(t)
		t.Cleanup(func() { _ = st.Close(context.Background()) })
		botrig.New(t, a, st)
		where := faketeams.Thread(personal)
		shown := func() []string {
			posts, err := s.Shown(t.Context(), where)
			require.NoError(t, err)
			var texts []string
			for _, p := range posts {
				texts = append(texts, p.Text)
			}
			return texts
		}
		_, _, err := a.StreamMessage(t.Context(), where, func(yield func(chat.Chunk, error) bool) {
			if !yield(chat.Chunk{Text: "May I?"}, nil) {
				return
			}
			time.Sleep(115 * time.Second)
			require.Equal(t, []string{"May I?"}, shown(), "it is a message before Teams ends the stream")
			time.Sleep(10 * time.Minute)
			yield(chat.Chunk{Text: " I did."}, nil)
		}, chat.StreamOptions{})
		require.NoError(t, err)
		require.Equal(t, []string{"May I? I did."}, shown())
	})
}

func TestStreamsThatAreLong(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	where := faketeams.Thread(personal)
	_, _, err := r.StreamMessage(t.Context(), where, slowly(nil, chat.Chunk{Text: "begin "}, chat.Chunk{Text: strings.Repeat("word ", 10_000)}), chat.StreamOptions{})
	require.NoError(t, err)
	posts, err := r.teams.Shown(t.Context(), where)
	require.NoError(t, err)
	require.Greater(t, len(posts), 1)
	words := 0
	for _, p := range posts {
		words += strings.Count(p.Text, "word")
	}
	require.Equal(t, 10_000, words)
}
